"""Tune: the controls of a policy. The five that are used most come first, the others are folded away under what they are about."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from recengine.types import ConfigField
from recengine.types.policies import RerankerCard
from ui import draft
from ui.parts.errors import attempt
from ui.parts.tune_fields import field_widget, hold, with_control, with_setting
from ui.parts.tune_limits import cap_of, floor_of, limits_editor, with_cap, with_floor
from ui.session import Session
from ui.words import W, plain, told

FIRST = ("novelty", "freshness")
HIDING = ("hide_bought", "bought_days", "fatigue_after", "fatigue_days")
LIKENESS = ("text", "category", "brand", "price")
NEEDS = {"fresh_days": "freshness", "exploration_seed": "exploration", "bought_days": "hide_bought", "fatigue_days": "fatigue_after"}
SLIDER = "mmr"  # what the diversity slider turns on where the scores alone decided


def controls(session: Session, spec: dict[str, Any]) -> None:
    """Everything of a policy but its rules."""
    cards = {card.name: card for card in session.ws.policies.rerankers()}
    card = cards[spec["reranker"]]
    fields = {field.name: field for field in session.ws.policies.controls()}
    strength(session, spec, card, cards[SLIDER])
    for name in FIRST:
        _control(session, spec, fields[name])
    floor_slider(session, spec)
    cap_number(session, spec)
    more = [name for name in fields if name not in (*FIRST, *HIDING)]
    _group("reranker", ":material/sort:", lambda: _how(session, spec, cards, card))
    _group("more", ":material/tune:", lambda: [_control(session, spec, fields[name]) for name in more])
    _group("hide", ":material/visibility_off:", lambda: [_control(session, spec, fields[name]) for name in HIDING])
    _group("limits", ":material/vertical_align_center:", lambda: limits_editor(session, spec), len(spec["limits"]))


def _group(name: str, icon: str, draw: Callable[[], Any], n: int = 0) -> None:
    """Controls that are folded away; drawn only while they can be seen, so that a slider is quick."""
    label = W(f"tune.group.{name}.n", n=n) if n else W(f"tune.group.{name}")
    group = st.expander(label, icon=icon, key=f"tune.group.{name}", on_change="rerun")
    if group.open:
        with group:
            draw()


def _how(session: Session, spec: dict[str, Any], cards: dict[str, RerankerCard], card: RerankerCard) -> None:
    """The reranker with its settings; what its slider moves stands above."""
    reranker_choice(session, spec, cards)
    likeness(session, spec, card)
    for field in card.fields:
        if field.name != card.strength and not (likeness_of(card) and field.name in LIKENESS):
            key = f"tune.setting.{card.name}.{field.name}"
            field_widget(session, field, spec["settings"][field.name], key, with_setting(spec, field.name))


def strength(session: Session, spec: dict[str, Any], card: RerankerCard, slider: RerankerCard) -> None:
    """The slider of the reranker; from the order of the scores it turns on the one without near-copies."""
    alone = card.name == "by-score"
    shown = slider if alone else card
    field = next((row for row in shown.fields if row.name == shown.strength), None)
    if field is None:
        st.caption(W("tune.strength.none", reranker=card.title))
        return
    value = 0.0 if alone else spec["settings"][field.name]

    def put(new: Any) -> dict[str, Any]:
        if shown.name == SLIDER and (alone or (new == 0 and draft.saved(session)["reranker"] == "by-score")):
            return draft.with_diversity(spec, new)
        return with_setting(spec, field.name)(new)

    label = W("tune.diversity") if field.name == "diversity" else W("tune.strength", reranker=card.title)
    field_widget(session, field, value, "tune.diversity", put, label)


def reranker_choice(session: Session, spec: dict[str, Any], cards: dict[str, RerankerCard]) -> None:
    """Which reranker, and what it does."""
    # The slider changes the reranker too. A key of its own for each keeps what the browser still says of the last one from counting.
    key = f"tune.reranker.{spec['reranker']}"
    hold(key, spec["reranker"])

    def choose() -> None:
        name = st.session_state[key]
        attempt(lambda: draft.change(session, {**spec, "reranker": name, "settings": {}}))

    st.selectbox(W("tune.reranker"), list(cards), key=key, format_func=lambda name: plain(cards[name].title), on_change=choose)
    st.caption(f"{plain(told(cards[spec['reranker']].summary))} :gray[{plain(cards[spec['reranker']].source)}]")


def likeness_of(card: RerankerCard) -> bool:
    """Whether a reranker asks how alike items are."""
    return {field.name for field in card.fields} >= set(LIKENESS)


def likeness(session: Session, spec: dict[str, Any], card: RerankerCard) -> None:
    """What makes two items alike: one source, or a mix of them."""
    if not likeness_of(card):
        return
    now = {name: float(spec["settings"][name]) for name in LIKENESS}
    single = next((name for name in LIKENESS if now[name] > 0 and sum(now.values()) == now[name]), "mix")
    key = f"tune.likeness.{card.name}"
    hold(key, single)

    def choose() -> None:
        chosen = st.session_state[key]
        mix = {name: 0.5 if chosen == "mix" else float(name == chosen) for name in LIKENESS}
        attempt(lambda: draft.change(session, {**spec, "settings": {**spec["settings"], **mix}}))

    st.selectbox(
        W("tune.likeness"), (*LIKENESS, "mix"), key=key, format_func=lambda name: W(f"tune.likeness.{name}"), help=W("tune.likeness.help"),
        on_change=choose,
    )  # fmt: skip
    if single == "mix":
        for field in card.fields:
            if field.name in LIKENESS:
                key = f"tune.setting.{card.name}.{field.name}"
                label = W(f"tune.likeness.{field.name}")
                field_widget(session, field, now[field.name], key, with_setting(spec, field.name), label)


def floor_slider(session: Session, spec: dict[str, Any]) -> None:
    """The least share of items outside the best sellers; a limit with a slider of its own."""
    key = "tune.floor"
    hold(key, round(100 * floor_of(spec)))

    def put() -> None:
        attempt(lambda: draft.change(session, with_floor(spec, st.session_state[key] / 100)))

    st.slider(W("tune.floor"), 0, 100, step=5, format="%d%%", key=key, help=W("tune.floor.help"), on_change=put)


def cap_number(session: Session, spec: dict[str, Any]) -> None:
    """At most so many items of a category (or brand); a limit with a field of its own."""
    key = "tune.cap"
    hold(key, cap_of(spec))

    def put() -> None:
        attempt(lambda: draft.change(session, with_cap(spec, st.session_state[key])))

    there = session.dataset is not None and any(f.name == "category" for f in session.ws.policies.rule_fields(session.dataset.id))
    note = W("tune.cap.help") if there else W("tune.cap.missing")
    st.number_input(W("tune.cap"), 1, 50, step=1, key=key, placeholder=W("tune.cap.none"), disabled=not there, help=note, on_change=put)


def _control(session: Session, spec: dict[str, Any], field: ConfigField) -> None:
    if field.name in NEEDS and not spec["controls"][NEEDS[field.name]]:
        return  # says nothing while what it belongs to is off
    field_widget(session, field, spec["controls"][field.name], f"tune.control.{field.name}", with_control(spec, field.name))
