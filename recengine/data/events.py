"""The interaction log inside the engine: plain arrays of codes, one row an event."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from recengine.columns import BEHAVIOURS
from recengine.data.standing import SIGN_OF_CODE, WEIGHT_OF_CODE, standing_weights, weight_table


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
    weight_of_code: np.ndarray = field(default_factory=lambda: WEIGHT_OF_CODE)  # float32 [n_behaviours], see `weighted`

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
        """float32 [n]: strength of each event as evidence of interest, by behaviour; never below 0, which is no interest.

        An event that a later return, removal or "not interested" takes back is 0 too, see `standing_weights`.
        """
        return np.maximum(standing_weights(self.weight_of_code, self.user_codes, self.item_codes, self.behaviours), 0.0)

    @property
    def signs(self) -> np.ndarray:
        """bool [n]: the shopper did something with the item itself, see `columns.NO_SIGN`; whatever weights a training gives."""
        return SIGN_OF_CODE[self.behaviours]

    def weighted(self, weights: Mapping[str, float] | np.ndarray) -> EventLog:
        """The same events with other strengths: behaviour → weight where it differs from the default, or float32 [n_behaviours].

        Raises BadInput as `weight_table` does.
        """
        return replace(self, weight_of_code=weights if isinstance(weights, np.ndarray) else weight_table(weights))

    def interests(self) -> EventLog:
        """The events that tell of interest or of nothing: what a model learns from that multiplies by the weights of histories."""
        if not (self.weight_of_code < 0).any():
            return self
        negative = self.weight_of_code[self.behaviours] < 0
        return self if not negative.any() else self.keep((self.weights > 0) | (self.weight_of_code[self.behaviours] == 0))

    @cached_property
    def digest(self) -> str:
        """Equal for equal logs: a hash of everything that a model may learn from."""
        found = hashlib.blake2b(f"{self.n_users},{self.n_items}".encode(), digest_size=16)
        for values in (self.user_codes, self.item_codes, self.behaviours, self.times_s, self.prices, self.weight_of_code):
            found.update(np.ascontiguousarray(values).data)
        return found.hexdigest()

    def keep(self, mask: np.ndarray) -> EventLog:
        """The events where `mask` (bool [n]) holds; the codes keep their meaning."""
        return replace(
            self,
            user_codes=self.user_codes[mask],
            item_codes=self.item_codes[mask],
            behaviours=self.behaviours[mask],
            times_s=self.times_s[mask],
            prices=self.prices[mask],
        )
