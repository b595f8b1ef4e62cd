from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from recengine.explain.signals import probability_terms
from recengine.explain.titles import short_title

small = st.floats(-8, 8, allow_nan=False)


@given(arrays(np.float64, st.integers(1, 20), elements=small), small)
def test_probability_terms_add_up_and_keep_the_sign(phi, start):
    base, score, terms = probability_terms(phi, start)
    assert base + terms.sum() == pytest.approx(score, abs=1e-9)
    assert base == pytest.approx(1 / (1 + np.exp(-start)))
    assert (terms * phi >= 0).all()


@pytest.mark.parametrize("change", [0.0, 1e-15, 1e-9, 1e-6, -1e-6, 2e-5, 1e-3])
def test_the_limit_of_no_change_is_the_slope(change):
    base, score, terms = probability_terms(np.array([3.0, change - 3.0]), 0.4)
    assert base + terms.sum() == pytest.approx(score, abs=1e-12)
    assert terms[0] == pytest.approx(3.0 * base * (1 - base), rel=1e-3)


def test_probability_terms_by_hand():
    base, score, terms = probability_terms(np.array([np.log(3.0), 0.0]), 0.0)
    assert (base, score) == (0.5, pytest.approx(0.75))
    np.testing.assert_allclose(terms, [0.25, 0.0])


@pytest.mark.parametrize(
    ("title", "short"),
    [
        ("Red retrospot cake stand, large", "Red retrospot cake stand"),
        ("Pack of 60 pink paisley cake cases", "Pack of 60 pink"),
        ("Set of 3 - the", "Set of 3"),
        ("Tea, coffee, cake and sugar", "Tea, coffee, cake"),
        ("!!!", "!!!"),
        ("", ""),
    ],
)
def test_short_titles(title, short):
    assert short_title(title, 4) == short
