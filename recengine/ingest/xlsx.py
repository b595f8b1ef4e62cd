"""Reads one sheet of an Excel workbook as text: the largest, or the one that is asked for."""

from __future__ import annotations

import datetime
import re
import zipfile
import zlib
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa

from recengine.errors import BadInput
from recengine.ingest.below import TOTAL, TOTALS
from recengine.ingest.dialect import MAX_COLUMNS, Dialect
from recengine.ingest.encoding import Encoding
from recengine.ingest.header import find_header, names_of
from recengine.ingest.inflate import BOMB_RATIO
from recengine.ingest.marks import Marks
from recengine.ingest.raw import Part, RawTable, reject_table
from recengine.ingest.source import Source

UNPACKED_LIMIT = 512 * 2**20  # of all parts of the workbook
RATIO_FLOOR = 32 * 2**20
EMPTY_CELLS = 2_000_000  # that a sheet may hold beside its filled ones
MOST_CELLS = 40_000_000
PLACE = re.compile(rb'\br="([A-Z]{0,3})(\d{1,7})"')  # of a cell, or of a row
ABOVE, BLANK = "line above the header", "blank line"
VALUE_CUT = 200
Bad = list[tuple[int, str, str, str]]


def read_xlsx(
    source: Source, header: bool | None = None, known_header: frozenset[str] = frozenset(), sheet_name: str | None = None
) -> RawTable:
    """Cells as Excel shows whole numbers, dates and words.

    Args:
        source: The workbook.
        header: Whether there is a header, or None to find out.
        known_header: Names that mark a header beyond doubt.
        sheet_name: The sheet; None takes the one with the most rows.

    Raises:
        BadInput: no such sheet, damaged, encrypted, a bomb, no rows, or too many columns.
    """
    _check(source)
    rows, sheet, sheets = _cells(source, sheet_name)
    others = [name for name, height in sheets if height and name != sheet]
    bad: Bad = []
    filled: list[tuple[int, list[str]]] = []
    for line, row in rows:
        if any(cell.strip() for cell in row):
            filled.append((line, row))
        else:
            bad.append((line, "", BLANK, "skipped"))
    if not filled:
        raise BadInput(f"{source.file_name} has no rows.", f"The sheet {sheet} is empty.", "Choose another workbook.")
    width = max(len(row) for _, row in filled)
    if width > MAX_COLUMNS:
        raise BadInput(f"The sheet has {width:,} columns.", f"At most {MAX_COLUMNS:,} can be read.", "Export one row an event.")
    found = find_header([row for _, row in filled[:1_000]], width, known_header) if header is not False else None
    if header and found is None:
        found = 0, 1
    first = 0
    if found is None:
        dialect = Dialect(Marks("cell", ""), 0, filled[0][0], tuple(f"column {k + 1}" for k in range(width)), ())
    else:
        at, n = found
        first = at + n
        head = [row for _, row in filled[at:first]]
        names = names_of(head, width)
        written = tuple(" ".join(row[k] for row in head).strip() for k in range(width))
        dialect = Dialect(Marks("cell", ""), filled[at][0], filled[first - 1][0] + 1, names, written, (), tuple(tuple(row) for row in head))
        bad += [(line, ", ".join(filter(None, row))[:VALUE_CUT], ABOVE, "skipped") for line, row in filled[:at]]
        bad = [(line, value, ABOVE if line < filled[at][0] else reason, kind) for line, value, reason, kind in bad]
    body = filled[first:]
    while body and width > 2 and _is_total(body[-1][1]):
        line, row = body.pop()
        bad.append((line, ", ".join(filter(None, row))[:VALUE_CUT], TOTALS, "skipped"))
    columns = list(zip(*(row for _, row in body), strict=True)) or [()] * width
    table = pa.table([pa.array(column, pa.string()) for column in columns], names=list(dialect.names))
    notes = (f"The sheet {sheet} is read; {', '.join(others[:5])} {'is' if len(others) == 1 else 'are'} left out.",) if others else ()
    lines = np.array([line for line, _ in body], dtype=np.int64)
    rejects = reject_table(source.file_name, bad, None)
    parts = (Part(source.file_name, 0, None),)
    source = replace(source, member=sheet)
    return RawTable(source, Encoding("utf-8", 1.0, "Excel"), dialect, table, lines, rejects, notes, parts, sheets=tuple(sheets))


def _is_total(row: list[str]) -> bool:
    cells = [cell for cell in row if cell.strip()]
    return TOTAL.match(cells[0]) is not None and len(cells) <= len(row) - max(1, len(row) // 3)


def _cells(source: Source, wanted: str | None) -> tuple[list[tuple[int, list[str]]], str, list[tuple[str, int]]]:
    """(line, cells) of every row of the wanted or the largest sheet, its name, and name and rows of all sheets."""
    import python_calamine

    try:
        book = python_calamine.CalamineWorkbook.from_path(str(source.path))
        sheets = [(book.get_sheet_by_name(name), name) for name in book.sheet_names]
        best, name = max(sheets, key=lambda pair: (pair[1] == wanted, pair[0].height))
        heights = [(each, sheet.height) for sheet, each in sheets]
        rows = [[_text(cell) for cell in row] for row in best.to_python(skip_empty_area=True)]
    except (python_calamine.CalamineError, OSError, ValueError, IndexError, KeyError) as error:
        raise BadInput(f"{source.file_name} cannot be read.", f"The workbook is damaged ({error}).", "Save it again as .xlsx.") from error
    if wanted is not None and name != wanted:
        named = ", ".join(each for each, _ in heights[:8])
        raise BadInput(f"{source.file_name} has no sheet {wanted[:60]}.", f"Its sheets are {named}.", "Choose one of them.")
    top = best.start[0] if best.start else 0
    return [(top + k + 1, row) for k, row in enumerate(rows)], name, heights


def _text(cell: Any) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime.datetime):
        return cell.isoformat(" ")
    return "" if cell is None else str(cell)


def _check(source: Source) -> None:
    """Unpack every part once, in pieces: stop at bombs, and at sheets of two cells that stand a million rows apart."""
    total = 0
    try:
        with zipfile.ZipFile(source.path) as book:
            for info in book.infolist():
                if info.flag_bits & 1:
                    raise BadInput(f"{source.file_name} is encrypted.", "It needs a password.", "Save it without one.")
                sheet = info.filename.startswith("xl/worksheets/")
                cells, low, high, right, tail = 0, 2**31, 0, 0, b""
                with book.open(info) as part:
                    while data := part.read(2**20):
                        total += len(data)
                        if total > UNPACKED_LIMIT or (total > RATIO_FLOOR and total > BOMB_RATIO * source.size_bytes):
                            raise BadInput(
                                f"{source.file_name} unpacks to too much data.",
                                f"{source.size_bytes:,} bytes grew past {total:,} bytes.",
                                "Save the sheet as CSV and upload that.",
                            )
                        if sheet:
                            data = tail + data
                            for column, row in PLACE.findall(data):
                                cells += bool(column)
                                low, high = min(low, int(row)), max(high, int(row))
                                right = max(right, _column(column))
                            tail = data[-40:] if not PLACE.search(data[-40:]) else b""
                area = (high - low + 1) * max(right, 1) if high else 0
                if area > MOST_CELLS or area - cells > max(EMPTY_CELLS, 20 * cells):
                    raise BadInput(
                        f"A sheet of {source.file_name} spans {high:,} rows and {right:,} columns.",
                        f"Only {cells:,} cells are filled.",
                        "Save the table alone as CSV and upload that.",
                    )
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        raise BadInput(f"{source.file_name} cannot be read.", f"The workbook is damaged ({error}).", "Save it again as .xlsx.") from error


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
