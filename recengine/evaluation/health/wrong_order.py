"""Complements offered in the wrong direction: a television for somebody who bought its cable."""

from __future__ import annotations

from weakref import WeakKeyDictionary

import numpy as np
import scipy.sparse as sp

from recengine.columns import BEHAVIOUR_CODE
from recengine.data.events import EventLog
from recengine.evaluation.bootstrap import Estimate
from recengine.evaluation.health.base import EXAMPLES, Check, Examined, Instance, Measured, percent, share_of_shoppers
from recengine.evaluation.health.pair_order import OrderedPairs, ordered_pairs

MOST = 200  # pairs, the surest
FEWEST = 30  # shoppers who have the second of a pair without the first
_FOUND: WeakKeyDictionary[EventLog, dict[tuple[int, bytes | None], OrderedPairs]] = WeakKeyDictionary()


class WrongOrder(Check):
    """How much owning the second of an ordered pair raises the first on the list."""

    key, title = "wrong_order", "Wrong order"
    question = "Do we offer a TV to somebody who has just bought the cable?"
    meaning = (
        "How much more often the first thing of a pair is listed for shoppers who bought only the second, "
        "than for shoppers who bought neither."
    )
    unit = "points"
    amber, red = 0.10, 0.30
    reason = "Best sellers are listed for everybody and do not count. Ten points is a habit, thirty a rule that reads pairs backwards."

    def measure(self, examined: Examined) -> Measured:
        """Pairs of items with a clear order of first purchases, or of categories where no two items have one."""
        pairs, group = _pairs_of(examined)
        if not len(pairs):
            return Measured(_nobody(), "No two things are bought in a clear order.")
        have, listed = _columns(examined, group)
        n = len(examined.lists)
        extra, times, right, instances = np.zeros(n), np.zeros(n), [], []
        for first, second in zip(pairs.first.tolist(), pairs.second.tolist(), strict=True):
            has_first, has_second = _rows(have, first, n), _rows(have, second, n)
            neither = ~has_first & ~has_second
            if not neither.any():
                continue
            shows_first, shows_second = _rows(listed, first, n), _rows(listed, second, n)
            risk = has_second & ~has_first
            extra[risk] += shows_first[risk] - shows_first[neither].mean()
            times += risk
            fair = has_first & ~has_second
            right += (shows_second[fair] - shows_second[neither].mean()).tolist()
            for row in np.flatnonzero(risk & shows_first)[: EXAMPLES - len(instances)].tolist():
                instances.append(_instance(examined, group, row, first, second))
        values = np.divide(extra, times, out=np.full(n, np.nan), where=times > 0)
        kind = "items" if group is None else "categories"
        if (times > 0).sum() < FEWEST:
            said = f"{len(pairs)} pairs of {kind} have an order, but only {int((times > 0).sum())} shoppers have the second alone."
            return Measured(_nobody(), said)
        forward = f"; the right way round {100 * float(np.mean(right)):+.0f} points" if right else ""
        detail = f"{len(pairs)} pairs of {kind} are bought in a clear order{forward}. {percent(float((values > 0).mean()))} of lists do it."
        return Measured(share_of_shoppers(values, examined.seed), detail, tuple(instances))


def _pairs_of(examined: Examined) -> tuple[OrderedPairs, np.ndarray | None]:
    """The surest pairs of items, else of categories with the category of each item."""
    found, group = _ordered(examined.past, examined.seed, None), None
    if not len(found) and (examined.category >= 0).any():
        group = examined.category
        found = _ordered(examined.past, examined.seed, group)
    best = slice(0, MOST)
    return OrderedPairs(found.first[best], found.second[best], found.forward[best], found.backward[best]), group


def _ordered(past: EventLog, seed: int, group: np.ndarray | None) -> OrderedPairs:
    """The pairs of a log, found once for all variants."""
    found = _FOUND.setdefault(past, {})
    key = (seed, None if group is None else group.tobytes())
    if key not in found:
        found[key] = ordered_pairs(past, seed, group)
    return found[key]


def _columns(examined: Examined, group: np.ndarray | None) -> tuple[sp.csc_matrix, sp.csc_matrix]:
    """[B, kinds]: what each shopper has, and what each list holds.

    Of single items, lists leave out everything that was even looked at, so all events count as having; of categories purchases do.
    """
    histories, kind = examined.targets.histories, np.arange(examined.n_items) if group is None else group
    known = histories.item_codes >= 0
    if group is not None and (histories.behaviours == BEHAVIOUR_CODE["purchase"]).any():
        known &= histories.behaviours == BEHAVIOUR_CODE["purchase"]
    width = int(kind.max(initial=0)) + 1
    listed = examined.lists >= 0
    rows = np.broadcast_to(np.arange(len(listed))[:, None], listed.shape)
    return tuple(
        _binary(at, kind[items], len(listed), width)
        for at, items in ((histories.row_of_event[known], histories.item_codes[known]), (rows[listed], examined.lists[listed]))
    )  # type: ignore[return-value]


def _binary(rows: np.ndarray, kinds: np.ndarray, n_rows: int, width: int) -> sp.csc_matrix:
    there = kinds >= 0
    return sp.csc_matrix((np.ones(int(there.sum()), np.float32), (rows[there], kinds[there])), shape=(n_rows, width))


def _rows(matrix: sp.csc_matrix, column: int, n: int) -> np.ndarray:
    out = np.zeros(n, dtype=bool)
    out[matrix.indices[matrix.indptr[column] : matrix.indptr[column + 1]]] = True
    return out


def _instance(examined: Examined, group: np.ndarray | None, row: int, first: int, second: int) -> Instance:
    histories = examined.targets.histories
    past = histories.item_codes[histories.indptr[row] : histories.indptr[row + 1]]
    past = past[past >= 0]
    if group is None:
        return Instance(row, first, second, "Most shoppers buy them the other way round.")
    listed = examined.lists[row]
    item = listed[(listed >= 0) & (group[listed] == first)][0]
    names = examined.catalogue.categories
    said = f"{names[item]} is usually bought before {names[past[group[past] == second][-1]]}."
    return Instance(row, int(item), int(past[group[past] == second][-1]), said)


def _nobody() -> Estimate:
    return Estimate(np.nan, np.nan, np.nan, 0)
