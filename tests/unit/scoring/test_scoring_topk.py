"""Exact top-k: checked against a plain sort, with many ties, masks and every width."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from recengine.data.histories import Histories
from recengine.models.popularity import Popularity
from recengine.scoring.topk import NEVER, best_codes


def plain(values: np.ndarray, k: int) -> np.ndarray:
    """The same by sorting every row."""
    rows = []
    for row in values:
        order = [code for code in np.lexsort((np.arange(len(row)), -row)) if row[code] > -np.inf][:k]
        rows.append(order + [-1] * (k - len(order)))
    return np.array(rows)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 700), st.integers(1, 40), st.integers(0, 2**32 - 1), st.sampled_from([2, 5, 1000]))
def test_best_codes_equal_a_plain_sort(n: int, k: int, seed: int, levels: int) -> None:
    rng = np.random.default_rng(seed)
    values = (rng.integers(-levels, levels, (3, n)) / 7).astype(np.float32)
    values[rng.random((3, n)) < 0.3] = NEVER
    k = min(k, n)
    np.testing.assert_array_equal(best_codes(torch.from_numpy(values), k).numpy(), plain(values, k))


def test_minus_zero_ties_with_zero() -> None:
    assert best_codes(torch.tensor([[0.0, -0.0, 0.0, -0.0]]), 3).tolist() == [[0, 1, 2]]


def test_extreme_values_keep_their_order() -> None:
    values = torch.tensor([[-1e38, torch.inf, 1e-45, -1e-45, NEVER, 3e38]])
    assert best_codes(values, 6).tolist() == [[1, 5, 2, 3, 0, -1]]


def shares(values: list[float]) -> Popularity:
    model = Popularity()
    model.load_state({"share": torch.tensor(values, dtype=torch.float64)})
    return model


def test_ties_fall_to_the_lower_code_and_nan_is_left_out() -> None:
    lists = shares([0.2, 0.3, float("nan"), 0.3, 0.2]).recommend(Histories.of_items([[], [1]]), 5)
    assert lists.item_codes.tolist() == [[1, 3, 0, 4, -1]] * 2
    np.testing.assert_array_equal(lists.scores[0], [0.3, 0.3, 0.2, 0.2, np.nan])


def test_float64_decides_where_float32_sees_a_tie() -> None:
    close = [0.25, 0.25 + 1e-12, 0.25 + 3e-12, 0.25 + 2e-12]
    assert shares(close).recommend(Histories.of_items([[]]), 4).item_codes.tolist() == [[2, 3, 1, 0]]


def test_explicit_zeros_do_not_exclude() -> None:
    exclude = sp.csr_matrix((np.array([0.0, 1.0]), np.array([0, 1]), np.array([0, 2])), shape=(1, 3))
    assert shares([0.5, 0.3, 0.2]).recommend(Histories.of_items([[]]), 3, exclude).item_codes.tolist() == [[0, 2, -1]]


def test_masks_of_another_catalogue_are_refused() -> None:
    with pytest.raises(ValueError, match="exclude"):
        shares([0.5, 0.5]).recommend(Histories.of_items([[]]), 1, sp.csr_matrix((1, 3)))
    with pytest.raises(ValueError, match="allow"):
        shares([0.5, 0.5]).recommend(Histories.of_items([[]]), 1, allow=np.ones(3, dtype=bool))


def test_all_excluded_gives_an_empty_list() -> None:
    lists = shares([0.5, 0.5]).recommend(Histories.of_items([[]]), 2, allow=np.zeros(2, dtype=bool))
    assert lists.item_codes.tolist() == [[-1, -1]]
    assert np.isnan(lists.scores).all()
