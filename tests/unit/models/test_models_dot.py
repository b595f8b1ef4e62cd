"""Lists from products of vectors: against a plain sort of all scores, with ties, masks, blocks, and products made in bf16."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from recengine.data.events import EventLog
from recengine.data.histories import Histories
from recengine.models.base import Capabilities, EpochReport, FitContext, ModelConfig, Recommender
from recengine.models.parts.dot import DotProduct
from recengine.scoring import streaming_topk
from recengine.scoring.screened_topk import best_screened
from recengine.scoring.streaming_topk import BestSoFar, best_products, pair_products


class Vectors(DotProduct):
    """The shopper is the mean of the items' vectors; nothing is learned."""

    name = ""
    Config = ModelConfig
    can = Capabilities()

    def __init__(self, items: Tensor, offsets: Tensor | None, scored: Tensor) -> None:
        super().__init__()
        self._items, self._offsets, self._scored, self.n_items = items, offsets, scored, len(items)

    def fit(self, train: EventLog, ctx: FitContext) -> list[EpochReport]:  # type: ignore[override]
        raise NotImplementedError

    def state(self) -> dict[str, Tensor]:
        raise NotImplementedError

    def load_state(self, state: dict[str, Tensor]) -> None:
        raise NotImplementedError

    def shopper_vectors(self, histories: Histories) -> tuple[Tensor, Tensor]:
        rows = histories.to_csr(self.n_items)
        return torch.from_numpy(rows @ self._items.numpy()), torch.from_numpy(np.diff(rows.indptr) > 0)

    def item_vectors(self) -> tuple[Tensor, Tensor | None, Tensor]:
        return self._items, self._offsets, self._scored


def plain(scores: np.ndarray, k: int) -> np.ndarray:
    """The k best codes by sorting every row; NaN and -inf are left out."""
    rows = []
    for row in scores:
        order = [code for code in np.lexsort((np.arange(len(row)), -row)) if row[code] > -np.inf][:k]
        rows.append(order + [-1] * (k - len(order)))
    return np.array(rows)


def whole(rng: np.random.Generator, *shape: int) -> Tensor:
    """Small whole numbers: their products are exact in float32, so equal scores are equal bits."""
    return torch.from_numpy(rng.integers(-3, 4, shape).astype(np.float32))


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 400), st.integers(1, 9), st.integers(1, 30), st.integers(1, 64), st.booleans(), st.integers(0, 2**32 - 1))
def test_blocks_of_any_size_give_what_a_plain_sort_gives(n: int, rows: int, k: int, width: int, with_offsets: bool, seed: int) -> None:
    rng = np.random.default_rng(seed)
    shoppers, items = whole(rng, rows, 3), whole(rng, n, 3)
    offsets = whole(rng, n) if with_offsets else None
    blocked, owned = rng.random(n) < 0.2, rng.random((rows, n)) < 0.2
    best = BestSoFar(rows, min(k, n), blocked, sp.csr_matrix(owned.astype(np.float32)))
    kept = streaming_topk.BLOCK_ITEMS, streaming_topk.BLOCK_ROWS
    try:
        streaming_topk.BLOCK_ITEMS, streaming_topk.BLOCK_ROWS = width, 4
        best_products(shoppers, items, offsets, best)
    finally:
        streaming_topk.BLOCK_ITEMS, streaming_topk.BLOCK_ROWS = kept
    scores = (shoppers @ items.T + (0 if offsets is None else offsets)).numpy()
    scores[:, blocked] = -np.inf
    scores[owned] = -np.inf
    np.testing.assert_array_equal(best.codes, plain(scores, min(k, n)))


def test_nan_and_minus_infinity_are_never_kept_and_infinity_is() -> None:
    best = BestSoFar(1, 4, np.zeros(5, dtype=bool), None)
    best.show(torch.tensor([[torch.nan, -torch.inf, 1.0, torch.inf, torch.nan]]))
    assert best.codes.tolist() == [[3, 2, -1, -1]]


def test_explicit_zeros_and_unsorted_masks() -> None:
    exclude = sp.csr_matrix((np.array([1.0, 0.0, 1.0]), np.array([3, 2, 0]), np.array([0, 3])), shape=(1, 4))
    before = exclude.indices.copy(), exclude.data.copy()
    best = BestSoFar(1, 4, np.zeros(4, dtype=bool), exclude)
    best.show(torch.tensor([[4.0, 3.0, 2.0, 1.0]]))
    assert best.codes.tolist() == [[1, 2, -1, -1]]
    np.testing.assert_array_equal(exclude.indices, before[0])
    np.testing.assert_array_equal(exclude.data, before[1])


@pytest.mark.parametrize("with_offsets", [False, True])
def test_lists_are_those_of_all_scores(with_offsets: bool) -> None:
    rng = np.random.default_rng(3)
    items = torch.from_numpy(rng.normal(size=(300, 8)).astype(np.float32))
    items[50:60] = items[40:50]  # equal items: ties by the lower code
    scored = torch.from_numpy(rng.random(300) < 0.9)
    offsets = torch.from_numpy(rng.normal(size=300).astype(np.float32)) if with_offsets else None
    if offsets is not None:
        offsets[50:60] = offsets[40:50]
    model = Vectors(items, offsets, scored)
    histories = Histories.of_items([[int(code) for code in rng.integers(0, 300, length)] for length in (3, 1, 0, 12, 5)])
    exclude, allow = histories.to_csr(300), rng.random(300) < 0.8
    lists = model.recommend(histories, 20, exclude, allow)
    by_scores = Recommender.recommend(model, histories, 20, exclude, allow, 2)
    np.testing.assert_array_equal(lists.item_codes, by_scores.item_codes)
    np.testing.assert_allclose(lists.scores, by_scores.scores, rtol=1e-5, atol=1e-6)
    assert (lists.item_codes[2] == -1).all(), "an empty history has no list"
    in_batches = model.recommend(histories, 20, exclude, allow, batch=2)
    np.testing.assert_array_equal(lists.item_codes, in_batches.item_codes)
    np.testing.assert_array_equal(lists.scores, in_batches.scores)


def test_list_scores_are_float64_products() -> None:
    items = torch.tensor([[1.0, 2.0], [0.5, 0.25], [1.0, 2.0]])
    lists = Vectors(items, torch.tensor([0.0, 0.1, 0.0]), torch.ones(3, dtype=torch.bool)).recommend(Histories.of_items([[1]]), 3)
    assert lists.item_codes.tolist() == [[0, 2, 1]]
    np.testing.assert_array_equal(lists.scores, [[1.0, 1.0, 0.3125 + float(np.float32(0.1))]])


def test_pairs_are_scored_one_by_one() -> None:
    rng = np.random.default_rng(0)
    shoppers, items = rng.normal(size=(4, 5)).astype(np.float32), rng.normal(size=(7, 5)).astype(np.float32)
    codes = rng.integers(0, 7, (4, 3))
    found = pair_products(torch.from_numpy(shoppers), torch.from_numpy(items), None, codes)
    expected = [[float(shoppers[b].astype(np.float64) @ items[c].astype(np.float64)) for c in codes[b]] for b in range(4)]
    np.testing.assert_allclose(found, expected, rtol=1e-12)


@pytest.mark.parametrize("block_items", [37, 4096])
@pytest.mark.parametrize("close", [False, True], ids=["spread", "close"])
def test_a_bf16_screen_gives_exact_lists(block_items: int, close: bool) -> None:
    rng = np.random.default_rng(8)
    n, rows, k = 1500, 30, 7
    items = torch.from_numpy(rng.normal(size=(n, 12)).astype(np.float32))
    if close:  # all scores within bf16's rounding: the screen cannot tell them apart and the bound must say so
        items = items[:1] + 1e-4 * items
    shoppers = torch.from_numpy(rng.normal(size=(rows, 12)).astype(np.float32))
    offsets = torch.from_numpy(rng.normal(size=n).astype(np.float32)) * (0.0 if close else 1.0)
    blocked, owned = rng.random(n) < 0.1, rng.random((rows, n)) < 0.05
    best = BestSoFar(rows, k, blocked, sp.csr_matrix(owned.astype(np.float32)))
    again = best_screened(shoppers, items, offsets, best, block_items)
    exact = shoppers.double().numpy() @ items.double().numpy().T + offsets.double().numpy()
    exact[:, blocked] = -np.inf
    exact[owned] = -np.inf
    assert (again > rows // 2) == close
    if close:  # float32 itself orders these only to its rounding: the lists are as good as the best
        kept = np.take_along_axis(exact, best.codes.astype(np.int64), 1)
        np.testing.assert_allclose(kept, -np.sort(-exact, axis=1)[:, :k], rtol=1e-6)
    else:
        np.testing.assert_array_equal(best.codes, plain(exact, k))


def test_a_screen_of_fewer_items_than_the_list() -> None:
    best = BestSoFar(1, 3, np.array([False, True, False]), None)
    best_screened(torch.ones(1, 2), torch.tensor([[1.0, 1.0], [9.0, 9.0], [2.0, 2.0]]), None, best)
    assert best.codes.tolist() == [[2, 0, -1]]
