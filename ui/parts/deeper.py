"""Deeper looks at one item of a list, each made when it is asked for."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from recengine.types.explanations import HistoryTerms, ListHistory, OpinionView, SmallestSetView
from recengine.types.policies import PolicyUse
from ui.parts.errors import guard
from ui.parts.list_cards import score_text
from ui.parts.what_if_state import Edit
from ui.session import Session
from ui.words import WT, W, numbers, one_line, plain, told

LOOKS = ("fewest", "history", "opinions")
FIRST, MOST = 256, 4096  # parts of a history asked at first, and at most
MOST_ROWS = 12


def deeper(session: Session, variant: str, shopper: str, item: str, k: int, policy: PolicyUse | None, edits: tuple[Edit, ...]) -> None:
    """One look at a time, below the card, at the list as it is with these edits."""
    here = f"{variant}.{shopper}.{item}"
    if st.session_state.get("deeper.for") != here:  # a look belongs to one item
        st.session_state["deeper.for"] = here
        st.session_state["deeper.look"] = None
        st.session_state["deeper.parts"] = FIRST
    look = st.pills(W("deeper.title"), LOOKS, key="deeper.look", format_func=lambda name: W(f"deeper.{name}"))
    if look is None:
        return
    with guard(), st.spinner(W("deeper.working"), show_time=True):
        if look == "fewest":
            _fewest(session.ws.explanations.smallest_set(variant, shopper, item, k, edits=edits, policy=policy))
        elif look == "history":
            parts = st.session_state["deeper.parts"]
            _history(session.ws.explanations.history(variant, shopper, [item], coalitions=parts, edits=edits))
        else:
            _opinions(session.ws.explanations.second_opinions(variant, shopper, item, edits=edits))


def _fewest(view: SmallestSetView) -> None:
    st.markdown(plain(told(view.sentence)))
    if view.proof == "none":
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if view.proof == "proved":
            st.badge(W("deeper.fewest.proved"), icon=":material/check:", color="green")
        else:
            st.badge(W("deeper.fewest.greedy"), icon=":material/help:", color="gray")
        words = W("deeper.fewest.after", before=view.rank, after=view.rank_after)
        st.caption(words if view.rank_after else W("deeper.fewest.gone", before=view.rank))


def _history(view: ListHistory) -> None:
    found = next(iter(view.items), None)
    if found is None:
        st.caption(W("deeper.opinion.none"))
        return
    st.caption(_how(view, found))
    terms = [term for term in found.terms if term.contribution != 0][:MOST_ROWS]
    if not terms:
        return
    column = st.column_config
    sampled = any(term.error > 0 for term in terms)
    st.dataframe(
        pd.DataFrame(
            {
                "title": [one_line(term.title) for term in terms],
                "did": [one_line(term.did) for term in terms],
                "adds": [term.contribution for term in terms],
                "error": [None if term.error < 0 else term.error for term in terms],
            }
        ),
        key="deeper.history",
        hide_index=True,
        column_order=["title", "did", "adds", "error"] if sampled else ["title", "did", "adds"],
        alt=WT("deeper.history.alt", title=terms[0].title, value=numbers.signed(terms[0].contribution, 4)),
        column_config={
            "title": column.TextColumn(WT("deeper.history.item")),
            "did": column.TextColumn(WT("deeper.history.did"), width=80),
            "adds": column.NumberColumn(WT("deeper.history.adds"), format="%+.4f", width=76),
            "error": column.NumberColumn(WT("deeper.history.error"), format="%.4f", width=76),
        },
    )
    if view.method == "sampled" and st.session_state["deeper.parts"] < MOST:
        st.button(W("deeper.history.more"), key="deeper.more", type="tertiary", icon=":material/more_time:", on_click=_twice)


def _how(view: ListHistory, found: HistoryTerms) -> str:
    words = {"base": score_text(found.base), "score": score_text(found.score), "n": numbers.count(len(found.terms))}
    if view.method != "sampled":
        return W("deeper.history.exact", **words)
    error = numbers.metric(view.worst_error, 4) if view.worst_error >= 0 else numbers.NONE
    return W("deeper.history.sampled", coalitions=numbers.count(view.coalitions), error=error, **words)


def _twice() -> None:
    st.session_state["deeper.parts"] = min(MOST, 2 * st.session_state["deeper.parts"])


def _opinions(views: tuple[OpinionView, ...]) -> None:
    if not views:
        st.caption(W("deeper.opinion.none"))
    for view in views:
        _opinion(view)


def _opinion(view: OpinionView) -> None:
    if view.kind == "lime":
        st.markdown(W("deeper.opinion.lime", fit=numbers.share(view.fit, 0) if view.fit is not None else numbers.NONE))
    else:
        st.markdown(W("deeper.opinion.attention"))
    if view.spearman is None:
        st.caption(W("deeper.opinion.unknown"))
    else:
        st.caption(W("deeper.opinion.agree", agreement=numbers.metric(view.spearman, 2)))
    rows = view.rows[:MOST_ROWS]
    if not rows:
        return
    column = st.column_config
    st.dataframe(
        pd.DataFrame({"title": [one_line(title) for title, _ in rows], "weight": [weight for _, weight in rows]}),
        key=f"deeper.opinion.{view.kind}",
        hide_index=True,
        alt=WT("deeper.opinion.alt", title=rows[0][0], value=numbers.signed(rows[0][1], 4)),
        column_config={
            "title": column.TextColumn(WT("deeper.opinion.item")),
            "weight": column.NumberColumn(WT("deeper.opinion.weight"), format="%+.4f", width=84),
        },
    )
