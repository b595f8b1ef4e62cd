"""Accuracy at k with binary relevance: does the list hold what the shopper chose afterwards?

T = the shopper's answers, h_i = 1 where place i holds one of them. A shopper without answers is NaN: there is nothing to judge.
Lists shorter than k simply have no hits after their end. Definitions are those of ranx and trec_eval.
"""

from __future__ import annotations

import numpy as np

from recengine.evaluation.metrics.base import Judged, ShopperMetric


class Recall(ShopperMetric):
    key = "recall"
    title = "Recall"
    help = "Share of what shoppers went on to choose that the list already held."
    formula = "|list ∩ T| / |T|"
    higher_is_better = True

    def values(self, judged: Judged, k: int) -> np.ndarray:
        return _per_answer(judged.hits[:, :k].sum(axis=1), judged.truth_counts)


class HitRate(ShopperMetric):
    key = "hit_rate"
    title = "Hit rate"
    help = "Share of shoppers whose list held at least one item they went on to choose."
    formula = "1 if |list ∩ T| ≥ 1 else 0"
    higher_is_better = True

    def values(self, judged: Judged, k: int) -> np.ndarray:
        return np.where(judged.truth_counts > 0, judged.hits[:, :k].any(axis=1), np.nan)


class Ndcg(ShopperMetric):
    key = "ndcg"
    title = "NDCG"
    help = "Like recall, but a hit at the top of the list counts more than one further down."
    formula = "Σ h_i / log2(i + 1) ÷ Σ_{i ≤ min(|T|, k)} 1 / log2(i + 1)"
    higher_is_better = True

    def values(self, judged: Judged, k: int) -> np.ndarray:
        gain = _discounts(judged.hits[:, :k].shape[1])
        ideal = np.cumsum(_discounts(k))
        best = ideal[np.clip(np.minimum(judged.truth_counts, k) - 1, 0, None)]
        return np.where(judged.truth_counts > 0, judged.hits[:, :k] @ gain / best, np.nan)


class Mrr(ShopperMetric):
    key = "mrr"
    title = "MRR"
    help = "How near the top the first good item stands: 1 for the first place, ½ for the second."
    formula = "1 / place of the first hit, 0 without a hit"
    higher_is_better = True

    def values(self, judged: Judged, k: int) -> np.ndarray:
        hits = judged.hits[:, :k]
        first = 1.0 / (hits.argmax(axis=1) + 1) if hits.shape[1] else np.zeros(len(hits))
        return np.where(judged.truth_counts > 0, np.where(hits.any(axis=1), first, 0.0), np.nan)


class AveragePrecision(ShopperMetric):
    key = "map"
    title = "MAP"
    help = "Precision at each hit, averaged over everything the shopper went on to choose."
    formula = "Σ h_i · (hits up to i) / i ÷ |T|"
    higher_is_better = True

    def values(self, judged: Judged, k: int) -> np.ndarray:
        hits = judged.hits[:, :k]
        precision = np.cumsum(hits, axis=1) / np.arange(1, hits.shape[1] + 1)  # [B, k]
        return _per_answer((precision * hits).sum(axis=1), judged.truth_counts)


def _discounts(k: int) -> np.ndarray:
    return 1.0 / np.log2(np.arange(2, k + 2))


def _per_answer(total: np.ndarray, answers: np.ndarray) -> np.ndarray:
    return np.divide(total, answers, out=np.full(len(answers), np.nan), where=answers > 0)
