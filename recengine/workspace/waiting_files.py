"""What a file that waits for its import is, and what taking it in would do; nothing here is stored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import ValidationError

from recengine.errors import BadInput
from recengine.types import RowCounts
from recengine.types.versions import AppendCheck, CleaningRow, FileKind, PersonalColumn, Remembered, TableCheck
from recengine.workspace.context import Context
from recengine.workspace.intake import recalled, versions_with
from recengine.workspace.text import iso
from recengine.workspace.version_files import log_of, ready_table, told_coverage

if TYPE_CHECKING:
    from recengine.ingest.cleaning import Cleaning
    from recengine.workspace.datasets import Datasets

BIG_FILE = 64 * 2**20
CHOSEN = "chosen by a person"
FIRST_ROWS = 10


class WaitingFiles:
    """Questions to a staged file."""

    def __init__(self, context: Context, datasets: Datasets) -> None:
        self._context, self._datasets = context, datasets

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

    def seen(self, upload: str) -> tuple[str, ...]:
        """Ids of the versions that hold files of exactly these bytes, newest first. Cost: 1 s a GB."""
        first, *others = (versions_with(self._context, sha256) for sha256 in self._datasets.sha256(upload))
        return tuple(version for version in first if all(version in other for other in others))

    def personal_data(self, upload: str, mapping: dict[str, Any] | None = None) -> tuple[PersonalColumn, ...]:
        """Columns that seem to hold e-mail addresses, telephone or card numbers; `hashed` in the mapping replaces them."""
        from recengine.ingest.privacy import find_personal_data

        known = self._datasets.recognition(upload, mapping)
        chosen = known.mapping.hashed
        return tuple(
            PersonalColumn(f.column, f.kind, f.words, f.share, f.example, f.column in chosen) for f in find_personal_data(known.raw)
        )

    def check_cleaning(
        self, rules: dict[str, Any], upload: str = "", mapping: dict[str, Any] | None = None, dataset: str = ""
    ) -> tuple[CleaningRow, ...]:
        """What cleaning rules would do to a staged file or to a version, rule by rule; nothing is stored.

        Args:
            rules: fields of `ingest.cleaning.Cleaning`.
            upload: a handle, with its mapping; or
            dataset: id of a version, whose own rules do not count.

        Raises:
            BadInput: a rule is not understood, or they leave nothing.
        """
        from recengine.data.assembly import assemble
        from recengine.data.canonical import canonical_tables
        from recengine.data.segments import Segment
        from recengine.ingest.importer import ingest

        if dataset:
            segments = self._context.datasets.logs(dataset)
        else:
            known = self._datasets.recognition(upload, mapping)
            path, name = self._datasets.path(upload)
            segments = [Segment.of(canonical_tables(ingest(path, name, known.mapping, None, known).events, set()))]
        made = assemble(segments, cleaning_of(rules)).cleaned
        return cleaning_rows(made.steps) if made is not None else ()

    def check_append(self, dataset: str, upload: str, mapping: dict[str, Any] | None = None) -> AppendCheck:
        """What appending a staged file to a version would do; nothing is stored. Raises BadInput or NotFound."""
        from recengine.ingest.rejects import reasons

        file = log_of(self._context, self._datasets, upload, mapping, dataset)
        info = self._context.datasets.info(dataset)
        data = self._context.dataset(dataset)
        segment = file.log.segment
        shapes = info.info.get("shapes", [])
        times = segment.events["time_s"].to_numpy() if segment is not None else np.zeros(0, np.int64)
        told = file.log.told["rows"]
        return AppendCheck(
            rows=RowCounts(**told),
            reasons=tuple(reasons(file.log.rejects)),
            overlap=file.overlap,
            seen=self.seen(upload),
            new_shoppers=int((data.users.encode(segment.users["user_id"].to_pylist()) < 0).sum()) if segment is not None else 0,
            new_items=int((data.catalogue.vocabulary.encode(segment.items["item_id"].to_pylist()) < 0).sum()) if segment is not None else 0,
            first=iso(int(times.min())) if len(times) else "",
            last=iso(int(times.max())) if len(times) else "",
            same_shape=file.shape in shapes or recalled(self._context, file.known) is not None,
        )

    def check_table(self, upload: str, dataset: str = "", kind: str = "", fields: dict[str, str] | None = None) -> TableCheck:
        """What a table beside the log is, how it would be read, and how its ids meet those of a version; nothing is stored.

        Args:
            upload: a handle.
            dataset: id of the version it is to be joined to; "" = coverage is not asked.
            kind: chosen by a person, "" = found out.
            fields: column → field, chosen.

        Raises:
            BadInput: the file cannot be read as such a table.
        """
        from recengine.ingest.side.kinds import FIELDS

        file, table = ready_table(self._context, self._datasets, upload, dataset, kind, fields)
        rows = RowCounts(table.physical, table.accepted, table.rejected, table.skipped)
        coverage = told_coverage(self._context, table, dataset) if dataset else ()
        what = FileKind(file.kind.value, file.title, file.confidence, file.reason)
        choices = (*(field.value for field in FIELDS[file.kind]), "unused")
        meant = {name: field.value for name, field in file.fields.items()}
        return TableCheck(what, meant, choices, rows, coverage, tuple(table.table.slice(0, FIRST_ROWS).to_pylist()), table.notes)


def cleaning_of(rules: dict[str, Any]) -> Cleaning:
    """Rules from JSON. Raises BadInput."""
    from recengine.ingest.cleaning import Cleaning

    try:
        return Cleaning.model_validate(rules)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise BadInput(f"The cleaning rules have a mistake in {field}.", first["msg"] + ".", "Correct it, or leave it out.") from None


def cleaning_rows(steps: Sequence[Any]) -> tuple[CleaningRow, ...]:
    """What each rule did, for people."""
    return tuple(CleaningRow(**vars(step)) for step in steps)
