"""The best of equal variants is called better in at most one comparison of twenty; real differences are still found."""

from __future__ import annotations

import numpy as np
import pytest

from recengine.evaluation import all_pairs
from recengine.evaluation.all_pairs import best_against_others
from recengine.evaluation.significance import holm, paired_tests


def equal(rng: np.random.Generator, shoppers: int, variants: int) -> np.ndarray:
    """Variants of one law, alike in who they serve well, the best first."""
    values = 0.5 * rng.random((shoppers, variants)) + 0.5 * rng.random((shoppers, 1))
    return values[:, np.argsort(-values.mean(axis=0))]


@pytest.mark.parametrize("variants", [2, 5, 12])
def test_the_best_of_equal_variants_is_rarely_called_better(variants, monkeypatch):
    monkeypatch.setattr(all_pairs, "FLIPS", 399)
    rng = np.random.default_rng(1)
    called = sum((best_against_others(equal(rng, 200, variants), seed) < 0.05).any() for seed in range(150))
    assert called <= 14, "5 % of 150 and two and a half errors above"


def test_a_comparison_of_equal_variants_says_better_rarely_all_in_all(monkeypatch):
    """Corrected for the others alone, more than one in ten of twelve equal variants would be called beaten."""
    from recengine.evaluation import significance

    monkeypatch.setattr(all_pairs, "FLIPS", 399)
    monkeypatch.setattr(significance, "FLIPS", 399)
    rng, new, old = np.random.default_rng(2), 0, 0
    for seed in range(100):
        values = equal(rng, 200, 12)
        new += (best_against_others(values, seed) < 0.05).any()
        old += (holm([found.p_value for found in paired_tests(values[:, :1] - values[:, 1:], seed)]) < 0.05).any()
    assert new <= 10
    assert old > new


def test_two_variants_are_one_pair():
    rng = np.random.default_rng(3)
    values = rng.random((300, 2)) + np.array([0.04, 0.0])
    alone = paired_tests(values[:, :1] - values[:, 1:])[0].p_value
    assert best_against_others(values)[0] == pytest.approx(alone, abs=0.01)


def test_a_real_lead_is_found_among_many_and_the_runner_up_is_not():
    rng = np.random.default_rng(4)
    base = rng.random((400, 1))
    values = base + 0.1 * rng.random((400, 8)) - np.array([0.0, 0.0, *[0.05] * 6])
    p = best_against_others(values)
    assert p[0] > 0.05
    assert (p[1:] < 0.001).all()


def test_shoppers_who_are_not_judged_by_one_are_left_out_of_its_pairs():
    rng = np.random.default_rng(5)
    values = rng.random((200, 3)) + np.array([0.3, 0.0, 0.0])
    holes = values.copy()
    holes[:150, 2] = np.nan
    whole, some = best_against_others(values), best_against_others(holes)
    assert some[0] == pytest.approx(whole[0], abs=0.01)
    assert some[1] >= whole[1]
    assert np.isnan(best_against_others(np.array([[1.0, np.nan], [0.5, np.nan]]))).all()
    assert best_against_others(np.ones((10, 3))).tolist() == [1.0, 1.0]


def test_the_normal_limit_says_what_flips_say(monkeypatch):
    rng = np.random.default_rng(6)
    values = rng.random((2_000, 4)) + np.array([0.02, 0.0, 0.0, 0.005])
    flipped = best_against_others(values)
    monkeypatch.setattr(all_pairs, "NORMAL_FROM", 100)
    assert best_against_others(values) == pytest.approx(flipped, abs=0.02)
