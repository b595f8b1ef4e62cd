"""What taking a waiting file in was asked to do: its name, the version it is appended to, rules, tables beside it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from ui.state import workspace


def plan_of(upload: str) -> dict[str, Any]:
    """The arguments of `ws.versions.submit` beside the mapping; read from the workspace where this tab does not know them yet."""
    key = f"plan.{upload}"
    if key not in st.session_state:
        st.session_state[key] = workspace().reading.plan(upload)
    return st.session_state[key]


def keep_plan(upload: str, **wishes: Any) -> None:
    """Change some of it, and keep it beside the file, so that it outlives the browser tab."""
    plan = {**plan_of(upload), **wishes}
    st.session_state[f"plan.{upload}"] = plan
    workspace().reading.keep_plan(upload, plan)
