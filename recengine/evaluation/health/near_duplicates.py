"""Things on one list that are as good as the same."""

from __future__ import annotations

import numpy as np

from recengine.evaluation.health.base import Check, Examined, Instance, Measured, share_of_shoppers, worst_rows
from recengine.evaluation.health.titles import title_codes

ALIKE = 0.98  # cosine of two titles that differ in next to nothing


class NearDuplicates(Check):
    """Share of places that repeat an earlier place of the same list."""

    key, title = "near_duplicates", "The same thing twice"
    question = "Do lists show the same thing twice in other words?"
    meaning = "Share of places with nearly the same text as a place above: the same title, or a likeness of 0.98 or more."
    amber, red = 0.05, 0.20
    reason = "One place in twenty is half an item in a list of ten. One in five leaves room for eight things only."

    def obstacle(self, examined: Examined) -> str:
        """Needs titles."""
        return "" if (examined.catalogue.titles != "").any() else "The items have no titles."

    def measure(self, examined: Examined) -> Measured:
        """Every pair of places of each list; 10,000 lists of ten in half a second."""
        lists, titles = examined.lists, title_codes(examined.catalogue)
        n, k = lists.shape
        listed = lists >= 0
        repeats, twin = np.zeros((n, k), dtype=bool), np.full((n, k), -1)
        has_text = examined.catalogue.titles != ""
        vectors = examined.vectors
        for place in range(1, k):
            for above in range(place):
                a, b = lists[:, above], lists[:, place]
                alike = titles[a] == titles[b]
                if vectors is not None:
                    alike |= np.einsum("nd,nd->n", vectors[a], vectors[b]) >= ALIKE
                alike &= listed[:, above] & listed[:, place] & has_text[a] & has_text[b]
                twin[:, place] = np.where(alike & (twin[:, place] < 0), a, twin[:, place])
                repeats[:, place] |= alike
        long = listed.sum(axis=1)
        share = np.divide(repeats.sum(axis=1), long, out=np.full(n, np.nan), where=long > 0)
        instances = []
        for row in worst_rows(share):
            place = int(np.flatnonzero(repeats[row])[0])
            said = f"{int(repeats[row].sum())} of {int(long[row])} places repeat one above; this is place {place + 1}."
            instances.append(Instance(int(row), int(lists[row, place]), int(twin[row, place]), said))
        return Measured(share_of_shoppers(share, examined.seed), instances=tuple(instances))
