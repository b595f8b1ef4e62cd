"""Items on a list that used to sell and have stopped: most likely out of stock."""

from __future__ import annotations

import numpy as np

from recengine.evaluation.health.base import EXAMPLES, Check, Examined, Instance, Measured, share_of_shoppers
from recengine.evaluation.metrics.base import mean_of_listed

DAY_S = 86_400
CHANCE = 1e-4  # of so long a silence, if the item still sold at its own pace
FEWEST_DAYS = 7


class GoneQuiet(Check):
    """Share of places that go to items whose silence cannot be chance."""

    key, title = "gone_quiet", "Probably out of stock"
    question = "Do we show things that have stopped selling?"
    meaning = "Share of places with an item that sold regularly and then not at all for so long that chance is below 1 in 10,000."
    amber, red = 0.03, 0.10
    reason = "A log has no stock. Seasons and ends of lines put a few such items on every list; one place in ten is a dead shelf."

    def obstacle(self, examined: Examined) -> str:
        """Needs a few weeks."""
        span = int(examined.past.times_s.max() - examined.past.times_s.min()) if len(examined.past) else 0
        return "" if span >= 2 * FEWEST_DAYS * DAY_S else "The log is shorter than two weeks."

    def measure(self, examined: Examined) -> Measured:
        """From the days on which each item was taken; an item's pace is its own, counted from its first day to its last."""
        quiet, days = silence(examined)
        share = mean_of_listed(quiet.astype(np.float64), examined.lists)
        rows, places = np.nonzero((examined.lists >= 0) & quiet[examined.lists])
        found, instances = set[int](), []
        for row, place in zip(rows.tolist(), places.tolist(), strict=True):
            item = int(examined.lists[row, place])
            if item not in found and len(instances) < EXAMPLES:
                found.add(item)
                instances.append(Instance(row, item, -1, f"Last taken {days[item]:.0f} days before."))
        detail = f"{int(quiet.sum()):,} of {int(examined.catalogue.sellable.sum()):,} items have gone quiet."
        return Measured(share_of_shoppers(share, examined.seed), detail, tuple(instances))


def silence(examined: Examined) -> tuple[np.ndarray, np.ndarray]:
    """bool [n_items], gone quiet, and float64 [n_items], days since an item was taken last.

    An item taken on m different days within a span of s days has the pace m / s; a silence of d days has chance (1 - m / s)^d.
    """
    past, n_items = examined.past, examined.n_items
    end_day, taken = int(past.times_s.max()) // DAY_S, past.signs  # what is still shown may have stopped selling
    pairs = np.unique((past.item_codes.astype(np.int64) * (end_day + 1) + past.times_s // DAY_S)[taken])
    items, day = pairs // (end_day + 1), pairs % (end_day + 1)
    active = np.bincount(items, minlength=n_items)
    first, last = np.full(n_items, end_day), np.zeros(n_items, dtype=np.int64)
    np.minimum.at(first, items, day)
    np.maximum.at(last, items, day)
    silent = np.where(active > 0, end_day - last, 0).astype(np.float64)
    pace = np.minimum(active / np.maximum(last - first + 1, 1), 0.5)  # a few days in a row are no proof of a daily seller
    steady = active >= 5
    return steady & (silent >= FEWEST_DAYS) & ((1 - pace) ** silent < CHANCE), silent
