"""Forms made from what a model declares, drawn by streamlit itself."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from recengine.errors import BadInput
from ui.forms import label_of, parse_list


def drawn() -> None:
    import streamlit as st

    from recengine.types import ConfigField, ModelCard
    from ui.forms import config_form

    fields = (
        ConfigField("factors", "How many *numbers*.", "int", 64, 2.0, 1024.0),
        ConfigField("learning_rate", "Step size.", "float", 0.001, 0.0, 1.0),
        ConfigField("normalise", "Divide by length.", "bool", True),
        ConfigField("repeats", "How repeats count.", "choice", "once", choices=("once", "log", "sum")),
        ConfigField("windows", "Window sizes.", "list", (1, 3, 5)),
    )
    card = ModelCard("test", "Test", "A test.", "none", {}, fields)
    st.session_state["out"] = config_form(card, {"factors": 32}, "place")


def test_untouched_form_changes_nothing_and_starts_at_the_preset():
    at = AppTest.from_function(drawn).run()
    assert not at.exception
    assert at.session_state["out"] == {}
    factors = at.number_input(key="place.test.factors")
    assert (factors.value, factors.min, factors.max) == (32, 2, 1024)
    assert factors.help == r"How many \*numbers\*."


def test_only_what_was_changed_comes_back():
    at = AppTest.from_function(drawn).run()
    at.number_input(key="place.test.factors").set_value(128)
    at.number_input(key="place.test.learning_rate").set_value(0.01)
    at.toggle(key="place.test.normalise").set_value(False)
    at.selectbox(key="place.test.repeats").set_value("log")
    at.text_input(key="place.test.windows").set_value("1, 2")
    at.run()
    assert at.session_state["out"] == {"factors": 128, "learning_rate": 0.01, "normalise": False, "repeats": "log", "windows": [1, 2]}


def test_small_steps_for_small_numbers():
    at = AppTest.from_function(drawn).run()
    rate = at.number_input(key="place.test.learning_rate")
    assert rate.step <= 0.0011
    assert rate.proto.format == "%.5f"


def test_lists_of_numbers_and_words():
    assert parse_list("1, 2,3", (5,)) == [1, 2, 3]
    assert parse_list("0.5, 1", (0.1,)) == [0.5, 1.0]
    assert parse_list("a, b", ("x",)) == ["a", "b"]
    assert parse_list("", (1,)) == []
    with pytest.raises(BadInput):
        parse_list("1, two", (1,))


def test_labels():
    assert label_of("learning_rate") == "Learning rate"
