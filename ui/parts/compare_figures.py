"""Compare: the four cards under the table: intervals, tests, segments, accuracy against another metric."""

from __future__ import annotations

import streamlit as st

from recengine.types import Comparison
from ui import shell
from ui.charts.compare_charts import accuracy_variety, metric_dots, segment_heat
from ui.parts import compare_parts as parts
from ui.words import WT, W, numbers


def figures(view: Comparison) -> None:
    """The metric with intervals, for whom, the tests, and what it costs in variety; two beside each other."""
    for first, second, widths in ((intervals, segments, (1, 1)), (tests, variety, (6, 5))):
        left, right = st.columns(widths, gap="medium")
        with left:
            first(view)
        with right:
            second(view)


def intervals(view: Comparison) -> None:
    """The main metric with its intervals."""
    best = view.variants[0].metrics[view.metric]
    name = parts.metric_name(view.metric)
    with st.container(border=True, height="stretch"):
        shell.section(W("compare.dots", metric=name), W("compare.dots.caption", n=numbers.count(best.n)))
        words = {"value": parts.metric_value(view.metric, best.value), "interval": parts.metric_interval(view.metric, best.low, best.high)}
        alt = WT("compare.dots.alt", best=view.variants[0].name, metric=name, **words)
        shell.chart(metric_dots(view, view.metric), "compare.dots", alt, tools=True)
        shell.read(W("compare.dots.read"))


def variety(view: Comparison) -> None:
    """Accuracy against variety, both chosen."""
    choices = [m for m in parts.metrics_of(view.variants) if m != view.metric]
    if not choices:
        return
    with st.container(border=True, height="stretch"):
        shell.section(W("compare.scatter"), W("compare.scatter.caption"))
        k = view.metric.partition("@")[2]
        start = choices.index(f"coverage@{k}") if f"coverage@{k}" in choices else 0
        across = st.selectbox(W("compare.variety"), choices, index=start, key="compare.variety", format_func=parts.metric_name, width=200)
        fig = accuracy_variety(view, view.metric, across, parts.metric_name(across), parts.metric_name(view.metric))
        widest = max(view.variants, key=lambda v: v.metrics[across].value)
        alt = WT("compare.scatter.alt", accurate=view.variants[0].name, varied=widest.name, variety=parts.metric_name(across))
        if fig is not None:
            shell.chart(fig, "compare.scatter", alt, tools=True)
            shell.read(W("compare.scatter.read"))


def tests(view: Comparison) -> None:
    """The best against each other, paired by shopper."""
    if not view.pairs:
        return
    best = view.variants[0].name
    with st.container(border=True, height="stretch"):
        words = {"metric": parts.metric_name(view.metric), "n": numbers.count(view.pairs[0].n)}
        shell.section(W("compare.tests"), W("compare.tests.caption", best=best, **words))
        parts.tests_table(view)
        shell.read(W("compare.tests.read"))


def segments(view: Comparison) -> None:
    """The metric by kind of shopper, against a reference."""
    names = {v.id: v.name for v in view.variants}
    with st.container(border=True, height="stretch"):
        heading = st.container()
        reference = parts.reference_picker(view)
        metric = parts.metric_name(view.metric)
        with heading:
            key = "compare.segments.against" if reference else "compare.segments.plain"
            shell.section(W("compare.segments"), W(key, metric=metric, name=names.get(reference or "", "")))
        shown = [parts.segment_name(s) for s in view.segments]
        fig = segment_heat(view, reference, shown)
        if fig is None:
            st.caption(W("compare.segments.none"))
            return
        shell.chart(fig, f"compare.segments.{len(names)}", parts.segment_words(view, reference), tools=True)
        shell.read(W("compare.segments.read"))
        st.caption(parts.segment_sizes(view))
