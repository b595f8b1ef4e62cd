"""What there is: versions and what changed, tables beside them, rows to mend, files that wait."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from recengine.types.reading import WaitingView
from recengine.types.versions import CleaningRow, MendedCheck, TableView, VersionRow
from recengine.workspace.intake import latest
from recengine.workspace.version_files import mended_rows, table_views
from recengine.workspace.waiting_files import WaitingFiles

if TYPE_CHECKING:
    from recengine.data.store import DatasetInfo

MOST_JOBS = 1_000


class VersionViews(WaitingFiles):
    """Questions to versions; nothing is changed."""

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
        self._context.datasets.info(dataset)
        return self._context.views.get(("tables", dataset), lambda: table_views(self._context, dataset))

    def table(self, dataset: str, place: int) -> Any:
        """One of them as an Arrow table, ids and texts as kept. Raises NotFound."""
        return self._context.datasets.side_table(dataset, place)

    def n_to_mend(self, dataset: str) -> int:
        """Rejected rows that can be mended; remembered. Raises NotFound."""
        self._context.datasets.info(dataset)
        tables = self._context.datasets.mend_tables
        return self._context.views.get(("to-mend", dataset), lambda: sum(table.num_rows for _, table in tables(dataset)))

    def missing(self, dataset: str) -> dict[str, int]:
        """Items of a version whose title, category or price nobody told. Raises NotFound."""
        goods = self._context.dataset(dataset).catalogue
        told = goods.categories if goods.category_source == "file" else np.full(len(goods), "", dtype=object)
        counts = {"title": goods.titles == "", "category": told == "", "price": np.isnan(goods.prices)}
        return {name: int(np.count_nonzero(blank)) for name, blank in counts.items()}

    def table_rejects(self, dataset: str, place: int) -> Path | None:
        """CSV of the rows of a table beside the log that were not taken, made anew; None where all were. Raises NotFound."""
        from recengine.ingest.rejects import write_rejects

        rows = self._context.datasets.side_rejects(dataset, place)
        if rows is None:
            return None
        path = self._context.settings.exports_dir / f"rejected-{dataset}-table-{place + 1}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_rejects(rows, path)
        return path

    def table_csv(self, dataset: str, place: int) -> Path:
        """A table beside the log as CSV, made anew; nothing in it runs in a spreadsheet, every id reads back unchanged. Raises NotFound."""
        from recengine.ingest.safe_csv import write_csv

        path = self._context.settings.exports_dir / f"table-{dataset}-{place + 1}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_csv(self.table(dataset, place), path)
        return path

    def check_mended(self, upload: str, dataset: str) -> MendedCheck:
        """What rejected rows that come back would do for a version; nothing is stored. Raises BadInput or NotFound."""
        rows = mended_rows(self._context, self._datasets, upload, dataset)
        name, wrong = self._context.datasets.info(dataset).name, sorted(rows.wrong.items(), key=lambda pair: (-pair[1], pair[0]))
        good = len(rows.pairs)
        return MendedCheck(dataset, name, rows.rows, good, rows.done, tuple(wrong), rows.open - good, tuple(rows.examples))

    def mended_for(self, upload: str) -> tuple[str, ...]:
        """Versions that miss rows of a mended file, the likeliest first: most rows that are missed, then the newest. Raises BadInput."""
        from recengine.ingest.numbers import parse_numbers
        from recengine.ingest.to_mend import LINE, MARKS

        raw = self._datasets.recognition(upload).raw
        lines, names = np.nan_to_num(parse_numbers(raw.column(LINE))[0]).astype(np.int64), set(raw.names)
        hits = {}
        for info in self._context.datasets.list():
            tables = [table for _, table in self._context.datasets.mend_tables(info.id) if set(table.column_names) - set(MARKS) <= names]
            missed = [line for table in tables for line in table[LINE].to_pylist()]
            if n := int(np.isin(lines, missed).sum()):
                hits[info.id] = n
        return tuple(sorted(hits, key=lambda dataset: -hits[dataset]))  # sorting keeps the newest first among equals

    def waiting(self) -> list[WaitingView]:
        """Files that were handed over and wait for a person, newest first.

        Those that a job works on are not among them, nor tables that a waiting log brings along.
        """
        busy = {upload for job in self._context.jobs.list(MOST_JOBS) if not job.state.ended for upload in uploads_of(job.arguments)}
        files = self._datasets.waiting()
        beside = {table for file in files for table in self._beside(file.upload)}
        return [file for file in files if file.upload not in busy | beside]

    def _beside(self, upload: str) -> list[str]:
        plan = self._context.root / "uploads" / upload / "plan.json"
        tables = json.loads(plan.read_bytes()).get("tables") or () if plan.is_file() else ()
        return [entry["upload"] for entry in tables if entry.get("upload") not in (upload, None)]

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
            root=self._root(info),
            files=tuple(str(entry.get("file_name", "")) for entry in (*recipe.logs, *recipe.tables)),
        )


def uploads_of(arguments: dict[str, Any]) -> list[str]:
    """Handles of the files that a job takes in."""
    return [arguments.get("upload", ""), *(entry.get("upload", "") for entry in arguments.get("tables") or ())]
