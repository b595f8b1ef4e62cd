"""The list of rows that were left out, as a file that opens in a spreadsheet."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from recengine.columns import Reject
from recengine.ingest.safe_csv import write_csv


def write_rejects(rejects: pa.Table, path: Path) -> None:
    """Write all rejected and skipped rows as CSV by the scheme of `safe_csv`: nothing in it runs, every id reads back unchanged."""
    write_csv(rejects, path)


def reasons(rejects: pa.Table) -> list[tuple[str, str, int]]:
    """(kind, reason, rows), rejected before skipped, most frequent first."""
    counted = rejects.group_by([Reject.KIND, Reject.REASON]).aggregate([(Reject.LINE, "count")]).to_pylist()
    rows = [(row[Reject.KIND], row[Reject.REASON], row[f"{Reject.LINE}_count"]) for row in counted]
    return sorted(rows, key=lambda row: (row[0], -row[2], row[1]))


def examples(rejects: pa.Table, reason: str, n: int = 5) -> list[dict[str, object]]:
    """The first rows that were left out for one reason."""
    return rejects.filter(pc.equal(rejects[Reject.REASON], reason)).slice(0, n).to_pylist()
