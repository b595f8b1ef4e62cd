"""What a policy did to a score, as terms that add up to the number that gave an item its place."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from recengine.explain.explanation import TOLERANCE
from recengine.policy.rerankers.mmr import MmrLists
from recengine.types import Explanation, Term

COUNTS, LIKENESS = "diversity.counts", "diversity.likeness"


@dataclass(frozen=True)
class Placed:
    """One item in the order that diversity made."""

    place: int  # from 1
    shown: float  # what was compared when the place was given, in units of the score
    terms: tuple[Term, ...]  # score + these = shown


def diversity_terms(
    score: float, low: float, high: float, diversity: float, similarity: float, nearest: str, nearest_id: str = ""
) -> tuple[Term, ...]:
    """What diversity takes off one score.

    A place goes to the item with the largest (1 - d) r - d s, where r = (score - low) / (high - low) and s is its likeness to the
    nearest item above. In units of the score that is low + (high - low) ((1 - d) r - d s) = score - d (score - low) - d (high - low) s:
    one term because the score counts less, one because of the likeness. Where all scores are equal they decide nothing: there is
    no first term, and the size of the score stands for high - low.

    Args:
        score: of the item.
        low: lowest score among the candidates that diversity chose from.
        high: highest of them.
        diversity: d, 0 to 1.
        similarity: s, 0 to 1.
        nearest: title of the nearest item above; shown as it is.
        nearest_id: its id.

    Returns:
        The terms that are not 0, none above 0.
    """
    span = _span(low, high)
    terms = (
        Term("policy", f"Diversity: the score counts {1 - diversity:.0%}", "", -diversity * (score - low), COUNTS),
        Term("policy", f"Diversity: like {nearest}", f"{similarity:.0%} alike", -diversity * span * similarity, nearest_id or LIKENESS),
    )
    return tuple(term for term in terms if term.contribution != 0.0)


def placed(scores: np.ndarray, trail: MmrLists, place: int, diversity: float, nearest: str, nearest_id: str = "") -> Placed:
    """One place of an order that `mmr` made, taken apart.

    Args:
        scores: float64 [C], candidates that it chose from; NaN = none.
        trail: the order; its first row is read.
        place: from 0.
        diversity: 0 to 1.
        nearest: title of `trail.nearest` at this place.
        nearest_id: its id.

    Raises:
        ArithmeticError: the terms do not give what was compared; a fault of the program.
    """
    low, high, score = float(np.nanmin(scores)), float(np.nanmax(scores)), float(scores[trail.order[0, place]])
    terms = diversity_terms(score, low, high, diversity, float(trail.similarity[0, place]), nearest, nearest_id)
    relevance = float(trail.relevance[0, place]) if high > low else 0.0
    shown = low + _span(low, high) * (relevance + float(trail.diversity[0, place]))
    total = score + sum(term.contribution for term in terms)
    if not abs(total - shown) <= TOLERANCE * max(1.0, abs(shown), abs(score)):
        raise ArithmeticError(f"the policy's terms give {total}, what was compared is {shown}")
    return Placed(place + 1, shown, terms)


def with_policy(card: Explanation, found: Placed | None) -> Explanation:
    """The card with what the policy did; None: the policy did not look at the item, and its score stays.

    Raises:
        ArithmeticError: base + terms + policy do not give the shown score; a fault of the program.
    """
    if found is None:
        return replace(card, shown=card.score)
    total = card.base + sum(term.contribution for term in (*card.terms, *found.terms))
    if not abs(total - found.shown) <= TOLERANCE * max(1.0, abs(found.shown), abs(card.score)):
        raise ArithmeticError(f"the parts give {total}, the shown score is {found.shown}")
    return replace(card, policy=found.terms, shown=found.shown, place=found.place, sum=total)


def _span(low: float, high: float) -> float:
    return high - low if high > low else abs(low) or 1.0
