"""The models by family: what each does, whether it suits this dataset and why, how long it takes here and what it needs."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from recengine.types import DatasetAdvice, ModelAdvice, ModelCard
from ui import shell
from ui.words import WT, Markdown, W, has, numbers, plain, told

BADGES: dict[str, tuple[str, Literal["green", "gray", "orange"]]] = {
    "good": (":material/check_circle:", "green"),
    "possible": (":material/help:", "gray"),
    "cannot": (":material/block:", "orange"),
}
FAMILIES = ("order", "neighbours", "factors", "graph", "text", "combined", "baseline")


def model_cards(cards: list[ModelCard], advice: DatasetAdvice) -> None:
    """One card a model under the heading of its family, the best advised first; a button puts it into the form."""
    by_name = {row.model: row for row in advice.models}
    order = [row.model for row in advice.models]
    found = {card.family for card in cards}
    for family in [*(f for f in FAMILIES if f in found), *sorted(found - set(FAMILIES))]:
        mine = sorted((card for card in cards if card.family == family), key=lambda card: order.index(card.name))
        known = has(f"family.{family}")
        shell.section(W(f"family.{family}") if known else plain(family), W(f"family.{family}.why") if known else None)
        with st.grid(2, min_column_width=280, gap="small"):
            for card in mine:
                _card(card, by_name[card.name])


def _card(card: ModelCard, advice: ModelAdvice) -> None:
    icon, colour = BADGES[advice.level]
    chosen = _is_chosen(card.name)
    with st.container(border=True, gap="xsmall", height="stretch", vertical_alignment="distribute"):
        with st.container(gap="xsmall"):
            with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="xsmall"):
                with st.container(horizontal=True, width="content", gap="xsmall", vertical_alignment="center"):
                    st.markdown(f"**{plain(card.title)}**", width="content")
                    st.badge(W(f"advice.{advice.level}"), icon=icon, color=colour)
                st.button(
                    W("advice.chosen" if chosen else "advice.choose"),
                    key=f"choose.{card.name}",
                    type="tertiary",
                    icon=":material/check:" if chosen else ":material/add:",
                    on_click=_toggle,
                    args=(card.name,),
                    help=W("advice.choose.help"),
                )
            st.caption(plain(told(card.summary)))
            st.markdown(plain(told(advice.reason)))
        st.caption(cost(advice))


def _is_chosen(name: str) -> bool:
    if st.session_state.get("train.mode") == "sweep":
        return st.session_state.get("sweep.model") == name
    return name in st.session_state.get("train.models", [])


def _toggle(name: str) -> None:
    if st.session_state.get("train.mode") == "sweep":
        st.session_state["sweep.model"] = name
        return
    chosen = list(st.session_state.get("train.models", []))
    st.session_state["train.models"] = [m for m in chosen if m != name] if name in chosen else [*chosen, name]


def cost(advice: ModelAdvice) -> Markdown:
    """About 12 s · 1.1 GB of memory."""
    return Markdown(f"{took(advice)} · {W('advice.memory.' + advice.fits, size=numbers.rough_size(advice.needed_bytes))}")


def took(advice: ModelAdvice) -> Markdown:
    """About 12 s, as measured here; or that nobody measured it."""
    if advice.seconds is None:
        return W("advice.time.none")
    return W(f"advice.time.{advice.measured_on}", time=numbers.duration(advice.seconds))


def suits(advice: DatasetAdvice, preset: str) -> Markdown:
    """Whether this is the preset that the size of the data asks for."""
    if preset == advice.preset:
        return W("train.preset.suits")
    return W("train.preset.other", preset=WT(f"train.preset.{advice.preset}"))
