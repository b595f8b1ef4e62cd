"""Files from the browser to the workspace's disk: Streamlit holds one copy of each on the way, and nothing holds one after."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

from ui.parts.errors import attempt


def uploader(label: str, place: str, take: Callable[[list[UploadedFile]], Any], **options: Any) -> Any:
    """A field for files; what `take` made of those that came in since it was drawn last, or None.

    Taken in the callback, where Streamlit has the bytes once: drawing the field with a file in it would copy them. The field is a new
    one afterwards, and the server lets go of the bytes then, not when the tab is closed.

    Args:
        label: of the field.
        place: tells the fields of the app apart.
        take: reads the files, from their beginning, and keeps no hold of them; a failure is shown above the page that is drawn next.
        options: of `st.file_uploader`.
    """
    turn, made = f"uploads.{place}", f"uploads.{place}.made"
    key = f"upload.{place}.{st.session_state.get(turn, 0)}"

    def came() -> None:
        given = st.session_state[key]
        files = [file for file in (given if isinstance(given, list) else [given]) if isinstance(file, UploadedFile)]
        if files:
            st.session_state[turn] = st.session_state.get(turn, 0) + 1
            st.session_state[made] = attempt(take, files)
            _let_go(files)

    st.file_uploader(label, key=key, on_change=came, **options)
    return st.session_state.pop(made, None)


def _let_go(files: list[UploadedFile]) -> None:
    """Streamlit itself keeps the bytes until the session ends."""
    ctx = get_script_run_ctx()
    for file in files:
        file.close()
        if ctx is not None and isinstance(ctx.uploaded_file_mgr, MemoryUploadedFileManager):
            ctx.uploaded_file_mgr.remove_file(ctx.session_id, file.file_id)
