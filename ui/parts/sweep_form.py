"""What to sweep: one model, how many settings are tried, and which of them vary."""

from __future__ import annotations

import streamlit as st

from recengine.types import DatasetRow, ModelCard, TrainingRequest
from recengine.workspace import Workspace
from ui.forms import label_of
from ui.parts.errors import attempt
from ui.parts.training_options import training_options
from ui.words import W

FEWEST, MOST, USUAL = 2, 500, 20
FIRST = "item-knn"


def sweep_fields(ws: Workspace, dataset: DatasetRow, cards: list[ModelCard], preset: str) -> None:
    """Draw the fields of a sweep and the button that starts it."""
    fields = {card.name: ws.sweeps.fields(card.name, ws.training.settings(card.name, preset, dataset.id), preset) for card in cards}
    names = [card.name for card in cards if fields[card.name]]
    if st.session_state.get("sweep.model") not in names:
        st.session_state["sweep.model"] = FIRST if FIRST in names else names[0]
    model = st.selectbox(
        W("sweep.model"),
        names,
        format_func=lambda name: next(card.title for card in cards if card.name == name),
        key="sweep.model",
        persist_state="session",
    )
    trials = st.number_input(
        W("sweep.trials"), min_value=FEWEST, max_value=MOST, value=USUAL, step=5, key="sweep.trials", help=W("sweep.trials.help")
    )
    vary = st.multiselect(
        W("sweep.vary"),
        [field.name for field in fields[model]],
        format_func=label_of,
        key=f"sweep.vary.{model}",
        placeholder=W("sweep.vary.all", n=len(fields[model])),
        help=W("sweep.vary.help"),
    )
    options = training_options(ws, dataset.id, "sweep")
    st.caption(W("sweep.how"))
    st.button(
        W("sweep.button", n=int(trials)),
        type="primary",
        icon=":material/play_arrow:",
        width="stretch",
        key="sweep.start",
        on_click=_start,
        args=(ws, TrainingRequest(dataset.id, model, preset=preset, **options), int(trials), tuple(vary)),
    )


def _start(ws: Workspace, request: TrainingRequest, trials: int, fields: tuple[str, ...]) -> None:
    attempt(ws.sweeps.submit, request, trials, fields)
