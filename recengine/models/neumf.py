"""NeuMF: two ways of matching a pooled history with an item, a product and a small network, learned together."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np
import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional

from recengine.data.events import EventLog
from recengine.data.histories import Histories
from recengine.models.base import Capabilities, FitContext, gather_candidates
from recengine.models.parts.network import Lesson, NetworkModel
from recengine.models.parts.pooled import PooledConfig, item_values, one_against_drawn, small_init
from recengine.neural.history_encoder import HistoryEncoder
from recengine.neural.losses.pointwise import binary_cross_entropy
from recengine.neural.offsets import Offsets

VALUES_AT_ONCE = 1 << 25  # when scoring: 128 MB of float32


class NeumfConfig(PooledConfig):
    """How a history is matched with an item."""

    factors: int = Field(default=64, ge=2, le=1024)
    """Numbers that describe an item and a shopper, half of them for the product and half for the network."""
    learning_rate: float = Field(default=1.5e-3, gt=0.0, le=1.0)
    """Size of a step. Too large and the loss explodes, too small and nothing is learned."""
    weight_decay: float = Field(default=1.0, ge=0.0, le=1.0)
    """Pulls all parameters towards zero, by this share of a step. More for little data."""
    negatives: int = Field(default=32, ge=1, le=10_000)
    """Items drawn for each batch, that everything taken is told apart from."""
    units: int = Field(default=64, ge=2, le=1024)
    """Width of the first layer of the network; the second has half of it."""
    dropout: float = Field(default=0.0, ge=0.0, le=0.9)
    """Share of the network's units left out at random while learning."""


class Network(nn.Module):
    """One encoder, two item tables: `products` for the product, `items` for the network."""

    def __init__(self, n_items: int, config: NeumfConfig) -> None:
        super().__init__()
        self.width = config.factors // 2
        self.history = HistoryEncoder(n_items, 2 * self.width, config.pooling())
        self.products = nn.Embedding(n_items, self.width)
        self.items = nn.Embedding(n_items, self.width)
        self.offsets = Offsets(n_items)
        self.of_shopper = nn.Linear(self.width, config.units)
        self.of_item = nn.Linear(self.width, config.units, bias=False)
        self.second = nn.Linear(config.units, config.units // 2)
        self.last = nn.Linear(config.units // 2, 1, bias=False)
        self.weight = nn.Parameter(torch.ones(self.width))
        self.dropout = nn.Dropout(config.dropout)
        small_init(self.products, self.items)
        nn.init.zeros_(self.last.weight)

    def about(self, shoppers: Tensor, items: Tensor) -> Tensor:
        """[T, C]: logits of int64 [T, C] items, or of [C] items for all shoppers."""
        return self.logits(shoppers, self.products(items), self.of_item(self.items(items)), self.offsets(items))

    def logits(self, shoppers: Tensor, products: Tensor, first: Tensor, offsets: Tensor) -> Tensor:
        """[..., C]: how sure it is that each item is taken.

        Args:
            shoppers: [..., factors].
            products: [..., C, factors / 2] or [C, factors / 2].
            first: the items' part of the first layer, `of_item(items)`, [..., C, units] or [C, units].
            offsets: [..., C] or [C].
        """
        left = shoppers[..., : self.width] * self.weight  # [..., width]
        product = left @ products.T if products.dim() == 2 else (products * left.unsqueeze(-2)).sum(-1)  # [..., C]
        units = functional.relu(self.of_shopper(shoppers[..., self.width :]).unsqueeze(-2) + first)  # [..., C, units]
        units = functional.relu(self.second(self.dropout(units)))  # [..., C, units / 2]
        return product + self.last(self.dropout(units)).squeeze(-1) + offsets


class Neumf(NetworkModel):
    """Neural collaborative filtering over pooled histories. Scoring: about 3 million pairs of shopper and item a second and core."""

    name = "neumf"
    title = "NeuMF"
    summary = "A small network judges how well an item suits the mix of past items."
    source = "He et al., Neural Collaborative Filtering, WWW 2017, with the pooled history of FISM (KDD 2013) as the shopper"
    Config = NeumfConfig
    can = Capabilities(cold_users=True, epochs=True)
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "quick": {"factors": 32, "units": 32, "epochs": 6, "patience": 2},
        "thorough": {"factors": 128, "units": 128, "negatives": 128, "epochs": 40, "patience": 6},
    }
    config: NeumfConfig
    _network: Network

    def build(self, n_items: int) -> Network:
        return Network(n_items, self.config)

    def lesson(self, network: nn.Module, train: EventLog, ctx: FitContext) -> Lesson:
        assert isinstance(network, Network)

        odds = math.log(self.config.negatives)

        def judge(vectors: Tensor, items: Tensor, strengths: Tensor, negatives: Tensor, taken: Tensor) -> Tensor:
            own, drawn = items.unsqueeze(1), negatives  # [T, 1], [N]
            # One taken stands against N drawn: an item as likely as the mean one has a logit of -log N, and a score of 0.
            logits = torch.cat([network.about(vectors, own), network.about(vectors, drawn)], 1) - odds  # [T, 1 + N]
            truth = torch.zeros(logits.shape, device=logits.device)
            truth[:, 0] = 1.0
            weights = strengths.unsqueeze(1).expand(logits.shape).clone()
            weights[:, 1:][taken] = 0.0
            return binary_cross_entropy(logits, truth, weights)

        return one_against_drawn(network.history, network.offsets, self.config, train, ctx, judge)

    def score(self, histories: Histories, candidates: np.ndarray | None = None) -> Tensor:
        """See the base: every item goes through the network, a few shoppers at a time."""
        network, n = self._network, self.n_items
        scores = torch.empty(len(histories), n)
        with torch.no_grad():
            shoppers = network.history(item_values(histories, n))
            first = network.of_item(network.items.weight)  # [n_items, units]
            offsets = network.offsets.now()
            step = max(1, VALUES_AT_ONCE // max(n * first.shape[1], 1))
            for start in range(0, len(scores), step):
                part = slice(start, start + step)
                scores[part] = network.logits(shoppers[part], network.products.weight, first, offsets).float().cpu()
        scores[:, ~self._seen] = torch.nan
        return gather_candidates(scores, candidates)
