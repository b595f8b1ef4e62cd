"""Popularity: what shoppers took lately, the same list for everybody."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from pydantic import Field
from torch import Tensor

from recengine.data.events import EventLog
from recengine.data.histories import Histories
from recengine.models.base import (
    Capabilities,
    Contributions,
    EpochReport,
    FitContext,
    ModelConfig,
    Recommender,
    check_trainable,
    gather_candidates,
)

DAY_S = 86_400


class PopularityConfig(ModelConfig):
    """How fast the past is forgotten."""

    half_life_days: float = Field(default=14.0, ge=0.0, le=3650.0)
    """Days after which an event counts half. 0 counts all events alike."""


class Popularity(Recommender):
    """Share of the recent events, weighted by behaviour. The age of an event is taken at the end of training."""

    name = "popularity"
    title = "Popularity"
    summary = "What shoppers chose most lately, the same list for everybody."
    source = "score(j) = Σ weight × 2^(-age / half-life) over the events on j, divided by the sum over all items"
    Config = PopularityConfig
    can = Capabilities(cold_users=True, linear=True, dislikes=False)
    config: PopularityConfig

    _share: Tensor  # float64 [n_items], NaN for items without an event

    def fit(self, train: EventLog, ctx: FitContext) -> Iterator[EpochReport]:
        ctx.stop_if_asked()
        check_trainable(train)
        weights = train.weights.astype(np.float64)
        if self.config.half_life_days > 0:
            age_days = (train.times_s.max() - train.times_s) / DAY_S
            weights *= np.exp2(-age_days / self.config.half_life_days)
        total = np.bincount(train.item_codes, weights, minlength=train.n_items)
        seen = np.bincount(train.item_codes, train.weights > 0, minlength=train.n_items) > 0
        self._share = torch.from_numpy(np.where(seen, total / total.sum(), np.nan))
        self.n_items = train.n_items
        yield EpochReport(1, 1)

    def score(self, histories: Histories, candidates: np.ndarray | None = None) -> Tensor:
        return gather_candidates(self._share.float().repeat(len(histories), 1), candidates)

    def contributions(self, histories: Histories, item_codes: np.ndarray) -> Contributions:
        codes = np.asarray(item_codes, dtype=np.int64)[:, None]
        base = gather_candidates(self._share.expand(len(histories), -1), codes)[:, 0]
        return Contributions(base.numpy(), np.zeros(len(histories.item_codes)))

    def exact_scores(self, histories: Histories, item_codes: np.ndarray) -> np.ndarray:
        return gather_candidates(self._share.expand(len(histories), -1), item_codes).numpy()

    def state(self) -> dict[str, Tensor]:
        return {"share": self._share}

    def load_state(self, state: dict[str, Tensor]) -> None:
        self._share = state["share"]
        self.n_items = len(self._share)
