"""The pages and their groups. Light to import, so that the first paint after a start shows the right menu."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from ui.language import choose_language, settle
from ui.words import W, language
from ui.words.language import LANGUAGES

ROOT = Path(__file__).resolve().parent.parent
GROUPS: dict[str, tuple[str, ...]] = {
    "": ("home",),
    "prepare": ("data", "train", "jobs"),
    "understand": ("compare", "recommendations", "signals", "shoppers", "items"),
    "act": ("tune",),
}
ICONS = {
    "home": ":material/home:",
    "data": ":material/database:",
    "train": ":material/model_training:",
    "jobs": ":material/manufacturing:",
    "compare": ":material/balance:",
    "recommendations": ":material/recommend:",
    "signals": ":material/insights:",
    "shoppers": ":material/group:",
    "items": ":material/category:",
    "tune": ":material/tune:",
}
STATIC = ROOT / "static"
SIDEBAR_PX = 232
_RAN = "navigation.ran"
_SWITCH = "language.switch"


def frame() -> None:
    """Title, icon, width and logo; without an icon of its own a page would fetch one from the internet."""
    settle()
    st.set_page_config(page_title=W("app.title"), page_icon=str(STATIC / "logo.svg"), layout="wide", initial_sidebar_state=SIDEBAR_PX)
    st.logo(str(STATIC / "logo_wide.svg"), size="large", icon_image=str(STATIC / "logo.svg"))


def page(name: str) -> st.Page:
    """The page of this name, as `st.navigation` and `st.switch_page` know it."""
    return st.Page(ROOT / "pages" / f"{name}.py", title=W(f"nav.{name}"), icon=ICONS[name], url_path=name, default=name == "home")


def navigate() -> st.Page:
    """Register all pages in their groups and return the one to run."""
    st.session_state[_RAN] = True
    return st.navigation(
        {W(f"nav.group.{group}") if group else "": [page(n) for n in names] for group, names in GROUPS.items()}, expanded=True
    )


def language_switch() -> None:
    """The languages side by side, each by its own name, under the menu."""
    st.session_state[_SWITCH] = language()  # the address wins over what the widget remembers
    with st.sidebar:
        st.space("xsmall")  # the menu ends with a line
        st.segmented_control(
            W("shell.language"),
            LANGUAGES,
            required=True,
            format_func=lambda name: W(f"shell.language.{name}"),
            key=_SWITCH,
            label_visibility="collapsed",
            on_change=_switched,
        )


def _switched() -> None:
    from ui.parts.errors import attempt  # heavy: the menu is on the screen before it

    attempt(choose_language, st.session_state[_SWITCH])


def ensure() -> None:
    """Run the app again, at the same address, when this run came to a page without `app.py`.

    The first address asked for after a start runs a file of `pages/` directly; registering the pages puts that right for good.
    """
    if not st.session_state.get(_RAN):
        frame()
        navigate()
        st.rerun()
