"""Items on a list that the shop does not sell."""

from __future__ import annotations

import numpy as np

from recengine.evaluation.health.base import EXAMPLES, Check, Examined, Instance, Measured, share_of_shoppers


class NotForSale(Check):
    """Share of lists with an item that is no product, or that the file marks as not sold."""

    key, title = "not_for_sale", "Not for sale"
    question = "Do we show things that nobody can buy?"
    meaning = "Share of lists with at least one item that is not sold."
    amber, red = 0.0, 0.01
    reason = "One such list is one too many; one in a hundred is a fault that customers report."

    def measure(self, examined: Examined) -> Measured:
        """Exact: a look-up of every place."""
        wrong = (examined.lists >= 0) & ~examined.catalogue.sellable[examined.lists]  # [B, k]
        listed = (examined.lists >= 0).any(axis=1)
        rows, places = np.nonzero(wrong)
        first = np.unique(rows, return_index=True)[1][:EXAMPLES]
        instances = tuple(
            Instance(int(rows[i]), int(examined.lists[rows[i], places[i]]), -1, f"Place {places[i] + 1} is not sold.") for i in first
        )
        return Measured(share_of_shoppers(np.where(listed, wrong.any(axis=1), np.nan), examined.seed), instances=instances)
