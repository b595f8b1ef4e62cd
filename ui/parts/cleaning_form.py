"""Cleaning rules as switches, each with what it does now; for a file that waits and for a stored version."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

from recengine.types.waiting import CleaningOffer, CleaningTrial
from recengine.workspace import Workspace
from ui import shell
from ui.parts.errors import attempt
from ui.words import WT, W, numbers

Rules = dict[str, Any]
OFF: Rules = {"bots": "cut", "repeat_until_stable": True}  # not rules of their own
NUMBERS = {"merge_seconds": (0, 86_400), "max_events_a_day": (1, 10_000_000), "min_shopper_events": (2, 1_000_000)}
NUMBERS["min_item_events"] = NUMBERS["min_shopper_events"]
DAYS = ("first_day", "last_day")


def active(rules: Rules | None) -> Rules:
    """The rules that are on, with what belongs to them, so that equal wishes are equal."""
    on = {name: value for name, value in (rules or {}).items() if name not in OFF and value is not None and value is not False}
    on = {name: value for name, value in on.items() if not (name.startswith("min_") and value < 2)}
    if "max_events_a_day" in on:
        on["bots"] = (rules or {}).get("bots", OFF["bots"])
    if "min_shopper_events" in on or "min_item_events" in on:
        on["repeat_until_stable"] = (rules or {}).get("repeat_until_stable", True)
    return on


def cleaning_form(
    ws: Workspace,
    key: str,
    rules: Rules,
    on_change: Callable[[Rules], None],
    note: Callable[[], None] | None = None,
    heading: bool = True,
    **of: Any,
) -> CleaningTrial:
    """Draw the switches and the table of before and after.

    Args:
        ws: the workspace.
        key: of the widgets.
        rules: those that hold now.
        on_change: called in a callback with the rules as they are after a change.
        note: draws what else belongs above the table.
        heading: whether the form has a heading of its own.
        of: what the rules are tried on: `upload` with `mapping`, `base`, `overlap`, or `dataset`.

    Returns:
        What the rules would do.
    """
    rules = active(rules)
    with st.spinner(W("clean.counting")):
        offers = {offer.rule: offer for offer in ws.versions.cleaning_offers(**of)}
        trial = ws.versions.try_cleaning(rules, **of)
    if heading:
        shell.section(W("clean.title"), W("clean.caption"))
    with st.container(border=True, gap="xsmall"):
        for rule, offer in offers.items():
            _rule(key, rule, offer, rules, trial, on_change)
        if note is not None:
            note()
        if rules:
            _table(key, trial)
        _sentence(trial, rules, bool(of.get("base")))
        if rules:
            st.button(W("clean.reset"), icon=":material/undo:", type="tertiary", key=f"{key}.reset", on_click=on_change, args=({},))
    return trial


def _rule(key: str, rule: str, offer: CleaningOffer, rules: Rules, trial: CleaningTrial, on_change: Callable[[Rules], None]) -> None:
    """One switch, its field, and what it does."""
    place = f"{key}.{rule}"
    on = rule in rules
    forced = rule == "drop_returns" and "drop_returned" in rules
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="small"):
        st.session_state[place] = on or forced
        st.toggle(
            W(f"clean.{rule}"), key=place, help=W(f"clean.{rule}.help"), disabled=forced, width="content", on_change=_switched,
            args=(place, rule, offer, rules, on_change),
        )  # fmt: skip
        with st.container(horizontal=True, width="content", vertical_alignment="center", gap="small"):
            if on:
                _field(place, rule, rules, on_change)
            st.caption(_effect(rule, offer, rules, trial), width="content")
    if on:
        _further(place, rule, rules, on_change)


def _field(place: str, rule: str, rules: Rules, on_change: Callable[[Rules], None]) -> None:
    """The number or the day of a rule that is on."""
    key = f"{place}.value"
    args = (key, rule, rules, on_change)
    if rule in DAYS:
        st.session_state[key] = date.fromisoformat(str(rules[rule])[:10])
        st.date_input(
            W(f"clean.{rule}"), key=key, min_value=date(1970, 1, 1), max_value=date(2100, 12, 31), format="YYYY-MM-DD", width=150,
            label_visibility="collapsed", on_change=_valued, args=args,
        )  # fmt: skip
    elif rule in NUMBERS:
        low, high = NUMBERS[rule]
        st.session_state[key] = int(rules[rule])
        st.number_input(W(f"clean.{rule}.field"), low, high, key=key, width=130, label_visibility="collapsed", on_change=_valued, args=args)


def _further(place: str, rule: str, rules: Rules, on_change: Callable[[Rules], None]) -> None:
    """What else a rule that is on wants to know, on a line of its own."""
    if rule == "max_events_a_day":
        key = f"{place}.bots"
        st.session_state[key] = rules["bots"]
        st.segmented_control(
            W("clean.bots"), ("drop", "cut"), key=key, required=True, label_visibility="collapsed", on_change=_valued,
            format_func=lambda value: W(f"clean.bots.{value}"), args=(key, "bots", rules, on_change),
        )  # fmt: skip
    elif rule == "min_item_events" and "min_shopper_events" in rules:
        key = f"{place}.stable"
        st.session_state[key] = rules["repeat_until_stable"]
        st.checkbox(
            W("clean.repeat_until_stable"), key=key, help=W("clean.repeat_until_stable.help"), on_change=_valued,
            args=(key, "repeat_until_stable", rules, on_change),
        )  # fmt: skip


def _effect(rule: str, offer: CleaningOffer, rules: Rules, trial: CleaningTrial) -> str:
    if rule in rules or (rule == "drop_returns" and "drop_returned" in rules):
        step = next((step for step in trial.steps if step.rule == rule), None)
        if step is None:
            return W("clean.with_above")
        n = step.rows_before - step.rows_after
        return W("clean.leaves", n=numbers.count(n)) if n else W("clean.leaves.none")
    if offer.left_out < 0 or (rule in DAYS and not offer.left_out):
        return ""
    return W("clean.would", n=numbers.count(offer.left_out)) if offer.left_out else W("clean.leaves.none")


def _switched(place: str, rule: str, offer: CleaningOffer, rules: Rules, on_change: Callable[[Rules], None]) -> None:
    without = {name: value for name, value in rules.items() if name != rule}
    attempt(on_change, active({**rules, **offer.rules} if st.session_state[place] else without))


def _valued(key: str, rule: str, rules: Rules, on_change: Callable[[Rules], None]) -> None:
    value = st.session_state[key]
    if value is not None:
        attempt(on_change, active({**rules, rule: value.isoformat() if isinstance(value, date) else value}))


def _table(key: str, trial: CleaningTrial) -> None:
    """Events, shoppers and items before any rule and after each."""
    names = [WT(f"clean.done.{step.rule}") for step in trial.steps]
    names = [WT("clean.table.passes", rule=n, n=s.passes) if s.passes > 1 else n for n, s in zip(names, trial.steps, strict=True)]
    frame = pd.DataFrame(
        {
            "rule": [WT("clean.table.before"), *(WT("clean.table.after", rule=name) for name in names)],
            "out": [None, *(step.rows_before - step.rows_after for step in trial.steps)],
            "events": [trial.before.events, *(step.rows_after for step in trial.steps)],
            "shoppers": [trial.before.shoppers, *(step.shoppers_after for step in trial.steps)],
            "items": [trial.before.items, *(step.items_after for step in trial.steps)],
        }
    ).astype({"out": "Int64"})
    column = st.column_config
    told = {"before": numbers.count(trial.before.events), "after": numbers.count(trial.after.events), "n": len(trial.steps)}
    st.dataframe(
        frame,
        hide_index=True,
        height="content",
        key=f"{key}.table",
        alt=WT("clean.table.alt", **told),
        placeholder=numbers.NONE,
        column_config={
            "rule": column.TextColumn(WT("clean.table.rule"), width=190),
            **{name: column.NumberColumn(WT(f"clean.table.{name}"), format="localized") for name in ("out", "events", "shoppers", "items")},
        },
    )


def _sentence(trial: CleaningTrial, rules: Rules, appended: bool) -> None:
    before, after = trial.before, trial.after
    if not rules:
        st.caption(W("clean.none", events=numbers.count(before.events)))
        return
    if not after.events:
        st.markdown(f":red[:material/error:] {W('clean.nothing')}")
        return
    text = W(
        "clean.stays",
        before=numbers.count(before.events),
        after=numbers.count(after.events),
        events=numbers.count(before.events - after.events),
        shoppers=numbers.count(before.shoppers - after.shoppers),
        items=numbers.count(before.items - after.items),
    )
    st.markdown(f"{text} {W('clean.stays.added', n=numbers.count(trial.added))}" if appended else text)
