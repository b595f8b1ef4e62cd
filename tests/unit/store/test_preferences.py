"""Preferences of a workspace: kept beside the data, read without opening it, and never a reason to fail."""

from __future__ import annotations

import json

import pytest

from recengine.errors import BadInput
from recengine.preferences import FILE, Preferences


def test_what_was_set_is_read_by_the_next_process(tmp_path):
    folder = tmp_path / "new"
    Preferences(folder).set("language", "zh")
    Preferences(folder).set("colour", "petrol")
    assert Preferences(folder).get("language") == "zh"
    assert json.loads((folder / FILE).read_text()) == {"language": "zh", "colour": "petrol"}
    assert [entry.name for entry in folder.iterdir()] == [FILE]


def test_the_last_one_wins_and_none_forgets(tmp_path):
    preferences = Preferences(tmp_path)
    preferences.set("language", "zh")
    preferences.set("language", "en")
    assert preferences.get("language") == "en"
    preferences.set("language", None)
    assert preferences.get("language") is None
    preferences.set("never", None)


def test_nothing_is_made_by_asking(tmp_path):
    assert Preferences(tmp_path / "none").get("language") is None
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"[1]", b'{"language": 3}', b'{"language": "zh"'])
def test_a_damaged_file_is_as_none_and_can_be_replaced(tmp_path, content):
    (tmp_path / FILE).write_bytes(content)
    preferences = Preferences(tmp_path)
    assert preferences.get("language") is None
    preferences.set("language", "zh")
    assert preferences.get("language") == "zh"


@pytest.mark.parametrize(("name", "value"), [("", "zh"), ("language", ""), ("n" * 201, "zh"), ("language", "z" * 201)])
def test_what_is_no_preference_is_refused(tmp_path, name, value):
    with pytest.raises(BadInput):
        Preferences(tmp_path).set(name, value)
    assert not (tmp_path / FILE).exists()


def test_there_is_an_end_of_them(tmp_path):
    preferences = Preferences(tmp_path)
    (tmp_path / FILE).write_text(json.dumps({f"n{i}": "x" for i in range(100)}))
    with pytest.raises(BadInput):
        preferences.set("one more", "x")
    preferences.set("n7", "y")
    assert preferences.get("n7") == "y"
