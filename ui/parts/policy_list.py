"""Saved policies of a dataset."""

from __future__ import annotations

import streamlit as st

from ui import shell
from ui.parts.errors import attempt
from ui.session import Session
from ui.words import W, numbers, plain


def policy_list(session: Session) -> None:
    """One line a policy with its setting; the way to Tune when there is none."""
    shell.section(W("policies.title"), W("policies.caption"))
    if not session.policies:
        with st.container(border=True):
            st.markdown(f":material/tune: **{W('policies.none')}**")
            st.caption(W("policies.none.why"))
            if st.button(W("policies.open"), icon=shell.ICONS["tune"], key="policies.tune"):
                shell.go("tune")
        return
    for policy in session.policies:
        with st.container(border=True, horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            with st.container(width=360, gap=None):
                st.markdown(f"**{plain(policy.name, 60)}**")
                st.caption(W("policies.facts", diversity=numbers.metric(policy.diversity, 2), when=numbers.ago(policy.created)))
            st.button(
                W("policies.delete"),
                key=f"policy.delete.{policy.id}",
                type="tertiary",
                icon=":material/delete:",
                on_click=attempt,
                args=(session.ws.tuning.delete_policy, policy.id),
            )
