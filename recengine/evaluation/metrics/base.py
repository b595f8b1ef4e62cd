"""The contract of a metric, and what a metric may look at."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar

import numpy as np
import scipy.sparse as sp

from recengine.data.events import EventLog
from recengine.data.split import Targets

HEAD_SHARE = 0.8  # the head is the smallest set of items that holds this share of the training events; the rest is the tail


@dataclass(frozen=True, eq=False)
class Shop:
    """What the training events say about each item; made once for all models of a split."""

    counts: np.ndarray  # int64 [n_items], training events of each item that are signs: not how often it was merely shown
    shoppers: np.ndarray  # int64 [n_items], distinct shoppers of each item
    n_shoppers: int  # shoppers with at least one such event
    sellable: np.ndarray  # bool [n_items]

    @staticmethod
    def of(past: EventLog, sellable: np.ndarray) -> Shop:
        """Count the events of `past` (what the model was fitted on)."""
        past = past.keep(past.signs)
        counts = np.bincount(past.item_codes, minlength=past.n_items).astype(np.int64)
        pairs = np.unique(past.user_codes.astype(np.int64) * past.n_items + past.item_codes)
        shoppers = np.bincount(pairs % max(past.n_items, 1), minlength=past.n_items).astype(np.int64)
        return Shop(counts, shoppers, int((np.diff(past.indptr) > 0).sum()), np.asarray(sellable, dtype=bool))

    @cached_property
    def head(self) -> np.ndarray:
        """bool [n_items]: the smallest set of items with 80 % of the training events; ties go to the lower code."""
        order = np.argsort(-self.counts, kind="stable")
        before = np.cumsum(self.counts[order]) - self.counts[order]
        head = np.zeros(len(self.counts), dtype=bool)
        head[order] = (before < HEAD_SHARE * self.counts.sum()) & (self.counts[order] > 0)
        return head

    @cached_property
    def information(self) -> np.ndarray:
        """float64 [n_items]: bits of surprise, -log2 of the (smoothed) share of shoppers who had the item."""
        return -np.log2((self.shoppers + 1.0) / (self.n_shoppers + 1.0))

    @cached_property
    def percentile(self) -> np.ndarray:
        """float64 [n_items]: share of the other items with fewer training events; items that tie share their middle rank."""
        ranked = np.sort(self.counts)
        below, upto = np.searchsorted(ranked, self.counts, "left"), np.searchsorted(ranked, self.counts, "right")
        return (below + upto - 1) / 2 / max(len(ranked) - 1, 1)


@dataclass(frozen=True, eq=False)
class Judged:
    """The lists of one model beside the answers: everything a metric may look at."""

    lists: np.ndarray  # int32 [B, K], best first, -1 = the list ended
    targets: Targets
    shop: Shop
    item_vectors: np.ndarray | None = None  # float [n_items, d]; a row of zeros or NaN = no vector
    _shown: dict[int, sp.csr_matrix] = field(default_factory=dict)
    _exposed: list[tuple[int, np.ndarray, np.ndarray]] = field(default_factory=list)

    @cached_property
    def truth_counts(self) -> np.ndarray:
        """int64 [B], answers of each shopper."""
        return np.diff(self.targets.truth_indptr)

    @cached_property
    def hits(self) -> np.ndarray:
        """bool [B, K]: the item at this place is an answer."""
        return contains(self.targets.truth_indptr, self.targets.truth_items, self.lists)

    def shown(self, k: int) -> sp.csr_matrix:
        """float64 [m, B]: 1 where one of the m sellable items in any list is among the first k of a shopper; kept for every k."""
        if k not in self._shown:
            lists = self.lists[:, :k]
            rows, places = np.nonzero((lists >= 0) & self.shop.sellable[lists])
            items = lists[rows, places]
            used = np.bincount(items, minlength=len(self.shop.sellable)) > 0
            row_of_item = np.cumsum(used) - 1
            self._shown[k] = sp.csr_matrix((np.ones(len(rows)), (row_of_item[items], rows)), shape=(int(used.sum()), len(lists)))
        return self._shown[k]

    def exposures(self, k: int, weights: np.ndarray) -> np.ndarray:
        """float64 [R, m]: times each item of `shown` is shown when shopper b counts weights[r, b] times; kept for the last weights."""
        for at, asked, found in self._exposed:
            if at == k and asked is weights:
                return found
        found = (self.shown(k) @ np.asarray(weights, dtype=np.float64).T).T
        self._exposed[:] = [(k, weights, found)]
        return found

    @cached_property
    def unit_vectors(self) -> np.ndarray:
        """float64 [n_items + 1, d] of length 1 (or 0 where an item has none); the last row is zero and stands for -1."""
        vectors = np.nan_to_num(np.asarray(self.item_vectors, dtype=np.float64), nan=0.0)
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        unit = np.divide(vectors, norms, out=np.zeros_like(vectors), where=norms > 0)
        return np.vstack([unit, np.zeros((1, vectors.shape[1]))])


class Metric(ABC):
    """One figure of merit. Class attributes are its row in the registry."""

    key: ClassVar[str]  # "ndcg"
    title: ClassVar[str]  # "NDCG"
    help: ClassVar[str]  # one sentence for a merchandiser
    formula: ClassVar[str]
    higher_is_better: ClassVar[bool]
    per_shopper: ClassVar[bool]
    needs_vectors: ClassVar[bool] = False

    def applies(self, judged: Judged) -> bool:
        """False where the figure has no meaning for anybody; it is then left out."""
        return True


class ShopperMetric(Metric):
    """A figure for each shopper; the shop's figure is the mean over the shoppers who have one."""

    per_shopper = True

    @abstractmethod
    def values(self, judged: Judged, k: int) -> np.ndarray:
        """float64 [B] over the first k places; NaN = cannot be judged for this shopper."""


class ShopMetric(Metric):
    """A figure of all lists together, which no single shopper has."""

    per_shopper = False

    @abstractmethod
    def values(self, judged: Judged, k: int, weights: np.ndarray) -> np.ndarray:
        """float64 [R]: the figure when shopper b counts weights[r, b] times (float [R, B]); ones give the figure itself."""


def contains(indptr: np.ndarray, items: np.ndarray, lists: np.ndarray, rows: np.ndarray | None = None) -> np.ndarray:
    """bool [B, K]: lists[b, j] is among the items of row b (or rows[b]), items[indptr[b]:indptr[b + 1]], ascending; -1 never is."""
    if len(items) == 0 or lists.size == 0:
        return np.zeros(lists.shape, dtype=bool)
    width = np.int64(max(int(items.max()), int(lists.max())) + 1)
    keys = np.repeat(np.arange(len(indptr) - 1), np.diff(indptr)) * width + items  # ascending
    wanted = (np.arange(len(lists)) if rows is None else rows)[:, None] * width + lists
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return (keys[place] == wanted) & (lists >= 0)


def mean_of_listed(values: np.ndarray, lists: np.ndarray) -> np.ndarray:
    """float64 [B]: mean of values[item] over the items of each list, NaN for an empty list."""
    listed = lists >= 0
    total = np.where(listed, values[lists], 0.0).sum(axis=1)
    count = listed.sum(axis=1)
    return np.divide(total, count, out=np.full(len(lists), np.nan), where=count > 0)
