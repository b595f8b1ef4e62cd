"""Content: items whose texts are like those of the history; the only simple model that can score an item nobody took yet."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import scipy.sparse as sp
import torch
from pydantic import Field
from torch import Tensor

from recengine.data.events import EventLog
from recengine.data.histories import Histories
from recengine.errors import TrainingFailed
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
from recengine.text.tfidf import item_texts, tfidf


class ContentConfig(ModelConfig):
    """How much of a history makes the profile, and which words count."""

    recent_events: int = Field(default=500, ge=1, le=5000)
    """Newest events of a history that are read."""
    rank_decay: float = Field(default=0.2, ge=0.0, le=5.0)
    """The r-th newest event counts r^-decay; 0 counts all alike and ignores the order."""
    min_items: int = Field(default=2, ge=1, le=100)
    """Words on fewer items are left out."""


class Content(Recommender):
    """Cosine between the words of an item and the mean words of the history."""

    name = "content"
    title = "Content"
    summary = "Items whose titles, categories and brands are like what the shopper took."
    source = "score(j) = Σ value(e) × cos(text of item(e), text of j), Σ |value| = 1; sublinear TF-IDF (Salton, Buckley 1988)"
    Config = ContentConfig
    can = Capabilities(cold_items=True, order=True, features=True, linear=True)
    config: ContentConfig

    _texts: sp.csr_matrix  # float32 [n_items, V], rows of length 1, empty where an item has no text

    def fit(self, train: EventLog, ctx: FitContext) -> Iterator[EpochReport]:
        ctx.stop_if_asked()
        check_trainable(train)
        catalogue = ctx.catalogue
        matrix, _ = tfidf(item_texts(catalogue), self.config.min_items)
        if matrix.nnz == 0:
            raise TrainingFailed(
                f"{self.title} has no text to read.",
                "The items have no titles, categories or brands with common words.",
                "Map a title column when you import, or train another model.",
            )
        ctx.stop_if_asked()
        self._become(matrix)
        yield EpochReport(1, 1)

    def _become(self, texts: sp.csr_matrix) -> None:
        self._texts, self.n_items = texts, texts.shape[0]
        self._described = np.diff(texts.indptr) > 0

    def event_values(self, histories: Histories) -> np.ndarray:
        """float64 [E]: share of each event in the profile, below 0 for what was not liked; the sizes of a row's shares add up to 1.

        Events without text have none.
        """
        codes, weights, rows = histories.item_codes, histories.weights, histories.row_of_event
        known = (codes >= 0) & (codes < self.n_items)
        known &= self._described[np.where(known, codes, 0)]
        values = np.zeros(len(codes))
        for counts in (known & (weights > 0), known & (weights < 0)):  # what is disliked does not age what is liked
            told = np.concatenate([[0], np.cumsum(counts)])
            rank = told[histories.indptr[1:]][rows] - told[1:] + 1  # place from the end among the events that count
            decay = np.maximum(rank, 1.0) ** -self.config.rank_decay
            values += np.where(counts & (rank <= self.config.recent_events), weights * decay, 0.0)
        total = np.bincount(rows, np.abs(values), minlength=len(histories))
        return np.divide(values, total[rows], out=np.zeros(len(values)), where=total[rows] > 0)

    def _products(self, histories: Histories, values: np.ndarray) -> np.ndarray:
        """float64 [B, n_items]; the exact score of every item."""
        use = np.flatnonzero(values)
        rows = sp.csr_matrix((values[use], (histories.row_of_event[use], histories.item_codes[use])), shape=(len(histories), self.n_items))
        texts = self._texts.astype(np.float64)
        profiles = np.ascontiguousarray((rows @ texts).toarray().T)  # [V, B]
        product = np.ascontiguousarray((texts @ profiles).T)  # [B, n_items]
        product[:, ~self._described] = np.nan
        product[np.diff(rows.indptr) == 0] = np.nan
        return product

    def score(self, histories: Histories, candidates: np.ndarray | None = None) -> Tensor:
        products = self._products(histories, self.event_values(histories))
        return gather_candidates(torch.from_numpy(products.astype(np.float32)), candidates)

    def score_then_exact(self, histories: Histories) -> tuple[Tensor, Callable[[np.ndarray], np.ndarray]]:
        products = self._products(histories, self.event_values(histories))
        scores = torch.from_numpy(products.astype(np.float32))
        return scores, lambda codes: np.take_along_axis(products, np.where(codes < 0, 0, codes), 1)

    def exact_scores(self, histories: Histories, item_codes: np.ndarray) -> np.ndarray:
        return self.score_then_exact(histories)[1](item_codes)

    def contributions(self, histories: Histories, item_codes: np.ndarray) -> Contributions:
        values = self.event_values(histories)
        rows = histories.row_of_event
        codes = np.asarray(item_codes, dtype=np.int64)
        can = (np.bincount(rows[values != 0], minlength=len(histories)) > 0) & (codes >= 0) & (codes < self.n_items)
        can[can] = self._described[codes[can]]
        use = np.flatnonzero((values != 0) & can[rows])
        texts = self._texts.astype(np.float64)
        alike = np.asarray(texts[histories.item_codes[use]].multiply(texts[codes[rows[use]]]).sum(axis=1)).ravel()
        events = np.zeros(len(values))
        events[use] = values[use] * alike
        return Contributions(np.where(can, 0.0, np.nan), events)

    def state(self) -> dict[str, Tensor]:
        texts = self._texts
        return {
            "indptr": torch.from_numpy(texts.indptr.astype(np.int64)),
            "indices": torch.from_numpy(texts.indices.astype(np.int32)),
            "data": torch.from_numpy(texts.data),
            "words": torch.tensor(texts.shape[1]),
        }

    def load_state(self, state: dict[str, Tensor]) -> None:
        shape = (len(state["indptr"]) - 1, int(state["words"]))
        self._become(sp.csr_matrix((state["data"].numpy(), state["indices"].numpy(), state["indptr"].numpy()), shape=shape))
