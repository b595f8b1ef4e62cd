"""Amazon ratings alone: no header; reviewer, item, stars, second."""

from __future__ import annotations

import re

from recengine.columns import Behaviour, Role
from recengine.ingest.formats.base import KnownFormat, digits
from recengine.ingest.times import TimeFormat

ASIN, STARS = re.compile(r"B0[0-9A-Z]{8}|\d{9}[\dX]"), {"1", "2", "3", "4", "5", "1.0", "2.0", "3.0", "4.0", "5.0"}


def _recognise(rows: list[list[str]], delimiter: str) -> float:
    def fits(row: list[str]) -> bool:
        if len(row) != 4 or row[2] not in STARS or not digits([row[3]]) or len(row[3]) not in (9, 10):
            return False
        return any(ASIN.fullmatch(cell) for cell in row[:2])

    share = sum(map(fits, rows)) / max(len(rows), 1)
    first = sum(bool(ASIN.fullmatch(row[0])) for row in rows)
    # the files of 2014 begin with the reviewer, those of 2018 with the item; only the former is read without a question
    return round(0.95 * share, 2) if delimiter == "," and share >= 0.9 and first < 0.5 * len(rows) else 0.0


FORMAT = KnownFormat(
    name="amazon_ratings",
    title="Amazon ratings",
    columns={},
    required=(),
    notes="The file has no header.",
    default_behaviour=Behaviour.RATING,
    time_format=TimeFormat.EPOCH_S,
    order=(Role.USER, Role.ITEM, Role.RATING, Role.TIME),
    recognise_rows=_recognise,
)
