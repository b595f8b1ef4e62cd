"""What to train: preset, models with their settings, what an event counts, budget and device, and one button."""

from __future__ import annotations

from typing import Any

import streamlit as st

from recengine.types import DatasetAdvice, DatasetRow, ModelCard, TrainingRequest
from recengine.workspace import Workspace
from ui.forms import config_form
from ui.parts.errors import attempt
from ui.parts.first_training import first_models
from ui.parts.model_cards import suits, took
from ui.parts.sweep_form import sweep_fields
from ui.parts.training_options import training_options
from ui.words import W, numbers, plain, sentences, told

PRESETS = ("quick", "balanced", "thorough")
MODES = ("train", "sweep")


def chosen_preset() -> str:
    """The preset of this tab, also before the form is drawn."""
    return st.session_state.setdefault("train.preset", "balanced")


def training_form(ws: Workspace, dataset: DatasetRow, cards: list[ModelCard], advice: DatasetAdvice) -> None:
    """Draw it; the button starts one job a model, or one sweep."""
    with st.container(border=True, gap="small"):
        mode = st.segmented_control(
            W("train.mode"),
            MODES,
            default="train",
            required=True,
            format_func=lambda m: W(f"train.mode.{m}"),
            key="train.mode",
            width="stretch",
            label_visibility="collapsed",
        )
        chosen_preset()
        picked = st.segmented_control(
            W("train.preset"),
            PRESETS,
            required=True,
            format_func=lambda p: W(f"train.preset.{p}"),
            key="train.preset",
            width="stretch",
            persist_state="session",
        )
        preset = picked or chosen_preset()
        st.caption(sentences((W(f"train.preset.{preset}.why"), suits(advice, preset))))
        if mode == "sweep":
            sweep_fields(ws, dataset, cards, preset)
        else:
            _models(ws, dataset, cards, advice, preset)


def _models(ws: Workspace, dataset: DatasetRow, cards: list[ModelCard], advice: DatasetAdvice, preset: str) -> None:
    by_name = {card.name: card for card in cards}
    st.session_state.setdefault("train.models", first_models(ws))
    common = st.multiselect(
        W("train.models"),
        list(by_name),
        format_func=lambda name: by_name[name].title,
        key="train.models",
        help=W("train.models.help"),
        placeholder=W("train.models.none"),
        persist_state="session",
    )
    chosen = [card for card in cards if card.name in common]
    if chosen:
        st.markdown(W("train.settings"))
    configs = {card.name: _model(ws, dataset, card, advice, preset) for card in chosen}
    options = training_options(ws, dataset.id, "train")
    st.caption(_expected(advice, chosen))
    if options["minutes"] and any(not card.in_epochs for card in chosen):
        st.caption(W("train.minutes.whole"))
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


def _model(ws: Workspace, dataset: DatasetRow, card: ModelCard, advice: DatasetAdvice, preset: str) -> dict[str, Any]:
    """One model: what it does and its settings, open on demand; returns the settings that were changed."""
    kept: dict[str, Any] = st.session_state.setdefault(f"changed.{preset}.{card.name}", {})
    with st.expander(plain(card.title), icon=":material/settings:", type="compact", key=f"settings.{card.name}", on_change="rerun") as box:
        if box.open:
            start = ws.training.settings(card.name, preset, dataset.id)
            st.caption(plain(told(card.summary)))
            st.caption(took(next(row for row in advice.models if row.model == card.name)))
            changed = config_form(card, start, f"config.{preset}", kept)
            kept.clear()
            kept.update(changed)
            if not card.fields:
                st.caption(W("train.no_settings"))
            st.caption(W("train.source", source=card.source))
    return kept


def _expected(advice: DatasetAdvice, chosen: list[ModelCard]) -> str:
    """Only what was measured here: the sum over models of which a training was finished."""
    names = {card.name for card in chosen}
    measured = [row.seconds for row in advice.models if row.model in names and row.seconds is not None]
    if not measured:
        return W("train.expected.unknown")
    if len(measured) < len(chosen):
        return W("train.expected.part", n=len(measured), time=numbers.duration(sum(measured)))
    return W("train.expected", time=numbers.duration(sum(measured)))


def _start(ws: Workspace, dataset: str, configs: dict[str, dict[str, Any]], preset: str, options: dict[str, Any]) -> None:
    for model, config in configs.items():
        if attempt(ws.training.submit, TrainingRequest(dataset, model, config, preset, **options)) is None:
            return  # the first that is refused is told; those before it are in the queue
