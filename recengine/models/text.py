"""Text: items whose texts mean what the texts of the history mean, by a language model."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import scipy.sparse as sp
import torch
from pydantic import Field
from torch import Tensor

from recengine.data.events import EventLog
from recengine.data.histories import Histories
from recengine.models.base import LIST_ROWS, Capabilities, Contributions, EpochReport, FitContext, ModelConfig, TopK, check_trainable
from recengine.models.parts.dot import DotProduct, show_products
from recengine.scoring.streaming_topk import BestSoFar
from recengine.scoring.topk import ExactScores, lists_in_batches
from recengine.text.language_vectors import encoder_for_training, language_vectors
from recengine.text.whitening import whiten

CELLS = 8_000_000  # numbers multiplied at once for exact scores: 64 MB


class TextConfig(ModelConfig):
    """Which language model reads the texts, and how much of a history makes the profile."""

    encoder: str = Field(default="", max_length=500)
    """Folder or Hugging Face name of the language model; empty takes the one that is installed with Merchlens."""
    whitening: float = Field(default=1.0, ge=0.0, le=1.0)
    """How far the directions of the texts are evened out: 1 ranks best in most shops, 0 leaves them as the language model has them."""
    recent_events: int = Field(default=500, ge=1, le=5000)
    """Newest events of a history that are read."""
    rank_decay: float = Field(default=0.2, ge=0.0, le=5.0)
    """The r-th newest event counts r^-decay; 0 counts all alike and ignores the order."""


def profile_shares(histories: Histories, usable: np.ndarray, recent_events: int, rank_decay: float) -> np.ndarray:
    """float64 [E]: share of each event in the profile of its row: weight × place from the end ^ -decay; their sizes add up to 1.

    Args:
        usable: bool [n_items], items that have a vector; events on others, or without weight, take no place and have no share.

    What a shopper dislikes has a share below 0. A row without an event that tells of interest has no shares at all.
    """
    codes = histories.item_codes
    weights = histories.weights.astype(np.float64)
    told = (codes >= 0) & (codes < len(usable)) & (weights != 0)
    told &= usable[np.where(told, codes, 0)]
    count = np.concatenate([[0], np.cumsum(told)])
    rows = histories.row_of_event
    rank = count[histories.indptr[1:]][rows] - count[1:] + 1  # place from the end among the events that count
    values = np.where(told & (rank <= recent_events), weights * np.maximum(rank, 1.0) ** -rank_decay, 0.0)
    interested = np.bincount(rows[values > 0], minlength=len(histories)) > 0
    total = np.bincount(rows, np.abs(values), minlength=len(histories))[rows]
    return np.divide(values, total, out=np.zeros(len(values)), where=(total > 0) & interested[rows])


class Text(DotProduct):
    """Dot product of an item's text vector and the mean of those of the history. Fit: the reading of the texts, once a text."""

    name = "text"
    title = "Text"
    summary = "Items whose titles mean what the titles of this history mean, in any language."
    source = "score(j) = Σ share(e) × (whitened e5 vector of item(e)) · (that of j); Wang et al. 2024 (E5), Su et al. 2021 (whitening)"
    Config = TextConfig
    can = Capabilities(cold_items=True, order=True, features=True, linear=True)
    config: TextConfig

    _vectors: np.ndarray  # float32 [n_items, d], rows of length 1, zero where an item has no text

    def fit(self, train: EventLog, ctx: FitContext) -> Iterator[EpochReport]:
        ctx.stop_if_asked()
        check_trainable(train)
        encoder = encoder_for_training(self.config.encoder, ctx.device)
        vectors = language_vectors(ctx.catalogue, encoder, ctx.note, ctx.stop_if_asked)
        self._become(whiten(vectors, self.config.whitening))
        yield EpochReport(1, 1)

    def _become(self, vectors: np.ndarray) -> None:
        # In torch's memory: where numpy's begins decides the last bits of a matrix product.
        self._vectors, self.n_items = torch.from_numpy(vectors).clone().numpy(), len(vectors)
        self._described = np.abs(vectors).sum(1) > 0

    @property
    def vectors(self) -> np.ndarray:
        """float32 [n_items, d], rows of length 1; zero where an item has no text. Not to be written to."""
        return self._vectors

    @property
    def described(self) -> np.ndarray:
        """bool [n_items], items with a text."""
        return self._described

    def event_values(self, histories: Histories) -> np.ndarray:
        """float64 [E]: share of each event in the profile, see `profile_shares`."""
        return profile_shares(histories, self._described, self.config.recent_events, self.config.rank_decay)

    def profiles(self, histories: Histories) -> np.ndarray:
        """float64 [B, d], the mean vector of each history; scipy adds row by row, so it does not depend on those beside it."""
        values = self.event_values(histories)
        use = np.flatnonzero(values)
        rows = sp.csr_matrix((values[use], (histories.row_of_event[use], histories.item_codes[use])), shape=(len(histories), self.n_items))
        return rows @ self._vectors.astype(np.float64)

    def shopper_vectors(self, histories: Histories) -> tuple[Tensor, Tensor]:
        values = self.event_values(histories)
        informed = np.bincount(histories.row_of_event[values > 0], minlength=len(histories)) > 0
        return torch.from_numpy(self.profiles(histories)).float(), torch.from_numpy(informed)

    def item_vectors(self) -> tuple[Tensor, Tensor | None, Tensor]:
        return torch.from_numpy(self._vectors), None, torch.from_numpy(self._described)

    def recommend(
        self, histories: Histories, k: int, exclude: sp.csr_matrix | None = None, allow: np.ndarray | None = None, batch: int = LIST_ROWS
    ) -> TopK:
        """See the base. Scores of a list are those of `exact_scores`, which their contributions add up to."""

        def show(rows: Histories, best: BestSoFar) -> ExactScores:
            shoppers, informed = self.shopper_vectors(rows)
            items, offsets, scored = self.item_vectors()
            show_products(best, shoppers, informed, items, offsets, scored, self._index)
            return lambda codes: self.exact_scores(rows, codes)

        return lists_in_batches(self.n_items, histories, k, exclude, allow, batch, show)

    def exact_scores(self, histories: Histories, item_codes: np.ndarray) -> np.ndarray:
        return self._exact(self.profiles(histories), item_codes)

    def _exact(self, profiles: np.ndarray, item_codes: np.ndarray) -> np.ndarray:
        out = np.zeros(item_codes.shape)
        step = max(1, CELLS // max(1, item_codes.shape[1] * profiles.shape[1]))
        for start in range(0, len(out), step):
            part = slice(start, start + step)
            items = self._vectors[np.maximum(item_codes[part], 0)].astype(np.float64)  # [b, C, d]
            out[part] = (items * profiles[part, None, :]).sum(2)
        return out

    def contributions(self, histories: Histories, item_codes: np.ndarray) -> Contributions:
        values = self.event_values(histories)
        rows, codes = histories.row_of_event, np.asarray(item_codes, dtype=np.int64)
        can = (np.bincount(rows[values > 0], minlength=len(histories)) > 0) & (codes >= 0) & (codes < self.n_items)
        can[can] = self._described[codes[can]]
        use = np.flatnonzero((values != 0) & can[rows])
        events = np.zeros(len(values))
        step = max(1, CELLS // max(1, self._vectors.shape[1]))
        for start in range(0, len(use), step):
            part = use[start : start + step]
            own = self._vectors[histories.item_codes[part]].astype(np.float64)  # [e, d]
            events[part] = values[part] * (own * self._vectors[codes[rows[part]]].astype(np.float64)).sum(1)
        return Contributions(np.where(can, 0.0, np.nan), events)

    def state(self) -> dict[str, Tensor]:
        return {"vectors": torch.from_numpy(self._vectors)}

    def load_state(self, state: dict[str, Tensor]) -> None:
        self._become(state["vectors"].numpy())
