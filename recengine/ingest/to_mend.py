"""Rejected rows with all their cells, to be mended in a spreadsheet and uploaded again to complete the version."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recengine.columns import Reject
from recengine.ingest.convert import RULES
from recengine.ingest.numbers import parse_numbers
from recengine.ingest.raw import RawTable
from recengine.ingest.safe_csv import unmarked

LOG, LINE, REASON, ROW = "rejected log", "rejected line", "rejected reason", "rejected row as read"
MARKS = (LOG, LINE, REASON, ROW)
MOST = 1_000_000  # rows kept for mending; all are reported
HASHED = "^[0-9a-f]{32}$"


def rows_to_mend(raw: RawTable, outcome: np.ndarray) -> pa.Table:
    """The rejected rows of a file: line, reason, the row as read where it could not be cut, and its cells under their own names.

    Args:
        raw: The file as text.
        outcome: int8 [rows], see `convert.Converted`.
    """
    kinds = np.array([False, *(rule.kind == "rejected" for rule in RULES)])
    rows = np.flatnonzero(kinds[outcome])[:MOST]
    reasons = pa.array(["", *(rule.reason for rule in RULES)]).take(pa.array(outcome[rows].astype(np.int64)))
    blank = pa.array([""]).take(pa.array(np.zeros(len(rows), dtype=np.int8)))
    names = [name for name in raw.names if name not in MARKS]  # a file that was made for mending may come as a log of its own
    cells = raw.rows(rows).select(names)
    cut = pa.table(
        {
            LINE: pa.array(raw.lines[rows].astype(np.int64)),
            REASON: reasons,
            ROW: blank,
            **dict(zip(cells.column_names, cells.columns, strict=True)),
        }
    )
    uncut = raw.rejects.filter(pc.equal(raw.rejects[Reject.KIND], "rejected")).slice(0, MOST)
    if not uncut.num_rows:
        return cut
    empty = {name: pa.array([""] * uncut.num_rows, pa.string()) for name in names}
    whole = pa.table({LINE: uncut[Reject.LINE], REASON: uncut[Reject.REASON], ROW: uncut[Reject.VALUE], **empty})
    return pa.concat_tables([cut, whole]).sort_by(LINE)


def is_mended(names: list[str]) -> bool:
    """Whether a file with these columns is one that was made for mending."""
    return {LOG, LINE, REASON} <= set(names)


def mended(
    raw: RawTable, log: int, hashed: Callable[[pa.ChunkedArray], pa.ChunkedArray] | None, columns: tuple[str, ...]
) -> tuple[RawTable, np.ndarray]:
    """The mended rows of one log without the marks, and their lines in the file they came from.

    Args:
        raw: The mended file.
        log: Place of the log in the version.
        hashed: Makes hashes of cells; those that are hashes already stay.
        columns: To be hashed.
    """
    mine = pc.equal(pc.utf8_trim_whitespace(raw.column(LOG)), str(log + 1))
    rows = np.flatnonzero(np.asarray(pc.fill_null(mine, False).to_numpy(), dtype=bool))
    table = unmarked(raw.rows(rows))  # as `safe_csv` wrote it
    lines = np.nan_to_num(parse_numbers(table[LINE])[0]).astype(np.int64)
    table = table.drop_columns([name for name in MARKS if name in table.column_names])
    for name in columns if hashed is not None else ():
        if hashed is not None and name in table.column_names:
            done = pc.match_substring_regex(table[name], HASHED)
            table = table.set_column(table.column_names.index(name), name, pc.if_else(done, table[name], hashed(table[name])))
    dialect = replace(raw.dialect, names=tuple(table.column_names), written_names=tuple(table.column_names))
    return replace(raw, cells=table, lines=raw.lines[rows], rejects=raw.rejects.slice(0, 0), dialect=dialect, parts=()), lines
