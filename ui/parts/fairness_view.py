"""Compare: which shoppers a variant serves worse, which suppliers it shows less than they are chosen, and what a minimum exposure costs."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from recengine.types import Comparison, Estimate
from recengine.types.fairness import GroupFairness, MinimumExposure, SupplierFairness
from recengine.types.policies import PolicyUse
from ui import draft, shell
from ui.charts.fairness_charts import MOST, supplier_pairs
from ui.charts.forms import interval_dots
from ui.parts.errors import attempt, guard
from ui.parts.policy_use import try_policy
from ui.session import Session
from ui.words import WT, W, has, numbers, one_line, plain, told

PRICE = ("ndcg", "recall", "coverage", "revenue")


def fairness(session: Session, view: Comparison, k: int) -> None:
    """One variant at a time, by score or as published."""
    names = {v.id: one_line(v.name) for v in view.variants}
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom", gap="small"):
        with st.container(width=520):
            shell.section(W("fairness.title"), W("fairness.caption", k=k))
        with st.container(horizontal=True, width="content", gap="small", vertical_alignment="bottom"):
            variant = st.selectbox(W("fairness.variant"), list(names), format_func=lambda v: names[v], key="fairness.variant", width=190)
            use = _use(session, variant)
    shoppers, items = session.ws.fairness.groupings(variant)
    left, right = st.columns(2, gap="medium")
    with left, st.container(border=True, height="stretch"), guard():
        by = _by(W("fairness.groups"), shoppers, "fairness.shoppers")
        _groups(session.ws.fairness.groups(variant, use, by, k))
    with right, st.container(border=True, height="stretch"), guard():
        if not items:
            shell.section(W("fairness.suppliers"))
            st.caption(W("fairness.suppliers.none"))
            return
        by = _by(W("fairness.suppliers"), items, "fairness.items")
        found = session.ws.fairness.suppliers(variant, by, use, k)
        _suppliers(found)
    held = [name for name in ("brand", "category") if name in items]
    if held:
        with st.container(border=True), guard():
            _minimum(session, variant, use, held, k)


def _use(session: Session, variant: str) -> PolicyUse | None:
    live = session.ws.lists.policy(variant, "published", draft.scene(session), draft.day(session))
    if live is None:
        return None
    asked = st.segmented_control(
        W("fairness.lists"),
        ("published", "score"),
        default="published",
        required=True,
        key="fairness.lists",
        format_func=lambda name: WT(f"use.choice.{name}"),
    )
    return live if asked == "published" else None


def _by(title: str, there: tuple[str, ...], key: str) -> str:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="small"):
        with st.container(width="content"):
            shell.section(title)
        if len(there) == 1:
            return there[0]
        return st.selectbox(
            title, there, key=key, format_func=lambda name: WT(f"fairness.by.{name}"), label_visibility="collapsed", width=170
        )


def _groups(found: GroupFairness) -> None:
    st.markdown(plain(told(found.sentence)))
    metric = next((name for name in ("ndcg", "recall") if found.groups and name in found.groups[0].metrics), None)
    known = [g for g in found.groups if metric and g.metrics[metric].n > 1]
    if metric and known:
        values = [g.metrics[metric] for g in known]
        labels = [f"{_group(g.name)} ({g.shoppers:,})" for g in known]
        fig = interval_dots(labels, [e.value for e in values], [e.low for e in values], [e.high for e in values])
        best = max(known, key=lambda g: g.metrics[metric].value)
        alt = WT("fairness.groups.alt", name=_group(best.name), value=numbers.metric(best.metrics[metric].value), metric=_metric(metric))
        shell.chart(fig, f"fairness.groups.{found.by}", alt)
    if found.gaps:
        rows = [
            {
                "metric": _metric(gap.metric),
                "gap": gap.gap.value,
                "interval": numbers.interval(gap.gap.low, gap.gap.high),
                "pair": WT("fairness.pair", best=_group(gap.best), worst=_group(gap.worst)),
                "verdict": WT("fairness.differs" if gap.differs else "fairness.chance"),
            }
            for gap in found.gaps
        ]
        column = st.column_config
        st.dataframe(
            pd.DataFrame(rows),
            key="fairness.gaps",
            hide_index=True,
            alt=WT("fairness.gaps.alt", n=sum(gap.differs for gap in found.gaps), all=len(found.gaps)),
            column_config={
                "metric": column.TextColumn(WT("fairness.col.metric"), width=72),
                "gap": column.NumberColumn(WT("fairness.col.gap"), format="%.3f", width=52),
                "interval": column.TextColumn(WT("fairness.col.interval"), width=104),
                "pair": column.TextColumn(WT("fairness.col.pair"), width=104),
                "verdict": column.TextColumn(WT("fairness.col.verdict"), width=100),
            },
        )
    if found.coverage_of:
        shares = ", ".join(
            WT("fairness.coverage.one", name=_group(g.name), share=numbers.share(g.coverage.value))
            for g in found.groups
            if g.coverage.value == g.coverage.value
        )
        st.caption(W("fairness.coverage", n=numbers.count(found.coverage_of), shares=plain(shares, 200)))
    shell.read(W("fairness.groups.read"))


def _suppliers(found: SupplierFairness) -> None:
    st.markdown(plain(told(found.sentence)))
    fig = supplier_pairs(found.suppliers, WT("fairness.shown"), WT("fairness.chosen"), WT("fairness.sold"))
    if fig is None:
        return
    named = [row for row in found.suppliers if row.name]
    unlike, few = sum(row.verdict in ("more", "less") for row in named), sum(row.verdict == "few" for row in named)
    shell.chart(fig, f"fairness.suppliers.{found.by}", WT("fairness.suppliers.alt", n=unlike, all=len(named)), tools=True)
    if len(found.suppliers) > MOST:
        st.caption(W("fairness.most", n=MOST, all=len(named)))
    if few:
        st.caption(W("fairness.few", n=few, all=len(named)))
    shell.read(W("fairness.suppliers.read"))


def _minimum(session: Session, variant: str, use: PolicyUse | None, there: list[str], k: int) -> None:
    shell.section(W("fairness.minimum"), W("fairness.minimum.caption"))
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        by = there[0]
        if len(there) > 1:
            by = st.segmented_control(
                W("fairness.minimum.by"),
                there,
                default=there[0],
                required=True,
                key="fairness.minimum.by",
                format_func=lambda name: WT(f"fairness.by.{name}"),
            )
        rows = session.ws.fairness.suppliers(variant, by or there[0], use, k).suppliers
        named = {row.name: row for row in rows if row.name}
        if not named:
            return
        neglected = min(named, key=lambda name: named[name].difference.value)
        start = list(named).index(neglected)
        group = st.selectbox(
            W("fairness.minimum.group"), list(named), index=start, key=f"fairness.group.{by}", format_func=one_line, width=240
        )
        row = named[group or neglected]
        now, fair = row.exposure.value, row.relevance.value
        percent = st.number_input(
            W("fairness.minimum.share"),
            0.1,
            100.0,
            round(100 * (fair if fair > now else min(1.0, now + 0.05)), 1),
            0.5,
            key=f"fairness.share.{by}.{group}",
            width=150,
        )
        asked = st.button(W("fairness.minimum.find"), key="fairness.minimum.find", icon=":material/search:", type="primary")
    st.caption(W("fairness.minimum.now", group=plain(group or ""), share=numbers.share(now)))
    here = (variant, use, by, group, percent, k)
    if asked and group:
        with st.spinner(W("fairness.minimum.working"), show_time=True):
            made = attempt(session.ws.fairness.minimum_exposure, variant, group, percent / 100, use, by, k)
        st.session_state["fairness.made"] = (here, made) if made else None
    kept = st.session_state.get("fairness.made")
    if kept and kept[0] == here:
        _found(session, kept[1])


def _found(session: Session, made: MinimumExposure) -> None:
    icon = ":green[:material/check_circle:]" if made.reached else ":orange[:material/warning:]"
    st.markdown(f"{icon} {plain(told(made.sentence), 400)}")
    if made.how == "nothing":
        return
    changes = [_change(name, made.price[name]) for name in PRICE if name in made.price]
    st.caption(" · ".join(changes))
    if st.button(W("fairness.minimum.use"), key="fairness.minimum.use", icon=":material/tune:"):
        attempt(try_policy, session, made.spec)
        shell.go("tune")


def _change(name: str, estimate: Estimate) -> str:
    text = f"{numbers.signed(estimate.value, 4)} ({numbers.signed(estimate.low, 4)} – {numbers.signed(estimate.high, 4)})"
    return f"{plain(_metric(name))} {text}"


def _group(name: str) -> str:
    return WT(f"fairness.group.{name}") if has(f"fairness.group.{name}") else one_line(name)


def _metric(name: str) -> str:
    return WT(f"fairness.metric.{name}") if has(f"fairness.metric.{name}") else one_line(name)
