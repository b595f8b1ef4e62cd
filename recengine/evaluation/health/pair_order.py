"""Which items are bought after which others: the direction of complementary pairs, from the order of first purchases."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recengine.data.events import EventLog
from recengine.data.split import answer_mask

DAY_S = 86_400
WITHIN_DAYS = 60
FEWEST = 8  # shoppers who bought both
CLEAR = 0.75  # of them in the same order
ABOVE_CHANCE = 0.15
FALSE_SHARE = 0.05  # of the pairs that are found, at most, by Benjamini and Hochberg
LATEST_ITEMS = 60  # of each shopper
MOST_PAIRS = 4_000_000  # of shoppers' items; beyond it shoppers are drawn


@dataclass(frozen=True, eq=False)
class OrderedPairs:
    """Pairs with a clear direction, the surest first."""

    first: np.ndarray  # int64 [P], item that is bought first
    second: np.ndarray  # int64 [P], item that is bought after it
    forward: np.ndarray  # int64 [P], shoppers who bought them in this order
    backward: np.ndarray  # int64 [P], shoppers who bought them the other way round

    def __len__(self) -> int:
        return len(self.first)


def ordered_pairs(log: EventLog, seed: int = 0, group: np.ndarray | None = None) -> OrderedPairs:
    """Pairs of items of which one is bought first by far more shoppers than chance allows.

    Only first purchases count, at most 60 days apart and after both items were on sale, so that a launch is no order; what was bought in
    one moment has none. What is bought often is also bought first: in a random order of a shopper's m + n purchases of two items, the first
    is of the one bought m times with chance m / (m + n). A pair needs 8 shoppers, three of four in one direction and 15 points more than
    that chance, and a two-sided binomial test against it with a false discovery rate of 5 % over all pairs (Benjamini, Hochberg, 1995).

    Args:
        log: what is known before the lists; purchases, or every event of interest in a log without purchases.
        seed: draws shoppers where there would be more than 4 million pairs.
        group: int [n_items], -1 = none: pairs of these groups instead of items, such as categories.

    Cost: 400,000 purchases in a second, a million in three.
    """
    bought = log.keep(answer_mask(log) & (log.weights > 0))
    kind = np.arange(log.n_items) if group is None else np.asarray(group)
    n_kinds = int(kind.max(initial=-1)) + 1
    on_sale = np.full(max(n_kinds, 1), np.iinfo(np.int64).max)
    seen = kind[log.item_codes] >= 0
    np.minimum.at(on_sale, kind[log.item_codes[seen]], log.times_s[seen])
    user, item, time_s, times = _first_purchases(bought, kind, n_kinds)
    a, b = _pairs(user, seed)
    gap = time_s[b] - time_s[a]
    fair = (gap > 0) & (gap <= WITHIN_DAYS * DAY_S) & (time_s[a] >= np.maximum(on_sale[item[a]], on_sale[item[b]]))
    a, b = a[fair], b[fair]
    low, high = np.minimum(item[a], item[b]), np.maximum(item[a], item[b])
    key, which = np.unique(low * n_kinds + high, return_inverse=True)
    low_is_first = item[a] == low
    of_low = np.where(low_is_first, times[a], times[b])
    low_first = np.bincount(which, low_is_first, minlength=len(key)).astype(np.int64)
    chance = np.bincount(which, of_low / (times[a] + times[b]), minlength=len(key))
    total = np.bincount(which, minlength=len(key))
    enough = total >= FEWEST
    key, low_first, total = key[enough], low_first[enough], total[enough]
    chance = chance[enough] / total
    flip = low_first < chance * total
    forward, chance = np.where(flip, total - low_first, low_first), np.where(flip, 1 - chance, chance)
    p = _two_sided(forward, total, chance)
    clear = _discoveries(p) & (forward >= np.maximum(CLEAR, chance + ABOVE_CHANCE) * total)
    key, total, forward, flip, p = (values[clear] for values in (key, total, forward, flip, p))
    order = np.lexsort((key, p))
    low, high, flip = key[order] // n_kinds, key[order] % n_kinds, flip[order]
    return OrderedPairs(np.where(flip, high, low), np.where(flip, low, high), forward[order], (total - forward)[order])


def _first_purchases(log: EventLog, kind: np.ndarray, n_kinds: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """User, kind, moment of the first event and number of days with one, by user and time; the latest 60 of each user."""
    of_kind = kind[log.item_codes].astype(np.int64)
    known = of_kind >= 0
    user, of_kind, time_s = log.user_codes[known], of_kind[known], log.times_s[known]
    key = user * np.int64(n_kinds) + of_kind
    day = time_s // DAY_S - time_s.min(initial=0) // DAY_S
    days = np.unique(key * (day.max(initial=0) + 1) + day) // (day.max(initial=0) + 1)
    pair, first = np.unique(key, return_index=True)  # events of a user are in order of time, so the first index is the earliest
    times = np.bincount(np.searchsorted(pair, days), minlength=len(pair))
    common = (np.bincount(pair % max(n_kinds, 1), minlength=n_kinds) >= FEWEST)[pair % max(n_kinds, 1)]  # rarer ones are in no pair
    first, times = first[common], times[common]
    order = np.argsort(first)
    first, times = first[order], times[order]
    end = np.searchsorted(user[first], user[first], side="right")
    late = end - np.arange(len(first)) <= LATEST_ITEMS
    first, times = first[late], times[late]
    return user[first], of_kind[first], time_s[first], times


def _pairs(user: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """int64 twice: places of every earlier and later purchase of one shopper."""
    people, counts = np.unique(user, return_counts=True)
    cost = counts * (counts - 1) // 2
    if cost.sum() > MOST_PAIRS:
        drawn = np.random.default_rng(seed).permutation(len(people))
        taken = drawn[np.cumsum(cost[drawn]) <= MOST_PAIRS]
        chosen = np.zeros(len(people), dtype=bool)
        chosen[taken] = True
    else:
        chosen = np.ones(len(people), dtype=bool)
    place = np.arange(len(user)) - np.repeat(np.cumsum(counts) - counts, counts)
    after = np.where(np.repeat(chosen, counts), np.repeat(counts, counts) - 1 - place, 0)  # later purchases of the same shopper
    early = np.repeat(np.arange(len(user)), after)
    step = np.arange(len(early)) - np.repeat(np.cumsum(after) - after, after) + 1
    return early, early + step


def _two_sided(forward: np.ndarray, total: np.ndarray, chance: np.ndarray) -> np.ndarray:
    """float64: twice the chance of so many or more forward, if each shopper's order had its own chance with this mean.

    A sum of unequal coin tosses spreads less than equal ones of the same mean (Hoeffding, 1956), so the binomial is on the safe side.
    """
    from scipy.special import bdtrc

    return np.where(forward > 0, np.minimum(1.0, 2 * bdtrc(forward - 1.0, total, chance)), 1.0)


def _discoveries(p: np.ndarray) -> np.ndarray:
    """bool: rejected by Benjamini and Hochberg's step-up at FALSE_SHARE."""
    m = len(p)
    order = np.argsort(p, kind="stable")
    passed = np.flatnonzero(p[order] <= FALSE_SHARE * np.arange(1, m + 1) / max(m, 1))
    out = np.zeros(m, dtype=bool)
    if len(passed):
        out[order[: passed[-1] + 1]] = True
    return out
