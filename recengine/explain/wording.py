"""One plain sentence and a short reason, made only from the largest terms and real past events. Nothing is claimed to be a cause."""

from __future__ import annotations

import numpy as np

from recengine.data.dataset import Dataset
from recengine.explain.history import Attribution
from recengine.explain.past import Past, PastItem
from recengine.explain.titles import short_title
from recengine.types import Term

WORTH_SAYING = 0.1  # a term below this share of all movement is not mentioned
WORTH_NAMING = 0.3  # a second past item below this share of the first is not mentioned
MOST_CLAUSES = 3
ABOUT_THE_SHOPPER = {"away_days", "history", "pace"}  # the same for every item of the list


def sentence(past: Past, item_code: int, attribution: Attribution) -> str:
    """What speaks for the item most, in one sentence of plain text.

    Args:
        past: the shopper's history.
        item_code: the item.
        attribution: its score taken apart.
    """
    movement = sum(abs(t.contribution) for t in attribution.terms) or float(np.abs(attribution.events).sum())
    speaking = _speaking(past, attribution, 2)
    from_events = float(np.maximum(attribution.events, 0.0).sum())
    clauses: list[tuple[float, str]] = []
    if speaking and from_events >= WORTH_SAYING * movement:
        clauses.append((from_events, _past_clause(speaking)))
    for term in attribution.terms:
        if term.contribution > 0 and term.contribution >= WORTH_SAYING * movement and len(clauses) < MOST_CLAUSES:
            text = _signal_clause(past.dataset, item_code, attribution, term)
            if text:
                clauses.append((term.contribution, text))
    if not clauses:
        return _nothing_speaks(past, attribution)
    text = "; ".join(text for _, text in sorted(clauses, key=lambda clause: -clause[0]))
    return text[0].upper() + text[1:] + "."


def short_reason(past: Past, item_code: int, attribution: Attribution) -> str:
    """At most six words for a card: the largest positive term that tells this item from others."""
    speaking = _speaking(past, attribution, 1)
    for term in attribution.terms:
        if term.contribution > 0 and term.key not in ABOUT_THE_SHOPPER:
            text = _short_signal(past.dataset, item_code, attribution, term, speaking[0] if speaking else None)
            if text:
                return text
    if speaking:
        return f"Goes with {short_title(speaking[0].title, 4)}"
    return "Best of what is left" if attribution.terms or attribution.events.any() else "Popular with all shoppers"


def _speaking(past: Past, attribution: Attribution, n: int) -> list[PastItem]:
    """The past items that add most, at most n."""
    return [item for item in past.items(attribution.events, n) if item.contribution > 0 and item.code >= 0]


def _past_clause(items: list[PastItem]) -> str:
    named = [item for item in items if item.contribution >= WORTH_NAMING * items[0].contribution]
    told = [f"{item.title} ({item.when()})" for item in named]
    if len(named) == 1:
        return f"this shopper {named[0].did} {told[0]}, the past item that speaks most for it"
    verb = "" if named[1].did == named[0].did else f"{named[1].did} "
    return f"this shopper {named[0].did} {told[0]} and {verb}{told[1]}, the past items that speak most for it"


def _signal_clause(dataset: Dataset, code: int, attribution: Attribution, term: Term) -> str:
    value = attribution.values.get(term.key, np.nan)
    catalogue = dataset.catalogue
    if term.key == "category":
        return f"{value:.0%} of this shopper's recent events are in {catalogue.categories[code]}"
    if term.key == "brand":
        return f"{value:.0%} of this shopper's recent events are on {catalogue.brands[code]}"
    if term.key == "price_gap" and value < 0.5:
        return "its price is close to what this shopper usually pays"
    if term.key == "reach" and value >= 1:
        return f"{value:.0f} of 1,000 active shoppers took it in the last 28 days"
    if term.key == "trend" and value > 0.1:
        return f"its share of the shop's demand rose {_growth(value)} in 28 days"
    if term.key == "age_days":
        return f"it was first taken {_days(value)}" if value <= 60 else f"it has been in the shop for {value:,.0f} days"
    if term.key == "idle_days" and value <= 14:
        return f"it was last taken {_days(value)}"
    if term.key == "found_by" and value > 1:
        return f"{value:.0f} of {sum(key.endswith('.rank') for key in attribution.values)} models put it on their list"
    if term.key == "popularity":
        rank = attribution.values.get("popularity.rank", np.nan)
        return f"it is number {rank:.0f} among the popular items" if np.isfinite(rank) and rank <= 100 else ""
    return ""


def _short_signal(dataset: Dataset, code: int, attribution: Attribution, term: Term, past: PastItem | None) -> str:
    value = attribution.values.get(term.key, np.nan)
    if f"{term.key}.score" in attribution.values and term.key not in ("popularity", "content"):
        if past is None:
            return ""
        return f"{'Often follows' if term.key == 'transitions' else 'Goes with'} {short_title(past.title, 4)}"
    if term.key == "content" and past is not None:
        return f"Similar to {short_title(past.title, 4)}"
    if term.key in ("category", "brand") and value > 0:
        names = dataset.catalogue.categories if term.key == "category" else dataset.catalogue.brands
        return f"Often chooses {short_title(str(names[code]), 4)}"
    if term.key == "price_gap" and value < 0.5:
        return "Near the usual price"
    if term.key == "reach" and value >= 1:
        return f"Taken by {value:.0f} in 1,000 shoppers"
    if term.key == "trend" and value > 0.1:
        return f"Rising: {_growth(value)} in 28 days"
    if term.key == "age_days" and value <= 60:
        return f"New: first taken {_days(value)}"
    if term.key == "idle_days" and value <= 14:
        return f"Last taken {_days(value)}"
    if term.key == "popularity":
        rank = attribution.values.get("popularity.rank", np.nan)
        return f"Number {rank:.0f} among popular items" if np.isfinite(rank) and rank <= 100 else ""
    if term.key == "found_by" and value > 1:
        return f"On the lists of {value:.0f} models"
    return ""


def _nothing_speaks(past: Past, attribution: Attribution) -> str:
    if len(past.histories.item_codes) == 0:
        return "This shopper has no history yet: the score is the same for everybody who is new."
    against = [t for t in attribution.terms if t.contribution < 0]
    if against:
        return f"Nothing stands out in its favour; most against it: {against[0].name.lower()} ({against[0].value})."
    if attribution.events.any():
        return "No past item speaks for it; the score is below where it started."
    return "The score is the same for every shopper: no past item changes it."


def _growth(log2_ratio: float) -> str:
    ratio = 2.0**log2_ratio
    return f"{ratio - 1:.0%}" if ratio < 2 else f"{ratio:.0f}-fold"


def _days(value: float) -> str:
    days = round(value)
    return "today" if days < 1 else "yesterday" if days == 1 else f"{days} days ago"
