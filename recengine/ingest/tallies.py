"""Counts over long columns, piece by piece: numpy's own take several times the memory of the column."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

PIECE = 2**20
DAY_S = 86_400
MOST_DAYS = 10**7


def spans(n: int, piece: int = PIECE) -> Iterator[slice]:
    """Slices that cover 0 … n."""
    for start in range(0, n, piece):
        yield slice(start, min(start + piece, n))


def tally(codes: np.ndarray, n: int) -> np.ndarray:
    """int64 [n]: how often each code occurs. Pieces are as long as the answer, so that adding costs little."""
    out = np.zeros(n, dtype=np.int64)
    for span in spans(len(codes), max(PIECE, n)):
        out += np.bincount(codes[span], minlength=n)
    return out


def day_counts(times_s: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The days (whole days since 1970) on which anything happened, ascending, and the events of each."""
    low, high = int(times_s.min()) // DAY_S, int(times_s.max()) // DAY_S
    if high - low >= MOST_DAYS:
        return np.unique(times_s // DAY_S, return_counts=True)
    counts = np.zeros(high - low + 1, dtype=np.int64)
    for span in spans(len(times_s)):
        found = np.bincount(times_s[span] // DAY_S - low)
        counts[: len(found)] += found
    days = np.flatnonzero(counts)
    return days + low, counts[days]


def first_rows(values: np.ndarray, holds: Callable[[np.ndarray], np.ndarray], most: int) -> np.ndarray:
    """int64: the first rows for which something holds, at most so many."""
    found, n = [], 0
    for span in spans(len(values)):
        rows = np.flatnonzero(holds(values[span])) + span.start
        found.append(rows)
        n += len(rows)
        if n >= most:
            break
    return np.concatenate(found)[:most] if found else np.zeros(0, dtype=np.int64)


def repeated_keys(ordered: np.ndarray) -> np.ndarray:
    """The distinct keys that occur more than once among sorted ones."""
    found = [ordered[span][ordered[span] == ordered[span.start - 1 : span.stop - 1]] for span in _later(len(ordered))]
    again = np.concatenate(found) if found else ordered[:0]
    return again[np.r_[True, again[1:] != again[:-1]]] if len(again) else again


def distinct_keys(ordered: np.ndarray, shift: int = 0) -> int:
    """How many keys differ among sorted ones, looking at all but the lowest bits."""
    if not len(ordered):
        return 0
    return 1 + sum(
        int(np.count_nonzero(ordered[span] >> shift != ordered[span.start - 1 : span.stop - 1] >> shift)) for span in _later(len(ordered))
    )


def among(keys: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """bool [n]: the key is one of those wanted, which are sorted."""
    if not len(wanted):
        return np.zeros(len(keys), dtype=bool)
    return wanted[np.minimum(np.searchsorted(wanted, keys), len(wanted) - 1)] == keys


def _later(n: int) -> Iterator[slice]:
    """Slices that cover 1 … n."""
    for span in spans(max(n - 1, 0)):
        yield slice(span.start + 1, span.stop + 1)
