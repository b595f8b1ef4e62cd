"""Tune: what is not saved, with the way back and the way to keep it."""

from __future__ import annotations

import streamlit as st

from ui import draft
from ui import session as tab
from ui.parts.errors import attempt
from ui.session import Session
from ui.words import WT, W, plain

TOLD = 2  # changes named in the bar


def pending_bar(session: Session) -> None:
    """What is unsaved, step back, all back, save; nothing when the saved policy says the same."""
    words = draft.changes(session)
    if session.dataset is None or not words:
        return
    with st.bottom, st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        told = ", ".join(plain(word, 60) for word in words[:TOLD])
        more = f" {W('tune.pending.more', n=len(words) - TOLD)}" if len(words) > TOLD else ""
        st.markdown(f":orange[:material/edit:] **{W('tune.pending', n=len(words))}** {told}{more}", width="stretch")
        with st.container(horizontal=True, width="content", gap="xsmall", wrap=False):
            st.button(
                W("tune.undo"), key="tune.undo", icon=":material/undo:", help=W("tune.undo.help"), on_click=draft.undo, args=(session,)
            )
            st.button(W("tune.discard"), key="tune.discard", type="tertiary", on_click=draft.discard, args=(session,))
            with st.popover(W("tune.save"), icon=":material/save:", type="primary", key="tune.save"):
                _form(session)


def _form(session: Session) -> None:
    found, work = draft.source(session), draft.working(session)
    own = found is not None and session.policy is not None
    if own and work is not None and found is not None and work.version and work.version < found.latest:
        st.warning(W("tune.save.newer", n=found.latest), icon=":material/warning:")
    with st.form("tune.save.form", border=False, enter_to_submit=False):
        # a name that was there before belongs to the policy that the address chose
        st.text_input(
            W("tune.name"), value=session.policy.name if session.policy else "", placeholder=WT("tune.name.placeholder"),
            key=f"tune.name.{session.policy.id}" if session.policy else "tune.name",
        )  # fmt: skip
        st.text_input(W("tune.note"), placeholder=WT("tune.note.placeholder"), key="tune.note")
        st.text_input(
            W("tune.who"), value=st.session_state.get("tune.who", ""), placeholder=WT("tune.who.placeholder"), key="tune.who.field"
        )
        with st.container(horizontal=True, gap="xsmall"):
            label = W("tune.save.version", n=(found.latest if found else 0) + 1) if own else W("tune.save.button")
            st.form_submit_button(
                label, key="tune.save.button", type="primary", icon=":material/save:", on_click=_save, args=(session, own)
            )
            if own:
                st.form_submit_button(W("tune.save.new"), key="tune.save.new", on_click=_save, args=(session, False))


def _save(session: Session, as_version: bool) -> None:
    assert session.dataset is not None
    dataset, policy = session.dataset.id, session.policy
    name = st.session_state[f"tune.name.{policy.id}" if policy else "tune.name"]
    note, who = st.session_state.get("tune.note", ""), st.session_state.get("tune.who.field", "").strip()
    st.session_state["tune.who"] = who
    content = draft.spec(session)
    work = draft.working(session)
    base = work.version if policy and as_version and work and work.version else None
    kept = attempt(lambda: session.ws.policies.save(dataset, name, content, who, note, policy.id if policy and as_version else None, base))
    if kept is None:
        return
    draft.discard(session)
    tab.choose(policy=kept.id, draft=None)
    st.session_state["tune.note"] = ""
    st.toast(W("tune.saved", name=kept.name, n=kept.latest), icon=":material/check_circle:")
