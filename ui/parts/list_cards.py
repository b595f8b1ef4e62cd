"""A ranked list as cards or as a table."""

from __future__ import annotations

import math
from collections.abc import Callable

import pandas as pd
import streamlit as st

from recengine.types import ListItem, RankedList
from ui.parts.shopper_parts import newly_picked
from ui.parts.tile import show_tile, tile
from ui.words import WT, W, numbers, one_line, plain


def score_text(value: float) -> str:
    """Three digits behind the point for probabilities and small scores, fewer for scores in the hundreds."""
    return numbers.metric(value, 3 if abs(value) < 100 else 1)


def score_meaning(kind: str, protocol: str) -> str:
    """What the score says, for the help of its badge."""
    return W("recommendations.score.probability", protocol=protocol) if kind == "probability" else W("recommendations.score.score")


def cards(ranked: RankedList, explained: str | None, currency: str, meaning: str, on_why: Callable[[str], None]) -> None:
    """One card an item, two in a row; the explained one wears a badge instead of its button."""
    with st.grid(2, min_column_width=160, border=True, gap="xsmall"):
        for row in ranked.items:
            with st.container(gap="small", height="stretch", vertical_alignment="distribute", key=f"card.{row.rank}"):
                with st.container(gap="xxsmall"):
                    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center", wrap=False):
                        show_tile(row.item, row.title)
                        price = f"  :gray[{plain(numbers.money(row.price, currency))}]" if row.price is not None else ""
                        st.markdown(f"**{row.rank}**{price}", width="stretch")
                    st.markdown(plain(row.title, 70))
                    if about := " · ".join(plain(part, 60) for part in (row.category, row.reason) if part):
                        st.caption(about)
                with st.container(
                    horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="xsmall", wrap=False
                ):
                    st.badge(score_text(row.score), color="gray", help=_score_help(row, ranked, meaning))
                    if row.item == explained:
                        st.badge(W("recommendations.shown"), icon=":material/visibility:", color="blue")
                    else:
                        label = W("recommendations.why")
                        st.button(
                            label, key=f"why.{row.rank}", type="tertiary", icon=":material/lightbulb:", on_click=on_why, args=(row.item,)
                        )


def _score_help(row: ListItem, ranked: RankedList, meaning: str) -> str:
    return f"{meaning} {W('recommendations.by_score', rank=row.rank_by_score)}" if ranked.diversity > 0 else meaning


def list_table(ranked: RankedList, currency: str, key: str) -> str | None:
    """The same list as a table; returns the item of a row that was selected just now."""
    rows = ranked.items
    frame = pd.DataFrame(
        {
            "rank": [r.rank for r in rows],
            "tile": [tile(r.item, r.title) for r in rows],
            "title": [one_line(r.title) for r in rows],
            "category": [one_line(r.category) for r in rows],
            "price": [math.nan if r.price is None else r.price for r in rows],
            "score": [r.score for r in rows],
            "by_score": [r.rank_by_score for r in rows],
            "reason": [one_line(r.reason) for r in rows],
        }
    )
    hidden = {
        "price" if frame.price.isna().all() else "",
        "category" if not frame.category.any() else "",
        "by_score" if ranked.diversity == 0 else "",
    }
    column = st.column_config

    event = st.dataframe(
        frame,
        key=key,
        hide_index=True,
        row_height=40,
        height="content",
        placeholder=numbers.NONE,
        on_select="rerun",
        selection_mode="single-row",
        column_order=[c for c in frame.columns if c not in hidden],
        alt=WT("recommendations.table.alt", n=len(rows), shopper=ranked.shopper),
        column_config={
            "rank": column.NumberColumn(WT("recommendations.col.rank"), width=48),
            "tile": column.ImageColumn("", width=40),
            "title": column.TextColumn(WT("recommendations.col.item"), width=260),
            "category": column.TextColumn(WT("recommendations.col.category"), width=90),
            "price": column.NumberColumn(WT("recommendations.col.price"), format=f"{_printf(currency)}%.2f", width=70),
            "score": column.NumberColumn(WT("recommendations.col.score"), format="%.3f", width=64),
            "by_score": column.NumberColumn(WT("recommendations.col.by_score"), width=72),
            "reason": column.TextColumn(WT("recommendations.col.reason"), width=260),
        },
    )
    st.caption(W("recommendations.table.hint"))
    picked = newly_picked(key, event.selection.rows)
    return rows[picked].item if picked is not None and picked < len(rows) else None


def _printf(currency: str) -> str:
    return currency.replace("%", "%%")
