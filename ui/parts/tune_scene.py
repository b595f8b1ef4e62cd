"""Tune: where and when the previewed lists are shown, and the list of that place."""

from __future__ import annotations

from datetime import date
from typing import Any

import streamlit as st

from recengine.types import ListItem, VariantRow
from recengine.types.policies import PolicyPlace, PolicyTerm, PolicyUse
from ui import draft
from ui import session as tab
from ui.session import Session
from ui.words import W, one_line

ANCHORED = {"product": ("similar", "goes"), "cart": ("goes", "similar")}
OFFERED = 300  # items to start from; the best known come first


def places(session: Session, variant: VariantRow, shopper: str, spec: dict[str, Any], k: int) -> tuple[PolicyPlace, ...]:
    """A shopper's list in the chosen scene: what the shopper may like, or what belongs to the item of the page or the cart."""
    scene, day = draft.scene(session), draft.day(session)
    if scene not in ANCHORED:
        return session.ws.policies.places(variant.id, shopper, spec, k, scene, day, _hour())
    found = session.ws.lists.for_scene(
        variant.id, scene, (anchor(session),), shopper, relation(scene), k, PolicyUse.of(spec, scene, day)
    )  # fmt: skip
    return tuple(_place(row) for row in found.items)


def _place(row: ListItem) -> PolicyPlace:
    terms = tuple(PolicyTerm(term.key, term.name, term.name, term.contribution) for term in row.policy)
    final = row.score if row.shown is None else row.shown
    return PolicyPlace(row.item, row.score, final, row.rank_by_score, row.rank_by_score == 0, terms, row.title, row.category, row.price)


def anchor(session: Session) -> str:
    """The item of the page, or in the cart: that of the address, else the one that is bought most."""
    known = _items(session)
    asked = tab.param("anchor")
    return asked if asked in known else next(iter(known))


def relation(scene: str) -> str:
    """Similar to the anchor, or taken together with it; each scene has its own default."""
    asked = tab.param("relation")
    return asked if asked in ANCHORED[scene] else ANCHORED[scene][0]


def anchor_picker(session: Session) -> None:
    """What a product page or a cart starts from; nothing in the other scenes."""
    scene = draft.scene(session)
    if scene not in ANCHORED:
        return
    items = _items(session)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.session_state["tune.anchor"] = anchor(session)
        st.selectbox(
            W(f"tune.anchor.{scene}"), list(items), key="tune.anchor", format_func=lambda item: items[item], width=320,
            on_change=lambda: tab.choose(anchor=st.session_state["tune.anchor"]),
        )  # fmt: skip
        st.session_state["tune.relation"] = relation(scene)
        st.segmented_control(
            W("tune.relation"), ANCHORED[scene], required=True, key="tune.relation", format_func=lambda r: W(f"tune.relation.{r}"),
            on_change=lambda: tab.choose(relation=st.session_state["tune.relation"]),
        )  # fmt: skip
    st.caption(W("tune.anchor.note"))


def _items(session: Session) -> dict[str, str]:
    assert session.dataset is not None
    return {item: one_line(title or item) for item, title in session.ws.datasets.items(session.dataset.id, OFFERED).items()}


def _hour() -> int | None:
    asked = tab.param("hour")
    return int(asked) if asked and asked.isdigit() and int(asked) < 24 else None


def situation_bar(session: Session, contextual: bool) -> None:
    """Where and when the lists of this page are shown: scene, day and, for models that look at it, the hour."""
    scene = draft.scene(session)
    day: date | None = draft.day(session)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="tune.situation"):
        st.session_state["tune.scene"] = scene
        st.segmented_control(
            W("tune.scene"), draft.SCENES, key="tune.scene", required=True, format_func=lambda s: W(f"tune.scene.{s}"), width=280,
            on_change=lambda: tab.choose(scene=st.session_state["tune.scene"]),
        )  # fmt: skip
        if st.session_state.get("tune.day") != day or "tune.day" not in st.session_state:
            st.session_state["tune.day"] = day
        st.date_input(W("tune.day"), key="tune.day", help=W("tune.day.help"), width=150, format="YYYY-MM-DD", on_change=_choose_day)
        if contextual:
            st.session_state["tune.hour"] = _hour()
            st.selectbox(
                W("tune.hour"), range(24), key="tune.hour", placeholder=W("tune.hour.any"), format_func=lambda h: f"{h:02d}:00", width=110,
                help=W("tune.hour.help"), on_change=_choose_hour,
            )  # fmt: skip


def _choose_day() -> None:
    chosen = st.session_state["tune.day"]
    tab.choose(day=chosen.isoformat() if chosen else None)


def _choose_hour() -> None:
    chosen = st.session_state["tune.hour"]
    tab.choose(hour=None if chosen is None else str(chosen))
