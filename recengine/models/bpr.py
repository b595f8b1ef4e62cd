"""BPR: items that were taken stand above items that were not, for a shopper pooled from their history."""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from recengine.data.events import EventLog
from recengine.data.histories import Histories
from recengine.models.base import Capabilities, FitContext
from recengine.models.parts.dot import DotProduct
from recengine.models.parts.network import Lesson, NetworkModel
from recengine.models.parts.pooled import PooledConfig, item_values, one_against_drawn, small_init
from recengine.neural.history_encoder import HistoryEncoder
from recengine.neural.losses.pairwise import bpr_loss
from recengine.neural.offsets import Offsets


class Network(nn.Module):
    """Past-item vectors in the encoder; vectors and offsets of the items that are ranked."""

    def __init__(self, n_items: int, config: PooledConfig) -> None:
        super().__init__()
        self.history = HistoryEncoder(n_items, config.factors, config.pooling())
        self.items = nn.Embedding(n_items, config.factors)
        self.offsets = Offsets(n_items)
        small_init(self.items)


class Bpr(NetworkModel, DotProduct):
    """Pairwise ranking over pooled histories."""

    name = "bpr"
    title = "BPR"
    summary = "Ranks what shoppers took above what they left, from the mix of their past items."
    source = "Rendle et al., BPR, UAI 2009, with the pooled history of FISM (Kabbur, Ning, Karypis, KDD 2013) as the shopper"
    Config = PooledConfig
    can = Capabilities(cold_users=True, epochs=True)
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "quick": {"factors": 32, "epochs": 8, "patience": 2},
        "thorough": {"factors": 128, "negatives": 512, "epochs": 60, "patience": 8, "learning_rate": 5e-3},
    }
    config: PooledConfig
    _network: Network

    def build(self, n_items: int) -> Network:
        return Network(n_items, self.config)

    def lesson(self, network: nn.Module, train: EventLog, ctx: FitContext) -> Lesson:
        assert isinstance(network, Network)

        def judge(vectors: Tensor, items: Tensor, strengths: Tensor, negatives: Tensor, taken: Tensor) -> Tensor:
            own = (vectors * network.items(items)).sum(1) + network.offsets(items)  # [T]
            others = vectors @ network.items(negatives).T + network.offsets(negatives)  # [T, N]
            return bpr_loss(own.float(), others.float().masked_fill(taken, -torch.inf), strengths)

        return one_against_drawn(network.history, network.offsets, self.config, train, ctx, judge)

    def shopper_vectors(self, histories: Histories) -> tuple[Tensor, Tensor]:
        return self._network.history(item_values(histories, self.n_items)), torch.ones(len(histories), dtype=torch.bool)

    def item_vectors(self) -> tuple[Tensor, Tensor | None, Tensor]:
        return self._network.items.weight.detach(), self._network.offsets.now(), self._seen
