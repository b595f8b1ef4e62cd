"""Watches a file that is no UTF-8 for places where its encoding changes: strict decoding alone swallows many of them."""

from __future__ import annotations

import numpy as np

from recengine.errors import BadInput
from recengine.ingest.encoding import Encoding, alone_share, common_hanzi, is_utf8

WINDOW = 2**16  # bytes looked at together
LEAST_LINES, MOST_LINES = 5, 60
LEAST_BYTES = 60  # outside ASCII
LIKE_ITSELF, UNLIKE_ITSELF = 0.4, 0.2  # a file that never looked like its encoding cannot stop doing so
WESTERN = ("cp1252", "cp1250", "cp1254", "iso8859-1", "mac-roman")


def foreign_lines(data: bytes, most: int | None = None) -> list[bytes]:
    """The lines that hold bytes outside ASCII, at most `most` of them."""
    if data.isascii():
        return []
    found = []
    for line in data.split(b"\n"):
        if not line.isascii():
            found.append(line)
            if len(found) == most:
                break
    return found


class EncodingWatch:
    """Takes the bytes of a file in order and refuses it where they stop looking like the encoding it began with."""

    def __init__(self, encoding: Encoding) -> None:
        self._encoding = encoding
        self._done = 0
        self._usual: float | None = None  # how the first lines with letters outside ASCII look, see `_looks`

    def look(self, chunk: bytes) -> None:
        """Check the next bytes.

        Raises:
            BadInput: a stretch of 64 KB is UTF-8, or is written in another family of letters than this encoding.
        """
        if self._encoding.name != "utf-8":
            wide = self._encoding.name.startswith("utf-16")
            for at in range(0, len(chunk), WINDOW):
                window = chunk[at : at + WINDOW]
                if wide:
                    self._narrow(window, self._done + at)
                else:
                    self._window(window, self._done + at)
        self._done += len(chunk)

    def _narrow(self, data: bytes, at: int) -> None:
        lines = data.split(b"\n")[1:-1]
        tail = lines[len(lines) // 2 :]
        if len(tail) >= LEAST_LINES and b"\x00" not in b"".join(tail) and all(map(is_utf8, tail)):
            raise self._changed(at, "UTF-8")

    def _window(self, data: bytes, at: int) -> None:
        lines = foreign_lines(data, MOST_LINES)[1:]  # the first may be cut
        if len(lines) < LEAST_LINES:
            return
        tail = lines[len(lines) // 2 :]
        if sum(map(is_utf8, tail)) >= 0.9 * len(tail):
            raise self._changed(at, "UTF-8")
        if self._usual is None:
            self._usual = self._looks(lines[: len(lines) // 2])
        now = self._looks(tail)
        if self._usual is not None and now is not None and self._usual >= LIKE_ITSELF and now < UNLIKE_ITSELF:
            raise self._changed(at, "an encoding of other letters")

    def _looks(self, lines: list[bytes]) -> float | None:
        """How much the letters look like the encoding: letters alone among ASCII for western ones, usual hanzi for GB18030.

        None where there are too few, or where nothing is known of the encoding.
        """
        sample = b"\n".join(lines)
        if _foreign(sample) < LEAST_BYTES // 2:
            return None
        if self._encoding.name in WESTERN:
            return alone_share(sample)
        return common_hanzi(sample)[0] if self._encoding.name == "gb18030" else None

    def _changed(self, at: int, other: str) -> BadInput:
        return BadInput(
            "The file changes its text encoding.",
            f"It begins in {self._encoding.words}; behind byte {at:,} it is {other}.",
            "Save it in one encoding, best UTF-8, or import its parts one by one.",
        )


def _foreign(data: bytes) -> int:
    return int((np.frombuffer(data, dtype=np.uint8) >= 0x80).sum())
