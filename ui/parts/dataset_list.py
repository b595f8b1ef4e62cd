"""The dataset versions of this workspace: choose one, see how its import went, delete it after asking."""

from __future__ import annotations

import streamlit as st

from recengine.types import DatasetRow
from ui import session as tab
from ui.parts.errors import attempt
from ui.session import Session
from ui.words import W, numbers, plain

SHOWN = 20


def dataset_list(session: Session) -> None:
    """One line a version, newest first; the one in use wears a badge."""
    for row in session.datasets[:SHOWN]:
        with st.container(border=True, horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="xsmall"):
            with st.container(width=430, gap=None):
                with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
                    st.markdown(f"**{plain(row.name, 60)}**", width="content")
                    if session.dataset and row.id == session.dataset.id:
                        st.badge(W("datasets.in_use"), icon=":material/visibility:", color="blue")
                    if row.synthetic:
                        st.badge(W("datasets.synthetic"), icon=":material/science:", color="gray")
                st.caption(facts(row))
                st.caption(age(row))
            with st.container(horizontal=True, width="content", gap="xsmall"):
                if session.dataset and row.id != session.dataset.id:
                    st.button(W("datasets.open"), key=f"open.{row.id}", icon=":material/visibility:", on_click=_open, args=(row.id,))
                if st.button(W("datasets.delete"), key=f"delete.{row.id}", type="tertiary", icon=":material/delete:"):
                    _confirm(session, row)


def facts(row: DatasetRow) -> str:
    """How much is in it."""
    return W("datasets.facts", events=numbers.count(row.events), shoppers=numbers.count(row.shoppers), items=numbers.count(row.items))


def age(row: DatasetRow) -> str:
    """Which period, imported when, used by how many variants."""
    first, last = numbers.date(row.first), numbers.date(row.last)
    return W("datasets.age", first=first, last=last, when=numbers.ago(row.created), variants=row.variants)


def _open(dataset: str) -> None:
    tab.choose(dataset=dataset, report=None)


def _delete(session: Session, dataset: str) -> None:
    attempt(session.ws.datasets.delete, dataset)
    tab.choose(report=None)


def _confirm(session: Session, row: DatasetRow) -> None:
    @st.dialog(W("datasets.delete.title"), icon=":material/delete:")
    def ask() -> None:
        st.markdown(W("datasets.delete.ask", name=row.name, events=numbers.count(row.events)))
        if row.variants:
            st.caption(W("datasets.delete.variants", n=row.variants))
        with st.container(horizontal=True, gap="xsmall"):
            yes = {"type": "primary", "icon": ":material/delete:", "key": "delete.yes", "on_click": _delete, "args": (session, row.id)}
            if st.button(W("datasets.delete.yes", name=row.name), **yes):
                st.rerun()
            if st.button(W("datasets.delete.no"), key="delete.no"):
                st.rerun()

    ask()
