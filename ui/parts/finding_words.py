"""How rows of a finding are said: one line each, with what no eye tells apart written out."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from recengine.types.waiting import FindingView
from ui.words import Markdown, W, has, numbers, one_line, plain
from ui.words.told import told

SHOWN_CHARS, HASH_CHARS = 22, 9
HASH = re.compile("[0-9a-f]{32}")


def example(finding: FindingView, row: tuple[Any, ...]) -> str:
    """Line 518: 17850 · 85123A, in Markdown."""
    cells = dict(zip(finding.columns, row, strict=True))
    line = cells.pop("line", 0)
    said = []
    for name, value in cells.items():
        if has(f"quality.example.{name}"):
            words = _short(value) if isinstance(value, str) else short_number(value)
            said.append(W(f"quality.example.{name}", n=words, id=words))
        elif name == "reason":
            said.append(plain(told(value)))
        elif isinstance(value, str):
            said.append(_short(value))
        else:
            said.append(plain(short_number(value)))
    text = " · ".join(said)
    return markdown(f"{W('quality.line', n=numbers.count(line))}: {text}" if line else text)


def _short(text: str) -> Markdown:
    """An id or a title for an example; of a hash its beginning."""
    return plain(visible(text), HASH_CHARS if HASH.fullmatch(text) else SHOWN_CHARS)


def markdown(text: str) -> Markdown:
    """Joined pieces that are Markdown already."""
    return Markdown(text)


def short_number(value: float) -> str:
    if float(value).is_integer() and abs(value) < 1e7:
        return numbers.count(value)
    return f"{value:,.4g}" if abs(value) < 1e6 else f"{value:,.0f}"


def shown(name: str, cell: Any) -> Any:
    """A cell of a finding for a table: reasons in the language of the page, text of the file with what is unseen written out."""
    return told(cell) if name == "reason" else visible(cell) if isinstance(cell, str) else cell


def visible(text: str) -> str:
    """The text with what no eye tells apart written out: outer blanks as ␣, joiners and combining marks as U+0301."""
    inner = text.strip()
    start = len(text) - len(text.lstrip()) if inner else len(text)
    shown = []
    for place, char in enumerate(text):
        if char.isspace() and (place < start or place >= start + len(inner) or char != " "):
            shown.append("␣" if char == " " else f"‹U+{ord(char):04X}›")
        elif unicodedata.category(char) in ("Cf", "Mn", "Cc"):
            shown.append(f"‹U+{ord(char):04X}›")
        else:
            shown.append(char)
    return one_line("".join(shown))
