"""Fairness: figures by hand, planted unfairness found, a null difference called null in at least 95 % of 200 repeats."""

from __future__ import annotations

import numpy as np
import pytest

from recengine.evaluation.fairness import (
    answers_of,
    attention,
    chosen_by,
    coverage_of_groups,
    exposure_of,
    group_means,
    shares,
    shown_of,
)


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
    assert shown_of(lists, group, 2).tolist() == pytest.approx([2.0, worth[1]])
    assert chosen_by(np.array([0, 2, 3]), np.array([0, 2, 3]), group, 2).tolist() == [0.5, 0.5]
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


@pytest.mark.parametrize(("rate", "smallest"), [(0.05, 10), (0.1, 11), (0.4, 10)])
def test_a_small_group_without_hits_is_not_called_unlike(rate: float, smallest: int):
    """The same hit rate for everybody: at most 1 table in 40 may say otherwise (8 of 120 would be three errors above)."""
    rng, called = np.random.default_rng(6), 0
    group = np.repeat([0, 1, 2], [smallest, 160, 540])
    for repeat in range(120):
        gap = group_means((rng.random(len(group)) < rate).astype(float), group, 3, seed=repeat, resamples=199).gap
        assert gap is not None
        called += gap.differs
    assert called <= 7


def test_means_of_unlike_spread_are_not_called_unlike():
    """Equal means, but the small group varies four times as much: permuting alone would not be enough."""
    rng, called = np.random.default_rng(7), 0
    group = np.repeat([0, 1], [30, 600])
    for repeat in range(120):
        values = rng.normal(0.0, np.where(group == 0, 1.0, 0.25))
        gap = group_means(values, group, 2, seed=repeat, resamples=199).gap
        assert gap is not None
        called += gap.differs
    assert called <= 8


@pytest.mark.parametrize(("shoppers", "answers"), [(200, 1), (500, 1), (600, 3)])
def test_many_suppliers_of_one_law_are_called_alike(shoppers: int, answers: int):
    """24 suppliers shown and chosen by one law: at most 1 table in 40 may say otherwise."""
    rng, called, n_groups = np.random.default_rng(8), 0, 24
    weight = 1 / np.arange(1, n_groups + 1) ** 1.3
    for repeat in range(80):
        lists = rng.choice(n_groups, size=(shoppers, 10), p=weight / weight.sum())
        items = rng.choice(n_groups, size=shoppers * answers, p=weight / weight.sum())
        chosen = answers_of(np.arange(0, shoppers * answers + 1, answers), items, np.arange(n_groups), n_groups)
        called += shares(exposure_of(lists, np.arange(n_groups), n_groups), chosen, repeat, 199).differs.any()
    assert called <= 6


def test_shoppers_who_choose_one_supplier_all_along_are_one_answer_each():
    """Ten answers of a shopper in one brand say no more than one: the resampled spread stands where it is wider."""
    rng, called, n_groups = np.random.default_rng(9), 0, 8
    for repeat in range(80):
        lists = rng.choice(n_groups, size=(150, 10))
        items = np.repeat(rng.choice(n_groups, size=150), 10)
        chosen = answers_of(np.arange(0, 1501, 10), items, np.arange(n_groups), n_groups)
        called += shares(exposure_of(lists, np.arange(n_groups), n_groups), chosen, repeat, 199).differs.any()
    assert called <= 6


def test_a_supplier_with_too_few_answers_is_not_judged_and_one_never_shown_is():
    rng, n_groups = np.random.default_rng(10), 4
    lists = rng.choice([0, 1], size=(300, 5), p=[0.6, 0.4])
    items = np.concatenate([np.repeat([0, 1], [150, 110]), np.full(38, 2), np.full(2, 3)])
    chosen = answers_of(np.arange(301), rng.permutation(items), np.arange(n_groups), n_groups)
    found = shares(exposure_of(lists, np.arange(n_groups), n_groups), chosen)
    assert found.judged.tolist() == [True, True, True, False]
    assert found.differs.tolist()[2:] == [True, False]
