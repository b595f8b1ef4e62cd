"""Cells that stand only in the first row of their group, given to every row of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recengine.ingest.raw import RawTable


def blank_cells(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """bool [n]: missing, empty or white space only."""
    return pc.fill_null(pc.or_(pc.equal(pc.binary_length(column), 0), pc.utf8_is_space(column)), True)


def filled_down(raw: RawTable, group: str, columns: list[str]) -> RawTable:
    """Blank cells of some columns take the cell of the first row of their group; rows of one group stand together.

    Args:
        raw: The file as text.
        group: Column whose equal neighbours make a group; a blank cell belongs to the row above.
        columns: Columns to fill.

    Cost: a few passes over the columns, no Python a row.
    """
    n = raw.n_rows
    if group not in raw.names or not n:
        return raw
    keys = raw.column(group).combine_chunks()
    keys = pa.concat_arrays(keys.chunks) if isinstance(keys, pa.ChunkedArray) else keys
    codes = pc.dictionary_encode(pc.fill_null(keys, "")).indices.to_numpy(zero_copy_only=False)
    blank = np.asarray(blank_cells(raw.column(group)).to_numpy(), dtype=bool)
    begins = np.r_[True, (codes[1:] != codes[:-1]) & ~blank[1:]]
    first = np.maximum.accumulate(np.where(begins, np.arange(n), 0))
    table = raw.table
    for name in columns:
        if name not in raw.names:
            continue
        empty = np.asarray(blank_cells(raw.column(name)).to_numpy(), dtype=bool)
        if empty.any():
            rows = np.where(empty, first, np.arange(n))
            table = table.set_column(table.column_names.index(name), name, raw.column(name).take(pa.array(rows)))
    return replace(raw, cells=table)
