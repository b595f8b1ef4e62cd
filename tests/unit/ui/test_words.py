"""All texts come from ui/words: pages and parts hold no sentence, no key is missing, no word is forbidden."""

from __future__ import annotations

import ast
import re
import string
from pathlib import Path

import pytest

from ui.words import table

ROOT = Path(__file__).resolve().parents[3]
FILES = sorted(
    [*ROOT.glob("pages/*.py"), *ROOT.glob("ui/parts/*.py"), ROOT / "ui/shell.py", ROOT / "ui/navigation.py", ROOT / "ui/forms.py"]
)
SHOWN = {"label", "help", "placeholder", "text", "body", "caption", "alt", "delta_description", "title"}
NOT_DRAWN = ("st.session_state", "st.query_params", "st.switch_page", "st.form", "st.space")  # their first argument is a key or a size
MARKUP = re.compile(r"[*:_\[\]()·\s]|material/\w+|(red|green|orange|yellow|blue|violet|gray)(-background)?")
FORBIDDEN = re.compile(r"\b(users?|skus?|artefacts?|inference|oops|please)\b", re.IGNORECASE)


def called(node: ast.Call) -> str:
    return ast.unparse(node.func)


def texts_in(node: ast.expr) -> list[str]:
    """Constant text that would be drawn, without markup; f-strings count by their constant parts."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.JoinedStr):
        return [part.value for part in node.values if isinstance(part, ast.Constant)]
    return []


@pytest.mark.parametrize("path", FILES, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_streamlit_calls_hold_no_literal_text(path):
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call) or not re.match(r"(st|column|st\.column_config|shell|[a-z]+)\.[a-zA-Z_]+$", called(node)):
            continue
        if not called(node).startswith(("st.", "column.")) or called(node).startswith(NOT_DRAWN):
            continue
        drawn = [*node.args[:1], *(k.value for k in node.keywords if k.arg in SHOWN)]
        found += [(node.lineno, text) for value in drawn for text in texts_in(value) if MARKUP.sub("", text)]
    assert not found, "write it in ui/words and look it up"


@pytest.mark.parametrize("path", FILES, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_every_key_exists(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and called(node) in ("W", "WT") and node.args:
            key = node.args[0]
            if isinstance(key, ast.Constant):
                assert key.value in table(), f"line {node.lineno}"
                check_values(key.value, node)
            elif isinstance(key, ast.JoinedStr):
                pattern = "".join(re.escape(p.value) if isinstance(p, ast.Constant) else ".+" for p in key.values)
                assert any(re.fullmatch(pattern, name) for name in table()), f"line {node.lineno}"


def check_values(key: str, call: ast.Call) -> None:
    if any(k.arg is None for k in call.keywords):
        return
    given = {k.arg for k in call.keywords}
    for text in versions(key):
        wanted = {name for _, name, _, _ in string.Formatter().parse(text) if name}
        assert wanted <= given, f"{key} wants {wanted - given}"


def versions(key: str) -> list[str]:
    return [t for text in table()[key].values() for t in (text.values() if isinstance(text, dict) else [text])]


@pytest.mark.parametrize("key", sorted(table()))
def test_words_follow_the_house_style(key):
    assert "en" in table()[key]
    for text in versions(key):
        assert text.strip()
        assert text == text.strip() or text.startswith(" · "), "spaces are laid out, not written; joined facts are the exception"
        assert not FORBIDDEN.search(text)
        assert not text.endswith("!")
        for sentence in re.split(r"(?<=[.?])\s", text):
            assert len(re.findall(r"\w[\w'-]*", sentence)) <= 26, sentence
