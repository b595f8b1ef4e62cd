"""Compare: taking the comparison away as one HTML file, as tables and charts, or as one table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from recengine.types import Comparison
from ui.session import Session
from ui.words import WT, W


def take(session: Session, view: Comparison, pair: list[str]) -> None:
    """A popover with the files; each is made when it is asked for."""
    ids, report = [v.id for v in view.variants], session.ws.comparison_report

    def made(make: Callable[[Any], bytes]) -> Callable[[], bytes]:
        return lambda: make(report.gather(ids, view.metric, pair))

    with st.popover(W("take.title"), icon=":material/download:"):
        st.download_button(
            W("take.report"), made(lambda found: report.html(found).encode()), "comparison.html", "text/html", key="take.report",
            icon=":material/description:", help=W("take.report.help"), on_click="ignore", width="stretch",
        )  # fmt: skip
        st.download_button(
            W("take.all"), made(report.bundle), "comparison.zip", "application/zip", key="take.all",
            icon=":material/folder_zip:", help=W("take.all.help"), on_click="ignore", width="stretch",
        )  # fmt: skip
        table = st.selectbox(W("take.table"), report.NAMES, format_func=lambda name: WT(f"take.table.{name}"), key="take.table")
        st.download_button(
            W("take.csv"), made(lambda found: report.csv(found, table)), f"comparison-{table}.csv", "text/csv", key="take.csv",
            icon=":material/table:", on_click="ignore", width="stretch",
        )  # fmt: skip
        st.caption(W("take.png"))
