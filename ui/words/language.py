"""The languages of the screen, and which of them the text that is written now is in. Knows nothing of tabs: `ui.language` does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Literal, get_args

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
DEFAULT: Language = "en"
_said: ContextVar[Language | None] = ContextVar("language", default=None)
_listeners: list[Callable[[], Language | None]] = []


def language() -> Language:
    """That of `speaking`, else that of the tab that is drawn now, else English."""
    if said := _said.get():
        return said
    for listener in _listeners:
        if heard := listener():
            return heard
    return DEFAULT


@contextmanager
def speaking(wanted: Language) -> Iterator[None]:
    """Write what is inside in this language, whatever the tab says."""
    token = _said.set(wanted)
    try:
        yield
    finally:
        _said.reset(token)


def listen_to(listener: Callable[[], Language | None]) -> None:
    """Ask this function for the language of the tab that is drawn now; None where none is drawn."""
    if listener not in _listeners:
        _listeners.append(listener)
