"""What is odd in a log: bots, busy days, events repeated at once, dates far outside, numbers of pieces far off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa

from recengine.ingest.tallies import DAY_S, PIECE, among, day_counts, first_rows, repeated_keys, spans, tally

BOT_EVENTS, BOT_RATIO = 200, 10  # a bot has more than 200 events on one day, and ten times what 99 of 100 shoppers have on theirs
BUSY_RATIO, BUSY_EVENTS = 10, 100  # times the median day
QUICK_S = 2
FAR = 1.0  # times the length of the middle 99.8 % of the events before or after which a date is far outside
GAP_DAYS, SMALL = 365, 0.1  # days without any event, and times the events of the largest group of days
PIECES_RATIO, PIECES = 50, 100  # times the median of the same item
SAMPLE = 2_000_000
MOST_CELLS, FEW = 2 * 10**7, 2**22  # days of all shoppers that are counted at once; else rows that are sorted at once
SHOWN = 20


@dataclass(frozen=True)
class Oddities:
    """Counts are of accepted events."""

    bot_shoppers: int = 0
    bot_events: int = 0  # of those shoppers
    bots: tuple[tuple[str, int, int], ...] = ()  # shopper id, events, events on the busiest day; the busiest first
    busy_days: tuple[tuple[str, int], ...] = ()  # day, events
    quick_repeats_share: float = 0.0  # events that repeat shopper, item and behaviour of one at most two seconds before
    far_dates: int = 0
    far_examples: tuple[str, ...] = ()  # days
    quantity_outliers: int = 0
    quantity_examples: tuple[tuple[str, float], ...] = ()  # item id, pieces


def find_oddities(
    users: np.ndarray,
    user_ids: pa.Array,
    items: np.ndarray,
    item_ids: pa.Array,
    behaviours: np.ndarray,
    times_s: np.ndarray,
    quantities: np.ndarray,
    dated: bool,
) -> Oddities:
    """Look for what a person would want to see before learning from a log.

    Args:
        users: int [n], codes into `user_ids`.
        user_ids: string [n_users].
        items: int [n], codes into `item_ids`.
        item_ids: string [n_items].
        behaviours: int8 [n].
        times_s: int64 [n], seconds, or places where the file has no times.
        quantities: float [n], NaN where unknown.
        dated: Whether `times_s` are seconds.

    Cost: about 0.5 s for a million events; repeats and pieces are looked for among two million events at most.
    """
    told = {}
    if dated:
        told |= _bots(users, user_ids, times_s) | _days(times_s) | {"quick_repeats_share": _quick(users, items, behaviours, times_s)}
    told |= _pieces(items, item_ids, quantities)
    return Oddities(**told)


def _bots(users: np.ndarray, ids: pa.Array, times_s: np.ndarray) -> dict[str, object]:
    busiest = _busiest(users, times_s, len(ids))
    limit = _limit(busiest)
    bots = np.flatnonzero(busiest > limit)
    total = tally(users, len(ids))
    shown = bots[np.argsort(-busiest[bots], kind="stable")][:SHOWN]
    return {
        "bot_shoppers": len(bots),
        "bot_events": int(total[bots].sum()),
        "bots": tuple((ids[int(k)].as_py(), int(total[k]), int(busiest[k])) for k in shown),
    }


def bot_limit(users: np.ndarray, times_s: np.ndarray) -> int:
    """Events on one day beyond which a shopper is taken for a bot; codes of shoppers and seconds, [n] each."""
    return _limit(_busiest(users, times_s, int(users.max()) + 1))


def _busiest(users: np.ndarray, times_s: np.ndarray, n_users: int) -> np.ndarray:
    """int64 [n_users]: events on the busiest day of each."""
    low = int(times_s.min()) // DAY_S
    n_days = int(times_s.max()) // DAY_S - low + 1
    if n_users * n_days <= MOST_CELLS:
        cells = np.zeros(n_users * n_days, dtype=np.int32)
        for span in spans(len(users), max(PIECE, len(cells))):
            day = times_s[span] // DAY_S - low
            cells += np.bincount(users[span].astype(np.int64) * n_days + day, minlength=len(cells)).astype(np.int32)
        return cells.reshape(n_users, n_days).max(axis=1).astype(np.int64)
    busiest = np.zeros(n_users, dtype=np.int64)
    step = -(-n_users // -(-len(users) // FEW))  # shoppers at once
    for first in range(0, n_users, step):
        some = np.flatnonzero((users >= first) & (users < first + step)) if step < n_users else slice(None)
        key = users[some].astype(np.int64) * n_days + (times_s[some] // DAY_S - low)
        found, counts = np.unique(key, return_counts=True)
        np.maximum.at(busiest, found // n_days, counts)
    return busiest


def _limit(busiest: np.ndarray) -> int:
    many = len(busiest) >= 200
    return int(max(BOT_EVENTS, BOT_RATIO * (float(np.quantile(busiest, 0.99)) if many else float(np.median(busiest)))))


def _days(times_s: np.ndarray) -> dict[str, object]:
    days, counts = day_counts(times_s)
    busy = np.flatnonzero(counts > max(BUSY_EVENTS, BUSY_RATIO * np.median(counts)))
    busy = busy[np.argsort(-counts[busy], kind="stable")][:SHOWN]
    far = np.isin(days, _usual(days, counts), invert=True)
    return {
        "busy_days": tuple((_iso(int(days[k])), int(counts[k])) for k in busy),
        "far_dates": int(counts[far].sum()),
        "far_examples": tuple(_iso(int(day)) for day in days[far][:3]),
    }


def usual_days(times_s: np.ndarray) -> tuple[int, int]:
    """The first and the last day (whole days since 1970) that are not far outside the others."""
    usual = _usual(*day_counts(times_s))
    return int(usual[0]), int(usual[-1])


def _usual(days: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """The days that are not far outside: mistakes of a clock or of a format are left out.

    A mistake is a group of days a year or more away from the others with few events or in 1970, where clocks that were never set
    stand; and a day that lies before or after the middle 99.8 % of the events by more than the length of that middle.
    """
    group = np.concatenate([[0], np.cumsum(np.diff(days) > GAP_DAYS)])
    size = np.bincount(group, weights=counts)
    known = np.ones(len(size), dtype=bool)
    if len(size) > 1:
        known = size >= SMALL * size.max()
        known[0] &= bool(days[group == 0][-1] >= GAP_DAYS)
        known |= not known.any()
    days, counts = days[known[group]], counts[known[group]]
    reached = np.cumsum(counts) / counts.sum()
    first, last = days[np.searchsorted(reached, 0.001)], days[np.searchsorted(reached, 0.999)]
    length = max(FAR * (last - first + 1), 7)
    return days[(days >= first - length) & (days <= last + length)]


def _quick(users: np.ndarray, items: np.ndarray, behaviours: np.ndarray, times_s: np.ndarray) -> float:
    if len(users) > SAMPLE:  # whole shoppers, so that nothing that repeats is torn apart
        some = users % -(-len(users) // SAMPLE) == 0
        users, items, behaviours, times_s = users[some], items[some], behaviours[some], times_s[some]
    if len(users) < 2:
        return 0.0
    key = (users.astype(np.int64) * (int(items.max()) + 1) + items) * 64 + behaviours
    same = np.flatnonzero(among(key, repeated_keys(np.sort(key))))
    order = same[np.lexsort((times_s[same], key[same]))]
    again = (np.diff(key[order]) == 0) & (np.diff(times_s[order]) <= QUICK_S)
    return float(again.sum() / len(users))


def _pieces(items: np.ndarray, ids: pa.Array, quantities: np.ndarray) -> dict[str, object]:
    known = first_rows(quantities, lambda some: np.isfinite(some) & (some > 0), SAMPLE)
    if not len(known):
        return {}
    item, pieces = items[known], quantities[known]
    order = np.lexsort((pieces, item))
    item, pieces = item[order], pieces[order]
    starts = np.flatnonzero(np.r_[True, np.diff(item) != 0])
    sizes = np.diff(np.r_[starts, len(item)])
    median = np.repeat(pieces[starts + (sizes - 1) // 2], sizes)
    odd = np.flatnonzero((pieces > PIECES) & (pieces > PIECES_RATIO * median))
    shown = odd[np.argsort(-pieces[odd], kind="stable")][:3]
    examples = tuple((ids[int(item[k])].as_py(), float(pieces[k])) for k in shown)
    return {"quantity_outliers": len(odd), "quantity_examples": examples}


def _iso(day: int) -> str:
    return datetime.fromtimestamp(day * DAY_S, UTC).strftime("%Y-%m-%d")
