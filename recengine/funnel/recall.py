"""Candidates: what each generator would put on top, and what each thinks of everything."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from recengine.data.histories import Histories
from recengine.models.base import Recommender
from recengine.scoring.topk import NEVER, best_codes

CELLS = 48_000_000  # scores held at once: about 200 MB
KEPT_CELLS = 12_000_000  # scores of single histories kept for the next question: about 50 MB
KEPT_ROWS = 32


@dataclass(frozen=True, eq=False)
class Recalled:
    """Scores and top lists of G generators for B histories; items the shopper has and items that are no products never come up."""

    names: tuple[str, ...]
    scores: list[np.ndarray]  # G x float32 [B, n_items], NaN = this generator cannot say
    top: list[np.ndarray]  # G x int64 [B, n], best first, -1 = its list ended
    best: np.ndarray  # float64 [G, B], score of its first item, NaN where its list is empty
    open: np.ndarray  # bool [B, n_items], items that may be recommended

    def pairs(self) -> tuple[np.ndarray, np.ndarray]:
        """Union of the top lists: row (int64 [P]) and item code (int64 [P]) of every candidate, by row, then code."""
        union = np.zeros(self.open.shape, dtype=bool)
        for top in self.top:
            place = np.flatnonzero(top.ravel() >= 0)
            union[place // top.shape[1], top.ravel()[place]] = True
        return np.nonzero(union)  # type: ignore[return-value]

    def ranks(self, generator: int, rows: np.ndarray, items: np.ndarray) -> np.ndarray:
        """float64 [P]: place of each pair in one generator's list, from 1; one more than its length where it is not in it."""
        top = self.top[generator]
        rank = np.full(self.open.shape, top.shape[1] + 1, dtype=np.int32)
        place = np.flatnonzero(top.ravel() >= 0)
        rank[place // top.shape[1], top.ravel()[place]] = place % top.shape[1] + 1
        return rank[rows, items].astype(np.float64)


class RecentRecalls:
    """Answers to the last single histories: a list, its cards and its what-ifs ask the generators about the same one."""

    def __init__(self, cells_each: int) -> None:
        self._room = int(np.clip(KEPT_CELLS // max(cells_each, 1), 1, KEPT_ROWS))
        self._kept: OrderedDict[bytes, Recalled] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, histories: Histories, make: Callable[[], Recalled]) -> Recalled:
        """The kept answer for this very history, or a new one. Batches are never kept."""
        if len(histories) != 1:
            return make()
        key = histories.fingerprint
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = make()
        for column in (*made.scores, *made.top, made.best, made.open):
            column.setflags(write=False)
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > self._room:
                self._kept.popitem(last=False)
        return made


def recall(generators: dict[str, Recommender], histories: Histories, quota: dict[str, int], sellable: np.ndarray) -> Recalled:
    """Ask every generator for its best items of each history.

    Args:
        generators: fitted models by name.
        histories: B rows; keep B x n_items x G below `CELLS`, see `batches`.
        quota: length of each generator's list.
        sellable: bool [n_items].
    """
    n_items = len(sellable)
    open_items = np.broadcast_to(sellable, (len(histories), n_items)).copy()
    known = histories.signs & (histories.item_codes >= 0) & (histories.item_codes < n_items)
    open_items[histories.row_of_event[known], histories.item_codes[known]] = False
    scores, tops, best = [], [], []
    for name, model in generators.items():
        given = model.score(histories)  # [B, n_items]
        values = torch.where(torch.from_numpy(open_items) & ~torch.isnan(given), given, NEVER)
        top = best_codes(values, min(quota[name], n_items)).numpy()  # [B, n]
        scores.append(given.numpy())
        tops.append(top)
        first = given.numpy()[np.arange(len(top)), np.maximum(top[:, 0], 0)].astype(np.float64)
        best.append(np.where(top[:, 0] >= 0, first, np.nan))
    return Recalled(tuple(generators), scores, tops, np.array(best).reshape(len(generators), len(histories)), open_items)


def batches(n_rows: int, n_items: int, n_generators: int) -> list[slice]:
    """Slices of rows whose scores fit in memory together. Rows never influence each other, so the size changes no result."""
    size = int(np.clip(CELLS // max(1, n_items * n_generators), 1, 1024))
    return [slice(start, min(start + size, n_rows)) for start in range(0, n_rows, size)]
