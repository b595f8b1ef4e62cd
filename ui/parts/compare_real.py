"""Compare: for whom one variant is better than another, in words and with the figures behind them."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from recengine.types.runs import SegmentVerdict, WhoGains
from ui import shell
from ui.charts.compare_charts import gain_dots
from ui.parts import compare_parts as parts
from ui.session import Session
from ui.words import WT, W, numbers, plain, told

SIGN = {"better": ":green[:material/trending_up:]", "worse": ":red[:material/trending_down:]", "cannot tell": ":gray[:material/balance:]"}


def who_gains(session: Session, variant: str, against: str, names: dict[str, str], metric: str) -> None:
    """The sentence, the intervals of the difference by kind of shopper, and the tests."""
    found = session.ws.comparison.who_gains(variant, against, metric)
    words = {"a": plain(names[variant]), "b": plain(names[against]), "metric": parts.metric_name(metric)}
    shell.section(W("real.title", **words), W("real.caption", n=numbers.count(found.overall.n), **words))
    st.markdown(f"{SIGN.get(found.overall.verdict, SIGN['cannot tell'])} **{plain(told(found.sentence))}**")
    rows = [found.overall, *[s for s in found.segments if s.n]]
    left, right = st.columns([5, 7], gap="medium")
    with left, st.container(border=True, height="stretch"):
        fig = gain_dots(rows, [_kind(s) for s in rows])
        shell.chart(fig, f"real.{variant}.{against}", WT("real.alt", sentence=told(found.sentence)), tools=True)
        shell.read(W("real.read"))
    with right, st.container(border=True, height="stretch"):
        _table(found, rows)


def _table(found: WhoGains, rows: list[SegmentVerdict]) -> None:
    digits = 1 if parts.family(found.metric) == "novelty" else 3
    column = st.column_config
    st.dataframe(
        pd.DataFrame(
            {
                "kind": [_kind(row) for row in rows],
                "verdict": [WT(f"compare.verdict.{row.verdict}") for row in rows],
                "difference": [parts.difference_text(row.difference, row.low, row.high, digits) for row in rows],
                "p": [parts.p_text(row.p_value) for row in rows],
                "n": [row.n for row in rows],
                "needed": [row.needed or None for row in rows],
            }
        ),
        key="compare.real",
        hide_index=True,
        height="content",
        alt=WT("real.alt", sentence=told(found.sentence)),
        column_config={
            "kind": column.TextColumn(WT("real.col.kind"), width=96),
            "verdict": column.TextColumn(WT("compare.col.verdict"), width=90),
            "difference": column.TextColumn(WT("compare.col.difference"), width=176),
            "p": column.TextColumn(WT("compare.col.p"), width=64),
            "n": column.NumberColumn(WT("real.col.n"), format="localized", width=64),
            "needed": column.NumberColumn(WT("compare.needed"), help=WT("compare.needed.help"), format="localized", width=70),
        },
    )


def _kind(row: SegmentVerdict) -> str:
    return WT("real.all") if row.segment == "all" else parts.segment_name(row.segment)
