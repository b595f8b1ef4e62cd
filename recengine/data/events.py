"""The interaction log inside the engine: plain arrays of codes, one row an event."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from recengine.columns import BEHAVIOUR_WEIGHT, BEHAVIOURS

WEIGHT_OF_CODE = np.array([BEHAVIOUR_WEIGHT[b] for b in BEHAVIOURS], dtype=np.float32)


@dataclass(frozen=True, eq=False)
class EventLog:
    """Events of all shoppers, sorted by (user, time, item, behaviour); never mutated.

    The order makes everything that is learned from a log independent of the order of the rows in the file.
    """

    user_codes: np.ndarray  # int32 [n]
    item_codes: np.ndarray  # int32 [n]
    behaviours: np.ndarray  # int8 [n], index into BEHAVIOURS
    times_s: np.ndarray  # int64 [n], seconds since 1970 UTC
    prices: np.ndarray  # float32 [n], NaN where unknown
    n_users: int
    n_items: int

    @staticmethod
    def build(
        user_codes: np.ndarray,
        item_codes: np.ndarray,
        times_s: np.ndarray,
        n_users: int,
        n_items: int,
        behaviours: np.ndarray | None = None,
        prices: np.ndarray | None = None,
    ) -> EventLog:
        """Sort the columns into a log; `behaviours` defaults to purchases, `prices` to unknown."""
        n = len(user_codes)
        if behaviours is None:
            behaviours = np.full(n, BEHAVIOURS.index("purchase"))  # type: ignore[arg-type]
        if prices is None:
            prices = np.full(n, np.nan)
        order = np.lexsort((prices, behaviours, item_codes, times_s, user_codes))
        return EventLog(
            user_codes=np.asarray(user_codes, dtype=np.int32)[order],
            item_codes=np.asarray(item_codes, dtype=np.int32)[order],
            behaviours=np.asarray(behaviours, dtype=np.int8)[order],
            times_s=np.asarray(times_s, dtype=np.int64)[order],
            prices=np.asarray(prices, dtype=np.float32)[order],
            n_users=n_users,
            n_items=n_items,
        )

    def __len__(self) -> int:
        return len(self.user_codes)

    @cached_property
    def indptr(self) -> np.ndarray:
        """int64 [n_users + 1]: events of user u are rows indptr[u] to indptr[u + 1]."""
        return np.searchsorted(self.user_codes, np.arange(self.n_users + 1)).astype(np.int64)

    @property
    def weights(self) -> np.ndarray:
        """float32 [n]: strength of each event as evidence of interest, by behaviour."""
        return WEIGHT_OF_CODE[self.behaviours]

    @cached_property
    def digest(self) -> str:
        """Equal for equal logs: a hash of everything that a model may learn from."""
        found = hashlib.blake2b(f"{self.n_users},{self.n_items}".encode(), digest_size=16)
        for values in (self.user_codes, self.item_codes, self.behaviours, self.times_s, self.prices):
            found.update(np.ascontiguousarray(values).data)
        return found.hexdigest()

    def keep(self, mask: np.ndarray) -> EventLog:
        """The events where `mask` (bool [n]) holds; the codes keep their meaning."""
        return EventLog(
            self.user_codes[mask],
            self.item_codes[mask],
            self.behaviours[mask],
            self.times_s[mask],
            self.prices[mask],
            self.n_users,
            self.n_items,
        )
