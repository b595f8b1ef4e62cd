"""Tune: caps and floors, each with a line that says what it asks for."""

from __future__ import annotations

from typing import Any

import streamlit as st

from ui import draft
from ui.parts.errors import attempt
from ui.parts.policy_words import limit_words
from ui.session import Session
from ui.words import W, plain

WHAT = {"at_most": ("category", "brand", "price", "tail", "new"), "at_least": ("tail", "new")}
MOST = 20


def is_floor(limit: dict[str, Any]) -> bool:
    """The one limit that the slider of the tail moves."""
    return limit["kind"] == "at_least" and limit["what"] == "tail" and limit.get("share") is not None and limit.get("within") is None


def is_cap(limit: dict[str, Any]) -> bool:
    """The one limit that the number field of categories moves."""
    counted = limit.get("number") is not None and limit.get("within") is None
    return limit["kind"] == "at_most" and limit["what"] == "category" and counted


def floor_of(spec: dict[str, Any]) -> float:
    """Least share of tail items that the policy asks for, 0 = none."""
    return next((float(row["share"]) for row in spec["limits"] if is_floor(row)), 0.0)


def cap_of(spec: dict[str, Any]) -> int | None:
    """Most items of a category, None = any number."""
    return next((int(row["number"]) for row in spec["limits"] if is_cap(row)), None)


def with_floor(spec: dict[str, Any], share: float) -> dict[str, Any]:
    """The policy with this least share of tail items; 0 takes the limit away."""
    return _instead(spec, is_floor, {"kind": "at_least", "what": "tail", "share": share} if share > 0 else None)


def with_cap(spec: dict[str, Any], number: int | None) -> dict[str, Any]:
    """The policy with this cap of each category; None takes it away."""
    return _instead(spec, is_cap, None if number is None else {"kind": "at_most", "what": "category", "number": number})


def _instead(spec: dict[str, Any], asked: Any, limit: dict[str, Any] | None) -> dict[str, Any]:
    """The policy with one limit in the place of the first that is asked for; behind the others where there is none."""
    limits = list(spec["limits"])
    place = next((n for n, row in enumerate(limits) if asked(row)), None)
    if place is None:
        return {**spec, "limits": [*limits, *([limit] if limit else [])]}
    return {**spec, "limits": [*limits[:place], *([limit] if limit else []), *limits[place + 1 :]]}


def limits_editor(session: Session, spec: dict[str, Any]) -> None:
    """One line a limit with its button to remove it, and a form for another one."""
    for n, limit in enumerate(spec["limits"]):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="xsmall", wrap=False):
            st.markdown(plain(limit_words(limit), 90))
            st.button(
                "", key=f"tune.limit.remove.{n}", type="tertiary", icon=":material/close:", help=W("tune.limit.remove"), on_click=_remove,
                args=(session, spec, n),
            )  # fmt: skip
    if not spec["limits"]:
        st.caption(W("tune.limit.none"))
    if len(spec["limits"]) < MOST:
        with st.popover(W("tune.limit.add"), icon=":material/add:", type="tertiary"):
            _form(session, spec)


def _form(session: Session, spec: dict[str, Any]) -> None:
    kind = st.segmented_control(
        W("tune.limit.kind"), list(WHAT), default="at_most", required=True, key="limit.kind",
        format_func=lambda v: W(f"tune.limit.kind.{v}"), label_visibility="collapsed",
    )  # fmt: skip
    what = st.selectbox(W("tune.limit.what"), WHAT[kind], key=f"limit.what.{kind}", format_func=lambda v: W(f"tune.limit.what.{v}"))
    with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall"):
        amount = st.number_input(W("tune.limit.amount"), 1, 500, 2, key="limit.amount", width=120)
        unit = st.segmented_control(
            W("tune.limit.unit"), ("items", "share"), default="items", required=True, key="limit.unit",
            format_func=lambda v: W(f"tune.limit.unit.{v}"), label_visibility="collapsed",
        )  # fmt: skip
    within = st.number_input(W("tune.limit.within"), 1, 500, None, key="limit.within", placeholder=W("tune.limit.whole"))
    days = st.number_input(W("tune.limit.days"), 1, 3650, 30, key="limit.days") if what == "new" else 30
    how = {"number": int(amount)} if unit == "items" else {"share": min(1.0, amount / 100)}
    limit = {"kind": kind, "what": what, "within": within, **({"new_days": int(days)} if what == "new" else {}), **how}
    st.markdown(f"**{plain(limit_words(limit))}**")
    st.button(W("tune.limit.add.button"), key="limit.add", type="primary", on_click=_add, args=(session, spec, limit))


def _add(session: Session, spec: dict[str, Any], limit: dict[str, Any]) -> None:
    attempt(lambda: draft.change(session, {**spec, "limits": [*spec["limits"], limit]}))


def _remove(session: Session, spec: dict[str, Any], n: int) -> None:
    attempt(lambda: draft.change(session, {**spec, "limits": [row for at, row in enumerate(spec["limits"]) if at != n]}))
