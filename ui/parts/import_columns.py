"""The second step of an import: what each column means and why, what is missing, what only a person can know."""

from __future__ import annotations

import json
from dataclasses import replace

import pandas as pd
import streamlit as st

from recengine.columns import Role
from recengine.errors import BadInput
from recengine.types import ColumnView, ImportCheck, ImportPreview, caption
from recengine.workspace import Workspace
from ui import shell
from ui.parts.errors import error_box
from ui.parts.import_event_words import event_words
from ui.parts.import_files import came_with
from ui.parts.import_missing import missing_panel, told_beside, usable
from ui.parts.import_report import expected, sentence, verdict
from ui.parts.import_view import edits_of, first_rows, keep_edits, questions, short
from ui.words import WT, W, has, one_line
from ui.words.told import told

TOLD_BESIDE = frozenset({"Titles", "Categories", "Prices"})  # topics of verdicts that a file of items answers
MANY_COLUMNS = 20
FREE_ROLES = frozenset({Role.USER_FEATURE, Role.UNUSED})  # may stand at several columns


def columns_step(ws: Workspace, view: ImportPreview, check: ImportCheck | BadInput) -> None:
    """What each column means, what only a person can know, and what comes of it; or what stands in the way."""
    came_with(ws, view.upload)
    column_table(view)
    left, right = st.columns([7, 5], gap="medium")
    with left:
        if usable(view):
            questions(view)
            event_words(view)
        missing_panel(view, told_beside(view.upload))
    with right:
        if isinstance(check, BadInput):
            shell.section(W("check.title"))
            if usable(view):
                error_box(check.what, check.why, check.fix, W("error.unchanged"))
            else:  # what is needed stands on the left
                st.caption(W("missing.nothing"))
                st.caption(W("error.unchanged"))
        else:
            expected(check, view.upload)
            verdict(without(check, TOLD_BESIDE if told_beside(view.upload) else frozenset()))
    if view.rows:
        first_rows(view)


def without(check: ImportCheck, topics: frozenset[str]) -> ImportCheck:
    """What a file beside this one tells is not missing."""
    return replace(check, verdicts=tuple(line for line in check.verdicts if line.topic not in topics or line.level == "ok"))


def column_table(view: ImportPreview) -> None:
    """What each column means, as an editor; a change is kept and the file is read again."""
    shell.section(W("import.columns"), W("import.columns.caption"))
    roles = [role.value for role in Role]
    shown = list(view.columns)
    if len(shown) > MANY_COLUMNS:  # those that mean something stand first
        shown.sort(key=lambda c: str(c.role) == Role.UNUSED)
    frame = pd.DataFrame(
        {
            "column": [short(c.column) for c in shown],
            "role": [str(c.role) for c in shown],
            "confidence": [c.confidence for c in shown],
            "reason": [sentence(one_line(told(c.reason))) for c in shown],
            "samples": [" · ".join(one_line(s)[:24] or WT("import.empty_cell") for s in c.samples[:3]) for c in shown],
            "empty": [c.empty_share for c in shown],
        }
    )
    column = st.column_config
    key = f"columns.{view.upload}.{len(json.dumps(edits_of(view.upload)))}.{'-'.join(frame['role'])}"
    st.data_editor(
        frame,
        hide_index=True,
        height="content" if len(shown) <= MANY_COLUMNS else 740,
        key=key,
        disabled=["column", "confidence", "reason", "samples", "empty"],
        alt=WT("import.columns.alt", n=len(view.columns)),
        on_change=_keep_roles,
        args=(key, view.upload, shown),
        column_config={
            "column": column.TextColumn(WT("import.column"), help=caption(ColumnView, "column")),
            "role": column.SelectboxColumn(
                WT("import.role"), width=150, help=caption(ColumnView, "role"), options=roles, required=True, format_func=role_name
            ),
            "confidence": column.ProgressColumn(
                WT("import.sure"), help=caption(ColumnView, "confidence"), format="percent", min_value=0, max_value=1, width=110
            ),
            "reason": column.TextColumn(WT("import.reason"), help=caption(ColumnView, "reason")),
            "samples": column.TextColumn(WT("import.samples"), help=caption(ColumnView, "samples")),
            "empty": column.NumberColumn(WT("import.empty"), help=caption(ColumnView, "empty_share"), format="percent", width=70),
        },
    )


def role_name(role: object) -> str:
    """Shopper, Item, Time … for the engine's names."""
    return WT(f"role.{role}") if has(f"role.{role}") else str(role)


def _keep_roles(key: str, upload: str, shown: list[ColumnView]) -> None:
    roles = {c.column: str(c.role) for c in shown}
    for row, change in st.session_state[key]["edited_rows"].items():
        if new := change.get("role"):
            roles = moved(roles, shown[int(row)].column, new)
    keep_edits(upload, {**edits_of(upload), "roles": roles})


def moved(roles: dict[str, str], column: str, role: str) -> dict[str, str]:
    """The meanings with this one at another column; the column that had it gives it up."""
    if role not in FREE_ROLES:
        roles = {name: Role.UNUSED.value if had == role else had for name, had in roles.items()}
    return {**roles, column: role}
