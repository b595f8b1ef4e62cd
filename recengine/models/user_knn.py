"""User-kNN: the training shoppers whose histories are most alike vote with what they took."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

import numpy as np
import scipy.sparse as sp
import torch
from numba import njit, prange
from pydantic import Field
from torch import Tensor

from recengine.data.events import EventLog
from recengine.data.histories import Histories
from recengine.models.base import Capabilities, EpochReport, FitContext, ModelConfig, Recommender, check_trainable, gather_candidates
from recengine.models.parts.linear import Repeats, event_values

ROWS_A_CORE = 16  # histories that share one accumulator


class ItemWeight(StrEnum):
    """What an item that two shoppers share is worth."""

    RARITY = "rarity"  # log(shoppers / takers): a rare item in common tells more
    SAME = "same"  # plain cosine


class UserKnnConfig(ModelConfig):
    """Who counts as a neighbour, and how much."""

    neighbours: int = Field(default=100, ge=1, le=5000)
    """Shoppers alike who vote."""
    item_weight: ItemWeight = ItemWeight.RARITY
    """Whether rare items in common tell more of likeness than popular ones."""
    sharpness: float = Field(default=1.0, ge=0.0, le=5.0)
    """Likeness counts to this power. Higher listens to the closest neighbours only, 0 to all neighbours alike."""
    shrinkage: float = Field(default=1.0, ge=0.0, le=1000.0)
    """Pulls the likeness of shoppers with few events towards zero."""
    history_damping: float = Field(default=0.5, ge=0.0, le=1.0)
    """Divides the vote of a neighbour by the size of their history, to this power."""
    repeats: Repeats = Repeats.ONCE
    """How several events of one shopper on one item count together."""


class UserKnn(Recommender):
    """Shopper neighbourhood, answered for any history; the neighbours of a history depend on all of it, so it is not linear.

    Keeps the training shoppers' histories without their names: 16 bytes an item of a shopper. A question walks through the takers of
    every item of its history: about 5k histories/s at 100 takers an item and 50 items, two cores.
    """

    name = "user-knn"
    title = "User-kNN"
    summary = "What shoppers with the most similar histories took."
    source = (
        "Herlocker et al., An Algorithmic Framework for Performing Collaborative Filtering, SIGIR 1999: "
        "score(j) = Σ over the k nearest u of sim(h, u)^p × r_uj / |u|^b, sim = Σ g²hr / (|gh| |gr| + shrinkage), g = rarity or 1"
    )
    Config = UserKnnConfig
    can = Capabilities(dislikes=False)
    config: UserKnnConfig

    _rows: sp.csr_matrix  # float32 [training shoppers, n_items]

    def fit(self, train: EventLog, ctx: FitContext) -> Iterator[EpochReport]:
        ctx.stop_if_asked()
        check_trainable(train)
        self.n_items = train.n_items
        everybody = Histories.from_log(train.interests(), np.arange(train.n_users), np.iinfo(np.int64).max)
        rows = everybody.to_csr(self.n_items, event_values(everybody, self.n_items, self.config.repeats))
        ctx.stop_if_asked()
        self._become(rows[np.diff(rows.indptr) > 0])
        yield EpochReport(1, 1)

    def _become(self, rows: sp.csr_matrix) -> None:
        self._rows = rows
        takers = np.asarray(rows.getnnz(axis=0)).ravel()
        self._seen = torch.from_numpy(takers > 0)
        rarity = np.log1p(rows.shape[0] / np.maximum(takers, 1)) if self.config.item_weight is ItemWeight.RARITY else np.ones(len(takers))
        self._worth = np.where(takers > 0, rarity, 0.0).astype(np.float32)  # [n_items]
        weighted = rows.copy()
        weighted.data = rows.data * self._worth[rows.indices]
        self._lengths = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=1)).ravel()).astype(np.float32)
        sizes = np.asarray(rows.sum(axis=1)).ravel()
        self._voice = (sizes**-self.config.history_damping).astype(np.float32)
        self._takers = weighted.T.tocsr()  # [n_items, training shoppers]

    def score(self, histories: Histories, candidates: np.ndarray | None = None) -> Tensor:
        """See the base. Memory: B × n_items scores, and a number for each training shopper a core."""
        # What was not liked is left out. A matrix, so that equal histories have one order.
        values = np.maximum(event_values(histories, self.n_items, self.config.repeats), 0.0)
        asked = histories.to_csr(self.n_items, values)  # [B, n_items]
        asked.data *= self._worth[asked.indices]
        asked.eliminate_zeros()  # items nobody took find no neighbour
        lengths = np.sqrt(np.asarray(asked.multiply(asked).sum(axis=1)).ravel()).astype(np.float32)
        out = np.zeros((len(histories), self.n_items), dtype=np.float32)
        rows, takers, config = self._rows, self._takers, self.config
        _vote(
            asked.indptr, asked.indices, asked.data, lengths, takers.indptr, takers.indices, takers.data, self._lengths, self._voice,
            rows.indptr, rows.indices, rows.data, config.neighbours, np.float32(config.shrinkage), np.float32(config.sharpness), out,
        )  # fmt: skip
        scores = torch.from_numpy(out)  # [B, n_items]
        scores[:, ~self._seen] = torch.nan
        scores[torch.from_numpy(np.diff(asked.indptr) == 0)] = torch.nan
        return gather_candidates(scores, candidates)

    def state(self) -> dict[str, Tensor]:
        return {
            "indptr": torch.from_numpy(self._rows.indptr.astype(np.int64)),
            "indices": torch.from_numpy(self._rows.indices.astype(np.int32)),
            "data": torch.from_numpy(self._rows.data),
            "n_items": torch.tensor(self.n_items),
        }

    def load_state(self, state: dict[str, Tensor]) -> None:
        self.n_items = int(state["n_items"])
        shape = (len(state["indptr"]) - 1, self.n_items)
        self._become(sp.csr_matrix((state["data"].numpy(), state["indices"].numpy(), state["indptr"].numpy()), shape=shape))


@njit(cache=True, parallel=True)
def _vote(
    indptr, items, values, lengths, t_indptr, t_users, t_data, t_lengths, voice, r_indptr, r_items, r_data, k, shrinkage, sharpness, out
):  # pragma: no cover - compiled
    """out[b] += likeness^sharpness × voice × row of each of the k training shoppers most like row b; ties by the lower shopper."""
    n_users = len(t_lengths)
    for block in prange((len(indptr) + ROWS_A_CORE - 2) // ROWS_A_CORE):
        alike, touched = np.zeros(n_users, np.float32), np.empty(n_users, np.int32)
        for row in range(block * ROWS_A_CORE, min(len(indptr) - 1, (block + 1) * ROWS_A_CORE)):
            found = 0
            for e in range(indptr[row], indptr[row + 1]):
                item, value = items[e], values[e]
                for place in range(t_indptr[item], t_indptr[item + 1]):
                    user = np.uint32(t_users[place])
                    if alike[user] == 0.0:
                        touched[found] = user
                        found += 1
                    alike[user] += value * t_data[place]
            likeness = np.empty(found, np.float32)
            for place in range(found):
                user = touched[place]
                likeness[place] = alike[user] / (lengths[row] * t_lengths[user] + shrinkage)
                alike[user] = 0.0
            least, ties = np.float32(0.0), found
            if found > k:
                least = np.partition(likeness, found - k)[found - k]
                ties = k
                for place in range(found):
                    if likeness[place] > least:
                        ties -= 1
            order = np.argsort(touched[:found])
            for at in order:
                if likeness[at] < least or (likeness[at] == least and ties == 0):
                    continue
                if likeness[at] == least:
                    ties -= 1
                user = touched[at]
                weight = likeness[at] ** sharpness * voice[user]
                for place in range(r_indptr[user], r_indptr[user + 1]):
                    out[row, np.uint32(r_items[place])] += weight * r_data[place]
