"""The state of this machine and workspace, and what is wrong with it."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from recengine.types import Doctor, caption
from recengine.workspace import Workspace
from ui import shell
from ui.parts.kpis import kpis
from ui.words import WT, W, numbers, plain, told


@st.cache_resource(ttl=20, show_spinner=False)
def _examined(_ws: Workspace, key: str) -> Doctor:  # noqa: ARG001  (the key of the cache)
    return _ws.doctor()


def doctor_card(ws: Workspace) -> None:
    """Device, memory, disk, problems, versions; looked at again after 20 seconds."""
    found = _examined(ws, str(id(ws)))
    shell.section(W("doctor.title"), W("doctor.caption", path=found.workspace))
    if found.problems:
        for problem in found.problems:
            st.markdown(f":orange[:material/warning:] {plain(told(problem))}")
    else:
        st.markdown(f":green[:material/check_circle:] **{W('doctor.healthy')}**")
    gpu = found.device != "cpu"
    kpis(
        [
            {
                "label": W("doctor.device"),
                "value": plain(found.device, 24) if gpu else W("doctor.cpu", n=found.threads),
                "help": told(caption(Doctor, "device")),
            },
            {"label": W("doctor.memory"), "value": numbers.size(found.memory_bytes), "help": told(caption(Doctor, "memory_bytes"))},
            {"label": W("doctor.disk"), "value": numbers.size(found.disk_free_bytes), "help": told(caption(Doctor, "disk_free_bytes"))},
            {"label": W("doctor.content"), "value": f"{found.datasets} · {found.variants}", "help": W("doctor.content.help")},
        ]
    )
    with st.expander(W("doctor.versions"), icon=":material/inventory:", type="compact"):
        frame = pd.DataFrame({"library": list(found.versions), "version": list(found.versions.values())})
        st.dataframe(
            frame,
            hide_index=True,
            height="content",
            key="doctor.versions",
            alt=WT("doctor.versions.alt"),
            column_config={
                "library": st.column_config.TextColumn(WT("doctor.library")),
                "version": st.column_config.TextColumn(WT("doctor.version")),
            },
        )
