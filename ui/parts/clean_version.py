"""The cleaning rules of a stored version; changed rules make a new version."""

from __future__ import annotations

import streamlit as st

from recengine.workspace import Workspace
from ui import session as tab
from ui import shell
from ui.parts.cleaning_form import Rules, active, cleaning_form
from ui.parts.errors import attempt
from ui.words import W, numbers


def clean_version(ws: Workspace, dataset: str) -> None:
    """The rules in force as switches, what a change would do, and the button that makes a version of it. Raises NotFound."""
    row = ws.datasets.get(dataset)
    st.button(W("clean.version.back"), icon=":material/arrow_back:", type="tertiary", key="clean.back", on_click=_leave)
    shell.section(W("clean.version"), W("clean.version.caption", name=row.name))
    in_force = active(ws.versions.cleaning(dataset))
    draft = f"cleaning.{dataset}"
    rules: Rules = st.session_state.get(draft, in_force)

    def keep(changed: Rules) -> None:
        st.session_state[draft] = changed

    left, right = st.columns([7, 5], gap="medium")
    with left:
        trial = cleaning_form(ws, f"clean.{dataset}", rules, keep, heading=False, dataset=dataset)
    same = rules == in_force
    with right:
        name = st.text_input(W("clean.version.name"), value=row.name, key=f"{draft}.name")
        st.caption(W("clean.caption"))
    with st.bottom, st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.caption(W("clean.version.same") if same else W("clean.version.change", n=numbers.signed(trial.after.events - row.events, 0)))
        with st.container(horizontal=True, gap="xsmall", width="content"):
            if not same:
                st.button(W("clean.version.undo"), icon=":material/undo:", key="clean.undo", on_click=keep, args=(in_force,))
            st.button(
                W("clean.version.make", n=numbers.count(trial.after.events)),
                type="primary",
                icon=":material/check:",
                key="clean.make",
                disabled=same or not trial.after.events,
                on_click=_make,
                args=(ws, dataset, rules, name),
            )


def _leave() -> None:
    tab.choose(cleaning=None)


def _make(ws: Workspace, dataset: str, rules: Rules, name: str) -> None:
    """Start the job that makes the version; the page then shows its progress."""
    job = attempt(ws.versions.submit_clean, dataset, rules, name)
    if job is not None:
        st.session_state.pop(f"cleaning.{dataset}", None)
        tab.choose(cleaning=None, importing=job)
