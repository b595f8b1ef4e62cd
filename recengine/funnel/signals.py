"""The readable signals that the ranker weighs: what each means, what it needs, how its value is said."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from recengine.data.histories import Histories
from recengine.funnel.facts import DAY_S, ItemFacts

TASTE_HALF_LIFE_DAYS = 60.0
MODEL_TITLES = {
    "transitions": "Often taken next",
    "item-knn": "Taken by similar shoppers",
    "ease": "Goes with past items",
    "als": "Fits the shopper's taste",
    "popularity": "Popular now",
    "content": "Similar description",
}
FAMILIES = {
    "models": "Models",
    "taste": "Taste",
    "price": "Price",
    "demand": "Demand",
    "freshness": "Freshness",
    "text": "Words",
    "time": "Time",
    "complements": "Goes together",
    "reviews": "Ratings",
    "shopper": "The shopper",
}


@dataclass(frozen=True)
class Signal:
    """One column of the ranker. `direction`: 1 = more can only help, -1 = more can only hurt, 0 = learned."""

    key: str  # "ease.score", "category"
    title: str
    group: str  # what is shown as one term: the generator's name, or the key of the first signal of the group
    format: str  # how `say` writes a value
    help: str
    direction: int = 0
    source: str = ""  # category, brand, price, words, last_visit, hours or a generator's name: what ties it to past events; "" = nothing
    family: str = "models"  # of FAMILIES: what is left out together when it is asked what a kind of signal adds
    needs: str = ""  # column of `ItemFacts` it reads; "" = none
    length: int = 0  # of a generator's list, for signals that are a place in it


STATIC = (
    Signal("found_by", "Agreement of the models", "found_by", "models", "Models that put the item on their list.", 1),
    Signal(
        "category", "Interest in this category", "category", "share", "Share of recent events in the item's category.", 1, "category",
        "taste", "category",
    ),
    Signal(
        "category_days", "Interest in this category", "category", "ago", "Days since the shopper's last event in the item's category.", 0,
        "category", "taste", "category",
    ),
    Signal(
        "category_visit", "Interest in this category", "category", "visit", "Share of the last visit in the item's category.", 0,
        "category", "taste", "category",
    ),
    Signal(
        "brand", "Interest in this brand", "brand", "share", "Share of recent events on the item's brand.", 1, "brand", "taste", "brand"
    ),
    Signal(
        "brand_days", "Interest in this brand", "brand", "ago", "Days since the shopper's last event on the item's brand.", 0, "brand",
        "taste", "brand",
    ),
    Signal(
        "price_gap", "Price against the usual", "price_gap", "times", "Distance from the shopper's usual price, either way.", -1, "price",
        "price", "log_price",
    ),
    Signal(
        "price_side", "Price against the usual", "price_gap", "dearer", "Price as a multiple of the shopper's usual price.", 0, "price",
        "price", "log_price",
    ),
    Signal(
        "price_level", "Price in its category", "price_level", "dearer_there", "Price as a multiple of its category's middle price.", 0, "",
        "price", "price_level",
    ),
    Signal(
        "reach", "Sold to many lately", "reach", "per_thousand", "Of 1,000 active shoppers, those who took it in the last 28 days.", 1,
        "", "demand", "reach",
    ),
    Signal(
        "reach_week", "Sold to many lately", "reach", "per_thousand_week", "Of 1,000 active shoppers, those who took it in 7 days.", 1,
        "", "demand", "reach_week",
    ),
    Signal(
        "trend", "Rising or falling", "trend", "growth", "Shoppers in the last 28 days against the 28 days before.", 0, "", "demand",
        "trend",
    ),
    Signal(
        "category_trend", "Rising category", "category_trend", "growth", "Shoppers of its category, 28 days against the 28 before.", 0, "",
        "demand", "category_trend",
    ),
    Signal(
        "conversion", "Viewers who buy", "conversion", "of_viewers",
        "Share of those who viewed the item who also bought it, drawn to the shop's mean where few viewed it.", 0, "",
        "demand", "conversion",
    ),
    Signal("age_days", "Time in the shop", "age_days", "days", "Days since the item was first taken.", 0, "", "freshness", "age_days"),
    Signal(
        "idle_days", "Time since last sold", "idle_days", "days", "Days since anybody took the item.", -1, "", "freshness", "idle_days"
    ),
    Signal(
        "words", "Words like the past items", "words", "alike", "Likeness of its title to the titles of recent events, 0 to 100%.", 1,
        "words", "text", "texts",
    ),
    Signal(
        "words_visit", "Words like the past items", "words", "alike_visit", "Likeness of its title to the titles of the last visit.", 1,
        "last_visit", "text", "texts",
    ),
    Signal(
        "companion", "Goes with the last visit", "companion", "as_often",
        "How many times as often as usual it is taken together with, or right after, the items of the last visit.", 1, "last_visit",
        "complements", "companions",
    ),
    Signal(
        "hour", "Fits the hour", "hour", "of_usual", "Share of its demand at this hour of the day against that of the shop.", 1, "", "time",
        "hours",
    ),
    Signal(
        "own_hours", "Fits the hour", "hour", "of_usual_own", "Demand of the item at the hours at which this shopper comes.", 1, "hours",
        "time", "hours",
    ),
    Signal(
        "weekday", "Fits the weekday", "weekday", "of_usual", "Share of its demand on this weekday against that of the shop.", 1, "",
        "time", "weekdays",
    ),
    Signal(
        "season", "Fits the season", "season", "of_usual", "Share of its demand in this month of the year against that of the shop.", 1, "",
        "time", "months",
    ),
    Signal("rating", "Rated well", "rating", "stars", "Mean rating so far, drawn to the shop's mean.", 1, "", "reviews", "rating"),
    Signal("raters", "Rated well", "rating", "ratings", "Ratings so far.", 0, "", "reviews", "raters"),
    Signal("away_days", "Time since last visit", "away_days", "days", "Days since the shopper's last event.", 0, "", "shopper"),
    Signal("history", "Length of the history", "history", "items", "Distinct items the shopper already has.", 0, "", "shopper"),
    Signal("pace", "Pace of the shopper", "pace", "items", "Distinct items the shopper took in the last 90 days.", 0, "", "shopper"),
)  # fmt: skip
NEEDS = {"category": "category", "brand": "brand", "price_gap": "log_price"}


def signals_of(generators: tuple[str, ...], facts: ItemFacts, lengths: dict[str, int] | None = None) -> tuple[Signal, ...]:
    """The columns of the ranker for these generators and this catalogue; what the data cannot tell is left out.

    Args:
        generators: names, in their order.
        facts: of the items.
        lengths: items each generator puts forward, where known.
    """
    found: list[Signal] = []
    for name in generators:
        title = MODEL_TITLES.get(name, name)
        found.append(
            Signal(f"{name}.score", title, name, "of_best", "Score of this model, as a share of its best score for this shopper.", 1, name)
        )
        place = Signal(f"{name}.rank", title, name, "rank", "Place in this model's own list.", -1, name)
        found.append(replace(place, length=(lengths or {}).get(name, 0)))
    return (*found, *(s for s in STATIC if facts.has(s.needs)))


def taste_weights(histories: Histories) -> np.ndarray:
    """float64 [E]: strength of each event by its behaviour, halved every 60 days before the question."""
    age_days = (histories.now_s[histories.row_of_event] - histories.times_s) / DAY_S
    return np.maximum(histories.weights, 0.0).astype(np.float64) * np.exp2(-np.maximum(age_days, 0.0) / TASTE_HALF_LIFE_DAYS)


WORDS = {
    "of_best": "{:.0%} of the best",
    "models": "{:.0f} of the models",
    "share": "{:.0%} of recent events",
    "visit": "{:.0%} of the last visit",
    "per_thousand": "{:.0f} of 1,000 shoppers",
    "per_thousand_week": "{:.0f} of 1,000 in a week",
    "of_viewers": "about {:.0%} of viewers",
    "alike": "{:.0%} alike",
    "alike_visit": "{:.0%} like the last visit",
    "stars": "about {:.1f} on average",
    "ratings": "{:,.0f} ratings",
    "days": "{:,.0f} days",
    "ago": "last {:,.0f} days ago",
    "items": "{:,.0f} items",
}
SMALL_SHARES = ("share", "visit", "of_viewers", "alike", "alike_visit")  # what would be said as 0% and is not
# Logarithms to base 2 that are said as a multiple
TIMES = {
    "times": "{:.1f} × from the usual",
    "dearer": "{:.1f} × the usual price",
    "dearer_there": "{:.1f} × its category's middle",
    "as_often": "{:.1f} × as often as usual",
    "of_usual": "{:.1f} × its usual share",
    "of_usual_own": "{:.1f} × its share at the shopper's hours",
}


def say(signal: Signal, value: float, n_candidates: int) -> str:
    """The value in words, "–" where it is unknown."""
    if np.isnan(value):
        return "–"
    if signal.format == "rank":
        n = signal.length or n_candidates
        return f"rank {value:.0f}" if value <= n else f"not in its first {n}"
    if signal.format == "growth":
        ratio = 2.0 ** min(value, 20.0)
        return f"{ratio:.1f} times its share" if ratio >= 2 else f"{ratio - 1:+.0%} of its share".replace("-", "−")
    if signal.format in SMALL_SHARES and 0.0 < value < 0.005:
        return WORDS[signal.format].format(0.01).replace("about ", "").replace("1%", "under 1%")
    if signal.format in TIMES:
        return TIMES[signal.format].format(2.0 ** float(np.clip(value, -20.0, 20.0)))
    return WORDS[signal.format].format(value)
