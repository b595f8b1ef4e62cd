"""Compare: what later logs say of the variants' lists, offline: click-through, conversion and revenue with their assumptions."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from recengine.types import Comparison, Estimate
from recengine.types.health import ReplayFigure, ReplayView
from ui import shell
from ui.charts.forms import interval_dots
from ui.charts.labels import distinct
from ui.parts.compare_parts import distinct_text
from ui.session import Session
from ui.words import WT, Markdown, W, numbers, one_line, plain, told, told_name


def replay(session: Session, view: Comparison, k: int) -> None:
    """One figure of all variants as dots, all figures as a table, and what has to hold for them."""
    names = {v.id: v.name for v in view.variants}
    heading = st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom", gap="small")
    policy = _policy(session, heading)
    found = {v: session.ws.replay.of(v, k, policy) for v in names}
    first = found[view.variants[0].id]
    words = {"first": numbers.date(first.first), "last": numbers.date(first.last), "n": numbers.count(first.shoppers), "k": k}
    with heading, st.container(width=620):
        shell.section(W("replay.title"), W("replay.caption", **words))
        st.badge(W("replay.offline"), icon=":material/history:", color="gray", help=W("replay.offline.help"))
    examples = {f.key: f for v in found.values() for f in v.figures}
    key = _choice(examples)
    left, right = st.columns([7, 5], gap="medium")
    with left:
        if key is None:
            st.markdown(W("replay.none"))
        else:
            _dots(session, found, names, key, policy)
    with right:
        _said(W("replay.assumed"), first.assumptions)
        _said(W("replay.refused"), tuple(dict.fromkeys(text for v in found.values() for text in v.refused)))
    if examples:
        _table(found, names, examples, first.currency)


def figure_name(figure: ReplayFigure) -> str:
    """Conversion, hits."""
    return WT(f"replay.figure.{figure.method}", title=told_name(figure.title))


def value_text(figure: ReplayFigure, value: float, currency: str) -> str:
    """37.3% or £1.84."""
    return numbers.money(value, currency) if figure.unit == "money" else numbers.share(value, 1 if value >= 0.01 else 2)


def _policy(session: Session, place: DeltaGenerator) -> str | None:
    options = {"": WT("replay.policy.none")} | {p.id: one_line(p.name) for p in session.policies}
    if len(options) == 1:
        return None
    start = list(options).index(session.policy.id) if session.policy else 0
    with place:
        chosen = st.selectbox(
            W("replay.policy"), list(options), index=start, format_func=options.__getitem__, key="replay.policy", width=220
        )
    return chosen or None


def _of(view: ReplayView, key: str) -> ReplayFigure | None:
    return next((f for f in view.figures if f.key == key), None)


def _choice(examples: dict[str, ReplayFigure]) -> str | None:
    """Which figure is drawn; None without any."""
    keys = list(examples)
    if len(keys) > 1:
        start = next((key for key in keys if key.startswith("conversion")), keys[0])
        return st.segmented_control(
            W("replay.figure"), keys, default=start, required=True, key="replay.figure", format_func=lambda f: figure_name(examples[f])
        ) or start  # fmt: skip
    return keys[0] if keys else None


def _dots(session: Session, found: dict[str, ReplayView], names: dict[str, str], key: str, policy: str | None) -> None:
    """All variants, the highest on top, under a sentence that says which and whether that can be told."""
    rows = sorted(((v, f) for v in found if (f := _of(found[v], key))), key=lambda row: -row[1].estimate.value)
    currency = next(iter(found.values())).currency
    lead = None
    if len(rows) > 1:
        lead = session.ws.replay.difference(rows[0][0], rows[1][0], found[rows[0][0]].k, policy).get(key)
    st.markdown(verdict(rows, names, currency, lead))
    with st.container(border=True):
        best = rows[0][1]
        title = figure_name(best)
        shell.section(W("replay.dots", title=title), plain(told(best.meaning)))
        mid, low, high = ([getattr(f.estimate, end) for _, f in rows] for end in ("value", "low", "high"))
        fmt = ",.2f" if best.unit == "money" else ".1%"
        fig = interval_dots(distinct([names[v] for v, _ in rows], 24), mid, low, high, fmt=fmt, highlight=0)
        fig.update_layout(yaxis={"autorange": False, "range": [len(rows) - 0.4, -0.6]}, xaxis_nticks=5)
        value, interval = value_text(best, best.estimate.value, currency), _interval(best, currency)
        shell.chart(fig, f"replay.{key}", WT("replay.dots.alt", name=names[rows[0][0]], title=title, value=value, interval=interval))
        shell.read(W("replay.read"))


def verdict(rows: Sequence[tuple[str, ReplayFigure]], names: dict[str, str], currency: str, lead: Estimate | None) -> Markdown:
    """Who is highest, and by how much it leads the next one, shopper by shopper; where that was not paired, the value alone."""
    variant, best = rows[0]
    words = {"title": figure_name(best), "name": names[variant], "value": value_text(best, best.estimate.value, currency)}
    if lead is None:
        return W("replay.verdict", interval=_interval(best, currency), **words)
    ends = {name: _change(best, getattr(lead, name), currency) for name in ("low", "high")}
    key = "replay.leads" if lead.low > 0 else "replay.unsure"
    return W(key, rival=names[rows[1][0]], lead=_change(best, lead.value, currency), **ends, **words)


def _change(figure: ReplayFigure, value: float, currency: str) -> str:
    return numbers.money(value, currency) if figure.unit == "money" else numbers.points(value)


def _interval(figure: ReplayFigure, currency: str) -> str:
    return f"{value_text(figure, figure.estimate.low, currency)} – {value_text(figure, figure.estimate.high, currency)}"


def _table(found: dict[str, ReplayView], names: dict[str, str], examples: dict[str, ReplayFigure], currency: str) -> None:
    """A row a variant, a column a figure; where impressions were weighted, how much they tell."""

    def cell(variant: str, key: str) -> str | None:
        f = _of(found[variant], key)
        return None if f is None else WT("replay.cell", value=value_text(f, f.estimate.value, currency), interval=_interval(f, currency))

    titles = distinct_text([one_line(names[v]) for v in found])
    frame: dict[str, list] = {"variant": titles} | {key: [cell(v, key) for v in found] for key in examples}
    column = st.column_config
    config = {"variant": column.TextColumn(WT("replay.col.variant"), width=150)} | {
        key: column.TextColumn(figure_name(f), help=one_line(told(f.meaning)), width=170) for key, f in examples.items()
    }
    weighted = next((key for key, f in examples.items() if f.method == "snips"), None)
    if weighted:
        rows = [_of(found[v], weighted) for v in found]
        frame |= {"effective": [f.effective if f else None for f in rows], "covered": [100 * f.covered if f else None for f in rows]}
        config |= {
            "effective": column.NumberColumn(WT("replay.effective"), help=WT("replay.effective.help"), format="%.0f", width=120),
            "covered": column.NumberColumn(WT("replay.covered"), help=WT("replay.covered.help"), format="%.0f%%", width=90),
        }
    shell.section(W("replay.all"))
    st.dataframe(
        pd.DataFrame(frame),
        key="replay.table",
        hide_index=True,
        height="content",
        placeholder=numbers.NONE,
        alt=WT("replay.alt", n=len(examples), variants=len(found)),
        column_config=config,
    )


def _said(title: Markdown, sentences: tuple[str, ...]) -> None:
    if sentences:
        with st.container(border=True, height="stretch", gap="xsmall"):
            st.markdown(f"**{title}**")
            st.markdown("\n".join(f"- {plain(told(text))}" for text in sentences))
