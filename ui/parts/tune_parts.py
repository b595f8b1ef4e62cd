"""The diversity setting of a tab: one slider, its value in the address."""

from __future__ import annotations

import math
from typing import Literal

import streamlit as st

from ui import session as tab
from ui.session import Session
from ui.words import W

STEP = 0.05


def saved_setting(session: Session) -> float:
    """The diversity of the policy in use, 0 without one."""
    return session.policy.diversity if session.policy else 0.0


def diversity_setting(session: Session) -> float:
    """The diversity this tab looks at: the address, else the policy. Choosing another policy forgets what was set by hand."""
    policy = session.policy.id if session.policy else ""
    if st.session_state.setdefault("diversity.policy", policy) != policy:
        st.session_state["diversity.policy"] = policy
        tab.choose(diversity=None)
    asked = tab.param("diversity")
    if asked is None:
        return saved_setting(session)
    try:
        value = float(asked)
    except ValueError:
        value = math.nan
    if 0 <= value <= 1:
        tab.choose(diversity=asked)
        return round(value, 4)
    tab.choose(diversity=None)
    return saved_setting(session)


def set_diversity(value: float) -> None:
    """Use this setting in this tab."""
    tab.choose(diversity=f"{value:g}")


def diversity_slider(session: Session, key: str, help_key: str, width: int | Literal["stretch"] = "stretch") -> float:
    """The slider; its value is in the address, so that a link opens the same list."""
    value = diversity_setting(session)
    held = st.session_state.get(key)
    if held is None or abs(held - value) > STEP / 100:  # telling the browser what it said would undo the steps it has taken since
        st.session_state[key] = value
    st.slider(
        W("tune.diversity"),
        0.0,
        1.0,
        step=STEP,
        key=key,
        help=W(help_key),
        width=width,
        on_change=lambda: set_diversity(st.session_state[key]),
    )
    return value
