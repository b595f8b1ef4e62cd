"""What is odd about a waiting file: what, how many, examples, and one way to do something about it."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from recengine.types.waiting import FindingView, WaitingCheck
from recengine.workspace import Workspace
from ui import shell
from ui.parts.cleaning_form import DAYS, Rules, active
from ui.parts.finding_words import example, markdown, shown
from ui.parts.import_plan import keep_plan
from ui.parts.import_view import edits_of, keep_edits, preview_of
from ui.words import WT, W, has, numbers, plain

EXAMPLES = 3
ROWS_SHOWN = 10  # without scrolling
COLUMNS = (5, 4, 2.2)


def quality(ws: Workspace, upload: str, look: WaitingCheck, rules: Rules) -> None:
    """The findings, or one calm line.

    Args:
        ws: the workspace.
        upload: handle of the file.
        look: what was found.
        rules: cleaning rules that hold now.
    """
    marked = _marked(ws, upload)
    n = len(look.findings)
    shell.section(W("quality.title"), W("quality.caption", n=n) if n else None)
    with st.container(border=True, gap="medium"):
        for finding in look.findings:
            _finding(ws, upload, finding, rules)
        if marked:
            _done(W("quality.suspects.done", n=len(marked)), f"{upload}.suspects.undo", _unmark, upload)
        if not n and not marked:
            st.markdown(f":green[:material/check_circle:] {W('quality.nothing')}")


def _finding(ws: Workspace, upload: str, finding: FindingView, rules: Rules) -> None:
    """What and how many, three examples, one button."""
    code, key = finding.code, f"{upload}.{finding.code}"
    same = "similar" if code.startswith("similar") else code
    what, examples, button = st.columns(COLUMNS, gap="small", vertical_alignment="center")
    with what, st.container(gap=None):
        n = numbers.count(finding.things or finding.events)
        named = [f"{plain(row[0], 40)} {numbers.share(row[-1])}" for row in finding.rows[:EXAMPLES] if code == "empty"]
        text = W(f"quality.{same}.text", n=n, events=numbers.count(finding.events), columns=markdown(", ".join(named)))
        icon = ":blue[:material/info:]" if _calm(finding) else ":orange[:material/warning:]"
        st.markdown(f"{icon} **{W(f'quality.{code}')}:** {text}")
        if has(f"quality.{code}.fine"):
            st.caption(W(f"quality.{code}.fine"))
    with examples:
        if code != "empty":
            st.caption("  \n".join(example(finding, row) for row in finding.rows[:EXAMPLES]))
    with button:
        _remedy(ws, upload, finding, rules, key)


def _calm(finding: FindingView) -> bool:
    """Whether it is told for information: it has no harm that a click would mend."""
    return not finding.cleaning and not finding.not_products


def _remedy(ws: Workspace, upload: str, finding: FindingView, rules: Rules, key: str) -> None:
    """One button, or the word that a rule takes care of it."""
    if finding.cleaning:
        if all(rules.get(name) is not None for name in finding.cleaning):
            left = {name: value for name, value in rules.items() if name not in finding.cleaning}
            _done(W("quality.done"), f"{key}.undo", _clean, upload, left)
            return
        day = next((str(value) for name, value in finding.cleaning.items() if name in DAYS), "")
        label = W(f"quality.{finding.code}.do", day=numbers.date(day) if day else "")
        st.button(
            label, icon=":material/cleaning_services:", key=f"{key}.do", on_click=_clean, args=(upload, {**rules, **finding.cleaning})
        )
    elif finding.not_products:
        label = W(f"quality.{finding.code}.do")
        st.button(label, icon=":material/block:", key=f"{key}.do", on_click=_mark, args=(ws, upload, finding.not_products))
    elif finding.code not in ("busy_days", "empty") and st.button(W("quality.show"), icon=":material/table_rows:", key=f"{key}.show"):
        _rows(finding)


def _done(text: str, key: str, undo: Any, *args: Any) -> None:
    with st.container(gap=None):
        st.caption(f":green[:material/check_circle:] {text}")
        st.button(W("quality.undo"), icon=":material/undo:", type="tertiary", key=key, on_click=undo, args=args)


def _clean(upload: str, rules: Rules) -> None:
    keep_plan(upload, cleaning=active(rules))


def _marked(ws: Workspace, upload: str) -> list[str]:
    """Patterns of ids that were marked as no products, beyond those that the format of the file names."""
    edits = edits_of(upload)
    said = edits.get("not_products")
    if not said:
        return []
    reading = {"reading": edits["reading"]} if edits.get("reading") else None
    return [word for word in said if word not in ws.datasets.preview(upload, reading).mapping["not_products"]]


def _mark(ws: Workspace, upload: str, words: tuple[str, ...]) -> None:
    edits = edits_of(upload)
    known = edits.get("not_products") or preview_of(ws, upload).mapping["not_products"]
    keep_edits(upload, {**edits, "not_products": [*(word for word in known if word not in words), *words]})


def _unmark(upload: str) -> None:
    keep_edits(upload, {name: value for name, value in edits_of(upload).items() if name != "not_products"})


def _rows(finding: FindingView) -> None:
    st.dialog(WT(f"quality.{finding.code}"), width="large")(_table)(finding)


def _table(finding: FindingView) -> None:
    """The rows of a finding."""
    st.caption(W("quality.show.caption", n=len(finding.rows)))
    cells = [[shown(name, cell) for name, cell in zip(finding.columns, row, strict=True)] for row in finding.rows]
    frame = pd.DataFrame(cells, columns=list(finding.columns))
    column = st.column_config
    config: dict[str, Any] = {}
    for name in finding.columns:
        header = WT(f"quality.column.{name}")
        is_text = frame[name].map(lambda cell: isinstance(cell, str)).all()
        config[name] = column.TextColumn(header) if is_text else column.NumberColumn(header, format="localized")
    height = "content" if len(frame) <= ROWS_SHOWN else 420
    st.dataframe(frame, hide_index=True, column_config=config, alt=WT("quality.show.alt", n=len(frame)), key="quality.rows", height=height)
