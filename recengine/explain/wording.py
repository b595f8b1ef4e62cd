"""One plain sentence in English and Chinese, and a short reason, from the same parts. Nothing is claimed to be a cause."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np

from recengine.data.dataset import Dataset
from recengine.explain import wording_zh
from recengine.explain.history import Attribution
from recengine.explain.past import Past, PastItem
from recengine.explain.sentence_parts import Clause, SentenceParts, parts_of, speaking_items
from recengine.explain.titles import short_title
from recengine.types import Term

Language = Literal["en", "zh"]
ABOUT_THE_SHOPPER = {"away_days", "history", "pace"}  # the same for every item of the list


def sentence(past: Past, item_code: int, attribution: Attribution, language: Language = "en") -> str:
    """What speaks for the item most, in one sentence of plain text; see `parts_of`."""
    return render(parts_of(past, item_code, attribution), language)


def render(parts: SentenceParts, language: Language = "en") -> str:
    """The parts as a sentence of plain text. The same parts give the same sentence."""
    if language == "zh":
        return wording_zh.render(parts)
    text = "; ".join(SAID[clause.key](clause) for clause in parts.clauses)
    return text[0].upper() + text[1:] + "."


def meaning(score: float, rate: float, language: Language = "en") -> str:
    """What a probability means against the mean of all candidates: 0.12: 14 times the average candidate (0.0086).

    Args:
        score: the chance of the item.
        rate: share of all candidates that are chosen; not where the sum of the signals starts, which is a mean of log-odds.
        language: of the text.

    Returns:
        "" where either is no probability above 0.
    """
    if not (0.0 < score <= 1.0 and 0.0 < rate <= 1.0):
        return ""
    ratio = score / rate
    times = f"{ratio:,.0f}" if ratio >= 9.5 else f"{ratio:.2g}"
    if language == "zh":
        return f"{score:.2g}：是平均候选商品（{rate:.2g}）的 {times} 倍"
    if times == "1":
        return f"{score:.2g}: as the average candidate ({rate:.2g})"
    return f"{score:.2g}: {times} times the average candidate ({rate:.2g})"


def short_reason(past: Past, item_code: int, attribution: Attribution) -> str:
    """At most six words for a card: the largest positive term that tells this item from others."""
    speaking = speaking_items(past, attribution, 1)
    for term in attribution.terms:
        if term.contribution > 0 and term.key not in ABOUT_THE_SHOPPER:
            text = _short_signal(past.dataset, item_code, attribution, term, speaking[0] if speaking else None)
            if text:
                return text
    if speaking:
        return f"Goes with {short_title(speaking[0].title, 4)}"
    return "Best of what is left" if attribution.terms or attribution.events.any() else "Popular with all shoppers"


def _past(clause: Clause) -> str:
    told = [f"{item.title} ({item.when()})" for item in clause.items]
    first = clause.items[0]
    if len(told) == 1:
        return f"this shopper {first.did} {told[0]}, the past item that speaks most for it"
    verb = "" if clause.items[1].did == first.did else f"{clause.items[1].did} "
    return f"this shopper {first.did} {told[0]} and {verb}{told[1]}, the past items that speak most for it"


SAID: dict[str, Callable[[Clause], str]] = {
    "past.one": _past,
    "past.two": _past,
    "category": lambda c: f"{c.number:.0%} of this shopper's recent events are in {c.name}",
    "brand": lambda c: f"{c.number:.0%} of this shopper's recent events are on {c.name}",
    "price_gap": lambda c: "its price is close to what this shopper usually pays",
    "reach": lambda c: f"{c.number:.0f} of 1,000 active shoppers took it in the last 28 days",
    "trend": lambda c: f"its share of the shop's demand rose about {_growth(c.number)} in 28 days",
    "age.new": lambda c: f"it was first taken {_days(c.number)}",
    "age.old": lambda c: f"it has been in the shop for {c.number:,.0f} days",
    "idle": lambda c: f"it was last taken {_days(c.number)}",
    "found_by": lambda c: f"{c.number:.0f} of {c.of:.0f} models put it on their list",
    "popularity": lambda c: f"it is number {c.number:.0f} among the popular items",
    "category_trend": lambda c: f"the share of {c.name or 'its category'} in the shop's demand rose about {_growth(c.number)} in 28 days",
    "companion": lambda c: f"it is taken {c.number:.1f} times as often as usual with or after the items of the last visit",
    "hour": lambda c: f"its demand at this hour is {c.number:.1f} times its usual share",
    "weekday": lambda c: f"its demand on this weekday is {c.number:.1f} times its usual share",
    "season": lambda c: f"its demand in this month is {c.number:.1f} times its usual share",
    "words": lambda c: f"its title is {c.number:.0%} like the titles of recent events",
    "nothing.cold": lambda c: "this shopper has no history yet: the score is the same for everybody who is new",
    "nothing.against": lambda c: f"nothing stands out in its favour; most against it: {c.name}",
    "nothing.below": lambda c: "no past item speaks for it; the score is below where it started",
    "nothing.same": lambda c: "the score is the same for every shopper: no past item changes it",
}


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


def _growth(log2_ratio: float) -> str:
    ratio = 2.0**log2_ratio
    return f"{ratio - 1:.0%}" if ratio < 2 else f"{ratio:.0f}-fold"


def _days(value: float) -> str:
    days = round(value)
    return "today" if days < 1 else "yesterday" if days == 1 else f"{days} days ago"
