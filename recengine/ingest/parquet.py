"""Reads a Parquet file as text."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from recengine.errors import BadInput
from recengine.ingest.dialect import MAX_COLUMNS, Dialect
from recengine.ingest.encoding import Encoding
from recengine.ingest.marks import Marks
from recengine.ingest.raw import Part, RawTable, reject_table
from recengine.ingest.source import Source


def read_parquet(source: Source) -> RawTable:
    """Every column that can be written as text, as text; nulls stay missing.

    Raises:
        BadInput: damaged, too many columns, or no rows.
    """
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(source.path)
    except (pa.ArrowException, OSError) as error:
        raise BadInput(f"{source.file_name} cannot be read.", "The Parquet data is damaged or cut off.", "Export it again.") from error
    if table.num_columns > MAX_COLUMNS:
        raise BadInput(f"The file has {table.num_columns:,} columns.", f"At most {MAX_COLUMNS:,} can be read.", "Export one row an event.")
    columns, notes = {}, []
    for name, column in zip(table.column_names, table.columns, strict=True):
        try:
            columns[name] = column.cast(pa.string())
        except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
            notes.append(f"Column {name} holds {column.type}, which is no text, number or time; it is left out.")
    if not table.num_rows:
        raise BadInput("The file has no rows.", "It holds column names only.", "Export it again and check that it has rows.")
    return typed_table(source, pa.table(columns), np.arange(1, table.num_rows + 1, dtype=np.int64), "Parquet", tuple(notes))


def typed_table(source: Source, table: pa.Table, lines: np.ndarray, kind: str, notes: tuple[str, ...] = ()) -> RawTable:
    """The table of a file that needs no cutting: Parquet, JSON, Excel."""
    names = tuple(table.column_names)
    dialect = Dialect(Marks(kind.lower(), ""), 0, 1, names, names)
    empty = reject_table(source.file_name, [], None)
    return RawTable(source, Encoding("utf-8", 1.0, kind), dialect, table, lines, empty, notes, (Part(source.file_name, 0, None),))
