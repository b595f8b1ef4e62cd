"""A shopper as the pooled vectors of what they took: stands in the place of a table of shoppers, so that anybody can be asked about."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
import torch
from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True)
class Pooling:
    """How many vectors become one."""

    exponent: float = 0.5  # the sum is divided by (total strength)^exponent: 0 = sum, 1 = mean
    hidden: int = 0  # width of a small layer behind the pool, 0 = none
    forget: float = 0.0  # share of past items that are left out at random while learning


class HistoryEncoder(nn.Module):
    """Σ value × item vector / (Σ |value|)^exponent, then an optional residual layer.

    Nobody's history gives the vector that the layer makes of zero (zero itself without a layer).

    Source: Kabbur, Ning, Karypis, FISM: Factored Item Similarity Models for Top-N Recommender Systems, KDD 2013, equation 3.
    """

    def __init__(self, n_items: int, width: int, pooling: Pooling) -> None:
        super().__init__()
        self.pooling = pooling
        self.items = nn.Embedding(n_items, width)
        nn.init.normal_(self.items.weight, std=1.0 / np.sqrt(width))
        self.layer: nn.Sequential | None = None
        if pooling.hidden:
            last = nn.Linear(pooling.hidden, width)
            nn.init.zeros_(last.weight)
            self.layer = nn.Sequential(nn.Linear(width, pooling.hidden), nn.GELU(), last)

    def forward(self, rows: sp.csr_matrix) -> Tensor:
        """float32 [B, width]: one vector a row of values, [B, n_items]."""
        entries = Entries.of(rows, self.items.weight.device)
        return self._finish(self._sums(entries, entries.values), entries.sizes(entries.values))

    def without_each(self, rows: sp.csr_matrix, draw: torch.Generator | None = None) -> tuple[Tensor, Entries]:
        """float32 [nnz, width]: for every entry the vector of its row without that entry, and the entries.

        Args:
            rows: values, [B, n_items].
            draw: leaves out other entries at random too, as `Pooling.forget` says; None leaves none out.

        Cost: one pass over the entries, however long the rows are.
        """
        entries = Entries.of(rows, self.items.weight.device)
        values = entries.values
        if draw is not None and self.pooling.forget > 0:
            luck = torch.rand(len(values), generator=draw).to(values.device)
            values = torch.where(luck < self.pooling.forget, 0.0, values)
        own = values.unsqueeze(1) * self.items(entries.items)  # [nnz, width]
        sums = self._sums(entries, values)[entries.rows] - own
        return self._finish(sums, (entries.sizes(values)[entries.rows] - values.abs()).clamp(min=0.0)), entries

    def _sums(self, entries: Entries, values: Tensor) -> Tensor:
        return functional.embedding_bag(
            entries.items, self.items.weight, entries.starts, mode="sum", per_sample_weights=values, include_last_offset=True
        )

    def _finish(self, sums: Tensor, sizes: Tensor) -> Tensor:
        # Sums of floats leave crumbs where an entry was taken away again: what is nearly nobody is nobody.
        some = (sizes > 1e-4).unsqueeze(1)
        pooled = torch.where(some, sums / sizes.clamp(min=1e-4).pow(self.pooling.exponent).unsqueeze(1), 0.0)
        return pooled if self.layer is None else pooled + self.layer(pooled)


@dataclass(frozen=True)
class Entries:
    """The non-zero entries of a batch of rows, on the device of the network."""

    rows: Tensor  # int64 [nnz]
    items: Tensor  # int64 [nnz]
    values: Tensor  # float32 [nnz]
    starts: Tensor  # int64 [B + 1]

    @staticmethod
    def of(rows: sp.csr_matrix, device: torch.device) -> Entries:
        """The entries of a matrix without explicit zeros."""
        lengths = np.diff(rows.indptr)
        return Entries(
            torch.from_numpy(np.repeat(np.arange(len(lengths)), lengths)).to(device),
            torch.from_numpy(rows.indices.astype(np.int64)).to(device),
            torch.from_numpy(rows.data.astype(np.float32)).to(device),
            torch.from_numpy(rows.indptr.astype(np.int64)).to(device),
        )

    def sizes(self, values: Tensor) -> Tensor:
        """float32 [B]: total strength of each row."""
        return torch.zeros(len(self.starts) - 1, device=values.device).index_add_(0, self.rows, values.abs())


def owned_mask(rows: sp.csr_matrix) -> Tensor:
    """bool [B, n_items]: what each row has, on the CPU."""
    mask = torch.zeros(rows.shape, dtype=torch.bool)
    mask[torch.from_numpy(np.repeat(np.arange(rows.shape[0]), np.diff(rows.indptr))), torch.from_numpy(rows.indices.astype(np.int64))] = (
        True
    )
    return mask
