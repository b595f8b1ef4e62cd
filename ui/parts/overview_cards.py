"""Four charts and five figures about one dataset version."""

from __future__ import annotations

import numpy as np
import streamlit as st

from recengine.types import DatasetOverview, caption
from ui import shell
from ui.charts import data_charts
from ui.parts.kpis import kpis
from ui.words import WT, W, has, numbers, told

STAGES_FOR_FUNNEL = 2


def behaviour_name(name: str, verbatim: bool = False) -> str:
    """View, Cart, Purchase … in words."""
    key = f"behaviour.{name}"
    return (WT(key) if verbatim else W(key)) if has(key) else name


def events_a_week(view: DatasetOverview) -> np.ndarray:
    """int64 [W]: events of all behaviours; there is at least one whole week."""
    return np.sum(list(view.weekly_events.values()), axis=0)


def overview_kpis(view: DatasetOverview) -> None:
    """Events, shoppers, items, density, period."""
    data = view.dataset
    kpis(
        [
            {"label": W("overview.events"), "value": numbers.count(data.events), "help": told(caption(type(data), "events"))},
            {"label": W("overview.shoppers"), "value": numbers.count(data.shoppers), "help": told(caption(type(data), "shoppers"))},
            {"label": W("overview.items"), "value": numbers.count(data.items), "help": told(caption(type(data), "items"))},
            {
                "label": W("overview.per_shopper"),
                "value": f"{data.events / max(1, data.shoppers):,.1f}",
                "help": W("overview.per_shopper.help"),
            },
            {"label": W("overview.density"), "value": numbers.share(view.density, 2), "help": told(caption(DatasetOverview, "density"))},
        ]
    )


def overview_charts(view: DatasetOverview) -> None:
    """Events over time, funnel, long tail, events per shopper; each with its words."""
    with st.grid(2, min_column_width=320, gap="small"):
        with st.container(border=True, height="stretch"):
            _over_time(view)
        with st.container(border=True, height="stretch"):
            _funnel(view)
        with st.container(border=True, height="stretch"):
            _long_tail(view)
        with st.container(border=True, height="stretch"):
            _per_shopper(view)


def _over_time(view: DatasetOverview) -> None:
    period = W("overview.period", first=numbers.date(view.dataset.first), last=numbers.date(view.dataset.last))
    shell.section(W("overview.time"), period)
    if not len(view.weeks):
        st.caption(W("overview.time.short"))
        return
    series = {behaviour_name(name, verbatim=True): values for name, values in view.weekly_events.items()}
    total = events_a_week(view)
    alt = WT("overview.time.alt", peak=numbers.count(int(total.max())), week=numbers.date(view.weeks[int(total.argmax())]))
    shell.chart(data_charts.weeks_by_behaviour(view.weeks, series), f"time.{view.dataset.id}", alt)
    shell.read(W("overview.time.read"))


def _funnel(view: DatasetOverview) -> None:
    shell.section(W("overview.funnel"), W("overview.funnel.caption"))
    if len(view.funnel) < STAGES_FOR_FUNNEL:
        only = behaviour_name(view.funnel[0][0]) if view.funnel else W("overview.funnel.nothing")
        st.markdown(f":material/info: {W('overview.funnel.missing', only=only)}")
        return
    first = max(1, view.funnel[0][1])
    stages = [behaviour_name(stage, verbatim=True) for stage, _, _ in view.funnel]
    notes = [f"{numbers.count(n)} · {numbers.share(n / first)}" for _, n, _ in view.funnel]
    alt = WT("overview.funnel.alt", last=stages[-1], share=numbers.share(view.funnel[-1][1] / first), first=stages[0])
    shell.chart(data_charts.funnel_bars(stages, [n for _, n, _ in view.funnel], notes), f"funnel.{view.dataset.id}", alt)
    shell.read(W("overview.funnel.read"))


def _long_tail(view: DatasetOverview) -> None:
    shell.section(W("overview.tail"), W("overview.tail.caption"))
    part = numbers.share(view.items_for_80 / max(1, view.dataset.items), 0)
    note = WT("overview.tail.note", items=numbers.count(view.items_for_80), share=part)
    figure = data_charts.long_tail(view.rank_items, view.rank_share, view.items_for_80, note, WT("overview.tail.x"), WT("overview.tail.y"))
    shell.chart(figure, f"tail.{view.dataset.id}", WT("overview.tail.alt", items=numbers.count(view.items_for_80)))
    shell.read(W("overview.tail.read"))


def _per_shopper(view: DatasetOverview) -> None:
    shell.section(W("overview.spread"), W("overview.spread.caption"))
    figure = data_charts.events_per_shopper(
        view.events_per_shopper_edges,
        view.events_per_shopper_counts,
        WT("overview.spread.x"),
        WT("overview.spread.y"),
        WT("overview.spread.hover"),
    )
    shell.chart(figure, f"spread.{view.dataset.id}", WT("overview.spread.alt", shoppers=numbers.count(view.dataset.shoppers)))
    shell.read(W("overview.spread.read"))
