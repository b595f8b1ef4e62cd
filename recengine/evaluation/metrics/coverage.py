"""How the shop's attention is spread over the catalogue."""

from __future__ import annotations

import numpy as np

from recengine.evaluation.metrics.base import Judged, ShopMetric, ShopperMetric, mean_of_listed


class CatalogueCoverage(ShopMetric):
    key = "coverage"
    title = "Catalogue coverage"
    help = "Share of the sellable items that appear in at least one list."
    formula = "|sellable items in any list| / |sellable items|"
    higher_is_better = True

    def values(self, judged: Judged, k: int, weights: np.ndarray) -> np.ndarray:
        return (exposures(judged, k, weights) > 0).sum(axis=1) / max(int(judged.shop.sellable.sum()), 1)


class Gini(ShopMetric):
    key = "gini"
    title = "Gini index"
    help = "How unequally places in lists are shared among sellable items: 0 = all alike, near 1 = a few items take all."
    formula = "Σ (2 r − n − 1) x_r / (n Σ x), x = times each of n sellable items is shown, ascending rank r"
    higher_is_better = False

    def values(self, judged: Judged, k: int, weights: np.ndarray) -> np.ndarray:
        shown = np.sort(exposures(judged, k, weights), axis=1)  # [R, m], the items never shown come first and add nothing
        n = int(judged.shop.sellable.sum())
        rank = np.arange(n - shown.shape[1] + 1, n + 1)
        total = shown.sum(axis=1)
        return np.divide(shown @ (2 * rank - n - 1), n * total, out=np.full(len(shown), np.nan), where=total > 0)


class TailShare(ShopperMetric):
    key = "tail_share"
    title = "Tail share"
    help = "Share of each list that lies outside the best sellers (the fewest items that make 80 % of past events)."
    formula = "|list ∩ tail| / |list|, tail = items outside the smallest set with 80 % of the training events"
    higher_is_better = True

    def values(self, judged: Judged, k: int) -> np.ndarray:
        return mean_of_listed((~judged.shop.head).astype(np.float64), judged.lists[:, :k])


def exposures(judged: Judged, k: int, weights: np.ndarray) -> np.ndarray:
    """float64 [R, m]: times each sellable item that is shown at all is shown, when shopper b counts weights[r, b] times."""
    return judged.exposures(k, weights)
