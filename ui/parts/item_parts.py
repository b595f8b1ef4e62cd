"""Items: a search, a table, and one item across all lists."""

from __future__ import annotations

import math

import pandas as pd
import streamlit as st

from recengine.types import JobView, VariantRow, caption
from recengine.types.items import ItemRow, ItemSurvey, ItemView
from ui import session as tab
from ui import shell
from ui.charts import item_charts as charts
from ui.parts.errors import attempt
from ui.parts.job_card import ACTIVE
from ui.parts.kpis import kpis
from ui.parts.list_cards import score_text
from ui.parts.pick_table import pick_table
from ui.parts.tile import show_tile
from ui.session import Session
from ui.words import WT, W, numbers, one_line, plain, told, told_name

MOST_ROWS = 200
JOB = "item-lists"


def running(session: Session, variant: str) -> JobView | None:
    """The look at all lists of this variant that waits or runs."""
    return next((j for j in session.ws.jobs.list() if j.kind == JOB and j.state in ACTIVE and j.arguments.get("variant") == variant), None)


def facts(session: Session, survey: ItemSurvey) -> None:
    """When all lists were looked at, and how much of the catalogue they show."""
    words = {"k": survey.k, "n": numbers.count(survey.shoppers), "when": numbers.ago(survey.made), "time": numbers.duration(survey.seconds)}
    every = survey.shoppers == survey.all_shoppers
    line = W("items.made", **words) if every else W("items.made.drawn", all=numbers.count(survey.all_shoppers), **words)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(line, width="content")
        again = {"key": "items.again", "type": "tertiary", "icon": ":material/refresh:"}
        st.button(W("items.again"), on_click=attempt, args=(session.ws.items.submit, survey.variant), **again)  # type: ignore[arg-type]
    rest = survey.sellable - survey.listed - survey.near
    kpis(
        [
            {
                "label": W("items.kpi.listed"),
                "value": numbers.count(survey.listed),
                "delta": numbers.share(survey.listed / max(survey.sellable, 1), 0),
                "delta_color": "off",
                "delta_arrow": "off",
                "help": W("items.kpi.listed.help"),
            },
            {"label": W("items.kpi.near"), "value": numbers.count(survey.near), "help": W("items.kpi.near.help")},
            {"label": W("items.kpi.rest"), "value": numbers.count(rest), "help": W("items.kpi.rest.help")},
        ]
    )


def search(session: Session, variant: str) -> list[ItemRow]:
    """A search field and how many items it found."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        text = st.text_input(
            W("items.search"),
            key="items.search",
            placeholder=WT("items.search.placeholder"),
            icon=":material/search:",
            live=True,
            width=320,
        )
        rows = session.ws.items.list(variant, text or "", MOST_ROWS)
        if not rows:
            st.caption(W("items.found.none", search=text or ""))
        elif len(rows) >= MOST_ROWS:
            st.caption(W("items.found.first", n=numbers.count(len(rows))))
        else:
            st.caption(W("items.found", n=len(rows)))
    return rows


def item_table(rows: list[ItemRow], chosen: str | None, survey: ItemSurvey) -> str | None:
    """Draw the table; returns the item of a row that was selected just now, else `chosen`, else the first."""
    if not rows:
        return chosen
    key = f"items.table.{survey.variant}.{survey.made}.{st.session_state.get('items.search', '')}"
    chosen = chosen or rows[0].item
    place = next((i for i, row in enumerate(rows) if row.item == chosen), None)
    frame = pd.DataFrame(
        {
            "title": [one_line(r.title) for r in rows],
            "lists": [r.lists for r in rows],
            "share": [100 * r.lists / max(survey.shoppers, 1) for r in rows],
            "place": [math.nan if r.place is None else r.place for r in rows],
            "near": [r.near for r in rows],
            "owners": [r.owners for r in rows],
            "category": [one_line(r.category) for r in rows],
            "item": [one_line(r.item) for r in rows],
        }
    )
    column = st.column_config
    columns = {
        "title": column.TextColumn(WT("items.col.title"), width=220),
        "item": column.TextColumn(WT("items.col.item"), width=90),
        "category": column.TextColumn(WT("items.col.category"), width=110),
        "lists": column.NumberColumn(WT("items.col.lists"), format="localized", width=70, help=told(caption(ItemRow, "lists"))),
        "share": column.NumberColumn(WT("items.col.share"), format="%.1f%%", width=90),
        "place": column.NumberColumn(WT("items.col.place"), format="%.1f", width=90, help=told(caption(ItemRow, "place"))),
        "near": column.NumberColumn(WT("items.col.near"), format="localized", width=90, help=told(caption(ItemRow, "near"))),
        "owners": column.NumberColumn(WT("items.col.owners"), format="localized", width=80, help=told(caption(ItemRow, "owners"))),
    }
    hidden = set() if frame.category.any() else {"category"}
    picked = pick_table(frame, key, WT("items.table.alt", n=len(rows)), columns, place, hidden)
    return chosen if picked is None else rows[picked].item


def head(view: ItemView, currency: str) -> None:
    """Title, facts, and in one sentence where the item stands."""
    row = view.row
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        show_tile(row.item, row.title)
        with st.container(gap=None):
            st.subheader(plain(row.title, 120), anchor=False)
            parts = [plain(row.item, 60), *(plain(text, 60) for text in (row.category, view.brand) if text)]
            if view.price is not None:
                parts.append(plain(numbers.money(view.price, currency)))
            parts.append(W("items.facts", n=numbers.count(view.events)))
            if row.owners:
                parts.append(W("items.facts.owners", n=numbers.count(row.owners)))
            st.caption(" · ".join(parts))
    every, near = numbers.count(view.shoppers), numbers.count(row.near)
    if row.lists:
        share = numbers.share(row.lists / max(view.shoppers, 1))
        st.markdown(W("items.on", n=numbers.count(row.lists), all=every, share=share, place=numbers.metric(row.place, 1), near=near))
    elif row.near:
        st.markdown(W("items.near_only", near=near, all=every))


def nowhere(view: ItemView) -> None:
    """An item that comes near no list: what can be done to learn why."""
    if not view.sellable:
        st.info(W("items.not_sold"), icon=":material/info:")
        return
    st.info(W("items.nowhere"), icon=":material/info:")
    if st.button(W("items.why_not"), key="items.why_not", icon=shell.ICONS["recommendations"]):
        shell.go("recommendations", item=None)


def whose_lists(view: ItemView, variant: VariantRow) -> None:
    """Places as a chart, and shoppers as a table that leads to their lists."""
    row = view.row
    shell.section(W("items.lists"), W("items.lists.caption", n=numbers.count(row.lists + row.near)))
    words = {"title": row.title, "lists": numbers.count(row.lists), "near": numbers.count(row.near)}
    frequent = 1 + max(range(len(view.ranks)), key=lambda i: (view.ranks[i], -i))
    alt = WT("items.lists.alt", place=frequent, **words)
    shell.chart(charts.places_chart(view.ranks, view.k, WT("items.lists.x"), WT("items.lists.y")), "items.lists", alt)
    shell.read(W("items.lists.read"))
    places = view.places
    key = f"items.shoppers.{variant.id}.{row.item}"
    column = st.column_config
    frame = pd.DataFrame(
        {"shopper": [one_line(p.shopper) for p in places], "rank": [p.rank for p in places], "score": [p.score for p in places]}
    )
    columns = {
        "shopper": column.TextColumn(WT("items.lists.shopper")),
        "rank": column.NumberColumn(WT("items.lists.place"), width=70),
        "score": column.NumberColumn(WT("items.lists.score"), format=_digits(view), width=90),
    }
    picked = pick_table(frame, key, WT("items.lists.table", n=len(places), title=row.title), columns)
    cut = len(places) < row.lists + row.near
    st.caption(W("items.lists.first", n=numbers.count(len(places))) if cut else W("items.lists.choose"))
    if picked is not None:
        shopper = places[picked].shopper
        st.session_state["item.for"] = (variant.id, shopper)  # the item was chosen for this list, so it stays
        shell.go("recommendations", shopper=shopper, item=row.item)


def _digits(view: ItemView) -> str:
    return "%.4f" if view.score_kind == "probability" else "%.1f" if any(p.score >= 100 for p in view.places) else "%.3f"


def brings(view: ItemView) -> None:
    """Mean terms where it is listed, and the past items behind them."""
    row = view.row
    if view.brings and view.base is not None:
        shell.section(W("items.brings"), W("items.brings.caption", n=numbers.count(row.lists)))
        top = view.brings[0]
        labels = (WT("items.brings.base"), WT("items.brings.total"), WT("items.rest"))
        alt = WT("items.brings.alt", name=told_name(top.name), title=row.title, value=numbers.signed(top.mean, 4))
        shell.chart(charts.brings_chart(view.brings, view.base, *labels), "items.brings", alt)
        shell.read(W("items.brings.read"))
    shell.section(W("items.past"), W("items.past.caption"))
    if not view.past:
        st.caption(W("items.past.none") if row.lists else W("items.brings.none"))
        return
    most = sorted(view.past, key=lambda t: (-t.n, t.key))
    alt = WT("items.past.alt", name=most[0].name, title=row.title, lists=numbers.count(most[0].n))
    shell.chart(charts.past_chart(most), "items.past", alt)
    shell.read(W("items.past.read"))


def holds(view: ItemView) -> None:
    """Against the last item that made the list, where this one just misses."""
    row = view.row
    if view.gap is None:
        shell.section(W("items.holds"))
        st.caption(W("items.holds.none"))
        return
    shell.section(W("items.holds"), W("items.holds.caption", n=numbers.count(row.near)))
    signals = [t for t in view.holds if t.key not in ("base", "past")]
    if not signals:
        st.markdown(W("items.holds.score", gap=score_text(-view.gap)))
        return
    worst = signals[0]
    alt = WT("items.holds.alt", title=row.title, name=told_name(worst.name), value=numbers.signed(worst.mean, 4))
    shell.chart(charts.holds_chart(signals, WT("items.rest")), "items.holds", alt)
    shell.read(W("items.holds.read", gap=numbers.metric(abs(view.gap), 4)))


def asked(session: Session, variant: str) -> str | None:
    """The item of the address when the dataset has it; a notice otherwise."""
    item = tab.param("item")
    if item and session.dataset and not session.ws.items.has(variant, item):
        tab.choose(item=None)
        tab.notice(W("items.unknown", id=item))
        return None
    return item
