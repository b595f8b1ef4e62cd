"""Cuts a text into records, block by block: a vectorised way for well-formed blocks and an exact one for the rest.

Both ways follow one rule book, so they give the same table (a property test holds them together):

* LF, CRLF and a lone CR end a line; inside a quoted cell they belong to the cell.
* A cell is quoted when it begins with a quote and the quote that closes it stands before a delimiter or a line end; two quotes
  inside are one. Any other quote is part of the text.
* A blank line (nothing, or white space and no delimiter) is skipped and counted.
* A line whose quotes do not pair up is mended where one reading with the right number of cells calls fewer quotes stray than all
  others (`mend`). Otherwise it is rejected.
* A record with the wrong number of cells is rejected. When it spans several lines only its first line is, and reading resumes
  on the next one, so that a stray quote never swallows the lines behind it. The same holds for a quote that is never closed.
* A cell may have 131,072 characters.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from recengine.errors import BadInput
from recengine.ingest.dialect import Dialect
from recengine.ingest.encoding import is_utf8
from recengine.ingest.header import fitted
from recengine.ingest.loose import join_loose
from recengine.ingest.packed import written_bytes
from recengine.ingest.records import CELL_LIMIT, NEVER_CLOSED, records

CARRY_LIMIT = 4 * 2**20  # bytes without the end of a record before the exact way must look
PIECE = 2**20  # bytes that the exact way takes at once when a block is not well-formed
VALUE_CUT = 200
BLANK, CUT_SHORT, NO_UTF8, HEADER_AGAIN = "blank line", "the file ends in the middle of this row", "bytes that are no UTF-8", "header again"

LF, CR = 10, 13

Bad = tuple[int, str, str, str]  # physical line, text, reason, kind


class NotUtf8(Exception):
    """A block holds bytes that are no UTF-8; `lines` are those outside ASCII, `good_before` how many of them are UTF-8 up to the first
    that is not."""

    def __init__(self, block: bytes, good_before: int) -> None:
        super().__init__("not UTF-8")
        foreign = [line for line in block.splitlines() if not line.isascii()]
        self.lines = b"\n".join(foreign)
        self.good_before = good_before + next((k for k, line in enumerate(foreign) if not is_utf8(line)), len(foreign))


@dataclass
class RecordCutter:
    """Collects the records of a text that arrives in blocks of UTF-8 bytes."""

    dialect: Dialect
    line: int  # physical line where the next block starts
    exact_only: bool = False
    damaged: bool = False  # lines with bytes that are no UTF-8 are rejected instead of refusing the file
    batches: list[pa.Table] = field(default_factory=list)
    lines: list[np.ndarray] = field(default_factory=list)
    bad: list[Bad] = field(default_factory=list)
    keep_cells: bool = False  # also keep the cells of rows with the wrong number of them
    cells: dict[int, list[str]] = field(default_factory=dict)  # line → cells, of such rows
    mended: int = 0  # rows with stray quotes that were read all the same
    carry: bytes = b""
    exact_blocks: int = 0
    foreign_blocks: int = 0  # that held valid UTF-8 outside ASCII
    whole: frozenset[str] = frozenset()  # columns that are tried as whole numbers first

    def feed(self, block: bytes, final: bool = False) -> None:
        """Take the next block; `final` closes the text."""
        marks = self.dialect.marks
        if (native := marks.in_use(block)) is not None:
            raise BadInput(
                "The file holds control characters.",
                f"The character {native!r} stands in it, and cells are separated by “{marks.delimiter}”.",
                "Remove the character, or choose another delimiter.",
            )
        data = self.carry + block if self.carry else block
        self.carry = b""
        if not final:
            if data.endswith(b"\r"):  # it may be half of a CRLF
                data, self.carry = data[:-1], b"\r"
            if keep := marks.unfinished(data):
                data, self.carry = data[:-keep], data[-keep:] + self.carry
        data = marks.flat(data)
        if not data:
            return
        if (at := data.find(b"\x00")) >= 0:
            line = self.line + data.count(b"\n", 0, at)
            raise BadInput(
                "This is not a text file.",
                f"Line {line:,} holds a zero byte, as pictures and programs do.",
                "Export the file again as CSV.",
            )
        self._cut(data, final)
        self.foreign_blocks += not data.isascii()

    def _cut(self, data: bytes, final: bool) -> None:
        later = self.carry
        rest = None if self.exact_only else self._fast(data, final)
        if rest is None and not self.exact_only and len(data) > 2 * PIECE:  # only the pieces that need it go the exact way
            rest = b""
            for at in range(0, len(data), PIECE):
                piece, last = rest + data[at : at + PIECE], at + PIECE >= len(data)
                held = b"\r" if piece.endswith(b"\r") and not last else b""
                piece = piece[: len(piece) - len(held)]
                left = self._fast(piece, final and last) if piece else b""
                rest = (self._exact(piece, final and last) if left is None else left) + held
        elif rest is None:
            rest = self._exact(data, final)
        self.carry = rest + later

    @property
    def _sep(self) -> str:
        return self.dialect.marks.sep

    def _fast(self, data: bytes, final: bool) -> bytes | None:
        """Parse a well-formed block; returns the incomplete rest, or None when the exact way must do it."""
        if len(self.dialect.names) == 1 or self.dialect.loose is not None:  # Arrow and the rule book differ on blank cells
            return None
        raw, marks = np.frombuffer(data, dtype=np.uint8), self.dialect.marks
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
            if not _well_formed(raw, quotes, ord(self._sep), self._quote_byte):
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
        written = int(lengths.sum() - crlf.sum()) - int(np.count_nonzero(good)) * (len(self.dialect.names) - 1)
        parsed = self._numbers(memoryview(data)[:cut], written) if self.whole and quotes is None and marks.plain else None
        if parsed is None:
            parsed = self._arrow(memoryview(data)[:cut], several) if good.any() else self.nothing()
        bad: list[Bad] = [(int(line), "", BLANK, "skipped") for line in lines[~good]]
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
            parsed = self._arrow(b"".join(pieces), several) if good.any() else self.nothing()
            if parsed is None or parsed.num_rows != int(good.sum()):
                self._check_utf8(data[:cut])
                return None
        self.bad += sorted(bad)
        self._store(parsed, lines[good])
        self.line += len(ends)
        return data[cut:]

    def _grouping_quotes(self, raw: np.ndarray, data: bytes) -> np.ndarray | None:
        """Positions of all quotes when at least one opens a cell; None when they are all ordinary characters."""
        quote = self.dialect.marks.quote
        if not quote or quote.encode() not in data:
            return None
        quotes = np.flatnonzero(raw == self._quote_byte)
        return quotes if _opens(raw, quotes, ord(self._sep)).any() else None

    @property
    def _quote_byte(self) -> int:
        return ord(self.dialect.marks.quote or '"')

    def _numbers(self, data: memoryview, written: int) -> pa.Table | None:
        """Parse a block with the columns of `whole` as numbers; None where a cell of theirs is not as a machine writes numbers.

        That is told by the sum of all cells: a cell is never shorter than its number, written out.
        """
        table = self._read(data, False, self.whole)
        if table is None or sum(written_bytes(chunk) for column in table.columns for chunk in column.chunks) != written:
            return None
        return table

    def _read(self, data: bytes | memoryview, several: bool, whole: frozenset[str] = frozenset()) -> pa.Table | None:
        names, marks = list(self.dialect.names), self.dialect.marks
        try:
            return pa_csv.read_csv(
                pa.BufferReader(pa.py_buffer(data)),
                pa_csv.ReadOptions(column_names=names, block_size=4 * 2**20),
                pa_csv.ParseOptions(
                    delimiter=marks.sep,
                    quote_char=marks.quote or False,
                    double_quote=bool(marks.quote),
                    escape_char=False,
                    newlines_in_values=several,
                ),
                pa_csv.ConvertOptions(
                    column_types={name: pa.int64() if name in whole else pa.string() for name in names},
                    null_values=[],
                    strings_can_be_null=False,
                ),
            )
        except pa.ArrowInvalid:
            return None

    def _arrow(self, data: bytes | memoryview, several: bool) -> pa.Table | None:
        names, marks = list(self.dialect.names), self.dialect.marks
        table = self._read(data, several)
        if table is None:
            return None
        for stand_in, meaning in marks.meanings():
            if bytes(data).count(stand_in.encode()) > (table.num_rows * (len(names) - 1) if stand_in == marks.sep else 0):
                columns = [pc.replace_substring(column, stand_in, meaning) for column in table.columns]
                table = pa.table(columns, names=names)
        return table

    def nothing(self) -> pa.Table:
        """A table without rows."""
        return pa.table({name: pa.array([], pa.string()) for name in self.dialect.names})

    def _check_utf8(self, data: bytes) -> None:
        if not self.damaged and not is_utf8(data):
            raise NotUtf8(data, self.foreign_blocks)

    def _ragged(self, line: int, value: bytes | str, cells: int, cut_short: bool) -> Bad:
        if isinstance(value, bytes):
            self._check_utf8(value)
            value = value.decode("utf-8", "surrogateescape")
        value = value.rstrip("\r\n")
        marks = self.dialect.marks
        if not value.strip() and marks.sep not in value:
            return line, "", BLANK, "skipped"
        if self.keep_cells:
            found = next(iter(records([value], marks)))
            self.cells[line] = [marks.restored(cell) for cell in found.cells or value.split(marks.sep)]
        want = len(self.dialect.names)
        reason = CUT_SHORT if cut_short and cells < want else f"{cells:,} {'cell' if cells == 1 else 'cells'} instead of {want:,}"
        value = marks.written(value)[:VALUE_CUT]
        if not _is_clean(value):
            value = value.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
        return line, value, reason, "rejected"

    def _exact(self, data: bytes, final: bool) -> bytes:
        """Parse a block record by record; returns the incomplete rest."""
        cut = len(data) if final else max(data.rfind(b"\n"), data.rfind(b"\r")) + 1
        data, partial = data[:cut], data[cut:]
        self._check_utf8(data)
        self.exact_blocks += 1
        text = data.decode("utf-8", "surrogateescape" if self.damaged else "strict")
        lines = list(io.StringIO(text, newline=""))
        marks, width = self.dialect.marks, len(self.dialect.names)
        ends_whole = not final or not lines or lines[-1].endswith(("\n", "\r"))
        rows: list[list[str]] = []
        row_lines: list[int] = []
        kept = len(lines)
        for record in records(lines, marks, width, ends_whole):
            start, cells = record.start, record.cells
            if self.dialect.loose is not None and cells:
                cells = join_loose(cells, width, self.dialect.loose, marks.delimiter)
            last = start + record.span == len(lines) and not ends_whole
            if record.open and not final and sum(len(line) for line in lines[start:]) <= CARRY_LIMIT:
                kept = start
                break
            if self.damaged and not all(map(_is_clean, lines[start : start + record.span])):
                for k in range(start, start + record.span):
                    shown = self._ragged(self.line + k, lines[k], 0, False)
                    self.bad.append(shown if shown[2] == BLANK else (*shown[:2], NO_UTF8, "rejected"))
            elif cells is None:
                problem = CUT_SHORT if last and record.problem == NEVER_CLOSED else record.problem
                shown = self._ragged(self.line + start, lines[start], 0, False)
                self.bad.append((*shown[:2], problem, "rejected"))
            elif not cells:
                self.bad.append((self.line + start, "", BLANK, "skipped"))
            elif len(cells) == width and (width > 1 or cells[0].strip()):
                rows.append([marks.restored(cell) for cell in cells] if not marks.plain else cells)
                row_lines.append(self.line + start)
                self.mended += record.mended
            else:
                self.bad.append(self._ragged(self.line + start, lines[start], len(cells), last))
        if rows:
            columns = [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]
            self._store(pa.table(columns, names=list(self.dialect.names)), np.array(row_lines, dtype=np.int64))
        self.line += kept
        return "".join(lines[kept:]).encode("utf-8", "surrogateescape") + partial

    def _store(self, table: pa.Table, lines: np.ndarray) -> None:
        """Keep rows, but for those that repeat the header."""
        if table.num_rows and self.dialect.header_rows:
            again = self._header_again(table)
            if again.any():
                text = self.dialect.delimiter.join(self.dialect.header_rows[-1])[:VALUE_CUT]
                self.bad += [(int(line), text, HEADER_AGAIN, "skipped") for line in lines[again]]
                table, lines = table.filter(pa.array(~again)), lines[~again]
        self.batches.append(table)
        if len(lines) and int(lines[-1]) < 2**31:
            lines = lines.astype(np.int32)
        self.lines.append(lines)

    def _header_again(self, table: pa.Table) -> np.ndarray:
        again = np.zeros(table.num_rows, dtype=bool)
        for row in dict.fromkeys(self.dialect.header_rows):
            same = np.ones(table.num_rows, dtype=bool)
            for column, cell in zip(table.columns, fitted(list(row), table.num_columns), strict=True):
                if pa.types.is_integer(column.type):
                    column = column.cast(pa.string())
                equal = pc.equal(column, cell)
                if not pc.any(equal).as_py():  # as good as always; to_numpy would import pandas
                    same[:] = False
                    break
                same &= np.asarray(equal)
            again |= same
        return again


def _is_clean(text: str) -> bool:
    """Whether a text holds no half character that stands for a byte outside UTF-8."""
    return text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text)


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


def _well_formed(raw: np.ndarray, quotes: np.ndarray, sep: int, quote: int) -> bool:
    """Whether quotes come in pairs that open and close cells, or double themselves inside one."""
    if len(quotes) % 2:
        return False
    opening, closing = quotes[0::2], quotes[1::2]
    doubled = np.zeros(len(opening), dtype=bool)
    doubled[1:] = opening[1:] == closing[:-1] + 1
    after = np.append(raw, LF)[closing + 1]
    return bool((_opens(raw, opening, sep) | doubled).all() and ((after == sep) | (after == LF) | (after == CR) | (after == quote)).all())


def _cells_per_record(raw: np.ndarray, quotes: np.ndarray | None, record_ends: np.ndarray, sep: int) -> np.ndarray:
    marks = np.flatnonzero(raw == sep)
    if quotes is not None:
        marks = marks[np.searchsorted(quotes, marks) % 2 == 0]
    return np.diff(np.searchsorted(marks, record_ends), prepend=0) + 1
