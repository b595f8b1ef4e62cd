"""Two lists a shopper: counts by hand, rank-biased overlap against its definition."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recengine.evaluation.agreement import agreement


def lists(*rows: list[int]) -> np.ndarray:
    width = max(1, max(len(row) for row in rows))
    return np.array([row + [-1] * (width - len(row)) for row in rows], dtype=np.int32)


def plain_rbo(a: list[int], b: list[int], p: float) -> float:
    """Equation 32 of Webber et al. 2010, term by term."""
    short, long = sorted((a, b), key=len)
    s, size = len(short), len(long)

    def overlap(d: int) -> int:
        return len(set(short[:d]) & set(long[:d]))

    total = sum(overlap(d) / d * p**d for d in range(1, size + 1))
    total += sum(overlap(s) * (d - s) / (s * d) * p**d for d in range(s + 1, size + 1))
    return (1 - p) / p * total + ((overlap(size) - overlap(s)) / size + overlap(s) / s) * p**size


def test_counts_by_hand():
    found = agreement(lists([1, 2, 3, 4]), lists([2, 1, 3, 9]))
    assert (found.common[0], found.entered[0], found.left[0], found.moved[0]) == (3, 1, 1, 2)
    assert found.jaccard[0] == pytest.approx(3 / 5)


def test_the_same_list_agrees_wholly_and_a_foreign_one_not_at_all():
    found = agreement(lists([1, 2, 3], [1, 2, 3]), lists([1, 2, 3], [7, 8, 9]))
    assert found.rbo.tolist() == pytest.approx([1.0, 0.0])
    assert found.jaccard.tolist() == [1.0, 0.0]
    assert found.moved.tolist() == [0, 0]


def test_two_items_swapped_by_hand():
    # X_1 = 0, X_2 = 2: (1 - p) / p * p^2 * 1 + p^2
    assert agreement(lists([1, 2]), lists([2, 1]), 0.5).rbo[0] == pytest.approx(0.5 * 0.5 + 0.25)


def test_a_change_at_the_top_weighs_more_than_one_at_the_end():
    found = agreement(lists([1, 2, 3, 4], [1, 2, 3, 4]), lists([9, 2, 3, 4], [1, 2, 3, 9]))
    assert found.rbo[0] < found.rbo[1]
    assert found.jaccard[0] == found.jaccard[1]


def test_empty_lists_have_no_agreement():
    found = agreement(lists([1], []), lists([], []))
    assert np.isnan(found.rbo).all()
    assert found.jaccard[0] == 0.0
    assert np.isnan(found.jaccard[1])
    assert (found.left[0], found.entered[0]) == (1, 0)


distinct = st.lists(st.integers(0, 8), max_size=6, unique=True)


@given(st.lists(st.tuples(distinct, distinct), min_size=1, max_size=8), st.sampled_from([0.5, 0.9, 0.98]))
def test_equals_the_definition_and_is_symmetric(pairs: list[tuple[list[int], list[int]]], p: float):
    width = max(1, *(len(side) for pair in pairs for side in pair))
    a, b = (np.array([pair[i] + [-1] * (width - len(pair[i])) for pair in pairs], dtype=np.int32) for i in (0, 1))
    found, turned = agreement(a, b, p), agreement(b, a, p)
    for row, (x, y) in enumerate(pairs):
        if x and y:
            assert found.rbo[row] == pytest.approx(plain_rbo(x, y, p))
        else:
            assert np.isnan(found.rbo[row])
        assert found.common[row] == len(set(x) & set(y))
        assert found.moved[row] == sum(1 for item in set(x) & set(y) if x.index(item) != y.index(item))
    assert turned.rbo == pytest.approx(found.rbo, nan_ok=True)
    assert turned.entered.tolist() == found.left.tolist()


def test_lists_of_different_shape_are_refused():
    with pytest.raises(ValueError, match="both"):
        agreement(lists([1, 2]), lists([1]))
