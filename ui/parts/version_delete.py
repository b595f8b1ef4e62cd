"""Deletes a version after asking; one that variants need is deleted with them only when that is said twice."""

from __future__ import annotations

import streamlit as st

from recengine.types.versions import VersionRow
from recengine.workspace import Workspace
from ui import session as tab
from ui.parts.errors import attempt
from ui.words import Markdown, W, numbers, plain

NAMED = 6
SURE = "delete.sure"  # the version of which it was said once that its variants go as well


def confirm_deletion(ws: Workspace, row: VersionRow) -> None:
    """Ask; what goes and what stays is said before."""
    data = row.dataset

    @st.dialog(W("datasets.delete.title"), icon=":material/delete:", on_dismiss=_unsure)
    def ask() -> None:
        variants = [variant for variant in ws.variants.list() if variant.dataset == data.id]
        st.markdown(W("datasets.delete.ask", name=data.name, events=numbers.count(data.events)))
        if row.shared_bytes:
            st.caption(W("versions.delete.shared", size=numbers.size(row.shared_bytes)))
        if variants:
            names = [plain(variant.name, 40) for variant in variants[:NAMED]]
            more = [W("versions.delete.more", n=len(variants) - NAMED)] if len(variants) > NAMED else []
            st.markdown(f":orange[:material/warning:] {W('versions.delete.needed', n=len(variants))}")
            st.markdown("\n".join(f"- {name}" for name in (*names, *more)))
        sure = st.session_state.get(SURE) == data.id
        if variants and sure:
            st.markdown(f":red[:material/error:] **{W('versions.delete.twice', n=len(variants))}**")
        with st.container(horizontal=True, gap="xsmall"):
            if variants and not sure:
                st.button(
                    W("versions.delete.with", n=len(variants)),
                    key="delete.first",
                    icon=":material/delete:",
                    on_click=_sure,
                    args=(data.id,),
                )
            else:
                label: Markdown = W("versions.delete.both", n=len(variants)) if variants else W("datasets.delete.yes", name=data.name)
                icon, both = ":material/delete:", bool(variants)
                if st.button(label, type="primary", icon=icon, key="delete.yes", on_click=_delete, args=(ws, data.id, both)):
                    st.rerun()
            if st.button(W("datasets.delete.no"), key="delete.no", on_click=_unsure):
                st.rerun()

    ask()


def _sure(dataset: str) -> None:
    st.session_state[SURE] = dataset


def _unsure() -> None:
    st.session_state.pop(SURE, None)


def _delete(ws: Workspace, dataset: str, with_variants: bool) -> None:
    attempt(ws.datasets.delete, dataset, with_variants)
    _unsure()
    tab.choose(report=None)
