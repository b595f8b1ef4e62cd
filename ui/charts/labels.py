"""Names from files, made safe for charts: Plotly reads `<b>`, `<a href>` and entities in every label."""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Sequence

from ui.words.escape import one_line


def label(text: str, width: int = 60) -> str:
    """One line of at most `width` characters on the screen, in which nothing is markup.

    Args:
        text: a title, name or id from a file.
        width: characters shown; a longer text ends in "…".
    """
    line = one_line(text)
    if len(line) > width:
        line = line[: width - 1].rstrip() + "…"
    return html.escape(line, quote=False)


def distinct(names: Sequence[str], width: int = 40) -> list[str]:
    """Safe labels with a number behind repeated ones: rows of equal name would be drawn on top of each other."""
    safe = [label(name, width) for name in names]
    repeated = {name for name, times in Counter(safe).items() if times > 1}
    seen: Counter[str] = Counter()
    out: list[str] = []
    for name in safe:
        seen[name] += 1
        out.append(f"{name} ({seen[name]})" if name in repeated else name)
    return out
