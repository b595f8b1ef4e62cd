"""Whether the order in which things were bought changes the list."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from recengine.data.histories import Histories
from recengine.evaluation.health.base import EXAMPLES, Check, Examined, Instance, Measured, percent, share_of_shoppers

FEWEST = 5


class OrderIgnored(Check):
    """Share of lists that stay the same when the profile runs backwards; for variants that read order alone."""

    key, title = "order_ignored", "Order of the profile"
    question = "If a shopper's past ran backwards, would the list stay the same?"
    meaning = "Share of lists that keep every item when the past items change places in time: last first."
    amber, red = 0.30, 0.80
    reason = "A variant that reads order should answer to it for most shoppers; if four of five lists do not move, order is not read."
    asks = True

    def obstacle(self, examined: Examined) -> str:
        """Says where the question has no meaning."""
        if not examined.reads_order:
            return "This variant does not read the order of the past; nothing should change."
        return "" if len(examined.some_rows(FEWEST)) else "Nobody has five different past items."

    def measure(self, examined: Examined) -> Measured:
        """Asks three times for up to 200 shoppers: as it was, reversed, and shuffled by the seed."""
        assert examined.ask is not None
        chosen = examined.some_rows(FEWEST)
        histories = examined.targets.histories.rows(chosen)
        k = examined.k
        before = examined.ask(histories, k)
        backwards = examined.ask(reordered(histories), k)
        mixed = examined.ask(reordered(histories, np.random.default_rng(examined.seed)), k)
        kept, kept_mixed = (np.sort(before, axis=1) == np.sort(other, axis=1) for other in (backwards, mixed))
        there = (before >= 0).any(axis=1)
        same = np.where(there, kept.all(axis=1), np.nan)
        common = [_common(before, other)[there].mean() if there.any() else np.nan for other in (backwards, mixed)]
        shuffled = kept_mixed.all(axis=1)[there].mean() if there.any() else np.nan
        detail = (
            f"Reversed, lists keep {common[0]:.1f} of {k} items; shuffled {common[1]:.1f}, and {percent(float(shuffled))} stay the same."
        )
        instances = tuple(Instance(int(chosen[row]), int(before[row, 0]), -1, "Nothing changes.") for row in np.flatnonzero(same == 1))
        return Measured(share_of_shoppers(same, examined.seed), detail, instances[:EXAMPLES])


def reordered(histories: Histories, draw: np.random.Generator | None = None) -> Histories:
    """The same items and behaviours at the same moments in another order: the last first, or as drawn."""
    rows, n = histories.row_of_event, len(histories.item_codes)
    key = -np.arange(n) if draw is None else draw.permutation(n)
    order = np.lexsort((key, rows))
    return replace(histories, item_codes=histories.item_codes[order], behaviours=histories.behaviours[order])


def _common(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """int64 [B]: items in both lists."""
    return ((a[:, :, None] == b[:, None, :]) & (a[:, :, None] >= 0)).sum(axis=(1, 2))
