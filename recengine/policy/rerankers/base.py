"""The contract of a reranker: candidates in, lists out, and for every place the sum that chose it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from pydantic import BaseModel, ConfigDict

from recengine.policy.rerankers.relevance import relevance_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from recengine.data.dataset import Catalogue
    from recengine.data.histories import Histories

PRICE_BANDS = 5
GROUPINGS = ("category", "brand", "price")


class RerankerConfig(BaseModel):
    """Settings of a reranker. Every field has a docstring under it; forms and docs are made from them."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


@dataclass(frozen=True, eq=False)
class ShopItems:
    """What a reranker knows of the items of a shop, by item code."""

    vectors: np.ndarray  # float32 [n_items, d], rows of length 1 or 0 (an item of which nothing is known is like no other)
    category: np.ndarray  # int32 [n_items], -1 where unknown
    brand: np.ndarray  # int32 [n_items], -1 where unknown
    price: np.ndarray  # int32 [n_items], band 0 (cheapest fifth of the priced items) to 4, -1 where unknown
    names: dict[str, tuple[str, ...]] = field(default_factory=dict)  # grouping → name of each group, for words

    def __len__(self) -> int:
        return len(self.category)

    @staticmethod
    def of(catalogue: Catalogue, vectors: np.ndarray) -> ShopItems:
        """Groups of a catalogue beside its vectors (`text.item_vectors`)."""
        category, categories = coded(catalogue.categories)
        brand, brands = coded(catalogue.brands)
        price, bands = price_bands(catalogue.prices)
        names = {"category": categories, "brand": brands, "price": bands}
        return ShopItems(unit_rows(vectors), category, brand, price, names)

    @staticmethod
    def of_arrays(vectors: np.ndarray, category: ArrayLike, brand: ArrayLike, price: ArrayLike) -> ShopItems:
        """Items from bare codes (int [n_items], -1 = unknown) and vectors of any length."""
        first, second, third = (np.asarray(group, dtype=np.int32) for group in (category, brand, price))
        return ShopItems(unit_rows(vectors), first, second, third)

    def group(self, by: str) -> np.ndarray:
        """int32 [n_items]: the groups of one grouping of `GROUPINGS`."""
        if by not in GROUPINGS:
            raise ValueError(f"no grouping called {by}")
        return getattr(self, by)

    def n_groups(self, by: str) -> int:
        """Groups of one grouping."""
        group = self.group(by)
        return max(int(group.max(initial=-1)) + 1, len(self.names.get(by, ())))


@dataclass(frozen=True, eq=False)
class Taste:
    """What share of a shopper's own history each group holds; sparse, by row."""

    indptr: np.ndarray  # int64 [B + 1]
    groups: np.ndarray  # int32 [nnz]
    shares: np.ndarray  # float64 [nnz], > 0, 1 in sum over each row that is not empty

    @staticmethod
    def of(histories: Histories, group: np.ndarray, half_life: float | None = None) -> Taste:
        """Shares of the events of interest, each as strong as its behaviour; events on items without a group count nowhere.

        Args:
            histories: B rows.
            group: int [n_items], -1 = none.
            half_life: days before the question after which an event counts half; None = all count alike.
        """
        weights, items = histories.weights.astype(np.float64), histories.item_codes
        if half_life is not None:
            age_s = np.maximum(histories.now_s[histories.row_of_event] - histories.times_s, 0)
            newest = np.full(len(histories), np.iinfo(np.int64).max)
            np.minimum.at(newest, histories.row_of_event, age_s)  # shares are the same from any moment, and never all 0
            weights = weights * np.exp2(-(age_s - newest[histories.row_of_event]) / (86_400 * half_life))
        use = (weights > 0) & (items >= 0) & (items < len(group))
        rows, weights, groups = histories.row_of_event[use], weights[use], group[items[use]]
        rows, weights, groups = rows[groups >= 0], weights[groups >= 0], groups[groups >= 0]
        width = int(group.max(initial=0)) + 1
        pairs, place = np.unique(rows * width + groups, return_inverse=True)
        totals = np.bincount(place, weights, minlength=len(pairs))
        owner = pairs // width
        whole = np.bincount(owner, totals, minlength=len(histories))
        indptr = np.searchsorted(owner, np.arange(len(histories) + 1)).astype(np.int64)
        return Taste(indptr, (pairs % width).astype(np.int32), totals / whole[owner])

    @staticmethod
    def none(n_rows: int) -> Taste:
        """Nobody's taste is known."""
        return Taste(np.zeros(n_rows + 1, np.int64), np.zeros(0, np.int32), np.zeros(0))


@dataclass(frozen=True, eq=False)
class CountLimit:
    """How many items of a group the first places may, or should, hold."""

    group: np.ndarray  # int32 [n_items], -1 = the limit says nothing of this item
    most: int = -1  # of each group, -1 = any number
    least: int = 0  # of all groups together
    window: int = 2**31 - 1  # places from the top that are counted


@dataclass(frozen=True, eq=False)
class Candidates:
    """B rows of C candidates, and what is decided of their lists beforehand."""

    item_codes: np.ndarray  # int32 [B, C], distinct in a row, -1 = no candidate
    scores: np.ndarray  # float64 [B, C], NaN = no candidate
    items: ShopItems
    adjusted: np.ndarray | None = None  # float64 [B, C]: relevance with terms of controls and rules; None = relevance alone
    histories: Histories | None = None  # [B], for rerankers that look at the shopper's own taste
    pins: np.ndarray | None = None  # int32 [B, k]: column that stands at this place whatever the reranker thinks, -1 = free
    limits: Sequence[CountLimit] = ()
    taste_half_life: float | None = None  # days after which a past event counts half in the shopper's own mix; None = never

    @cached_property
    def relevance(self) -> np.ndarray:
        """float64 [B, C]: what the reranker weighs; the score scaled to 0 … 1, or `adjusted`. NaN = no candidate."""
        return relevance_of(self.item_codes, self.scores)[0] if self.adjusted is None else self.adjusted

    def taste(self, by: str) -> Taste:
        """Shares of the groups of one grouping in each shopper's history."""
        if self.histories is None:
            return Taste.none(len(self.item_codes))
        return Taste.of(self.histories, self.items.group(by), self.taste_half_life)


@dataclass(frozen=True, eq=False)
class RerankedLists:
    """Chosen items, best first, with the sum that chose each one; -1 and NaN beyond the end of a short list.

    `relevance + policy + lift` is the value with which an item took its place.
    """

    order: np.ndarray  # int32 [B, k], column of the candidates
    item_codes: np.ndarray  # int32 [B, k]
    relevance: np.ndarray  # float64 [B, k], what is left of the candidate's relevance: (1 - strength) x relevance, or all of it
    policy: np.ndarray  # float64 [B, k], what the reranker added or took at this place
    reason: str  # code of what the policy part stands for: like, share, turn, near or none
    other: np.ndarray  # int32 [B, k], the item code (like, near) or group (share, turn) it refers to, -1 = none
    amount: np.ndarray  # float64 [B, k]: likeness to that item, or share or number of that group
    lift: np.ndarray  # float64 [B, k], >= 0: what a "at least" limit gave, the distance to the item that would have stood here
    limit: np.ndarray  # int32 [B, k], index of that limit, -1 = none

    @property
    def value(self) -> np.ndarray:
        """float64 [B, k]: the sum that chose the item."""
        return self.relevance + self.policy + self.lift


class Reranker(ABC):
    """One way to choose k of C candidates. Class attributes are its row in the registry."""

    name: ClassVar[str]
    title: ClassVar[str]
    summary: ClassVar[str]
    source: ClassVar[str]  # paper or formula
    Config: ClassVar[type[RerankerConfig]]
    strength: ClassVar[str] = ""  # field of the Config that a slider moves: 0 = by relevance alone

    def __init__(self, config: RerankerConfig | None = None) -> None:
        self.config = config if config is not None else self.Config()

    @abstractmethod
    def choose(self, candidates: Candidates, k: int) -> RerankedLists:
        """Lists of k, one place after the other.

        Pins are chosen first, then the free places from the top. Equal sums go to the higher relevance, then the higher score,
        then the lower code, so that the order of the candidates never matters. Rows with fewer candidates are padded.
        """


def coded(texts: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
    """int32 [n]: place of each text among the sorted distinct ones, -1 for empty text; and those texts."""
    words = np.asarray(texts, dtype=object).astype(str)
    known = words != ""
    names, codes = np.unique(words[known], return_inverse=True)
    out = np.full(len(words), -1, dtype=np.int32)
    out[known] = codes
    return out, tuple(names.tolist())


def price_bands(prices: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
    """int32 [n]: fifths of the priced items, 0 = cheapest, -1 = no price; and "from … to …" of each band. Equal prices share a band."""
    values = np.asarray(prices, dtype=np.float64)
    out = np.full(len(values), -1, dtype=np.int32)
    known = np.isfinite(values) & (values > 0)
    if not known.any():
        return out, ()
    cuts = np.unique(np.quantile(values[known], np.arange(1, PRICE_BANDS) / PRICE_BANDS, method="lower"))
    cuts = cuts[cuts < values[known].max()]
    out[known] = np.searchsorted(cuts, values[known], side="left")
    ends = [values[known].min(), *cuts, values[known].max()]
    return out, tuple(f"{low:g} to {high:g}" for low, high in pairwise(ends))


def unit_rows(vectors: np.ndarray) -> np.ndarray:
    """float32 [n, d]: every row scaled to length 1; rows of zeros and rows that are not finite become 0."""
    rows = np.asarray(vectors, dtype=np.float64)
    rows = np.where(np.isfinite(rows).all(axis=1, keepdims=True), rows, 0.0)
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.divide(rows, length, out=np.zeros_like(rows), where=length > 0).astype(np.float32)
