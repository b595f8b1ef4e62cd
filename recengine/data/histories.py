"""Histories: the only thing a model is ever asked about. A ragged batch of what shoppers did, in order."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace

import numpy as np
import scipy.sparse as sp

from recengine.columns import BEHAVIOUR_CODE
from recengine.data.events import EventLog
from recengine.data.standing import SIGN_OF_CODE, WEIGHT_OF_CODE, standing_weights

UNKNOWN = -1  # code of an item or shopper that the training data never saw


@dataclass(frozen=True, eq=False)
class Histories:
    """B histories, oldest event first. A row may be empty (a cold shopper)."""

    indptr: np.ndarray  # int64 [B + 1]
    item_codes: np.ndarray  # int32 [E], -1 = item unknown to the vocabulary
    behaviours: np.ndarray  # int8 [E], index into BEHAVIOURS
    times_s: np.ndarray  # int64 [E], seconds since 1970 UTC
    now_s: np.ndarray  # int64 [B], the moment at which the question is asked
    user_codes: np.ndarray  # int32 [B], -1 = nobody in particular
    weight_of_code: np.ndarray = field(default_factory=lambda: WEIGHT_OF_CODE)  # float32 [n_behaviours], see `EventLog.weighted`

    def __len__(self) -> int:
        return len(self.indptr) - 1

    @property
    def lengths(self) -> np.ndarray:
        """int64 [B], events a row."""
        return np.diff(self.indptr)

    @property
    def weights(self) -> np.ndarray:
        """float32 [E], strength of each event by its behaviour: 0 where it says nothing or was taken back, below 0 for no interest."""
        return standing_weights(self.weight_of_code, self.row_of_event, self.item_codes, self.behaviours)

    @property
    def signs(self) -> np.ndarray:
        """bool [E]: the shopper did something with the item itself, see `columns.NO_SIGN`."""
        return SIGN_OF_CODE[self.behaviours]

    @property
    def sign_counts(self) -> np.ndarray:
        """int64 [B], events a row that are signs: by them a shopper is cold, warm or hot."""
        return np.bincount(self.row_of_event[self.signs], minlength=len(self)).astype(np.int64)

    @property
    def row_of_event(self) -> np.ndarray:
        """int64 [E], the row each event belongs to."""
        return np.repeat(np.arange(len(self)), self.lengths)

    @property
    def fingerprint(self) -> bytes:
        """32 bytes that only the very same histories, asked about at the same moment, share."""
        digest = hashlib.blake2b(digest_size=32)
        for field_ in fields(self):
            column = np.ascontiguousarray(getattr(self, field_.name))
            digest.update(f"{column.dtype.str}{column.shape}".encode())
            digest.update(column.tobytes())
        return digest.digest()

    @staticmethod
    def from_log(log: EventLog, user_codes: np.ndarray, now_s: int | np.ndarray) -> Histories:
        """What the shoppers `user_codes` (int [B]) did strictly before `now_s` (one moment, or int64 [B]); -1 = nobody, an empty row."""
        users = np.asarray(user_codes, dtype=np.int32)
        now = np.broadcast_to(np.asarray(now_s, dtype=np.int64), users.shape).copy()
        somebody = np.maximum(users, 0)
        starts = log.indptr[somebody]
        lengths = np.where(users >= 0, log.indptr[somebody + 1] - starts, 0)
        rows, owner = _ranges(starts, lengths), np.repeat(np.arange(len(users)), lengths)
        before = log.times_s[rows] < now[owner]
        rows, owner = rows[before], owner[before]
        indptr = np.searchsorted(owner, np.arange(len(users) + 1)).astype(np.int64)
        return Histories(indptr, log.item_codes[rows], log.behaviours[rows], log.times_s[rows], now, users, log.weight_of_code)

    @staticmethod
    def of_items(item_lists: Sequence[Sequence[int]], now_s: int = 0, behaviour: str = "purchase") -> Histories:
        """Histories of bare item codes, one second apart and ending at `now_s`; for live sessions and tests."""
        lengths = np.array([len(row) for row in item_lists], dtype=np.int64)
        indptr = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        items = np.array([code for row in item_lists for code in row], dtype=np.int32)
        age = np.array([len(row) - place for row in item_lists for place in range(len(row))], dtype=np.int64)
        behaviours = np.full(len(items), BEHAVIOUR_CODE[behaviour], dtype=np.int8)
        now = np.full(len(item_lists), now_s, dtype=np.int64)
        return Histories(indptr, items, behaviours, now_s - age, now, np.full(len(item_lists), UNKNOWN, dtype=np.int32))

    def rows(self, index: np.ndarray | slice) -> Histories:
        """The histories at `index` (int [m] or slice), in that order; a row may repeat."""
        picked = np.arange(len(self))[index]
        starts, lengths = self.indptr[picked], self.lengths[picked]
        events = _ranges(starts, lengths)
        indptr = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        return replace(
            self,
            indptr=indptr,
            item_codes=self.item_codes[events],
            behaviours=self.behaviours[events],
            times_s=self.times_s[events],
            now_s=self.now_s[picked],
            user_codes=self.user_codes[picked],
        )

    def keep_events(self, mask: np.ndarray) -> Histories:
        """The same rows with only the events where `mask` (bool [E]) holds: an edited history, a coalition."""
        kept = np.concatenate([[0], np.cumsum(mask)]).astype(np.int64)
        return replace(
            self, indptr=kept[self.indptr], item_codes=self.item_codes[mask], behaviours=self.behaviours[mask], times_s=self.times_s[mask]
        )

    def last(self, n_events: int) -> Histories:
        """The newest `n_events` of each row."""
        place = np.arange(len(self.item_codes)) - np.repeat(self.indptr[:-1], self.lengths)
        return self.keep_events(place >= np.repeat(self.lengths - n_events, self.lengths))

    def to_csr(self, n_items: int, values: np.ndarray | None = None, binary: bool = False) -> sp.csr_matrix:
        """float32 [B, n_items]: `values` (float [E], default 1) summed per item; unknown items and zero values are dropped.

        With `binary` an item counts once, however often it was bought.
        """
        data = np.ones(len(self.item_codes), dtype=np.float32) if values is None else np.asarray(values, dtype=np.float32)
        known = (self.item_codes >= 0) & (self.item_codes < n_items) & (data != 0)
        matrix = sp.csr_matrix((data[known], (self.row_of_event[known], self.item_codes[known])), shape=(len(self), n_items))
        matrix.sum_duplicates()
        if binary:
            matrix.data[:] = 1.0
        return matrix

    def had(self, n_items: int) -> sp.csr_matrix:
        """float32 [B, n_items], 1 where a shopper already has the item: every sign counts, a mere impression does not."""
        return self.to_csr(n_items, self.signs.astype(np.float32), binary=True)


def _ranges(starts: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Concatenated aranges: starts[i] … starts[i] + lengths[i] - 1 for every i."""
    total = int(lengths.sum())
    if total == 0:
        return np.zeros(0, dtype=np.int64)
    ends = np.cumsum(lengths)
    return np.arange(total) - np.repeat(ends - lengths, lengths) + np.repeat(starts, lengths)
