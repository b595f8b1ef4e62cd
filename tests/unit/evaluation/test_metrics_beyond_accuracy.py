"""Coverage, spread, novelty and diversity against values by hand and plain loops."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from recengine.data.events import EventLog
from recengine.data.histories import Histories
from recengine.data.split import Targets
from recengine.evaluation.metrics.base import HEAD_SHARE, Judged, Shop
from recengine.evaluation.metrics.registry import metric_of


def shop_of(counts: list[int], sellable: list[bool] | None = None) -> Shop:
    """Item i has counts[i] events, each by another shopper."""
    items = np.repeat(np.arange(len(counts)), counts)
    users = np.concatenate([np.arange(n) for n in counts]).astype(int)
    log = EventLog.build(users, items, np.zeros(len(items)), max(counts, default=0), len(counts))
    return Shop.of(log, np.ones(len(counts), bool) if sellable is None else np.array(sellable))


def judged(lists: list[list[int]], shop: Shop, own: list[list[int]] | None = None, vectors: np.ndarray | None = None) -> Judged:
    histories = Histories.of_items(own if own is not None else [[] for _ in lists])
    n = len(lists)
    return Judged(np.array(lists, dtype=np.int32), Targets(histories, np.zeros(n + 1, np.int64), np.zeros(0, np.int32)), shop, vectors)


def shopwide(key: str, j: Judged, k: int, weights: np.ndarray | None = None) -> np.ndarray:
    return metric_of(key).values(j, k, np.ones((1, len(j.lists))) if weights is None else weights)  # type: ignore[attr-defined]


def each(key: str, j: Judged, k: int) -> np.ndarray:
    return metric_of(key).values(j, k)  # type: ignore[attr-defined]


def test_head_is_the_smallest_set_with_four_fifths_of_the_events() -> None:
    assert shop_of([50, 30, 10, 10, 0]).head.tolist() == [True, True, False, False, False]
    assert shop_of([49, 30, 11, 10]).head.tolist() == [True, True, True, False]
    assert shop_of([1, 1, 1, 1, 1]).head.tolist() == [True, True, True, True, False]  # ties: the lower code
    assert shop_of([0, 5, 0]).head.tolist() == [False, True, False]
    assert shop_of([0, 0]).head.tolist() == [False, False]


def test_head_is_minimal_on_random_shops() -> None:
    rng = np.random.default_rng(3)
    for _ in range(50):
        counts = rng.integers(0, 30, rng.integers(1, 12))
        if counts.sum() == 0:
            continue
        head = shop_of(counts.tolist()).head
        enough = HEAD_SHARE * counts.sum()
        assert counts[head].sum() >= enough
        sizes = [r for r in range(len(counts) + 1) if any(sum(c) >= enough for c in itertools.combinations(counts.tolist(), r))]
        assert head.sum() == min(sizes)


def test_popularity_percentile_shares_ties() -> None:
    assert shop_of([5, 1, 1, 9]).percentile.tolist() == [2 / 3, 1 / 6, 1 / 6, 1.0]
    assert shop_of([4]).percentile.tolist() == [0.0]


def test_counts_events_and_shoppers_apart() -> None:
    log = EventLog.build(np.array([0, 0, 1]), np.array([1, 1, 1]), np.array([1, 2, 3]), 4, 3)
    shop = Shop.of(log, np.ones(3, bool))
    assert shop.counts.tolist() == [0, 3, 0]
    assert shop.shoppers.tolist() == [0, 2, 0]
    assert shop.n_shoppers == 2


def test_coverage() -> None:
    shop = shop_of([1] * 5, [True, True, True, True, False])
    j = judged([[0, 1, -1], [1, 0, 2], [-1, -1, -1]], shop)
    assert shopwide("coverage", j, 3) == pytest.approx(3 / 4)
    assert shopwide("coverage", j, 2) == pytest.approx(2 / 4)
    assert shopwide("coverage", j, 10) == pytest.approx(3 / 4)
    # without the second shopper only items 0 and 1 are shown
    assert shopwide("coverage", j, 3, np.array([[3.0, 0.0, 1.0], [0.0, 0.0, 2.0]])) == pytest.approx([2 / 4, 0])
    assert shopwide("coverage", judged([[-1]], shop), 1) == pytest.approx(0)


def test_an_item_that_is_not_sellable_covers_nothing() -> None:
    shop = shop_of([1, 1, 1], [True, True, False])
    assert shopwide("coverage", judged([[2]], shop), 1) == pytest.approx(0)


def test_gini_by_hand() -> None:
    shop = shop_of([1] * 4)
    assert shopwide("gini", judged([[0, 1], [2, 3]], shop), 2) == pytest.approx(0)
    assert shopwide("gini", judged([[0], [0], [0]], shop), 1) == pytest.approx(3 / 4)  # one item takes all: (n - 1) / n
    assert shopwide("gini", judged([[0, 1], [0, -1]], shop), 2) == pytest.approx((3 * 2 + 1 * 1) / (4 * 3))
    assert np.isnan(shopwide("gini", judged([[-1]], shop), 1)).all()


def test_gini_equals_mean_absolute_difference_and_weights_equal_copies() -> None:
    rng = np.random.default_rng(2)
    shop = shop_of([1] * 30)
    lists = [rng.permutation(30)[:5].tolist() for _ in range(20)]
    times = rng.integers(0, 4, 20)
    copies = judged([row for row, n in zip(lists, times, strict=True) for _ in range(n)], shop)
    weighted = shopwide("gini", judged(lists, shop), 5, times[None, :].astype(float))
    assert weighted == pytest.approx(shopwide("gini", copies, 5))
    shown = np.bincount(copies.lists.ravel(), minlength=30)
    assert weighted == pytest.approx(np.abs(shown[:, None] - shown).mean() / (2 * shown.mean()))
    assert shopwide("coverage", judged(lists, shop), 5, times[None, :].astype(float)) == pytest.approx((shown > 0).mean())


def test_tail_share() -> None:
    shop = shop_of([80, 10, 10])  # item 0 is the head
    assert each("tail_share", judged([[0, 1, 2], [0, -1, -1], [1, -1, -1]], shop), 3).tolist() == [2 / 3, 0.0, 1.0]
    assert each("tail_share", judged([[0, 1, 2]], shop), 1).tolist() == [0.0]
    assert np.isnan(each("tail_share", judged([[-1, -1]], shop), 2)).all()


def test_novelty_in_bits() -> None:
    shop = shop_of([7, 3, 0])  # 7 shoppers
    assert each("novelty", judged([[0], [1], [2]], shop), 1).tolist() == [0.0, 1.0, 3.0]
    assert each("novelty", judged([[0, 2], [1, -1]], shop), 2).tolist() == [1.5, 1.0]
    assert np.isnan(each("novelty", judged([[-1]], shop), 1)).all()


def test_popularity_bias_against_the_shoppers_own_history() -> None:
    shop = shop_of([9, 5, 1])  # percentiles 1, 0.5, 0
    found = each("popularity_bias", judged([[0, 1], [2, -1], [1, 2]], shop, own=[[2, 2, 1], [0], []]), 2)
    assert found[:2] == pytest.approx([0.75 - 0.5 / 3, -1.0])
    assert np.isnan(found[2])
    unknown = each("popularity_bias", judged([[0]], shop, own=[[-1, 1]]), 1)
    assert unknown == pytest.approx([0.5])


def test_diversity_equals_the_mean_over_pairs() -> None:
    rng = np.random.default_rng(4)
    vectors = rng.normal(size=(12, 5)) * rng.uniform(0.1, 50, size=(12, 1))
    vectors[3], vectors[4, 0] = 0.0, np.nan
    vectors[4, 1:] = 0.0
    shop = shop_of([1] * 12)
    lists = [rng.permutation(12)[:6].tolist() for _ in range(40)] + [[0, 1, 2, -1, -1, -1], [3, 4, 5, -1, -1, -1], [-1] * 6]
    found = each("diversity", judged(lists, shop, vectors=vectors), 6)
    for row, value in zip(lists, found, strict=True):
        usable = [i for i in row if i >= 0 and i not in (3, 4)]
        unit = [vectors[i] / np.linalg.norm(vectors[i]) for i in usable]
        pairs = [1 - a @ b for a, b in itertools.combinations(unit, 2)]
        assert value == pytest.approx(np.mean(pairs) if pairs else np.nan, abs=1e-12, nan_ok=True)


def test_diversity_of_equal_and_of_orthogonal_items() -> None:
    shop = shop_of([1] * 4)
    same, apart = np.ones((4, 3)), np.eye(4)
    assert each("diversity", judged([[0, 1, 2]], shop, vectors=same), 3) == pytest.approx(0)
    assert each("diversity", judged([[0, 1, 2]], shop, vectors=apart), 3) == pytest.approx(1)
    assert each("diversity", judged([[0, 1]], shop, vectors=np.array([[1.0], [-2.0], [0], [0]])), 2) == pytest.approx(2)
