"""Compare: which variant is better, for whom, and is the difference real?"""

import streamlit as st

from recengine.types import Comparison
from ui import session as tab
from ui import shell
from ui.charts.compare_charts import accuracy_variety, metric_dots, segment_heat
from ui.parts import compare_parts as parts
from ui.parts.compare_everyone import everybody
from ui.parts.compare_one import one_shopper
from ui.parts.compare_places import lengths, places
from ui.parts.empty import empty, need_variant
from ui.parts.errors import guard
from ui.words import WT, W, numbers

DEEPER = ("one", "everybody", "places", "lengths")

session = shell.enter()
shopper = tab.checked_shopper(session)  # before the header, which says what was not found
shell.header(session, W("nav.compare"), W("compare.purpose"))


def page() -> None:
    sentence = st.container()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        with st.container(width=760):
            chosen = parts.choose_variants(session)
        metrics = parts.metrics_of(tuple(session.ws.variants.get(v) for v in chosen), parts.ACCURACY)
        start = metrics.index("ndcg@10") if "ndcg@10" in metrics else 0
        metric = st.selectbox(
            W("compare.metric"),
            metrics,
            index=start,
            key="compare.metric",
            format_func=parts.metric_name,
            help=W("compare.metric.help"),
            width=190,
            persist_state="session",
        )
    with sentence:
        with st.spinner(W("compare.opening")):
            view = session.ws.comparison.compare(chosen, metric or "ndcg@10")
        parts.verdict(view)
    shell.section(W("compare.variants"), W("compare.table.hint", protocol=view.protocol, k=view.metric.partition("@")[2]))
    selected = parts.variant_table(view, f"compare.table.{hash(tuple(v.id for v in view.variants))}")
    if len(view.variants) < 2:
        words = (W("compare.one.title"), W("compare.one.why"), W("compare.one.button"))
        if empty(shell.ICONS["train"], *words, "compare.one", action_icon=":material/play_arrow:"):
            shell.go("train")
        return
    for first, second in ((intervals, segments), (tests, variety)):
        left, right = st.columns(2, gap="medium")
        with left:
            first(view)
        with right:
            second(view)
    parts.settings_table(view)
    pair = selected if len(selected) == 2 else [v.id for v in view.variants[:2]]
    deeper(view, pair[1], pair[0])


def deeper(view: Comparison, before: str, after: str) -> None:
    """Lists behind the figures: one shopper's, everybody's, who gets the places, other lengths."""
    names, k = {v.id: v.name for v in view.variants}, int(view.metric.partition("@")[2])
    st.segmented_control(
        W("compare.deeper"), DEEPER, default="one", required=True, key="compare.deeper", format_func=lambda d: W(f"compare.deeper.{d}")
    )
    with st.spinner(W("compare.deeper.opening"), show_time=True):
        chosen = st.session_state["compare.deeper"]
        if chosen == "one":
            one_shopper(session, shopper, view, before, after)
        elif chosen == "everybody":
            everybody(session, before, after, names, k)
        elif chosen == "places":
            places(session, view, k)
        else:
            lengths(session, view)


def intervals(view: Comparison) -> None:
    """The main metric with its intervals."""
    best = view.variants[0].metrics[view.metric]
    name = parts.metric_name(view.metric)
    with st.container(border=True, height="stretch"):
        shell.section(W("compare.dots", metric=name), W("compare.dots.caption", n=numbers.count(best.n)))
        words = {"value": parts.metric_value(view.metric, best.value), "interval": parts.metric_interval(view.metric, best.low, best.high)}
        shell.chart(
            metric_dots(view, view.metric), "compare.dots", WT("compare.dots.alt", best=view.variants[0].name, metric=name, **words)
        )
        shell.read(W("compare.dots.read"))


def variety(view: Comparison) -> None:
    """Accuracy against variety, both chosen."""
    choices = parts.metrics_of(view.variants, parts.VARIETY)
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
            shell.chart(fig, "compare.scatter", alt)
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
        shell.chart(fig, f"compare.segments.{len(names)}", parts.segment_words(view, reference))
        shell.read(W("compare.segments.read"))
        st.caption(parts.segment_sizes(view))


if need_variant(session):
    with guard():
        page()
