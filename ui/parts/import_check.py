"""The third step of an import: where every record goes, what is odd about the data, what it can carry."""

from __future__ import annotations

import streamlit as st

from recengine.types import ImportCheck
from recengine.workspace import Workspace
from ui.parts.import_plan import keep_plan, plan_of
from ui.parts.import_report import expected, verdict
from ui.words import W


def check_step(ws: Workspace, upload: str, check: ImportCheck) -> None:
    """Where every record goes, and what the data can carry."""
    left, right = st.columns([7, 5], gap="medium")
    with left:
        expected(check, upload)
    with right:
        verdict(check)
        key, name = f"name.{upload}", plan_of(upload)["name"] or ws.datasets.suggested_name(upload)
        st.text_input(W("data.name"), value=name, key=key, help=W("data.name.help"), on_change=_keep_name, args=(upload, key))


def _keep_name(upload: str, key: str) -> None:
    keep_plan(upload, name=st.session_state[key])
