"""In which language this tab is drawn: what its address says, what was chosen in it or in the workspace, what the browser asks for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Literal, get_args

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from recengine.preferences import Preferences

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
DEFAULT: Language = "en"
PARAM = "lang"  # in the address
PREFERENCE = "language"  # in the workspace
_CHOSEN, _DRAWN = "choice.lang", "language.drawn"
_said: ContextVar[Language | None] = ContextVar("language", default=None)


def language() -> Language:
    """The language of the page that is drawn now; English where no page is drawn. A look-up in the tab's memory."""
    if (said := _said.get()) is not None:
        return said
    if get_script_run_ctx(suppress_warning=True) is None:
        return DEFAULT
    return st.session_state.get(_DRAWN) or settle()


@contextmanager
def speaking(wanted: Language) -> Iterator[None]:
    """Draw or write what is inside in this language, whatever the tab says."""
    token = _said.set(wanted)
    try:
        yield
    finally:
        _said.reset(token)


def settle() -> Language:
    """Find this run's language and keep it for the run; a chosen one is written into the address, so that a link says it too."""
    chosen = _known(st.query_params.get(PARAM)) or _known(st.session_state.get(_CHOSEN))
    if chosen:
        _keep(chosen)
    drawn = chosen or _known(preferences().get(PREFERENCE)) or _of_browser(st.context.locale) or DEFAULT
    st.session_state[_DRAWN] = drawn
    return drawn


def choose_language(wanted: Language) -> None:
    """Draw this tab in a language from now on, and new tabs of this workspace too. Raises StorageFailed where that cannot be kept."""
    _keep(wanted)
    st.session_state[_DRAWN] = wanted
    preferences().set(PREFERENCE, wanted)


def preferences() -> Preferences:
    """Those of the workspace. Read without opening it, because the menu is drawn before the engine is loaded."""
    return Preferences(Path(os.environ.get("MERCHLENS_WORKSPACE") or "workspace"))


def _keep(chosen: Language) -> None:
    st.session_state[_CHOSEN] = chosen
    if st.query_params.get(PARAM) != chosen:
        st.query_params[PARAM] = chosen


def _known(name: object) -> Language | None:
    return next((one for one in LANGUAGES if one == name), None)


def _of_browser(locale: str | None) -> Language | None:
    """Chinese from zh, zh-CN or zh-Hant-TW; None where the browser asks for another language or for none."""
    return _known(locale.replace("_", "-").split("-")[0].lower()) if locale else None
