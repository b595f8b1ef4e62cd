"""Histories as training windows and as questions: what a sequence network reads, cut to its length."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recengine.data.events import EventLog
from recengine.data.histories import Histories

GAPS = 34  # kinds of gaps: 0 = same moment, k = 2^(k-1) to 2^k seconds, the last = nothing came before
FIRST = GAPS - 1


@dataclass(frozen=True, eq=False)
class Sequences:
    """Events that tell of interest, oldest first; a row may be empty."""

    indptr: np.ndarray  # int64 [B + 1]
    item_codes: np.ndarray  # int64 [E]
    behaviours: np.ndarray  # int64 [E]
    gaps: np.ndarray  # int64 [E], kind of the time since the event before
    weights: np.ndarray  # float32 [E], strength as evidence of interest
    repeats: np.ndarray  # bool [E], the same item came earlier in the row

    @staticmethod
    def of_log(log: EventLog) -> Sequences:
        """One row a shopper."""
        return _sequences(log.user_codes, log.n_users, log.n_items, log.item_codes, log.behaviours, log.times_s, log.weights)

    @staticmethod
    def of_histories(histories: Histories, n_items: int) -> Sequences:
        """One row a history; items outside the catalogue are left out."""
        rows, items = histories.row_of_event, histories.item_codes
        return _sequences(rows, len(histories), n_items, items, histories.behaviours, histories.times_s, histories.weights)


def _sequences(
    rows: np.ndarray, n_rows: int, n_items: int, items: np.ndarray, behaviours: np.ndarray, times_s: np.ndarray, weights: np.ndarray
) -> Sequences:
    telling = np.flatnonzero((weights > 0) & (items >= 0) & (items < n_items))
    rows, items, times_s = rows[telling].astype(np.int64), items[telling].astype(np.int64), times_s[telling]
    gaps = np.full(len(rows), FIRST, dtype=np.int64)
    later = np.flatnonzero(rows[1:] == rows[:-1]) + 1
    gaps[later] = kind_of_gap(times_s[later] - times_s[later - 1])
    repeats = np.ones(len(rows), dtype=bool)
    repeats[np.unique(rows * np.int64(n_items) + items, return_index=True)[1]] = False
    indptr = np.searchsorted(rows, np.arange(n_rows + 1)).astype(np.int64)
    return Sequences(indptr, items, behaviours[telling].astype(np.int64), gaps, weights[telling].astype(np.float32), repeats)


def gap_ahead(histories: Histories, known: Sequences) -> np.ndarray:
    """int64 [B]: kind of the time from each row's last event of `known` to its question; `FIRST` where the row is empty.

    Args:
        histories: the questions.
        known: `Sequences.of_histories` of them.
    """
    last = np.full(len(histories), -1, dtype=np.int64)
    telling = np.flatnonzero((histories.weights > 0) & (histories.item_codes >= 0))
    np.maximum.at(last, histories.row_of_event[telling], histories.times_s[telling])
    return np.where(np.diff(known.indptr) > 0, kind_of_gap(histories.now_s - last), FIRST)


def nearest_kinds(gaps: np.ndarray) -> np.ndarray:
    """int64 [GAPS + 1]: for every kind of gap the nearest one that occurs in `gaps`, the same moment and `FIRST` left as they are.

    A log in minutes holds no gap of seconds: nothing is learned of that kind, and a question may ask for it all the same.
    """
    kinds = np.arange(GAPS + 1)
    present = np.intersect1d(gaps, kinds[1:FIRST])
    if len(present):
        kinds[1:FIRST] = present[np.abs(present - kinds[1:FIRST, None]).argmin(1)]
    return kinds


def kind_of_gap(seconds: np.ndarray) -> np.ndarray:
    """int64: see `GAPS`; below 0 counts as 0."""
    return np.minimum(np.ceil(np.log2(np.maximum(seconds, 0) + 1.0)).astype(np.int64), FIRST - 1)


def windows(indptr: np.ndarray, length: int, every: bool) -> tuple[np.ndarray, np.ndarray]:
    """Cut rows into stretches of at most `length` + 1 events, newest first: the last of each is only predicted.

    Args:
        indptr: int64 [B + 1]; rows with fewer than two events give nothing.
        length: events that the network reads at most.
        every: cut the whole row, neighbouring stretches sharing one event, instead of its newest part alone.

    Returns:
        int64 [W] first event and int64 [W] event after the last of each stretch, by row.
    """
    begins, ends = indptr[:-1], indptr[1:]
    use = ends - begins >= 2
    begins, ends = begins[use], ends[use]
    count = -(-(ends - begins - 1) // length) if every else np.ones(len(begins), dtype=np.int64)
    row = np.repeat(np.arange(len(begins)), count)
    nth = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    stop = ends[row] - nth * length
    return np.maximum(begins[row], stop - length - 1), stop


def shuffle_moments(row: np.ndarray, moment: np.ndarray, chance: np.ndarray) -> np.ndarray:
    """int64 [E]: the order of events by `row` and `moment` (ascending ints), by `chance` within a moment.

    What was bought together has no order; the order of a log within a moment, by item code, would be learned as if it had.
    """
    return np.lexsort((chance, moment, row))
