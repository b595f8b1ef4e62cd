"""Criteo sponsored search conversions: no header, tabs, 23 columns, -1 for what is unknown."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from recengine.columns import Behaviour, Role
from recengine.ingest.formats.base import KnownFormat, digits
from recengine.ingest.raw import RawTable
from recengine.ingest.times import TimeFormat

WIDTH = 23
UNUSED = Role.UNUSED
KNOWN = {
    0: Role.BEHAVIOUR,
    3: Role.TIME,
    5: Role.PRICE,
    7: Role.USER_FEATURE,
    10: Role.BRAND,
    11: Role.CATEGORY,
    19: Role.ITEM,
    22: Role.USER,
}


def _recognise(rows: list[list[str]], delimiter: str) -> float:
    fitting = [row for row in rows if len(row) == WIDTH and row[0] in ("0", "1") and digits([row[3]]) and len(row[3]) == 10]
    return round(0.97 * len(fitting) / max(len(rows), 1), 2) if delimiter == "\t" and len(fitting) >= 0.9 * len(rows) else 0.0


def _reshape(raw: RawTable) -> RawTable:
    """-1 means unknown in every column; a price of 0 does too."""
    table = raw.table
    for at, name in enumerate(raw.names):
        if at in KNOWN and at not in (0, 3):
            blank = pc.is_in(table.column(name), value_set=pa.array(["-1", "-1.0", *(["0", "0.0"] if at == 5 else [])]))
            table = table.set_column(at, name, pc.if_else(blank, pa.scalar(""), table.column(name)))
    return replace(raw, cells=table)


FORMAT = KnownFormat(
    name="criteo_sponsored_search",
    title="Criteo sponsored search",
    columns={},
    required=(),
    notes="The file has no header. -1 is unknown; rows without a shopper or an item are rejected.",
    behaviours={"0": Behaviour.VIEW, "1": Behaviour.PURCHASE},
    time_format=TimeFormat.EPOCH_S,
    order=tuple(KNOWN.get(k, UNUSED) for k in range(WIDTH)),
    recognise_rows=_recognise,
    reshape=_reshape,
)
