"""The first rows of a file as an import would understand them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np

from recengine.columns import BEHAVIOURS, Reject, Role
from recengine.ingest.convert import RULES, convert
from recengine.ingest.mapping import Mapping
from recengine.ingest.reader import RawTable
from recengine.ingest.times import TimeFormat

PREVIEW_ROWS = 20


@dataclass(frozen=True)
class PreviewRow:
    """One row of the file, understood."""

    line: int
    shopper: str
    item: str
    title: str
    time: str
    behaviour: str
    price: str
    result: str  # "accepted", "rejected: no shopper id", "skipped: cancellation or return"


def preview(raw: RawTable, mapping: Mapping, rows: int = PREVIEW_ROWS) -> list[PreviewRow]:
    """The first `rows` rows, by the same conversion as the import; empty while shopper or item is unknown."""
    if mapping.column(Role.USER) is None or mapping.column(Role.ITEM) is None:
        return []
    n = min(rows, raw.n_rows)
    last = int(raw.lines[n - 1]) if n else 0
    early = raw.rejects.slice(0, rows)
    early = early.filter(np.asarray(early[Reject.LINE]) < last)
    head = replace(raw, cells=raw.cells.slice(0, n), lines=raw.lines[:n], rejects=early)
    done = convert(head, mapping)

    def cells(role: Role) -> list[str]:
        name = mapping.column(role)
        return [cell or "" for cell in head.column(name).to_pylist()] if name else [""] * n

    shopper, item, title, price = cells(Role.USER), cells(Role.ITEM), cells(Role.TITLE), cells(Role.PRICE)
    out = []
    for k in range(n):
        code = int(done.outcome[k])
        result = "accepted" if code == 0 else f"{RULES[code - 1].kind}: {RULES[code - 1].reason}"
        time = _time(done.times_s[k], mapping)
        out.append(
            PreviewRow(int(head.lines[k]), shopper[k], item[k], title[k], time, BEHAVIOURS[done.behaviours[k]].value, price[k], result)
        )
    for row in early.to_pylist():
        result = f"{row[Reject.KIND]}: {row[Reject.REASON]}"
        out.append(PreviewRow(row[Reject.LINE], "", "", row[Reject.VALUE], "", "", "", result))
    return sorted(out, key=lambda row: row.line)[:rows]


def _time(seconds: int, mapping: Mapping) -> str:
    if seconds < 0:
        return ""
    if mapping.time_format is TimeFormat.ROW_ORDER:
        return f"row {int(seconds):,}"
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%d %H:%M:%S")
