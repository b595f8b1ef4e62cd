"""Tune: one widget a setting, bound to the policy of this tab."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import streamlit as st

from recengine.types import ConfigField
from ui import draft
from ui.parts.errors import attempt
from ui.parts.policy_words import field_name, value_words
from ui.session import Session
from ui.words import W, plain, told

STEP = 0.05
Put = Callable[[Any], dict[str, Any]]  # a value → the whole policy with it


def field_widget(session: Session, field: ConfigField, value: Any, key: str, put: Put, label: str | None = None) -> None:
    """A slider, number, switch or choice that says what the policy says and changes it when it is moved.

    Args:
        session: whose policy it is.
        field: type, range and help.
        value: what the policy says now.
        key: of the widget.
        put: makes the new policy of a value.
        label: default the name of the field.
    """
    label, note = label or field_name(field.name), plain(told(field.help))
    act: dict[str, Any] = {"key": key, "help": note, "on_change": change_from, "args": (session, key, put)}
    if field.type == "bool":
        hold(key, bool(value))
        st.toggle(label, **act)
    elif field.type == "choice":
        hold(key, value)
        st.selectbox(label, field.choices, format_func=lambda v: value_words(field.name, v), **act)
    elif field.type == "float" and field.low is not None and field.high is not None and field.high <= 1:
        hold(key, float(value))
        st.slider(label, field.low, field.high, step=STEP if field.low == 0 else (field.high - field.low) / 20, **act)
    elif field.type == "int":
        hold(key, None if value is None else int(value))
        low, high = (None if end is None else int(end) for end in (field.low, field.high))
        st.number_input(label, low, high, step=1, placeholder=W("policy.none"), **act)
    elif field.type == "float":
        hold(key, None if value is None else float(value))
        st.number_input(label, field.low, field.high, placeholder=W("policy.none"), **act)
    else:
        hold(key, "" if value is None else str(value))
        st.text_input(label, **act)


def hold(key: str, value: Any) -> None:
    """Let a widget say `value`; telling the browser what it said itself would undo the steps it has taken since."""
    held = st.session_state.get(key)
    if key not in st.session_state or not same(held, value):
        st.session_state[key] = value


def same(held: Any, value: Any) -> bool:
    """Equal, or numbers that no slider tells apart."""
    if isinstance(held, float) and isinstance(value, int | float):
        return math.isclose(held, value, abs_tol=STEP / 100)
    return type(held) is type(value) and held == value


def change_from(session: Session, key: str, put: Put) -> None:
    """What a widget says becomes part of the policy; for `on_change`."""
    value = st.session_state[key]
    attempt(lambda: draft.change(session, put(round(value, 6) if isinstance(value, float) else value)))


def with_setting(spec: dict[str, Any], name: str) -> Put:
    """Another value of a setting of the reranker."""
    return lambda value: {**spec, "settings": {**spec["settings"], name: value}}


def with_control(spec: dict[str, Any], name: str) -> Put:
    """Another value of a control."""
    return lambda value: {**spec, "controls": {**spec["controls"], name: value}}
