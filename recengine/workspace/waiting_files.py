"""What a file that waits for its import is, and what taking it in would do; nothing here is stored."""

from __future__ import annotations

import json
from typing import Any

from recengine.types import RowCounts
from recengine.types.versions import FileKind, Remembered, TableCheck
from recengine.workspace.intake import recalled
from recengine.workspace.text import iso
from recengine.workspace.version_files import LogIds, log_ids, ready_table, told_coverage
from recengine.workspace.waiting_check import WaitingChecks, cleaning_of, cleaning_rows

__all__ = ["WaitingFiles", "cleaning_of", "cleaning_rows"]

BIG_FILE = 64 * 2**20
CHOSEN = "chosen by a person"
FIRST_ROWS, RAW_ROWS = 10, 3


class WaitingFiles(WaitingChecks):
    """Questions to a staged file."""

    def kind(self, upload: str) -> FileKind:
        """Whether a staged file is a log, a table beside one, or rejected rows that come back mended; what a person said of it holds.

        Raises:
            BadInput: the file cannot be read.
        """
        from recengine.ingest.side.read import recognise_side, side_of
        from recengine.ingest.to_mend import is_mended

        said = self._datasets.said(upload)
        if said.get("kind"):
            return FileKind(str(said["kind"]), "a table of " + str(said["kind"]).replace("_", " "), 1.0, CHOSEN)
        path, name = self._datasets.path(upload)
        asked = {"reading": said["reading"]} if said.get("reading") else None
        as_log = asked is not None or len(self._datasets.files(upload)) > 1 or path.stat().st_size > BIG_FILE
        found = side_of(self._datasets.recognition(upload, asked).raw) if as_log else recognise_side(path, name)
        if is_mended(found.raw.names):
            return FileKind("mended", "rejected rows that were mended", 1.0, "it has the columns of a file made for mending")
        if found.kind.value == "events":
            known = self._datasets.recognition(upload, asked)
            return FileKind("events", known.format_title, max(known.confidence, found.confidence), found.reason)
        return FileKind(found.kind.value, found.title, found.confidence, found.reason)

    def remembered(self, upload: str) -> Remembered | None:
        """How the last file of this shape was imported, or None for a new shape."""
        told = recalled(self._context, self._datasets.recognition(upload))
        if told is None:
            return None
        name = self._context.datasets.info(told["dataset"]).name if told["dataset"] else ""
        return Remembered(told["mapping"], told["cleaning"], told["dataset"], name, told["file_name"], iso(told["when_s"]))

    def check_table(
        self,
        upload: str,
        dataset: str = "",
        kind: str = "",
        fields: dict[str, str] | None = None,
        log: str = "",
        mapping: dict[str, Any] | None = None,
    ) -> TableCheck:
        """What a table beside the log is, how it would be read, and how its ids meet those of a version; nothing is stored.

        Args:
            upload: a handle.
            dataset: id of the version it is to be joined to.
            kind: chosen by a person, "" = found out.
            fields: column → field, chosen.
            log: handle of a log that it comes with, which is appended to the dataset where one is named; without both,
                coverage is not asked.
            mapping: edits of the log.

        Raises:
            BadInput: the file cannot be read as such a table.
        """
        from recengine.ingest.rejects import reasons
        from recengine.ingest.side.kinds import FIELDS

        ids = self._ids(dataset, log, mapping)
        told = ids.mapping if ids is not None else {}
        file, table = ready_table(self._context, self._datasets, upload, dataset, kind, fields, told)
        rows = RowCounts(table.physical, table.accepted, table.rejected, table.skipped)
        what = FileKind(file.kind.value, file.title, file.confidence, file.reason)
        choices = (*(field.value for field in FIELDS[file.kind]), "unused")
        meant = {name: field.value for name, field in file.fields.items()}
        first, raw = table.table.slice(0, FIRST_ROWS).to_pylist(), file.raw.head(RAW_ROWS).to_pylist()
        shown = () if told.get("hashed") else tuple(raw)  # ids that are hashed in the log are not shown either
        coverage, why = told_coverage(table.kind, table.table, ids), tuple(reasons(table.rejects))
        return TableCheck(what, meant, choices, rows, coverage, tuple(first), table.notes, shown, why)

    def _ids(self, dataset: str, log: str, mapping: dict[str, Any] | None) -> LogIds | None:
        """Ids to join to; those of a waiting log are remembered while its tables are looked at."""
        if not log:
            return log_ids(self._context, dataset)
        self._datasets.path(log)
        key = ("ids", dataset, log, json.dumps(mapping or None, sort_keys=True))
        return self._looked.get(key, lambda: log_ids(self._context, dataset, self._file(log, mapping, dataset, "skip")))
