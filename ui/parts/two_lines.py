"""Two lines of text in one piece: the second is small."""

from __future__ import annotations

from collections.abc import Sequence

from ui.words import Markdown, plain, spoken


def two_lines(first: str, second: str, grey: bool = False) -> Markdown:
    """Markdown of both; they must be safe already. In grey the second reads like a caption."""
    below = f":gray[{second}]" if grey else second
    return Markdown(f"{first}  \n:small[{below}]")


def both(english: str, chinese: str) -> tuple[Markdown, Markdown]:
    """A text that the engine has in both languages, safe to draw; the one of this page first."""
    return plain(spoken(english, chinese)), plain(spoken(chinese, english))


def bullets(lines: Sequence[str]) -> Markdown:
    """Markdown of a list; the lines must be safe already."""
    return Markdown("\n".join(f"- {line}" for line in lines))
