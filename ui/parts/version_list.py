"""The datasets of this workspace and their versions: what changed, what is shared, open, rename, clean, tables, delete."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from recengine.types.versions import VersionRow
from ui import session as tab
from ui.parts.errors import attempt
from ui.parts.version_delete import confirm_deletion
from ui.parts.version_tables import tables_dialog
from ui.parts.version_words import ICONS, changed, deltas, made_of, rules
from ui.session import Session
from ui.words import Markdown, W, numbers, plain

FAMILIES, VERSIONS, STEPS = 12, 3, 6  # shown at once


def version_list(session: Session) -> None:
    """One group a dataset, the one that was changed last first; its versions inside, newest first."""
    families: dict[str, list[VersionRow]] = {}
    for row in session.ws.versions.list():
        families.setdefault(row.root, []).append(row)
    shown = list(families.values())
    for rows in shown[:FAMILIES]:
        _family(session, rows)
    if len(shown) > FAMILIES:
        with st.expander(W("versions.more_families", n=len(shown) - FAMILIES)):
            for rows in shown[FAMILIES:]:
                _family(session, rows)


def _family(session: Session, rows: list[VersionRow]) -> None:
    with st.container(border=True, gap="small"):
        with st.container(gap=None):
            with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
                st.markdown(f":material/database: **{plain(rows[0].dataset.name, 60)}**", width="content")
                if rows[-1].dataset.synthetic:
                    st.badge(W("datasets.synthetic"), icon=":material/science:", color="gray")
            st.caption(_history(rows))
        chosen = session.dataset.id if session.dataset else ""
        old = [row for row in rows[VERSIONS:] if row.dataset.id != chosen]
        for row in rows:
            if row not in old:
                _version(session, row, rows[0].dataset.name)
        if old:
            with st.expander(W("versions.older", n=len(old))):
                for row in old:
                    _version(session, row, rows[0].dataset.name)


def _history(rows: list[VersionRow]) -> Markdown:
    """Imported 3 May → appended 10 May → cleaned 11 May."""
    if len(rows) == 1:
        return W("versions.one")
    steps = [Markdown(f"{W(f'versions.step.{row.change}')} {numbers.date(row.dataset.created)}") for row in reversed(rows)]
    hidden = len(steps) - STEPS
    if hidden > 0:
        steps = [steps[0], Markdown("…"), *steps[-(STEPS - 1) :]]
    return Markdown(" → ".join(steps))


def _version(session: Session, row: VersionRow, family: str) -> None:
    """One version: what changed in words, how much is in it, and what can be done with it."""
    data, used = row.dataset, session.dataset is not None and row.dataset.id == session.dataset.id
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="top", gap="xsmall"):
        with st.container(width=680, gap=None):
            with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
                st.markdown(f"{ICONS.get(row.change, '')} {changed(row)}", width="content")
                for words, more in deltas(row):
                    st.badge(words, color="green" if more else "gray")
                if used:
                    st.badge(W("datasets.in_use"), icon=":material/visibility:", color="blue")
            if data.name != family:
                st.caption(plain(data.name, 60))
            st.caption(facts(row))
            st.caption(made_of(row))
            if on := rules(row.cleaning):
                st.caption(f":material/mop: {' · '.join(on)}")
        with st.container(horizontal=True, width="content", gap="xsmall"):
            if not used:
                st.button(W("datasets.open"), key=f"open.{data.id}", icon=":material/visibility:", on_click=_open, args=(data.id,))
            with st.popover(W("versions.menu"), icon=":material/more_horiz:", type="tertiary", key=_menu_key(data.id), on_change="rerun"):
                _menu(session, row)


def facts(row: VersionRow) -> Markdown:
    """How much is in it, of which period, made when."""
    data = row.dataset
    counts = W("datasets.facts", events=numbers.count(data.events), shoppers=numbers.count(data.shoppers), items=numbers.count(data.items))
    period = W("versions.period", first=numbers.date(data.first), last=numbers.date(data.last), when=numbers.ago(data.created))
    return Markdown(f"{counts} · {period}")


def _menu(session: Session, row: VersionRow) -> None:
    ws, data = session.ws, row.dataset

    def choice(name: str, icon: str, act: Callable[[str], None] | None = None, **words: object) -> bool:
        return st.button(
            W(f"versions.do.{name}", **words),
            key=f"{name}.{data.id}",
            icon=icon,
            type="tertiary",
            on_click=_chosen,
            args=(data.id, act),
        )

    with st.container(gap=None):
        choice("report", ":material/fact_check:", _report)
        rename = choice("rename", ":material/edit:")
        choice("clean", ":material/mop:", _clean)
        tables = bool(row.tables) and choice("tables", ":material/table:", n=row.tables)
        delete = choice("delete", ":material/delete:")
    if rename:
        _rename(session, row)
    elif tables:
        tables_dialog(ws, row)
    elif delete:
        confirm_deletion(ws, row)


def _menu_key(dataset: str) -> str:
    return f"menu.{dataset}"


def _chosen(dataset: str, act: Callable[[str], None] | None) -> None:
    """The menu closes before a dialog opens over it."""
    st.session_state[_menu_key(dataset)] = False
    if act is not None:
        act(dataset)


def _open(dataset: str) -> None:
    tab.choose(dataset=dataset, report=None)


def _report(dataset: str) -> None:
    tab.choose(dataset=dataset, report=dataset)


def _clean(dataset: str) -> None:
    tab.choose(dataset=dataset, report=None, cleaning=dataset)


def _rename(session: Session, row: VersionRow) -> None:
    @st.dialog(W("versions.rename.title"), icon=":material/edit:")
    def ask() -> None:
        name = st.text_input(W("data.name"), value=row.dataset.name, key="rename.name", max_chars=120)
        with st.container(horizontal=True, gap="xsmall"):
            if st.button(W("versions.rename.yes"), type="primary", key="rename.yes", icon=":material/check:", disabled=not name.strip()):
                attempt(session.ws.datasets.rename, row.dataset.id, name.strip())
                st.rerun()
            if st.button(W("versions.rename.no"), key="rename.no"):
                st.rerun()

    ask()
