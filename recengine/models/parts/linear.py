"""Models whose score is a sum over the history: score(j) = Σ over events e of value(e) × weight[item(e), j]."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from enum import StrEnum

import numpy as np
import scipy.sparse as sp
import torch
from torch import Tensor

from recengine.algebra.sparse_products import times_dense
from recengine.data.histories import Histories
from recengine.models.base import Contributions, Recommender, gather_candidates

DENSE_SHARE = 0.1  # above this share of non-zeros a dense copy multiplies faster than the sparse matrix
DENSE_MAX_ITEMS = 20_000  # and is kept only up to 1.6 GB


class Repeats(StrEnum):
    """How several events on one item count together.

    ONCE is the default of every model: buying an item again says little about other items. On the validation window of a
    shop with many repeat purchases, EASE reaches NDCG@10 .092 with ONCE, .090 with LOG, .081 with SUM; iALS and item-kNN agree.
    """

    ONCE = "once"  # the strongest event counts
    LOG = "log"  # log2(1 + sum of strengths)
    SUM = "sum"  # the sum of strengths


def event_values(histories: Histories, n_items: int, repeats: Repeats) -> np.ndarray:
    """float64 [E]: what each event adds to its item in the shopper's row; 0 for unknown items and behaviours without weight.

    Events on one item share the item's value in proportion to their strengths, so the row sums are those of `repeats`. Where
    all that stands tells of no interest (see `data.standing`), the value is below 0, by the same rule; any interest outweighs it.
    """
    weights = histories.weights.astype(np.float64)
    known = (histories.item_codes >= 0) & (histories.item_codes < n_items)
    weights[~known] = 0.0
    if repeats is Repeats.SUM or len(weights) == 0:
        return weights
    key = histories.row_of_event * np.int64(n_items + 1) + np.where(known, histories.item_codes, n_items)
    _, group = np.unique(key, return_inverse=True)
    liked = np.bincount(group, weights > 0) > 0
    weights[(weights < 0) & liked[group]] = 0.0
    total = np.bincount(group, np.abs(weights))
    if repeats is Repeats.ONCE:
        value = np.zeros(len(total))
        np.maximum.at(value, group, np.abs(weights))
    else:
        value = np.log2(1.0 + total)
    share = np.divide(value, total, out=np.zeros_like(total), where=total > 0)
    return weights * share[group]


def steps_from_end(histories: Histories, n_items: int, moments: bool) -> np.ndarray:
    """int64 [E]: 1 for the newest step of its row; events that tell of no interest in a known item take no step.

    Args:
        histories: B rows.
        n_items: items that are known.
        moments: whether all events of one moment are one step; otherwise every event is one.
    """
    rows = histories.row_of_event
    telling = (histories.weights > 0) & (histories.item_codes >= 0) & (histories.item_codes < n_items)
    starts = telling.copy()
    if moments and len(rows) > 1:
        # A step begins at a telling event whose moment differs from that of the telling event before it.
        told = np.flatnonzero(telling)
        same = (rows[told[1:]] == rows[told[:-1]]) & (histories.times_s[told[1:]] == histories.times_s[told[:-1]])
        starts[told[1:][same]] = False
    begun = np.cumsum(starts)
    end = np.concatenate([[0], begun])[histories.indptr[1:]]  # steps begun up to the end of each row
    return end[rows] - begun + 1


class ItemLinear(Recommender):
    """Base of item-kNN, EASE, transitions: an item-to-item matrix and a value for every event.

    `_matrix` is float32 [n_items, n_items], row = item of the history, column = scored item; `_scored` tells which columns
    the training data allows to score.
    """

    _matrix: sp.csr_matrix | np.ndarray
    _scored: np.ndarray  # bool [n_items]
    _dense: np.ndarray | None = None

    @abstractmethod
    def event_values(self, histories: Histories) -> np.ndarray:
        """float64 [E], 0 = the event says nothing."""

    def _become(self, matrix: sp.csr_matrix | np.ndarray, scored: np.ndarray) -> None:
        self._matrix, self._scored, self.n_items = matrix, scored, matrix.shape[0]
        n = self.n_items
        if isinstance(matrix, np.ndarray):
            self._matrix = self._dense = np.ascontiguousarray(matrix)
        else:
            self._dense = matrix.toarray() if n <= DENSE_MAX_ITEMS and matrix.nnz > DENSE_SHARE * n * n else None

    def score(self, histories: Histories, candidates: np.ndarray | None = None) -> Tensor:
        """See the base. Cost: one sparse product, about 15k shoppers/s at 3.7k items."""
        return gather_candidates(self._score(histories, self.event_values(histories)), candidates)

    def _score(self, histories: Histories, values: np.ndarray) -> Tensor:
        rows = histories.to_csr(self.n_items, values)  # [B, n_items]
        product = times_dense(rows, self._dense) if self._dense is not None else self._product(histories, values)
        return self._masked(product, np.diff(rows.indptr) > 0)

    def _product(self, histories: Histories, values: np.ndarray) -> np.ndarray:
        """float64 [B, n_items] by the sparse product."""
        use = np.flatnonzero(values)
        rows = sp.csr_matrix((values[use], (histories.row_of_event[use], histories.item_codes[use])), shape=(len(histories), self.n_items))
        return (rows @ self._matrix).toarray()

    def _masked(self, product: np.ndarray, informed: np.ndarray) -> Tensor:
        scores = torch.from_numpy(np.ascontiguousarray(product, dtype=np.float32))  # [B, n_items]
        scores[:, torch.from_numpy(~self._scored)] = torch.nan
        scores[torch.from_numpy(~informed)] = torch.nan
        return scores

    def score_then_exact(self, histories: Histories) -> tuple[Tensor, Callable[[np.ndarray], np.ndarray]]:
        values = self.event_values(histories)
        if self._dense is not None:
            return self._score(histories, values), lambda item_codes: self._exact(histories, values, item_codes)
        product = self._product(histories, values)
        informed = np.bincount(histories.row_of_event[values != 0], minlength=len(histories)) > 0
        return self._masked(product, informed), lambda codes: np.take_along_axis(product, np.where(codes < 0, 0, codes), 1)

    def contributions(self, histories: Histories, item_codes: np.ndarray) -> Contributions:
        values = self.event_values(histories)
        codes = np.asarray(item_codes, dtype=np.int64)
        informed = np.bincount(histories.row_of_event[values != 0], minlength=len(histories)) > 0
        can = informed & (codes >= 0) & (codes < self.n_items)
        can[can] = self._scored[codes[can]]
        use = np.flatnonzero((values != 0) & can[histories.row_of_event])
        events = np.zeros(len(values))
        if len(use) == 0:
            return Contributions(np.where(can, 0.0, np.nan), events)
        picked = self._matrix[histories.item_codes[use].astype(np.int64), codes[histories.row_of_event[use]]]
        events[use] = values[use] * np.asarray(picked, dtype=np.float64).ravel()
        return Contributions(np.where(can, 0.0, np.nan), events)

    def exact_scores(self, histories: Histories, item_codes: np.ndarray) -> np.ndarray:
        return self._exact(histories, self.event_values(histories), item_codes)

    def _exact(self, histories: Histories, values: np.ndarray, item_codes: np.ndarray) -> np.ndarray:
        codes = np.where(item_codes < 0, 0, item_codes)
        use = np.flatnonzero(values)
        rows = histories.row_of_event[use]
        if self._dense is None:
            return np.take_along_axis(self._product(histories, values), codes, 1)
        out = np.zeros(codes.shape)
        step = max(1, 4_000_000 // max(codes.shape[1], 1))  # events at once: 32 MB of float64
        for start in range(0, len(use), step):
            part = slice(start, start + step)
            # Flat positions: numpy gathers them two to three times faster than pairs of indices.
            place = histories.item_codes[use[part], None] * np.int64(self.n_items) + codes[rows[part]]  # [e, C]
            weight = self._dense.reshape(-1).take(place).astype(np.float64)
            weight *= values[use[part], None]
            present, first = np.unique(rows[part], return_index=True)
            out[present] += np.add.reduceat(weight, first, axis=0)
        return out

    def state(self) -> dict[str, Tensor]:
        if isinstance(self._matrix, np.ndarray):
            return {"matrix": torch.from_numpy(self._matrix), "scored": torch.from_numpy(self._scored)}
        return {
            "indptr": torch.from_numpy(self._matrix.indptr.astype(np.int64)),
            "indices": torch.from_numpy(self._matrix.indices.astype(np.int32)),
            "data": torch.from_numpy(self._matrix.data),
            "scored": torch.from_numpy(self._scored),
        }

    def load_state(self, state: dict[str, Tensor]) -> None:
        scored = state["scored"].numpy().astype(bool)
        if "matrix" in state:
            self._become(state["matrix"].numpy(), scored)
            return
        n = len(scored)
        matrix = sp.csr_matrix((state["data"].numpy(), state["indices"].numpy(), state["indptr"].numpy()), shape=(n, n))
        self._become(matrix, scored)
