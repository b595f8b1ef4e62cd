"""Compare: how the variants learned, and what they cost in time and space."""

from __future__ import annotations

from collections import Counter

import pandas as pd
import streamlit as st

from recengine.types.runs import RunCost
from ui import shell
from ui.charts.run_charts import MOST, cost_dots, learning_curves
from ui.parts import compare_parts as parts
from ui.parts.errors import attempt
from ui.session import Session
from ui.words import WT, W, has, numbers, one_line


def learning(session: Session, names: dict[str, str]) -> None:
    """Curves of several trainings together, and a table and a chart of time, size and speed."""
    left, right = st.columns(2, gap="medium")
    with left, st.container(border=True, height="stretch"):
        _curves(session, names)
    costs = session.ws.runs.costs(list(names))
    with right, st.container(border=True, height="stretch"):
        _chart(costs, names)
    _table(session, costs, names)


def _curves(session: Session, names: dict[str, str]) -> None:
    shell.section(W("learning.curves"), W("learning.curves.caption"))
    found = session.ws.runs.curves(list(names))
    often = Counter((c.figure, c.phase) for c in found)
    choices = sorted(often, key=lambda kind: (-often[kind], kind[0] != "ndcg@10", kind))
    if not choices:
        st.caption(W("learning.none"))
        return
    figure, phase = st.selectbox(W("learning.figure"), choices, format_func=_named, key="learning.figure", width=280)
    drawn = [c for c in found if (c.figure, c.phase) == (figure, phase)][:MOST]
    if len(drawn) < sum((c.figure, c.phase) == (figure, phase) for c in found):
        st.caption(W("places.most", n=MOST))
    ends = {c.variant: (min if figure == "loss" else max)(c.values) for c in drawn}
    best = (min if figure == "loss" else max)(ends, key=ends.__getitem__)
    words = {"name": names[best], "figure": _named((figure, phase)), "value": numbers.metric(ends[best])}
    shell.chart(learning_curves(drawn, names, WT("learning.epoch")), f"learning.{figure}.{phase}", WT("learning.alt", **words), tools=True)
    shell.read(W("learning.read"))


def _named(choice: tuple[str, str]) -> str:
    figure, phase = choice
    name = WT("learning.loss") if figure == "loss" else parts.metric_name(figure)
    return WT("learning.choice", name=name, phase=WT(f"learning.phase.{phase}") if has(f"learning.phase.{phase}") else one_line(phase))


def _chart(costs: tuple[RunCost, ...], names: dict[str, str]) -> None:
    shell.section(W("learning.cost"), W("learning.cost.caption"))
    slow = max(costs, key=lambda c: c.seconds)
    fig = cost_dots(costs, names, WT("learning.seconds"), WT("learning.size"))
    shell.chart(
        fig, "learning.cost", WT("learning.cost.alt", name=names[slow.variant], seconds=numbers.metric(slow.seconds, 1)), tools=True
    )
    shell.read(W("learning.cost.read"))


def _table(session: Session, costs: tuple[RunCost, ...], names: dict[str, str]) -> None:
    column = st.column_config
    titles = parts.distinct_text([one_line(names[c.variant]) for c in costs])
    st.dataframe(
        pd.DataFrame(
            {
                "name": titles,
                "seconds": [c.seconds for c in costs],
                "epochs": [c.epochs or None for c in costs],
                "parameters": [c.parameters for c in costs],
                "model": [c.model_bytes / 1e6 for c in costs],
                "size": [c.size_bytes / 1e6 for c in costs],
                "ms": [c.ms_per_list for c in costs],
                "device": [c.device for c in costs],
            }
        ),
        key="learning.table",
        hide_index=True,
        height="content" if len(costs) <= 15 else 560,
        placeholder=numbers.NONE,
        alt=WT("learning.table.alt", n=len(costs)),
        column_config={
            "name": column.TextColumn(WT("compare.col.variant")),
            "seconds": column.NumberColumn(WT("learning.seconds"), format="%.1f"),
            "epochs": column.NumberColumn(WT("learning.col.epochs")),
            "parameters": column.NumberColumn(WT("learning.col.parameters"), format="localized", help=WT("learning.col.parameters.help")),
            "model": column.NumberColumn(WT("learning.col.model"), format="%.1f"),
            "size": column.NumberColumn(WT("learning.col.size"), format="%.1f", help=WT("learning.col.size.help")),
            "ms": column.NumberColumn(WT("learning.col.ms"), format="%.2f", help=WT("learning.col.ms.help")),
            "device": column.TextColumn(WT("learning.col.device")),
        },
    )
    unknown = [c.variant for c in costs if c.ms_per_list is None]
    if unknown and st.button(W("learning.measure", n=len(unknown)), icon=":material/timer:", key="learning.measure"):
        with st.spinner(W("learning.measuring"), show_time=True):
            for variant in unknown:
                attempt(session.ws.runs.measure, variant)
        st.rerun()
