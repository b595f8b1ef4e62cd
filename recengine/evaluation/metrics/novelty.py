"""Do lists show what shoppers would have found anyway?"""

from __future__ import annotations

import numpy as np

from recengine.evaluation.metrics.base import Judged, ShopperMetric, mean_of_listed


class Novelty(ShopperMetric):
    key = "novelty"
    title = "Novelty"
    help = "How unfamiliar the listed items are to the shop, in bits: each bit halves the share of shoppers who know them."
    formula = "mean over the list of −log2((shoppers of the item + 1) / (shoppers + 1))"
    higher_is_better = True

    def values(self, judged: Judged, k: int) -> np.ndarray:
        return mean_of_listed(judged.shop.information, judged.lists[:, :k])


class PopularityBias(ShopperMetric):
    key = "popularity_bias"
    title = "Popularity bias"
    help = "How much more mainstream the list is than the shopper: 0 = just like their own history, above 0 = more popular."
    formula = "mean popularity percentile of the list − mean popularity percentile of the shopper's own events"
    higher_is_better = False

    def values(self, judged: Judged, k: int) -> np.ndarray:
        percentile = judged.shop.percentile
        own = judged.targets.histories
        known = (own.item_codes >= 0) & own.signs
        rows = own.row_of_event[known]
        count = np.bincount(rows, minlength=len(own))
        total = np.bincount(rows, percentile[own.item_codes[known]], minlength=len(own))
        mean = np.divide(total, count, out=np.full(len(own), np.nan), where=count > 0)
        return mean_of_listed(percentile, judged.lists[:, :k]) - mean
