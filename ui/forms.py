"""Forms made from the settings a model declares: bounds, choices and help come from its class."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

import streamlit as st

from recengine.errors import BadInput
from recengine.types import ConfigField, ModelCard
from ui.words import W, plain, told
from ui.words.told import told_label


def config_form(card: ModelCard, preset: Mapping[str, Any], place: str, changed: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Draw one widget a setting; returns the settings that differ from the preset.

    Args:
        card: The model.
        preset: Settings of the chosen preset that differ from the model's defaults.
        place: Part of the widgets' keys; include the preset, so that another preset starts afresh.
        changed: What this form returned when it was drawn last; the widgets start there.

    Raises:
        BadInput: a list that is not made of numbers.
    """
    earlier, differing = changed or {}, {}
    folded = [field for field in card.fields if field.advanced]
    fields = [field for field in card.fields if not field.advanced]
    where = f"{place}.{card.name}"
    if folded and (not fields or st.session_state.get(f"{where}.all")):
        fields = [*fields, *folded]
    for field in (field for field in folded if field not in fields):
        if field.name in earlier:  # stays as it was set before it was folded away
            differing[field.name] = earlier[field.name]
    for field in fields:
        start = preset.get(field.name, field.default)
        start = start.value if isinstance(start, Enum) else start
        value = _widget(field, earlier.get(field.name, start), f"{place}.{card.name}.{field.name}")
        if value is not None and value != (list(start) if isinstance(start, tuple) else start):
            differing[field.name] = value
    if folded and len(folded) < len(card.fields):
        st.toggle(W("form.all", n=len(folded)), key=f"{where}.all")
    return differing


def _widget(field: ConfigField, start: Any, key: str) -> Any:
    label, note = label_of(field.name), plain(told(field.help))
    if field.type == "bool":
        return st.toggle(label, value=bool(start), key=key, help=note)
    if field.type == "choice":
        index = field.choices.index(str(start)) if str(start) in field.choices else 0
        return st.selectbox(label, field.choices, index=index, key=key, help=note)
    if field.type == "int" and start is not None:
        low, high = (None if b is None else int(b) for b in (field.low, field.high))
        return st.number_input(label, min_value=low, max_value=high, value=int(start), step=1, key=key, help=note)
    if field.type == "float" and start is not None:
        return float(_number(label, field, float(start), key, note))
    if field.type == "list":
        text = st.text_input(label, value=", ".join(str(v) for v in start or ()), key=key, help=note)
        return parse_list(text, start or ())
    return st.text_input(label, value="" if start is None else str(start), key=key, help=note) or None


def _number(label: str, field: ConfigField, start: float, key: str, note: str) -> float:
    digits = max(0, min(6, 2 - _magnitude(start)))
    return st.number_input(
        label,
        min_value=field.low,
        max_value=field.high,
        value=start,
        step=10.0 ** -max(0, digits - 1),
        format=f"%.{digits}f",
        key=key,
        help=note,
    )


def _magnitude(value: float) -> int:
    """Place of the first digit: 0 for 1 to 9.99, −3 for 0.001."""
    return int(f"{value:e}".split("e")[1]) if value else 0


def label_of(name: str) -> str:
    """`learning_rate` → Learning rate, or its Chinese name."""
    if chinese := told_label(name):
        return plain(chinese)
    words = name.replace("_", " ").strip()
    return plain(words[:1].upper() + words[1:])


def parse_list(text: str, like: Any) -> list[Any]:
    """Comma-separated numbers or words as a list of the same type as `like`.

    Raises:
        BadInput: an entry that is no number where numbers are asked for.
    """
    entries = [entry.strip() for entry in text.split(",") if entry.strip()]
    kind = type(next(iter(like), ""))
    if kind not in (int, float):
        return entries
    try:
        return [kind(entry) for entry in entries]
    except ValueError as error:
        raise BadInput(W("form.list.what"), W("form.list.why", text=text), W("form.list.fix")) from error
