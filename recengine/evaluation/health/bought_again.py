"""Items on a list that the shopper has just bought, or that carry the same title."""

from __future__ import annotations

import numpy as np

from recengine.columns import BEHAVIOUR_CODE
from recengine.evaluation.health.base import Check, Examined, Instance, Measured, share_of_shoppers, worst_rows
from recengine.evaluation.health.titles import title_codes

DAYS = 30
DAY_S = 86_400


class BoughtAgain(Check):
    """Share of lists that offer what was bought in the last 30 days."""

    key, title = "bought_again", "Just bought, shown again"
    question = "Do we offer the kettle to somebody who bought the kettle last week?"
    meaning = "Share of lists with an item bought in the 30 days before, or with one of the same title."
    amber, red = 0.02, 0.10
    reason = "Lists leave out what a shopper has, so only twins under another number are left; one list in ten is noticed."

    def obstacle(self, examined: Examined) -> str:
        """Needs purchases; where a log has none, everything of interest counts."""
        return "" if len(examined.targets.histories.item_codes) else "Nobody has a history."

    def measure(self, examined: Examined) -> Measured:
        """Every place against every recent purchase of its shopper."""
        histories, titles = examined.targets.histories, title_codes(examined.catalogue)
        bought = histories.behaviours == BEHAVIOUR_CODE["purchase"]
        if not bought.any():
            bought = histories.weights > 0
        rows = histories.row_of_event
        recent = bought & (histories.times_s >= histories.now_s[rows] - DAYS * DAY_S) & (histories.item_codes >= 0)
        width = np.int64(titles.max(initial=0) + 1)
        keys = rows[recent] * width + titles[histories.item_codes[recent]]
        order = np.argsort(keys, kind="stable")
        keys, items = keys[order], histories.item_codes[recent][order]
        wanted = np.arange(len(examined.lists))[:, None] * width + titles[examined.lists]  # [B, k]
        at = np.minimum(np.searchsorted(keys, wanted), max(len(keys) - 1, 0))
        again = (keys[at] == wanted) & (examined.lists >= 0) if len(keys) else np.zeros(examined.lists.shape, dtype=bool)
        asked = np.bincount(rows[recent], minlength=len(histories)) > 0
        values = np.where(asked & (examined.lists >= 0).any(axis=1), again.any(axis=1), np.nan)
        instances = []
        for row in worst_rows(np.where(again.any(axis=1), again.sum(axis=1), np.nan)):
            place = int(np.flatnonzero(again[row])[0])
            item, other = int(examined.lists[row, place]), int(items[at[row, place]])
            said = "The very item." if item == other else "Another number, the same title."
            instances.append(Instance(int(row), item, other, said))
        return Measured(share_of_shoppers(values, examined.seed), f"{int(asked.sum()):,} shoppers had bought lately.", tuple(instances))
