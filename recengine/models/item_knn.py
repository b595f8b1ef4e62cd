"""Item-kNN: the nearest neighbours of what a shopper took."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

import numpy as np
import scipy.sparse as sp
import torch
from pydantic import Field

from recengine.data.events import EventLog
from recengine.data.histories import Histories
from recengine.models.base import Capabilities, EpochReport, FitContext, ModelConfig, check_trainable
from recengine.models.parts.linear import ItemLinear, Repeats, event_values
from recengine.scoring.topk import NEVER, best_codes

BLOCK_ITEMS = 512
RARITY_FLOOR = 1e-3  # an item that everybody took still counts a little


class Similarity(StrEnum):
    """How alike two items are, from the shoppers they share."""

    BM25 = "bm25"
    BM25_ITEMS = "bm25-items"
    COSINE = "cosine"


class ItemKnnConfig(ModelConfig):
    """Which items are neighbours, and how many of them speak."""

    similarity: Similarity = Similarity.BM25
    """BM25 damps popular items and shoppers who take everything; BM25 of items damps both more; cosine evens out popularity alone."""
    neighbours: int = Field(default=10, ge=1, le=2000)
    """Items kept as neighbours of each item."""
    saturation: float = Field(default=10.0, ge=0.0, le=1000.0)
    """BM25 only (k1): how slowly repeated purchases stop counting, and how much the size of a history matters."""
    shopper_damping: float = Field(default=0.8, ge=0.0, le=1.0)
    """BM25 only (b): 0 lets every shopper (or item) speak alike, 1 divides by the size of their history (or audience)."""
    shrinkage: float = Field(default=10.0, ge=0.0, le=1000.0)
    """Cosine only: pairs with few common shoppers are pulled towards zero."""
    history_damping: float = Field(default=0.0, ge=0.0, le=2.0)
    """Divides what a past item says by its popularity, to this power: rare things of a history tell more of a shopper."""
    repeats: Repeats = Repeats.ONCE
    """How several events of one shopper on one item count together."""


class ItemKnn(ItemLinear):
    """Item-to-item neighbourhood. Fit: one sparse product, about 1 s per 400 million shared pairs."""

    name = "item-knn"
    title = "Item-kNN"
    summary = "Items that the same shoppers took as well."
    source = "Sarwar et al., Item-based Collaborative Filtering, WWW 2001; BM25: Robertson, Zaragoza 2009"
    Config = ItemKnnConfig
    can = Capabilities(linear=True)
    config: ItemKnnConfig

    @classmethod
    def memory_bytes(cls, config: ModelConfig, n_users: int, n_items: int, n_events: int, device: str = "cpu") -> int:
        """See the base; the similarities of one block of items, and the neighbours that are kept."""
        kept = 16 * n_items * min(int(getattr(config, "neighbours", 1)), n_items)
        return super().memory_bytes(config, n_users, n_items, n_events, device) + 20 * BLOCK_ITEMS * n_items + kept

    def event_values(self, histories: Histories) -> np.ndarray:
        return event_values(histories, self.n_items, self.config.repeats)

    def fit(self, train: EventLog, ctx: FitContext) -> Iterator[EpochReport]:
        ctx.stop_if_asked()
        check_trainable(train)
        self.n_items = n = train.n_items
        everybody = Histories.from_log(train.interests(), np.arange(train.n_users), np.iinfo(np.int64).max)
        rows = everybody.to_csr(n, self.event_values(everybody))  # [n_users, n_items]
        vectors = self._item_vectors(rows.T.tocsr().astype(np.float64))  # [n_items, n_users]
        across = vectors.T.tocsr()
        common = (rows.T.tocsr() > 0).astype(np.float64) if self.config.similarity is Similarity.COSINE else None
        k = min(self.config.neighbours, n)
        parts: list[sp.csr_matrix] = []
        for start in range(0, n, BLOCK_ITEMS):
            ctx.stop_if_asked()
            part = slice(start, min(start + BLOCK_ITEMS, n))
            alike = (vectors[part] @ across).tocsr()  # [b, n_items]
            if common is not None:
                shared = (common[part] @ common.T).tocsr()
                shared.data = shared.data / (shared.data + self.config.shrinkage)
                alike = alike.multiply(shared).tocsr()
            parts.append(_strongest(alike, start, k))
        matrix = sp.vstack(parts, format="csr")
        if self.config.history_damping > 0:
            audience = np.asarray(rows.getnnz(axis=0)).ravel() + 1.0
            matrix.data *= np.repeat(audience**-self.config.history_damping, np.diff(matrix.indptr)).astype(np.float32)
        self._become(matrix, np.asarray(rows.getnnz(axis=0)).ravel() > 0)
        yield EpochReport(1, 1)

    def _item_vectors(self, items: sp.csr_matrix) -> sp.csr_matrix:
        """float64 [n_items, n_users], so that the similarity of two items is the product of their rows."""
        items = items.copy()
        row_of = np.repeat(np.arange(items.shape[0]), np.diff(items.indptr))
        if self.config.similarity is Similarity.COSINE:
            norms = np.sqrt(np.asarray(items.multiply(items).sum(axis=1)).ravel())
            items.data /= norms[row_of]
            return items
        k1, b = self.config.saturation, self.config.shopper_damping
        if self.config.similarity is Similarity.BM25_ITEMS:
            # An item is the document, a shopper the term: shoppers of few items tell more, and popular items less of each shopper.
            audience = np.asarray(items.sum(axis=1)).ravel()
            length = (1.0 - b) + b * audience / audience.mean()
            bought = np.bincount(items.indices, minlength=items.shape[1])
            rarity = np.log(items.shape[0]) - np.log1p(bought)
            items.data = items.data * (k1 + 1.0) / (k1 * length[row_of] + items.data) * rarity[items.indices]
            return items
        # A shopper is the document, an item the term: rare items tell more, and long histories less of each item.
        sizes = np.asarray(items.sum(axis=0)).ravel()
        length = (1.0 - b) + b * sizes / sizes[sizes > 0].mean()
        takers = np.diff(items.indptr)
        rarity = np.log((1.0 + np.count_nonzero(sizes)) / (1.0 + takers)) + RARITY_FLOOR
        items.data = items.data * (k1 + 1.0) / (k1 * length[items.indices] + items.data) * rarity[row_of]
        return items


def _strongest(alike: sp.csr_matrix, first_item: int, k: int) -> sp.csr_matrix:
    """float32 CSR of the k largest positive values of each row of float64 [b, n], the item itself left out."""
    values = torch.from_numpy(alike.toarray().astype(np.float32))  # [b, n]
    own = torch.arange(len(values))
    values[own, own + first_item] = 0.0
    values.masked_fill_(values <= 0, NEVER)
    codes = best_codes(values, k).sort(1).values  # [b, k], ascending; -1 first
    kept = codes >= 0
    data = values.gather(1, codes.clamp(min=0))[kept]
    indptr = np.concatenate([[0], np.cumsum(kept.sum(1).numpy())])
    return sp.csr_matrix((data.numpy(), codes[kept].int().numpy(), indptr), shape=alike.shape)
