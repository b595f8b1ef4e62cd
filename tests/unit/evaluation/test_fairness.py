"""Fairness: figures by hand, planted unfairness found, a null difference called null in at least 95 % of 200 repeats."""

from __future__ import annotations

import numpy as np
import pytest

from recengine.evaluation.fairness import answers_of, attention, coverage_of_groups, exposure_of, group_means, shares


def test_means_gap_and_ratio_by_hand():
    values = np.array([1.0] * 10 + [0.0, 1.0] * 10 + [np.nan] * 5 + [0.5] * 3)
    group = np.array([0] * 10 + [1] * 20 + [0] * 5 + [2] * 3)
    found = group_means(values, group, 4)
    assert [m.value for m in found.means[:3]] == [1.0, 0.5, 0.5]
    assert np.isnan(found.means[3].value)
    assert [m.n for m in found.means] == [10, 20, 3, 0]
    assert found.gap is not None
    assert (found.gap.best, found.gap.worst, found.gap.gap.value, found.gap.ratio) == (0, 1, 0.5, 0.5)
    assert found.gap.differs
    assert group_means(values, np.where(group == 1, 1, -1), 2).gap is None, "one group alone has no gap"


def test_a_planted_gap_is_found_and_covered():
    rng = np.random.default_rng(1)
    group = np.repeat([0, 1, 2], [400, 300, 300])
    covered = 0
    for repeat in range(40):
        values = rng.beta(2, 8, 1000) - 0.06 * (group == 1)
        gap = group_means(values, group, 3, seed=repeat, resamples=300).gap
        assert gap is not None
        assert gap.differs
        assert gap.worst == 1
        covered += gap.gap.low <= 0.06 <= gap.gap.high
    assert covered >= 38


def test_no_gap_is_called_one_in_at_most_one_of_twenty():
    rng = np.random.default_rng(2)
    group, called = np.repeat([0, 1, 2, 3], [500, 200, 60, 40]), 0
    for repeat in range(200):
        values = np.where(rng.random(800) < 0.3, rng.random(800), 0.0)  # like NDCG: many zeros
        gap = group_means(values, group, 4, seed=repeat, resamples=300).gap
        assert gap is not None
        called += gap.differs
    assert called <= 10


def test_exposure_and_answers_by_hand():
    group = np.array([0, 0, 1, -1])
    lists = np.array([[0, 2, 3], [1, -1, -1]])
    worth = attention(3)
    assert worth.tolist() == pytest.approx([1.0, 1 / np.log2(3), 0.5])
    assert exposure_of(lists, group, 2).tolist() == [pytest.approx([1.0, worth[1]]), pytest.approx([1.0, 0.0])]
    answers = answers_of(np.array([0, 2, 3]), np.array([0, 2, 3]), group, 2)
    assert answers.tolist() == [[0.5, 0.5], [0.0, 0.0]]
    found = shares(exposure_of(lists, group, 2), np.array([0.5, 0.5]))
    total = 2.0 + worth[1]
    assert found.exposure[0].value == pytest.approx(2.0 / total)
    assert found.difference[0].value == pytest.approx(2.0 / total - 0.5)


def lists_by(rng: np.random.Generator, weights: np.ndarray, n: int = 400, k: int = 5) -> np.ndarray:
    """Lists whose items are drawn without replacement by weight."""
    return np.argsort(-(np.log(weights) + rng.gumbel(size=(n, len(weights)))), axis=1)[:, :k]


def wanted(rng: np.random.Generator, lists: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Answers that are drawn by the attention that another draw of the same lists would give."""
    worth = attention(lists.shape[1])
    other = lists[rng.permutation(len(lists))]
    picked = np.array([rng.choice(row, p=worth / worth.sum()) for row in other])
    return np.arange(len(lists) + 1), picked


def test_a_supplier_that_is_shown_less_than_it_is_wanted_is_found():
    rng = np.random.default_rng(3)
    group, fair = np.repeat([0, 1, 2, 3], 15), np.ones(60)
    unfair = np.where(group == 2, 0.4, 1.0)
    indptr, items = wanted(rng, lists_by(rng, fair))
    found = shares(exposure_of(lists_by(rng, unfair), group, 4), answers_of(indptr, items, group, 4), resamples=300)
    assert found.differs[2]
    assert found.difference[2].high < 0
    assert shares(exposure_of(lists_by(rng, unfair), group, 4), np.full(4, 0.25), resamples=300).differs[2]


def test_fair_exposure_is_called_fair():
    rng = np.random.default_rng(4)
    group, called = np.repeat([0, 1, 2, 3], 15), 0
    weights = np.exp(rng.normal(size=60))
    for repeat in range(200):
        lists = lists_by(rng, weights, 250)
        indptr, items = wanted(rng, lists_by(rng, weights, 250))
        called += shares(exposure_of(lists, group, 4), answers_of(indptr, items, group, 4), repeat, 200).differs.any()
    assert called <= 10


def test_coverage_is_compared_for_equally_many_shoppers():
    rng = np.random.default_rng(5)
    lists = np.argsort(rng.random((300, 100)), axis=1)[:, :5]
    group = np.repeat([0, 1, 2], [250, 40, 10])
    lists[group == 1] = np.arange(5)  # these all see the same five items
    found, n = coverage_of_groups(lists, group, 4, np.ones(100, dtype=bool))
    assert n == 10
    assert found[1].value == pytest.approx(0.05)
    assert 0.3 < found[0].value < 0.5
    assert found[0].low <= found[2].value <= found[0].high
    assert np.isnan(found[3].value)
