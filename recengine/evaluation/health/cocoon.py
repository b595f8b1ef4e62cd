"""Whether lists are narrower than the shoppers themselves."""

from __future__ import annotations

import numpy as np

from recengine.evaluation.health.base import Check, Examined, Instance, Measured, percent, share_of_shoppers, worst_rows

FEWEST = 4  # past items that make a taste


class Cocoon(Check):
    """How much more often two items of a list are of one category than two items of the shopper's own past."""

    key, title = "cocoon", "Cocoon"
    question = "Do lists lock shoppers into one corner of the shop?"
    meaning = "Chance that two items of the list are of one category, minus the same chance in the shopper's own past."
    unit = "points"
    amber, red = 0.15, 0.35
    reason = "Zero is as wide as the shopper. Beyond 15 points a list of ten loses about one of four categories, beyond 35 half of them."

    def obstacle(self, examined: Examined) -> str:
        """Needs categories."""
        return "" if (examined.category >= 0).any() else "The items have no categories."

    def measure(self, examined: Examined) -> Measured:
        """The chances are free of sample size, so that ten places compare with a hundred past items."""
        histories = examined.targets.histories
        rows = np.repeat(np.arange(len(examined.lists)), (examined.lists >= 0).sum(axis=1))
        listed = same_category(rows, examined.category[examined.lists[examined.lists >= 0]], len(examined.lists))
        known = histories.item_codes >= 0
        pairs = np.unique(histories.row_of_event[known] * np.int64(examined.n_items) + histories.item_codes[known])
        own = same_category(pairs // examined.n_items, examined.category[pairs % examined.n_items], len(histories), FEWEST)
        extra = listed - own
        instances = []
        for row in worst_rows(extra):
            said = f"Two items of the list: {percent(float(listed[row]))} of one category; of the own past: {percent(float(own[row]))}."
            instances.append(Instance(int(row), int(examined.lists[row, 0]), -1, said))
        both = np.isfinite(extra)
        detail = f"Lists {percent(float(listed[both].mean()))}, own past {percent(float(own[both].mean()))}." if both.any() else ""
        return Measured(share_of_shoppers(extra, examined.seed), detail, tuple(instances))


def same_category(rows: np.ndarray, category: np.ndarray, n_rows: int, fewest: int = 2) -> np.ndarray:
    """float64 [n_rows]: chance that two different entries of a row are of one category; NaN below `fewest` entries with a category.

    Sum over categories of m (m - 1) / (n (n - 1)): the unbiased form of Simpson's index (Nature, 1949).
    """
    known = category >= 0
    rows, category = rows[known].astype(np.int64), category[known]
    n = np.bincount(rows, minlength=n_rows)
    width = np.int64(category.max(initial=0) + 1)
    keys, m = np.unique(rows * width + category, return_counts=True)
    pairs = np.bincount(keys // width, m * (m - 1.0), minlength=n_rows)
    return np.divide(pairs, n * (n - 1.0), out=np.full(n_rows, np.nan), where=n >= max(fewest, 2))
