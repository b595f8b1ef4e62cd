"""What one server process shares between all browser sessions: the workspace."""

from __future__ import annotations

import os
import threading

import streamlit as st

from recengine.workspace import Workspace


@st.cache_resource(show_spinner=False)
def _open(path: str | None) -> Workspace:
    workspace = Workspace(path)
    workspace.start_supervisor()
    threading.Thread(target=workspace.training.models, name="warm-up", daemon=True).start()  # torch is on its way before it is needed
    return workspace


def workspace() -> Workspace:
    """The workspace of this process; the first call opens it and starts the supervisor of its jobs."""
    return _open(os.environ.get("MERCHLENS_WORKSPACE"))
