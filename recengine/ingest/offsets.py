"""Where each physical line begins in the unpacked file, for telling rejected rows."""

from __future__ import annotations

import numpy as np

from recengine.ingest.resting import joined_at_rest

LF, CR = 10, 13
PIECES = 64  # chunks whose lines are laid together
UTF16 = {"utf-16-le": "<u2", "utf-16-be": ">u2"}


class LineOffsets:
    """Lengths of all lines, one byte a line where lines are short. A line ends in LF, CRLF, or a CR that no LF follows."""

    def __init__(self, codec: str, first_byte: int = 0) -> None:
        self._unit = np.dtype(UTF16.get(codec, "u1"))
        self._first_byte = first_byte
        self._rest = b""  # of the last chunk: a CR that may be half of a CRLF, or half a unit
        self._open = 0  # bytes of the last, unfinished line
        self._lengths: list[np.ndarray] = []
        self._fresh: list[np.ndarray] = []  # of the last chunks, not at rest yet

    def add(self, chunk: bytes) -> None:
        """Take the next bytes of the file, as they are before decoding."""
        data = self._rest + chunk if self._rest else chunk
        units = np.frombuffer(data, self._unit, count=len(data) // self._unit.itemsize)
        returns = np.flatnonzero(units == CR)
        held = len(returns) > 0 and returns[-1] == len(units) - 1
        if held:
            units, returns = units[:-1], returns[:-1]
        ends = np.flatnonzero(units == LF)
        if len(returns):
            ends = np.union1d(ends, returns[np.append(units, LF)[returns + 1] != LF])
        used = len(units) * self._unit.itemsize
        self._rest = data[used:]
        if not len(ends):
            self._open += used
            return
        after = (ends + 1) * self._unit.itemsize
        lengths = np.diff(after, prepend=-self._open)
        self._open = used - int(after[-1])
        self._fresh.append(lengths.astype(np.min_scalar_type(int(lengths.max()))))
        if len(self._fresh) >= PIECES:
            self._rest_all()

    def _rest_all(self) -> None:
        if self._fresh:
            self._lengths.append(joined_at_rest(self._fresh))
            self._fresh = []

    def of(self, lines: np.ndarray) -> np.ndarray:
        """int64 [n]: bytes before each line (the first line is 1)."""
        self._rest_all()
        lines = np.asarray(lines, dtype=np.int64)
        out = np.empty(len(lines), dtype=np.int64)
        order = np.argsort(lines, kind="stable")
        wanted = lines[order] - 1
        first, base, at = 0, self._first_byte, 0
        for lengths in self._lengths:
            end = int(np.searchsorted(wanted, first + len(lengths)))
            if end > at:
                begins = np.cumsum(lengths, dtype=np.int64)
                here = wanted[at:end] - first
                out[order[at:end]] = base + begins[here] - lengths[here]
                at = end
            first += len(lengths)
            base += int(lengths.sum(dtype=np.int64))
        out[order[at:]] = base  # in the last line, which has no end
        return out
