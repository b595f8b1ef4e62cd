"""A log of several files, file by file: each keeps its own bytes, records and rejects, so that a line names one record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from recengine.columns import Reject

if TYPE_CHECKING:
    import pyarrow as pa

    from recengine.data.segments import Segment
    from recengine.ingest.raw import RawTable
    from recengine.workspace.staging import StagedFile


@dataclass(frozen=True, eq=False)
class FilePart:
    """What came of one file of several."""

    name: str
    events: pa.Table
    rejects: pa.Table
    rows: dict[str, int]  # physical, accepted, rejected, skipped
    mend: pa.Table  # see `ingest.to_mend.rows_to_mend`


def file_by_file(raw: RawTable, outcome: np.ndarray, events: pa.Table, left_out: np.ndarray, rejects: pa.Table) -> list[FilePart]:
    """Divide what an import made of several files.

    Args:
        raw: all files as one table.
        outcome: int8 [rows of the table], 0 accepted; see `ingest.convert.Converted`.
        events: the accepted rows less those left out, in the order of the table.
        left_out: bool [accepted rows], those that are no events of the new version and stand in `rejects`.
        rejects: columns of `columns.Reject`, of all files.

    Raises:
        RuntimeError: a record of a file was lost.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    from recengine.ingest.to_mend import rows_to_mend

    starts = [part.first_row for part in raw.parts] + [raw.n_rows]
    taken = np.flatnonzero(outcome == 0)[~left_out]
    found = []
    for part, low, high in zip(raw.parts, starts[:-1], starts[1:], strict=True):
        uncut = raw.rejects.filter(pc.equal(raw.rejects[Reject.FILE], part.file_name))
        mine = rejects.filter(pc.equal(rejects[Reject.FILE], part.file_name))
        alone = replace(raw, cells=raw.cells.slice(low, high - low), lines=raw.lines[low:high], rejects=uncut, parts=())
        rejected = int(pc.sum(pc.equal(mine[Reject.KIND], "rejected")).as_py() or 0)
        here = (taken >= low) & (taken < high)
        rows = {
            "physical": alone.records,
            "accepted": int(here.sum()),
            "rejected": rejected,
            "skipped": mine.num_rows - rejected,
        }
        if rows["accepted"] + mine.num_rows != rows["physical"]:
            raise RuntimeError(f"rows of {part.file_name} lost: {rows}")
        found.append(FilePart(part.file_name, events.filter(pa.array(here)), mine, rows, rows_to_mend(alone, outcome[low:high])))
    if sum(part.rejects.num_rows for part in found) != rejects.num_rows:
        raise RuntimeError("rejected rows of no file")
    return found


def nothing_of(segment: Segment) -> Segment:
    """A segment without events, for a file of which no record is new."""
    events, items, users, votes = (table.slice(0, 0) for table in (segment.events, segment.items, segment.users, segment.votes))
    return replace(segment, events=events, items=items, users=users, votes=votes, lines=segment.lines[:0])


def bytes_of(parts: Sequence[FilePart], files: Sequence[StagedFile], sha256: Sequence[str]) -> list[dict[str, Any]]:
    """SHA-256 and size of the file that each part came from; the size of an archive counts once."""
    told, seen = [], set()
    for part in parts:
        place = next(k for k, file in enumerate(files) if part.name == file.name or part.name.startswith(f"{file.name}/"))
        told.append({"file_name": part.name, "sha256": sha256[place], "bytes": 0 if place in seen else files[place].path.stat().st_size})
        seen.add(place)
    return told
