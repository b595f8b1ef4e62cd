"""Which language a tab is drawn in: its address, what was chosen in it, the workspace's preference, the browser, English."""

from __future__ import annotations

import json

import pytest
from streamlit.testing.v1 import AppTest

from recengine.preferences import FILE, Preferences
from ui.language import of_browser

TINY = """
import streamlit as st
from ui.navigation import language_switch
from ui.language import settle
from ui.words import W, language

settle()
language_switch()
st.markdown(W("nav.home"))
st.caption(language())
"""


@pytest.fixture
def tab(tmp_path, monkeypatch):
    monkeypatch.setenv("MERCHLENS_WORKSPACE", str(tmp_path))
    return lambda: AppTest.from_string(TINY, default_timeout=30)


def drawn(at: AppTest) -> str:
    assert not at.exception, at.exception
    assert at.markdown[0].value == {"en": "Home", "zh": "首页"}[at.caption[0].value]
    return at.caption[0].value


def in_address(at: AppTest) -> str | None:
    value = at.query_params.get("lang")
    return value[0] if isinstance(value, list) else value


def test_a_browser_that_says_nothing_is_answered_in_english(tab):
    at = tab().run()
    assert drawn(at) == "en"
    assert in_address(at) is None, "what nobody chose is not in links"


def test_the_address_wins_over_the_workspace(tab, tmp_path):
    Preferences(tmp_path).set("language", "zh")
    at = tab()
    at.query_params["lang"] = "en"
    assert drawn(at.run()) == "en"
    assert Preferences(tmp_path).get("language") == "zh", "a link changes nothing for others"


def test_the_preference_of_the_workspace_is_the_first_default(tab, tmp_path):
    Preferences(tmp_path).set("language", "zh")
    assert drawn(tab().run()) == "zh"


@pytest.mark.parametrize("content", ['{"language": "tlh"}', "not json"])
def test_a_preference_that_means_nothing_is_passed_over(tab, tmp_path, content):
    (tmp_path / FILE).write_text(content)
    assert drawn(tab().run()) == "en"


def test_an_address_that_means_nothing_is_passed_over(tab):
    at = tab()
    at.query_params["lang"] = "<script>"
    assert drawn(at.run()) == "en"


def test_the_switch_changes_tab_address_and_workspace(tab, tmp_path):
    at = tab().run()
    at.button_group(key="language.switch").set_value("zh").run()
    assert drawn(at) == "zh"
    assert in_address(at) == "zh"
    assert json.loads((tmp_path / FILE).read_text())["language"] == "zh"
    at.query_params.clear()  # as a click on another page does
    assert drawn(at.run()) == "zh"
    assert in_address(at) == "zh"
    at.button_group(key="language.switch").set_value("en").run()
    assert drawn(at) == "en"


def test_a_tab_keeps_its_language_while_another_one_changes_the_workspace(tab, tmp_path):
    at = tab().run()
    Preferences(tmp_path).set("language", "zh")
    assert drawn(at.run()) == "en"
    assert drawn(tab().run()) == "zh"


def test_a_disk_that_cannot_be_written_changes_the_tab_and_says_so(tab, tmp_path, monkeypatch):
    at = tab().run()
    monkeypatch.setenv("MERCHLENS_WORKSPACE", str(tmp_path / "file" / "below"))
    (tmp_path / "file").write_text("no folder")
    at.button_group(key="language.switch").set_value("zh").run()
    assert drawn(at) == "zh"
    assert "failure" in at.session_state


@pytest.mark.parametrize(
    ("locale", "language"),
    [("zh-CN", "zh"), ("zh", "zh"), ("zh-Hant-TW", "zh"), ("zh_TW", "zh"), ("ZH-cn", "zh"), ("en-GB", "en"), ("de-DE", None), ("", None)],
)
def test_what_a_browser_asks_for(locale, language):
    assert of_browser(locale) == language
    assert of_browser(None) is None
