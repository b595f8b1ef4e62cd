"""Shoppers: find one, and see what they do, when and at what price."""

import streamlit as st

from recengine.types import DatasetRow, ShopperView
from ui import session as tab
from ui import shell
from ui.charts.shopper_charts import activity, paired_shares, price_profile, week_hours
from ui.parts.empty import empty, need_data
from ui.parts.errors import guard
from ui.parts.shopper_parts import activity_words, did, facts, hours_words, mix_words, profile_kpis, search, shopper_table
from ui.words import WT, W, numbers, plain, sentences

session = shell.enter()
shopper = tab.checked_shopper(session)  # before the header, which says what was not found
shell.header(session, W("nav.shoppers"), W("shoppers.purpose"))


def page(dataset: DatasetRow) -> None:
    """The page once there is a dataset."""
    if shopper is None:
        words = (W("shoppers.none.title"), W("shoppers.none.why"), W("shoppers.none.button"))
        if empty(shell.ICONS["shoppers"], *words, "shoppers.none"):
            shell.go("data")
        return
    chosen = shopper_table(search(session), shopper, dataset)
    view = session.ws.shoppers.get(dataset.id, chosen)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="small"):
        st.subheader(W("shoppers.profile", shopper=plain(chosen, 60)), anchor=False, width="content")
        if st.button(W("shoppers.open"), key="shoppers.open", type="primary", icon=shell.ICONS["recommendations"]):
            shell.go("recommendations", shopper=chosen, item=None)
    st.markdown(sentences(facts(view, dataset.currency)))
    profile_kpis(view, dataset.currency)
    profile_charts(view, dataset.currency)


def profile_charts(view: ShopperView, currency: str) -> None:
    """Behaviour over time, mix, prices, hours."""
    this, shop = WT("shoppers.this"), WT("shoppers.shop")
    caption, alt = activity_words(view)
    with st.container(border=True):
        shell.section(W("shoppers.activity"), caption)
        shell.chart(activity(view, {b: did(b) for b in set(view.behaviours)}, WT("shoppers.events")), "shoppers.activity", alt)
        shell.read(W("shoppers.activity.read"))
    left, right = st.columns(2, gap="medium")
    with left, st.container(border=True, height="stretch"):
        mixes = {name: mix for name, mix in (("category", view.categories), ("brand", view.brands)) if mix}
        shell.section(W("shoppers.mix"), W("shoppers.mix.title" if view.category_source == "title" else "shoppers.mix.caption"))
        chosen = "category"
        if len(mixes) > 1:
            chosen = st.segmented_control(
                W("shoppers.mix.by"),
                list(mixes),
                default="category",
                required=True,
                key="shoppers.mix.by",
                label_visibility="collapsed",
                format_func=lambda m: W(f"shoppers.mix.{m}"),
            )
        mix = mixes.get(chosen) or next(iter(mixes.values()), ())
        if mix:
            shell.chart(paired_shares(mix, this, shop), f"shoppers.mix.{chosen}", mix_words(mix))
            shell.read(W("shoppers.mix.read"))
        else:
            st.caption(W("shoppers.mix.none"))
    with right:
        with st.container(border=True):
            shell.section(W("shoppers.price"), W("shoppers.price.caption", n=numbers.count(view.row.events)))
            prices = price_profile(view, this, shop, currency)
            if prices is None:
                st.caption(W("shoppers.price.none"))
            else:
                own, others = (numbers.money(q[2], currency) for q in (view.price_quantiles, view.shop_price_quantiles))
                shell.chart(prices, "shoppers.price", WT("shoppers.price.alt", own=own, shop=others))
                shell.read(W("shoppers.price.read"))
        with st.container(border=True):
            shell.section(W("shoppers.hours"), W("shoppers.hours.caption"))
            hours = week_hours(view, [WT(f"shoppers.day.{d}")[:3] for d in range(7)], WT("shoppers.events"))
            if hours is None:
                st.caption(W("shoppers.hours.none"))
            else:
                shell.chart(hours, "shoppers.hours", hours_words(view))
                shell.read(W("shoppers.hours.read"))


if need_data(session) and session.dataset:
    with guard():
        page(session.dataset)
