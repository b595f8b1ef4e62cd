"""The steps of an import, which can be gone back to."""

from __future__ import annotations

import streamlit as st

from ui import session as tab
from ui.words import WT, W

STEPS = ("file", "columns", "check", "done")
OPEN = STEPS[:3]  # those that a waiting file can stand at


def step() -> str:
    """The step that the address asks for; columns at first."""
    asked = tab.param("step")
    return asked if asked in OPEN else "columns"


def go(to: str | None) -> None:
    """Stand at another step from the next drawing on."""
    tab.choose(step=to)


def step_bar(at: str) -> None:
    """All steps in a row; those before the import can be clicked."""
    key = f"steps.{at}"
    st.segmented_control(
        W("steps"),
        STEPS,
        default=at,
        required=True,
        format_func=lambda name: WT(f"data.step.{name}", n=STEPS.index(name) + 1),
        key=key,
        label_visibility="collapsed",
        disabled=at == "done",
        on_change=_clicked,
        args=(key,),
    )


def _clicked(key: str) -> None:
    asked = st.session_state.pop(key, None)
    if asked:
        go(asked if asked in OPEN else "check")
