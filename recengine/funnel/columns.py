"""The table that the ranker reads: the value of every signal for pairs of history and item."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import scipy.sparse as sp

from recengine.data.histories import Histories
from recengine.funnel.facts import DAY_S, ItemFacts
from recengine.funnel.recall import Recalled
from recengine.funnel.rhythm import hour_of, month_of, weekday_of
from recengine.funnel.signals import Signal, taste_weights
from recengine.funnel.visits import last_visit

OF_THE_ITEM = ("reach", "reach_week", "trend", "category_trend", "price_level", "conversion", "age_days", "idle_days", "rating", "raters")
PAIRS = 65_536  # pairs whose hours are held at once


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
    out = np.empty((len(rows), len(signals)))
    if len(rows) == 0:
        return out
    known = (histories.item_codes >= 0) & (histories.item_codes < len(facts.sellable))
    past, weights = histories.keep_events(known), taste_weights(histories)[known]
    place = {s.key: i for i, s in enumerate(signals)}
    for key, values in _columns(set(place), recalled, facts, past, weights, rows, items):
        out[:, place[key]] = values
    return out


def _columns(
    wanted: set[str], recalled: Recalled, facts: ItemFacts, past: Histories, weights: np.ndarray, rows: np.ndarray, items: np.ndarray
) -> Iterator[tuple[str, np.ndarray]]:
    yield from _of_models(recalled, rows, items)
    yield from ((key, getattr(facts, key)[items]) for key in OF_THE_ITEM if key in wanted)
    n_items = len(facts.sellable)
    visit = last_visit(past, n_items, weights > 0) if wanted & {"category_visit", "words_visit", "companion"} else None
    for name, codes in (("category", facts.category), ("brand", facts.brand)):
        if codes is not None and name in wanted:
            yield name, _share_of_past(past, weights, codes, rows, items)
            yield f"{name}_days", _days_since(past, weights > 0, codes, rows, items)
            if visit is not None and name == "category":
                yield "category_visit", _share_of_visit(visit, codes, rows, items)
    if facts.log_price is not None and "price_gap" in wanted:
        side = facts.log_price[items] - _mean_of_past(past, weights, facts.log_price)[rows]
        yield "price_gap", np.abs(side)
        yield "price_side", side
    if facts.texts is not None and "words" in wanted and visit is not None:
        taste = past.to_csr(n_items, weights)
        yield "words", _likeness(facts.texts, taste, rows, items)
        yield "words_visit", _likeness(facts.texts, visit, rows, items)
    if facts.companions is not None and "companion" in wanted and visit is not None:
        lifted = (visit @ facts.companions).tocsr()
        value = np.log2(1.0 + _at(lifted, rows, items))
        yield "companion", np.where(np.diff(visit.indptr)[rows] > 0, value, np.nan)
    yield from _of_the_moment(wanted, facts, past, weights, rows, items)
    for key, values in _shopper_columns(past, n_items).items():
        if key in wanted:
            yield key, values[rows]


def _of_models(recalled: Recalled, rows: np.ndarray, items: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    found_by = np.zeros(len(rows))
    for g, name in enumerate(recalled.names):
        rank = recalled.ranks(g, rows, items)
        score, best = recalled.scores[g][rows, items].astype(np.float64), recalled.best[g][rows]
        share = np.divide(score, best, out=np.zeros(len(rows)), where=best > 0)
        yield f"{name}.score", np.where(np.isnan(score) | np.isnan(best), np.nan, np.clip(share, 0.0, 1.0))
        yield f"{name}.rank", np.where(np.isnan(score), np.nan, rank)
        found_by += rank <= recalled.top[g].shape[1]
    yield "found_by", found_by


def _at(matrix: sp.csr_matrix, rows: np.ndarray, items: np.ndarray) -> np.ndarray:
    """float64 [P]: entries of a sparse matrix."""
    return np.asarray(matrix[rows, items], dtype=np.float64).ravel()


def _share_of_past(past: Histories, weights: np.ndarray, codes: np.ndarray, rows: np.ndarray, items: np.ndarray) -> np.ndarray:
    """Weighted share of the past events whose code equals the item's; NaN for unknown codes and shoppers without a past."""
    named = codes[past.item_codes] >= 0
    width = int(codes.max()) + 1
    amount = sp.csr_matrix((weights[named], (past.row_of_event[named], codes[past.item_codes[named]])), shape=(len(past), width))
    total = np.bincount(past.row_of_event, weights, minlength=len(past))[rows]
    own = _at(amount, rows, np.maximum(codes[items], 0))
    share = np.divide(own, total, out=np.full(len(rows), np.nan), where=total > 0)
    return np.where(codes[items] >= 0, share, np.nan)


def _days_since(past: Histories, carries: np.ndarray, codes: np.ndarray, rows: np.ndarray, items: np.ndarray) -> np.ndarray:
    """Days from the newest past event with the item's code to the question; NaN where there is none."""
    named = carries & (codes[past.item_codes] >= 0)
    row, code = past.row_of_event[named].astype(np.int64), codes[past.item_codes[named]].astype(np.int64)
    width = np.int64(codes.max()) + 1
    keys, inverse = np.unique(row * width + code, return_inverse=True)
    newest = np.full(len(keys), np.iinfo(np.int64).min)
    np.maximum.at(newest, inverse, past.times_s[named])
    asked = rows * width + codes[items]
    at = np.minimum(np.searchsorted(keys, asked), max(len(keys) - 1, 0))
    found = (keys[at] == asked) & (codes[items] >= 0) if len(keys) else np.zeros(len(rows), dtype=bool)
    days = np.full(len(rows), np.nan)
    days[found] = np.maximum((past.now_s[rows[found]] - newest[at[found]]) / DAY_S, 0.0)
    return days


def _share_of_visit(visit: sp.csr_matrix, codes: np.ndarray, rows: np.ndarray, items: np.ndarray) -> np.ndarray:
    """Share of the newest visit's items with the item's code; NaN for unknown codes and shoppers without a past."""
    n_items, width = len(codes), int(codes.max()) + 1
    named = np.flatnonzero(codes >= 0)
    kinds = sp.csr_matrix((np.ones(len(named)), (named, codes[named])), shape=(n_items, width))
    share = _at((visit @ kinds).tocsr(), rows, np.maximum(codes[items], 0))
    return np.where((codes[items] >= 0) & (np.diff(visit.indptr)[rows] > 0), share, np.nan)


def _mean_of_past(past: Histories, weights: np.ndarray, values: np.ndarray) -> np.ndarray:
    """float64 [B]: weighted mean over the past events that have a value, NaN where none has."""
    value = values[past.item_codes]
    has = ~np.isnan(value) & (weights > 0)
    total = np.bincount(past.row_of_event[has], weights[has], minlength=len(past))
    added = np.bincount(past.row_of_event[has], (weights * value)[has], minlength=len(past))
    return np.divide(added, total, out=np.full(len(past), np.nan), where=total > 0)


def _likeness(texts: sp.csr_matrix, profile: sp.csr_matrix, rows: np.ndarray, items: np.ndarray) -> np.ndarray:
    """float64 [P]: cosine of an item's words and the summed words of a row's items; NaN where either has none."""
    words = (profile.astype(np.float64) @ texts.astype(np.float64)).tocsr()  # [B, V]
    length = np.sqrt(np.asarray(words.multiply(words).sum(axis=1)).ravel())  # [B]
    alike = (texts.astype(np.float64) @ words.toarray().T)[items, rows]
    described = np.diff(texts.indptr)[items] > 0
    told = described & (length[rows] > 0)
    return np.where(told, np.clip(alike / np.where(length > 0, length, 1.0)[rows], 0.0, 1.0), np.nan)


def _of_the_moment(
    wanted: set[str], facts: ItemFacts, past: Histories, weights: np.ndarray, rows: np.ndarray, items: np.ndarray
) -> Iterator[tuple[str, np.ndarray]]:
    """How the item's rhythm fits the moment of the question, and the hours at which the shopper comes."""
    parts: tuple[tuple[str, np.ndarray | None, Callable[[np.ndarray], np.ndarray]], ...]
    parts = (("hour", facts.hours, hour_of), ("weekday", facts.weekdays, weekday_of), ("season", facts.months, month_of))
    for key, fits, part_of in parts:
        if fits is not None and key in wanted:
            yield key, fits[items, part_of(past.now_s)[rows]].astype(np.float64)
    if facts.hours is not None and "own_hours" in wanted:
        hours = (
            np.bincount(past.row_of_event * 24 + hour_of(past.times_s), weights, minlength=24 * len(past))
            .reshape(-1, 24)
            .astype(np.float64)
        )
        total = hours.sum(axis=1, keepdims=True)
        share = np.divide(hours, total, out=np.full_like(hours, np.nan), where=total > 0)  # [B, 24]
        fit = np.empty(len(rows))
        for start in range(0, len(rows), PAIRS):
            part = slice(start, start + PAIRS)
            fit[part] = np.einsum("ph,ph->p", share[rows[part]], facts.hours[items[part]].astype(np.float64))
        yield "own_hours", fit


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
