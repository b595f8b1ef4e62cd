"""A table beside the log: what its columns mean, how its ids meet those of the log, and the button that joins it."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from recengine.errors import BadInput
from recengine.types.versions import CoverageView, TableCheck
from recengine.workspace import Workspace
from ui import session as tab
from ui import shell
from ui.charts import data_charts
from ui.parts.errors import attempt, error_box
from ui.parts.import_files import came_with
from ui.parts.import_kind import KINDS, kind_name, kind_of, say_kind, say_table, table_said
from ui.parts.import_known import newest_versions, seen_in
from ui.parts.import_plan import keep_plan, plan_of
from ui.parts.import_report import sentence
from ui.parts.import_view import edits_of
from ui.parts.steps import step_bar
from ui.words import WT, Markdown, W, has, numbers, one_line, plain, told

SEVERAL = frozenset({"attribute", "unused", "category"})  # may stand at several columns
COLUMNS_SHOWN, CELL_CUT = 12, 80


@st.cache_resource(max_entries=32, show_spinner=False)
def _check(_ws: Workspace, key: str, upload: str, asked: str) -> TableCheck:  # noqa: ARG001  (a part of the key of the cache)
    return _ws.versions.check_table(upload, **json.loads(asked))


def table_of(ws: Workspace, upload: str, kind: str, fields: dict[str, str], dataset: str = "", log: str = "") -> TableCheck:
    """How a table would be read, and how it meets a version or a log that waits; worked out once for each answer. Raises BadInput."""
    mapping = edits_of(log) or None if log else None
    asked = {"dataset": dataset, "kind": kind, "fields": fields or None, "log": log, "mapping": mapping}
    return _check(ws, str(id(ws)), upload, json.dumps(asked, sort_keys=True))


def table_review(ws: Workspace, upload: str) -> None:
    """A waiting table: its columns, where it goes, its coverage, its first rows; one button joins it."""
    step_bar("columns")
    _file_card(ws, upload)
    newest = newest_versions(ws)
    base = plan_of(upload)["base"]
    dataset = base if base in newest else (newest[0] if newest else "")
    kind = kind_of(ws, upload).kind
    if seen := [version for version in seen_in(ws, upload) if version == dataset]:
        st.caption(f":material/content_copy: {W('table.seen', name=ws.datasets.get(seen[0]).name)}")
    came_with(ws, upload)
    try:
        with st.spinner(W("table.reading")):
            check = table_of(ws, upload, kind, table_said(upload).get("fields") or {}, dataset)
    except BadInput as error:
        error_box(error.what, error.why, error.fix, W("error.unchanged"))
        st.button(W("data.guess"), type="primary", icon=":material/undo:", key="table.guess", on_click=say_kind, args=(upload, ""))
        return
    left, right = st.columns([7, 5], gap="medium")
    with left:
        _columns(check, upload)
    with right:
        shell.section(W("table.goes"), W("table.goes.caption"))
        with st.container(border=True, gap="small"):
            if newest:
                _version(ws, upload, newest, dataset)
                coverage_lines(check.coverage, f"coverage.{upload}")
                on = bool(table_said(upload).get("unsold"))
                unsold_switch(check, on, f"unsold.{upload}", lambda value: say_table(upload, kind=kind, unsold=value))
            else:
                st.markdown(f":material/hourglass_empty: **{W('table.waits')}**")
                st.caption(W("table.waits.why"))
            _rows(check)
        for note in check.notes:
            st.caption(f":material/info: {plain(told(note))}")
    _first(check, upload)
    with st.bottom, st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.caption(W(f"table.what.{kind}") if has(f"table.what.{kind}") else W("table.what"), width=620)
        if newest:
            name = plain(ws.datasets.get(dataset).name, 40)
            button = {
                "type": "primary",
                "icon": ":material/join_inner:",
                "key": "table.join",
                "on_click": _join,
                "args": (ws, upload, dataset),
            }
            st.button(W("table.join", name=name), **button)
        else:
            wish = {"upload": None, "step": None}
            st.button(W("table.keep"), type="primary", icon=":material/add:", key="table.keep", on_click=tab.choose, kwargs=wish)


def _file_card(ws: Workspace, upload: str) -> None:
    """Name, size, what it was taken for, with a way to say otherwise."""
    path, name = ws.datasets.path(upload)
    found = kind_of(ws, upload)
    kind = found.kind
    with st.container(border=True, horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"):
        with st.container(width=560, gap=None):
            st.markdown(f":material/table: **{plain(name, 60)}**")
            sure = numbers.share(found.confidence, 0)
            why = W("table.found", kind=kind_name(found.kind), sure=sure, why=plain(told(found.reason)))
            st.caption(f"{numbers.size(path.stat().st_size)} · {why}")
        with st.container(horizontal=True, width="content", gap="xsmall", vertical_alignment="bottom"):
            key = f"kind.{upload}.{kind}"
            st.selectbox(
                W("table.kind"),
                KINDS,
                index=KINDS.index(kind) if kind in KINDS else 0,
                format_func=kind_name,
                key=key,
                on_change=_keep_kind,
                args=(key, upload),
                width=220,
            )
            wish = {"upload": None, "step": None}
            st.button(W("import.replace"), icon=":material/swap_horiz:", key="table.replace", on_click=tab.choose, kwargs=wish)


def _keep_kind(key: str, upload: str) -> None:
    say_kind(upload, st.session_state[key])


def _columns(check: TableCheck, upload: str) -> None:
    """What each column means, as an editor; a change is kept and the file is read again."""
    shell.section(W("import.columns"), W("table.columns.caption", kind=kind_name(check.kind.kind)))
    names = list(check.fields)
    cells = {name: [row[name] for row in check.raw[:3]] if check.raw else [] for name in names}
    frame = pd.DataFrame(
        {
            "column": [one_line(name) for name in names],
            "field": [check.fields[name] for name in names],
            "samples": [" · ".join(one_line(cell)[:24] or WT("import.empty_cell") for cell in cells[name]) for name in names],
        }
    )
    column = st.column_config
    key = f"fields.{upload}.{check.kind.kind}.{'-'.join(frame['field'])}"
    st.data_editor(
        frame,
        hide_index=True,
        height="content" if len(names) < 15 else 560,
        key=key,
        disabled=["column", "samples"],
        alt=WT("import.columns.alt", n=len(names)),
        on_change=_keep_fields,
        args=(key, upload, check),
        column_config={
            "column": column.TextColumn(WT("import.column")),
            "field": column.SelectboxColumn(
                WT("import.role"), width=150, options=list(check.choices), required=True, format_func=field_name
            ),
            "samples": column.TextColumn(WT("import.samples")),
        },
    )


def field_name(field: object) -> str:
    """Id, Title, Stock … for the engine's names."""
    return WT(f"field.{field}") if has(f"field.{field}") else str(field)


def _keep_fields(key: str, upload: str, check: TableCheck) -> None:
    fields, names = dict(check.fields), list(check.fields)
    for row, change in st.session_state[key]["edited_rows"].items():
        if new := change.get("field"):
            if new not in SEVERAL:  # the column that had this meaning gives it up
                fields = {name: "unused" if field == new else field for name, field in fields.items()}
            fields[names[int(row)]] = new
    say_table(upload, kind=check.kind.kind, fields=fields)


def _version(ws: Workspace, upload: str, newest: list[str], dataset: str) -> None:
    """Which dataset it joins."""
    key = f"joins.{upload}.{dataset}"

    def words(version: str) -> str:
        row = ws.datasets.get(version)
        return WT("append.to.one", name=row.name, events=numbers.count(row.events), last=numbers.date(row.last))

    st.selectbox(
        W("table.joins"), newest, index=newest.index(dataset), format_func=words, key=key, on_change=_keep_version, args=(key, upload)
    )


def _keep_version(key: str, upload: str) -> None:
    keep_plan(upload, base=st.session_state[key])


def coverage_lines(coverage: tuple[CoverageView, ...], key: str) -> None:
    """How the ids meet, in words and one bar for each kind of id."""
    for n, view in enumerate(coverage):
        share = view.matched / max(1, view.in_log)
        icon = ":green[:material/check_circle:]" if share >= 0.5 else ":orange[:material/warning:]"
        words = {"matched": numbers.count(view.matched), "log": numbers.count(view.in_log), "share": numbers.share(share)}
        st.markdown(f"{icon} {W(f'coverage.{view.of}', **words)}")
        parts = [(WT("coverage.described"), view.matched), (WT("coverage.bare"), view.in_log - view.matched)]
        shell.chart(data_charts.outcome_bar(parts), f"{key}.{n}", WT("coverage.alt", **words))
        st.caption(_spare(view))
        if view.hint:
            st.caption(f":orange[:material/lightbulb:] {plain(told(view.hint))}")


def _spare(view: CoverageView) -> Markdown:
    """Ids that only one side has."""
    parts = []
    if spare := view.in_table - view.matched:
        ids = ", ".join(plain(one, 24) for one in view.only_table[:3])
        parts.append(W("coverage.only_table", n=numbers.count(spare), ids=Markdown(ids)))
    if missing := view.in_log - view.matched:
        ids = ", ".join(plain(one, 24) for one in view.only_log[:3])
        parts.append(W("coverage.only_log", n=numbers.count(missing), ids=Markdown(ids)))
    return Markdown(" ".join(parts) or W("coverage.all"))


def _rows(check: TableCheck) -> None:
    rows = check.rows
    with st.container(horizontal=True, gap="xsmall"):
        st.badge(W("table.rows.accepted", n=numbers.count(rows.accepted)), icon=":material/check:", color="green")
        if rows.skipped:
            st.badge(W("table.rows.skipped", n=numbers.count(rows.skipped)), icon=":material/redo:", color="gray")
        if rows.rejected:
            st.badge(W("table.rows.rejected", n=numbers.count(rows.rejected)), icon=":material/block:", color="orange")
    if check.reasons:
        st.caption(" · ".join(f"{sentence(plain(told(reason)))}: {numbers.count(n)}" for _, reason, n in check.reasons[:4]))


def _first(check: TableCheck, upload: str) -> None:
    """The first rows as the join would keep them."""
    shell.section(W("import.rows"), W("table.rows.caption", n=len(check.first)))
    rows_table([dict(row) for row in check.first], f"table.rows.{upload}")


def rows_table(rows: list[dict[str, Any]], key: str) -> None:
    """Rows of a table as kept, with its columns in words."""
    names = list(rows[0])[:COLUMNS_SHOWN] if rows else []

    def shown(cell: Any) -> Any:
        return one_line(cell)[:CELL_CUT] if isinstance(cell, str) else cell

    frame = pd.DataFrame({str(n): [shown(row[name]) for row in rows] for n, name in enumerate(names)})
    texts = {n for n, name in enumerate(names) if any(isinstance(row[name], str) for row in rows)}
    config: dict[str, Any] = {}
    for n, name in enumerate(names):
        label = one_line(field_name(name))[:60]
        config[str(n)] = st.column_config.TextColumn(label) if n in texts else st.column_config.NumberColumn(label)
    st.dataframe(
        frame,
        hide_index=True,
        height="content" if len(rows) < 15 else 420,
        placeholder=numbers.NONE,
        column_config=config,
        alt=WT("table.rows.alt", n=len(rows), columns=len(names)),
        key=key,
    )


def _join(ws: Workspace, upload: str, dataset: str) -> None:
    told = table_said(upload)
    wishes = {"fields": told.get("fields") or None, "unsold": bool(told.get("unsold"))}
    job = attempt(ws.versions.submit_table, dataset, upload, kind=kind_of(ws, upload).kind, **wishes)
    if job is not None:
        tab.choose(upload=None, step=None, importing=job)


def unsold_switch(check: TableCheck, on: bool, key: str, keep: Callable[[bool], None]) -> None:
    """Items that no event names: only in the table, or in the catalogue as well."""
    only_table = sum(view.in_table - view.matched for view in check.coverage if view.of == "item")
    if check.kind.kind != "items" or not only_table:
        return

    def changed() -> None:
        keep(st.session_state[key])

    label = W("unsold.switch", n=numbers.count(only_table))
    st.toggle(label, value=on, key=key, help=W("unsold.help"), on_change=changed)
    if on:
        st.caption(W("unsold.on"))


def plan_tables(ws: Workspace, upload: str, base: str | None = None) -> None:
    """The tables that a waiting log brings along, each with its coverage in the version it is appended to; they can be taken out."""
    entries = [entry for entry in plan_of(upload)["tables"] if entry.get("upload") != upload]
    if not entries:
        return
    shell.section(W("table.beside"), W("table.beside.caption", n=len(entries)))
    for n, entry in enumerate(entries):
        with st.container(border=True, gap="small"):
            with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
                name = plain(ws.datasets.path(entry["upload"])[1], 60)
                st.markdown(f":material/table: **{name}**", width="content")
                st.button(
                    W("table.take_out"),
                    type="tertiary",
                    icon=":material/remove_circle_outline:",
                    key=f"table.out.{n}",
                    on_click=_take_out,
                    args=(upload, entry["upload"]),
                )
            try:
                with st.spinner(W("table.reading")):
                    into = plan_of(upload)["base"] if base is None else base
                    check = table_of(ws, entry["upload"], entry.get("kind") or "", entry.get("fields") or {}, into, upload)
            except BadInput as error:
                error_box(error.what, error.why, error.fix)
                continue
            st.caption(W("table.taken_for", kind=kind_name(check.kind.kind), columns=", ".join(_kept(check))))
            coverage_lines(check.coverage, f"beside.{n}")
            unsold_switch(check, bool(entry.get("unsold")), f"unsold.{entry['upload']}", partial(_keep_unsold, upload, entry["upload"]))
            _rows(check)


def _kept(check: TableCheck) -> list[str]:
    return [field_name(field) if field != "attribute" else one_line(name)[:40] for name, field in check.fields.items() if field != "unused"]


def _keep_unsold(upload: str, table: str, on: bool) -> None:
    tables = [{**entry, "unsold": on} if entry.get("upload") == table else entry for entry in plan_of(upload)["tables"]]
    keep_plan(upload, tables=tables)


def _take_out(upload: str, table: str) -> None:
    """The file goes on waiting, by itself."""
    keep_plan(upload, tables=[entry for entry in plan_of(upload)["tables"] if entry.get("upload") != table])
