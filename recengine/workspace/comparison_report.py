"""A comparison that leaves the program: one HTML file with charts inside, or a ZIP of tables (CSV) and charts (SVG)."""

from __future__ import annotations

import io
import os
import tempfile
import time
import zipfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from recengine.artefacts import told_when_disk_fails
from recengine.errors import BadInput
from recengine.types import Comparison, ExposureView, LengthCurves, ListAgreement
from recengine.types.runs import RunCost, RunCurve, VariantNote, WhoGains
from recengine.workspace import comparison_tables as tables
from recengine.workspace.comparison import ComparisonCases
from recengine.workspace.comparison_html import charts_of, page
from recengine.workspace.context import Context
from recengine.workspace.list_comparison import ListComparison
from recengine.workspace.marks import Marks
from recengine.workspace.runs import Runs

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Gathered:
    """Everything that is said about some variants."""

    view: Comparison
    gains: WhoGains | None  # None for a single variant, or a metric of the whole shop
    agreement: ListAgreement | None
    exposure: ExposureView
    lengths: LengthCurves | None
    curves: tuple[RunCurve, ...]
    costs: tuple[RunCost, ...]
    tags: dict[str, tuple[str, ...]]
    notes: dict[str, tuple[VariantNote, ...]]
    made_s: float

    @property
    def names(self) -> dict[str, str]:
        """Variant id → name, best first."""
        return {v.id: v.name for v in self.view.variants}

    @property
    def k(self) -> int:
        """Length of the lists."""
        return int(self.view.metric.partition("@")[2] or 10)


class ComparisonReport:
    """Puts together what the pages show; everything is read from stored figures, nothing is scored. `NAMES` are the tables there can be."""

    NAMES = (
        "variants", "tests", "gains", "segments", "settings", "lengths", "places", "categories",
        "changed", "items", "curves", "costs", "notes",
    )  # fmt: skip

    def __init__(self, context: Context, comparison: ComparisonCases, lists: ListComparison, runs: Runs, marks: Marks) -> None:
        self._context, self._comparison, self._lists, self._runs, self._marks = context, comparison, lists, runs, marks

    def gather(self, variants: Sequence[str], metric: str = "ndcg@10", pair: Sequence[str] = ()) -> Gathered:
        """All views of a comparison.

        Args:
            variants: ids.
            metric: orders them and is tested.
            pair: two of them whose lists are compared, the later one first; the best and the second when nothing is said.

        Raises:
            NotFound, BadInput: as `compare`.
        """
        view = self._comparison.compare(variants, metric)
        ids = [v.id for v in view.variants]
        if unknown := [v for v in pair if v not in ids]:
            raise BadInput("The two variants of a list comparison must be among the others.", f"{unknown[0]} is not.", "Name it too.")
        after, before = (list(pair) if len(pair) == 2 else [*ids[:2], ids[0]])[:2]
        two, k = after != before, int(metric.partition("@")[2] or 10)
        own = any(p.metric == metric for p in view.pairs)
        family = metric.partition("@")[0]
        return Gathered(
            view=view,
            gains=self._comparison.who_gains(after, before, metric) if two and own else None,
            agreement=self._lists.agreement(before, after, k) if two else None,
            exposure=self._lists.exposure(ids, k),
            lengths=self._lists.by_length(ids, family if own else "ndcg"),
            curves=self._runs.curves(ids),
            costs=self._runs.costs(ids),
            tags=self._marks.tags(),
            notes={v: self._marks.notes(v) for v in ids},
            made_s=time.time(),
        )

    def tables(self, found: Gathered) -> dict[str, Callable[[], pa.Table]]:
        """Name → the table, made when it is asked for."""
        names = found.names
        made: dict[str, Callable[[], pa.Table]] = {
            "variants": lambda: tables.variants_table(found.view, found.tags),
            "tests": lambda: tables.tests_table(found.view),
            "segments": lambda: tables.segments_table(found.view),
            "settings": lambda: tables.settings_table(found.view),
            "places": lambda: tables.places_table(found.exposure, names),
            "curves": lambda: tables.curves_table(found.curves, names),
            "costs": lambda: tables.costs_table(found.costs, names),
            "notes": lambda: tables.notes_table(found.view, found.notes),
        }
        if found.gains is not None:
            gains = found.gains
            made["gains"] = lambda: tables.gains_table(gains, names)
        if found.lengths is not None:
            lengths = found.lengths
            made["lengths"] = lambda: tables.lengths_table(lengths, names)
        if found.exposure.categories:
            made["categories"] = lambda: tables.categories_table(found.exposure, names)
        if found.agreement is not None:
            agreement = found.agreement
            made |= {"changed": lambda: tables.changed_table(agreement), "items": lambda: tables.items_table(agreement)}
        return made

    def csv(self, found: Gathered, table: str) -> bytes:
        """One table as CSV that no spreadsheet runs. Raises BadInput for an unknown table."""
        made = self.tables(found)
        if table not in made:
            raise BadInput(f"There is no table called {table}.", "", f"Choose one of: {', '.join(made)}.")
        return _csv(made[table]())

    def html(self, found: Gathered) -> str:
        """The report, one page."""
        return page(found)

    def bundle(self, found: Gathered) -> bytes:
        """A ZIP: each table as CSV, each chart as SVG, and the report."""
        from recengine.explain.report_charts import alone

        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
            file.writestr("report.html", page(found))
            for name, make in self.tables(found).items():
                file.writestr(f"{name}.csv", _csv(make()))
            for name, chart in charts_of(found).items():
                file.writestr(f"{name}.svg", alone(chart))
        return buffer.getvalue()

    def write(self, out: Path, variants: Sequence[str], metric: str = "ndcg@10", pair: Sequence[str] = ()) -> Path:
        """Write the report as .html, or everything as .zip; the file appears whole or not at all.

        Raises:
            BadInput: another ending, a folder that is not there, or variants that cannot be compared.
        """
        kind = out.suffix.lower()
        if kind not in (".html", ".zip"):
            raise BadInput(f"A comparison cannot be written as {out.name}.", "", "End the name with .html or .zip.")
        if not out.parent.is_dir():
            raise BadInput(f"The folder {out.parent} does not exist.", "", "Make it, or choose another.")
        found = self.gather(variants, metric, pair)
        body = self.html(found).encode() if kind == ".html" else self.bundle(found)
        aside = out.with_name(f".{out.name}.tmp")
        try:
            with told_when_disk_fails():
                aside.write_bytes(body)
                os.replace(aside, out)
        finally:
            with suppress(FileNotFoundError):
                aside.unlink()
        return out


def _csv(table: pa.Table) -> bytes:
    from recengine.ingest.safe_csv import write_csv

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "table.csv"
        write_csv(table, file)
        return file.read_bytes()
