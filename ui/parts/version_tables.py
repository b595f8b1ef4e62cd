"""The tables beside the log of a version: see them, download them and the rows that were not taken, take one out."""

from __future__ import annotations

import streamlit as st

from recengine.types.versions import TableView, VersionRow
from recengine.workspace import Workspace
from ui import session as tab
from ui.parts.errors import attempt, guard
from ui.parts.import_kind import kind_name
from ui.parts.import_table import coverage_lines, rows_table
from ui.words import W, numbers, plain

ROWS_SHOWN = 50


def tables_dialog(ws: Workspace, row: VersionRow) -> None:
    """Every table of a version."""

    @st.dialog(W("versions.tables.title", name=row.dataset.name), icon=":material/table:", width="large")
    def show() -> None:
        with guard():
            for table in ws.versions.tables(row.dataset.id):
                table_card(ws, row.dataset.id, table, "dialog")
                with st.expander(W("versions.table.rows"), key=f"rows.{table.place}", on_change="rerun") as box:
                    if box.open:
                        first = ws.versions.table(row.dataset.id, table.place).slice(0, ROWS_SHOWN).to_pylist()
                        rows_table(first, f"rows.table.{table.place}")
                if st.button(
                    W("versions.table.remove"),
                    key=f"remove.{table.place}",
                    type="tertiary",
                    icon=":material/remove_circle_outline:",
                    on_click=_remove,
                    args=(ws, row.dataset.id, table.place),
                ):
                    st.rerun()

    show()


def table_card(ws: Workspace, dataset: str, table: TableView, place: str) -> None:
    """What a joined table is, how its ids met those of the log, and its files."""
    with st.container(border=True, gap="small"):
        rows = table.rows
        st.markdown(f":material/table: **{plain(table.file_name, 60)}** · {plain(kind_name(table.kind))}")
        st.caption(W("versions.table.facts", taken=numbers.count(rows.accepted), all=numbers.count(rows.physical)))
        coverage_lines(table.coverage, f"{place}.{dataset}.{table.place}")
        if table.unsold:
            st.caption(f":material/new_releases: {W('unsold.in')}")
        with st.container(horizontal=True, gap="xsmall"):
            stem = f"{table.kind}-{table.place + 1}"
            st.download_button(
                W("versions.table.download"),
                lambda: ws.versions.table_csv(dataset, table.place).read_bytes(),
                file_name=f"{stem}.csv",
                mime="text/csv",
                icon=":material/download:",
                type="tertiary",
                on_click="ignore",
                key=f"{place}.csv.{dataset}.{table.place}",
            )
            if table.has_rejects:
                st.download_button(
                    W("versions.table.rejects", n=numbers.count(rows.rejected + rows.skipped)),
                    lambda: _rejects(ws, dataset, table.place),
                    file_name=f"rejected-{stem}.csv",
                    mime="text/csv",
                    icon=":material/download:",
                    type="tertiary",
                    on_click="ignore",
                    key=f"{place}.rejects.{dataset}.{table.place}",
                )


def _rejects(ws: Workspace, dataset: str, place: int) -> bytes:
    path = ws.versions.table_rejects(dataset, place)
    return path.read_bytes() if path is not None else b""


def _remove(ws: Workspace, dataset: str, place: int) -> None:
    job = attempt(ws.versions.submit_removal, dataset, place)
    if job is not None:
        tab.choose(report=None, importing=job)
