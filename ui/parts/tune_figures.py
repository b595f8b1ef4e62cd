"""Tune: shop-wide figures of the policy with their change against the saved one, and what each step of it did."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import streamlit as st

from recengine.types import Estimate
from recengine.types.policies import PolicyEffect, PolicyStep
from ui.parts.kpis import kpis
from ui.parts.policy_words import field_name, limit_words
from ui.parts.two_lines import both, bullets, two_lines
from ui.session import Session
from ui.words import WT, W, has, numbers, one_line, spoken

SHARES = ("coverage", "tail_share", "hit_rate", "recall", "new_items")
LESS_IS_BETTER = ("gini", "popularity_bias")
CARDS = ("ndcg", "revenue", "coverage", "tail_share", "diversity")
MOST_PROBLEMS = 5
Row = dict[str, Any]


def shop_kpis(session: Session, effect: PolicyEffect) -> None:
    """Five figures with paired changes, how many lists change, and all figures one click away."""
    cards = [name for name in CARDS if name in effect.now.metrics]
    cards += [name for name in ("recall",) if len(cards) < len(CARDS)]
    currency = session.dataset.currency if session.dataset else ""
    rows = [_card(name, effect, currency) for name in cards]
    rows.append(
        {
            "label": W("tune.kpi.changed"),
            "value": numbers.count(effect.lists_changed),
            "delta": WT("tune.kpi.of", n=numbers.count(effect.now.n_shoppers)),
            "delta_color": "off",
            "delta_arrow": "off",
            "help": W("tune.kpi.changed.help", moved=numbers.count(effect.order_changed)),
        }
    )
    kpis(rows, 140)
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        with st.popover(W("tune.figures.all"), icon=":material/table_chart:", type="tertiary"):
            all_figures(effect, currency)
        measured, of = effect.now.n_shoppers, effect.test_shoppers
        key = "tune.figures.note" if measured == of else "tune.figures.drawn"
        st.caption(W(key, n=numbers.count(measured), of=numbers.count(of)))


def _card(name: str, effect: PolicyEffect, currency: str) -> Row:
    now, before, change = effect.now.metrics[name], effect.before.metrics[name], effect.change[name]
    row: Row = {"label": W(f"tune.kpi.{name}", k=effect.now.k), "value": said(name, now.value, currency)}
    row["help"] = W(
        "tune.kpi.help",
        now=said(name, now.value, currency),
        interval=ends(name, now, currency),
        before=said(name, before.value, currency),
        change=rise(name, change.value, currency),
        change_interval=rise_ends(name, change, currency),
    )
    text = rise(name, change.value, currency).replace(numbers.MINUS, "-")
    if effect.lists_changed or effect.order_changed:
        row |= {"delta": text, "delta_description": half(name, change, currency)}
    if "delta" in row and name in LESS_IS_BETTER:
        row["delta_color"] = "inverse"
    if "delta" in row and not clear(change):  # a change that may be none is not told in red or green
        row |= {"delta_color": "off", "delta_arrow": "off"}
    return row


def clear(change: Estimate) -> bool:
    """Whether the interval of a change leaves 0 out."""
    return change.low > 0 or change.high < 0


def all_figures(effect: PolicyEffect, currency: str) -> None:
    """Every figure: now with its interval, saved, the change with its own, and whether that is more than chance."""
    rows = [
        {
            "figure": name_of(name, effect.now.k),
            "now": said(name, now.value, currency),
            "interval": ends(name, now, currency),
            "saved": said(name, effect.before.metrics[name].value, currency),
            "change": rise(name, effect.change[name].value, currency),
            "change_interval": rise_ends(name, effect.change[name], currency),
            "clear": WT("tune.figures.clear" if clear(effect.change[name]) else "tune.figures.unclear"),
        }
        for name, now in effect.now.metrics.items()
        if name in effect.change and name in effect.before.metrics
    ]
    column = st.column_config
    st.dataframe(
        pd.DataFrame(rows),
        key="tune.figures",
        hide_index=True,
        height="content",
        alt=WT("tune.figures.alt", n=sum(clear(effect.change[name]) for name in effect.change)),
        column_config={key: column.TextColumn(WT(f"tune.figures.{key}")) for key in rows[0]} if rows else None,
    )


def name_of(name: str, k: int) -> str:
    """A figure by the name of its card, else as the registry spells it."""
    return WT(f"tune.kpi.{name}", k=k) if has(f"tune.kpi.{name}") else one_line(field_name(name))


def said(name: str, value: float, currency: str = "") -> str:
    """A figure as text."""
    if name == "revenue":
        return numbers.money(value, currency)
    return numbers.share(value) if name in SHARES else numbers.metric(value)


def ends(name: str, estimate: Estimate, currency: str = "") -> str:
    """The interval of a figure as text."""
    if math.isnan(estimate.low):
        return numbers.NONE
    return f"{said(name, estimate.low, currency)} – {said(name, estimate.high, currency)}"


def rise(name: str, value: float, currency: str = "") -> str:
    """A change with its sign."""
    if math.isnan(value):
        return numbers.NONE
    if name == "revenue":
        return ("+" if value >= 0 else numbers.MINUS) + numbers.money(abs(value), currency)
    return numbers.points(value) if name in SHARES else numbers.signed(value)


def rise_ends(name: str, change: Estimate, currency: str = "") -> str:
    """The interval of a change as text."""
    if math.isnan(change.low):
        return numbers.NONE
    return f"{rise(name, change.low, currency)} … {rise(name, change.high, currency)}"


def half(name: str, change: Estimate, currency: str = "") -> str:
    """Half the width of an interval, behind a delta."""
    width = (change.high - change.low) / 2
    if math.isnan(width):
        return ""
    if name == "revenue":
        return f"± {numbers.money(width, currency)}"
    return f"± {100 * width:.1f}" if name in SHARES else numbers.plus_minus(-width, width)


def problems(effect: PolicyEffect) -> None:
    """What is wrong with the policy, in both languages; that of the page first."""
    found = effect.now.problems
    for row in found[:MOST_PROBLEMS]:
        st.warning(two_lines(*both(row.text, row.text_zh)), icon=":material/warning:")
    if len(found) > MOST_PROBLEMS:
        with st.expander(W("tune.problems.more", n=len(found) - MOST_PROBLEMS)):
            st.markdown(bullets([" ".join(both(row.text, row.text_zh)) for row in found[MOST_PROBLEMS:]]))


def steps_table(spec: dict[str, Any], effect: PolicyEffect) -> None:
    """What each step of the policy did, in places of all lists."""
    if not effect.steps:
        st.caption(W("tune.steps.none"))
        return
    frame = pd.DataFrame(
        {
            "step": [step_name(spec, row) for row in effect.steps],
            "places": [row.places for row in effect.steps],
            "kind": [WT(f"tune.steps.{row.kind}") for row in effect.steps],
        }
    ).sort_values("places", ascending=False, kind="stable")
    column = st.column_config
    most = max(1, *(row.places for row in effect.steps))
    st.dataframe(
        frame,
        key="tune.steps",
        hide_index=True,
        height="content" if len(frame) <= 12 else 430,
        alt=WT("tune.steps.alt", step=frame.step.iloc[0], n=int(frame.places.iloc[0])),
        column_config={
            "step": column.TextColumn(WT("tune.steps.step"), width=212),
            "places": column.ProgressColumn(WT("tune.steps.places"), format="localized", min_value=0, max_value=most, width=130),
            "kind": column.TextColumn(WT("tune.steps.kind"), width=88),
        },
    )


def step_name(spec: dict[str, Any], row: PolicyStep) -> str:
    """A step with the setting it stands at."""
    part, _, name = row.key.partition(":")
    if part == "limit":
        return limit_words(spec["limits"][int(name)])
    if part == "control":
        return f"{field_name(name)} {numbers.metric(float(spec['controls'][name]), 2)}"
    return one_line(spoken(row.name, row.name_zh))
