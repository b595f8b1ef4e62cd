"""Home before there is any data: three ways to begin and what happens next."""

from __future__ import annotations

import streamlit as st

from recengine.workspace import Workspace
from ui import shell
from ui.parts.add_data import sample_buttons, uploader
from ui.words import W

STEPS = (("data", ":material/database:"), ("train", ":material/model_training:"), ("act", ":material/recommend:"))


def cold(ws: Workspace) -> None:
    """The whole page."""
    with st.container(width=820, gap=None):
        st.title(W("home.cold.title"), anchor=False)
        st.markdown(W("home.cold.purpose"))
    with st.grid(2, min_column_width=320, border=True, gap="small"):
        with st.container(gap="small", height="stretch", vertical_alignment="distribute"):
            with st.container(gap="xsmall"):
                st.subheader(f":material/storefront: {W('home.sample')}", anchor=False)
                st.markdown(W("home.sample.text"))
                st.caption(W("home.sample.source"))
            sample_buttons(ws, primary=True)
        with st.container(gap="xsmall"):
            st.subheader(f":material/upload_file: {W('home.file')}", anchor=False)
            st.caption(W("home.file.text"))
            uploader(ws, "home")
    shell.section(W("home.next"))
    with st.grid(3, min_column_width=240, border=True, gap="small"):
        for step, icon in STEPS:
            with st.container(gap="xsmall"):
                st.markdown(f"**{icon} {W(f'home.next.{step}')}**")
                st.markdown(W(f"home.next.{step}.text"))
                st.badge(W(f"home.next.{step}.note"), color="gray")
