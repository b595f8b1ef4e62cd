"""What the events of a waiting file hold: period, kinds, density, and how much is known of each shopper."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from recengine.types.waiting import WaitingCheck
from ui import shell
from ui.charts import quality_charts
from ui.parts.overview_cards import behaviour_name
from ui.words import WT, W, numbers


def facts(look: WaitingCheck) -> None:
    """Period, kinds of events, density and what is known, then events per shopper as bars."""
    q = look.check.quality
    shell.section(W("quality.facts"))
    with st.container(border=True, gap="xsmall"):
        if look.first:
            days = (pd.Timestamp(look.last).normalize() - pd.Timestamp(look.first).normalize()).days + 1
            st.markdown(W("quality.facts.period", days=numbers.count(days), first=numbers.date(look.first), last=numbers.date(look.last)))
        else:
            st.markdown(W("quality.facts.undated"))
        kinds = sorted(q["behaviours"].items(), key=lambda kind: -kind[1])
        st.markdown(W("quality.facts.kinds", kinds=", ".join(f"{behaviour_name(name, True)} {numbers.count(n)}" for name, n in kinds)))
        st.markdown(W("quality.facts.density", density=numbers.share(q["density"], 2)))
        once, key = (q["one_basket_shoppers"], "once_basket") if q["one_basket_shoppers"] is not None else (q["one_event_shoppers"], "once")
        st.markdown(W(f"quality.facts.{key}", share=numbers.share(once / max(1, q["shoppers"]), 0)))
        shares = {name: numbers.share(q[f"{name}_share"], 0) for name in ("prices", "titles", "categories")}
        st.markdown(W("quality.facts.known", **shares))
        if len(look.shopper_counts):
            per = q["events_per_shopper"]
            told = {"median": numbers.count(per["median"]), "p95": numbers.count(per["p95"])}
            st.markdown(f"**{W('quality.spread')}:** {W('quality.spread.caption', **told)}")
            words = (WT("overview.spread.x"), WT("overview.spread.y"), WT("overview.spread.hover"))
            figure = quality_charts.spread(look.shopper_edges, look.shopper_counts, *words)
            shell.chart(figure, "check.spread", WT("overview.spread.alt", shoppers=numbers.count(q["shoppers"])))
