"""Text from files: nothing in it may become markup, and nothing of it may vanish."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.words import WT, Markdown, W, plain
from ui.words.escape import JOINER, one_line

HOSTILE = [
    "**bold** and *leaning* and __under__",
    "# heading",
    "> quote",
    "- list",
    "+ list",
    "1. list",
    "12) list",
    "[text](javascript:alert(1))",
    "![picture](http://x.example/p.png)",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "https://x.example/a?b=c",
    "www.x.example",
    "mail@x.example",
    "$x^2$ costs $5 and $6",
    ":material/delete: :tada: :red[alarm] :streamlit:",
    ":blue-background[x] ::name[x]{a=b}",
    "`code` ``code``",
    "~~gone~~ and ~low~",
    "| a | b |",
    "a -> b <- c -- d >= e <= f ~= g",
    "&lt;b&gt; &amp; &#42;",
    "back\\slash \\* \\",
    "line one\nline two\r\n\tline three",
    "====",
    "---",
    "[^1]: note",
]
UNESCAPED = re.compile(r"(?<!\\)(?:\\\\)*[*_`\[\]<>$~|#!&{}^]")
LATE = re.compile(r":[\w+-]+:|:[a-z-]+\[|https?://|www\.|\w@\w|->|<-|--|>=|<=|~=|:material/")


def visible(text: str) -> str:
    """What is seen of escaped text."""
    return re.sub(r"\\([!-/:-@[-`{-~])", r"\1", text.replace(JOINER, ""))


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_neutral_and_whole(text):
    safe = plain(text)
    assert not UNESCAPED.search(safe.replace("\\\\", ""))
    assert not LATE.search(re.sub(r"\\(.)", r"\1", safe)), "what the browser replaces after the backslashes are gone"
    assert not re.match(r"\d+[.)]\s|[-+=]", safe)
    assert visible(safe) == " ".join(text.split())


@given(st.text())
def test_every_text_keeps_its_visible_characters(text):
    safe = plain(text)
    assert visible(safe) == one_line(text).replace(JOINER, "")
    assert "\n" not in safe
    assert not LATE.search(re.sub(r"\\(.)", r"\1", safe))


def test_direction_controls_go():
    assert one_line("invoice\u202etxt.exe \u2066x\u2069") == "invoicetxt.exe x"


def test_limit_ends_in_an_ellipsis():
    assert plain("a" * 50, 10) == "a" * 9 + "…"
    assert plain("short", 10) == "short"


def test_values_of_words_are_escaped_once():
    assert W("shell.unknown.dataset", id="*x*") == r"There is no dataset **\*x\***. The newest dataset is shown."
    assert W("shell.unknown.dataset", id=plain("*x*")) == W("shell.unknown.dataset", id="*x*")
    assert isinstance(W("shell.read"), Markdown)


def test_verbatim_words_are_not_escaped():
    assert WT("shell.unknown.dataset", id="a_b\nc") == "There is no dataset **a_b c**. The newest dataset is shown."


def test_words_choose_by_number():
    assert W("first.button", n=1) == "Train 1 model"
    assert W("first.button", n=4) == "Train 4 models"
