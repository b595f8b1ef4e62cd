"""Tables of (id, property, value): the newest value of each property in one row an id."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recengine.ingest.codes import codes
from recengine.ingest.numbers import parse_numbers
from recengine.ingest.raw import RawTable


def newest_properties(
    raw: RawTable,
    id_name: str,
    property_name: str,
    value_name: str,
    time_name: str,
    wanted: Mapping[str, str],
    numbers: tuple[str, ...] = (),
) -> RawTable:
    """One row an id, with the newest value of each wanted property.

    Args:
        raw: One row a property of an id at a time.
        id_name, property_name, value_name, time_name: Columns of the file.
        wanted: Property → column it becomes; others are left out.
        numbers: Properties whose values begin with the letter n.

    Returns:
        A table in the order of the first row of each id; `lines` are the lines of those first rows.

    Cost: a sort of the rows of wanted properties.
    """
    ids, id_words = codes(pc.fill_null(raw.column(id_name), ""))
    times = np.nan_to_num(parse_numbers(raw.column(time_name))[0], nan=-np.inf)
    names = raw.column(property_name)
    distinct, first = np.unique(ids, return_index=True)
    rank = np.empty(len(id_words), dtype=np.int64)
    rank[distinct] = np.arange(len(distinct))
    columns: dict[str, pa.Array] = {id_name: id_words.take(pa.array(distinct))}
    for prop, column in wanted.items():
        rows = np.flatnonzero(np.asarray(pc.fill_null(pc.equal(names, prop), False).to_numpy(), dtype=bool))
        rows = rows[np.argsort(times[rows], kind="stable")]
        place = np.full(len(distinct), -1, dtype=np.int64)
        place[rank[ids[rows]]] = rows  # the last one, which is the newest, stays
        values = raw.column(value_name).take(pa.array(place, mask=place < 0)).combine_chunks()
        values = pc.fill_null(pa.concat_arrays(values.chunks) if isinstance(values, pa.ChunkedArray) else values, "")
        columns[column] = pc.replace_substring_regex(values, r"^n", "") if prop in numbers else values
    order = np.argsort(first, kind="stable")
    table = pa.table({name: values.take(pa.array(order)) for name, values in columns.items()})
    return replace(raw, cells=table, lines=raw.lines[first[order]])
