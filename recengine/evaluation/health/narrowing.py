"""Whether lists get narrower when shoppers follow them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from recengine.data.histories import Histories
from recengine.evaluation.health.base import Check, Examined, Instance, Measured, percent, share_of_shoppers, worst_rows
from recengine.evaluation.health.cocoon import same_category

ROUNDS, TAKEN, SHOPPERS = 4, 2, 80


class Narrowing(Check):
    """Change of a list's narrowness after its shopper took the top of four lists in a row."""

    key, title = "narrowing", "Narrower over time"
    question = "If shoppers follow the lists, do the lists get narrower and narrower?"
    meaning = "Chance that two items of a list are of one category, after a shopper took the two best items four times, minus before."
    unit = "points"
    amber, red = 0.10, 0.25
    reason = "Lists may follow a shopper a little. Ten points in four visits is a drift, 25 a funnel."
    asks = True

    def obstacle(self, examined: Examined) -> str:
        """Needs categories."""
        return "" if (examined.category >= 0).any() else "The items have no categories."

    def measure(self, examined: Examined) -> Measured:
        """Asks for up to 80 shoppers' lists five times; what is taken counts as bought an hour apart."""
        assert examined.ask is not None
        chosen = examined.some_rows()
        chosen = chosen[:: max(1, -(-len(chosen) // SHOPPERS))]
        histories = examined.targets.histories.rows(chosen)
        course = []
        for turn in range(ROUNDS + 1):
            lists = examined.ask(histories, examined.k)
            rows = np.repeat(np.arange(len(lists)), (lists >= 0).sum(axis=1))
            course.append(same_category(rows, examined.category[lists[lists >= 0]], len(lists)))
            if turn < ROUNDS:
                histories = taking(histories, lists[:, :TAKEN])
        change = course[-1] - course[0]
        said = ", ".join(percent(float(np.nanmean(step))) if np.isfinite(step).any() else "–" for step in course)
        instances = tuple(
            Instance(int(chosen[row]), -1, -1, f"From {percent(course[0][row])} to {percent(course[-1][row])} of pairs in one category.")
            for row in worst_rows(change)
        )
        return Measured(share_of_shoppers(change, examined.seed), f"Round by round: {said}.", instances)


def taking(histories: Histories, items: np.ndarray) -> Histories:
    """The same shoppers an hour later, after each bought `items` (int [B, m], -1 = none)."""
    from recengine.columns import BEHAVIOUR_CODE

    given = (items >= 0).sum(axis=1)
    indptr = np.concatenate([[0], np.cumsum(histories.lengths + given)]).astype(np.int64)
    total, new = int(indptr[-1]), np.zeros(int(indptr[-1]), dtype=bool)
    for m in range(items.shape[1]):
        rows = np.flatnonzero(given > m)
        new[indptr[1:][rows] - 1 - m] = True

    def joined(old: np.ndarray, added: np.ndarray) -> np.ndarray:
        out = np.empty(total, dtype=old.dtype)
        out[~new], out[new] = old, added
        return out

    taken = items[items >= 0]
    moment = np.repeat(histories.now_s, given)
    return replace(
        histories,
        indptr=indptr,
        item_codes=joined(histories.item_codes, taken),
        behaviours=joined(histories.behaviours, np.full(len(taken), BEHAVIOUR_CODE["purchase"])),
        times_s=joined(histories.times_s, moment),
        now_s=histories.now_s + 3600,
    )
