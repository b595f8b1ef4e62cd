"""A file as it was read, before any mapping: its table, and why lines are not in it."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recengine.columns import Reject
from recengine.errors import BadInput
from recengine.ingest.formats.registry import header_keys
from recengine.ingest.guess import ROLE_OF_NAME
from recengine.ingest.reader import RawTable, read

PIECE = 65_536  # rows written at once


@dataclass(frozen=True)
class ParseReport:
    """How a file was read."""

    file_name: str
    encoding: str
    encoding_confidence: float  # 0 to 1
    encoding_how: str
    dialect: str
    delimiter: str
    quote: str
    escape: str
    header_line: int  # 0 when there is no header
    header: tuple[str, ...]  # as in the file
    names: tuple[str, ...]  # as columns are called in a mapping
    rows: int  # with the right number of cells
    odd_rows: int  # with another number of cells
    skipped: int  # blank lines, lines above the header and below the last record, header again, totals, other tables
    rejected: int  # odd rows among them
    physical: int
    notes: tuple[str, ...]
    left_out: tuple[dict[str, Any], ...]  # line, offset, value, reason, kind; the first ones


def parse(path: Path, file_name: str | None = None, progress: Callable[[float], None] | None = None) -> RawTable:
    """Read a file exactly as an import reads it, and keep the cells of rows that have too many or too few.

    Raises:
        BadInput: the file is no table of text.
    """
    return read(path, file_name, known_header=header_keys() | ROLE_OF_NAME.keys(), keep_cells=True, progress=progress)


def report(raw: RawTable, most: int = 200) -> ParseReport:
    """What was found; at most `most` lines that were left out are named."""
    skipped = sum(kind == "skipped" for kind in raw.rejects[Reject.KIND].to_pylist())
    dialect = raw.dialect
    return ParseReport(
        raw.source.file_name,
        raw.encoding.words,
        raw.encoding.confidence,
        raw.encoding.how,
        dialect.words,
        dialect.delimiter,
        dialect.marks.quote,
        dialect.marks.escape,
        dialect.header_line,
        dialect.written_names,
        dialect.names,
        raw.n_rows,
        len(raw.odd_cells),
        skipped,
        raw.rejects.num_rows - skipped,
        raw.records,
        raw.notes,
        tuple(raw.rejects.slice(0, most).to_pylist()),
    )


def nothing(path: Path, file_name: str | None = None) -> ParseReport:
    """The report of a file of 0 bytes."""
    return ParseReport(
        file_name or path.name, "UTF-8", 1.0, "0 bytes", "no rows", ",", '"', "", 0, (), (), 0, 0, 0, 0, 0, ("The file is empty.",), ()
    )


def write_table(raw: RawTable, out: Path) -> None:
    """Write header and rows as UTF-8 CSV, every cell in quotes, rows with too many or too few cells in their place as they are.

    Cells stay byte for byte, so a spreadsheet may run those that begin with `=`; `safe_csv` is for people, this is for programs.
    Cost: about 1 s for a million rows.
    """
    odd = sorted(raw.odd_cells.items())
    at = 0
    with out.open("w", encoding="utf-8", newline="", errors="surrogateescape") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")
        if raw.dialect.written_names:
            writer.writerow(raw.dialect.written_names)
        for start in range(0, raw.n_rows, PIECE):
            columns = [raw.some(name, start, PIECE).to_pylist() for name in raw.names]
            for line, row in zip(raw.lines[start : start + PIECE].tolist(), zip(*columns, strict=True), strict=True):
                while at < len(odd) and odd[at][0] < line:
                    writer.writerow(odd[at][1])
                    at += 1
                writer.writerow(["" if cell is None else cell for cell in row])
        writer.writerows(cells for _, cells in odd[at:])


def parse_to(path: Path, out: Path | None, file_name: str | None = None) -> ParseReport:
    """Read a file, write its table where asked, and say how it was read. A file of 0 bytes has no rows and is no mistake here.

    Raises:
        BadInput: the file is no table of text.
    """
    if path.is_file() and path.stat().st_size == 0:
        if out is not None:
            out.write_bytes(b"")
        return nothing(path, file_name)
    raw = parse(path, file_name)
    if out is not None:
        if out.exists() and out.resolve() == path.resolve():
            raise BadInput(f"{out.name} is the file itself.", "It would be written over.", "Name another file.")
        write_table(raw, out)
    return report(raw)
