"""What a sentence says, before it is said in a language: clauses made only from the largest terms and real past events."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recengine.data.dataset import Dataset
from recengine.explain.history import Attribution
from recengine.explain.past import Past, PastItem
from recengine.types import Term

WORTH_SAYING = 0.1  # a term below this share of all movement is not mentioned
WORTH_NAMING = 0.3  # a second past item below this share of the first is not mentioned
MOST_CLAUSES = 3
AS_A_MULTIPLE = ("companion", "hour", "weekday", "season")  # signals whose value is a logarithm to base 2
MULTIPLE_WORTH_SAYING = 0.25  # 1.2 times as much as usual
SHARE_WORTH_SAYING = 0.01


@dataclass(frozen=True)
class Clause:
    """One thing that speaks for the item. `key` names the template of every language."""

    key: str  # past.one, past.two, category, brand, price_gap, reach, trend, age, idle, found_by, popularity, companion, words, …
    items: tuple[PastItem, ...] = ()
    number: float = float("nan")
    of: float = float("nan")
    name: str = ""  # of a category or brand; of the signal itself in nothing.against
    signal: str = ""  # key of the signal in nothing.against


@dataclass(frozen=True)
class SentenceParts:
    """Clauses, what adds most first; where nothing speaks for the item, one clause that says so."""

    clauses: tuple[Clause, ...]


def parts_of(past: Past, item_code: int, attribution: Attribution) -> SentenceParts:
    """What speaks for the item most. The same terms give the same parts.

    Args:
        past: the shopper's history.
        item_code: the item.
        attribution: its score taken apart.
    """
    movement = sum(abs(t.contribution) for t in attribution.terms) or float(np.abs(attribution.events).sum())
    speaking = speaking_items(past, attribution, 2)
    from_events = float(np.maximum(attribution.events, 0.0).sum())
    found: list[tuple[float, Clause]] = []
    if speaking and from_events >= WORTH_SAYING * movement:
        named = tuple(item for item in speaking if item.contribution >= WORTH_NAMING * speaking[0].contribution)
        found.append((from_events, Clause("past.one" if len(named) == 1 else "past.two", named)))
    for term in attribution.terms:
        if term.contribution > 0 and term.contribution >= WORTH_SAYING * movement and len(found) < MOST_CLAUSES:
            clause = _signal(past.dataset, item_code, attribution, term)
            if clause is not None:
                found.append((term.contribution, clause))
    if found:
        return SentenceParts(tuple(clause for _, clause in sorted(found, key=lambda pair: -pair[0])))
    return SentenceParts((_nothing(past, attribution),))


def speaking_items(past: Past, attribution: Attribution, n: int) -> list[PastItem]:
    """The past items that add most, at most n."""
    return [item for item in past.items(attribution.events, n) if item.contribution > 0 and item.code >= 0]


def _signal(dataset: Dataset, code: int, attribution: Attribution, term: Term) -> Clause | None:
    value = attribution.values.get(term.key, np.nan)
    catalogue = dataset.catalogue
    if term.key == "category" and value >= SHARE_WORTH_SAYING:
        return Clause("category", number=value, name=str(catalogue.categories[code]))
    if term.key == "brand" and value >= SHARE_WORTH_SAYING:
        return Clause("brand", number=value, name=str(catalogue.brands[code]))
    if term.key == "price_gap" and value < 0.5:
        return Clause("price_gap")
    if term.key == "reach" and value >= 1:
        return Clause("reach", number=value)
    if term.key in ("trend", "category_trend") and value > 0.1:
        return Clause(term.key, number=value, name=str(catalogue.categories[code]))
    if term.key == "age_days":
        return Clause("age.new" if value <= 60 else "age.old", number=value) if np.isfinite(value) else None
    if term.key == "idle_days" and value <= 14:
        return Clause("idle", number=value)
    if term.key == "found_by" and value > 1:
        return Clause("found_by", number=value, of=float(sum(key.endswith(".rank") for key in attribution.values)))
    if term.key == "popularity":
        rank = attribution.values.get("popularity.rank", np.nan)
        return Clause("popularity", number=rank) if np.isfinite(rank) and rank <= 100 else None
    if term.key in AS_A_MULTIPLE and value >= MULTIPLE_WORTH_SAYING:
        return Clause(term.key, number=float(2.0**value))
    if term.key == "words" and value >= 0.2:
        return Clause("words", number=value)
    return None


def _nothing(past: Past, attribution: Attribution) -> Clause:
    if len(past.histories.item_codes) == 0:
        return Clause("nothing.cold")
    against = [t for t in attribution.terms if t.contribution < 0]
    if against:
        most = against[0]
        return Clause("nothing.against", name=f"{most.name.lower()} ({most.value})", number=most.contribution, signal=most.key)
    return Clause("nothing.below" if attribution.events.any() else "nothing.same")
