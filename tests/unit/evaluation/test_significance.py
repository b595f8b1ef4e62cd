"""Paired tests: exact small cases, calibration under the null, power, Holm by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import permutation_test, ttest_rel

from recengine.evaluation import significance
from recengine.evaluation.significance import holm, paired_test, shoppers_needed


def test_exact_for_few_shoppers() -> None:
    # of the 2^4 sign patterns of (1, 1, 1, 1) two are as extreme
    found = paired_test(np.ones(4), np.zeros(4))
    assert found.p_value == pytest.approx(2 / 16)
    assert found.difference == 1.0
    assert found.verdict == "no clear difference"
    # (3, 1, -1): |sum| >= 3 for +++ (5), ++- and +-+ (3), and their opposites: 6 of 8
    assert paired_test(np.array([3.0, 1.0, -1.0]), np.zeros(3)).p_value == pytest.approx(6 / 8)


def test_sums_that_differ_only_by_rounding_count_as_equal() -> None:
    # 0.1 + 0.2 + 0.3 in any order is the observed sum again: only +++ and --- reach it
    assert paired_test(np.array([0.1, 0.2, 0.3]), np.zeros(3)).p_value == pytest.approx(2 / 8)
    assert paired_test(np.array([0.3, 0.2, 0.1, 0.0, 0.0]), np.zeros(5)).p_value == pytest.approx(2 / 8)


def test_equals_the_permutation_test_of_scipy() -> None:
    rng = np.random.default_rng(0)
    for n in (6, 9, 12):
        a, b = rng.normal(size=n), rng.normal(size=n)
        theirs = permutation_test((a, b), lambda x, y: np.mean(x - y), permutation_type="samples", n_resamples=np.inf)
        assert paired_test(a, b).p_value == pytest.approx(theirs.pvalue)


@pytest.mark.parametrize("n", [40, 600, 25_000])
def test_close_to_the_t_test_for_many_shoppers(n: int) -> None:
    rng = np.random.default_rng(n)
    b = rng.normal(size=n)
    a = b + rng.normal(1.5 / np.sqrt(n), 1, n)
    assert paired_test(a, b).p_value == pytest.approx(ttest_rel(a, b).pvalue, abs=0.02)


def test_under_the_null_one_in_twenty_is_called_different(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(significance, "FLIPS", 999)
    rng = np.random.default_rng(21)
    p = np.array([paired_test(*(rng.random((2, 60)) < 0.3), seed=trial).p_value for trial in range(400)])
    # 95 % of 400 draws of 0.05 lie within .031 and .073; the steps of discrete sums keep it on the careful side
    assert 0.02 <= (p < 0.05).mean() <= 0.075
    assert 0.4 <= p.mean() <= 0.65


def test_a_clear_difference_is_seen_and_named_by_direction() -> None:
    rng = np.random.default_rng(5)
    b = rng.random(500)
    a = b + rng.normal(0.05, 0.2, 500)
    found = paired_test(a, b)
    assert found.verdict == "better"
    assert found.low < 0.05 < found.high
    assert found.low > 0
    assert paired_test(b, a).verdict == "worse"
    assert paired_test(b, a).difference == pytest.approx(-found.difference)
    assert paired_test(a, b, higher_is_better=False).verdict == "worse"
    assert paired_test(b, a).p_value == pytest.approx(found.p_value, abs=0.01)


def test_the_same_model_twice_is_no_difference() -> None:
    a = np.random.default_rng(0).random(100)
    found = paired_test(a, a)
    assert (found.difference, found.low, found.high, found.p_value) == (0.0, 0.0, 0.0, 1.0)
    assert found.verdict == "no clear difference"


def test_shoppers_not_judged_under_both_are_left_out() -> None:
    nan = np.nan
    found = paired_test(np.array([1.0, nan, 3.0, 9.0]), np.array([0.0, 5.0, 1.0, nan]))
    assert (found.n, found.difference) == (2, 1.5)
    nobody = paired_test(np.array([nan]), np.array([1.0]))
    assert nobody.n == 0
    assert np.isnan(nobody.p_value)
    assert nobody.verdict == "no clear difference"


def test_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="one length"):
        paired_test(np.zeros(3), np.zeros(4))


def test_same_seed_same_p() -> None:
    rng = np.random.default_rng(1)
    a, b = rng.random((2, 90))
    assert paired_test(a, b, seed=3) == paired_test(a, b, seed=3)


def test_chunks_do_not_lose_patterns(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    a, b = rng.random((2, 90))
    whole = paired_test(a, b).p_value
    monkeypatch.setattr(significance, "CELLS", 90 * 100)
    assert paired_test(a, b).p_value == pytest.approx(whole, abs=0.02)


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03]).tolist() == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.5, 0.9]).tolist() == pytest.approx([1.0, 1.0])
    assert holm([0.02]).tolist() == pytest.approx([0.02])
    assert holm([0.01, 0.01, 0.01, 0.01]).tolist() == pytest.approx([0.04] * 4)
    assert holm([0.012, np.nan, 0.02]).tolist() == pytest.approx([0.024, np.nan, 0.024], nan_ok=True)
    assert holm([]).tolist() == []


def test_shoppers_needed_by_hand():
    # mean 1, sd 2: (1.959964 + 0.841621)^2 * 4 = 31.39…
    d = np.array([3.0, -1.0] * 500) + 0.0
    n = shoppers_needed(d, np.zeros(1000))
    assert n == int(np.ceil(7.848879 * d.var(ddof=1)))


def test_the_number_needed_finds_the_difference_four_times_in_five():
    draw = np.random.default_rng(0)
    n = shoppers_needed(draw.normal(0.2, 1, 100_000), np.zeros(100_000))
    assert 170 < n < 225  # 196 in theory
    found = [abs(sample.mean()) / sample.std(ddof=1) * np.sqrt(n) > 1.96 for sample in draw.normal(0.2, 1, (2000, n))]
    assert 0.76 < np.mean(found) < 0.84


def test_no_difference_needs_no_number():
    assert shoppers_needed(np.ones(5), np.ones(5)) == 0
    assert shoppers_needed(np.array([1.0, np.nan]), np.array([np.nan, 1.0])) == 0
