"""What a log is like, in the figures that decide which models can learn from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recengine.data.dataset import Dataset
from recengine.data.events import EventLog
from recengine.data.split import answer_mask

NEWEST_SHARE = 0.15  # of the period: the window in which new items are looked for
MAX_PAIRS = 200_000  # events read to see whether the order repeats


@dataclass(frozen=True)
class DataFigures:
    """Of the events on products that tell of interest."""

    shoppers: int  # with at least one such event
    items: int  # of the catalogue
    events: int
    median_events: float  # of the shopper in the middle
    long_events: float  # of the shopper whom nine in ten do not exceed
    density: float  # share of shopper-item pairs with an event
    repeat_share: float  # events on an item the shopper had before
    moment_share: float  # events whose moment differs from the shopper's event before; low = orders of many items
    order_lift: float  # next-item pairs that repeat, as a multiple of those in shuffled histories; NaN where too few repeat
    new_item_share: float  # choices of the newest part of the period that fall on items first seen in it
    titled_share: float  # items with a title
    categorised_share: float  # items with a category or brand
    behaviours: int  # different kinds of events
    days: float


def figures_of(dataset: Dataset) -> DataFigures:
    """Count a dataset. Cost: a million events in about a second."""
    catalogue = dataset.catalogue
    log = dataset.products_log
    log = log.keep(log.weights > 0)
    n, n_items = len(log), log.n_items
    lengths = np.diff(log.indptr)
    lengths = lengths[lengths > 0]
    same_shopper = log.user_codes[1:] == log.user_codes[:-1]
    pairs = len(np.unique(log.user_codes * np.int64(max(n_items, 1)) + log.item_codes))
    titles = np.array([bool(text) for text in catalogue.titles], dtype=bool)
    kinds = np.array([bool(a) or bool(b) for a, b in zip(catalogue.categories, catalogue.brands, strict=True)], dtype=bool)
    return DataFigures(
        shoppers=len(lengths),
        items=n_items,
        events=n,
        median_events=float(np.median(lengths)) if len(lengths) else 0.0,
        long_events=float(np.quantile(lengths, 0.9)) if len(lengths) else 0.0,
        density=pairs / (len(lengths) * n_items) if n else 0.0,
        repeat_share=1.0 - pairs / n if n else 0.0,
        moment_share=float((log.times_s[1:] != log.times_s[:-1])[same_shopper].mean()) if same_shopper.any() else 1.0,
        order_lift=order_lift(log),
        new_item_share=_new_item_share(log),
        titled_share=float(titles.mean()) if len(titles) else 0.0,
        categorised_share=float(kinds.mean()) if len(kinds) and catalogue.category_source != "none" else 0.0,
        behaviours=len(np.unique(log.behaviours)),
        days=float(log.times_s.max() - log.times_s.min()) / 86_400 if n else 0.0,
    )


def order_lift(log: EventLog, seed: int = 0) -> float:
    """How much more often a pair "i, then j" is seen again than in histories whose moments were shuffled.

    Args:
        log: events; of long logs the first shoppers are read.
        seed: of the shuffling.

    Returns:
        Repeated pairs / repeated pairs after shuffling. 1 = the order tells nothing. NaN where fewer than 30 pairs repeat in both.
    """
    until = int(log.indptr[np.searchsorted(log.indptr, min(len(log), MAX_PAIRS), side="right") - 1])
    users, items, times = log.user_codes[:until].astype(np.int64), log.item_codes[:until].astype(np.int64), log.times_s[:until]
    if len(users) < 2:
        return float("nan")
    new_moment = np.ones(len(users), dtype=bool)
    new_moment[1:] = (users[1:] != users[:-1]) | (times[1:] != times[:-1])
    moment = np.cumsum(new_moment) - 1
    owner = users[new_moment]
    draw = np.random.default_rng(seed)
    shuffled = np.empty(len(owner))
    shuffled[np.lexsort((draw.random(len(owner)), owner))] = np.arange(len(owner))  # another order of the moments of each shopper
    inside = draw.random(len(users))  # the order within one moment means nothing, in both
    real, mixed = (_repeats(users, items, place, inside, log.n_items) for place in (moment, shuffled[moment]))
    return real / mixed if real + mixed >= 30 and mixed else (float("inf") if real >= 30 else float("nan"))


def _repeats(users: np.ndarray, items: np.ndarray, moment: np.ndarray, inside: np.ndarray, n_items: int) -> int:
    """Pairs across two moments that stand side by side in this order, and that another shopper has as well."""
    order = np.lexsort((inside, moment, users))
    users, items, moment = users[order], items[order], moment[order]
    beside = (users[1:] == users[:-1]) & (moment[1:] != moment[:-1]) & (items[1:] != items[:-1])
    pair, who = items[:-1][beside] * n_items + items[1:][beside], users[1:][beside]
    once = np.unique(np.stack([pair, who]), axis=1)[0]  # a pair counts once a shopper
    _, counts = np.unique(once, return_counts=True)
    return int((counts - 1).sum())


def _new_item_share(log: EventLog) -> float:
    if len(log) == 0:
        return 0.0
    first, last = int(log.times_s.min()), int(log.times_s.max())
    cut = last - NEWEST_SHARE * (last - first)
    born = np.full(log.n_items, np.iinfo(np.int64).max)
    np.minimum.at(born, log.item_codes, log.times_s)
    late = (log.times_s >= cut) & answer_mask(log)
    return float((born[log.item_codes[late]] >= cut).mean()) if late.any() else 0.0
