"""The sheets of a workbook: which one is read, and a way to take another one too."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from recengine.types.reading import ReadingView
from ui import shell
from ui.parts.errors import attempt
from ui.parts.import_plan import keep_plan
from ui.state import workspace
from ui.words import WT, W, one_line

SHEETS_OFFERED = 6


def sheets(view: ReadingView, upload: str) -> None:
    """The sheets of a workbook; a workbook has no lines of text."""
    shell.section(W("read.sheets"), W("read.sheets.caption", name=view.sheet))
    frame = pd.DataFrame(
        {
            "read": [name == view.sheet for name, _ in view.sheets],
            "name": [one_line(name) for name, _ in view.sheets],
            "rows": [n for _, n in view.sheets],
        }
    )
    config = {
        "read": st.column_config.CheckboxColumn(WT("read.sheets.read"), width=60),
        "name": st.column_config.TextColumn(WT("read.sheet")),
        "rows": st.column_config.NumberColumn(WT("read.sheets.rows"), format="localized", width=90),
    }
    others = [name for name, rows in view.sheets if rows > 1 and name != view.sheet][:SHEETS_OFFERED]
    alt = WT("read.sheets.alt", n=len(view.sheets), name=view.sheet)
    st.dataframe(frame, hide_index=True, height="content", column_config=config, alt=alt, key=f"read.sheets.{upload}")
    for name in others:
        label = W("read.sheets.take", name=one_line(name)[:40])
        st.button(label, icon=":material/add:", type="tertiary", key=f"read.take.{name}", on_click=_take_sheet, args=(upload, name))


def _take_sheet(upload: str, sheet: str) -> None:
    """Have another sheet wait beside this one."""
    ws = workspace()
    if attempt(ws.arrivals.take_sheet, upload, sheet) is not None:
        keep_plan(upload, tables=ws.reading.plan(upload)["tables"])
