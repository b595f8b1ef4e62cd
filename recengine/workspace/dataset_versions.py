"""Dataset versions: append, clean, join, mend, and what changed; every version shares the files of the one it comes from."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from recengine.artefacts import new_id
from recengine.errors import BadInput, Cancelled
from recengine.types import ImportReport
from recengine.workspace.intake import remember, sha256_of, shape_of
from recengine.workspace.version_files import (
    LogIds,
    NewFile,
    log_ids,
    log_of,
    mended_log,
    ready_table,
    with_totals,
)
from recengine.workspace.version_views import VersionViews
from recengine.workspace.waiting_files import cleaning_of, cleaning_rows

if TYPE_CHECKING:
    from recengine.data.store import DatasetInfo
    from recengine.data.versions import NewTable, Recipe
    from recengine.ingest.cleaning import Cleaning
    from recengine.jobs.runner import JobContext

Progress = Callable[[float, str], None]
CHANGE = "version"  # kind of the jobs that change a version without a new log


class DatasetVersions(VersionViews):
    """What becomes of a dataset after its first file."""

    # ---- new versions

    def submit(
        self,
        upload: str,
        name: str = "",
        mapping: dict[str, Any] | None = None,
        base: str = "",
        cleaning: dict[str, Any] | None = None,
        tables: Sequence[dict[str, Any]] = (),
        overlap: str = "skip",
    ) -> str:
        """Queue `take_in` as a job; returns its id. A mapping that does not fit is refused here. Raises BadInput."""
        tables = [entry for entry in tables if entry.get("upload") != upload]  # what was said of the file as a table
        known = self._datasets.recognition(upload, mapping)
        if self.kind(upload).kind != "mended":
            known.mapping.check(known.raw.names)
        cleaning_of(cleaning or {})
        arguments = {
            "upload": upload,
            "name": name,
            "mapping": mapping,
            "base": base,
            "cleaning": cleaning,
            "tables": list(tables),
            "overlap": overlap,
        }
        job = self._context.jobs.submit("import", arguments, f"Import of {self._datasets.path(upload)[1]}")
        self._datasets.let_go(upload)  # the job reads the file in a process of its own
        return job

    def submit_clean(self, dataset: str, rules: dict[str, Any], name: str = "") -> str:
        """Queue `clean` as a job; returns its id. Raises BadInput, NotFound."""
        cleaning_of(rules)
        return self._submit_change("clean", dataset, {"rules": rules, "name": name})

    def submit_table(
        self, dataset: str, upload: str, kind: str = "", fields: dict[str, str] | None = None, name: str = "", unsold: bool = False
    ) -> str:
        """Queue `add_table` as a job; returns its id. A table that cannot be read that way is refused here. Raises BadInput, NotFound."""
        ready_table(self._context, self._datasets, upload, dataset, kind, fields)
        return self._submit_change("join", dataset, {"upload": upload, "kind": kind, "fields": fields, "name": name, "unsold": unsold})

    def submit_removal(self, dataset: str, place: int, name: str = "") -> str:
        """Queue `remove_table` as a job; returns its id. Raises BadInput, NotFound."""
        self._place(dataset, place)
        return self._submit_change("remove", dataset, {"place": place, "name": name})

    def _submit_change(self, operation: str, dataset: str, wishes: dict[str, Any]) -> str:
        name = self._context.datasets.info(dataset).name
        words = {"clean": "Cleaning of", "join": "Table for", "remove": "Table out of"}[operation]
        arguments = {"operation": operation, "dataset": dataset, **wishes}
        return self._context.jobs.submit(CHANGE, arguments, f"{words} {name}")

    def run(self, job: JobContext, arguments: dict[str, Any]) -> dict[str, Any]:
        """The job of `submit`."""
        report = self.take_in(**arguments, progress=told_to(job), job=job)
        return {"dataset": report.dataset, "already": report.already}

    def run_change(self, job: JobContext, arguments: dict[str, Any]) -> dict[str, Any]:
        """The job of `submit_clean`, `submit_table` and `submit_removal`."""
        wishes = dict(arguments)
        change = {"clean": self.clean, "join": self.add_table, "remove": self.remove_table}[wishes.pop("operation")]
        return {"dataset": change(**wishes, progress=told_to(job), job=job).dataset}

    def take_in(
        self,
        upload: str,
        name: str = "",
        mapping: dict[str, Any] | None = None,
        base: str = "",
        cleaning: dict[str, Any] | None = None,
        tables: Sequence[dict[str, Any]] = (),
        overlap: str = "skip",
        progress: Progress | None = None,
        job: JobContext | None = None,
    ) -> ImportReport:
        """Take a staged log in: as a first version, or appended to one. Rejected rows that come back mended complete their version.

        Args:
            upload: handle of the log.
            name: display name; by default that of the base, or from the file.
            mapping: edits of the guess, see `Datasets.preview`; for a base, None follows the mapping of this shape where one is kept.
            base: version to append to; "" = a first version.
            cleaning: rules of the new version; None = those of the base, {} = none.
            tables: files beside it, joined at once: {"upload", "kind", "fields", "unsold"} each, see `add_table`.
            overlap: "skip" leaves out events that the base holds already, "keep" keeps them.

        Returns:
            The report of the whole new version; `already` where the base holds these bytes or all these events.

        Raises:
            BadInput: a file, the mapping or the rules cannot be used; the workspace is as before.
        """
        if not base and not tables and not (cleaning and cleaning_of(cleaning).active) and self._datasets.n_parts(upload) == 1:
            return self._datasets.import_now(upload, name, mapping, progress, job)
        reserved = self._reserved(job)
        if self._context.datasets.exists(reserved):
            return self._datasets.report(reserved)  # an earlier attempt of this job was killed after it had published
        started = time.monotonic()
        mended = bool(base) and self.kind(upload).kind == "mended"
        if base and not mended and base in self.seen(upload):
            self._datasets.discard(upload)
            return self._datasets.report(base, already=True)
        file = mended_log(self._context, self._datasets, upload, base) if mended else log_of(
            self._context, self._datasets, upload, mapping, base, overlap, part_of(progress, 0.0, 0.8)
        )  # fmt: skip
        if file.log.segment is None:
            self._datasets.discard(upload)
            return self._datasets.report(base, already=True)
        say = progress or nobody
        new_tables, ids = [], log_ids(self._context, base, file) if tables else None
        for n, entry in enumerate(tables):
            say(0.8 + 0.06 * n / len(tables), f"Joining table {n + 1} of {len(tables)}")
            new_tables.append(self._table(entry, base, ids))
        kept = self._context.datasets.recipe(base).cleaning if base else {}
        rules = cleaning_of(kept if cleaning is None else cleaning)
        change = ("mended", f"{file.log.told['rows']['accepted']:,} mended rows of {file.log.told['file_name']}") if mended else (
            ("appended", f"{file.log.segment.events.num_rows:,} events of {file.log.told['file_name']}") if base
            else ("imported", f"{file.log.told['file_name']}")
        )  # fmt: skip
        made = self._publish(
            reserved, base, name or (self._context.datasets.info(base).name if base else self._datasets.suggested_name(upload)),
            change, [file], new_tables, rules, started=started, progress=part_of(progress, 0.86, 1.0), job=job,
        )  # fmt: skip
        if not mended:
            remember(self._context, file.known, rules.model_dump(mode="json") if rules.active else {}, made.id)
        for handle in (upload, *(entry["upload"] for entry in tables)):
            self._datasets.discard(handle)
        return self._datasets.report(made.id)

    def clean(
        self, dataset: str, rules: dict[str, Any], name: str = "", progress: Progress | None = None, job: JobContext | None = None
    ) -> ImportReport:
        """A new version with other cleaning rules; {} undoes them all. Raises BadInput or NotFound."""
        started, chosen, reserved = time.monotonic(), cleaning_of(rules), self._reserved(job)
        if self._context.datasets.exists(reserved):
            return self._datasets.report(reserved)
        words = "cleaning rules undone"
        if chosen.active:
            on = [rule.replace("_", " ") for rule, value in chosen.model_dump(exclude_defaults=True).items() if value]
            words = "cleaned: " + ", ".join(on)
        made = self._publish(reserved, dataset, name, ("cleaned", words), [], [], chosen, started=started, progress=progress, job=job)
        return self._datasets.report(made.id)

    def add_table(
        self,
        dataset: str,
        upload: str,
        kind: str = "",
        fields: dict[str, str] | None = None,
        name: str = "",
        unsold: bool = False,
        progress: Progress | None = None,
        job: JobContext | None = None,
    ) -> ImportReport:
        """A new version with a table beside the log joined or kept; see `check_table`.

        Args:
            dataset: the version it joins.
            upload: handle of the table.
            kind: of `ingest.side.kinds.TableKind`; "" = found out.
            fields: column → field, chosen.
            name: display name; by default that of the version.
            unsold: of a table of items: those that no event names are in the catalogue as well, for models that read texts.
            progress: called with a share from 0 to 1 and what is being done.
            job: whose result it is.

        Raises:
            BadInput: the file cannot be read as such a table.
            NotFound: there is no such version.
        """
        started, reserved = time.monotonic(), self._reserved(job)
        if self._context.datasets.exists(reserved):
            return self._datasets.report(reserved)
        (progress or nobody)(0.1, "Reading the table")
        table = self._table({"upload": upload, "kind": kind, "fields": fields, "unsold": unsold}, dataset, log_ids(self._context, dataset))
        words = f"{table.kind.replace('_', ' ')} of {table.told['file_name']}"
        rules = cleaning_of(self._context.datasets.recipe(dataset).cleaning)
        say = part_of(progress, 0.4, 1.0)
        made = self._publish(reserved, dataset, name, ("joined", words), [], [table], rules, started=started, progress=say, job=job)
        self._datasets.discard(upload)
        return self._datasets.report(made.id)

    def remove_table(
        self, dataset: str, place: int, name: str = "", progress: Progress | None = None, job: JobContext | None = None
    ) -> ImportReport:
        """A new version without one of the tables beside the log. Raises BadInput or NotFound."""
        started, reserved = time.monotonic(), self._reserved(job)
        if self._context.datasets.exists(reserved):
            return self._datasets.report(reserved)
        recipe = self._place(dataset, place)
        words = f"without {recipe.tables[place].get('file_name', 'a table')}"
        rules, out = cleaning_of(recipe.cleaning), ("removed", words)
        made = self._publish(reserved, dataset, name, out, [], [], rules, [place], started=started, progress=progress, job=job)
        return self._datasets.report(made.id)

    def _place(self, dataset: str, place: int) -> Recipe:
        recipe = self._context.datasets.recipe(dataset)
        if not 0 <= place < len(recipe.tables):
            raise BadInput("There is no such table.", f"The version has {len(recipe.tables)}.", "Choose another.")
        return recipe

    def _reserved(self, job: JobContext | None) -> str:
        """The id of the version to come; a resumed attempt of a job gets the same one."""
        return job.reserve("ds") if job is not None else new_id("ds")

    # ---- how

    def _table(self, entry: dict[str, Any], base: str, log: LogIds | None) -> NewTable:
        from recengine.data.versions import NewTable

        kind, fields, mapping = entry.get("kind") or "", entry.get("fields"), log.mapping if log is not None else None
        found, table = ready_table(self._context, self._datasets, entry["upload"], base, kind, fields, mapping)
        told = {
            "file_name": found.raw.source.file_name,
            "sha256": sha256_of(self._datasets.path(entry["upload"])[0]),
            "rows": {"physical": table.physical, "accepted": table.accepted, "rejected": table.rejected, "skipped": table.skipped},
            "fields": {name: field.value for name, field in found.fields.items()},
            "columns": table.table.column_names,
            "added_s": time.time(),
            "unsold": bool(entry.get("unsold")),
        }
        return NewTable(found.kind.value, table.table, told, table.rejects)

    def _publish(
        self,
        reserved: str,
        base: str,
        name: str,
        change: tuple[str, str],
        files: Sequence[NewFile],
        tables: Sequence[NewTable],
        rules: Cleaning,
        dropped: Sequence[int] = (),
        started: float = 0.0,
        progress: Progress | None = None,
        job: JobContext | None = None,
    ) -> DatasetInfo:
        say = progress or nobody
        say(0.0, "Putting the version together")
        old = self._context.datasets.info(base) if base else None
        told: dict[str, Any] = dict(old.info) if old else {}
        told |= files[-1].info if files else {}
        told |= {
            "change": change[0],
            "words": change[1],
            "parent": base,
            "before": [old.n_events, old.n_users, old.n_items] if old else [0, 0, 0],
        }
        told["ancestors"] = [*(old.info.get("ancestors") or []), base] if old else []
        told["shapes"] = sorted({*told.get("shapes", []), *(shape_of(f.known.raw, f.known.guessed.mapping.format) for f in files)})
        told["mapping"] = told["mapping"] if not old or not files or not files[-1].keeps_mapping else old.info["mapping"]

        def complete(made: Any, recipe: Any) -> None:
            say(0.8, "Storing the version")
            with_totals(told, made, recipe)
            told["cleaning_steps"] = [vars(row) for row in cleaning_rows(made.cleaned.steps)] if made.cleaned else []
            told["seconds"] = time.monotonic() - started

        return self._context.datasets.publish_version(
            name or (old.name if old else "Dataset"),
            base or None,
            told,
            [log for file in files for log in file.logs()],
            tables,
            rules,
            dropped,
            [pair for file in files for pair in file.mended],
            files[-1].currency if files else "",
            reserved,
            job.fence() if job is not None else None,
            complete,
        )


def nobody(_share: float, _phase: str) -> None:
    """Progress that nobody looks at."""


def part_of(progress: Progress | None, low: float, high: float) -> Progress:
    """Progress of a part of the work: its 0 to 1 is low to high of the whole."""
    return nobody if progress is None else lambda share, phase: progress(low + (high - low) * share, phase)


def told_to(job: JobContext) -> Progress:
    """Progress of a job: stops it when somebody cancelled it, and says how long the rest may take."""
    started = time.monotonic()

    def progress(share: float, phase: str) -> None:
        if job.should_stop():
            raise Cancelled
        spent = time.monotonic() - started
        left = spent * (1 - share) / share if share > 0.05 and spent > 5 else None
        job.progress(min(share, 0.99), "Storing the version" if phase == "Done" else phase, left)

    return progress
