"""A history grouped by item, so that many explanations of one shopper read it once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from recengine.columns import BEHAVIOURS
from recengine.data.dataset import Dataset
from recengine.data.histories import Histories
from recengine.explain.titles import DID, date, item_title

COUNTS = ("never", "once", "twice", "three times", "four times", "five times", "six times", "seven times", "eight times", "nine times")


@dataclass(frozen=True)
class PastItem:
    """All events of a history on one item."""

    code: int
    title: str
    contribution: float  # sum over its events
    times: int
    last_s: int
    did: str  # "bought"

    def when(self) -> str:
        """The day of one event, the number and the newest day of several: 8 Dec 2011; twice, last 8 Dec 2011."""
        if self.times == 1:
            return date(self.last_s)
        count = COUNTS[self.times] if self.times < len(COUNTS) else f"{self.times} times"
        return f"{count}, last {date(self.last_s)}"


@dataclass(frozen=True, eq=False)
class Past:
    """One history of a dataset's shopper."""

    dataset: Dataset
    histories: Histories  # one row

    @cached_property
    def _groups(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Code, times, newest moment and strongest behaviour of every distinct item, and the item's number of every event."""
        h = self.histories
        codes, item_of, times = np.unique(h.item_codes, return_inverse=True, return_counts=True)
        last = np.full(len(codes), np.iinfo(np.int64).min)
        np.maximum.at(last, item_of, h.times_s)
        strength = np.zeros(len(codes))
        np.maximum.at(strength, item_of, np.abs(h.weights))
        strongest = np.zeros(len(codes), dtype=np.int64)
        carries = np.abs(h.weights) == strength[item_of]
        strongest[item_of[carries]] = h.behaviours[carries]
        return codes, times, last, strongest, item_of

    def items(self, events: np.ndarray, n: int | None = None, by_size: bool = False) -> list[PastItem]:
        """Past items by contribution, largest first (with `by_size` regardless of its sign), then the newest; the first `n`.

        Args:
            events: float64 [E], contribution of each event.
            n: how many, None for all.
            by_size: order by absolute value.
        """
        codes, times, last, strongest, item_of = self._groups
        total = np.bincount(item_of, events, minlength=len(codes))
        order = np.lexsort((codes, -last, -np.abs(total) if by_size else -total))[:n]
        return [
            PastItem(
                int(codes[i]),
                item_title(self.dataset.catalogue, int(codes[i])),
                float(total[i]),
                int(times[i]),
                int(last[i]),
                DID.get(BEHAVIOURS[strongest[i]], "used"),
            )
            for i in order
        ]
