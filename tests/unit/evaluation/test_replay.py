"""Replay against a simulated shop whose lists have a known value: the interval covers it, a naive rate does not."""

from __future__ import annotations

import numpy as np
import pytest

from recengine.errors import BadInput
from recengine.evaluation.replay import Impressions, Taken, followed, hit_rate, hit_values, replay, shares_shown

N_ITEMS, K, SHOPPERS, SHOWN = 30, 5, 120, 25


class SimulatedShop:
    """Two kinds of shoppers with their own liking; the shop shows popular things far more often, and what it shows differs by kind."""

    def __init__(self, seed: int = 0) -> None:
        rng = np.random.default_rng(seed)
        self.kind = np.arange(SHOPPERS) % 2
        self.liking = rng.uniform(0.02, 0.5, (2, N_ITEMS))  # chance of a click, by kind
        show = np.exp(rng.normal(0, 0.9, (2, N_ITEMS)) + 2.0 * self.liking)  # what is liked is shown more
        self.show = show / show.sum(axis=1, keepdims=True)
        # the new lists hold what the shop showed least among what is liked middling
        self.lists = np.stack([np.argsort(self.show[k] * (1 + self.liking[k]))[3 : 3 + K] for k in (0, 1)])[self.kind]
        self.truth = float(np.take_along_axis(self.liking[self.kind], self.lists, axis=1).mean())

    def log(self, rng: np.random.Generator, known: bool = True) -> Impressions:
        rows = np.repeat(np.arange(SHOPPERS), SHOWN)
        kind = self.kind[rows]
        items = (rng.random(len(rows))[:, None] > np.cumsum(self.show, axis=1)[kind]).sum(axis=1).clip(max=N_ITEMS - 1)
        mood = np.repeat(rng.normal(0, 0.05, SHOPPERS), SHOWN)  # impressions of one shopper are alike
        clicks = (rng.random(len(rows)) < np.clip(self.liking[kind, items] + mood, 0, 1)).astype(float)
        p = self.show[kind, items] if known else shares_shown(items, kind)
        return Impressions(rows, items, clicks, p)


def naive(shown: Impressions) -> tuple[float, float, float]:
    """The click rate of all impressions with a binomial interval: what a dashboard would show."""
    rate, n = shown.rewards.mean(), len(shown.rewards)
    half = 1.96 * np.sqrt(rate * (1 - rate) / n)
    return rate, rate - half, rate + half


@pytest.mark.parametrize("known", [True, False], ids=["known-chances", "estimated-chances"])
def test_the_interval_covers_the_true_value_and_a_naive_rate_does_not(known):
    shop, covered, naive_covered = SimulatedShop(3), 0, 0
    values = []
    for repeat in range(200):
        shown = shop.log(np.random.default_rng(1_000 + repeat), known)
        found = replay(shop.lists, shown, seed=repeat, resamples=200)
        values.append(found.estimate.value)
        covered += found.estimate.low <= shop.truth <= found.estimate.high
        low, high = naive(shown)[1:]
        naive_covered += low <= shop.truth <= high
    assert 0.90 <= covered / 200 <= 0.985  # 95 % within what 200 repeats can tell
    assert naive_covered / 200 < 0.2
    assert np.mean(values) == pytest.approx(shop.truth, abs=0.01)


def test_by_hand():
    """Two impressions of a listed item among fifty-one others: weights 1 / (2 x 0.5) = 1 and 1 / (2 x 0.25) = 2."""
    lists = np.array([[0, 1]] * 60)
    rows = np.arange(60)
    items = np.where(rows < 30, 0, 1)
    p = np.where(rows < 30, 0.5, 0.25)
    rewards = (rows % 3 == 0).astype(float)  # ten of each thirty
    rewards[30:] = (rows[30:] % 2 == 0).astype(float)  # fifteen of thirty
    found = replay(lists, Impressions(rows, items, rewards, p))
    assert found.estimate.value == pytest.approx((30 * 1 * (10 / 30) + 30 * 2 * 0.5) / (30 * 1 + 30 * 2))
    assert found.plain == pytest.approx((10 * 1 + 15 * 2) / 60)
    assert found.effective == pytest.approx((30 + 60) ** 2 / (30 * 1 + 30 * 4))
    assert found.mean_weight == pytest.approx(1.5)
    assert (found.matched, found.clipped) == (60, 0.0)
    cut = replay(lists, Impressions(rows, items, rewards, p), clip=1.0)
    assert cut.estimate.value == pytest.approx((10 + 15) / 60)
    assert cut.clipped == 0.5


def test_shoppers_are_resampled_with_all_their_impressions():
    """Sixty shoppers who click on all of twenty impressions or on none tell as much as sixty impressions, not as 1,200."""
    rows = np.repeat(np.arange(60), 20)
    clicks = (rows % 2).astype(float)
    found = replay(np.zeros((60, 1), dtype=int), Impressions(rows, np.zeros(1_200, int), clicks, np.full(1_200, 0.5))).estimate
    assert found.value == 0.5
    assert found.high - found.low == pytest.approx(2 * 1.96 * 0.5 / np.sqrt(60), rel=0.15)


def test_places_are_corrected_by_how_much_they_are_looked_at():
    rng = np.random.default_rng(5)
    look = np.array([1.0, 0.6, 0.4, 0.2])
    n, liking = 40_000, np.array([0.5, 0.3, 0.2, 0.4])
    items = rng.integers(0, 4, n)
    places = np.where(items == 3, 0, rng.integers(0, 4, n))  # the shop puts item 3 on top
    clicks = (rng.random(n) < liking[items] * look[places]).astype(float)
    rows = np.arange(n) % 500
    lists = np.tile([2, 1, 0, 3], (500, 1))  # the new list puts it last
    shown = Impressions(rows, items, clicks, np.full(n, 0.25), places)
    truth = float((liking[[2, 1, 0, 3]] * look).mean())
    right = replay(lists, shown, examination=look).estimate
    assert right.low <= truth <= right.high
    wrong = replay(lists, shown).estimate
    assert not wrong.low <= truth <= wrong.high


def test_what_the_log_cannot_carry_is_refused_in_words():
    lists = np.zeros((100, 1), dtype=int)
    few = Impressions(np.arange(49), np.zeros(49, int), np.ones(49), np.full(49, 0.5))
    with pytest.raises(BadInput, match="49 impressions match"):
        replay(lists, few)
    p = np.full(100, 1.0)
    p[0] = 0.001
    with pytest.raises(BadInput, match="handful"):
        replay(lists, Impressions(np.arange(100), np.zeros(100, int), np.ones(100), p), clip=1_000)
    p[0] = 0.0
    with pytest.raises(BadInput, match="chances"):
        replay(lists, Impressions(np.arange(100), np.zeros(100, int), np.ones(100), p))


def test_coverage_counts_places_that_were_ever_shown():
    lists = np.array([[0, 1], [0, -1]] * 50)
    shown = Impressions(np.arange(100), np.zeros(100, int), np.ones(100), np.full(100, 0.5))
    covered = np.array([[True, False], [True, True]] * 50)
    assert replay(lists, shown, covered).covered == pytest.approx(2 / 3)


def test_hits_count_listed_items_alone():
    lists = np.array([[3, 4, -1], [5, 6, 7], [-1, -1, -1]])
    taken = Taken(np.array([0, 0, 1, 2, 1]), np.array([4, 9, 5, -1, 5]), np.array([2.0, 8.0, 1.0, 5.0, 1.5]))
    assert hit_values(lists, taken).tolist() == [2.0, 2.5, 0.0]
    assert hit_values(lists, Taken(*(np.zeros(0, dtype=int),) * 3)).tolist() == [0.0] * 3
    rate = hit_rate(np.array([1.0, 0.0, 0.0, 0.0]))
    assert (rate.value, rate.n) == (0.25, 4)


def test_shares_shown_are_those_of_the_kind():
    p = shares_shown(np.array([0, 0, 1, 1, 1]), np.array([0, 0, 0, 1, 1]))
    assert p.tolist() == pytest.approx([2 / 3, 2 / 3, 1 / 3, 1.0, 1.0])


def test_an_event_follows_from_the_latest_impression_before_it():
    shown = (np.array([1, 1, 1, 2]), np.array([7, 7, 8, 7]), np.array([10, 50, 20, 10]))
    events = (np.array([1, 1, 1, 1, 2, 3]), np.array([7, 7, 7, 8, 7, 7]), np.array([49, 50, 9, 1_000, 10, 20]))
    assert followed(shown, events, 100).tolist() == [0, 1, -1, -1, 3, -1]
    assert followed((np.zeros(0, int),) * 3, events, 100).tolist() == [-1] * 6
