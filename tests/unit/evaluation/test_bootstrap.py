"""Intervals: known spreads, coverage of the true mean, what is missing stays missing."""

from __future__ import annotations

import time

import numpy as np
import pytest

from recengine.evaluation import bootstrap
from recengine.evaluation.bootstrap import bootstrap_interval, mean_estimates, resample_weights, spread_estimate


def test_weights_draw_every_shopper_once_on_average() -> None:
    weights = np.concatenate(list(resample_weights(40, 500, 1)))
    assert weights.shape == (500, 40)
    assert (weights.sum(axis=1) == 40).all()
    assert weights.mean(axis=0) == pytest.approx(np.ones(40), abs=0.25)
    assert weights.var() == pytest.approx(1 - 1 / 40, abs=0.05)


def test_chunks_do_not_change_the_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = np.concatenate(list(resample_weights(7, 50, 3)))
    monkeypatch.setattr(bootstrap, "CELLS", 21)
    pieces = list(resample_weights(7, 50, 3))
    assert len(pieces) == 17
    assert np.array_equal(np.concatenate(pieces), whole)


def test_interval_of_a_known_spread() -> None:
    values = np.random.default_rng(0).normal(5, 2, 1_000)
    found = bootstrap_interval(values, resamples=4_000)
    half = 1.96 * values.std(ddof=1) / np.sqrt(1_000)
    assert found.value == pytest.approx(values.mean())
    # a 90 % interval would be 16 % narrower
    assert found.low == pytest.approx(found.value - half, abs=0.1 * half)
    assert found.high == pytest.approx(found.value + half, abs=0.1 * half)
    assert found.n == 1_000


def test_intervals_cover_the_truth_about_95_times_in_100() -> None:
    rng = np.random.default_rng(8)
    inside = 0
    for trial in range(300):
        found = bootstrap_interval(rng.random(120) < 0.3, seed=trial, resamples=400)
        inside += found.low <= 0.3 <= found.high
    assert 0.90 <= inside / 300 <= 0.98


def test_same_seed_same_interval() -> None:
    values = np.random.default_rng(1).random(50)
    assert bootstrap_interval(values, seed=4) == bootstrap_interval(values, seed=4)
    assert bootstrap_interval(values, seed=4) != bootstrap_interval(values, seed=5)


def test_missing_figures_are_left_out() -> None:
    nan = np.nan
    values = np.array([[1.0, nan, nan], [3.0, 2.0, nan], [5.0, nan, nan]])
    found = mean_estimates(values)
    assert (found[0].value, found[0].n) == (3.0, 3)
    assert (found[1].value, found[1].n) == (2.0, 1)
    assert np.isnan([found[1].low, found[1].high]).all()  # one shopper tells nothing of the spread
    assert np.isnan([found[2].value, found[2].low, found[2].high]).all()
    assert found[2].n == 0


def test_a_column_is_not_touched_by_its_neighbours() -> None:
    rng = np.random.default_rng(2)
    a, b = rng.random(80), np.where(rng.random(80) < 0.5, np.nan, rng.random(80))
    for both, values in zip(mean_estimates(np.column_stack([a, b]), seed=3), (a, b), strict=True):
        alone = mean_estimates(values[:, None], seed=3)[0]
        assert (both.value, both.low, both.high, both.n) == pytest.approx((alone.value, alone.low, alone.high, alone.n), rel=1e-12)


def test_constant_and_empty() -> None:
    assert bootstrap_interval(np.full(9, 0.25)).low == bootstrap_interval(np.full(9, 0.25)).high == 0.25
    empty = bootstrap_interval(np.zeros(0))
    assert np.isnan([empty.value, empty.low, empty.high]).all()
    assert mean_estimates(np.zeros((0, 3)))[2].n == 0


def test_many_shoppers_take_the_normal_interval_and_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(3).random((3_000, 2))
    values[::3, 1] = np.nan
    drawn = mean_estimates(values, resamples=2_000)
    monkeypatch.setattr(bootstrap, "CLT_FROM", 1_000)
    normal = mean_estimates(values)
    for a, b in zip(drawn, normal, strict=True):
        assert a.value == b.value
        assert a.low == pytest.approx(b.low, abs=0.1 * (b.high - b.low))
        assert a.high == pytest.approx(b.high, abs=0.1 * (b.high - b.low))


def test_shop_level_interval_is_centred_and_stays_in_range() -> None:
    draws = np.array([0.4, 0.5, 0.6, 0.5])
    found = spread_estimate(0.9, draws, 10)
    assert found.value == 0.9
    assert found.low == pytest.approx(0.9 - 1.96 * draws.std(ddof=1), abs=1e-3)
    assert found.high == 1.0
    assert np.isnan(spread_estimate(0.9, draws, 1).low)


def test_two_thousand_shoppers_within_a_second() -> None:
    values = np.random.default_rng(0).random((2_000, 130))
    started = time.process_time()
    mean_estimates(values)
    assert time.process_time() - started < 2  # processor seconds over both cores
