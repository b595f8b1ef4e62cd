"""YooChoose clicks: no header; session, time, item, category."""

from __future__ import annotations

import re

from recengine.columns import Behaviour, Role
from recengine.ingest.formats.base import KnownFormat, digits
from recengine.ingest.times import TimeFormat

MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z")


def _recognise(rows: list[list[str]], delimiter: str) -> float:
    fitting = [row for row in rows if len(row) == 4 and MOMENT.fullmatch(row[1]) and digits([row[0], row[2]])]
    return round(0.98 * len(fitting) / max(len(rows), 1), 2) if delimiter == "," and len(fitting) >= 0.9 * len(rows) else 0.0


FORMAT = KnownFormat(
    name="yoochoose_clicks",
    title="YooChoose clicks",
    columns={},
    required=(),
    notes="The file has no header. Category 0 is unknown and S is a special offer. A session stands for a shopper.",
    default_behaviour=Behaviour.VIEW,
    time_format=TimeFormat.TEXT,
    order=(Role.USER, Role.TIME, Role.ITEM, Role.CATEGORY),
    recognise_rows=_recognise,
)
