"""Finds metrics by folder: every module of `recengine.evaluation.metrics` that defines a Metric with a key."""

from __future__ import annotations

from functools import lru_cache

from recengine.by_folder import one_of_each
from recengine.errors import NotFound
from recengine.evaluation.metrics.base import Metric

# Order of display: accuracy first, then what accuracy costs. A metric that is not named here comes last.
ACCURACY = ("ndcg", "recall", "hit_rate", "mrr", "map")
ORDER = (*ACCURACY, "coverage", "new_items", "tail_share", "gini", "novelty", "popularity_bias", "diversity")


@lru_cache(maxsize=1)
def metrics() -> dict[str, Metric]:
    """Key → metric, in the order of display."""
    return one_of_each("recengine.evaluation.metrics", Metric, "key", ORDER)


def metric_of(name: str) -> Metric:
    """The metric of "ndcg" or of "ndcg@10".

    Raises:
        NotFound: no metric has this key; the message lists those that exist.
    """
    key = name.split("@")[0]
    if key not in metrics():
        raise NotFound(f"There is no metric called {key}.", "", f"Choose one of: {', '.join(metrics())}.")
    return metrics()[key]
