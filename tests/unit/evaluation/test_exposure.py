"""Places by popularity, Lorenz curve and category mix, by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recengine.evaluation.exposure import band_shares, category_mix, lorenz, popularity_band

ALL = np.ones(4, dtype=bool)


def test_bands_go_from_the_most_popular_and_leave_out_what_is_not_sold():
    counts = np.array([5, 100, 5, 7, 50])
    sold = np.array([True, True, True, True, False])
    assert popularity_band(counts, sold, 4).tolist() == [2, 0, 3, 1, -1]
    assert popularity_band(counts, sold, 2).tolist() == [1, 0, 1, 0, -1]


def test_band_shares_by_hand():
    band = np.array([0, 1, 1, -1])
    lists = np.array([[0, 1], [0, -1], [3, 2]])
    assert band_shares(lists, band, 3).tolist() == [0.5, 0.5, 0.0]
    assert np.isnan(band_shares(np.full((1, 2), -1), band, 3)).all()


def test_lorenz_curve_of_equal_and_of_one_item():
    assert lorenz(np.array([[0, 1, 2, 3]]), ALL, 5) == pytest.approx([0, 0.25, 0.5, 0.75, 1])
    assert lorenz(np.array([[2], [2]]), ALL, 5) == pytest.approx([0, 0, 0, 0, 1])


def test_lorenz_curve_counts_sellable_items_that_nobody_is_shown():
    assert lorenz(np.array([[0, 1]]), np.array([True, True, False, False]), 3) == pytest.approx([0, 0.5, 1])
    assert lorenz(np.array([[0, 1]]), ALL, 3) == pytest.approx([0, 0, 1])


def test_a_list_with_the_shoppers_own_mix_is_calibrated():
    category = np.array([0, 0, 1, 1])
    mix = category_mix(np.array([[0, 2]]), np.array([0, 2]), np.array([1, 3]), category)
    assert mix.miscalibration[0] == pytest.approx(0.0)
    assert mix.listed.tolist() == mix.chosen.tolist() == [0.5, 0.5]


def test_a_list_without_the_shoppers_category_by_hand():
    category = np.array([0, 1])
    mix = category_mix(np.array([[0]]), np.array([0, 1]), np.array([1]), category)
    assert mix.miscalibration[0] == pytest.approx(np.log(1 / 0.01))
    half = category_mix(np.array([[0]]), np.array([0, 2]), np.array([0, 1]), category)
    assert half.miscalibration[0] == pytest.approx(0.5 * np.log(0.5 / (0.99 + 0.005)) + 0.5 * np.log(0.5 / 0.005))


def test_shoppers_without_categories_are_not_judged():
    category = np.array([0, -1])
    mix = category_mix(np.array([[0], [1], [-1]]), np.array([0, 0, 1, 2]), np.array([0, 0]), category)
    assert np.isnan(mix.miscalibration).all()
    assert np.isnan(mix.listed).all()


@given(st.lists(st.lists(st.integers(-1, 5), min_size=3, max_size=3), min_size=1, max_size=10))
def test_shares_add_up_and_the_curve_rises(rows: list[list[int]]):
    lists = np.array(rows)
    sold = np.ones(6, dtype=bool)
    curve, shares = lorenz(lists, sold), band_shares(lists, popularity_band(np.arange(6), sold, 3), 3)
    if (lists >= 0).any():
        assert shares.sum() == pytest.approx(1)
        assert (np.diff(curve) >= -1e-12).all()
        assert (curve <= np.linspace(0, 1, len(curve)) + 1e-12).all()
