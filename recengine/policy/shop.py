"""What controls and rules read of a shop and of the shoppers in front of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from recengine.columns import BEHAVIOUR_CODE
from recengine.data.dataset import Catalogue
from recengine.evaluation.metrics.base import Shop
from recengine.policy.rerankers.base import ShopItems

if TYPE_CHECKING:
    from recengine.data.dataset import Dataset
    from recengine.data.events import EventLog
    from recengine.data.histories import Histories

DAY_S = 86_400
SCENES = ("home", "product", "cart", "email")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, eq=False)
class PolicyShop:
    """One row an item: what conditions ask for and what controls weigh."""

    catalogue: Catalogue
    items: ShopItems
    first_s: np.ndarray  # int64 [n_items], when the log first shows the item, -1 = never
    now_s: int  # "today" of the data
    counted: Shop  # events and shoppers of each item
    attributes: Mapping[str, np.ndarray] = field(default_factory=dict)  # further fields: object (str) or float [n_items]; may hold "stock"

    def __len__(self) -> int:
        return len(self.catalogue)

    @staticmethod
    def of(
        dataset: Dataset, vectors: np.ndarray, past: EventLog | None = None, attributes: Mapping[str, np.ndarray] | None = None
    ) -> PolicyShop:
        """A dataset as policies see it.

        Args:
            dataset: whose catalogue is read.
            vectors: float [n_items, d], see `text.item_vectors`.
            past: events that popularity and age are counted from; default all of the dataset.
            attributes: further fields of the items, by name; default those of the catalogue, such as its stock.
        """
        further = dataset.catalogue.attributes if attributes is None else attributes
        log = dataset.products_log if past is None else past
        first = np.full(log.n_items, np.iinfo(np.int64).max)
        np.minimum.at(first, log.item_codes, log.times_s)
        first[first == np.iinfo(np.int64).max] = -1
        now_s = int(log.times_s.max()) + 1 if len(log) else 0
        counted = Shop.of(log, dataset.catalogue.sellable)
        return PolicyShop(dataset.catalogue, ShopItems.of(dataset.catalogue, vectors), first, now_s, counted, further)

    @cached_property
    def novelty(self) -> np.ndarray:
        """float64 [n_items]: bits of surprise (-log2 of the share of shoppers who had it), scaled to 0 … 1 over the shop."""
        bits = self.counted.information
        return (bits - bits.min()) / max(float(np.ptp(bits)), 1e-12) if len(bits) else bits

    @cached_property
    def tail(self) -> np.ndarray:
        """bool [n_items]: outside the smallest set of items with 80 % of the events."""
        return ~self.counted.head

    def age_days(self, now_s: int | None = None) -> np.ndarray:
        """float64 [n_items]: days since the log first shows the item; 0 for items it never shows."""
        now = self.now_s if now_s is None else now_s
        return np.where(self.first_s < 0, 0.0, np.maximum(now - self.first_s, 0) / DAY_S)

    @cached_property
    def folded_titles(self) -> list[str]:
        """Titles in lower case, their words between single blanks, one blank at both ends."""
        return [folded(str(title)) for title in self.catalogue.titles]

    def text_field(self, name: str) -> np.ndarray | None:
        """object (str) [n_items]: a field of text, None where the data has no such field."""
        own = {"id": self.catalogue.vocabulary.ids, "title": self.catalogue.titles}
        own |= {"category": self.catalogue.categories, "brand": self.catalogue.brands}
        values = own[name] if name in own else self.attributes.get(name)
        return None if values is None or values.dtype.kind in "fiub" else values.astype(object)

    def number_field(self, name: str) -> np.ndarray | None:
        """float64 [n_items]: a field of numbers, NaN where unknown; None where the data has no such field."""
        if name == "price":
            return self.catalogue.prices.astype(np.float64)
        values = self.attributes.get(name)
        return values.astype(np.float64) if values is not None and values.dtype.kind in "fiub" else None


@dataclass(frozen=True, eq=False)
class Situation:
    """Where and when a list is shown."""

    scene: str = "home"  # one of SCENES
    day: date | None = None  # None = the day after the last event
    anchors: tuple[int, ...] = ()  # codes of the item of a product page, or of what is in the cart: never shown themselves
    aged_s: int | None = None  # the moment up to which the shop is known, where that is not the day: ages are counted from it


@dataclass(frozen=True, eq=False)
class Visitors:
    """B shoppers who are to get lists."""

    histories: Histories
    segments: Mapping[str, np.ndarray] = field(default_factory=dict)  # segment → bool [B]

    def __len__(self) -> int:
        return len(self.histories)

    def had(self, n_items: int, behaviour: str, within_s: int | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Which items a shopper bought, or was shown, and how often.

        Args:
            n_items: items of the shop.
            behaviour: of `columns.Behaviour`.
            within_s: only in this many seconds before the list is shown; None = ever.

        Returns:
            int64 [m], ascending keys row x n_items + item; int64 [m], how often.
        """
        events = self.histories
        row = events.row_of_event
        use = (events.behaviours == BEHAVIOUR_CODE[behaviour]) & (events.item_codes >= 0)
        if within_s is not None:
            use &= events.now_s[row] - events.times_s <= within_s
        return np.unique(row[use] * np.int64(n_items) + events.item_codes[use], return_counts=True)


def folded(text: str) -> str:
    """Lower case, words between single blanks, one blank at both ends."""
    return f" {' '.join(_WORD.findall(text.casefold()))} "


def times_had(keys: np.ndarray, counts: np.ndarray, n_items: int, item_codes: np.ndarray) -> np.ndarray:
    """int64 [B, C]: how often row b had item_codes[b, c], from what `Visitors.had` gives; 0 for -1."""
    if not len(keys) or not item_codes.size:
        return np.zeros(item_codes.shape, np.int64)
    wanted = np.arange(len(item_codes))[:, None] * np.int64(n_items) + item_codes
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where((keys[place] == wanted) & (item_codes >= 0), counts[place], 0)
