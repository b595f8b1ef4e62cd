"""Files that came together: which are one log, which stand beside it, which wait for their own turn."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from recengine.artefacts import write_atomically
from recengine.errors import BadInput, NotFound
from recengine.ids import check_id
from recengine.types.reading import Arrival, OtherColumns

if TYPE_CHECKING:
    from recengine.workspace.context import Context
    from recengine.workspace.datasets import Datasets
    from recengine.workspace.reading import Reading
    from recengine.workspace.waiting_files import WaitingFiles

LOG, MENDED, UNREAD = "events", "mended", "unread"
MOST_NAMED = 8  # columns


class Arrivals:
    """Sorts files that were handed over at once."""

    def __init__(self, context: Context, datasets: Datasets, waiting: WaitingFiles, reading: Reading) -> None:
        self._context, self._datasets, self._waiting, self._reading = context, datasets, waiting, reading

    def sort(self, uploads: Sequence[str]) -> Arrival:
        """Put logs of the same columns together, tables beside the first log into its plan; the others wait for their own turn.

        Args:
            uploads: handles of files that came at once.

        Returns:
            The upload to open, and what waits. Files that cannot be read wait too, and say why when they are opened.

        Raises:
            BadInput: there are none.

        Cost: every file is read once; twice where several make a log.
        """
        if not uploads:
            raise BadInput("There is no file.", "None was chosen.", "Choose a file.")
        if len(uploads) == 1:
            return Arrival(uploads[0])
        shapes: dict[frozenset[str], list[str]] = {}
        tables: list[tuple[str, str]] = []
        rest: list[str] = []
        for upload in uploads:
            kind, columns = self._kind(upload)
            if kind == LOG:
                shapes.setdefault(frozenset(columns), []).append(upload)
            elif kind in (MENDED, UNREAD):
                rest.append(upload)
            else:
                tables.append((upload, kind))
        groups = sorted(shapes.items(), key=lambda group: (-len(group[1]), -sum(map(self._datasets.size, group[1]))))
        logs = [(columns, self._datasets.together(group)) for columns, group in groups]
        if logs:
            first, others = logs[0][1], [*(upload for _, upload in logs[1:]), *rest]
            if tables:
                beside = [{"upload": upload, "kind": kind, "fields": None} for upload, kind in tables]
                self._reading.keep_plan(first, {**self._reading.plan(first), "tables": beside})
        else:
            first, *others = [*(upload for upload, _ in tables), *rest]
        differ = tuple(
            OtherColumns(self._datasets.title(upload), _named(logs[0][0] - columns), _named(columns - logs[0][0]))
            for columns, upload in logs[1:]
        )
        arrival = Arrival(first, tuple(others), differ)
        self._keep(arrival)
        return arrival

    def of(self, upload: str) -> Arrival:
        """What came with a file and still waits. Raises NotFound."""
        self._datasets.files(upload)
        file = self._file(upload)
        if not file.is_file():
            return Arrival(upload)
        kept = json.loads(file.read_bytes())
        differ = tuple(OtherColumns(told["file"], tuple(told["missing"]), tuple(told["more"])) for told in kept["differ"])
        return Arrival(upload, tuple(other for other in kept["waiting"] if self._waits(other)), differ)

    def take_out(self, upload: str, place: int) -> str:
        """Take one of several files out again; it waits by itself from then on. Returns its handle. Raises BadInput, NotFound."""
        arrival = self.of(upload)
        alone = self._datasets.apart(upload, place)
        self._keep(replace(arrival, waiting=(alone, *arrival.waiting)))
        return alone

    def take_sheet(self, upload: str, sheet: str) -> str:
        """Have another sheet of a workbook wait too: beside the log where it is a table of items or the like, else for its own turn.

        Returns:
            Its handle.

        Raises:
            BadInput: the workbook has no such sheet, or it cannot be read.
            NotFound: the upload is gone.
        """
        other = self._datasets.again(upload, f"{self._datasets.title(upload)} ({sheet})")
        try:
            self._reading.keep_edits(other, {"reading": {"sheet": sheet}})
            kind = self._waiting.kind(other).kind
        except BadInput:
            self._datasets.discard(other)
            raise
        plan, arrival = self._reading.plan(upload), self.of(upload)
        if kind in (LOG, MENDED) or self._waiting.kind(upload).kind != LOG:
            self._keep(replace(arrival, waiting=(*arrival.waiting, other)))
        else:
            beside = {"upload": other, "kind": kind, "fields": None}
            self._reading.keep_plan(upload, {**plan, "tables": [*plan["tables"], beside]})
        return other

    def _keep(self, arrival: Arrival) -> None:
        kept = {"waiting": list(arrival.waiting), "differ": [vars(other) for other in arrival.differ]}
        write_atomically(self._file(arrival.upload), json.dumps(kept).encode())

    def _kind(self, upload: str) -> tuple[str, tuple[str, ...]]:
        try:
            kind = self._waiting.kind(upload).kind
            return kind, tuple(self._datasets.recognition(upload).raw.names) if kind == LOG else ()
        except BadInput:  # said when the file is opened by itself
            return UNREAD, ()

    def _waits(self, upload: str) -> bool:
        try:
            return bool(self._datasets.files(upload))
        except NotFound:
            return False

    def _file(self, upload: str) -> Path:
        return self._context.root / "uploads" / check_id(upload) / "arrival.json"


def _named(columns: frozenset[str]) -> tuple[str, ...]:
    named = sorted(columns)
    return (*named[:MOST_NAMED], "…") if len(named) > MOST_NAMED else tuple(named)
