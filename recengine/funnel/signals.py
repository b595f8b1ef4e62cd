"""The readable signals that the ranker weighs: what each means, how it is computed, how its value is said."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from recengine.data.histories import Histories
from recengine.funnel.facts import DAY_S, ItemFacts
from recengine.funnel.recall import Recalled

TASTE_HALF_LIFE_DAYS = 60.0
MODEL_TITLES = {
    "transitions": "Often taken next",
    "item-knn": "Taken by similar shoppers",
    "ease": "Goes with past items",
    "als": "Fits the shopper's taste",
    "popularity": "Popular now",
    "content": "Similar description",
}


@dataclass(frozen=True)
class Signal:
    """One column of the ranker. `direction`: 1 = more can only help, -1 = more can only hurt, 0 = learned."""

    key: str  # "ease.score", "category"
    title: str
    group: str  # what is shown as one term: the generator's name, or the key itself
    format: str  # how `say` writes a value
    help: str
    direction: int = 0
    source: str = ""  # events, category, brand, price or a generator's name: what ties the signal to past events; "" = nothing


STATIC = (
    Signal("found_by", "Agreement of the models", "found_by", "models", "Models that put the item on their list.", 1),
    Signal("category", "Interest in this category", "category", "share", "Share of recent events in the item's category.", 1, "category"),
    Signal("brand", "Interest in this brand", "brand", "share", "Share of recent events on the item's brand.", 1, "brand"),
    Signal(
        "price_gap", "Price against the usual", "price_gap", "times", "Distance from the shopper's usual price, either way.", -1, "price"
    ),
    Signal("reach", "Sold to many lately", "reach", "per_thousand", "Of 1,000 active shoppers, those who took it in the last 28 days.", 1),
    Signal("trend", "Rising or falling", "trend", "growth", "Shoppers in the last 28 days against the 28 days before.", 0),
    Signal("age_days", "Time in the shop", "age_days", "days", "Days since the item was first taken."),
    Signal("idle_days", "Time since last sold", "idle_days", "days", "Days since anybody took the item.", -1),
    Signal("away_days", "Time since last visit", "away_days", "days", "Days since the shopper's last event."),
    Signal("history", "Length of the history", "history", "items", "Distinct items the shopper already has."),
    Signal("pace", "Pace of the shopper", "pace", "items", "Distinct items the shopper took in the last 90 days."),
)
NEEDS = {"category": "category", "brand": "brand", "price_gap": "log_price"}


def signals_of(generators: tuple[str, ...], facts: ItemFacts) -> tuple[Signal, ...]:
    """The columns of the ranker for these generators and this catalogue; what the data cannot tell is left out."""
    found: list[Signal] = []
    for name in generators:
        title = MODEL_TITLES.get(name, name)
        found.append(
            Signal(f"{name}.score", title, name, "of_best", "Score of this model, as a share of its best score for this shopper.", 1, name)
        )
        found.append(Signal(f"{name}.rank", title, name, "rank", "Place in this model's own list.", -1, name))
    have = facts.arrays()
    return (*found, *(s for s in STATIC if NEEDS.get(s.key, "reach") in have))


def taste_weights(histories: Histories) -> np.ndarray:
    """float64 [E]: strength of each event by its behaviour, halved every 60 days before the question."""
    age_days = (histories.now_s[histories.row_of_event] - histories.times_s) / DAY_S
    return np.maximum(histories.weights, 0.0).astype(np.float64) * np.exp2(-np.maximum(age_days, 0.0) / TASTE_HALF_LIFE_DAYS)


def table(
    signals: tuple[Signal, ...], recalled: Recalled, facts: ItemFacts, histories: Histories, rows: np.ndarray, items: np.ndarray
) -> np.ndarray:
    """The value of every signal for every pair.

    Args:
        signals: the columns.
        recalled: the generators' answers to these histories.
        facts: of the items.
        histories: B rows.
        rows: int64 [P], row of each pair.
        items: int64 [P], item code of each pair, 0 … n_items - 1.

    Returns:
        float64 [P, n_signals], NaN = unknown. A pair's values do not depend on the other pairs or rows.
    """
    if len(rows) == 0:
        return np.zeros((0, len(signals)))
    known = (histories.item_codes >= 0) & (histories.item_codes < len(facts.sellable))
    past, weights = histories.keep_events(known), taste_weights(histories)[known]
    columns: dict[str, np.ndarray] = {}
    wanted = {s.key for s in signals}
    found_by = np.zeros(len(rows))
    for g, name in enumerate(recalled.names):
        rank = recalled.ranks(g, rows, items)
        score, best = recalled.scores[g][rows, items].astype(np.float64), recalled.best[g][rows]
        share = np.divide(score, best, out=np.zeros(len(rows)), where=best > 0)
        columns[f"{name}.score"] = np.where(np.isnan(score) | np.isnan(best), np.nan, np.clip(share, 0.0, 1.0))
        columns[f"{name}.rank"] = np.where(np.isnan(score), np.nan, rank)
        found_by += rank <= recalled.top[g].shape[1]
    columns["found_by"] = found_by
    for key, codes in (("category", facts.category), ("brand", facts.brand)):
        if codes is not None:
            columns[key] = _share_of_past(past, weights, codes, rows, items)
    if facts.log_price is not None:
        usual = _mean_of_past(past, weights, facts.log_price)
        columns["price_gap"] = np.abs(facts.log_price[items] - usual[rows])
    for key in ("reach", "trend", "age_days", "idle_days"):
        columns[key] = getattr(facts, key)[items]
    columns |= {key: values[rows] for key, values in _shopper_columns(past, len(facts.sellable)).items() if key in wanted}
    return np.column_stack([columns[s.key] for s in signals])


def _share_of_past(past: Histories, weights: np.ndarray, codes: np.ndarray, rows: np.ndarray, items: np.ndarray) -> np.ndarray:
    """Weighted share of the past events whose code equals the item's; NaN for unknown codes and shoppers without a past."""
    named = codes[past.item_codes] >= 0
    width = int(codes.max()) + 1
    amount = sp.csr_matrix((weights[named], (past.row_of_event[named], codes[past.item_codes[named]])), shape=(len(past), width))
    total = np.bincount(past.row_of_event, weights, minlength=len(past))[rows]
    own = np.asarray(amount[rows, np.maximum(codes[items], 0)], dtype=np.float64).ravel()
    share = np.divide(own, total, out=np.full(len(rows), np.nan), where=total > 0)
    return np.where(codes[items] >= 0, share, np.nan)


def _mean_of_past(past: Histories, weights: np.ndarray, values: np.ndarray) -> np.ndarray:
    """float64 [B]: weighted mean over the past events that have a value, NaN where none has."""
    value = values[past.item_codes]
    has = ~np.isnan(value) & (weights > 0)
    total = np.bincount(past.row_of_event[has], weights[has], minlength=len(past))
    added = np.bincount(past.row_of_event[has], (weights * value)[has], minlength=len(past))
    return np.divide(added, total, out=np.full(len(past), np.nan), where=total > 0)


def _shopper_columns(past: Histories, n_items: int) -> dict[str, np.ndarray]:
    last = np.full(len(past), np.iinfo(np.int64).min)
    np.maximum.at(last, past.row_of_event, past.times_s)
    away = np.full(len(past), np.nan)
    been = past.lengths > 0
    away[been] = (past.now_s[been] - last[been]) / DAY_S
    pace = past.keep_events(past.times_s >= (past.now_s - 90 * DAY_S)[past.row_of_event])
    return {
        "away_days": np.where(np.isnan(away), np.nan, np.maximum(away, 0.0)),
        "history": np.diff(past.to_csr(n_items).indptr).astype(np.float64),
        "pace": np.diff(pace.to_csr(n_items).indptr).astype(np.float64),
    }


def say(signal: Signal, value: float, n_candidates: int) -> str:
    """The value in words, "–" where it is unknown."""
    if np.isnan(value):
        return "–"
    if signal.format == "rank":
        return f"rank {value:.0f}" if value <= n_candidates else f"not in its first {n_candidates}"
    if signal.format == "growth":
        ratio = 2.0 ** min(value, 20.0)
        return f"{ratio:.1f} times its share" if ratio >= 2 else f"{ratio - 1:+.0%} of its share".replace("-", "−")
    if signal.format == "times":
        return f"{2.0 ** min(value, 20.0):.1f} × from the usual"
    words = {"of_best": "{:.0%} of the best", "models": "{:.0f} of the models", "share": "{:.0%} of recent events"}
    words |= {"per_thousand": "{:.0f} of 1,000 shoppers", "days": "{:,.0f} days", "items": "{:,.0f} items"}
    return words[signal.format].format(value)
