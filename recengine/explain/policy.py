"""What a policy did to a score, as terms that add up to the number that gave an item its place."""

from __future__ import annotations

import math
from dataclasses import replace

from recengine.data.dataset import Dataset
from recengine.data.histories import Histories
from recengine.explain.explanation import TOLERANCE, past_events
from recengine.explain.titles import item_title
from recengine.types import Explanation, Term
from recengine.types.policies import PolicyPlace, PolicyTerm


def policy_terms(found: PolicyPlace) -> tuple[Term, ...]:
    """What moved the variant's score to the final one, largest first, as terms of a card."""
    return tuple(Term("policy", term.name, _value(term), term.contribution, term.key) for term in found.terms)


def with_policy(card: Explanation, found: PolicyPlace | None, place: int) -> Explanation:
    """The card with what the policy did; None: the policy did not look at the item, and its score stays.

    Args:
        card: of the variant's own score.
        found: what the policy did at the item's place.
        place: that place, from 1; 0 = none.

    Raises:
        ArithmeticError: base + terms + policy do not give the final score; a fault of the program.
    """
    if found is None:
        return replace(card, shown=card.score)
    terms = policy_terms(found)
    total = card.base + sum(term.contribution for term in (*card.terms, *terms))
    if not abs(total - found.final) <= TOLERANCE * max(1.0, abs(found.final), abs(card.score)):
        raise ArithmeticError(f"the parts give {total}, the final score is {found.final}")
    return replace(card, policy=terms, shown=found.final, place=place, sum=total)


def _value(term: PolicyTerm) -> str:
    """The amount behind a term, readable."""
    if term.amount is None or term.amount != term.amount:
        return ""
    if term.key == "like":
        return f"{term.amount:.0%} alike" if term.amount > 0 else ""
    if term.key == "share":
        return f"{term.amount:.0%} of the history"
    if term.key == "turn":
        return f"{term.amount:.0f} before"
    return f"{term.amount:.0f} close by" if term.key == "near" and term.amount > 0 else ""


def card_without_score(
    dataset: Dataset, histories: Histories, item_code: int, found: PolicyPlace, variant: str, shopper: str, kind: str
) -> Explanation:
    """The card of an item that a pin brought in although the variant has no score for it: it starts where the last candidate stands.

    Args:
        dataset: titles.
        histories: one row.
        item_code: the item.
        found: what the policy did at its place.
        variant: id to carry through.
        shopper: id to carry through.
        kind: probability or score.
    """
    catalogue = dataset.catalogue
    title, price = item_title(catalogue, item_code), float(catalogue.prices[item_code])
    return Explanation(
        variant=variant,
        shopper=shopper,
        item=found.item,
        title=title,
        score=found.score,
        base=found.score,
        terms=(),
        events=past_events(dataset, histories),
        not_from_events=0.0,
        sum=found.score,
        sentence=f"The variant has no score for {title} here; the policy put it in, from the score of the last candidate.",
        score_kind=kind,
        rank=0,
        provenance=(),
        sentence_zh=f"模型对{title}在此没有评分；策略将其放入，从最后一个候选商品的得分算起。",
        shown=found.score,
        category=str(catalogue.categories[item_code]),
        price=price if math.isfinite(price) else None,
    )
