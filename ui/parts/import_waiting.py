"""Files that were handed over and wait for a person."""

from __future__ import annotations

import streamlit as st

from recengine.workspace import Workspace
from ui import session as tab
from ui import shell
from ui.parts.errors import attempt
from ui.words import W, numbers, plain

SHOWN = 8


def waiting_list(ws: Workspace) -> None:
    """One line a file: go on with it, or discard it; nothing is drawn where none waits."""
    files = ws.versions.waiting()
    if not files:
        return
    shell.section(W("waiting.title"), W("waiting.caption", n=len(files)))
    with st.container(border=True, gap="xsmall"):
        for file in files[:SHOWN]:
            with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="xsmall"):
                with st.container(width=300, gap=None):
                    more = f" {W('waiting.more', n=numbers.count(file.files - 1))}" if file.files > 1 else ""
                    st.markdown(f":material/description: **{plain(file.file_name, 40)}**{more}")
                    st.caption(f"{numbers.size(file.size_bytes)} · {numbers.ago(file.since)}")
                with st.container(horizontal=True, width="content", gap="xsmall"):
                    key, icon = f"waiting.{file.upload}", ":material/arrow_forward:"
                    st.button(W("waiting.go"), key=f"{key}.go", icon=icon, on_click=_open, args=(file.upload,))
                    st.button(
                        W("waiting.discard"),
                        key=f"{key}.discard",
                        type="tertiary",
                        icon=":material/delete:",
                        on_click=attempt,
                        args=(ws.datasets.discard, file.upload),
                    )
        if len(files) > SHOWN:
            st.caption(W("waiting.others", n=numbers.count(len(files) - SHOWN)))


def _open(upload: str) -> None:
    tab.choose(upload=upload, step=None, report=None)
