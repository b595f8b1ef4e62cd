"""Tune: the diversity setting of this tab, the list before and after, shop-wide figures, saving as a policy."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import pandas as pd
import streamlit as st

from recengine.types import Estimate, Exposure, RankedList, Tradeoff, TradeoffPoint
from ui import session as tab
from ui.charts.tune_charts import clicked_setting
from ui.parts.errors import attempt
from ui.parts.kpis import kpis
from ui.parts.tile import tile
from ui.session import Session
from ui.words import WT, W, numbers, one_line

STEP = 0.05
SHARE_KPIS = ("coverage", "tail_share")
KPIS = ("ndcg", "coverage", "diversity", "tail_share")


def saved_setting(session: Session) -> float:
    """The diversity of the policy in use, 0 without one."""
    return session.policy.diversity if session.policy else 0.0


def diversity_setting(session: Session) -> float:
    """The diversity this tab looks at: the address, else the policy. Choosing another policy forgets what was set by hand."""
    policy = session.policy.id if session.policy else ""
    if st.session_state.setdefault("diversity.policy", policy) != policy:
        st.session_state["diversity.policy"] = policy
        tab.choose(diversity=None)
    asked = tab.param("diversity")
    if asked is None:
        return saved_setting(session)
    try:
        value = float(asked)
    except ValueError:
        value = math.nan
    if 0 <= value <= 1:
        tab.choose(diversity=asked)
        return round(value, 4)
    tab.choose(diversity=None)
    return saved_setting(session)


def set_diversity(value: float) -> None:
    """Use this setting in this tab."""
    tab.choose(diversity=f"{value:g}")


def use_clicked(key: str, points: Sequence[TradeoffPoint]) -> None:
    """Use the setting of the point that was clicked; for `on_select` of a chart drawn under this key."""
    chosen = clicked_setting(points, st.session_state[f"{key}-{st.context.theme.type}"].selection)
    if chosen is not None:
        set_diversity(chosen)


def diversity_slider(session: Session, key: str, help_key: str, width: int | Literal["stretch"] = "stretch") -> float:
    """The slider; its value is in the address, so that a link opens the same list."""
    value = diversity_setting(session)
    held = st.session_state.get(key)
    if held is None or abs(held - value) > STEP / 100:  # telling the browser what it said would undo the steps it has taken since
        st.session_state[key] = value
    st.slider(
        W("tune.diversity"),
        0.0,
        1.0,
        step=STEP,
        key=key,
        help=W(help_key),
        width=width,
        on_change=lambda: set_diversity(st.session_state[key]),
    )
    return value


def variant_picker(session: Session) -> None:
    """The variants of this dataset, best first."""
    assert session.variant is not None
    names = {v.id: one_line(v.name) for v in session.variants}
    st.session_state["tune.variant"] = session.variant.id
    st.selectbox(
        W("tune.variant"),
        list(names),
        key="tune.variant",
        format_func=lambda v: names[v],
        on_change=lambda: tab.choose(variant=st.session_state["tune.variant"]),
    )


def moves(before: RankedList, after: RankedList) -> tuple[pd.DataFrame, list[str]]:
    """The list after, with the place before and the move as text; and the titles that left."""
    was = {i.item: i.rank for i in before.items}
    rows = [
        {
            "now": i.rank,
            "tile": tile(i.item, i.title),
            "title": one_line(i.title),
            "was": was.get(i.item),
            "moved": move(was.get(i.item), i.rank),
        }
        for i in after.items
    ]
    stays = {i.item for i in after.items}
    frame = pd.DataFrame(rows, columns=["now", "tile", "title", "was", "moved"]).astype({"was": "Int64"})
    return frame, [i.title for i in before.items if i.item not in stays]


def move(was: int | None, now: int) -> str:
    """`↑ 2`, `↓ 1`, `new` or `–`."""
    if was is None:
        return WT("tune.move.new")
    return numbers.NONE if was == now else f"↑ {was - now}" if was > now else f"↓ {now - was}"


def moves_table(before: RankedList, after: RankedList) -> None:
    """The shopper's list with moves against diversity 0, and what left it."""
    frame, gone = moves(before, after)
    column = st.column_config
    st.dataframe(
        frame,
        key="tune.list",
        hide_index=True,
        row_height=40,
        height="content",
        placeholder=numbers.NONE,
        alt=WT("tune.list.alt", moved=int((frame.moved != numbers.NONE).sum()), n=len(frame)),
        column_config={
            "now": column.NumberColumn(WT("tune.col.now"), width=44),
            "tile": column.ImageColumn("", width=40),
            "title": column.TextColumn(WT("tune.col.item"), width=205),
            "was": column.NumberColumn(WT("tune.col.was"), width=44),
            "moved": column.TextColumn(WT("tune.col.moved"), width=62),
        },
    )
    st.caption(W("tune.list.left", items=W_join(gone)) if gone else W("tune.list.same"))


def W_join(titles: list[str]) -> str:
    """Titles in one line, cut at 60 characters each."""
    return ", ".join(one_line(t) if len(t) <= 60 else one_line(t)[:59] + "…" for t in titles)


def shop_kpis(view: Tradeoff, now: TradeoffPoint) -> None:
    """Shop-wide figures at this setting with their intervals, and the change against diversity 0."""
    start = view.points[0]
    rows = []
    for name in KPIS:
        if name not in now.metrics or name not in start.metrics:
            continue
        rows.append(_kpi(name, view.k, now.metrics[name], start.metrics[name]))
    rows.append(
        {
            "label": W("tune.kpi.changed"),
            "value": numbers.count(now.lists_changed),
            "delta": WT("tune.kpi.of", n=numbers.count(view.n_shoppers)),
            "delta_color": "off",
            "delta_arrow": "off",
            "help": W("tune.kpi.changed.help"),
        }
    )
    kpis(rows)


def _kpi(name: str, k: int, now: Estimate, before: Estimate) -> dict[str, object]:
    change = now.value - before.value
    if name in SHARE_KPIS:
        value, half = numbers.share(now.value), f"± {50 * (now.high - now.low):.1f}"
        delta = numbers.points(change).replace(numbers.MINUS, "-")
        words = [numbers.share(now.value), _shares(now), numbers.share(before.value), _shares(before)]
    else:
        value, half = numbers.metric(now.value), numbers.plus_minus(now.low, now.high)
        delta = numbers.delta(change)
        words = [numbers.metric(now.value), numbers.interval(now.low, now.high), numbers.metric(before.value)]
        words.append(numbers.interval(before.low, before.high))
    help_text = W("tune.kpi.help", now=words[0], interval=words[1], before=words[2], before_interval=words[3])
    row: dict[str, object] = {"label": W(f"tune.kpi.{name}", k=k), "value": value, "delta": delta, "help": help_text}
    row["delta_description"] = half
    if not delta.strip("0. pts%"):
        row |= {"delta_color": "off", "delta_arrow": "off"}
    return row


def _shares(estimate: Estimate) -> str:
    return f"{numbers.share(estimate.low)} – {numbers.share(estimate.high)}"


def tradeoff_words(view: Tradeoff, metric: str) -> str:
    """The finding of the curve: what the ends of the slider cost and bring."""
    first, last = view.points[0], view.points[-1]
    return WT(
        "tune.tradeoff.alt",
        first=f"{first.diversity:g}",
        last=f"{last.diversity:g}",
        metric=WT("tune.kpi.ndcg", k=view.k),
        high=numbers.metric(first.metrics[metric].value),
        low=numbers.metric(last.metrics[metric].value),
        narrow=numbers.share(first.metrics["coverage"].value),
        wide=numbers.share(last.metrics["coverage"].value),
    )


def exposure_words(changes: list[Exposure]) -> str:
    """The finding of the bars: who gains and who loses most."""
    gains = [c for c in changes if c.after > c.before]
    losses = [c for c in changes if c.after < c.before]
    if gains and losses:
        winner = max(gains, key=lambda c: c.after - c.before)
        loser = max(losses, key=lambda c: c.before - c.after)
        return WT(
            "tune.exposure.alt", winner=winner.title, gain=winner.after - winner.before, loser=loser.title, loss=loser.before - loser.after
        )
    one = max(changes, key=lambda c: abs(c.after - c.before))
    return WT("tune.exposure.alt.one", item=one.title, change=numbers.signed(one.after - one.before, 0))


def pending_bar(session: Session, value: float) -> None:
    """What is not saved, with the way back and the way to keep it; nothing when the policy says the same."""
    saved = saved_setting(session)
    if session.dataset is None or abs(value - saved) < 1e-9:
        return
    with st.bottom, st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        change = W("tune.pending", before=numbers.metric(saved, 2), after=numbers.metric(value, 2))
        st.markdown(f":orange[:material/edit:] {change}", width="content")
        with st.container(horizontal=True, width="content", gap="xsmall"):
            st.button(W("tune.undo"), key="tune.undo", icon=":material/undo:", on_click=lambda: tab.choose(diversity=None))
            with st.popover(W("tune.save"), icon=":material/save:", type="primary"):
                _save_form(session, value)


def _save_form(session: Session, value: float) -> None:
    with st.form("tune.save.form", border=False, enter_to_submit=False):
        st.text_input(W("tune.name"), placeholder=WT("tune.name.placeholder"), key="tune.name")
        st.form_submit_button(W("tune.save.button"), type="primary", icon=":material/save:", on_click=attempt, args=(_save, session, value))


def _save(session: Session, value: float) -> None:
    assert session.dataset is not None
    policy = session.ws.tuning.save_policy(session.dataset.id, st.session_state["tune.name"], value)
    st.session_state["diversity.policy"] = policy.id
    tab.choose(policy=policy.id, diversity=None)
    st.toast(W("tune.saved", name=policy.name), icon=":material/check_circle:")
