"""Saved policies of a dataset: which is live, and the way to work on one."""

from __future__ import annotations

import streamlit as st

from recengine.types.policies import PolicyDetail
from ui import shell
from ui.parts.errors import attempt
from ui.parts.tune_versions import BADGES
from ui.session import Session
from ui.words import W, numbers, plain


def policy_list(session: Session) -> None:
    """One line a policy with its newest version and what is live; the way to Tune when there is none."""
    shell.section(W("policies.title"), W("policies.caption"))
    found = session.ws.policies.list(session.dataset.id) if session.dataset else ()
    if not found:
        with st.container(border=True):
            st.markdown(f":material/tune: **{W('policies.none')}**")
            st.caption(W("policies.none.why"))
            if st.button(W("policies.open"), icon=shell.ICONS["tune"], key="policies.tune"):
                shell.go("tune")
        return
    for policy in found:
        with st.container(border=True, horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            _line(policy)
            with st.container(horizontal=True, width="content", gap="xsmall"):
                if st.button(W("policies.open"), key=f"policy.open.{policy.id}", type="tertiary", icon=shell.ICONS["tune"]):
                    shell.go("tune", policy=policy.id)
                with st.popover(W("policies.delete"), type="tertiary", icon=":material/delete:"):
                    st.markdown(W("versions.delete.sure", name=policy.name, n=len(policy.versions)))
                    if policy.live is not None:
                        st.caption(W("versions.delete.live"))
                    st.button(
                        W("versions.delete.button"),
                        key=f"policy.delete.{policy.id}",
                        type="primary",
                        on_click=attempt,
                        args=(session.ws.policies.delete, policy.id, st.session_state.get("tune.who", "")),
                    )


def _line(policy: PolicyDetail) -> None:
    newest = policy.versions[0]
    shown = next((row for row in policy.versions if row.state == "published"), newest)
    icon, colour = BADGES[shown.state]
    with st.container(width=420, gap=None):
        with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
            st.markdown(f"**{plain(policy.name, 60)}**", width="content")
            st.badge(W(f"versions.state.{shown.state}"), icon=icon, color=colour)
        st.caption(W("policies.facts", n=len(policy.versions), when=numbers.ago(newest.saved)))
