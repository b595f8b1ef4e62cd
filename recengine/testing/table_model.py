"""A model that is any function of the set of items in a history: what explanations are tested on."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch import Tensor

from recengine.data.events import EventLog
from recengine.data.histories import Histories
from recengine.models.base import Capabilities, EpochReport, FitContext, ModelConfig, Recommender


class TableModel(Recommender):
    """worth(item, items of the history) is the score. Nothing is learned."""

    name, title, summary, source = "table", "Table", "A function of the items in the history.", "none"
    Config = ModelConfig
    can = Capabilities(cold_users=True)

    def __init__(self, worth: Callable[[int, frozenset[int]], float], n_items: int = 40) -> None:
        super().__init__()
        self.worth, self.n_items = worth, n_items

    def fit(self, train: EventLog, ctx: FitContext) -> Iterator[EpochReport]:
        del train, ctx
        yield EpochReport(1, 1)

    def score(self, histories: Histories, candidates: np.ndarray | None = None) -> Tensor:
        wanted = np.tile(np.arange(self.n_items), (len(histories), 1)) if candidates is None else candidates
        found = np.full(wanted.shape, np.nan)
        for row, items in enumerate(wanted):
            there = frozenset(histories.item_codes[histories.indptr[row] : histories.indptr[row + 1]].tolist())
            found[row] = [self.worth(int(item), there) for item in items]
        return torch.from_numpy(found)

    def state(self) -> dict[str, Tensor]:
        return {}

    def load_state(self, state: dict[str, Tensor]) -> None:
        del state
