"""Where a person stands in a short sequence of steps."""

from __future__ import annotations

import streamlit as st


def steps(*names: str, at: int) -> None:
    """Badges in a row: done steps are ticked, the current one is blue, later ones are grey.

    Args:
        names: The steps in order.
        at: Index of the current one.
    """
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
        for i, name in enumerate(names):
            if i < at:
                st.badge(f"{i + 1} {name}", icon=":material/check:", color="green")
            else:
                st.badge(f"{i + 1} {name}", color="blue" if i == at else "gray")
