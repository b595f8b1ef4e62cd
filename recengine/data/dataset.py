"""A dataset version in memory: the log, the catalogue and the shoppers, as read-only arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from recengine.data.events import EventLog
from recengine.data.histories import Histories
from recengine.data.vocabulary import Vocabulary


@dataclass(frozen=True, eq=False)
class Catalogue:
    """What is known of each item, by item code. Text is as in the file; "" where the file has none."""

    vocabulary: Vocabulary
    titles: np.ndarray  # object (str) [n_items]
    categories: np.ndarray  # object (str) [n_items]
    brands: np.ndarray  # object (str) [n_items]
    prices: np.ndarray  # float32 [n_items], NaN where unknown
    sellable: np.ndarray  # bool [n_items], False for postage, fees and the like
    category_source: str = "file"  # "file", "title" (derived by text.kinds) or "none"
    attributes: Mapping[str, np.ndarray] = field(default_factory=dict)  # of a joined table: "description", "picture" and others as object
    # (str) [n_items], "" unknown; "stock" and other numbers as float32 [n_items], NaN unknown

    def __len__(self) -> int:
        return len(self.vocabulary)

    @staticmethod
    def bare(item_ids: Vocabulary) -> Catalogue:
        """A catalogue of ids alone, for benchmark files without titles."""
        n = len(item_ids)
        blank = np.full(n, "", dtype=object)
        return Catalogue(item_ids, blank, blank, blank, np.full(n, np.nan, np.float32), np.ones(n, dtype=bool), "none")


@dataclass(frozen=True, eq=False)
class Dataset:
    """One immutable version of a shop's behaviour log."""

    id: str
    name: str
    fingerprint: str  # SHA-256 of the canonical events, items and shoppers; the same rows in any order give the same one
    log: EventLog
    catalogue: Catalogue
    users: Vocabulary
    user_features: np.ndarray  # object (str) [n_users]
    currency: str = ""  # sign put before prices, "" where unknown
    user_attributes: Mapping[str, np.ndarray] = field(default_factory=dict)  # of a joined table: object (str) [n_users], "" unknown

    @cached_property
    def products_log(self) -> EventLog:
        """The events on products: what models learn from and are asked about. Postage and fees say nothing of taste."""
        sellable = self.catalogue.sellable
        return self.log if sellable.all() else self.log.keep(sellable[self.log.item_codes])

    def weighted(self, weights: Mapping[str, float]) -> Dataset:
        """The same shop with other strengths of behaviours, sharing its arrays. Raises BadInput as `weight_table` does."""
        if not weights:
            return self
        other = replace(self, log=self.log.weighted(weights))
        other.__dict__["products_log"] = self.products_log.weighted(weights)  # where cached_property looks
        return other

    @property
    def now_s(self) -> int:
        """The moment after the last event: "today" for this data."""
        return int(self.log.times_s.max()) + 1 if len(self.log) else 0

    def histories(self, user_codes: np.ndarray, now_s: int | None = None) -> Histories:
        """Histories of known shoppers, of products alone, as of `now_s` (default: after the last event)."""
        return Histories.from_log(self.products_log, user_codes, self.now_s if now_s is None else now_s)
