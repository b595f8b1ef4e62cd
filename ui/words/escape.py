"""Text from files is data: it is shown as it is, whatever Markdown, LaTeX, emoji or colour directive it resembles."""

from __future__ import annotations

import re
import unicodedata

JOINER = "\u2060"  # WORD JOINER, no width: some of the browser's replacements run after backslashes are gone
_BIDI = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C])
_MARKS = re.compile(r"([\\`*_{}\[\]()<>#|~$!&^])")
_LATE = re.compile(r"(?<=:)(?=[^\s])|(?<=@)(?=\S)|(?<=www)(?=\.)|(?<=[-<])(?=[->=])|(?<=[>~=+])(?=[-=>])", re.IGNORECASE)
_START = re.compile(r"^(\d{1,9})([.)])|^([-+=])")


class Markdown(str):
    """Text that may be given to a Markdown widget as it is."""

    __slots__ = ()


def one_line(text: object) -> str:
    """The text on one line without control and direction characters; for places that show it verbatim, such as table cells."""
    visible = "".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in str(text).translate(_BIDI))
    return " ".join(visible.split())


def plain(text: object, limit: int | None = None) -> Markdown:
    """Neutralise Markdown, LaTeX, shortcodes, directives, HTML, images and links.

    Args:
        text: Anything from a file, or typed by a person. `Markdown` comes back unchanged.
        limit: Longest text shown, in characters, with an ellipsis after it.

    Returns:
        Text that a Markdown widget draws with the same visible characters.
    """
    if isinstance(text, Markdown):
        return text
    line = one_line(text)
    if limit is not None and len(line) > limit:
        line = line[: limit - 1].rstrip() + "…"
    pieces = [_MARKS.sub(r"\\\1", piece) for piece in _LATE.sub("\0", line).split("\0")]
    return Markdown(_START.sub(lambda m: f"{m[1]}\\{m[2]}" if m[1] else f"\\{m[3]}", JOINER.join(pieces)))
