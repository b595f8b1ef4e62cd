"""How a text is cut into records and cells, found from its first lines."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, replace

from recengine.errors import BadInput
from recengine.ingest.header import find_header, fitted, names_of
from recengine.ingest.loose import join_loose
from recengine.ingest.marks import Marks
from recengine.ingest.records import Record, records
from recengine.ingest.sniff import find_marks, usual_width

MAX_COLUMNS = 5_000
SAMPLE_LINES = 1_000
WORDS = {",": "comma", "\t": "tab", ";": "semicolon", "|": "pipe", " ": "space", ", ": "comma and space", "; ": "semicolon and space"}
KINDS = {"json": "JSON events", "parquet": "Parquet", "cell": "Excel sheet"}  # files that need no cutting


@dataclass(frozen=True)
class Dialect:
    """How the text is cut into records and cells."""

    marks: Marks
    header_line: int  # physical line of the header, 0 when there is none
    first_line: int  # physical line of the first record
    names: tuple[str, ...]  # distinct, never blank
    written_names: tuple[str, ...]  # as in the file, parts of several header rows joined by a space; () without a header
    above: tuple[tuple[int, str], ...] = ()  # (physical line, text) of every line above the header that is neither it nor a record
    header_rows: tuple[tuple[str, ...], ...] = ()  # cells of each header row
    loose: int | None = None  # the column that takes in extra cells: it may hold the delimiter without quotes

    @property
    def delimiter(self) -> str:
        return self.marks.delimiter

    @property
    def quoted(self) -> bool:
        return bool(self.marks.quote)

    @property
    def lines_above(self) -> int:
        """Lines before the header that are neither it nor records, 0 without a header."""
        return len(self.above)

    @property
    def words(self) -> str:
        if self.delimiter in KINDS:
            return KINDS[self.delimiter] + ("" if self.header_line or self.delimiter != "cell" else ", no header")
        head = f"header in line {self.header_line}" if self.header_line else "no header"
        if len(self.header_rows) > 1:
            head = f"header in {len(self.header_rows)} rows from line {self.header_line}"
        name = WORDS.get(self.delimiter)
        parts = [f"{name}-separated" if name else f"separated by {self.delimiter}", head]
        if self.marks.quote == "'":
            parts.append("cells in single quotes")
        if self.marks.escape:
            parts.append(f"quotes escaped by {self.marks.escape}")
        return ", ".join(parts)


def detect_dialect(
    text: str, *, delimiter: str | None = None, header: bool | None = None, known_header: frozenset[str] = frozenset()
) -> Dialect:
    """Marks by the steadiest number of cells, header by names and by the difference between the first rows and the rest.

    Args:
        text: The first lines, decoded; the last line may be cut.
        delimiter: Chosen by the reader of the file, or None to find it.
        header: Whether there is a header, or None to find out.
        known_header: Lower-case names that mark a header beyond doubt.

    Raises:
        BadInput: nothing but blank lines, or more than 5,000 columns.
    """
    lines = list(io.StringIO(text, newline=""))[:SAMPLE_LINES]
    told = 0
    if lines and (match := re.fullmatch(r"\"?sep=(.+?)\"?[\s,;]*", lines[0].rstrip("\r\n"))):
        delimiter, told = delimiter or match.group(1), 1
        lines = lines[1:]
    if not any(line.strip() for line in lines):
        raise BadInput("The file has no rows.", "It holds only blank lines.", "Export it again and check that it has rows.")
    found = find_marks(lines, delimiter)
    marks = found.marks
    flat = [marks.flat_text(line) for line in lines]
    cut = list(records(flat, marks))
    width = found.width or usual_width(cut)
    if width > 1:
        cut = list(records(flat, marks, width))
    cut = [record for record in cut if record.cells and any(cell.strip() for cell in record.cells)]
    if found.loose is not None:
        joined = [join_loose(record.cells or [], width, found.loose, marks.delimiter) for record in cut]
        cut = [replace(record, cells=cells) for record, cells in zip(cut, joined, strict=True)]
    width = max(width, 1)
    widest = max((len(record.cells or ()) for record in cut), default=0)
    if widest > MAX_COLUMNS:
        raise BadInput(
            f"The file has {widest:,} columns.", f"At most {MAX_COLUMNS:,} can be read.", "Export one row an event, not one column an item."
        )
    laid_out = _laid_out(marks, lines, cut, width, told, header, known_header)
    return replace(laid_out, loose=found.loose)


def _laid_out(
    marks: Marks, lines: list[str], cut: list[Record], width: int, told: int, header: bool | None, known: frozenset[str]
) -> Dialect:
    rows = [[marks.restored(cell) for cell in record.cells or ()] for record in cut]
    found = find_header(rows, width, known) if header is not False else None
    if header and found is None and rows:
        found = next((k for k, cells in enumerate(rows) if len(cells) == width), 0), 1
    if found is None:
        # without a header nothing can be told to be a preamble
        return Dialect(marks, 0, 1 + told, tuple(f"column {k + 1}" for k in range(width)), ())
    at, n = found
    header_rows = rows[at : at + n]
    if len(rows) == n + at:  # no record tells the width
        width = max(map(len, header_rows))
    above = tuple((1 + told + k, line.rstrip("\r\n")) for k, line in enumerate(lines[: cut[at].start]))
    last = cut[at + n - 1]
    fit = [fitted(row, max(width, len(row))) for row in header_rows]
    longest = max(map(len, fit))
    written = tuple(" ".join(row[k] for row in fit if k < len(row)) if n > 1 else fit[0][k] for k in range(longest))
    return Dialect(
        marks,
        cut[at].start + 1 + told,
        last.start + last.span + 1 + told,
        names_of(header_rows, width),
        written if n > 1 else tuple(header_rows[0]),
        above,
        tuple(tuple(row) for row in header_rows),
    )
