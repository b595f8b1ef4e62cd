"""What is known of each item at one moment: the ground of every signal that is not a model's score."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from recengine.data.dataset import Catalogue
from recengine.data.events import EventLog
from recengine.text.kinds import OTHER

DAY_S = 86_400
RECENT_DAYS = 28.0
SMOOTHING = 3.0  # shoppers added to both sides of a trend, so that single sales make no trend


@dataclass(frozen=True, eq=False)
class ItemFacts:
    """One row an item, as of `as_of_s`. A column that the dataset does not have is None."""

    as_of_s: np.ndarray  # int64 [1]
    sellable: np.ndarray  # bool [n_items]
    reach: np.ndarray  # float64 [n_items], distinct shoppers per thousand in the last 28 days
    trend: np.ndarray  # float64 [n_items], log2 of the last 28 days against the 28 days before, relative to the whole shop
    age_days: np.ndarray  # float64 [n_items], since the first event, NaN without one
    idle_days: np.ndarray  # float64 [n_items], since the last event, NaN without one
    log_price: np.ndarray | None  # float64 [n_items], log2, NaN where unknown
    category: np.ndarray | None  # int32 [n_items], -1 where unknown
    brand: np.ndarray | None  # int32 [n_items], -1 where unknown

    @staticmethod
    def of(train: EventLog, catalogue: Catalogue) -> ItemFacts:
        """Facts at the end of `train`.

        No event after `train` is read. Prices, categories, brands and what is sellable are the catalogue's, which is made from
        the whole file: an item's price is its median over all events, those after `train` too.
        """
        n = train.n_items
        end_s = int(train.times_s.max()) + 1
        telling = train.weights > 0
        users, items, times = train.user_codes[telling], train.item_codes[telling], train.times_s[telling]
        window_s = int(RECENT_DAYS * DAY_S)
        late, active = _shoppers(users, items, times >= end_s - window_s, n)
        early, active_before = _shoppers(users, items, (times < end_s - window_s) & (times >= end_s - 2 * window_s), n)
        shop = (active + SMOOTHING) / (active_before + SMOOTHING)
        first, last = np.full(n, np.iinfo(np.int64).max), np.full(n, np.iinfo(np.int64).min)
        np.minimum.at(first, items, times)
        np.maximum.at(last, items, times)
        seen = last >= first
        prices = catalogue.prices.astype(np.float64)
        priced = np.isfinite(prices) & (prices > 0)
        return ItemFacts(
            as_of_s=np.array([end_s], dtype=np.int64),
            sellable=np.array(catalogue.sellable, dtype=bool),
            reach=1000.0 * late / max(active, 1),
            trend=np.log2((late + SMOOTHING) / (early + SMOOTHING) / shop),
            age_days=np.where(seen, (end_s - first) / DAY_S, np.nan),
            idle_days=np.where(seen, (end_s - last) / DAY_S, np.nan),
            log_price=np.log2(prices, out=np.full(n, np.nan), where=priced) if priced.any() else None,
            # A kind read from titles has a name for "none of them", which is no taste.
            category=_codes(catalogue.categories, OTHER if catalogue.category_source == "title" else ""),
            brand=_codes(catalogue.brands, ""),
        )

    def arrays(self) -> dict[str, np.ndarray]:
        """The columns that exist, by name."""
        named = {f.name: getattr(self, f.name) for f in fields(self)}
        return {name: array for name, array in named.items() if array is not None}

    @staticmethod
    def from_arrays(arrays: dict[str, np.ndarray]) -> ItemFacts:
        """The facts that `arrays` came from."""
        return ItemFacts(**{f.name: arrays.get(f.name) for f in fields(ItemFacts)})  # type: ignore[arg-type]


def _shoppers(users: np.ndarray, items: np.ndarray, mask: np.ndarray, n_items: int) -> tuple[np.ndarray, int]:
    """Distinct shoppers of each item (float64 [n_items]) and of all, among the events of `mask`."""
    pairs = np.unique(users[mask].astype(np.int64) * n_items + items[mask])
    return np.bincount(pairs % n_items, minlength=n_items).astype(np.float64), len(np.unique(users[mask]))


def _codes(names: np.ndarray, unknown: str) -> np.ndarray | None:
    """int32 codes in the order of the names, -1 for "" and `unknown`; None with fewer than two names: nothing can be told apart."""
    distinct = sorted({str(name) for name in names} - {"", unknown})
    if len(distinct) < 2:
        return None
    code_of = {name: code for code, name in enumerate(distinct)}
    return np.array([code_of.get(str(name), -1) for name in names], dtype=np.int32)
