"""A ranked list as cards or as a table."""

from __future__ import annotations

import math
from collections.abc import Callable

import pandas as pd
import streamlit as st

from recengine.types import ListItem, RankedList
from ui.parts.pick_table import newly_picked
from ui.parts.tile import show_tile, tile
from ui.words import WT, W, numbers, one_line, plain, told


def score_text(value: float) -> str:
    """Three digits behind the point for probabilities and small scores, fewer for scores in the hundreds."""
    return numbers.metric(value, 3 if abs(value) < 100 else 1)


def score_meaning(kind: str, protocol: str) -> str:
    """What the score says, for the help of its badge."""
    return W("recommendations.score.probability", protocol=told(protocol)) if kind == "probability" else W("recommendations.score.score")


def cards(
    ranked: RankedList,
    explained: str | None,
    currency: str,
    meaning: str,
    on_why: Callable[[str], None],
    was: dict[str, int] | None = None,
) -> None:
    """One card an item, two in a row; the explained one wears a badge instead of its button.

    Args:
        ranked: the list.
        explained: id of the item that is explained.
        currency: sign put before prices.
        meaning: what a score says.
        on_why: called with the id of an item that is to be explained.
        was: place of each item before the edits (0 = none that is told), None without edits.
    """
    with st.grid(2, min_column_width=160, border=True, gap="xsmall"):
        for row in ranked.items:
            with st.container(gap="small", height="stretch", vertical_alignment="distribute", key=f"card.{row.rank}"):
                with st.container(gap="xxsmall"):
                    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center", wrap=False):
                        show_tile(row.item, row.title)
                        price = f"  :gray[{plain(numbers.money(row.price, currency))}]" if row.price is not None else ""
                        st.markdown(f"**{row.rank}**{price}", width="stretch")
                        if was is not None and was.get(row.item, 0) != row.rank:
                            _move_badge(was.get(row.item, 0), row.rank, len(ranked.items))
                        elif was is None and ranked.use is not None:
                            _policy_badge(row)
                    st.markdown(plain(row.title, 70))
                    if about := " · ".join(plain(part, 60) for part in (row.category, told(row.reason)) if part):
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


def move(was: int, now: int, k: int) -> str:
    """`↑ 2`, `↓ 1`, `new` or `–`; an item that stood below the list before is new."""
    if not 0 < was <= k:
        return WT("whatif.new")
    return numbers.NONE if was == now else f"↑ {was - now}" if was > now else f"↓ {now - was}"


def _move_badge(was: int, now: int, k: int) -> None:
    help_text = W("whatif.was", rank=was) if was else W("whatif.was.none")
    st.badge(move(was, now, k), color="orange" if 0 < was < now else "blue", help=help_text)


def _policy_badge(row: ListItem) -> None:
    """How far the policy moved the item, or that a pin put it there."""
    if any(term.key == "pin" for term in row.policy) or not row.rank_by_score:
        st.badge("", icon=":material/keep:", color="violet", help=W("recommendations.pinned"))
    elif row.rank_by_score != row.rank:
        up = row.rank < row.rank_by_score
        text = f"↑ {row.rank_by_score - row.rank}" if up else f"↓ {row.rank - row.rank_by_score}"
        st.badge(text, color="gray", help=W("recommendations.moved", rank=row.rank_by_score))


def _score_help(row: ListItem, ranked: RankedList, meaning: str) -> str:
    if ranked.use is None:
        return meaning
    shown = score_text(row.score if row.shown is None else row.shown)
    return f"{meaning} {W('recommendations.by_score', rank=row.rank_by_score, shown=shown)}"


def list_table(ranked: RankedList, currency: str, key: str, was: dict[str, int] | None = None) -> str | None:
    """The same list as a table, with places before the edits in `was`; returns the item of a row that was selected just now."""
    rows = ranked.items
    frame = pd.DataFrame(
        {
            "rank": [r.rank for r in rows],
            "was": pd.array([(was or {}).get(r.item) or None for r in rows], dtype="Int64"),
            "move": [move((was or {}).get(r.item, 0), r.rank, len(rows)) for r in rows],
            "tile": [tile(r.item, r.title) for r in rows],
            "title": [one_line(r.title) for r in rows],
            "category": [one_line(r.category) for r in rows],
            "price": [math.nan if r.price is None else r.price for r in rows],
            "score": [r.score for r in rows],
            "shown": [r.score if r.shown is None else r.shown for r in rows],
            "by_score": [r.rank_by_score for r in rows],
            "reason": [one_line(told(r.reason)) for r in rows],
        }
    )
    hidden = {
        "price" if frame.price.isna().all() else "",
        "category" if not frame.category.any() else "",
        *(("by_score", "shown") if ranked.use is None else ()),
        *(("was", "move") if was is None else ()),
    }
    column = st.column_config
    digits = "%.1f" if any(abs(r.score) >= 100 for r in rows) else "%.3f"  # as `score_text` writes them

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
            "score": column.NumberColumn(WT("recommendations.col.score"), format=digits, width=64),
            "shown": column.NumberColumn(WT("recommendations.col.shown"), format=digits, width=64),
            "by_score": column.NumberColumn(WT("recommendations.col.by_score"), width=72),
            "was": column.NumberColumn(WT("whatif.col.was"), width=56),
            "move": column.TextColumn(WT("whatif.col.move"), width=56),
            "reason": column.TextColumn(WT("recommendations.col.reason"), width=260),
        },
    )
    st.caption(W("recommendations.table.hint"))
    picked = newly_picked(key, event.selection.rows)
    return rows[picked].item if picked is not None and picked < len(rows) else None


def _printf(currency: str) -> str:
    return currency.replace("%", "%%")
