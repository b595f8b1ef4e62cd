"""The validation figure that tuning and sweeps choose by; the test part of a split is never looked at here."""

from __future__ import annotations

import numpy as np

from recengine.data.split import Targets
from recengine.evaluation.metrics.accuracy import Ndcg
from recengine.evaluation.metrics.base import Judged, Shop
from recengine.models.base import Recommender

VALIDATION_SHOPPERS = 1_000  # enough for a curve; the reported figures use every test shopper


def sample_of(targets: Targets, n: int, seed: int) -> Targets:
    """At most n rows of the targets, drawn at random and kept in their order."""
    if len(targets) <= n:
        return targets
    rows = np.sort(np.random.default_rng(seed).choice(len(targets), n, replace=False))
    counts = np.diff(targets.truth_indptr)[rows]
    truth = np.concatenate([targets.truth(int(row)) for row in rows])
    return Targets(targets.histories.rows(rows), np.concatenate([[0], np.cumsum(counts)]).astype(np.int64), truth)


def validation_ndcg(model: Recommender, targets: Targets, shop: Shop) -> float:
    """Mean NDCG@10 of new items over the targets."""
    seen = targets.histories.had(len(shop.sellable))
    lists = model.recommend(targets.histories, 10, exclude=seen, allow=shop.sellable).item_codes
    return float(np.nanmean(Ndcg().values(Judged(lists, targets, shop), 10)))
