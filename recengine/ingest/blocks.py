"""Cuts a text into records, block by block: a vectorised way for well-formed blocks and an exact one for the rest.

Both ways follow one rule book, so they give the same table (a property test holds them together):

* LF, CRLF and a lone CR end a line; inside a quoted cell they belong to the cell.
* A cell is quoted when its first character is a double quote; two of them inside are one; what follows the closing quote is kept.
* A blank line (nothing, or white space and no delimiter) is skipped and counted.
* A record with the wrong number of cells is rejected. When it spans several lines only its first line is, and reading resumes
  on the next one, so that a stray quote never swallows the lines behind it. The same holds for a quote that is never closed.
* A cell may have 131,072 characters.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

from recengine.errors import BadInput
from recengine.ingest.dialect import UNIT, Dialect
from recengine.ingest.encoding import is_utf8

CELL_LIMIT = 131_072
SPAN_LIMIT = 1_000  # lines one quoted record may span
CARRY_LIMIT = 4 * 2**20  # bytes without the end of a record before the exact way must look
VALUE_CUT = 200

LF, CR, QUOTE = 10, 13, 34


class NotUtf8(Exception):
    """A block holds bytes that are no UTF-8; `lines` are those outside ASCII."""

    def __init__(self, block: bytes) -> None:
        super().__init__("not UTF-8")
        self.lines = b"\n".join(line for line in block.splitlines() if not line.isascii())


@dataclass
class RecordCutter:
    """Collects the records of a text that arrives in blocks of UTF-8 bytes."""

    dialect: Dialect
    line: int  # physical line where the next block starts
    exact_only: bool = False
    damaged: bool = False  # lines with bytes that are no UTF-8 are rejected instead of refusing the file
    batches: list[pa.Table] = field(default_factory=list)
    lines: list[np.ndarray] = field(default_factory=list)
    bad: list[tuple[int, str, str, str]] = field(default_factory=list)  # line, value, reason, kind
    carry: bytes = b""
    exact_blocks: int = 0

    def feed(self, block: bytes, final: bool = False) -> None:
        """Take the next block; `final` closes the text."""
        data = self.carry + block if self.carry else block
        self.carry = b""
        if not final and data.endswith(b"\r"):  # it may be half of a CRLF
            data, self.carry = data[:-1], b"\r"
        if self.dialect.delimiter == "::":
            if not final and data.endswith(b":"):
                keep = data.rstrip(b":")
                data, self.carry = keep, data[len(keep) :] + self.carry
            data = data.replace(b"::", UNIT.encode())
        if not data:
            return
        if (at := data.find(b"\x00")) >= 0:
            line = self.line + data.count(b"\n", 0, at)
            raise BadInput(
                "This is not a text file.",
                f"Line {line:,} holds a zero byte, as pictures and programs do.",
                "Export the file again as CSV.",
            )
        rest = None if self.exact_only else self._fast(data, final)
        if rest is None:
            self.exact_blocks += 1
            rest = self._exact(data, final)
        self.carry = rest + self.carry

    @property
    def _sep(self) -> str:
        return UNIT if self.dialect.delimiter == "::" else self.dialect.delimiter

    def _fast(self, data: bytes, final: bool) -> bytes | None:
        """Parse a well-formed block; returns the incomplete rest, or None when the exact way must do it."""
        raw = np.frombuffer(data, dtype=np.uint8)
        ends = _line_ends(raw, data)
        if final and (not len(ends) or ends[-1] != len(raw) - 1):
            ends = np.append(ends, len(raw))
        quotes = self._grouping_quotes(raw, data)
        record_ends = ends if quotes is None else ends[np.searchsorted(quotes, ends) % 2 == 0]
        if not len(record_ends):
            return None if final or len(data) > CARRY_LIMIT else data
        cut = min(int(record_ends[-1]) + 1, len(data))
        if final and cut < len(data):
            return None
        if quotes is not None:
            quotes = quotes[quotes < cut]
            if not _well_formed(raw, quotes, ord(self._sep)):
                return None
        ends = ends[ends <= record_ends[-1]]
        starts = np.concatenate(([0], record_ends[:-1] + 1))
        lengths = record_ends - starts
        if int(lengths.max()) > CELL_LIMIT:
            return None
        several = len(ends) != len(record_ends)
        lines = self.line + (np.searchsorted(ends, starts) if several else np.arange(len(starts)))
        crlf = (lengths > 0) & (raw[np.maximum(record_ends - 1, 0)] == CR)
        good = lengths - crlf > 0
        parsed = self._arrow(memoryview(data)[:cut], several) if good.any() else self._empty()
        bad: list[tuple[int, str, str, str]] = [(int(line), "", "blank line", "skipped") for line in lines[~good]]
        if parsed is None or parsed.num_rows != int(good.sum()):
            cells = _cells_per_record(raw[:cut], quotes, record_ends, ord(self._sep))
            ragged = good & (cells != len(self.dialect.names))
            if not ragged.any():
                self._check_utf8(data[:cut])
                return None
            if several and (np.searchsorted(ends, record_ends[ragged]) != np.searchsorted(ends, starts[ragged])).any():
                return None
            pieces, at = [], 0
            for k in np.flatnonzero(ragged):
                begin, end = int(starts[k]), int(record_ends[k])
                pieces.append(data[at:begin])
                at = end + 1
                cut_short = final and end == len(data)
                bad.append(self._ragged(int(lines[k]), data[begin:end], int(cells[k]), cut_short))
            pieces.append(data[at:cut])
            good &= ~ragged
            parsed = self._arrow(b"".join(pieces), several) if good.any() else self._empty()
            if parsed is None or parsed.num_rows != int(good.sum()):
                self._check_utf8(data[:cut])
                return None
        self.bad += sorted(bad)
        self.batches.append(parsed)
        self.lines.append(lines[good])
        self.line += len(ends)
        return data[cut:]

    def _grouping_quotes(self, raw: np.ndarray, data: bytes) -> np.ndarray | None:
        """Positions of all double quotes when at least one opens a cell; None when they are all ordinary characters."""
        if not self.dialect.quoted or b'"' not in data:
            return None
        quotes = np.flatnonzero(raw == QUOTE)
        return quotes if _opens(raw, quotes, ord(self._sep)).any() else None

    def _arrow(self, data: bytes | memoryview, several: bool) -> pa.Table | None:
        names = list(self.dialect.names)
        try:
            return pa_csv.read_csv(
                pa.BufferReader(pa.py_buffer(data)),
                pa_csv.ReadOptions(column_names=names, block_size=4 * 2**20),
                pa_csv.ParseOptions(
                    delimiter=self._sep,
                    quote_char='"' if self.dialect.quoted else False,
                    double_quote=self.dialect.quoted,
                    escape_char=False,
                    newlines_in_values=several,
                ),
                pa_csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False),
            )
        except pa.ArrowInvalid:
            return None

    def _empty(self) -> pa.Table:
        return pa.table({name: pa.array([], pa.string()) for name in self.dialect.names})

    def _check_utf8(self, data: bytes) -> None:
        if not self.damaged and not is_utf8(data):
            raise NotUtf8(data)

    def _ragged(self, line: int, value: bytes | str, cells: int, cut_short: bool) -> tuple[int, str, str, str]:
        if isinstance(value, bytes):
            self._check_utf8(value)
            value = value.decode("utf-8", "backslashreplace")
        elif not _is_clean(value):
            value = value.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
        value = value.rstrip("\r\n")
        if not value.strip() and self._sep not in value:
            return line, "", "blank line", "skipped"
        want = len(self.dialect.names)
        short = cut_short and cells < want
        reason = "the file ends in the middle of this row" if short else f"{cells:,} cells instead of {want:,}"
        return line, value[:VALUE_CUT].replace(UNIT, "::") if self.dialect.delimiter == "::" else value[:VALUE_CUT], reason, "rejected"

    def _exact(self, data: bytes, final: bool) -> bytes:
        """Parse a block with Python's csv module, record by record; returns the incomplete rest."""
        cut = len(data) if final else max(data.rfind(b"\n"), data.rfind(b"\r")) + 1
        data, partial = data[:cut], data[cut:]
        self._check_utf8(data)
        text = data.decode("utf-8", "surrogateescape" if self.damaged else "strict")
        lines = list(io.StringIO(text, newline=""))
        width, rows, row_lines = len(self.dialect.names), [], []
        at = 0
        while at < len(lines):
            feed = _Lines(lines, at)
            reader = csv.reader(feed, delimiter=self._sep, quoting=csv.QUOTE_MINIMAL if self.dialect.quoted else csv.QUOTE_NONE)
            problem = None
            while problem is None:
                start = feed.at
                try:
                    cells = next(reader)
                except StopIteration:
                    break
                except csv.Error:
                    problem = f"a cell is longer than {CELL_LIMIT:,} characters"
                    break
                span = feed.at - start
                if feed.ended:  # the text ran out inside a quoted cell
                    size = sum(len(line) for line in lines[start:])
                    if not final and span <= SPAN_LIMIT and size <= CARRY_LIMIT:
                        self._store(rows, row_lines)
                        self.line += start
                        return "".join(lines[start:]).encode("utf-8", "surrogateescape") + partial
                    problem = "a quote is opened and never closed"
                elif span > SPAN_LIMIT:
                    problem = "a quote is opened and never closed"
                elif self.damaged and not all(map(_is_clean, lines[start : feed.at])):
                    line = self._ragged(self.line + start, lines[start], len(cells), False)
                    self.bad.append((line[0], line[1], "bytes that are no UTF-8", "rejected"))
                elif len(cells) == width:
                    rows.append(cells)
                    row_lines.append(self.line + start)
                elif not cells:
                    self.bad.append((self.line + start, "", "blank line", "skipped"))
                else:
                    cut_short = final and feed.at == len(lines) and not lines[-1].endswith(("\n", "\r"))
                    line = self._ragged(self.line + start, lines[start], len(cells), cut_short)
                    if span == 1:
                        self.bad.append(line)
                    else:
                        problem = line[2]
            if problem is None:
                break
            last = final and start == len(lines) - 1 and not lines[-1].endswith(("\n", "\r"))
            if last and problem.startswith("a quote"):
                problem = "the file ends in the middle of this row"
            shown = self._ragged(self.line + start, lines[start], 0, False)
            self.bad.append((shown[0], shown[1], problem, "rejected"))
            at = start + 1
        self._store(rows, row_lines)
        self.line += len(lines)
        return partial

    def _store(self, rows: list[list[str]], row_lines: list[int]) -> None:
        if rows:
            columns = [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]
            self.batches.append(pa.table(columns, names=list(self.dialect.names)))
            self.lines.append(np.array(row_lines, dtype=np.int64))


def _is_clean(text: str) -> bool:
    """Whether a text holds no half character that stands for a byte outside UTF-8."""
    return text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text)


class _Lines(Iterator[str]):
    """The lines of a block from `at` on; `ended` tells that one more was asked for than there are."""

    def __init__(self, lines: list[str], at: int) -> None:
        self.lines, self.at, self.ended = lines, at, False

    def __next__(self) -> str:
        if self.at >= len(self.lines):
            self.ended = True
            raise StopIteration
        self.at += 1
        return self.lines[self.at - 1]


def _line_ends(raw: np.ndarray, data: bytes) -> np.ndarray:
    """Position of the last byte of every line end: LF, the LF of CRLF, or a CR that no LF follows."""
    ends = np.flatnonzero(raw == LF)
    if b"\r" in data and data.count(b"\r") != data.count(b"\r\n"):
        returns = np.flatnonzero(raw == CR)
        follower = np.append(raw, LF + 1)[returns + 1]
        ends = np.union1d(ends, returns[follower != LF])
    return ends


def _opens(raw: np.ndarray, quotes: np.ndarray, sep: int) -> np.ndarray:
    """bool per quote: it stands where a cell begins."""
    before = np.where(quotes > 0, raw[quotes - 1], LF)
    return (before == sep) | (before == LF) | (before == CR)


def _well_formed(raw: np.ndarray, quotes: np.ndarray, sep: int) -> bool:
    """Whether quotes come in pairs that open and close cells, or double themselves inside one."""
    if len(quotes) % 2:
        return False
    opening, closing = quotes[0::2], quotes[1::2]
    doubled = np.zeros(len(opening), dtype=bool)
    doubled[1:] = opening[1:] == closing[:-1] + 1
    after = np.append(raw, LF)[closing + 1]
    return bool((_opens(raw, opening, sep) | doubled).all() and ((after == sep) | (after == LF) | (after == CR) | (after == QUOTE)).all())


def _cells_per_record(raw: np.ndarray, quotes: np.ndarray | None, record_ends: np.ndarray, sep: int) -> np.ndarray:
    marks = np.flatnonzero(raw == sep)
    if quotes is not None:
        marks = marks[np.searchsorted(quotes, marks) % 2 == 0]
    return np.diff(np.searchsorted(marks, record_ends), prepend=0) + 1
