"""Compare: why each item of one shopper's list moved, from the two explanations of it."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from recengine.types.policies import PolicyUse
from recengine.types.runs import Move, Moves
from ui import shell
from ui.session import Session
from ui.words import WT, W, numbers, one_line, plain, told, told_name

ICON = {"rose": ":material/arrow_upward:", "fell": ":material/arrow_downward:", "entered": ":material/login:", "left": ":material/logout:"}
MOST = 50


def explained_moves(
    session: Session,
    shopper: str,
    pair: tuple[str, str],
    policies: tuple[PolicyUse | None, PolicyUse | None],
    sides: tuple[str, str],
    k: int,
) -> None:
    """The chosen one of the moved items, with both explanations beside each other."""
    if not 1 <= k <= MOST:
        return
    found = session.ws.list_moves.moves(*pair, shopper, k, policies)
    with st.container(border=True):
        words = {"before": plain(sides[0]), "after": plain(sides[1])}
        scale = "chance" if found.chance else "score" if found.comparable else "other"
        shell.section(W("moves.title"), W(f"moves.scale.{scale}", **words))
        if not found.rows:
            st.caption(W("moves.none"))
            return
        row = _choose(found)
        left, right = st.columns([5, 7], gap="medium")
        with left:
            st.markdown(f"{ICON[row.change]} **{plain(row.title, 80)}**")
            st.markdown(plain(told(row.sentence), 400))
        with right:
            _terms(row, found, *sides)


def _choose(found: Moves) -> Move:
    titles = {row.item: _label(row) for row in found.rows}
    key = f"moves.{found.a}.{found.b}.{found.shopper}.{found.k}.{found.rows[0].item}"
    chosen = st.selectbox(W("moves.choose", n=len(titles)), list(titles), key=key, format_func=titles.__getitem__)
    return next(row for row in found.rows if row.item == (chosen or found.rows[0].item))


def _label(row: Move) -> str:
    places = {"old": row.old or WT("moves.far"), "new": row.new or WT("moves.far")}
    return WT("moves.row", title=one_line(row.title)[:60], change=WT(f"moves.change.{row.change}"), **places)


def _terms(row: Move, found: Moves, before: str, after: str) -> None:
    if not row.terms:
        st.caption(W("moves.noterms"))
        return
    unit, digits = (100.0, 2) if found.chance else (1.0, 4) if found.comparable else (100.0, 0)
    form = f"%.{digits}f"
    column = st.column_config
    st.dataframe(
        pd.DataFrame(
            {
                "name": [one_line(told_name(t.name)) for t in row.terms],
                "before": [unit * t.before for t in row.terms],
                "after": [unit * t.after for t in row.terms],
                "change": [numbers.signed(unit * (t.after - t.before), digits) for t in row.terms],
            }
        ),
        key=f"moves.terms.{row.item}",
        hide_index=True,
        height="content",
        alt=WT("moves.alt", sentence=told(row.sentence)),
        column_config={
            "name": column.TextColumn(WT("moves.col.name"), width=190),
            "before": column.NumberColumn(one_line(before)[:24], format=form, width=120),
            "after": column.NumberColumn(one_line(after)[:24], format=form, width=120),
            "change": column.TextColumn(WT("moves.col.change"), width=80),
        },
    )
    if found.chance and row.score_before is not None and row.score_after is not None:
        total = {"before": numbers.share(row.score_before, 2), "after": numbers.share(row.score_after, 2)}
        change = numbers.signed(100 * (row.score_after - row.score_before), 2)
        st.caption(W("moves.sum", change=change, **total))
