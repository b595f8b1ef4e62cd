"""The three ways to data: the sample shop, the demo store, a file of one's own. Each ends on the Data page with the file waiting."""

from __future__ import annotations

import streamlit as st

from recengine.workspace import Workspace
from ui import session as tab
from ui import shell
from ui.parts.errors import guard
from ui.words import W


def sample_buttons(ws: Workspace, primary: bool) -> None:
    """Load the sample shop, or the demo store."""
    with st.container(horizontal=True, gap="xsmall"):
        sample = st.button(W("add.sample"), type="primary" if primary else "secondary", icon=":material/play_arrow:", key="add.sample")
        demo = st.button(W("add.demo"), type="tertiary", icon=":material/science:", key="add.demo", help=W("add.demo.help"))
    with guard():
        if sample:
            with st.spinner(W("add.sample.wait")):
                upload = ws.datasets.stage_sample()
            open_upload(upload)
        if demo:
            with st.spinner(W("add.demo.wait")):
                upload = ws.datasets.stage_demo()
            open_upload(upload)


def uploader(ws: Workspace, place: str) -> None:
    """Take a file of any name and size; its bytes go to the workspace's disk, and the import says what they are."""
    key = f"upload.{place}.{st.session_state.get('uploads', 0)}"
    file = st.file_uploader(W("add.file"), label_visibility="collapsed", key=key)
    if file is None:
        return
    with guard():
        with st.spinner(W("add.file.wait", name=file.name)):
            upload = ws.datasets.stage(file, file.name)
        st.session_state["uploads"] = st.session_state.get("uploads", 0) + 1  # the widget lets go of its copy
        open_upload(upload)


def open_upload(upload: str) -> None:
    """Show how this file was understood."""
    tab.choose(upload=upload, report=None)
    st.switch_page(shell.page("data"), query_params={"upload": upload})
