"""What becomes of items that nobody has taken yet."""

from __future__ import annotations

import numpy as np

from recengine.evaluation.metrics.base import Judged, ShopMetric


class NewItems(ShopMetric):
    key = "new_items"
    title = "New items shown"
    help = "Share of the sellable items without an event before the cut that appear in at least one list."
    formula = "|new items in any list| / |new items|, new = sellable and without a training event"
    higher_is_better = True

    def applies(self, judged: Judged) -> bool:
        return bool(_new(judged).any())

    def values(self, judged: Judged, k: int, weights: np.ndarray) -> np.ndarray:
        new, lists = _new(judged), judged.lists[:, :k]
        rows, places = np.nonzero((lists >= 0) & new[lists])
        items = lists[rows, places]
        counted = np.asarray(weights, dtype=np.float64) > 0  # [R, B]
        shown = np.array([len(np.unique(items[of_row])) for of_row in counted[:, rows]], dtype=np.float64)
        return shown / max(int(new.sum()), 1)


def _new(judged: Judged) -> np.ndarray:
    """bool [n_items]."""
    return (judged.shop.counts == 0) & judged.shop.sellable
