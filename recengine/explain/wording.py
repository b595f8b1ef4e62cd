"""One plain sentence and a short reason, made only from the largest terms and real past events. Nothing is claimed to be a cause."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recengine.data.dataset import Dataset
from recengine.data.histories import Histories
from recengine.explain.history import Attribution
from recengine.explain.titles import date, did, item_title, short_title
from recengine.types import Term

WORTH_SAYING = 0.1  # a term below this share of all movement is not mentioned
ABOUT_THE_SHOPPER = {"away_days", "history", "pace"}  # the same for every item of the list
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


@dataclass(frozen=True)
class PastItem:
    """All events of a history on one item."""

    code: int
    title: str
    contribution: float
    times: int
    last_s: int
    did: str  # "bought"

    def when(self) -> str:
        """ "bought on 8 Dec 2011", "bought three times, last on 8 Dec 2011" """
        if self.times == 1:
            return f"{self.did} on {date(self.last_s)}"
        count = "twice" if self.times == 2 else f"{NUMBERS[self.times] if self.times < len(NUMBERS) else self.times} times"
        return f"{self.did} {count}, last on {date(self.last_s)}"


def past_items(dataset: Dataset, histories: Histories, events: np.ndarray) -> list[PastItem]:
    """Events added up by item, largest contribution first, then the newest."""
    by_item: dict[int, list[int]] = {}
    for place, code in enumerate(histories.item_codes.tolist()):
        by_item.setdefault(code, []).append(place)
    found = []
    for code, places in by_item.items():
        strongest = max(places, key=lambda p: (histories.weights[p], p))
        found.append(
            PastItem(
                code,
                item_title(dataset.catalogue, code),
                float(events[places].sum()),
                len(places),
                int(histories.times_s[places].max()),
                did(int(histories.behaviours[strongest])),
            )
        )
    return sorted(found, key=lambda item: (-item.contribution, -item.last_s, item.code))


def sentence(dataset: Dataset, histories: Histories, item_code: int, attribution: Attribution) -> str:
    """What speaks for the item most, in one sentence of plain text."""
    movement = np.abs(attribution.events).sum() if not attribution.terms else sum(abs(t.contribution) for t in attribution.terms)
    past = [p for p in past_items(dataset, histories, attribution.events) if p.contribution > 0 and p.code >= 0]
    from_events = sum(p.contribution for p in past)
    clauses: list[tuple[float, str]] = []
    if past and from_events >= WORTH_SAYING * movement:
        clauses.append((from_events, _past_clause(past)))
    said = [t for t in attribution.terms if t.contribution >= WORTH_SAYING * movement and t.contribution > 0]
    for term in sorted(said, key=lambda t: -t.contribution):
        text = _signal_clause(dataset, item_code, attribution, term)
        if text and len(clauses) < 3:
            clauses.append((term.contribution, text))
    if clauses:
        clauses.sort(key=lambda clause: -clause[0])
        text = "; ".join(text for _, text in clauses)
        return text[0].upper() + text[1:] + "."
    return _nothing_speaks(histories, attribution)


def short_reason(dataset: Dataset, histories: Histories, item_code: int, attribution: Attribution) -> str:
    """At most six words for a card: the largest positive term that tells this item from others."""
    terms = [t for t in attribution.terms if t.contribution > 0 and t.key not in ABOUT_THE_SHOPPER]
    past = [p for p in past_items(dataset, histories, attribution.events) if p.contribution > 0 and p.code >= 0]
    for term in terms:
        text = _short_signal(dataset, item_code, attribution, term, past[0] if past else None)
        if text:
            return text
    if past:
        return f"Goes with {short_title(past[0].title, 4)}"
    return "Popular with all shoppers" if not attribution.terms and not attribution.events.any() else "Best of what is left"


def _past_clause(past: list[PastItem]) -> str:
    named = [p for p in past[:2] if p.contribution >= 0.3 * past[0].contribution]
    if len(named) == 1:
        return f"this shopper {_active(named[0])}, the past item that speaks most for it"
    first, second = named
    other = _active(second) if second.did != first.did else _active(second).removeprefix(f"{second.did} ")
    return f"this shopper {_active(first)} and {other}, the past items that speak most for it"


def _active(item: PastItem) -> str:
    """ "bought Baking set on 7 Oct 2011" """
    verb, rest = item.did, item.when().removeprefix(item.did).strip()
    if verb == "put in the cart":
        return f"put {item.title} in the cart {rest}"
    return f"{verb} {item.title} {rest}"


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
        return f"{2**value - 1:.0%} more shoppers than usual took it in the last 28 days"
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
        return f"Rising: {2**value - 1:+.0%} in 28 days"
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


def _nothing_speaks(histories: Histories, attribution: Attribution) -> str:
    if len(histories.item_codes) == 0:
        return "This shopper has no history yet: the score is the same for everybody who is new."
    against = [t for t in attribution.terms if t.contribution < 0]
    if against:
        return f"Nothing stands out in its favour; most against it: {against[0].name.lower()} ({against[0].value})."
    if attribution.events.any():
        return "No past item speaks for it; the score is below where it started."
    return "The score is the same for every shopper: no past item changes it."


def _days(value: float) -> str:
    days = round(value)
    return "today" if days < 1 else "yesterday" if days == 1 else f"{days} days ago"
