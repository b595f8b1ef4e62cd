"""What a training and a sweep are told besides the model: budget, weights of behaviours, split, seed and device."""

from __future__ import annotations

from typing import Any

import streamlit as st

from recengine.workspace import Workspace
from ui.words import W, has, plain

SPLITS = ("time", "leave-last")
DEVICES = ("auto", "cpu", "cuda")
MAX_SEED = 2**31 - 1
LOWEST, HIGHEST, STEP = -2.0, 5.0, 0.1
MAX_MINUTES = 14 * 24 * 60
ENOUGH_TO_WEIGH = 2  # kinds of events: a single one has nothing to be weighed against


def training_options(ws: Workspace, dataset: str, place: str) -> dict[str, Any]:
    """Draw them, folded; returns arguments of a training."""
    weights, learn = behaviour_weights(ws, dataset, place)
    with st.expander(W("train.options"), icon=":material/call_split:", type="compact", key=f"options.{place}"):
        minutes = st.number_input(
            W("train.minutes"),
            min_value=0.1,
            max_value=float(MAX_MINUTES),
            value=None,
            step=5.0,
            format="%g",
            placeholder=W("train.minutes.none"),
            key=f"{place}.minutes",
            help=W(f"{place}.minutes.help"),
        )
        split = st.segmented_control(
            W("train.split"), SPLITS, default="time", required=True, format_func=lambda s: W(f"train.split.{s}"), key=f"{place}.split"
        )
        st.caption(W(f"train.split.{split}.why"))
        seed = st.number_input(
            W("train.seed"), min_value=0, max_value=MAX_SEED, value=0, step=1, key=f"{place}.seed", help=W("train.seed.help")
        )
        device = st.selectbox(W("train.device"), DEVICES, format_func=lambda d: W(f"train.device.{d}"), key=f"{place}.device")
    return {"split": split, "seed": int(seed), "device": device, "weights": weights, "minutes": minutes, "learn_weights": learn}


def behaviour_weights(ws: Workspace, dataset: str, place: str) -> tuple[dict[str, float], bool]:
    """One slider for each kind of event in the data, and whether to learn them; nothing for a single kind.

    Returns:
        The strengths that differ from the default, and True to find better ones from there.
    """
    usual = ws.training.behaviours(dataset)
    if len(usual) < ENOUGH_TO_WEIGH:
        return {}, False
    found = {}
    with st.expander(W("train.weights"), icon=":material/tune:", type="compact", key=f"weights.{place}"):
        st.caption(W("train.weights.why"))
        learn = st.checkbox(W("train.weights.learn"), key=f"{place}.learn_weights", help=W("train.weights.learn.help"))
        for name, weight in usual.items():
            label = W(f"behaviour.{name}") if has(f"behaviour.{name}") else plain(name)
            chosen = st.slider(label, LOWEST, HIGHEST, float(weight), STEP, format="%.1f", key=f"{place}.weight.{dataset}.{name}")
            if abs(chosen - weight) > STEP / 2:
                found[name] = round(chosen, 2)
    return found, learn
