"""LightGCN: item vectors spread over the graph of shoppers and items, and a shopper is the mix of their items; learned."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Any, ClassVar

import numpy as np
import scipy.sparse as sp
import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional

from recengine.algebra.sparse_products import times_dense
from recengine.data.events import EventLog
from recengine.data.histories import Histories
from recengine.models.base import Capabilities, EpochReport, FitContext
from recengine.models.parts.demand import fading, log_shares
from recengine.models.parts.dot import DotProduct
from recengine.models.parts.linear import Repeats, event_values
from recengine.models.parts.network import Lesson, NetworkConfig, NetworkModel
from recengine.neural.losses.cross_entropy import sampled_cross_entropy
from recengine.neural.losses.pairwise import bpr_loss


class GraphLoss(StrEnum):
    """What is learned."""

    SOFTMAX = "softmax"  # the item taken against many drawn ones at once
    BPR = "bpr"  # the item taken above one drawn item


class LightGcnConfig(NetworkConfig):
    """Size of the vectors, reach over the graph, and how they are learned."""

    factors: int = Field(default=64, ge=2, le=1024)
    """Numbers that describe each item. More fit finer tastes and cost time."""
    hops: int = Field(default=1, ge=0, le=4)
    """Times that item vectors spread to their takers and back. 0 learns from each shopper's own items alone."""
    loss: GraphLoss = GraphLoss.SOFTMAX
    """Softmax learns from many items left at once, BPR from one at a time."""
    negatives: int = Field(default=1024, ge=1, le=65_536)
    """Items drawn for each batch that count as not taken; softmax only."""
    temperature: float = Field(default=0.15, ge=0.01, le=2.0)
    """Softmax only. Lower separates harder and listens to rarer tastes."""
    epochs: int = Field(default=30, ge=1, le=1000)
    """Passes over the events; tuning keeps the number that ranks best."""
    batch_size: int = Field(default=8192, ge=1, le=65_536)
    """Shopper and item pairs learned at once. Each step walks the whole graph, so large batches are quicker."""
    learning_rate: float = Field(default=1e-2, gt=0.0, le=1.0)
    """Size of a step. Too large and the loss explodes, too small and nothing is learned."""
    trend_days: float = Field(default=14.0, ge=0.0, le=3650.0)
    """Half-life of what counts as wanted now; scores follow it. 0 keeps to what was learned."""


class Graph:
    """The normalised matrix D_u^-½ R D_i^-½ and its transpose, to be multiplied with tensors that are learned."""

    def __init__(self, rows: sp.csr_matrix, device: str) -> None:
        self.shoppers, self.items = np.asarray(rows.sum(axis=1)).ravel(), np.asarray(rows.sum(axis=0)).ravel()
        scale = np.repeat(_inverse_root(self.shoppers), np.diff(rows.indptr)) * _inverse_root(self.items)[rows.indices]
        forward = sp.csr_matrix((rows.data * scale, rows.indices, rows.indptr), shape=rows.shape).astype(np.float32)
        self.forward, self.backward = _OneWay(forward, device), _OneWay(forward.T.tocsr(), device)

    def to_shoppers(self, vectors: Tensor) -> Tensor:
        """[n_items, d] → [n_users, d]."""
        return _Walk.apply(vectors, self.forward, self.backward)  # type: ignore[no-any-return]

    def to_items(self, vectors: Tensor) -> Tensor:
        """[n_users, d] → [n_items, d]."""
        return _Walk.apply(vectors, self.backward, self.forward)  # type: ignore[no-any-return]


class _OneWay:
    """A sparse matrix times a dense one, by compiled loops on the CPU and by torch elsewhere."""

    def __init__(self, matrix: sp.csr_matrix, device: str) -> None:
        self._matrix, self._there = matrix, None
        if device != "cpu":
            indptr, indices = torch.from_numpy(matrix.indptr.astype(np.int64)), torch.from_numpy(matrix.indices.astype(np.int64))
            self._there = torch.sparse_csr_tensor(indptr, indices, torch.from_numpy(matrix.data), matrix.shape).to(device)

    def __call__(self, vectors: Tensor) -> Tensor:
        dense = vectors.detach().float().contiguous()
        return torch.from_numpy(times_dense(self._matrix, dense.numpy())) if self._there is None else self._there @ dense


class _Walk(torch.autograd.Function):
    """One sparse product whose way back is the product with the transpose."""

    @staticmethod
    def forward(ctx: Any, vectors: Tensor, there: _OneWay, back: _OneWay) -> Tensor:
        ctx.back = back
        return there(vectors)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        return ctx.back(gradients[0]), None, None


class Network(nn.Module):
    """Item vectors before they spread, and what the last walk made of them."""

    spread: Tensor  # [n_items, d] after the walk
    inverse_root: Tensor  # [n_items]: takers^-½
    trend: Tensor  # [n_items]: log of how much more each is wanted at the end of the log than in all of it

    def __init__(self, n_items: int, factors: int) -> None:
        super().__init__()
        self.items = nn.Embedding(n_items, factors)
        nn.init.normal_(self.items.weight, std=0.1)
        self.register_buffer("spread", torch.zeros(n_items, factors))
        self.register_buffer("inverse_root", torch.zeros(n_items))
        self.register_buffer("trend", torch.zeros(n_items))


class LightGcn(NetworkModel, DotProduct):
    """A step costs 4 × hops products of the graph with the vectors: 0.2 s for 800,000 events and 64 factors, two cores."""

    name = "lightgcn"
    title = "LightGCN"
    summary = "Learned tastes that spread from items to shoppers and back."
    source = (
        "He et al., LightGCN, SIGIR 2020: e' = mean over hops of (ÂᵀÂ)ˡ e, shopper = Σ e' / √takers over the history, "
        "so no table of shoppers; sampled softmax on cosines after Wu et al., On the Effectiveness of Sampled Softmax Loss, TOIS 2024"
    )
    Config = LightGcnConfig
    can = Capabilities(epochs=True, dislikes=False)
    family = "graph"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "quick": {"factors": 32, "epochs": 10, "averaged_epochs": 1.0},
        "balanced": {"averaged_epochs": 1.0},
        "thorough": {"factors": 128, "epochs": 60, "averaged_epochs": 1.0},
    }
    config: LightGcnConfig
    _network: Network
    _graph: Graph | None = None

    def build(self, n_items: int) -> Network:
        return Network(n_items, self.config.factors)

    def fit(self, train: EventLog, ctx: FitContext) -> Iterator[EpochReport]:
        """See the base."""
        try:
            yield from super().fit(train, ctx)
        finally:
            self._graph = None  # a fitted model keeps no histories

    def lesson(self, network: nn.Module, train: EventLog, ctx: FitContext) -> Lesson:
        assert isinstance(network, Network)
        everybody = Histories.from_log(train.interests(), np.arange(train.n_users), np.iinfo(np.int64).max)
        values = self._values(everybody)
        if self.config.trend_days > 0:
            recent = values * fading(everybody.times_s, self.config.trend_days)
            now, whole = (log_shares(everybody.item_codes, counted, train.n_items) for counted in (recent, values))
            network.trend.copy_(torch.from_numpy(now - whole))
        rows = everybody.to_csr(train.n_items, values)
        rows = rows[np.diff(rows.indptr) > 0]
        graph = self._graph = Graph(rows, ctx.device)
        network.inverse_root = torch.from_numpy(_inverse_root(graph.items).astype(np.float32)).to(ctx.device)
        long_enough = np.repeat(np.diff(rows.indptr) > 1, np.diff(rows.indptr))
        owner = np.repeat(np.arange(rows.shape[0]), np.diff(rows.indptr))[long_enough]
        shoppers, items = (
            torch.from_numpy(owner).to(ctx.device),
            torch.from_numpy(rows.indices[long_enough].astype(np.int64)).to(ctx.device),
        )
        strength = torch.from_numpy(rows.data[long_enough]).to(ctx.device)
        sizes = torch.from_numpy(graph.shoppers.astype(np.float32)).to(ctx.device)
        drawn_from = torch.from_numpy(np.flatnonzero(graph.items > 0))

        def loss(batch: Tensor, draw: torch.Generator) -> tuple[Tensor, int]:
            batch = batch.to(ctx.device)
            spread = self._spread(network, graph)  # [n_items, d]
            mixed = graph.to_shoppers(spread) * sizes.sqrt().unsqueeze(1)  # [n_users, d]: sums over the histories
            who, what = shoppers[batch], items[batch]
            # The item to be found is no part of the shopper who looks for it.
            own = spread[what] * (strength[batch] * network.inverse_root[what]).unsqueeze(1)
            asking = mixed[who] - own  # [b, d]
            count = self.config.negatives if self.config.loss is GraphLoss.SOFTMAX else len(batch)
            others = drawn_from[torch.randint(len(drawn_from), (count,), generator=draw)].to(ctx.device)
            if self.config.loss is GraphLoss.SOFTMAX:
                ranked = functional.normalize(spread, dim=1)
                asking = functional.normalize(asking, dim=1) / self.config.temperature
                return sampled_cross_entropy(asking, ranked, what, others), len(batch)
            asking = asking / (sizes[who] - strength[batch]).clamp(min=0.1).sqrt().unsqueeze(1)
            return bpr_loss((asking * spread[what]).sum(1).float(), (asking * spread[others]).sum(1).float()), len(batch)

        return Lesson(len(owner), loss)

    def _values(self, histories: Histories) -> np.ndarray:
        return np.maximum(event_values(histories, self.n_items, Repeats.ONCE), 0.0)

    def _spread(self, network: Network, graph: Graph) -> Tensor:
        vectors = network.items.weight
        total = vectors
        for _ in range(self.config.hops):
            vectors = graph.to_items(graph.to_shoppers(vectors))
            total = total + vectors
        return total / (self.config.hops + 1)

    def ready(self) -> None:
        """Walks the graph once while it is there; a loaded model has the result."""
        if self._graph is not None:
            with torch.no_grad():
                self._network.spread = self._spread(self._network, self._graph)

    def shopper_vectors(self, histories: Histories) -> tuple[Tensor, Tensor]:
        """Sum of the item vectors by takers^-½, of length one with the softmax loss, divided by √events with BPR."""
        spread = self._network.spread
        rows = histories.to_csr(self.n_items, self._values(histories))  # [B, n_items]
        rows.data *= self._network.inverse_root.cpu().numpy()[rows.indices]
        rows.eliminate_zeros()  # items nobody took
        mixed = torch.from_numpy(times_dense(rows, spread.cpu().numpy())).to(spread.device)  # [B, d]
        if self.config.loss is GraphLoss.SOFTMAX:
            mixed = functional.normalize(mixed, dim=1)
        else:
            mixed = mixed / torch.from_numpy(np.sqrt(np.maximum(np.diff(rows.indptr), 1))).to(mixed).unsqueeze(1)
        return mixed, torch.from_numpy(np.diff(rows.indptr) > 0)

    def item_vectors(self) -> tuple[Tensor, Tensor | None, Tensor]:
        spread, trend = self._network.spread, self._network.trend
        if self.config.loss is GraphLoss.SOFTMAX:
            return functional.normalize(spread, dim=1), trend * self.config.temperature, self._seen
        return spread, trend, self._seen


def _inverse_root(degrees: np.ndarray) -> np.ndarray:
    return np.where(degrees > 0, np.maximum(degrees, 1e-30) ** -0.5, 0.0)
