"""The three ways to data: the sample shop, the demo store, a file of one's own. Each ends on the Data page with the file waiting."""

from __future__ import annotations

import streamlit as st

from recengine.workspace import Workspace
from ui import session as tab
from ui import shell
from ui.parts import uploads
from ui.parts.errors import guard
from ui.parts.server_files import server_files
from ui.words import W

HOME = "home"  # where the shortest way is offered alone


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
    """Take files of any name and size; their bytes go to the workspace's disk, and the import says what they are."""
    staged = uploads.uploader(
        W("add.file"),
        place,
        lambda files: [ws.datasets.stage(file, file.name) for file in files],
        label_visibility="collapsed",
        accept_multiple_files=True,
    )
    if place != HOME:
        staged = staged or server_files(ws, place)
    if staged:
        open_files(ws, staged)


def open_files(ws: Workspace, staged: list[str]) -> None:
    """Sort files that came at once, and show how the first was understood."""
    with guard(), st.spinner(W("files.sorting", n=len(staged))):
        open_upload(ws.arrivals.sort(staged).upload)


def open_upload(upload: str) -> None:
    """Show how this file was understood."""
    tab.choose(upload=upload, report=None)
    st.switch_page(shell.page("data"), query_params={"upload": upload})
