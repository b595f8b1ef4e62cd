"""What to train: preset, models with their settings, split, seed and device, and one button."""

from __future__ import annotations

from typing import Any

import streamlit as st

from recengine.types import DatasetRow, ModelCard
from recengine.workspace import Workspace
from ui.forms import config_form
from ui.parts.errors import attempt
from ui.parts.first_training import first_models
from ui.words import W, numbers, plain

PRESETS = ("quick", "balanced", "thorough")
SPLITS = ("time", "leave-last")
DEVICES = ("auto", "cpu", "cuda")
MAX_SEED = 2**31 - 1


def training_form(ws: Workspace, dataset: DatasetRow) -> None:
    """Draw it; the button starts one job a model."""
    cards = ws.training.models()
    with st.container(border=True, gap="small"):
        preset = st.segmented_control(
            W("train.preset"),
            PRESETS,
            default="balanced",
            required=True,
            format_func=lambda p: W(f"train.preset.{p}"),
            key="train.preset",
            width="stretch",
            persist_state="session",
        )
        st.caption(W(f"train.preset.{preset}.why"))
        common = st.multiselect(
            W("train.models"),
            [card.name for card in cards],
            default=first_models(ws),
            format_func=lambda name: next(card.title for card in cards if card.name == name),
            key="train.models",
            help=W("train.models.help"),
            placeholder=W("train.models.none"),
            persist_state="session",
        )
        chosen = [card for card in cards if card.name in common]
        if chosen:
            st.markdown(W("train.settings"))
        configs = {card.name: _model(ws, dataset, card, preset) for card in chosen}
        options = _options()
        st.caption(_expected(ws, dataset, chosen))
        st.button(
            W("train.button", n=len(chosen)),
            type="primary",
            icon=":material/play_arrow:",
            width="stretch",
            disabled=not chosen,
            key="train.start",
            on_click=_start,
            args=(ws, dataset.id, configs, preset, options),
        )


def _model(ws: Workspace, dataset: DatasetRow, card: ModelCard, preset: str) -> dict[str, Any]:
    """One model: what it does and its settings, open on demand; returns the settings that were changed."""
    start = ws.training.presets(card.name).get(preset, {})
    kept: dict[str, Any] = st.session_state.setdefault(f"changed.{preset}.{card.name}", {})
    with st.expander(plain(card.title), icon=":material/settings:", type="compact", key=f"settings.{card.name}", on_change="rerun") as box:
        if box.open:
            st.caption(plain(card.summary))
            seconds = ws.training.expected_seconds(dataset.id, card.name)
            if seconds is not None:
                st.caption(W("train.took", time=numbers.duration(seconds)))
            changed = config_form(card, start, f"config.{preset}", kept)
            kept.clear()
            kept.update(changed)
            if not card.fields:
                st.caption(W("train.no_settings"))
            st.caption(W("train.source", source=card.source))
    return kept


def _options() -> dict[str, Any]:
    with st.expander(W("train.options"), icon=":material/call_split:", type="compact"):
        split = st.segmented_control(
            W("train.split"), SPLITS, default="time", required=True, format_func=lambda s: W(f"train.split.{s}"), key="train.split"
        )
        st.caption(W(f"train.split.{split}.why"))
        seed = st.number_input(
            W("train.seed"), min_value=0, max_value=MAX_SEED, value=0, step=1, key="train.seed", help=W("train.seed.help")
        )
        device = st.selectbox(W("train.device"), DEVICES, format_func=lambda d: W(f"train.device.{d}"), key="train.device")
    return {"split": split, "seed": int(seed), "device": device}


def _expected(ws: Workspace, dataset: DatasetRow, chosen: list[ModelCard]) -> str:
    """Only what was measured here: the sum over models that were trained on this dataset before."""
    measured = [s for card in chosen if (s := ws.training.expected_seconds(dataset.id, card.name)) is not None]
    if not measured:
        return W("train.expected.unknown")
    if len(measured) < len(chosen):
        return W("train.expected.part", n=len(measured), time=numbers.duration(sum(measured)))
    return W("train.expected", time=numbers.duration(sum(measured)))


def _start(ws: Workspace, dataset: str, configs: dict[str, dict[str, Any]], preset: str, options: dict[str, Any]) -> None:
    for model, config in configs.items():
        if attempt(ws.training.submit, dataset, model, config, preset, **options) is None:
            return  # what is wrong with one is wrong with all: device, split, dataset
