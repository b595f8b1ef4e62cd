"""The second step of an import: what each column means, what only a person can know, and what comes of it."""

from __future__ import annotations

import streamlit as st

from recengine.types import ImportCheck, ImportPreview
from ui import shell
from ui.parts.import_report import expected, verdict
from ui.parts.import_view import column_table, first_rows, questions
from ui.words import W


def columns_step(view: ImportPreview, check: ImportCheck) -> None:
    """What each column means, what only a person can know, and what comes of it."""
    left, right = st.columns([7, 5], gap="medium")
    with left:
        column_table(view)
        if view.questions:
            shell.section(W("data.ask"), W("data.ask.caption"))
            questions(view)
    with right:
        expected(check, view.upload)
        verdict(check)
    first_rows(view)
