"""Shoppers: a picker, a searchable table, the figures and facts of one profile."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
import pandas as pd
import streamlit as st

from recengine.types import DatasetRow, ShopperRow, ShopperView
from recengine.workspace import Workspace
from ui import session as tab
from ui.charts.shopper_charts import counts_by_period, period
from ui.parts.kpis import kpis
from ui.parts.pick_table import pick_table
from ui.session import Session
from ui.words import WT, Markdown, W, has, numbers, one_line, plain

MOST_IDS = 5_000
MOST_ROWS = 200


@st.cache_resource(max_entries=8, show_spinner=False)
def _ids(_ws: Workspace, dataset: str, fingerprint: str) -> dict[str, str]:  # noqa: ARG001  (part of the cache's key)
    """Id → how it is shown; the select box asks for every label on every rerun."""
    return {row.shopper: one_line(row.shopper) for row in _ws.shoppers.list(dataset, limit=MOST_IDS)}


def known_ids(session: Session) -> dict[str, str]:
    """Ids of the busiest shoppers, and how each is shown."""
    return _ids(session.ws, session.dataset.id, session.dataset.fingerprint) if session.dataset else {}


def shopper_picker(session: Session, shopper: str, key: str, label: str | None = None, width: int | Literal["stretch"] = "stretch") -> None:
    """A select box over the shoppers' ids, busiest first; any other id can be typed."""
    assert session.dataset is not None
    ids = _ids(session.ws, session.dataset.id, session.dataset.fingerprint)
    ids = ids if shopper in ids else {shopper: one_line(shopper), **ids}
    st.session_state[key] = shopper  # the address wins over what the widget remembers
    st.selectbox(
        label or W("recommendations.shopper"),
        list(ids),
        key=key,
        accept_new_options=True,
        filter_mode="contains",
        format_func=lambda name: ids.get(name) or one_line(name),
        help=W("recommendations.shopper.help"),
        label_visibility="visible" if label is None else "collapsed",
        on_change=lambda: tab.choose(shopper=st.session_state[key], item=None),
        width=width,
    )


def shopper_facts(session: Session, shopper: str) -> None:
    """The shopper in one line, above the list."""
    assert session.dataset is not None
    row = session.ws.shoppers.get(session.dataset.id, shopper).row
    words = {"baskets": numbers.count(row.baskets), "first": numbers.date(row.first), "last": numbers.date(row.last)}
    line = W("recommendations.facts", n=row.events, newest=plain(row.last_title, 60), **words)
    if row.spend is not None:
        line = Markdown(line + W("recommendations.facts.spend", spend=numbers.money(row.spend, session.dataset.currency)))
    st.caption(line)


def did(behaviour: str) -> str:
    """What the shopper did, as shown; behaviours without a word of their own stay as they are."""
    return WT(f"did.{behaviour}") if has(f"did.{behaviour}") else one_line(behaviour)


def search(session: Session) -> list[ShopperRow]:
    """A search field and how many shoppers it found."""
    assert session.dataset is not None
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        text = st.text_input(
            W("shoppers.search"),
            key="shoppers.search",
            placeholder=WT("shoppers.search.placeholder"),
            icon=":material/search:",
            live=True,
            width=320,
        )
        rows = session.ws.shoppers.list(session.dataset.id, (text or "").strip(), MOST_ROWS)
        if not rows:
            st.caption(W("shoppers.found.none", search=text or ""))
        elif len(rows) >= MOST_ROWS:
            st.caption(W("shoppers.found.first", n=numbers.count(len(rows))))
        else:
            st.caption(W("shoppers.found", n=len(rows)))
    return rows


def shopper_table(rows: list[ShopperRow], chosen: str, dataset: DatasetRow) -> str:
    """Draw the table; returns the shopper of a row that was selected just now, else `chosen`."""
    if not rows:
        return chosen
    key = f"shoppers.table.{dataset.id}.{st.session_state.get('shoppers.search', '')}"
    place = next((i for i, row in enumerate(rows) if row.shopper == chosen), None)
    frame = pd.DataFrame(
        {
            "shopper": [one_line(r.shopper) for r in rows],
            "events": [r.events for r in rows],
            "baskets": [r.baskets for r in rows],
            "items": [r.items for r in rows],
            "spend": [math.nan if r.spend is None else r.spend for r in rows],
            "first": [r.first for r in rows],
            "last": [r.last for r in rows],
            "feature": [one_line(r.feature) for r in rows],
            "newest": [one_line(r.last_title) for r in rows],
        }
    )
    hidden = {name for name, empty in (("spend", frame.spend.isna().all()), ("feature", not frame.feature.any())) if empty}
    column = st.column_config
    spend = WT("shoppers.col.spend.unit", currency=dataset.currency) if dataset.currency else WT("shoppers.col.spend")
    columns = {
        "shopper": column.TextColumn(WT("shoppers.col.shopper")),
        "events": column.NumberColumn(WT("shoppers.col.events"), format="localized"),
        "baskets": column.NumberColumn(WT("shoppers.col.baskets"), format="localized"),
        "items": column.NumberColumn(WT("shoppers.col.items"), format="localized"),
        "spend": column.NumberColumn(spend, format="accounting"),
        "first": column.TextColumn(WT("shoppers.col.first")),
        "last": column.TextColumn(WT("shoppers.col.last")),
        "feature": column.TextColumn(WT("shoppers.col.feature")),
        "newest": column.TextColumn(WT("shoppers.col.newest"), width="large"),
    }
    picked = pick_table(frame, key, WT("shoppers.table.alt", n=len(rows)), columns, place, hidden)
    if picked is not None:
        chosen = rows[picked].shopper
        tab.choose(shopper=chosen, item=None)
    return chosen


def profile_kpis(view: ShopperView, currency: str) -> None:
    """Events, baskets, days between visits, spend, repeat share."""
    row = view.row
    items = {"delta": WT("shoppers.kpi.items", n=numbers.count(row.items)), "delta_color": "off", "delta_arrow": "off"}
    figures = [
        {"label": W("shoppers.kpi.events"), "value": numbers.count(row.events), **items},
        {"label": W("shoppers.kpi.baskets"), "value": numbers.count(row.baskets)},
        {"label": W("shoppers.kpi.days"), "value": numbers.metric(view.days_between, 1), "help": W("shoppers.kpi.days.help")},
        {"label": W("shoppers.kpi.spend"), "value": numbers.money(row.spend, currency)},
        {"label": W("shoppers.kpi.repeat"), "value": numbers.share(view.repeat_share), "help": W("shoppers.kpi.repeat.help")},
    ]
    kpis([f for f in figures if f["value"] != numbers.NONE])


def facts(view: ShopperView, currency: str) -> list[Markdown]:
    """The profile in sentences, only what the numbers carry."""
    row, said = view.row, []
    once = row.first[:10] == row.last[:10]
    key = "shoppers.fact.once" if once else "shoppers.fact.period"
    said.append(W(key, first=numbers.date(row.first), last=numbers.date(row.last)))
    liked = [m for m in view.categories if m[2] > 0 and m[1] * row.events >= 3 and m[1] >= 1.5 * m[2]]
    if liked:
        name, own, shop = max(liked, key=lambda m: m[1] - m[2])
        times = WT("shoppers.times", n=f"{own / shop:.1f}")
        said.append(W("shoppers.fact.mix", name=name, times=times, own=numbers.share(own), shop=numbers.share(shop)))
    if has_prices(view):
        own, shop = (numbers.money(q[2], currency) for q in (view.price_quantiles, view.shop_price_quantiles))
        said.append(W("shoppers.fact.dear", own=own, shop=shop))
    if row.events >= 5:
        said.append(W("shoppers.fact.new" if view.repeat_share < 0.1 else "shoppers.fact.repeat", share=numbers.share(view.repeat_share)))
    if row.feature:
        said.append(W("shoppers.fact.feature", feature=row.feature))
    return said


def has_prices(view: ShopperView) -> bool:
    """Whether shopper and shop both have all five price quantiles."""
    both = (view.price_quantiles, view.shop_price_quantiles)
    return all(len(q) == 5 and all(math.isfinite(v) for v in q) for q in both)


def activity_words(view: ShopperView) -> tuple[str, str]:
    """Caption with the width of a bar, and the finding for `alt`."""
    unit = period(view.times)
    starts, counts = counts_by_period(view.times, view.behaviours)
    total = np.sum(list(counts.values()), axis=0)  # int64 [P]
    top = int(total.argmax())
    alt = WT("shoppers.activity.alt", n=view.row.events, date=numbers.date(starts[top]), most=int(total[top]))
    return W(f"shoppers.activity.{unit}"), alt


def mix_words(mix: tuple[tuple[str, float, float], ...]) -> str:
    """The finding of the mix chart: what this shopper prefers most against the shop."""
    name, own, shop = max(mix, key=lambda m: m[1] - m[2])
    return WT("shoppers.mix.alt", name=name, own=numbers.share(own), shop=numbers.share(shop))


def hours_words(view: ShopperView) -> str:
    """The finding of the heat map: the busiest hour."""
    day, hour = divmod(int(view.hours.argmax()), 24)
    return WT("shoppers.hours.alt", day=WT(f"shoppers.day.{day}"), hour=f"{hour:02d}:00", n=int(view.hours.max()))
