"""CSV that no spreadsheet runs and that reads back byte for byte.

A spreadsheet runs a cell that begins with `= + - @` (or their full-width forms), also behind blanks or quotes, and, when it
splits at another delimiter than the file's, behind a `;`, tab, bar or line break inside a cell. The scheme:

* *Mark.* At every such place (the start of the cell, or behind `;`, tab, `|`, CR or LF) one apostrophe is put in front of what
  follows, whether or not apostrophes stand there already. `=1+1` becomes `'=1+1`, `'=1+1` becomes `''=1+1`, `it's` stays.
* *Unmark.* Reading back takes one apostrophe away at every such place. Apostrophes never make or unmake a place, so the two
  steps undo each other for every text.
* Every cell is quoted, quotes inside are doubled; a missing value is an empty cell without quotes and differs from "".
* The file is UTF-8 with a byte order mark, because Excel takes it for another encoding otherwise. Columns of numbers are written
  as numbers and need no mark.

A spreadsheet still *shows* 007 as 7 in a column that it takes for numbers; the file is not changed by that.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

RUNS = "=+\\-@＝＋－＠"
FIND = rf"(^|[;\t|\r\n])[\s\"']*[{RUNS}]"  # for Arrow, which cannot look ahead
MARK = re.compile(rf"(\A|[;\t|\r\n])(?=[\s\"']*[{RUNS}])")
UNMARK = re.compile(rf"(\A|[;\t|\r\n])'(?=[\s\"']*[{RUNS}])")


def mark(text: str) -> str:
    """The text with an apostrophe wherever a spreadsheet would begin to run it."""
    return MARK.sub(r"\1'", text)


def unmark(text: str) -> str:
    """What `mark` was given."""
    return UNMARK.sub(r"\1", text)


def write_csv(table: pa.Table, path: Path) -> None:
    """Write a table so that spreadsheets show it and never run it.

    Args:
        table: Columns of text, numbers, booleans or times; text columns may be dictionary-encoded.
        path: The file to write; it is replaced.

    Cost: about 1 s for a million rows of five columns; only cells that need a mark are touched in Python.
    """
    write_csv_parts([table], path)


def write_csv_parts(tables: Iterable[pa.Table], path: Path) -> None:
    """The same from tables of equal columns, one below the other; only one is held at a time."""
    with Path(path).open("wb") as file:
        file.write(codecs.BOM_UTF8)
        for place, table in enumerate(tables):
            marked = pa.table([_marked(column) for column in table.columns], names=[mark(name) for name in table.column_names])
            pa_csv.write_csv(marked, file, pa_csv.WriteOptions(include_header=place == 0, quoting_style="all_valid"))


def read_csv_back(path: Path) -> pa.Table:
    """The table that `write_csv` was given, every column as text."""
    with Path(path).open("rb") as file:
        header = pa_csv.open_csv(file, parse_options=pa_csv.ParseOptions(newlines_in_values=True)).schema.names
    table = pa_csv.read_csv(
        path,
        parse_options=pa_csv.ParseOptions(newlines_in_values=True, double_quote=True),
        convert_options=pa_csv.ConvertOptions(
            column_types=dict.fromkeys(header, pa.string()), null_values=[""], strings_can_be_null=True, quoted_strings_can_be_null=False
        ),
    )
    return unmarked(table)


def unmarked(table: pa.Table) -> pa.Table:
    """The table before its names and cells of text were marked."""
    return pa.table([_mapped(column, unmark) for column in table.columns], names=[unmark(name) for name in table.column_names])


def _marked(column: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
    return _mapped(column, mark) if pa.types.is_string(column.type) or pa.types.is_large_string(column.type) else column


def _mapped(column: pa.ChunkedArray, change: Callable[[str], str]) -> pa.ChunkedArray:
    return pa.chunked_array([_changed(chunk, change) for chunk in column.chunks], column.type)


def _changed(cells: pa.Array, change: Callable[[str], str]) -> pa.Array:
    hit = pc.fill_null(pc.match_substring_regex(cells, FIND), False)
    if not pc.any(hit).as_py():
        return cells
    return pc.replace_with_mask(cells, hit, pa.array([change(cell) for cell in cells.filter(hit).to_pylist()], cells.type))
