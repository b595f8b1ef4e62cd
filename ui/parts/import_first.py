"""What a waiting file is decides how it is looked at: as a table, as mended rows, as a known log, or step by step."""

from __future__ import annotations

import streamlit as st

from recengine.errors import BadInput
from recengine.workspace import Workspace
from ui.parts.import_kind import kind_of
from ui.parts.import_known import first_look
from ui.parts.import_mended import mended_review
from ui.parts.import_table import plan_tables, table_review
from ui.parts.steps import step
from ui.words import W


def looked_at_otherwise(ws: Workspace, upload: str) -> bool:
    """Draw a file that is no log to be gone through step by step; false where it is one, or cannot be read."""
    if step() == "file":
        return False
    try:
        with st.spinner(W("data.reading")):
            kind = kind_of(ws, upload).kind
        if kind == "events":
            known = first_look(ws, upload)
            if known is not None:
                plan_tables(ws, upload, known)
            return known is not None
    except BadInput:  # the steps say what is wrong with the file
        return False
    (mended_review if kind == "mended" else table_review)(ws, upload)
    return True
