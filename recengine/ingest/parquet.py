"""Reads a Parquet file as text."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from recengine.errors import BadInput
from recengine.ingest.dialect import MAX_COLUMNS, Dialect
from recengine.ingest.encoding import Encoding
from recengine.ingest.header import distinct_names
from recengine.ingest.inflate import BOMB_FLOOR_BYTES, BOMB_RATIO
from recengine.ingest.marks import Marks
from recengine.ingest.raw import Part, RawTable, reject_table
from recengine.ingest.source import Source

CELL_BYTES = 5  # of a cell in memory at least: where its text begins, and a character


def read_parquet(source: Source) -> RawTable:
    """Every column that can be written as text, as text; nulls stay missing.

    Raises:
        BadInput: damaged, too many columns, far more rows than the file has bytes for, or no rows.
    """
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(source.path) as file:
            _refuse_bombs(source, file.metadata.num_rows, file.metadata.num_columns)
            table = file.read()
        names = distinct_names(table.column_names)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{source.file_name} cannot be read.", "The Parquet data is damaged or cut off.", "Export it again.") from error
    columns, notes = {}, []
    for name, column in zip(names, table.columns, strict=True):
        try:
            text = column.cast(pa.string())
            text.validate(full=True)  # Parquet itself takes any bytes for text
            columns[name] = text
        except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
            is_text = pa.types.is_string(column.type) or pa.types.is_large_string(column.type) or pa.types.is_dictionary(column.type)
            held = "text that is not UTF-8" if is_text else f"{column.type}, which is no text, number or time"
            notes.append(f"Column {name} holds {held}; it is left out.")
    if not table.num_rows:
        raise BadInput("The file has no rows.", "It holds column names only.", "Export it again and check that it has rows.")
    return typed_table(source, pa.table(columns), np.arange(1, table.num_rows + 1, dtype=np.int64), "Parquet", tuple(notes))


def _refuse_bombs(source: Source, rows: int, columns: int) -> None:
    """Before anything is unpacked: a run of one value takes no room in the file and all of it in memory."""
    if columns > MAX_COLUMNS:
        raise BadInput(f"The file has {columns:,} columns.", f"At most {MAX_COLUMNS:,} can be read.", "Export one row an event.")
    least = CELL_BYTES * rows * columns
    if least > max(BOMB_FLOOR_BYTES, BOMB_RATIO * source.size_bytes):
        raise BadInput(
            f"{source.file_name} unpacks to too much data.",
            f"It says that it has {rows:,} rows of {columns:,} columns in {source.size_bytes:,} bytes.",
            "Export it again, in parts if it is really so large.",
        )


def typed_table(source: Source, table: pa.Table, lines: np.ndarray, kind: str, notes: tuple[str, ...] = ()) -> RawTable:
    """The table of a file that needs no cutting: Parquet, JSON, Excel."""
    names = tuple(table.column_names)
    dialect = Dialect(Marks(kind.lower(), ""), 0, 1, names, names)
    empty = reject_table(source.file_name, [], None)
    return RawTable(source, Encoding("utf-8", 1.0, kind), dialect, table, lines, empty, notes, (Part(source.file_name, 0, None),))
