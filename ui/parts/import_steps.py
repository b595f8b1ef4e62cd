"""A waiting file, step by step: how it was read, what its columns mean, what would be added."""

from __future__ import annotations

import streamlit as st

from recengine.errors import BadInput
from recengine.workspace import Workspace
from ui import session as tab
from ui.parts.errors import attempt, error_box
from ui.parts.import_check import check_step, look_at, will_add
from ui.parts.import_columns import columns_step
from ui.parts.import_file import file_step
from ui.parts.import_first import looked_at_otherwise
from ui.parts.import_known import destination
from ui.parts.import_plan import plan_of
from ui.parts.import_table import plan_tables
from ui.parts.import_view import check_of, edits_of, file_card, keep_edits, preview_as_said
from ui.parts.steps import go, step, step_bar
from ui.words import W, numbers


def review(ws: Workspace, upload: str) -> None:
    """A file waits: how it was read, what its columns mean, what would be added; one button adds it."""
    if looked_at_otherwise(ws, upload):
        return
    at = step()
    step_bar(at)
    if at == "file":
        read = file_step(ws, upload)
        with st.bottom, st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            _replace_button("bar")
            st.button(
                W("data.next.columns"),
                type="primary",
                icon=":material/arrow_forward:",
                key="next",
                disabled=not read,
                on_click=go,
                args=("columns",),
            )
        return
    try:
        with st.spinner(W("data.reading")):
            view, trouble = preview_as_said(ws, upload)
    except BadInput as error:
        _unreadable(upload, error)
        return
    try:
        with st.spinner(W("data.counting")):
            check = trouble or (check_of(ws, upload) if at == "columns" else look_at(ws, upload).check)
            added = 0 if isinstance(check, BadInput) else will_add(ws, upload, check)
    except BadInput as error:
        check, added = error, 0
    file_card(view)
    if at == "columns" or isinstance(check, BadInput):
        columns_step(ws, view, check)
        if isinstance(check, BadInput):
            _ways_on(upload)
            return
    else:
        destination(ws, upload)
        check_step(ws, upload)
        plan_tables(ws, upload)
    with st.bottom, st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.caption(W("data.add.caption"), width="content")
        with st.container(horizontal=True, gap="xsmall", width="content"):
            if at == "columns":
                st.button(W("data.next.check"), icon=":material/fact_check:", key="next", on_click=go, args=("check",))
            else:
                st.button(W("data.back.columns"), icon=":material/arrow_back:", key="back", on_click=go, args=("columns",))
            label = W("data.add", n=numbers.count(added))
            st.button(label, type="primary", icon=":material/check:", key="add", disabled=not added, on_click=_add, args=(ws, upload))


def _unreadable(upload: str, error: BadInput) -> None:
    """The file, or what was changed about it, cannot be used: say why, and two ways on."""
    error_box(error.what, error.why, error.fix, W("error.unchanged"))
    _ways_on(upload)


def _ways_on(upload: str) -> None:
    with st.container(horizontal=True, gap="xsmall"):
        if edits_of(upload):
            st.button(W("data.guess"), type="primary", icon=":material/undo:", key="review.guess", on_click=keep_edits, args=(upload, {}))
        st.button(W("data.back.file"), icon=":material/description:", key="review.file", on_click=go, args=("file",))
        _replace_button("review")


def _replace_button(place: str) -> None:
    """Let go of the file; another one can be chosen then."""
    wish = {"upload": None, "step": None}
    st.button(W("import.replace"), icon=":material/swap_horiz:", key=f"{place}.replace", on_click=tab.choose, kwargs=wish)


def _add(ws: Workspace, upload: str) -> None:
    """Start the import as a job; the page then shows its progress."""
    job = attempt(ws.versions.submit, upload, mapping=edits_of(upload) or None, **plan_of(upload))
    if job is not None:
        ws.versions.forget(upload)
        tab.choose(upload=None, step=None, importing=job)
