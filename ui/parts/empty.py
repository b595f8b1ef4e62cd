"""The empty state: what is missing, why, and the one step that helps."""

from __future__ import annotations

import streamlit as st

from recengine.types import DatasetRow
from ui import shell
from ui.session import Session
from ui.words import W


def empty(icon: str, title: str, why: str, button: str, key: str, action_icon: str = ":material/arrow_forward:") -> bool:
    """Draw it; true when its one primary button was pressed."""
    with st.container(border=True, horizontal_alignment="center", gap="small"):
        st.space("small")
        st.markdown(f"{icon} **{title}**", text_alignment="center")
        st.caption(why, text_alignment="center")
        pressed = st.button(button, type="primary", icon=action_icon, key=key)
        st.space("small")
    return pressed


def need_data(session: Session) -> DatasetRow | None:
    """The chosen dataset; without one the way to the first one is shown."""
    if session.dataset is not None:
        return session.dataset
    if empty(shell.ICONS["data"], W("empty.data.title"), W("empty.data.why"), W("empty.data.button"), "empty.data"):
        shell.go("home")
    return None


def need_variant(session: Session) -> bool:
    """True when the dataset has a variant; otherwise the step that is missing is shown."""
    if not need_data(session):
        return False
    if session.variant is not None:
        return True
    if empty(shell.ICONS["train"], W("empty.variant.title"), W("empty.variant.why"), W("empty.variant.button"), "empty.variant"):
        shell.go("train")
    return False
