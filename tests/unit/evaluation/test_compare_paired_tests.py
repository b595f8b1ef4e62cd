"""Many paired tests at once, and what two judgements must share."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from recengine.data.events import EventLog
from recengine.data.split import time_split
from recengine.evaluation.judged_on import judged_on
from recengine.evaluation.significance import holm, paired_test, paired_tests


def test_together_they_say_what_each_says_alone():
    rng = np.random.default_rng(1)
    base = rng.random(300)
    others = np.stack([base - 0.05 + 0.2 * rng.random(300), base + 0.0, np.where(rng.random(300) < 0.03, base - 0.2, base)], axis=1)
    together = paired_tests(base[:, None] - others)
    alone = [paired_test(base, others[:, i]) for i in range(3)]
    for one, other in zip(together, alone, strict=True):
        assert one.difference == pytest.approx(other.difference)
        assert (one.low, one.high) == pytest.approx((other.low, other.high))
        assert one.n == other.n
        assert one.verdict == other.verdict
    assert together[1].p_value == alone[1].p_value == 1.0
    assert together[2].p_value == alone[2].p_value  # few shoppers differ: all sign patterns are listed
    assert together[0].p_value == pytest.approx(alone[0].p_value, abs=0.02)


def test_a_pair_s_probability_does_not_depend_on_the_other_pairs():
    rng = np.random.default_rng(4)
    d = np.where(rng.random((300, 3)) < 0.4, rng.normal(0.02, 0.1, (300, 3)), 0.0)
    together = paired_tests(d)
    assert [paired_tests(d[:, [i]])[0].p_value for i in range(3)] == [found.p_value for found in together]


def test_a_group_is_asked_about_by_leaving_the_others_out():
    rng = np.random.default_rng(2)
    d, group = rng.normal(0.02, 0.1, 400), rng.random(400) < 0.3
    whole, part, nobody = paired_tests(np.stack([d, np.where(group, d, np.nan), np.full(400, np.nan)], axis=1))
    assert (whole.n, part.n, nobody.n) == (400, int(group.sum()), 0)
    assert part.difference == pytest.approx(d[group].mean())
    assert part.p_value == pytest.approx(paired_test(d[group], np.zeros(group.sum())).p_value, abs=0.02)
    assert nobody.verdict == "no clear difference"


def test_exact_probability_by_hand():
    """Four equal differences: of 16 sign patterns only the two without a change of sign reach the sum."""
    found = paired_tests(np.array([[0.1], [0.1], [0.1], [0.1], [0.0]]))[0]
    assert found.p_value == 2 / 16


def test_a_null_change_is_called_null_for_every_kind_of_shopper():
    """200 changes that do nothing on average: at most 5 % may be called real, by any of three segments after Holm."""
    rng = np.random.default_rng(3)
    group = np.arange(240) % 3
    called = 0
    for seed in range(200):
        d = rng.normal(0, 0.1, 240) * (rng.random(240) < 0.5)
        inside = np.stack([np.where(group == g, d, np.nan) for g in range(3)], axis=1)
        results = paired_tests(inside, seed)
        adjusted = holm([r.p_value for r in results])
        called += any(p < 0.05 and (r.low > 0 or r.high < 0) for p, r in zip(adjusted, results, strict=True))
    assert called <= 10


def test_lower_is_better_turns_the_verdict():
    d = np.full((40, 1), 0.1)
    assert paired_tests(d)[0].verdict == "better"
    assert paired_tests(d, higher_is_better=False)[0].verdict == "worse"


def log_of(shoppers: int, items: int, days: int) -> EventLog:
    """A purchase a day and shopper, of one of the items at random."""
    rng = np.random.default_rng(0)
    users, times = np.repeat(np.arange(shoppers), days), np.tile(np.arange(days), shoppers) * 86_400 + 1_600_000_000
    return EventLog.build(users, rng.integers(0, items, shoppers * days), times, shoppers, items)


def test_what_a_variant_was_judged_on_tells_cut_answers_and_candidates_apart():
    log, sellable = log_of(12, 200, 40), np.ones(200, dtype=bool)
    split = time_split(log, sellable)
    first = judged_on(split, sellable)
    assert first == judged_on(time_split(log, sellable), sellable)
    assert first["split"] == "time"
    assert first["cut_s"] == split.cut_s
    assert (first["shoppers"], first["candidates"]) == (len(split.test), int(sellable.sum()))
    later = judged_on(time_split(log, sellable, share=0.2), sellable)
    assert later["cut_s"] != first["cut_s"]
    assert later["answers"] != first["answers"]
    fewer = sellable.copy()
    fewer[np.flatnonzero(fewer)[0]] = False
    assert judged_on(split, fewer)["candidate_set"] != first["candidate_set"]
    shifted = replace(split, test=replace(split.test, truth_items=split.test.truth_items[::-1].copy()))
    assert judged_on(shifted, sellable)["answers"] != first["answers"]
