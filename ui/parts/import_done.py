"""The last step of an import: what came in, what can be downloaded, what can be done next."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict

import streamlit as st

from recengine.types import ImportReport
from recengine.types.versions import VersionRow
from recengine.workspace import Workspace
from ui import shell
from ui.parts.first_training import train_first
from ui.parts.import_report import outcome, verdict
from ui.parts.version_tables import table_card
from ui.parts.version_words import changed, deltas, rules
from ui.words import Markdown, W, numbers, plain

TITLES_NEEDED = 0.05  # share of items without a title from which it is said


def done_step(ws: Workspace, dataset: str) -> None:
    """How the import of a version went, its files, and the next step."""
    made = ws.datasets.report(dataset)
    row = next(row for row in ws.versions.list(dataset) if row.dataset.id == dataset)
    st.markdown(f":green[:material/check_circle:] {_headline(made, row)}")
    if on := rules(row.cleaning):
        st.caption(f":material/mop: {' · '.join(on)}")
    if not row.dataset.variants:
        train_first(ws, row.dataset, "report")
    _missing(ws, row)
    left, right = st.columns([7, 5], gap="medium")
    with left:
        outcome(made)
        _tables(ws, dataset)
    with right:
        _downloads(ws, made)
        verdict(made)


def _headline(made: ImportReport, row: VersionRow) -> Markdown:
    if row.change == "imported":
        return W("data.added", n=numbers.count(made.rows.accepted), name=made.name)
    more = " · ".join(words for words, _ in deltas(row)) or W("done.nothing")
    return W("done.changed", what=changed(row), name=made.name, more=Markdown(more))


def _missing(ws: Workspace, row: VersionRow) -> None:
    """What a table of items would add."""
    blank = ws.versions.missing(row.dataset.id)
    words = [W(f"done.missing.{name}", n=numbers.count(n)) for name, n in blank.items() if n > TITLES_NEEDED * row.dataset.items]
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
        if words:
            items = numbers.count(row.dataset.items)
            st.caption(f":material/lightbulb: {W('done.missing', items=items, what=Markdown(' · '.join(words)))}", width="stretch")
        shell.link("shoppers", W("done.shoppers"))


def _tables(ws: Workspace, dataset: str) -> None:
    tables = ws.versions.tables(dataset)
    if not tables:
        return
    shell.section(W("done.tables"), W("done.tables.caption", n=len(tables)))
    for table in tables:
        table_card(ws, dataset, table, "done")


def _downloads(ws: Workspace, made: ImportReport) -> None:
    """Records that were not taken, rows to mend, the mapping, the report."""
    dataset, rows = made.dataset, made.rows
    stem = plain(made.fingerprint[:12])
    shell.section(W("done.files"), W("done.files.caption"))
    with st.container(border=True, gap="xsmall"):
        if made.reasons:
            _download(
                W("report.download", n=numbers.count(rows.rejected + rows.skipped)),
                lambda: ws.datasets.rejects_csv(dataset).read_bytes(),
                f"rejected-{stem}.csv",
                f"rejects.{dataset}",
            )
        if n := ws.versions.n_to_mend(dataset):
            _download(W("done.mend", n=numbers.count(n)), lambda: _to_mend(ws, dataset), f"to-mend-{dataset}.csv", f"mend.{dataset}")
            st.caption(W("done.mend.how"))
        _download(W("done.mapping"), lambda: _json(made.mapping), f"mapping-{stem}.json", f"mapping.{dataset}")
        _download(W("done.report"), lambda: _report(ws, made), f"report-{stem}.json", f"report.json.{dataset}")


def _download(label: Markdown, data: Callable[[], bytes], name: str, key: str) -> None:
    """A button; the file is made when it is asked for."""
    mime, icon = "text/csv" if name.endswith(".csv") else "application/json", ":material/download:"
    st.download_button(label, data, file_name=name, mime=mime, icon=icon, type="tertiary", on_click="ignore", key=key)


def _to_mend(ws: Workspace, dataset: str) -> bytes:
    path = ws.versions.rows_to_mend(dataset)
    return path.read_bytes() if path is not None else b""


def _json(told: object) -> bytes:
    return json.dumps(told, ensure_ascii=False, indent=2, default=str).encode()


def _report(ws: Workspace, made: ImportReport) -> bytes:
    told = asdict(made)
    told.pop("rejects_file")  # a path of this machine
    told["tables"] = [asdict(table) for table in ws.versions.tables(made.dataset)]
    told["cleaning"] = [asdict(step) for step in ws.versions.cleaned(made.dataset)]
    return _json(told)
