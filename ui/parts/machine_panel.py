"""What this machine has for a training."""

from __future__ import annotations

import streamlit as st

from recengine.workspace import Workspace
from ui import shell
from ui.words import W, numbers, plain


def machine_panel(ws: Workspace) -> None:
    """Threads, free memory and the GPU, in three lines."""
    found = ws.advice.machine()
    shell.section(W("machine.title"))
    with st.container(border=True, gap="xsmall"):
        st.markdown(f":material/memory: {W('machine.cpu', n=found.threads)}")
        if found.free_bytes is not None:
            free = W("machine.memory", free=numbers.size(found.free_bytes), of=numbers.size(found.memory_bytes))
            st.markdown(f":material/storage: {free}")
        if found.gpu:
            name = W("machine.gpu", name=plain(found.gpu, 32), free=numbers.size(found.gpu_free_bytes), of=numbers.size(found.gpu_bytes))
            st.markdown(f":material/developer_board: {name}")
        else:
            st.caption(W("machine.no_gpu"))
