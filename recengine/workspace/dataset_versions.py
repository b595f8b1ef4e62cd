"""Dataset versions: append, clean, join, mend, and what changed; every version shares the files of the one it comes from."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recengine.artefacts import new_id
from recengine.errors import BadInput, Cancelled
from recengine.types import ImportReport
from recengine.types.versions import CleaningRow, TableView, VersionRow
from recengine.workspace.intake import latest, remember, sha256_of, shape_of
from recengine.workspace.version_files import NewFile, log_of, mended_log, ready_table, table_views, told_coverage, with_totals
from recengine.workspace.waiting_files import WaitingFiles, cleaning_of, cleaning_rows

if TYPE_CHECKING:
    from recengine.data.store import DatasetInfo
    from recengine.data.versions import NewTable
    from recengine.ingest.cleaning import Cleaning
    from recengine.jobs.runner import JobContext

Progress = Callable[[float, str], None]


class DatasetVersions(WaitingFiles):
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
        return self._context.jobs.submit("import", arguments, f"Import of {self._datasets.path(upload)[1]}")

    def run(self, job: JobContext, arguments: dict[str, Any]) -> dict[str, Any]:
        """The job of `submit`."""

        def progress(share: float, phase: str) -> None:
            if job.should_stop():
                raise Cancelled
            job.progress(share, phase)

        report = self.take_in(**arguments, progress=progress, job=job)
        return {"dataset": report.dataset, "already": report.already}

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
            tables: files beside it, joined at once: {"upload", "kind", "fields"} each.
            overlap: "skip" leaves out events that the base holds already, "keep" keeps them.

        Returns:
            The report of the whole new version; `already` where the base holds these bytes or all these events.

        Raises:
            BadInput: a file, the mapping or the rules cannot be used; the workspace is as before.
        """
        if not base and not tables and not (cleaning and cleaning_of(cleaning).active):
            return self._datasets.import_now(upload, name, mapping, progress, job)
        reserved = job.reserve("ds") if job is not None else new_id("ds")
        if self._context.datasets.exists(reserved):
            return self._datasets.report(reserved)  # an earlier attempt of this job was killed after it had published
        started = time.monotonic()
        mended = bool(base) and self.kind(upload).kind == "mended"
        if base and not mended and base in self.seen(upload):
            self._datasets.discard(upload)
            return self._datasets.report(base, already=True)
        file = mended_log(self._context, self._datasets, upload, base) if mended else log_of(
            self._context, self._datasets, upload, mapping, base, overlap, progress
        )  # fmt: skip
        if file.log.segment is None:
            self._datasets.discard(upload)
            return self._datasets.report(base, already=True)
        new_tables = [self._table(entry, base, file) for entry in tables]
        kept = self._context.datasets.recipe(base).cleaning if base else {}
        rules = cleaning_of(kept if cleaning is None else cleaning)
        change = ("mended", f"{file.log.told['rows']['accepted']:,} mended rows of {file.log.told['file_name']}") if mended else (
            ("appended", f"{file.log.segment.events.num_rows:,} events of {file.log.told['file_name']}") if base
            else ("imported", f"{file.log.told['file_name']}")
        )  # fmt: skip
        made = self._publish(
            reserved, base, name or (self._context.datasets.info(base).name if base else self._datasets.suggested_name(upload)),
            change, [file], new_tables, rules, started=started, job=job,
        )  # fmt: skip
        if not mended:
            remember(self._context, file.known, rules.model_dump(mode="json") if rules.active else {}, made.id)
        for handle in (upload, *(entry["upload"] for entry in tables)):
            self._datasets.discard(handle)
        return self._datasets.report(made.id)

    def clean(self, dataset: str, rules: dict[str, Any], name: str = "") -> ImportReport:
        """A new version with other cleaning rules; {} undoes them all. Raises BadInput or NotFound."""
        started, chosen = time.monotonic(), cleaning_of(rules)
        words = "cleaning rules undone"
        if chosen.active:
            on = [rule.replace("_", " ") for rule, value in chosen.model_dump(exclude_defaults=True).items() if value]
            words = "cleaned: " + ", ".join(on)
        made = self._publish(new_id("ds"), dataset, name, ("cleaned", words), [], [], chosen, started=started)
        return self._datasets.report(made.id)

    def add_table(self, dataset: str, upload: str, kind: str = "", fields: dict[str, str] | None = None, name: str = "") -> ImportReport:
        """A new version with a table beside the log joined or kept; see `check_table`. Raises BadInput or NotFound."""
        started = time.monotonic()
        table = self._table({"upload": upload, "kind": kind, "fields": fields}, dataset, None)
        words = f"{table.kind.replace('_', ' ')} of {table.told['file_name']}"
        rules = cleaning_of(self._context.datasets.recipe(dataset).cleaning)
        made = self._publish(new_id("ds"), dataset, name, ("joined", words), [], [table], rules, started=started)
        self._datasets.discard(upload)
        return self._datasets.report(made.id)

    def remove_table(self, dataset: str, place: int, name: str = "") -> ImportReport:
        """A new version without one of the tables beside the log. Raises BadInput or NotFound."""
        recipe = self._context.datasets.recipe(dataset)
        if not 0 <= place < len(recipe.tables):
            raise BadInput("There is no such table.", f"The version has {len(recipe.tables)}.", "Choose another.")
        words = f"without {recipe.tables[place].get('file_name', 'a table')}"
        rules = cleaning_of(recipe.cleaning)
        made = self._publish(new_id("ds"), dataset, name, ("removed", words), [], [], rules, dropped=[place], started=time.monotonic())
        return self._datasets.report(made.id)

    # ---- what there is

    def list(self, dataset: str = "") -> list[VersionRow]:
        """The versions of one dataset, or of all, newest first, each with what changed against the one it comes from. Raises NotFound."""
        infos = {info.id: info for info in self._context.datasets.list()}
        if dataset:
            root = self._root(self._context.datasets.info(dataset))
            infos = {key: info for key, info in infos.items() if self._root(info) == root}
        return [self._row(info, infos) for info in infos.values()]

    def latest(self, dataset: str) -> str:
        """The newest version that came from this one, itself included; "" when none is left."""
        return latest(self._context, dataset)

    def tables(self, dataset: str) -> tuple[TableView, ...]:
        """The tables beside the log of a version. Raises NotFound."""
        return table_views(self._context.datasets.recipe(dataset))

    def table(self, dataset: str, place: int) -> Any:
        """One of them as an Arrow table, ids and texts as kept. Raises NotFound."""
        return self._context.datasets.side_table(dataset, place)

    def cleaning(self, dataset: str) -> dict[str, Any]:
        """The cleaning rules of a version; {} without any. Raises NotFound."""
        return self._context.datasets.recipe(dataset).cleaning

    def cleaned(self, dataset: str) -> tuple[CleaningRow, ...]:
        """What the cleaning rules of a version did, rule by rule. Raises NotFound."""
        return tuple(CleaningRow(**row) for row in self._context.datasets.info(dataset).info.get("cleaning_steps", []))

    def rows_to_mend(self, dataset: str) -> Path | None:
        """CSV of all rejected rows with their cells, made anew; None where none can be mended. Mend it and take it in with this base.

        Raises:
            NotFound: there is no such version.
        """
        import pyarrow as pa

        from recengine.ingest.safe_csv import write_csv
        from recengine.ingest.to_mend import LOG

        pieces = []
        for place, table in self._context.datasets.mend_tables(dataset):
            pieces.append(table.add_column(0, LOG, pa.array([str(place + 1)] * table.num_rows)))
        if not pieces:
            return None
        folder = self._context.settings.exports_dir
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"to-mend-{dataset}.csv"
        write_csv(pa.concat_tables(pieces, promote_options="default"), path)
        return path

    def _root(self, info: DatasetInfo) -> str:
        return (info.info.get("ancestors") or [info.id])[0]

    def _row(self, info: DatasetInfo, infos: dict[str, DatasetInfo]) -> VersionRow:
        parent = info.info.get("parent", "")
        before = infos.get(parent)
        counts = (info.n_events, info.n_users, info.n_items)
        old = info.info.get("before") or ([before.n_events, before.n_users, before.n_items] if before else [0, 0, 0])
        recipe = self._context.datasets.recipe(info.id)
        return VersionRow(
            self._datasets.get(info.id),
            parent,
            info.info.get("change", "imported"),
            info.info.get("words") or str(info.info.get("file_name", "")),
            len(recipe.logs),
            len(recipe.tables),
            *(now - then for now, then in zip(counts, old, strict=True)),
            bytes=info.bytes,
            shared_bytes=self._context.datasets.shared_bytes(info.id),
            cleaning=recipe.cleaning,
        )

    def _table(self, entry: dict[str, Any], base: str, file: NewFile | None) -> NewTable:
        from recengine.data.versions import NewTable

        found, table = ready_table(self._context, self._datasets, entry["upload"], base, entry.get("kind") or "", entry.get("fields"), file)
        told = {
            "file_name": found.raw.source.file_name,
            "sha256": sha256_of(self._datasets.path(entry["upload"])[0]),
            "rows": {"physical": table.physical, "accepted": table.accepted, "rejected": table.rejected, "skipped": table.skipped},
            "fields": {name: field.value for name, field in found.fields.items()},
            "columns": table.table.column_names,
            "coverage": [vars(c) for c in told_coverage(self._context, table, base, file)],
            "added_s": time.time(),
        }
        return NewTable(found.kind.value, table.table, told)

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
        job: JobContext | None = None,
    ) -> DatasetInfo:
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
            with_totals(told, made, recipe)
            told["cleaning_steps"] = [vars(row) for row in cleaning_rows(made.cleaned.steps)] if made.cleaned else []
            told["seconds"] = time.monotonic() - started

        return self._context.datasets.publish_version(
            name or (old.name if old else "Dataset"),
            base or None,
            told,
            [file.log.whole() for file in files],
            tables,
            rules,
            dropped,
            [pair for file in files for pair in file.mended],
            files[-1].currency if files else "",
            reserved,
            job.fence() if job is not None else None,
            complete,
        )
