"""What one server process shares between all browser sessions: the workspace."""

from __future__ import annotations

import importlib
import os
import threading

import streamlit as st

from recengine.workspace import Workspace
from recengine.workspace.freed_memory import give_back_from_any_thread


@st.cache_resource(show_spinner=False)
def _open(path: str | None) -> Workspace:
    workspace = Workspace(path)
    workspace.start_supervisor()
    threading.Thread(target=_warm_up, args=(workspace,), name="warm-up", daemon=True).start()
    return workspace


def _warm_up(workspace: Workspace) -> None:
    """Arrow's memory is set up; torch, and what formats the cells of tables, are on their way before they are needed."""
    give_back_from_any_thread()
    workspace.training.models()
    importlib.import_module("pandas.io.formats.style")


def workspace() -> Workspace:
    """The workspace of this process; the first call opens it and starts the supervisor of its jobs."""
    return _open(os.environ.get("MERCHLENS_WORKSPACE"))
