"""Whether a loaded variant finds its lists exactly or with an index, as this installation is set."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from recengine.data.dataset import Dataset
    from recengine.models.base import Recommender
    from recengine.settings import Settings

MEASURED_ON = 400  # shoppers, half of them choose how much is read


def search_as_set(model: Recommender, dataset: Dataset, settings: Settings) -> None:
    """Give a model of vectors an index where that is asked for and the catalogue is large; any other model stays exact.

    Raises:
        BadInput: an approximate search is asked for, and faiss-cpu is not installed.
    """
    from recengine.models.parts.dot import DotProduct

    if settings.list_search == "exact" or model.n_items < settings.approximate_from or not isinstance(model, DotProduct):
        return
    active = np.flatnonzero(np.diff(dataset.log.indptr))
    some = np.random.default_rng(0).choice(active, min(len(active), MEASURED_ON), replace=False)
    model.search_approximately(dataset.histories(np.sort(some)))


def list_recall(model: Recommender) -> float:
    """Share of the exact lists that a model's lists hold, as measured when it was loaded; 1 = they are exact."""
    return float(getattr(model, "list_recall", 1.0))
