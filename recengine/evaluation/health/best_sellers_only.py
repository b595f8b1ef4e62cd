"""Whether a list is the list of best sellers."""

from __future__ import annotations

import numpy as np

from recengine.data.events import EventLog
from recengine.evaluation.health.base import Check, Examined, Instance, Measured, percent, share_of_shoppers, worst_rows
from recengine.evaluation.metrics.base import contains

WEEKS_S = 28 * 86_400


class BestSellersOnly(Check):
    """How much of a list is what the shopper would see without any model."""

    key, title = "best_sellers_only", "Best sellers only"
    question = "Is this just the best-seller list?"
    meaning = "Share of places that the shopper's own best-seller list holds too: the most taken items that they do not have."
    amber, red = 0.50, 0.80
    reason = "A model that adds nothing to counting shares everything; half a list of best sellers is half a model."

    def measure(self, examined: Examined) -> Measured:
        """Each list against as many best sellers, without what the shopper has: those of all time or of four weeks, whichever is nearer."""
        recent = examined.past.times_s >= examined.past.times_s.max(initial=0) - WEEKS_S
        choices = [best_seller_lists(examined, reach(examined.past)), best_seller_lists(examined, reach(examined.past.keep(recent)))]
        shared = [(examined.lists[:, :, None] == best[:, None, :]).any(axis=2) & (examined.lists >= 0) for best in choices]  # [B, k]
        both = max(shared, key=np.sum)
        long = (examined.lists >= 0).sum(axis=1)
        share = np.divide(both.sum(axis=1), long, out=np.full(len(long), np.nan), where=long > 0)
        same = np.isfinite(share) & (share >= 1)
        instances = tuple(
            Instance(int(row), int(examined.lists[row][both[row]][0]), -1, f"{int(both[row].sum())} of {int(long[row])} are best sellers.")
            for row in worst_rows(share)
        )
        whole = float(same.sum() / max((long > 0).sum(), 1))
        return Measured(share_of_shoppers(share, examined.seed), f"{percent(whole)} of the lists hold nothing else.", instances)


def reach(log: EventLog) -> np.ndarray:
    """int64 [n_items]: different shoppers of each item."""
    pairs = np.unique((log.user_codes.astype(np.int64) * log.n_items + log.item_codes)[log.signs])
    return np.bincount(pairs % max(log.n_items, 1), minlength=log.n_items).astype(np.int64)


def best_seller_lists(examined: Examined, counts: np.ndarray) -> np.ndarray:
    """int32 [B, k]: the items of most `counts` (int [n_items]) that are sold and not in a history; ties go to the lower code."""
    histories = examined.targets.histories
    owned = histories.had(examined.n_items)
    owned.sort_indices()
    order = np.lexsort((np.arange(examined.n_items), -counts))
    order = order[examined.catalogue.sellable[order]].astype(np.int32)
    out = np.full((len(histories), examined.k), -1, dtype=np.int32)
    for start in range(0, len(histories), 512):
        rows = np.arange(start, min(start + 512, len(histories)))
        deep = min(len(order), examined.k + int(np.diff(owned.indptr)[rows].max(initial=0)))
        ranked = np.broadcast_to(order[:deep], (len(rows), deep))
        free = ~contains(owned.indptr, owned.indices, np.ascontiguousarray(ranked), rows)
        place = np.cumsum(free, axis=1) - 1
        wanted = free & (place < examined.k)
        at, column = np.nonzero(wanted)
        out[rows[at], place[at, column]] = ranked[at, column]
    return out
