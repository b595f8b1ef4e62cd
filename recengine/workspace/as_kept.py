"""A waiting file as it would be kept: cells of columns that are to be hashed are shown as their hashes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from recengine.workspace.intake import hash_key

if TYPE_CHECKING:
    from recengine.ingest.importer import Recognition
    from recengine.ingest.raw import RawTable
    from recengine.workspace.context import Context


def as_kept(context: Context, known: Recognition) -> Recognition:
    """The recognition with samples and first rows of hashed columns hashed; everything else, the whole table too, stays as it is."""
    import pyarrow as pa

    from recengine.ingest.preview import PREVIEW_ROWS, preview
    from recengine.ingest.privacy import hashed_cells

    hidden = known.mapping.hashed
    if not hidden:
        return known
    key = hash_key(context)
    columns = [
        replace(column, samples=hashed_cells(pa.chunked_array([pa.array(column.samples, pa.string())]), key).to_pylist())
        if column.column in hidden
        else column
        for column in known.columns
    ]
    return replace(known, columns=columns, preview=preview(first_rows_as_kept(context, known.raw, PREVIEW_ROWS, hidden), known.mapping))


def first_rows_as_kept(context: Context, raw: RawTable, n: int, hidden: tuple[str, ...]) -> RawTable:
    """The first rows of a file, and the first that could not be cut, with these columns hashed."""
    from recengine.ingest.privacy import hashed

    head = replace(raw, cells=raw.head(n), lines=raw.lines[:n], rejects=raw.rejects.slice(0, n))
    return hashed(head, hidden, hash_key(context)) if hidden else head
