"""Who gets the places: shares of popular and rare items in all lists, and the mix of categories against what shoppers chose."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

BANDS = 10
SMOOTHING = 0.01  # share of the shopper's own mix that is mixed into the list's, so that a missing category costs much but not infinitely


def popularity_band(counts: np.ndarray, sellable: np.ndarray, bands: int = BANDS) -> np.ndarray:
    """int64 [n_items]: 0 = the most popular tenth of the sellable items, 9 = the least popular; -1 for items that are not sold.

    Args:
        counts: int [n_items], past events of each item; ties go to the lower code.
        sellable: bool [n_items].
    """
    order = np.lexsort((np.arange(len(counts)), -counts))
    order = order[sellable[order]]
    band = np.full(len(counts), -1, dtype=np.int64)
    band[order] = np.arange(len(order)) * bands // max(len(order), 1)
    return band


def band_shares(lists: np.ndarray, band: np.ndarray, bands: int = BANDS) -> np.ndarray:
    """float64 [bands]: share of all places that each band fills; NaN where nothing is listed. Lists are int [B, k], -1 = no item."""
    listed = lists[lists >= 0]
    filled = np.bincount(band[listed][band[listed] >= 0], minlength=bands).astype(np.float64)
    return filled / filled.sum() if filled.sum() else np.full(bands, np.nan)


def lorenz(lists: np.ndarray, sellable: np.ndarray, points: int = 51) -> np.ndarray:
    """float64 [points]: share of all places that go to the least shown 0 … 100 % of the sellable items; the diagonal is equality."""
    shown = np.sort(np.bincount(lists[lists >= 0], minlength=len(sellable))[sellable])
    if not shown.sum():
        return np.full(points, np.nan)
    sums = np.concatenate([[0.0], np.cumsum(shown)]) / shown.sum()
    return np.interp(np.linspace(0, len(shown), points), np.arange(len(shown) + 1), sums)


@dataclass(frozen=True, eq=False)
class CategoryMix:
    """Categories 0 … C - 1 in lists and in the shoppers' own past."""

    listed: np.ndarray  # float64 [C], mean over shoppers of each category's share of their list
    chosen: np.ndarray  # float64 [C], the same of their past
    miscalibration: np.ndarray  # float64 [B], 0 = the list has the shopper's own mix; NaN without a list or a past with categories


def category_mix(lists: np.ndarray, past_indptr: np.ndarray, past_items: np.ndarray, category: np.ndarray) -> CategoryMix:
    """How far each list is from the mix of categories that its shopper chose before.

    Args:
        lists: int [B, k], -1 = no item.
        past_indptr, past_items: int [B + 1], int [E], the shoppers' past events.
        category: int [n_items], -1 = none.

    Cost: B × C numbers. Source: Steck, Calibrated recommendations, RecSys 2018: KL(p || (1 - α) q + α p) with α = .01, in nats.
    """
    n_rows, n_categories = len(lists), int(category.max(initial=-1)) + 1
    row_of_place = np.repeat(np.arange(n_rows), lists.shape[1]).reshape(lists.shape)
    inside = lists >= 0
    listed = _shares(row_of_place[inside], category[lists[inside]], n_rows, n_categories)
    chosen = _shares(np.repeat(np.arange(n_rows), np.diff(past_indptr)), category[past_items], n_rows, n_categories)
    mixed = (1 - SMOOTHING) * listed + SMOOTHING * chosen
    ratio = np.divide(chosen, mixed, out=np.ones_like(chosen), where=(chosen > 0) & (mixed > 0))
    divergence = (chosen * np.log(ratio)).sum(axis=1)
    known = (listed.sum(axis=1) > 0) & (chosen.sum(axis=1) > 0)
    both = [side[known].mean(axis=0) if known.any() else np.full(n_categories, np.nan) for side in (listed, chosen)]
    return CategoryMix(both[0], both[1], np.where(known, divergence, np.nan))


def _shares(rows: np.ndarray, categories: np.ndarray, n_rows: int, n_categories: int) -> np.ndarray:
    """float64 [n_rows, n_categories]: rows sum to 1, or to 0 where nothing has a category."""
    known = categories >= 0
    flat = rows[known].astype(np.int64) * n_categories + categories[known]
    counts = np.bincount(flat, minlength=n_rows * n_categories).reshape(n_rows, n_categories).astype(np.float64)
    total = counts.sum(axis=1, keepdims=True)
    return np.divide(counts, total, out=np.zeros_like(counts), where=total > 0)
