"""Datasets: from an uploaded file to an immutable version, with the fate of every row."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from recengine.artefacts import new_id, plain
from recengine.errors import BadInput
from recengine.state import PolicyDrafts
from recengine.types import (
    ColumnView,
    DatasetOverview,
    DatasetRow,
    EventWordView,
    ImportCheck,
    ImportPreview,
    ImportReport,
    QuestionView,
    RowCounts,
    SampleRow,
    VerdictView,
)
from recengine.variants.marks import VariantMarks
from recengine.workspace.as_kept import as_kept
from recengine.workspace.dataset_views import dataset_row, quality_told
from recengine.workspace.families import heir
from recengine.workspace.intake import remember, without_personal_data
from recengine.workspace.staging import Staging
from recengine.workspace.text import iso

if TYPE_CHECKING:
    from recengine.data.store import DatasetInfo
    from recengine.ingest.importer import Recognition
    from recengine.ingest.mapping import Mapping
    from recengine.jobs.runner import JobContext

SAMPLE = Path(__file__).resolve().parents[2] / "sample_data" / "online_retail.csv.gz"
SAMPLE_NAME, DEMO_NAME = "Online Retail", "Demo store (synthetic)"
MOST_ITEMS = 5_000  # named at once


class Datasets(Staging):
    """Dataset versions and the files they come from."""

    def stage_sample(self) -> str:
        """The shipped real shop: UCI Online Retail (Chen 2015, CC BY 4.0)."""
        return self.stage_path(SAMPLE, SAMPLE_NAME)

    def stage_demo(self, seed: int = 7) -> str:
        """Write the synthetic demo store and stage it."""
        folder = self._context.root / "demo" / f"seed-{int(seed)}"
        return self.stage_path(self.write_demo(folder, seed), DEMO_NAME)

    def write_demo(self, folder: Path, seed: int = 7) -> Path:
        """Write the planted demo store (events.csv and truth.json) into a folder; the same seed gives the same bytes."""
        from recengine.testing.demo_store import make_demo_store

        folder.mkdir(parents=True, exist_ok=True)
        make_demo_store(folder, seed=seed)
        return folder / "events.csv"

    def preview(self, upload: str, mapping: dict[str, Any] | None = None) -> ImportPreview:
        """What a staged file seems to be, read by the parser of the import.

        Args:
            upload: a handle.
            mapping: edits of the guess: "roles" {column: role}, or role → column; "answers" {question id: value}; any
                other field of a saved mapping.

        Raises:
            BadInput: the file cannot be read, or the mapping does not fit it.
        """
        from recengine.ingest.event_words import event_words

        known = as_kept(self._context, self._recognition(upload, mapping))
        return ImportPreview(
            upload=upload,
            file_name=self.title(upload),
            size_bytes=self.size(upload),
            compression=known.compression,
            encoding=known.encoding,
            dialect=known.dialect_words,
            recognised=known.format,
            recognised_title=known.format_title,
            confidence=known.confidence,
            columns=tuple(
                ColumnView(c.column, c.role.value, c.confidence, c.reason, tuple(c.samples), c.empty_share) for c in known.columns
            ),
            questions=tuple(QuestionView(q.id, q.text, tuple(q.options), q.default, q.note) for q in known.questions),
            rows=tuple(SampleRow(r.line, r.shopper, r.item, r.title, r.time, r.behaviour, r.price, r.result) for r in known.preview),
            mapping=known.mapping.model_dump(mode="json"),
            physical_rows=known.rows,
            notes=tuple(known.notes),
            words=tuple(EventWordView(w.word, w.rows, w.behaviour.value, w.key, w.source) for w in event_words(known.raw, known.mapping)),
        )

    def check(self, upload: str, mapping: dict[str, Any] | None = None) -> ImportCheck:
        """What an import would do with every record of a staged file; nothing is stored. About 1 s for 540,000 records.

        Raises:
            BadInput: no record could be accepted, or the mapping does not fit.
        """
        from recengine.ingest.importer import ingest
        from recengine.ingest.rejects import reasons

        known = without_personal_data(self._context, self._recognition(upload, mapping))
        done = ingest(*self.path(upload), known.mapping, None, known)
        return ImportCheck(
            rows=RowCounts(done.physical, done.accepted, done.rejected, done.skipped),
            reasons=tuple(reasons(done.rejects)),
            shoppers=done.quality.shoppers,
            items=done.quality.items,
            verdicts=tuple(VerdictView(v.level, v.topic, v.text) for v in done.quality.verdicts),
            models=tuple(VerdictView(v.level, v.topic, v.text) for v in done.quality.models),
            quality=quality_told(done.quality),
        )

    def suggested_name(self, upload: str) -> str:
        """A display name for the dataset a file becomes."""
        meta = self._meta(upload)
        return str(meta.get("name") or Path(str(meta["file_name"])).name.split(".")[0] or "Dataset")

    def n_parts(self, upload: str) -> int:
        """How many files hold the records: those that wait together, and the members of archives. Raises BadInput, NotFound."""
        from recengine.ingest.source import open_sources

        return sum(len(open_sources(file.path, file.name)) for file in self.files(upload))

    # ---- imports

    def import_now(
        self,
        upload: str,
        name: str = "",
        mapping: dict[str, Any] | None = None,
        progress: Callable[[float, str], None] | None = None,
        job: JobContext | None = None,
    ) -> ImportReport:
        """Take a staged file in as a new dataset version; content that is there already is not stored twice.

        Raises:
            BadInput: the file or the mapping cannot be used; the workspace is as before.
        """
        from recengine.ingest.importer import ingest
        from recengine.ingest.rejects import reasons
        from recengine.ingest.to_mend import rows_to_mend

        reserved = job.reserve("ds") if job is not None else new_id("ds")
        if self._context.datasets.exists(reserved):
            return self.report(reserved)  # an earlier attempt of this job was killed after it had published
        started = time.monotonic()
        known = without_personal_data(self._context, self._recognition(upload, mapping, progress))
        done = ingest(*self.path(upload), known.mapping, progress, known)
        info = {
            "file_name": self.title(upload),
            "recognised": known.format,
            "rows": {"physical": done.physical, "accepted": done.accepted, "rejected": done.rejected, "skipped": done.skipped},
            "mapping": done.mapping.model_dump(mode="json"),
            "quality": quality_told(done.quality),
            "verdicts": [[v.level, v.topic, v.text] for v in done.quality.verdicts],
            "reasons": reasons(done.rejects),
            "synthetic": self._meta(upload).get("name") == DEMO_NAME,
            "sha256": "+".join(self.sha256(upload)),
            "bytes": self.size(upload),
            "added_s": time.time(),
            "seconds": time.monotonic() - started,
        }
        made = self._context.datasets.publish(
            name or self.suggested_name(upload),
            done.events,
            done.rejects,
            set(done.unsellable_item_ids),
            done.currency,
            info,
            dataset_id=reserved,
            fence=job.fence() if job is not None else None,
            reuse=True,
            mend=rows_to_mend(known.raw, done.outcome),
        )
        remember(self._context, known, {}, made.id)
        self.discard(upload)
        return self.report(made.id, already=made.info != plain(info))

    # ---- versions

    def list(self) -> list[DatasetRow]:
        """Dataset versions, newest first."""
        counts: dict[str, int] = {}
        for record in self._context.variants.list():
            counts[record.dataset_id] = counts.get(record.dataset_id, 0) + 1
        return [dataset_row(info, counts.get(info.id, 0)) for info in self._context.datasets.list()]

    def get(self, dataset: str) -> DatasetRow:
        """One version. Raises NotFound."""
        return dataset_row(self._context.datasets.info(dataset), len(self._context.variants.list(dataset)))

    def report(self, dataset: str, already: bool = False) -> ImportReport:
        """How the import of a version went. Raises NotFound."""
        info = self._context.datasets.info(dataset)
        kept = info.info
        return ImportReport(
            dataset=info.id,
            name=info.name,
            fingerprint=info.fingerprint,
            recognised=kept["recognised"],
            rows=RowCounts(**kept["rows"]),
            shoppers=info.n_users,
            items=info.n_items,
            behaviours=info.behaviours,
            first=iso(info.first_s),
            last=iso(info.last_s),
            mapping=kept["mapping"],
            rejects_file=str(self.rejects_csv(dataset)),
            reasons=tuple((kind, reason, n) for kind, reason, n in self._reasons(info)),
            quality=kept["quality"],
            verdicts=tuple(VerdictView(*row) for row in kept["verdicts"]),
            seconds=kept["seconds"],
            already=already,
        )

    def _reasons(self, info: DatasetInfo) -> list[tuple[str, str, int]]:
        from recengine.ingest.rejects import reasons

        return reasons(self._context.datasets.rejects(info.id)) if info.recipe else info.info["reasons"]

    def overview(self, dataset: str) -> DatasetOverview:
        """Arrays behind the charts of a version. Raises NotFound."""
        return self._context.views.get(("overview", dataset), lambda: self._overview(dataset))

    def items(self, dataset: str, limit: int = MOST_ITEMS) -> dict[str, str]:
        """Item id → title, most events first. Raises NotFound."""
        return self._context.views.get(("items", dataset, limit), lambda: self._items(dataset, limit))

    def rejects_csv(self, dataset: str) -> Path:
        """CSV of every record that was not accepted, made on first use. Raises NotFound."""
        from recengine.ingest.rejects import write_rejects

        info = self._context.datasets.info(dataset)
        folder = self._context.settings.exports_dir
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"rejected-{info.id}.csv"
        if not path.is_file():
            aside = folder / f".{path.name}.{new_id('tm')}"
            write_rejects(self._context.datasets.rejects(dataset), aside)
            aside.replace(path)
        return path

    def rename(self, dataset: str, name: str) -> None:
        """Give a version another display name."""
        self._context.datasets.rename(dataset, name)
        self._context.forget(dataset)

    def delete(self, dataset: str, with_variants: bool = False) -> None:
        """Remove a version; one that variants need only with them. Files that other versions share stay, and so do the policies of a
        dataset while any version of it is there. Raises NotFound or BadInput.
        """
        self._context.datasets.info(dataset)
        needing = self._context.variants.list(dataset)
        if needing and not with_variants:
            raise BadInput(f"{len(needing)} variants need this dataset.", f"One is {needing[0].name}.", "Delete the variants first.")
        active = [
            job
            for job in self._context.jobs.list(1_000)
            if not job.state.ended and dataset in (job.arguments.get("dataset"), job.arguments.get("base"))
        ]
        if active:
            raise BadInput("A job works on this dataset.", f"It is {active[0].title}.", "Wait for it, or cancel it first.")
        for record in needing:
            self._context.variants.delete(record.id)
            VariantMarks(self._context.policies.database).forget(record.id)
            self._context.forget(record.id)
        left = heir(self._context, dataset)
        self._context.datasets.delete(dataset)
        for policy in self._context.policies.list():
            if policy.policy.get("dataset") == dataset and left:
                self._context.policies.save(policy.name, {**policy.policy, "dataset": left}, policy_id=policy.id)
            elif policy.policy.get("dataset") == dataset:
                self._context.policies.delete(policy.id)
        if left:
            PolicyDrafts(self._context.policies.database).move(dataset, left)
        for made in (f"rejected-{dataset}.csv", f"to-mend-{dataset}.csv"):
            (self._context.settings.exports_dir / made).unlink(missing_ok=True)
        self._context.forget(dataset)

    def _items(self, dataset: str, limit: int) -> dict[str, str]:
        from recengine.explain.titles import item_title

        data = self._context.dataset(dataset)
        order = np.argsort(-np.bincount(data.log.item_codes, minlength=len(data.catalogue)), kind="stable")[:limit]
        return {str(data.catalogue.vocabulary.ids[code]): item_title(data.catalogue, code) for code in order.tolist()}

    def _overview(self, dataset: str) -> DatasetOverview:
        from recengine.insight.overview import overview

        facts = overview(self._context.dataset(dataset))
        return DatasetOverview(
            dataset=self.get(dataset),
            weeks=facts.weeks,
            weekly_events=facts.weekly_events,
            weekly_shoppers=facts.weekly_shoppers,
            funnel=tuple(facts.funnel),
            rank_share=facts.rank_share,
            rank_items=facts.rank_items,
            items_for_80=facts.items_for_80,
            density=facts.density,
            events_per_shopper_edges=facts.events_per_shopper_edges,
            events_per_shopper_counts=facts.events_per_shopper_counts,
        )

    def recognition(self, upload: str, edits: dict[str, Any] | None = None) -> Recognition:
        """A waiting file as read and understood, remembered. Raises BadInput, NotFound."""
        return self._recognition(upload, edits)

    def _recognition(self, upload: str, edits: dict[str, Any] | None, progress: Callable[[float, str], None] | None = None) -> Recognition:
        from recengine.ingest.importer import recognise
        from recengine.workspace.mapping_edits import OF_THE_FILE, edited, reading_of

        files = self.files(upload)
        paths, names = [file.path for file in files], [file.name for file in files]
        reading = reading_of(edits)
        key = (upload, reading.model_dump_json() if reading else None)
        guessed = self._recognised.get(key, lambda: recognise(paths, names, None, progress, reading))
        if not edits or set(edits) <= OF_THE_FILE:
            return guessed
        mapping = edited(guessed, edits)
        return self._followed(guessed, mapping, paths, names)

    def _followed(self, guessed: Recognition, mapping: Mapping, paths: Sequence[Path], names: Sequence[str]) -> Recognition:
        from recengine.ingest.importer import recognise, with_mapping

        if mapping.reading != guessed.mapping.reading:
            return recognise(paths, names, mapping)
        return with_mapping(guessed, mapping)
