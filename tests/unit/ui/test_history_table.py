"""The table of past events: what is changed in it becomes edits, and nothing else does."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.parts import what_if_state as state
from ui.parts.history_table import Row, applied, at, edits_in, kept, table

ROWS = [
    Row(-1, "x", "Imagined", "cart", at("2024-03-01T09:00:00Z"), None),
    Row(4, "a", "Mug", "purchase", at("2024-02-01T10:30:15Z"), 0.2),
    Row(0, "b", "Tin", "view", at("2024-01-01T00:00:00Z"), -0.1),
]
ADD = {"kind": "add", "item": "x", "behaviour": "cart", "time": "2024-03-01T09:00:00Z"}


def test_an_untouched_table_changes_nothing_but_what_was_imagined():
    assert edits_in(ROWS, table(ROWS, [ADD])) == [ADD]


def test_every_cell_becomes_its_edit():
    frame = applied(
        table(ROWS, [ADD]),
        {0: {"did": "purchase"}, 1: {"did": "view", "time": "2024-02-02T08:00:00.000"}, 2: {"use": False}},
    )
    assert edits_in(ROWS, frame) == [
        ADD | {"behaviour": "purchase"},
        {"kind": "change", "place": 4, "behaviour": "view", "time": "2024-02-02T08:00:00Z"},
        {"kind": "remove", "place": 0},
    ]
    assert edits_in(ROWS, applied(table(ROWS, [ADD]), {0: {"use": False}})) == []


def test_a_table_drawn_from_edits_says_the_same_edits():
    edits = [
        ADD,
        {"kind": "change", "place": 4, "behaviour": "view", "time": "2024-02-02T08:00:00Z"},
        {"kind": "remove", "place": 0},
    ]
    frame = table(ROWS, edits)
    assert frame["use"].tolist() == [True, True, False]
    assert edits_in(ROWS, frame) == edits
    assert edits_in(ROWS, applied(frame, {1: {"did": "purchase", "time": "2024-02-01T10:30:15"}, 2: {"use": True}})) == [ADD]


@pytest.mark.parametrize("value", [None, "", "not a time"])
def test_a_cell_that_was_emptied_changes_nothing(value):
    assert edits_in(ROWS, applied(table(ROWS, [ADD]), {1: {"time": value}})) == [ADD]
    assert edits_in(ROWS, applied(table(ROWS, [ADD]), {1: {"did": None}})) == [ADD]


def test_times_with_a_zone_are_read_as_utc():
    (edit,) = edits_in(ROWS[1:], applied(table(ROWS[1:], []), {0: {"time": "2024-02-02T10:00:00+02:00"}}))
    assert edit["time"] == "2024-02-02T08:00:00Z"


def test_edits_beyond_the_table_are_kept():
    beyond = [{"kind": "remove", "place": 77}, {"kind": "price", "item": "a", "price": 2.0}]
    assert kept(ROWS, [ADD, *beyond, {"kind": "remove", "place": 4}]) == beyond


@given(st.permutations([ADD, {"kind": "remove", "place": 3}, {"kind": "remove", "place": 1}, {"kind": "price", "item": "a", "price": 2.0}]))
def test_the_order_of_edits_does_not_matter(edits):
    assert not state.differ(edits, list(reversed(edits)))
    assert state.differ(edits, edits[1:])


def test_state_puts_events_first_and_forgets_an_earlier_price(monkeypatch):
    held: dict[str, object] = {}
    monkeypatch.setattr(state.st, "session_state", held)
    state.add_edit("v", "s", {"kind": "price", "item": "a", "price": 2.0})
    state.add_edit("v", "s", {"kind": "price", "item": "a", "price": 3.0})
    state.add_edit("v", "s", {"kind": "remove", "place": 2})
    assert state.edits_of("v", "s") == ({"kind": "remove", "place": 2}, {"kind": "price", "item": "a", "price": 3.0})
    assert state.edits_of("v", "other") == ()
    before = state.mount()
    state.drop_edit("v", "s", 0)
    assert state.edits_of("v", "s") == ({"kind": "price", "item": "a", "price": 3.0},)
    assert state.mount() > before, "a table drawn before would bring it back"
    state.reset("v", "s")
    assert state.edits_of("v", "s") == ()


def test_hostile_titles_are_one_line():
    row = Row(0, "h", "a\nb\u202e<script>", "view", pd.Timestamp("2024-01-01"), 0.0)
    assert table([row], [])["title"].tolist() == ["a b<script>"]
