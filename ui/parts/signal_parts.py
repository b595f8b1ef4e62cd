"""Signals: the verdict on a funnel, its figures, and the charts of each view."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from recengine.types import VariantRow
from recengine.types.funnel import FunnelInsight, FunnelJudgement, HeadView, SignalWeight
from ui import shell
from ui.charts import signal_charts as charts
from ui.parts.empty import empty
from ui.parts.kpis import kpis
from ui.session import Session
from ui.words import WT, Markdown, W, has, numbers, one_line, plain, told, told_name

FUNNEL = "funnel"
VIEWS = ("groups", "segments", "signals", "pairs", "chances")


def need_funnel(session: Session, variant: VariantRow) -> bool:
    """True for a funnel; otherwise the way to one is shown."""
    if variant.model == FUNNEL:
        return True
    other = next((row for row in session.variants if row.model == FUNNEL), None)
    button = W("signals.other.open", variant=other.name) if other else W("signals.other.train")
    title = W("signals.other.title", variant=variant.name)
    if empty(shell.ICONS["signals"], title, W("signals.other.why"), button, "signals.other"):
        if other:
            shell.go("signals", variant=other.id)
        else:
            shell.go("train")
    return False


def verdict(judgement: FunnelJudgement | None) -> None:
    """Whether the funnel is better than its best single model, in a sentence."""
    if judgement is None or not judgement.generators:
        return
    gain, best = judgement.gain, judgement.generators[0]
    better = "better" if gain.low > 0 else "worse" if gain.high < 0 else "unsure"
    icon = {"better": ":material/check_circle:", "worse": ":material/warning:", "unsure": ":material/help:"}[better]
    words = {
        "best": best.title,
        "value": numbers.metric(judgement.ndcg.value),
        "other": numbers.metric(best.ndcg.value),
        "gain": numbers.signed(gain.value),
        "low": numbers.signed(gain.low),
        "high": numbers.signed(gain.high),
        "n": numbers.count(gain.n),
    }
    with st.container(border=True):
        st.markdown(f"{icon} {W(f'signals.verdict.{better}', **words)}")


def figures(view: FunnelInsight) -> None:
    """Gain, calibration, recall of the candidates, number of signals."""
    judged, rows = view.judgement, []
    if judged is not None:
        window = W("signals.later" if judged.later else "signals.within")
        gain = judged.gain
        help_gain = W("signals.kpi.gain.help", low=numbers.signed(gain.low), high=numbers.signed(gain.high), window=window)
        error = judged.heads[0].calibration_error if judged.heads else None
        rows = [
            {"label": W("signals.kpi.gain"), "value": numbers.signed(gain.value), "help": help_gain},
            {"label": W("signals.kpi.calibration"), "value": numbers.metric(error, 4), "help": W("signals.kpi.calibration.help")},
            {"label": W("signals.kpi.recall"), "value": numbers.share(judged.recall), "help": W("signals.kpi.recall.help")},
        ]
    rows.append(
        {
            "label": W("signals.kpi.signals"),
            "value": numbers.count(len(view.signals)),
            "help": W("signals.kpi.signals.help", n=len(view.families)),
        }
    )
    kpis(rows)


def groups(view: FunnelInsight) -> None:
    """How much each group moves the scores, and what is lost without it."""
    left, right = st.columns(2, gap="medium")
    with left, st.container(border=True, height="stretch"):
        shell.section(W("signals.shares"), W("signals.shares.caption", n=numbers.count(view.candidates)))
        ordered = tuple(sorted(view.families, key=lambda f: -f.share))
        top = ordered[0]
        words = {"title": told_name(top.title), "share": numbers.share(top.share, 0)}
        shell.chart(charts.family_shares(ordered), "signals.shares", WT("signals.shares.alt", **words))
        shell.read(W("signals.shares.read"))
    with right, st.container(border=True, height="stretch"):
        shell.section(W("signals.adds"), W("signals.adds.caption", n=numbers.count(view.shoppers)))
        fig = charts.family_adds(view.families)
        if fig is None:
            st.caption(W("signals.adds.none"))
            return
        most = max((f for f in view.families if f.adds is not None), key=lambda f: f.adds.value if f.adds else 0.0)
        value = numbers.metric(most.adds.value if most.adds else None)
        shell.chart(fig, "signals.adds", WT("signals.adds.alt", title=told_name(most.title), value=value))
        shell.read(f"{W('signals.adds.read')} {plain(told(view.ablation))}")


def segments(view: FunnelInsight) -> None:
    """What drives the scores of new, regular and heavy shoppers."""
    if not view.segments:
        st.info(W("signals.segments.none"), icon=":material/info:")
        return
    titles = {f.family: told_name(f.title) for f in view.families}
    for segment in view.segments:
        order = sorted(segment.families, key=lambda f: (-f.size, f.family))
        first, second = (titles.get(f.family, f.family) for f in (order * 2)[:2])
        name = W(f"signals.segment.{segment.segment}")
        st.markdown(W("signals.segments.says", segment=name, n=numbers.count(segment.shoppers), first=first, second=second))
    top = max(view.segments[0].families, key=lambda f: f.size)
    words = {"segment": WT(f"signals.segment.{view.segments[0].segment}"), "first": titles.get(top.family, top.family)}
    names = [WT(f"signals.segment.{segment.segment}") for segment in view.segments]
    for kind, place in zip(("size", "mean"), st.columns(2, gap="medium"), strict=True):
        with place, st.container(border=True, height="stretch"):
            shell.section(W(f"signals.segments.{kind}"), W(f"signals.segments.{kind}.caption"))
            fig = charts.segment_heat(view, names, signed=kind == "mean")
            if fig is not None:
                shell.chart(fig, f"signals.segments.{kind}", WT("signals.segments.alt", value=numbers.metric(top.size, 2), **words))
                shell.read(W(f"signals.segments.{kind}.read"))


def signals(view: FunnelInsight) -> None:
    """All signals at once, and one of them in detail."""
    left, right = st.columns([7, 5], gap="medium")
    by_key = {s.key: s for s in view.signals}
    with left, st.container(border=True, height="stretch"):
        shell.section(W("signals.swarm"), W("signals.swarm.caption"))
        fig = charts.beeswarm(view)
        if fig is not None:
            shown = len(view.dependence[: charts.MOST_SIGNALS])
            shell.chart(fig, "signals.swarm", WT("signals.swarm.alt", title=told_name(view.signals[0].title), n=shown))
            shell.read(W("signals.swarm.read"))
    with right, st.container(border=True, height="stretch"):
        shell.section(W("signals.dependence"))
        known = [d.key for d in view.dependence]
        key = st.selectbox(
            W("signals.dependence.signal"), known, key="signals.signal", format_func=lambda k: one_line(told_name(by_key[k].title))
        )
        chosen = next((d for d in view.dependence if d.key == key), None)
        if chosen is None:
            return
        weight = by_key[chosen.key]
        st.caption(f"{plain(told(weight.help))} {_direction(weight)}")
        fig = charts.dependence_plot(chosen, one_line(told_name(weight.title)), WT("signals.dependence.y"))
        if fig is None:
            st.caption(W("signals.dependence.none"))
            return
        shell.chart(fig, f"signals.dependence.{chosen.key}", WT("signals.dependence.alt", title=told_name(weight.title)))
        shell.read(W("signals.dependence.read"))


def _direction(weight: SignalWeight) -> Markdown:
    return W({1: "signals.direction.up", -1: "signals.direction.down"}.get(weight.direction, "signals.direction.free"))


def pairs(view: FunnelInsight) -> None:
    """The pairs of signals that do most together."""
    fig = charts.interaction_heat(view)
    if fig is None:
        st.info(W("signals.pairs.none"), icon=":material/info:")
        return
    titles = {s.key: told_name(s.title) for s in view.signals}
    top = view.interactions[0]
    words = {"first": titles[top.first], "second": titles[top.second], "value": numbers.metric(top.strength)}
    left, right = st.columns([7, 5], gap="medium")
    with left, st.container(border=True, height="stretch"):
        shell.section(W("signals.pairs"), W("signals.pairs.caption"))
        shell.chart(fig, "signals.pairs", WT("signals.pairs.alt", **words))
        shell.read(W("signals.pairs.read", method=told(view.interaction_method)))
    with right, st.container(border=True, height="stretch"):
        shell.section(W("signals.pairs.table"))
        column = st.column_config
        st.dataframe(
            pd.DataFrame(
                {
                    "first": [one_line(titles[p.first]) for p in view.interactions],
                    "second": [one_line(titles[p.second]) for p in view.interactions],
                    "strength": [p.strength for p in view.interactions],
                }
            ),
            key="signals.pairs.table",
            hide_index=True,
            alt=WT("signals.pairs.alt", **words),
            column_config={
                "first": column.TextColumn(WT("signals.pairs.first")),
                "second": column.TextColumn(WT("signals.pairs.second")),
                "strength": column.NumberColumn(WT("signals.pairs.strength"), format="%.3f", width=76),
            },
        )


def chances(view: FunnelInsight, variant: VariantRow) -> None:
    """Reliability of each predicted behaviour, and the funnel against its models."""
    left, right = st.columns(2, gap="medium")
    judged = view.judgement
    with left, st.container(border=True, height="stretch"):
        heads = {h.behaviour: h for h in judged.heads} if judged else {}
        top = st.container()
        chosen = next(iter(heads), None)
        if len(heads) > 1:
            chosen = st.segmented_control(
                W("signals.chances.behaviour"), list(heads), default=chosen, required=True, key="signals.behaviour", format_func=_behaviour
            )
        head = heads.get(chosen or "")
        with top:
            n = numbers.count(head.shoppers if head else 0)
            caption = W("signals.chances.caption", behaviour=_behaviour(head.behaviour), n=n) if head else None
            shell.section(W("signals.chances"), caption)
        _reliability(head)
    with right, st.container(border=True, height="stretch"):
        if judged is None or not judged.generators:
            shell.section(W("signals.generators"))
            st.caption(W("signals.generators.none"))
            return
        shell.section(
            W("signals.generators"), W("signals.generators.caption", window=W("signals.later" if judged.later else "signals.within"))
        )
        best = judged.generators[0]
        words = {"value": numbers.metric(judged.ndcg.value), "best": best.title, "other": numbers.metric(best.ndcg.value)}
        shell.chart(charts.against_generators(judged, one_line(variant.name)), "signals.generators", WT("signals.generators.alt", **words))
        shell.read(W("signals.generators.read"))


def _reliability(head: HeadView | None) -> None:
    fig = charts.reliability(head, WT("signals.chances.x"), WT("signals.chances.y")) if head else None
    if head is None or fig is None:
        st.caption(W("signals.chances.none"))
        return
    words = {"behaviour": _behaviour(head.behaviour), "error": numbers.metric(head.calibration_error, 4)}
    shell.chart(fig, f"signals.chances.{head.behaviour}", WT("signals.chances.alt", **words))
    shell.read(W("signals.chances.read"))


def _behaviour(name: str) -> str:
    return WT(f"signals.behaviour.{name}") if has(f"signals.behaviour.{name}") else one_line(name)
