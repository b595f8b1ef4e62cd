"""What diversity did to a score, against the sum by which `mmr` gave the place, and by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recengine.explain.policy import COUNTS, LIKENESS, Placed, diversity_terms, placed, with_policy
from recengine.policy.rerankers.mmr import mmr, unit_rows
from recengine.types import Explanation, Term


def card(base: float, *adds: float) -> Explanation:
    terms = tuple(Term("signal", f"Signal {i}", "", add) for i, add in enumerate(adds))
    total = base + sum(adds)
    return Explanation("v", "s", "i", "T", total, base, terms, (), 0.0, total, "", "probability", 1, ())


def test_terms_by_hand():
    # between 0.1 and 0.5, d = 0.25: a score of 0.3 has relevance 0.5 and loses 0.25 x 0.2; a likeness of 0.6 costs 0.25 x 0.4 x 0.6
    counts, like = diversity_terms(0.3, 0.1, 0.5, 0.25, 0.6, "Mug", "m1")
    assert (counts.kind, counts.key, like.key) == ("policy", COUNTS, "m1")
    assert counts.contribution == pytest.approx(-0.05)
    assert like.contribution == pytest.approx(-0.06)
    assert counts.name == "Diversity: the score counts 75%"
    assert like.name == "Diversity: like Mug"
    assert like.value == "60% alike"


def test_what_is_zero_is_no_term():
    assert diversity_terms(0.1, 0.1, 0.5, 0.25, 0.0, "") == ()
    (counts,) = diversity_terms(0.5, 0.1, 0.5, 0.25, 0.0, "")
    assert counts.contribution == pytest.approx(-0.1)
    (like,) = diversity_terms(0.1, 0.1, 0.5, 1.0, 0.5, "Mug")
    assert like.key == LIKENESS
    assert like.contribution == pytest.approx(-0.2)


def test_equal_scores_decide_nothing():
    (like,) = diversity_terms(2.0, 2.0, 2.0, 0.5, 0.4, "Mug")
    assert like.contribution == pytest.approx(-0.4)
    assert diversity_terms(0.3, 0.3, 0.3, 1.0, 0.0, "") == ()


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 12), st.floats(0.01, 1.0), st.booleans())
def test_the_sum_is_what_gave_the_place(seed, n, diversity, equal):
    rng = np.random.default_rng(seed)
    scores = np.ones((1, n)) * 3.5 if equal else rng.normal(size=(1, n)) * 10.0 ** rng.integers(-3, 4)
    vectors = unit_rows(rng.normal(size=(n, 3)) * (rng.random((n, 1)) < 0.9))
    codes = rng.permutation(n)[None].astype(np.int32)
    trail = mmr(codes, scores, vectors, n, diversity)
    found = [placed(scores[0], trail, place, diversity, "Mug", "m") for place in range(n)]
    by_code = {int(code): float(score) for code, score in zip(codes[0], scores[0], strict=True)}
    for place, one in enumerate(found):
        score = by_code[int(trail.item_codes[0, place])]
        assert one.place == place + 1
        assert score + sum(t.contribution for t in one.terms) == pytest.approx(one.shown, abs=1e-6 * max(1.0, abs(score)))
        assert all(t.contribution < 0 or score < 0 for t in one.terms)
    if not equal and n > 1:  # brute force: at every place nothing else that was left counted more
        low, high = scores.min(), scores.max()
        for place in range(n):
            above = trail.item_codes[0, :place].astype(int)
            for other in trail.item_codes[0, place:].astype(int).tolist():
                alike = max(0.0, float((vectors[above] @ vectors[other]).max(initial=0.0))) if place else 0.0
                counted = by_code[other] - diversity * (by_code[other] - low) - diversity * (high - low) * alike
                assert counted <= found[place].shown + 1e-5 * max(1.0, high - low)


def test_a_card_with_a_policy_ends_at_the_shown_score():
    terms = (Term("policy", "Diversity", "", -0.05),)
    made = with_policy(card(0.1, 0.2, 0.05), Placed(4, 0.3, terms))
    assert made.shown == 0.3
    assert made.sum == pytest.approx(0.3)
    assert made.place == 4
    assert made.score == pytest.approx(0.35), "the variant's own score stays"
    untouched = with_policy(card(0.1, 0.2), None)
    assert (untouched.shown, untouched.place, untouched.policy) == (pytest.approx(0.3), 0, ())


@pytest.mark.parametrize("fault", ["sign", "lost", "scaled"])
def test_a_policy_that_does_not_add_up_is_a_fault(fault):
    terms = diversity_terms(0.3, 0.1, 0.5, 0.25, 0.6, "Mug")
    shown = 0.3 - 0.05 - 0.06
    wrong = {
        "sign": tuple(replace(t, contribution=-t.contribution) for t in terms),
        "lost": terms[:1],
        "scaled": tuple(replace(t, contribution=1.001 * t.contribution) for t in terms),
    }[fault]
    assert with_policy(card(0.1, 0.2), Placed(2, shown, terms)).sum == pytest.approx(shown)
    with pytest.raises(ArithmeticError):
        with_policy(card(0.1, 0.2), Placed(2, shown, wrong))
