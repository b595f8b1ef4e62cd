"""What is known of each item at one moment: the ground of every signal that is not a model's score."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
import scipy.sparse as sp

from recengine.columns import BEHAVIOUR_CODE
from recengine.data.dataset import Catalogue
from recengine.data.events import EventLog
from recengine.funnel.rhythm import SEASON_DAYS, hour_of, month_of, rhythm, weekday_of
from recengine.funnel.visits import companions
from recengine.text.kinds import OTHER
from recengine.text.tfidf import item_texts, tfidf

DAY_S = 86_400
RECENT_DAYS = 28.0
WEEK_DAYS = 7.0
SMOOTHING = 3.0  # shoppers added to both sides of a trend, so that single sales make no trend
VIEWERS = 20.0  # viewers of the whole shop added to each item's share of buyers
RATERS = 5.0  # ratings of the whole shop added to each item's mean


@dataclass(frozen=True, eq=False)
class ItemFacts:
    """One row an item, as of `as_of_s`. A column that the data cannot tell is None."""

    as_of_s: np.ndarray  # int64 [1]
    sellable: np.ndarray  # bool [n_items]
    reach: np.ndarray  # float64 [n_items], distinct shoppers per thousand in the last 28 days
    trend: np.ndarray  # float64 [n_items], log2 of the last 28 days against the 28 days before, relative to the whole shop
    age_days: np.ndarray  # float64 [n_items], since the first event, NaN without one
    idle_days: np.ndarray  # float64 [n_items], since the last event, NaN without one
    log_price: np.ndarray | None  # float64 [n_items], log2, NaN where unknown
    category: np.ndarray | None  # int32 [n_items], -1 where unknown
    brand: np.ndarray | None  # int32 [n_items], -1 where unknown
    reach_week: np.ndarray | None = None  # float64 [n_items], distinct shoppers per thousand in the last 7 days
    category_trend: np.ndarray | None = None  # float64 [n_items], trend of the whole category
    price_level: np.ndarray | None = None  # float64 [n_items], log2 of the price against the category's middle
    conversion: np.ndarray | None = None  # float64 [n_items], share of its viewers who bought it
    hours: np.ndarray | None = None  # float32 [n_items, 24], see `rhythm`
    weekdays: np.ndarray | None = None  # float32 [n_items, 7]
    months: np.ndarray | None = None  # float32 [n_items, 12]
    rating: np.ndarray | None = None  # float64 [n_items], mean rating, drawn to the shop's mean
    raters: np.ndarray | None = None  # float64 [n_items], ratings behind it
    texts: sp.csr_matrix | None = None  # float32 [n_items, V], rows of length 1
    companions: sp.csr_matrix | None = None  # float32 [n_items, n_items], see `visits.companions`

    @staticmethod
    def of(train: EventLog, catalogue: Catalogue, texts: sp.csr_matrix | None = None) -> ItemFacts:
        """Facts at the end of `train`.

        No event after `train` is read. Prices are those of `train` where its events have any. Titles, categories, brands and what
        is sellable are the catalogue's, which is made from the whole file.

        Args:
            train: the past.
            catalogue: of the items.
            texts: `word_vectors(catalogue)`, where it is at hand.
        """
        n = train.n_items
        end_s = int(train.times_s.max()) + 1
        telling = train.weights > 0
        users, items, times = train.user_codes[telling], train.item_codes[telling], train.times_s[telling]
        window_s = int(RECENT_DAYS * DAY_S)
        is_late, is_early = times >= end_s - window_s, (times < end_s - window_s) & (times >= end_s - 2 * window_s)
        late, active = _shoppers(users, items, is_late, n)
        early, active_before = _shoppers(users, items, is_early, n)
        week, active_week = _shoppers(users, items, times >= end_s - int(WEEK_DAYS * DAY_S), n)
        shop = (active + SMOOTHING) / (active_before + SMOOTHING)
        first, last = np.full(n, np.iinfo(np.int64).max), np.full(n, np.iinfo(np.int64).min)
        np.minimum.at(first, items, times)
        np.maximum.at(last, items, times)
        seen = last >= first
        prices = _past_prices(train)
        prices = catalogue.prices.astype(np.float64) if prices is None else prices
        priced = np.isfinite(prices) & (prices > 0)
        log_price = np.log2(prices, out=np.full(n, np.nan), where=priced) if priced.any() else None
        # A kind read from titles has a name for "none of them", which is no taste.
        category = _codes(catalogue.categories, OTHER if catalogue.category_source == "title" else "")
        in_category = None
        if category is not None:
            late_there, early_there = (_shoppers(users, category[items], m & (category[items] >= 0), n)[0] for m in (is_late, is_early))
            told = np.log2((late_there + SMOOTHING) / (early_there + SMOOTHING) / shop)
            in_category = np.where(category >= 0, told[category], np.nan)
        vectors = word_vectors(catalogue) if texts is None else texts
        together = companions(train)
        rating, raters = _ratings(train)
        span_days = (end_s - int(train.times_s.min())) / DAY_S
        return ItemFacts(
            as_of_s=np.array([end_s], dtype=np.int64),
            sellable=np.array(catalogue.sellable, dtype=bool),
            reach=1000.0 * late / max(active, 1),
            trend=np.log2((late + SMOOTHING) / (early + SMOOTHING) / shop),
            age_days=np.where(seen, (end_s - first) / DAY_S, np.nan),
            idle_days=np.where(seen, (end_s - last) / DAY_S, np.nan),
            log_price=log_price,
            category=category,
            brand=_codes(catalogue.brands, ""),
            reach_week=1000.0 * week / max(active_week, 1),
            category_trend=in_category,
            price_level=_against_category(log_price, category),
            conversion=_conversion(train),
            hours=rhythm(items, hour_of(times), n, 24),
            weekdays=rhythm(items, weekday_of(times), n, 7),
            months=rhythm(items, month_of(times), n, 12) if span_days >= SEASON_DAYS else None,
            rating=rating,
            raters=raters,
            texts=vectors if vectors.nnz else None,
            companions=together if together.nnz else None,
        )

    def has(self, column: str) -> bool:
        """Whether the data can tell `column`; "" always."""
        return not column or getattr(self, column) is not None

    def without(self, columns: set[str]) -> ItemFacts:
        """The same facts, `columns` unknown."""
        return replace(self, **dict.fromkeys(columns)) if columns else self

    def arrays(self) -> dict[str, np.ndarray]:
        """The columns that exist, by name; a sparse one as its three parts."""
        found: dict[str, np.ndarray] = {}
        for name in (f.name for f in fields(self)):
            value = getattr(self, name)
            if isinstance(value, sp.csr_matrix):
                parts = {"indptr": value.indptr.astype(np.int64), "indices": value.indices.astype(np.int32), "data": value.data}
                found |= {f"{name}.{part}": array for part, array in parts.items()}
                found[f"{name}.shape"] = np.array(value.shape, dtype=np.int64)
            elif value is not None:
                found[name] = value
        return found

    @staticmethod
    def from_arrays(arrays: dict[str, np.ndarray]) -> ItemFacts:
        """The facts that `arrays` came from."""
        values: dict[str, object] = {f.name: arrays.get(f.name) for f in fields(ItemFacts)}
        for name in (key.removesuffix(".shape") for key in arrays if key.endswith(".shape")):
            parts = tuple(arrays[f"{name}.{part}"] for part in ("data", "indices", "indptr"))
            values[name] = sp.csr_matrix(parts, shape=tuple(arrays[f"{name}.shape"].tolist()))
        return ItemFacts(**values)  # type: ignore[arg-type]


def word_vectors(catalogue: Catalogue) -> sp.csr_matrix:
    """float32 [n_items, V], rows of length 1: TF-IDF of title, category and brand, words of at least two items."""
    return tfidf(item_texts(catalogue), 2)[0]


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


def _past_prices(train: EventLog) -> np.ndarray | None:
    """float64 [n_items]: middle price of each item's events (the lower of two), NaN without one; None where no event has a price."""
    prices = train.prices
    priced = np.flatnonzero(np.isfinite(prices) & (prices > 0))
    if len(priced) == 0:
        return None
    items, values = train.item_codes[priced], prices[priced].astype(np.float64)
    order = np.lexsort((values, items))
    counts = np.bincount(items, minlength=train.n_items)
    starts = np.cumsum(counts) - counts
    found = np.full(train.n_items, np.nan)
    some = counts > 0
    found[some] = values[order][starts[some] + (counts[some] - 1) // 2]
    return found


def _against_category(log_price: np.ndarray | None, category: np.ndarray | None) -> np.ndarray | None:
    """float64 [n_items]: log2 price less the middle one of its category; None where either is unknown."""
    if log_price is None or category is None:
        return None
    known = (category >= 0) & ~np.isnan(log_price)
    order = np.lexsort((log_price[known], category[known]))
    counts = np.bincount(category[known], minlength=int(category.max()) + 1)
    starts = np.cumsum(counts) - counts
    middle = np.full(len(counts), np.nan)
    middle[counts > 0] = log_price[known][order][(starts + np.maximum(counts - 1, 0) // 2)[counts > 0]]
    return np.where(known, log_price - middle[np.maximum(category, 0)], np.nan)


def _conversion(train: EventLog) -> np.ndarray | None:
    """float64 [n_items]: share of an item's viewers who bought it, drawn to the shop's; None without views or without purchases."""
    n = train.n_items
    viewed, bought = (train.behaviours == BEHAVIOUR_CODE[name] for name in ("view", "purchase"))
    if not viewed.any() or not bought.any():
        return None
    viewers, _ = _shoppers(train.user_codes, train.item_codes, viewed, n)
    pairs = train.user_codes.astype(np.int64) * n + train.item_codes
    both = np.intersect1d(pairs[viewed], pairs[bought])
    buyers = np.bincount(both % n, minlength=n).astype(np.float64)
    return (buyers + VIEWERS * buyers.sum() / max(viewers.sum(), 1.0)) / (viewers + VIEWERS)


def _ratings(train: EventLog) -> tuple[np.ndarray | None, np.ndarray | None]:
    """Mean rating of each item (float64 [n_items]), drawn to the shop's mean by five ratings, and how many; None without ratings."""
    given = getattr(train, "ratings", None)
    if given is None or not np.isfinite(given).any():
        return None, None
    rated = np.isfinite(given)
    n_ratings = np.bincount(train.item_codes[rated], minlength=train.n_items).astype(np.float64)
    added = np.bincount(train.item_codes[rated], given[rated].astype(np.float64), minlength=train.n_items)
    mean = float(given[rated].astype(np.float64).mean())
    return (added + RATERS * mean) / (n_ratings + RATERS), n_ratings
