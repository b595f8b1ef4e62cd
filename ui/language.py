"""In which language a tab is drawn: what its address says, what was chosen in it or in the workspace, what the browser asks for."""

from __future__ import annotations

import os
from pathlib import Path

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from recengine.preferences import Preferences
from ui.words.language import DEFAULT, LANGUAGES, Language, listen_to

PARAM = "lang"  # in the address
PREFERENCE = "language"  # in the workspace
_CHOSEN, _DRAWN = "choice.lang", "language.drawn"


def settle() -> Language:
    """Find this run's language and keep it for the run; a chosen one is written into the address, so that a link says it too.

    A tab in which nothing was chosen keeps the language it began with, whatever others choose meanwhile.
    """
    chosen = _known(st.query_params.get(PARAM)) or _known(st.session_state.get(_CHOSEN))
    if chosen:
        _keep(chosen)
    begun = _known(st.session_state.get(_DRAWN))
    drawn = chosen or begun or _known(preferences().get(PREFERENCE)) or of_browser(st.context.locale) or DEFAULT
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


def of_browser(locale: str | None) -> Language | None:
    """Chinese from zh, zh-CN or zh-Hant-TW; None where the browser asks for another language or for none."""
    return _known(locale.replace("_", "-").split("-")[0].lower()) if locale else None


def _of_tab() -> Language | None:
    """That of the tab this thread draws. Two look-ups in memory: every text of a page asks."""
    if get_script_run_ctx(suppress_warning=True) is None:
        return None
    return st.session_state.get(_DRAWN) or settle()


def _keep(chosen: Language) -> None:
    st.session_state[_CHOSEN] = chosen
    if st.query_params.get(PARAM) != chosen:
        st.query_params[PARAM] = chosen


def _known(name: object) -> Language | None:
    return next((one for one in LANGUAGES if one == name), None)


listen_to(_of_tab)
