"""Rejected rows that come back mended: which version they complete, how many are good now, what is still wrong."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from recengine.errors import BadInput
from recengine.types.versions import MendedCheck
from recengine.workspace import Workspace
from ui import session as tab
from ui import shell
from ui.charts import data_charts
from ui.parts.errors import attempt, error_box
from ui.parts.import_plan import keep_plan, plan_of
from ui.parts.import_report import sentence
from ui.parts.steps import step_bar
from ui.words import WT, W, numbers, one_line, plain, told


def mended_review(ws: Workspace, upload: str) -> None:
    """A waiting file of mended rows: what it does for a version, and the button that does it."""
    step_bar("columns")
    path, name = ws.datasets.path(upload)
    with st.container(border=True, horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        with st.container(width=620, gap=None):
            st.markdown(f":material/healing: **{plain(name, 60)}**")
            st.caption(f"{numbers.size(path.stat().st_size)} · {W('mended.what')}")
        wish = {"upload": None, "step": None}
        st.button(W("import.replace"), icon=":material/swap_horiz:", key="mended.replace", on_click=tab.choose, kwargs=wish)
    try:
        versions = ws.versions.mended_for(upload)
        if not versions:
            error_box(W("mended.none"), W("mended.none.why"), W("mended.none.fix"))
            return
        asked = plan_of(upload)["base"]
        dataset = asked if asked in versions else versions[0]
        check = ws.versions.check_mended(upload, dataset)
    except BadInput as error:
        error_box(error.what, error.why, error.fix, W("error.unchanged"))
        return
    left, right = st.columns([7, 5], gap="medium")
    with left:
        _outcome(check, upload)
    with right:
        shell.section(W("mended.version"), W("mended.version.caption"))
        with st.container(border=True, gap="small"):
            key = f"mends.{upload}.{dataset}"

            def words(version: str) -> str:
                row = ws.datasets.get(version)
                return WT("mended.one", name=row.name, when=numbers.clock(row.created))

            place = versions.index(dataset)
            st.selectbox(W("mended.which"), versions, place, words, key=key, on_change=_keep_version, args=(key, upload))
            st.caption(W("mended.left", n=numbers.count(check.left)) if check.left else W("mended.complete"))
    with st.bottom, st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.caption(W("mended.caption"), width="content")
        st.button(
            W("mended.add", n=numbers.count(check.good)),
            type="primary",
            icon=":material/healing:",
            key="mended.add",
            disabled=not check.good,
            on_click=_complete,
            args=(ws, upload, dataset),
        )


def _outcome(check: MendedCheck, upload: str) -> None:
    """How many rows are good now, and what is wrong with the others."""
    wrong = sum(n for _, n in check.wrong)
    shell.section(W("mended.title"), W("mended.rows", n=numbers.count(check.rows)))
    with st.container(border=True, gap="small"):
        with st.container(horizontal=True, gap="xsmall"):
            st.badge(W("mended.good", n=numbers.count(check.good)), icon=":material/check:", color="green")
            if check.done:
                st.badge(W("mended.done", n=numbers.count(check.done)), icon=":material/redo:", color="gray")
            if wrong:
                st.badge(W("mended.wrong", n=numbers.count(wrong)), icon=":material/block:", color="orange")
        parts = [(WT("mended.good.bar"), check.good), (WT("report.skipped"), check.done), (WT("report.rejected"), wrong)]
        alt = WT("mended.alt", n=numbers.count(check.good), rows=numbers.count(check.rows))
        shell.chart(data_charts.outcome_bar(parts), f"mended.{upload}", alt)
        if check.wrong:
            reasons = [sentence(one_line(told(reason))) for reason, _ in check.wrong]
            frame = pd.DataFrame({"reason": reasons, "n": [n for _, n in check.wrong]})
            config = {
                "reason": st.column_config.TextColumn(WT("mended.still")),
                "n": st.column_config.NumberColumn(WT("report.lines"), format="localized", width=90),
            }
            st.dataframe(frame, hide_index=True, height="content", column_config=config, alt=WT("mended.still"), key=f"wrong.{upload}")
        for reason, _ in check.wrong:
            cells = [f"{line} “{one_line(cell)[:40]}”" if cell else str(line) for line, why, cell in check.examples if why == reason]
            if cells:
                st.caption(W("mended.example", reason=sentence(told(reason)), lines=", ".join(cells)))


def _keep_version(key: str, upload: str) -> None:
    keep_plan(upload, base=st.session_state[key])


def _complete(ws: Workspace, upload: str, dataset: str) -> None:
    job = attempt(ws.versions.submit, upload, base=dataset)
    if job is not None:
        tab.choose(upload=None, step=None, importing=job)
