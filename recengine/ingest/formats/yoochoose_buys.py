"""YooChoose buys: no header; session, time, item, price, quantity."""

from __future__ import annotations

from recengine.columns import Behaviour, Role
from recengine.ingest.formats.base import KnownFormat, digits
from recengine.ingest.formats.yoochoose_clicks import MOMENT
from recengine.ingest.times import TimeFormat


def _recognise(rows: list[list[str]], delimiter: str) -> float:
    fitting = [row for row in rows if len(row) == 5 and MOMENT.fullmatch(row[1]) and digits([row[0], row[2], row[3], row[4]])]
    return round(0.98 * len(fitting) / max(len(rows), 1), 2) if delimiter == "," and len(fitting) >= 0.9 * len(rows) else 0.0


FORMAT = KnownFormat(
    name="yoochoose_buys",
    title="YooChoose buys",
    columns={},
    required=(),
    notes="The file has no header. Where the shop gave no price, price and quantity are 0; those rows are rejected.",
    default_behaviour=Behaviour.PURCHASE,
    time_format=TimeFormat.TEXT,
    order=(Role.USER, Role.TIME, Role.ITEM, Role.PRICE, Role.QUANTITY),
    recognise_rows=_recognise,
)
