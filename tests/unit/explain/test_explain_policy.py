"""What a policy did to a score, as terms of a card that ends at the number that gave the place."""

from __future__ import annotations

from dataclasses import replace

import pytest

from recengine.explain.policy import policy_terms, with_policy
from recengine.types import Explanation, Term
from recengine.types.policies import PolicyPlace, PolicyTerm, PolicyUse


def card(base: float, *adds: float) -> Explanation:
    terms = tuple(Term("signal", f"Signal {i}", "", add) for i, add in enumerate(adds))
    total = base + sum(adds)
    return Explanation("v", "s", "i", "T", total, base, terms, (), 0.0, total, "", "probability", 1, ())


def placed(final: float, *terms: PolicyTerm) -> PolicyPlace:
    return PolicyPlace("i", 0.35, final, 3, False, terms)


WEIGHT = PolicyTerm("weight", "Gives way to variety", "为多样性让步", -0.05)
LIKE = PolicyTerm("like", "Resembles Mug", "与Mug相似", -0.06, "m1", 0.6)


def test_terms_carry_name_amount_and_step():
    weight, like = policy_terms(placed(0.24, WEIGHT, LIKE))
    assert (weight.kind, weight.key, weight.name, weight.value, weight.contribution) == (
        "policy",
        "weight",
        "Gives way to variety",
        "",
        -0.05,
    )
    assert (like.key, like.name, like.value, like.contribution) == ("like", "Resembles Mug", "60% alike", -0.06)


@pytest.mark.parametrize(
    ("key", "amount", "said"),
    [("share", 0.25, "25% of the history"), ("turn", 2.0, "2 before"), ("near", 1.0, "1 close by"), ("near", 0.0, ""), ("like", 0.0, "")],
)
def test_amounts_are_readable(key, amount, said):
    (term,) = policy_terms(placed(0.0, PolicyTerm(key, "N", "N", 0.1, "x", amount)))
    assert term.value == said


@pytest.mark.parametrize("amount", [None, float("nan")])
def test_no_amount_is_no_word(amount):
    (term,) = policy_terms(placed(0.0, PolicyTerm("like", "N", "N", 0.1, "x", amount)))
    assert term.value == ""


def test_a_card_with_a_policy_ends_at_the_shown_score():
    made = with_policy(card(0.1, 0.2, 0.05), placed(0.24, WEIGHT, LIKE), 4)
    assert made.shown == 0.24
    assert made.sum == pytest.approx(0.24)
    assert made.place == 4
    assert made.score == pytest.approx(0.35), "the variant's own score stays"
    untouched = with_policy(card(0.1, 0.2), None, 0)
    assert (untouched.shown, untouched.place, untouched.policy) == (pytest.approx(0.3), 0, ())


@pytest.mark.parametrize("fault", ["sign", "lost", "scaled", "shown"])
def test_a_policy_that_does_not_add_up_is_a_fault(fault):
    good = placed(0.24, WEIGHT, LIKE)
    assert with_policy(card(0.1, 0.2, 0.05), good, 2).sum == pytest.approx(0.24)
    wrong = {
        "sign": replace(good, terms=tuple(replace(t, contribution=-t.contribution) for t in good.terms)),
        "lost": replace(good, terms=good.terms[:1]),
        "scaled": replace(good, terms=tuple(replace(t, contribution=1.001 * t.contribution) for t in good.terms)),
        "shown": replace(good, final=0.2401),
    }[fault]
    with pytest.raises(ArithmeticError):
        with_policy(card(0.1, 0.2, 0.05), wrong, 2)


def test_a_use_is_a_key_whatever_the_order_of_its_parts():
    one = PolicyUse.of({"reranker": "mmr", "settings": {"diversity": 0.3}})
    assert one == PolicyUse.of({"settings": {"diversity": 0.3}, "reranker": "mmr"}) == PolicyUse.of_diversity(0.3)
    assert len({one, PolicyUse.of_diversity(0.3), PolicyUse.of_diversity(0.31), replace(one, scene="cart")}) == 3
    assert PolicyUse.of_diversity(0.0) is None
    content = one.content
    content["reranker"] = "dpp"
    assert one.content["reranker"] == "mmr", "a copy is handed out"
