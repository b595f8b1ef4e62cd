"""Attention pooling: for every item in question, each past event counts by how much it tells of that item."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import torch
from pydantic import Field
from torch import Tensor, nn

from recengine.data.events import EventLog
from recengine.data.histories import Histories
from recengine.models.base import Capabilities, FitContext, gather_candidates
from recengine.models.parts.demand import log_shares
from recengine.models.parts.dislikes import lowered
from recengine.models.parts.network import Lesson, NetworkConfig, NetworkModel
from recengine.neural.sampling import Draw, NegativeSampler
from recengine.neural.target_attention import Looks, TargetAttention, looks_of, training_views

VALUES_AT_ONCE = 1 << 25  # when scoring: 128 MB of float32


class AttentionConfig(NetworkConfig):
    """How much of a history is read, and how finely its events are told apart."""

    epochs: int = Field(default=12, ge=1, le=1000)
    """Passes over the events; tuning keeps the number that ranks best."""
    patience: int = Field(default=3, ge=1, le=100)
    """Epochs without a better validation ranking before tuning stops."""
    batch_size: int = Field(default=32, ge=1, le=65_536)
    """Histories learned at once."""
    learning_rate: float = Field(default=1.5e-3, gt=0.0, le=1.0)
    """Size of a step. Too large and the loss explodes, too small and nothing is learned."""
    weight_decay: float = Field(default=1.0, ge=0.0, le=1.0)
    """Pulls all parameters towards zero, by this share of a step. More for little data."""
    averaged_epochs: float = Field(default=1.0, ge=0.0, le=100.0)
    """Use the mean of the network over about so many last epochs, which is steadier than its last step. 0 takes the last step."""
    half_life_days: float = Field(default=60.0, ge=0.0, le=3650.0)
    """Days after which a choice counts half as an example. 0 counts all alike."""
    trend_days: float = Field(default=14.0, ge=0.0, le=3650.0)
    """Half-life of what counts as wanted now; scores follow it. 0 keeps to what was learned."""
    factors: int = Field(default=32, ge=2, le=1024)
    """Numbers that describe what an event tells of an item. More tell more apart, and need more events and time."""
    attention_factors: int = Field(default=16, ge=1, le=256)
    """Numbers that decide how much an event counts for an item."""
    max_length: int = Field(default=100, ge=1, le=1000)
    """Newest events of a shopper that are read."""
    smoothing: float = Field(default=0.5, ge=0.0, le=1.0)
    """1 shares one whole of attention among all events; below 1, long histories may say more in total."""
    same_moment: bool = True
    """Learn from what was taken at the same moment too, such as one order, and not only from what came before."""
    negatives: int = Field(default=128, ge=1, le=20_000)
    """Items drawn for each batch, that everything taken is told apart from."""
    dropout: float = Field(default=0.2, ge=0.0, le=0.9)
    """Share of past events left out at random while learning. More for little data."""


class Attention(NetworkModel):
    """Target attention that factorises, so that a whole catalogue is scored by two matrix products.

    weight(e, j) = strength(e) × exp(key(e) · query(j) + recency(e) + behaviour(e)); score(j) = (Σ weight × value(e) · item(j) + what no
    history says) / (1 + Σ weight)^smoothing + offset(j). Distances between event and item are products too, up to a term of each
    alone, so products are enough. Scoring: about 1,000 shoppers × 4,000 items in a second.
    """

    name = "attention"
    title = "Attention pooling"
    summary = "Weighs each past event by how much it tells of the item in question, and shows the weights."
    source = "Zhou et al., Deep Interest Network, KDD 2018; He et al., NAIS, TKDE 2018 (smoothed softmax), with products in place of an MLP"
    Config = AttentionConfig
    can = Capabilities(cold_users=True, order=True, time=True, epochs=True, attention=True)
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "quick": {"factors": 16, "max_length": 50, "negatives": 64, "epochs": 4, "patience": 2},
        "balanced": {"epochs": 6},
        "thorough": {"factors": 64, "max_length": 200, "negatives": 512, "epochs": 40, "patience": 6},
    }
    config: AttentionConfig
    _network: TargetAttention

    def build(self, n_items: int) -> TargetAttention:
        config = self.config
        return TargetAttention(n_items, config.factors, config.attention_factors, config.smoothing)

    def lesson(self, network: nn.Module, train: EventLog, ctx: FitContext) -> Lesson:
        assert isinstance(network, TargetAttention)
        config, device = self.config, torch.device(ctx.device)
        views = training_views(train, config.max_length, config.same_moment, config.half_life_days)
        recent = training_views(train, config.max_length, config.same_moment, config.trend_days) if config.trend_days else views
        network.offsets.begin(*(log_shares(v.item_codes, v.targets, train.n_items) for v in (views, recent)))
        sampler = NegativeSampler(np.bincount(views.item_codes, minlength=train.n_items), Draw.UNIFORM)

        def loss(batch: Tensor, draw: torch.Generator) -> tuple[Tensor, int]:
            return network.loss(views.padded(batch.numpy()), sampler.draw((config.negatives,), draw), config.dropout, draw, device)

        return Lesson(len(views), loss)

    def score(self, histories: Histories, candidates: np.ndarray | None = None) -> Tensor:
        """See the base: every item, a block of past items at a time."""
        looks, network, n = self._looks(histories), self._network, self.n_items
        with torch.no_grad():
            scores = network.score_all(looks, max(1, VALUES_AT_ONCE // max(n, 1))).float().cpu()
            scores = lowered(scores, histories, network.items.weight.float().cpu(), self._seen)
        scores[:, ~self._seen] = torch.nan
        return gather_candidates(scores, candidates)

    def attention_weights(self, histories: Histories, item_codes: np.ndarray) -> np.ndarray:
        """See the base. What is left to 1 is the part of the answer that no event speaks for."""
        codes = np.asarray(item_codes, dtype=np.int64)
        can = (codes >= 0) & (codes < self.n_items)
        can[can] = self._seen.numpy()[codes[can]]
        looks, weights = self._looks(histories), np.zeros(len(histories.item_codes), dtype=np.float32)
        with torch.no_grad():
            shares = self._network.shares(looks, torch.from_numpy(np.where(can, codes, 0)))  # [e]
        weights[looks.event] = np.where(can[looks.row.numpy()], shares.float().cpu().numpy(), 0.0)
        return weights

    def _looks(self, histories: Histories) -> Looks:
        return looks_of(histories, self.n_items, self.config.max_length)
