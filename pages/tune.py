"""Tune: trade accuracy for variety, and see what it costs before it is saved."""

import streamlit as st

from recengine.types import Tradeoff, TradeoffPoint, VariantRow
from recengine.types.policies import PolicyUse
from ui import session as tab
from ui import shell
from ui.charts.tune_charts import exposure_bars, tradeoff_curve, with_current
from ui.parts.empty import need_variant
from ui.parts.errors import guard
from ui.parts.shopper_parts import shopper_picker
from ui.parts.tune_parts import (
    diversity_setting,
    diversity_slider,
    exposure_words,
    moves_table,
    pending_bar,
    shop_kpis,
    tradeoff_words,
    use_clicked,
    variant_picker,
)
from ui.words import WT, W, numbers

K = 10
ACCURACY, VARIETY = "ndcg", "coverage"

session = shell.enter()
shopper = tab.checked_shopper(session)  # before the header, which says what was not found
shell.header(session, W("nav.tune"), W("tune.purpose"))


def page(variant: VariantRow) -> None:
    """The page once there is a variant."""
    value = diversity_setting(session)
    with st.spinner(W("tune.measuring"), show_time=True):
        view = session.ws.tuning.tradeoff(variant.id, K)
        now = session.ws.tuning.at(variant.id, value, K)
    shop_kpis(view, now)
    policy, own, shop = st.columns([3, 5, 4], gap="small")
    with policy, st.container(border=True, gap="small", height="stretch"):
        shell.section(W("tune.policy"))
        diversity_slider(session, "tune.diversity", "tune.diversity.help")
        st.caption(W("tune.diversity.ends"))
        variant_picker(session)
        if shopper is not None:
            shopper_picker(session, shopper, "tune.shopper")
    with own, st.container(border=True, gap="small", height="stretch"), guard():
        if shopper is None:
            st.caption(W("tune.nobody"))
        else:
            shell.section(W("tune.list"), W("tune.list.caption", shopper=shopper, diversity=numbers.metric(value, 2)))
            before = session.ws.lists.recommend(variant.id, shopper, K)
            moves_table(before, session.ws.lists.recommend(variant.id, shopper, K, PolicyUse.of_diversity(value)))
    with shop, st.container(border=True, height="stretch"):
        curve(view, now)
    exposure(variant.id, value, view.n_shoppers)
    pending_bar(session, value)


def curve(view: Tradeoff, now: TradeoffPoint) -> None:
    """The whole shop at each setting; a click uses the setting."""
    shell.section(W("tune.tradeoff"), W("tune.tradeoff.caption"))
    fig = tradeoff_curve(view, now, ACCURACY, VARIETY, WT("tune.tradeoff.x"), WT("tune.kpi.ndcg", k=view.k))
    if fig is None:
        st.caption(W("tune.tradeoff.none"))
        return
    points, _ = with_current(view, now)
    # a new key after each use, so that a selection is spent once
    key = f"tune.curve.{view.variant}.{now.diversity:g}"
    shell.chart(fig, key, tradeoff_words(view, ACCURACY), on_select=lambda: use_clicked(key, points), selection_mode="points")
    shell.read(W("tune.tradeoff.read"))


def exposure(variant: str, value: float, n_shoppers: int) -> None:
    """Who is shown to more shoppers, and who to fewer."""
    shell.section(W("tune.exposure"), W("tune.exposure.caption", n=numbers.count(n_shoppers)))
    with st.container(border=True), guard():
        changes = session.ws.tuning.exposure(variant, value, K) if value > 0 else []
        fig = exposure_bars(changes)
        if fig is None:
            st.caption(W("tune.exposure.none"))
            return
        shell.chart(fig, "tune.exposure", exposure_words(changes))
        shell.read(W("tune.exposure.read"))


if need_variant(session) and session.variant:
    with guard():
        page(session.variant)
