"""Whether everybody sees the same list."""

from __future__ import annotations

import numpy as np

from recengine.evaluation.bootstrap import Estimate, Z
from recengine.evaluation.health.base import EXAMPLES, Check, Examined, Instance, Measured


class SameForAll(Check):
    """Personalisation index: how different the lists of two shoppers are, on average over all pairs."""

    key, title = "same_for_all", "Personal lists"
    question = "Does everybody see the same list?"
    meaning = "Personalisation: 1 minus the share of a list that two shoppers have in common, on average over all pairs."
    amber, red = 0.60, 0.30
    higher_is_worse = False
    reason = "Best sellers without what a shopper has stay below 0.3. Below 0.6 two shoppers share four of ten items."

    def obstacle(self, examined: Examined) -> str:
        """Needs two lists."""
        return "" if (examined.lists >= 0).any(axis=1).sum() >= 2 else "Fewer than two shoppers have a list."

    def measure(self, examined: Examined) -> Measured:
        """Exact over all pairs, from how often each item is shown; the interval is that of a U-statistic of two shoppers."""
        estimate, shared = personalisation(examined.lists)
        shown = np.bincount(examined.lists[examined.lists >= 0], minlength=examined.n_items)
        n = int((examined.lists >= 0).any(axis=1).sum())
        often = np.lexsort((np.arange(len(shown)), -shown))[:EXAMPLES]
        instances = tuple(
            Instance(_holder(examined, int(code)), int(code), -1, f"Shown to {100 * shown[code] / n:.0f}% of the shoppers.")
            for code in often
            if shown[code]
        )
        detail = f"Two shoppers have {shared * examined.k:.1f} of {examined.k} items in common."
        return Measured(estimate, detail, instances)


def personalisation(lists: np.ndarray) -> tuple[Estimate, float]:
    """1 - mean overlap of two lists with its interval, and the mean overlap; rows without a list are left out.

    The overlap of two lists is the number of common items over their length (the longer one, where they differ). Summed over all pairs of
    equal lists it is the sum over items of c (c - 1) / 2, where c is how often an item is shown.

    Source: Hoeffding, A class of statistics with asymptotically normal distribution, 1948: standard error 2 s / sqrt(n), s the spread of
    each shopper's mean overlap with the others. Cost: one count of the places.
    """
    lists = lists[(lists >= 0).any(axis=1)]
    n = len(lists)
    length = (lists >= 0).sum(axis=1)
    counts = np.bincount(lists[lists >= 0])
    if (length == length[0]).all():
        common = np.where(lists >= 0, counts[lists] - 1, 0).sum(axis=1)  # places that others share, summed over the others
        own = common / ((n - 1) * length[0])
    else:
        own = _unequal(lists, length)
    shared, half = float(own.mean()), float(Z * 2 * own.std(ddof=1) / np.sqrt(n))
    return Estimate(1 - shared, max(0.0, 1 - shared - half), min(1.0, 1 - shared + half), n), shared


def _unequal(lists: np.ndarray, length: np.ndarray) -> np.ndarray:
    """float64 [n]: mean overlap of each list with the others; lists of one length are counted together."""
    n, own = len(lists), np.zeros(len(lists))
    top = int(lists.max()) + 1
    for size in np.unique(length):
        inside = length == size
        counts = np.bincount(lists[inside][lists[inside] >= 0], minlength=top)
        common = np.where(lists >= 0, counts[lists], 0).sum(axis=1) - np.where(inside, length, 0)  # a list does not count with itself
        own += common / np.maximum(length, size)
    return own / (n - 1)


def _holder(examined: Examined, code: int) -> int:
    return int(np.argmax((examined.lists == code).any(axis=1)))
