"""Every text a person reads, looked up at render time: `W("home.title", n=3)`.

One file a page, each with `WORDS: dict[key, {"en": text or {"one": text, "other": text}, "zh": text}]`; a new file is found by itself.
One thing has one name in both languages: see docs/wording.md.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable
from functools import lru_cache

from ui.words.escape import Markdown, one_line, plain
from ui.words.language import DEFAULT, language
from ui.words.told import told, told_name

__all__ = ["WT", "Markdown", "W", "has", "language", "listed", "one_line", "plain", "sentences", "spoken", "table", "told", "told_name"]


@lru_cache(maxsize=1)
def table() -> dict[str, dict]:
    """All keys of all files.

    Raises:
        ValueError: two files spell the same key.
    """
    every: dict[str, dict] = {}
    for module in sorted(m.name for m in pkgutil.iter_modules(__path__)):
        words = getattr(importlib.import_module(f"{__name__}.{module}"), "WORDS", {})
        if twice := every.keys() & words.keys():
            raise ValueError(f"Words spelled twice: {sorted(twice)}")
        every.update(words)
    return every


def spoken(english: str, chinese: str) -> str:
    """Of a text that the engine has in both languages, the one of this page; English where there is no Chinese one."""
    return chinese if language() == "zh" and chinese else english


def listed(parts: Iterable[str]) -> str:
    """a, b, c as this page writes a list: a、b、c in Chinese."""
    return ("、" if language() == "zh" else ", ").join(parts)


def sentences(parts: Iterable[str]) -> str:
    """Sentences after each other; Chinese ones need no space between them."""
    return ("" if language() == "zh" else " ").join(part for part in parts if part)


def has(key: str) -> bool:
    """Whether a text exists, for names that come from the engine such as roles and behaviours."""
    return key in table()


def _text(key: str, values: dict) -> str:
    texts = table()[key]
    text = texts.get(language(), texts[DEFAULT])
    if isinstance(text, dict):
        text = text["one" if str(values.get("n")) == "1" and "one" in text else "other"]
    return text


def W(key: str, **values: object) -> Markdown:
    """The text for a place that draws Markdown; values are escaped unless they are `Markdown` (from `plain` or `W`) already."""
    return Markdown(_text(key, values).format_map({name: plain(value) for name, value in values.items()}))


def WT(key: str, **values: object) -> str:
    """The text for a place that shows it verbatim: table cells and headers, chart labels, `alt` texts, file names."""
    return _text(key, values).format_map({name: one_line(value) for name, value in values.items()})
