"""The step after an import: train a first set of models with one button."""

from __future__ import annotations

import streamlit as st

from recengine.types import DatasetRow, TrainingRequest
from recengine.workspace import Workspace
from ui import shell
from ui.parts.errors import guard
from ui.words import W

FIRST = ("popularity", "item-knn", "transitions", "funnel")  # two baselines, a model of sequence, and the blend of several
PRESET = "quick"


def first_models(ws: Workspace) -> list[str]:
    """Those of the first set that exist here."""
    there = {card.name for card in ws.training.models()}
    return [name for name in FIRST if name in there]


def train_first(ws: Workspace, dataset: DatasetRow, place: str) -> None:
    """A card with one primary button: train the first set with Quick settings."""
    names = first_models(ws)
    titles = {card.name: card.title for card in ws.training.models()}
    with st.container(border=True, horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        with st.container(width=560, gap=None):
            st.markdown(f":material/model_training: **{W('first.title')}**")
            st.caption(W("first.why", models=", ".join(titles[name] for name in names)))
        pressed = st.button(W("first.button", n=len(names)), type="primary", icon=":material/play_arrow:", key=f"first.{place}")
    if pressed:
        with guard():
            for name in names:
                ws.training.submit(TrainingRequest(dataset.id, name, preset=PRESET))
            shell.go("train", dataset=dataset.id)
