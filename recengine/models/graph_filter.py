"""Graph filter: item-to-item paths through shoppers, smoothed by the strongest patterns of the whole shop; closed form."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import numpy as np
import scipy.sparse as sp
import torch
from pydantic import Field
from torch import Tensor

from recengine.algebra.low_rank import right_singular_vectors
from recengine.algebra.sparse_products import picked, spread, strongest_products
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
from recengine.models.parts.linear import Repeats, event_values

BLOCK_VALUES = 4_000_000  # neighbours made between two questions whether to stop: 32 MB


class GraphFilterConfig(ModelConfig):
    """How paths through the graph are evened out, and how many broad patterns smooth them."""

    patterns: int = Field(default=256, ge=1, le=2048)
    """Broad patterns of the shop that smooth the scores. Large catalogues carry more of them; each costs time."""
    pattern_weight: float = Field(default=0.6, ge=0.0, le=10.0)
    """How much the broad patterns count beside direct paths. 0 leaves them out."""
    sharpening: float = Field(default=0.0, ge=0.0, le=20.0)
    """Holds the very broadest patterns back, in which everybody is alike: the higher, the more. 0 counts all patterns alike."""
    shopper_damping: float = Field(default=0.8, ge=0.0, le=2.0)
    """Divides a path by the size of the shopper's history it leads through, to this power."""
    source_damping: float = Field(default=0.5, ge=0.0, le=2.0)
    """Divides by the popularity of the item a path starts from, to this power."""
    target_damping: float = Field(default=0.5, ge=0.0, le=2.0)
    """Divides by the popularity of the item a path leads to, to this power. Higher brings rarer items forward."""
    neighbours: int = Field(default=2000, ge=1, le=50_000)
    """Items kept beside each item, strongest first. Bounds the memory."""
    repeats: Repeats = Repeats.ONCE
    """How several events of one shopper on one item count together."""


class GraphFilter(Recommender):
    """score = h (P + L W Rᵀ), W the weights of the patterns. Fit: 5 s for 800,000 events, 41,000 items, 256 patterns, two cores."""

    name = "graph-filter"
    title = "Graph filter"
    summary = "Items within reach through shoppers alike, and through the broad patterns of the whole shop."
    source = (
        "P = D_i^-s Rᵀ D_u^-c R D_i^-t, plus an ideal low-pass D_i^-½ V Vᵀ D_i^½ of the strongest singular vectors V: "
        "Shen et al., How Powerful is Graph Convolution for Recommendation?, CIKM 2021 (GF-CF has c = 1, s = t = ½); with sharpening T "
        "a pattern of singular value σ weighs e^(-T σ²/σ₁²), the exact solution of r' = -T r P for the patterns: Choi et al., "
        "Blurring-Sharpening Process Models for Collaborative Filtering, SIGIR 2023"
    )
    Config = GraphFilterConfig
    can = Capabilities(linear=True)
    family = "graph"
    presets: ClassVar[dict[str, dict[str, Any]]] = {"quick": {"patterns": 64}, "thorough": {"patterns": 512}}
    config: GraphFilterConfig

    _paths: sp.csr_matrix  # P, float32 [n_items, n_items], sorted indices
    _left: Tensor  # float32 [n_items, r]: D_i^-½ V W
    _right: Tensor  # float32 [n_items, r]: D_i^½ V
    _seen: Tensor  # bool [n_items]

    @classmethod
    def memory_bytes(cls, config: ModelConfig, n_users: int, n_items: int, n_events: int, device: str = "cpu") -> int:
        """See the base. Neighbours twice while their blocks are joined, and the bases of the patterns on both sides."""
        assert isinstance(config, GraphFilterConfig)
        met = 2.0 * n_events**2 / max(n_users * n_items, 1)  # items that share a shopper with an item, at most
        paths = n_items * min(float(config.neighbours), float(n_items), met)
        patterns = config.patterns * (6.0 * n_items + 3.0 * n_users)
        return int(super().memory_bytes(config, n_users, n_items, n_events, device) + 16.0 * paths + 4.0 * patterns)

    def event_values(self, histories: Histories) -> np.ndarray:
        """float64 [E], 0 for items without an event in training too: nothing leads on from them."""
        values = event_values(histories, self.n_items, self.config.repeats)
        known = np.append(self._seen.numpy(), False)[np.where(values != 0, histories.item_codes, -1)]
        return np.where(known, values, 0.0)

    def fit(self, train: EventLog, ctx: FitContext) -> Iterator[EpochReport]:
        ctx.stop_if_asked()
        check_trainable(train)
        self.n_items = n = train.n_items
        everybody = Histories.from_log(train.interests(), np.arange(train.n_users), np.iinfo(np.int64).max)
        rows = everybody.to_csr(n, event_values(everybody, n, self.config.repeats))  # R, [n_users, n_items]
        rows = rows[np.diff(rows.indptr) > 0]
        sizes = np.asarray(rows.sum(axis=1), dtype=np.float64).ravel()
        takers = np.asarray(rows.sum(axis=0), dtype=np.float64).ravel()
        self._seen = torch.from_numpy(takers > 0)
        self._paths = self._direct(rows, sizes, takers, ctx)
        rank = min(self.config.patterns, max(1, min(int((takers > 0).sum()), rows.shape[0]) // 4))
        if self.config.pattern_weight == 0:
            rank = 0
        self._left = self._right = torch.zeros(n, 0)
        if rank:
            evened = _scaled(rows, sizes ** (-self.config.shopper_damping / 2), _power(takers, -0.5))
            strength, vectors = right_singular_vectors(evened, rank, ctx.seed, ctx.device, ctx.stop_if_asked)  # [n_items, r]
            weight = self.config.pattern_weight * torch.exp(-self.config.sharpening * (strength / strength[:1]) ** 2)  # [r]
            self._left = vectors * torch.from_numpy(_power(takers, -0.5).astype(np.float32)).unsqueeze(1) * weight
            self._right = vectors * torch.from_numpy(_power(takers, 0.5).astype(np.float32)).unsqueeze(1)
        yield EpochReport(1, 1)

    def _direct(self, rows: sp.csr_matrix, sizes: np.ndarray, takers: np.ndarray, ctx: FitContext) -> sp.csr_matrix:
        """P, in blocks of items."""
        damped = sizes ** (-self.config.shopper_damping / 2)
        before = _scaled(rows, damped, _power(takers, -self.config.source_damping)).T.tocsr()  # [n_items, n_users]
        after = _scaled(rows, damped, _power(takers, -self.config.target_damping))  # [n_users, n_items]
        n = self.n_items
        width = min(self.config.neighbours, n)
        step = max(1, BLOCK_VALUES // width)
        parts: list[sp.csr_matrix] = []
        for start in range(0, n, step):
            ctx.stop_if_asked()
            parts.append(strongest_products(before, after, width, start, min(start + step, n)))
        return sp.vstack(parts, format="csr")

    def score(self, histories: Histories, candidates: np.ndarray | None = None) -> Tensor:
        """See the base. Cost: the paths of each event, and one matrix product with the patterns."""
        return gather_candidates(self._score(histories, self.event_values(histories)), candidates)

    def _score(self, histories: Histories, values: np.ndarray) -> Tensor:
        scores = torch.from_numpy(spread(histories.indptr, histories.item_codes, values, self._paths))  # [B, n_items]
        if self._left.shape[1]:
            scores.addmm_(self._shoppers(histories, values).float(), self._right.T)
        scores[:, ~self._seen] = torch.nan
        scores[torch.from_numpy(~_informed(histories, values))] = torch.nan
        return scores

    def _shoppers(self, histories: Histories, values: np.ndarray) -> Tensor:
        """float64 [B, r]: the sum of the events' places among the patterns, in the order of the history."""
        use = np.flatnonzero(values)
        rows = sp.csr_matrix((values[use], (histories.row_of_event[use], histories.item_codes[use])), shape=(len(histories), self.n_items))
        return torch.from_numpy(rows @ self._left.double().numpy())

    def score_then_exact(self, histories: Histories) -> tuple[Tensor, Callable[[np.ndarray], np.ndarray]]:
        values = self.event_values(histories)
        return self._score(histories, values), lambda item_codes: self._exact(histories, values, item_codes)

    def exact_scores(self, histories: Histories, item_codes: np.ndarray) -> np.ndarray:
        return self._exact(histories, self.event_values(histories), item_codes)

    def _exact(self, histories: Histories, values: np.ndarray, item_codes: np.ndarray) -> np.ndarray:
        codes = np.where(item_codes < 0, 0, item_codes)
        scores = picked(histories.indptr, histories.item_codes, values, self._paths, codes)  # [B, C]
        if self._left.shape[1]:
            shoppers = self._shoppers(histories, values).numpy()
            for place in range(codes.shape[1]):
                scores[:, place] += (self._right[torch.from_numpy(codes[:, place].astype(np.int64))].numpy() * shoppers).sum(1)
        return scores

    def contributions(self, histories: Histories, item_codes: np.ndarray) -> Contributions:
        values = self.event_values(histories)
        codes = np.asarray(item_codes, dtype=np.int64)
        can = _informed(histories, values) & (codes >= 0) & (codes < self.n_items)
        can[can] = self._seen.numpy()[codes[can]]
        use = np.flatnonzero((values != 0) & can[histories.row_of_event])
        items, targets = histories.item_codes[use], codes[histories.row_of_event[use]]
        one_each = np.arange(len(use) + 1)
        events = np.zeros(len(values))
        events[use] = picked(one_each, items, values[use], self._paths, targets[:, None])[:, 0]
        if self._left.shape[1] and len(use):
            left, right = self._left[torch.from_numpy(items.astype(np.int64))], self._right[torch.from_numpy(targets)]  # [e, r]
            events[use] += values[use] * (left.double() * right.double()).sum(1).numpy()
        return Contributions(np.where(can, 0.0, np.nan), events)

    def state(self) -> dict[str, Tensor]:
        return {
            "indptr": torch.from_numpy(self._paths.indptr.astype(np.int64)),
            "indices": torch.from_numpy(self._paths.indices.astype(np.int32)),
            "data": torch.from_numpy(self._paths.data),
            "left": self._left,
            "right": self._right,
            "seen": self._seen,
        }

    def load_state(self, state: dict[str, Tensor]) -> None:
        self._seen, self._left, self._right = state["seen"].bool(), state["left"], state["right"]
        self.n_items = n = len(self._seen)
        self._paths = sp.csr_matrix((state["data"].numpy(), state["indices"].numpy(), state["indptr"].numpy()), shape=(n, n))


def _informed(histories: Histories, values: np.ndarray) -> np.ndarray:
    return np.bincount(histories.row_of_event[values != 0], minlength=len(histories)) > 0


def _power(numbers: np.ndarray, exponent: float) -> np.ndarray:
    """Numbers to a power; 0 stays 0."""
    return np.where(numbers > 0, np.maximum(numbers, 1e-30) ** exponent, 0.0)


def _scaled(rows: sp.csr_matrix, of_row: np.ndarray, of_column: np.ndarray) -> sp.csr_matrix:
    scaled = rows.astype(np.float32)
    scaled.data = (rows.data * np.repeat(of_row, np.diff(rows.indptr)) * of_column[rows.indices]).astype(np.float32)
    return scaled
