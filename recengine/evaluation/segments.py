"""Hot, warm and cold: a model is judged apart on shoppers and items that the shop knows well and hardly at all."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from recengine.evaluation.metrics.base import Judged, Shop

SEGMENTS = ("cold", "warm", "hot")
COLD_SHOPPER, HOT_SHOPPER = 2, 20
COLD_ITEM = 4
SHOPPER_RULES = ("at most 2 earlier events", "3 to 19 earlier events", "20 or more earlier events")
ITEM_RULES = (
    "at most 4 past events",
    "5 or more past events, no best seller",
    "best sellers: the fewest items with 80 % of past events",
)


def shopper_segment(history_lengths: np.ndarray) -> np.ndarray:
    """int8 [B], index into SEGMENTS, by events before the question (int [B])."""
    return ((history_lengths > COLD_SHOPPER).astype(np.int8) + (history_lengths >= HOT_SHOPPER)).astype(np.int8)


def item_segment(shop: Shop) -> np.ndarray:
    """int8 [n_items], index into SEGMENTS, by events in training; a best seller is hot however small the shop."""
    return np.where(shop.head, 2, np.where(shop.counts > COLD_ITEM, 1, 0)).astype(np.int8)


def recall_by_item_segment(judged: Judged, ks: Sequence[int]) -> list[np.ndarray]:
    """For each segment and each k, float64 [B]: share of the shopper's answers in it that the list held, NaN without any."""
    of_item = item_segment(judged.shop)
    rows = np.repeat(np.arange(len(judged.lists)), judged.truth_counts)
    columns = []
    for segment in range(len(SEGMENTS)):
        answers = np.bincount(rows[of_item[judged.targets.truth_items] == segment], minlength=len(judged.lists))
        hits = judged.hits & (of_item[judged.lists] == segment)
        columns += [np.divide(hits[:, :k].sum(axis=1), answers, out=np.full(len(answers), np.nan), where=answers > 0) for k in ks]
    return columns
