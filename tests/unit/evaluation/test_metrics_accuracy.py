"""Accuracy metrics against ranx (an independent implementation) and against values computed by hand."""

from __future__ import annotations

import numpy as np
import pytest

from recengine.data.events import EventLog
from recengine.data.histories import Histories
from recengine.data.split import Targets
from recengine.errors import NotFound
from recengine.evaluation.metrics.base import Judged, Shop, ShopMetric, contains
from recengine.evaluation.metrics.registry import metric_of, metrics

ACCURACY = ("recall", "hit_rate", "ndcg", "mrr", "map")


def judged(lists: list[list[int]], truth: list[list[int]], n_items: int = 100) -> Judged:
    """Lists padded with -1 beside sorted answers."""
    width = max((len(row) for row in lists), default=0)
    padded = np.array([row + [-1] * (width - len(row)) for row in lists], dtype=np.int32).reshape(len(lists), width)
    indptr = np.concatenate([[0], np.cumsum([len(t) for t in truth])]).astype(np.int64)
    items = np.array([i for t in truth for i in sorted(t)], dtype=np.int32)
    empty = np.zeros(0, dtype=np.int64)
    shop = Shop.of(EventLog.build(empty, empty, empty, 0, n_items), np.ones(n_items, dtype=bool))
    return Judged(padded, Targets(Histories.of_items([[] for _ in lists]), indptr, items), shop)


def value(key: str, lists: list[list[int]], truth: list[list[int]], k: int) -> np.ndarray:
    return metric_of(key).values(judged(lists, truth), k)  # type: ignore[attr-defined]


def ranx_values(lists: list[list[int]], truth: list[list[int]], k: int) -> dict[str, np.ndarray]:
    """By the functions of ranx for one query: its batched ones take four times as long to compile."""
    from ranx.metrics.average_precision import _average_precision
    from ranx.metrics.hit_rate import _hit_rate
    from ranx.metrics.ndcg import _ndcg
    from ranx.metrics.recall import _recall
    from ranx.metrics.reciprocal_rank import _reciprocal_rank

    # ranx wants rows (item, gain) and (item, score), best first; an empty list becomes one item that nobody chose
    qrels = [np.array([[i, 1.0] for i in sorted(t)]) for t in truth]
    run = [np.array([[i, 1.0 / (p + 1)] for p, i in enumerate(row)] or [[9_999_999.0, 1.0]]) for row in lists]
    found = {"recall": _recall, "hit_rate": _hit_rate, "mrr": _reciprocal_rank, "map": _average_precision}
    out = {key: np.array([f(q, r, k, 1) for q, r in zip(qrels, run, strict=True)]) for key, f in found.items()}
    return out | {"ndcg": np.array([_ndcg(q, r, k, 1, True) for q, r in zip(qrels, run, strict=True)])}


def test_equal_to_ranx_on_random_cases() -> None:
    rng = np.random.default_rng(11)
    for k in (1, 3, 10, 20, 50):
        lists, truth = [], []
        for _ in range(400):
            n_items = int(rng.integers(2, 60))
            lists.append(rng.permutation(n_items)[: rng.integers(0, n_items + 1)].tolist())
            truth.append(rng.permutation(n_items)[: rng.integers(1, n_items + 1)].tolist())
        theirs = ranx_values(lists, truth, k)
        for key in ACCURACY:
            np.testing.assert_allclose(value(key, lists, truth, k), theirs[key], rtol=0, atol=1e-9, err_msg=f"{key}@{k}")


D3 = 1 / np.log2(3)
EDGES = [
    # list, answers, k, recall, hit rate, ndcg, mrr, map
    ([0], [0], 1, 1, 1, 1, 1, 1),
    ([1], [0], 1, 0, 0, 0, 0, 0),
    ([1, 0], [0], 1, 0, 0, 0, 0, 0),
    ([1, 0], [0], 2, 1, 1, D3, 1 / 2, 1 / 2),
    ([0, 1], [0, 1], 2, 1, 1, 1, 1, 1),
    ([0, 1], [0, 1], 1, 1 / 2, 1, 1, 1, 1 / 2),
    ([0, 9, 1], [0, 1], 3, 1, 1, 1.5 / (1 + D3), 1, (1 + 2 / 3) / 2),
    ([9, 8, 0], [0, 1, 2], 3, 1 / 3, 1, 0.5 / (1 + D3 + 0.5), 1 / 3, 1 / 9),
    ([], [3], 5, 0, 0, 0, 0, 0),
    ([3], [3], 50, 1, 1, 1, 1, 1),
    ([3, 4], [3, 4, 5, 6], 2, 1 / 2, 1, 1, 1, 1 / 2),
    ([3, 4], list(range(3, 13)), 5, 1 / 5, 1, (1 + D3) / (1 / np.log2(np.arange(2, 7))).sum(), 1, 1 / 5),
    ([7, 6, 5, 4, 3], [3], 5, 1, 1, 1 / np.log2(6), 1 / 5, 1 / 5),
    ([7, 6, 5, 4, 3], [3], 4, 0, 0, 0, 0, 0),
    ([99, 0], [99], 2, 1, 1, 1, 1, 1),
    ([0, 99], [99], 2, 1, 1, D3, 1 / 2, 1 / 2),
    ([5, 6, 7, 8], [6, 8], 4, 1, 1, (D3 + 1 / np.log2(5)) / (1 + D3), 1 / 2, 1 / 2),
    ([5, 6, 7, 8], [6, 8], 3, 1 / 2, 1, D3 / (1 + D3), 1 / 2, 1 / 4),
    ([0, 1, 2], [2, 1, 0], 3, 1, 1, 1, 1, 1),
    ([2, 1, 0], [50, 60], 3, 0, 0, 0, 0, 0),
]


@pytest.mark.parametrize(("listed", "answers", "k", "recall", "hit", "ndcg", "mrr", "ap"), EDGES)
def test_hand_computed(
    listed: list[int], answers: list[int], k: int, recall: float, hit: float, ndcg: float, mrr: float, ap: float
) -> None:
    expected = {"recall": recall, "hit_rate": hit, "ndcg": ndcg, "mrr": mrr, "map": ap}
    found = {key: value(key, [listed], [answers], k)[0] for key in ACCURACY}
    assert found == pytest.approx(expected, abs=1e-12)
    # a neighbour in the batch, before or after, changes nothing
    for key in ACCURACY:
        both = value(key, [[9, 8, 7], listed, [1]], [[8], answers, [0, 1]], k)
        assert both[1] == pytest.approx(expected[key], abs=1e-12)


@pytest.mark.parametrize("key", ACCURACY)
@pytest.mark.parametrize(("lists", "truth"), [([[1, 2]], [[]]), ([[]], [[]]), ([[1], [2]], [[], []])])
def test_a_shopper_without_answers_cannot_be_judged(key: str, lists: list[list[int]], truth: list[list[int]]) -> None:
    assert np.isnan(value(key, lists, truth, 5)).all()


@pytest.mark.parametrize("key", ACCURACY)
def test_all_lists_empty_score_zero(key: str) -> None:
    assert value(key, [[], [], []], [[1], [2, 3], [4]], 10).tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("key", ACCURACY)
def test_answer_zero_is_not_confused_with_padding(key: str) -> None:
    assert value(key, [[5], [1, 2, 3]], [[0], [99]], 3).tolist() == [0.0, 0.0]


@pytest.mark.parametrize("key", ACCURACY)
def test_the_last_item_of_one_row_is_not_an_answer_of_the_next(key: str) -> None:
    # keys of rows are row * width + item: row 0 item 9 and row 1 item -1 or 0 stand next to each other
    assert value(key, [[9], [0]], [[0], [9]], 1).tolist() == [0.0, 0.0]


@pytest.mark.parametrize("key", ACCURACY)
def test_moving_a_hit_up_never_lowers_the_figure(key: str) -> None:
    rng = np.random.default_rng(5)
    for _ in range(60):
        listed = rng.permutation(30)[:10].tolist()
        answers = rng.permutation(30)[:6].tolist()
        places = [i for i in range(1, 10) if listed[i] in answers and listed[i - 1] not in answers]
        if not places:
            continue
        better = listed.copy()
        i = places[0]
        better[i - 1], better[i] = better[i], better[i - 1]
        assert value(key, [better], [answers], 10)[0] >= value(key, [listed], [answers], 10)[0]


def test_contains_agrees_with_sets() -> None:
    rng = np.random.default_rng(1)
    truth = [sorted(rng.permutation(12)[: rng.integers(0, 6)].tolist()) for _ in range(50)]
    lists = np.array([rng.permutation(14)[:5] - 1 for _ in range(50)], dtype=np.int32)
    indptr = np.concatenate([[0], np.cumsum([len(t) for t in truth])]).astype(np.int64)
    items = np.array([i for t in truth for i in t], dtype=np.int32)
    expected = [[i in t for i in row] for row, t in zip(lists.tolist(), truth, strict=True)]
    assert contains(indptr, items, lists).tolist() == expected


def test_registry_rows_are_complete() -> None:
    found = metrics()
    assert list(found)[:5] == ["ndcg", "recall", "hit_rate", "mrr", "map"]
    assert {"coverage", "gini", "tail_share", "novelty", "popularity_bias", "diversity"} <= set(found)
    for key, metric in found.items():
        assert metric.key == key
        assert metric.title
        assert metric.help.endswith(".")
        assert metric.formula
        assert isinstance(metric.higher_is_better, bool)
        assert metric.per_shopper == (not isinstance(metric, ShopMetric))
    assert metric_of("ndcg@10") is found["ndcg"]
    with pytest.raises(NotFound, match="ndcg"):
        metric_of("accuracy")
