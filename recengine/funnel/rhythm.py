"""When an item is taken: hours, weekdays and months against those of the whole shop."""

from __future__ import annotations

import numpy as np

DAY_S = 86_400
DOUBT = 20.0  # events of the whole shop added to each item, so that few sales make no rhythm
FEWEST_PARTS = 2  # hours or weekdays that must hold events, else the column says nothing
SEASON_DAYS = 400  # a season is known once it came round


def hour_of(times_s: np.ndarray) -> np.ndarray:
    """int64: hour of the day, UTC."""
    return np.asarray(times_s, dtype=np.int64) % DAY_S // 3600


def weekday_of(times_s: np.ndarray) -> np.ndarray:
    """int64: 0 = Monday."""
    return (np.asarray(times_s, dtype=np.int64) // DAY_S + 3) % 7


def month_of(times_s: np.ndarray) -> np.ndarray:
    """int64: 0 = January, UTC."""
    return np.asarray(times_s, dtype=np.int64).astype("datetime64[s]").astype("datetime64[M]").astype(np.int64) % 12


def rhythm(items: np.ndarray, part: np.ndarray, n_items: int, n_parts: int) -> np.ndarray | None:
    """How much more often than other items each is taken in each part of the day, week or year.

    Args:
        items: int [n], item of each event.
        part: int [n], 0 … n_parts - 1.
        n_items: of the catalogue.
        n_parts: 24, 7 or 12.

    Returns:
        float32 [n_items, n_parts]: log2 of the item's share of its events in the part, with 20 events of the whole shop added,
        against the shop's share; 0 in parts without any event. None where the events fill fewer than two parts.
    """
    shop = np.bincount(part, minlength=n_parts).astype(np.float64)
    if (shop > 0.01 * max(shop.sum(), 1)).sum() < FEWEST_PARTS:
        return None
    share = shop / shop.sum()
    counts = np.bincount(items.astype(np.int64) * n_parts + part, minlength=n_items * n_parts).reshape(n_items, n_parts)
    own = (counts + DOUBT * share) / (counts.sum(axis=1, keepdims=True) + DOUBT)
    return np.log2(np.divide(own, share, out=np.ones_like(own), where=share > 0)).astype(np.float32)
