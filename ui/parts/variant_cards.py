"""The variants of a dataset, best first, each with its figure, interval and the way on."""

from __future__ import annotations

import streamlit as st

from recengine.types import VariantRow
from ui import shell
from ui.parts.errors import attempt
from ui.parts.faithfulness_view import checks_dialog
from ui.parts.since_last import since_last
from ui.session import RANKING, Session
from ui.words import W, numbers, plain

SHOWN = 12
ENOUGH_TO_COMPARE = 2
NEW_ITEMS = "new_items@10"  # where the test part has items that nobody had taken before


def variant_cards(session: Session) -> None:
    """One card a variant; with two or more, the way to the comparison."""
    if not session.variants:
        with st.container(border=True):
            st.markdown(f":material/hourglass_empty: **{W('variants.none')}**")
            st.caption(W("variants.none.why"))
        return
    for row in session.variants[:SHOWN]:
        _card(session, row)
    enough = len(session.variants) >= ENOUGH_TO_COMPARE
    if enough and st.button(W("variants.compare", n=len(session.variants)), icon=shell.ICONS["compare"], key="variants.compare"):
        shell.go("compare")


def _card(session: Session, row: VariantRow) -> None:
    with st.container(border=True, horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="xsmall"):
        with st.container(width=460, gap=None):
            with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
                st.markdown(f"**{plain(row.name, 48)}**", width="content")
                if session.variant and row.id == session.variant.id:
                    st.badge(W("variants.in_use"), icon=":material/visibility:", color="blue")
                if row.swept:
                    st.badge(W("variants.swept"), icon=":material/tune:", color="gray")
            st.caption(facts(row))
            if since := since_last(row, session.variants):
                st.caption(since)
            for note in row.notes:
                st.caption(f":material/info: {plain(note)}")
        with st.container(horizontal=True, width="content", gap="xsmall"):
            if st.button(W("variants.open"), key=f"variant.{row.id}", icon=shell.ICONS["recommendations"], type="tertiary"):
                shell.go("recommendations", variant=row.id)
            if st.button(W("checks.open"), key=f"checks.{row.id}", icon=":material/verified:", type="tertiary", help=W("checks.title")):
                checks_dialog(session, row)  # not from inside the popover, which would stay above it
            with st.popover(W("variants.more"), type="tertiary", help=W("variants.more.help"), key=f"more.{row.id}"):
                name = st.text_input(W("variants.name"), value=row.name, key=f"rename.{row.id}", max_chars=80)
                st.button(
                    W("variants.rename"), key=f"rename.do.{row.id}", icon=":material/edit:", on_click=_rename, args=(session, row, name)
                )
                st.button(
                    W("variants.delete"),
                    key=f"variant.delete.{row.id}",
                    icon=":material/delete:",
                    on_click=attempt,
                    args=(session.ws.variants.delete, row.id),
                )


def _rename(session: Session, row: VariantRow, name: str) -> None:
    if name.strip() and name != row.name:
        attempt(session.ws.variants.rename, row.id, name.strip())


def facts(row: VariantRow) -> str:
    """NDCG@10 0.121 (0.114 – 0.128) · 1,482 shoppers · 3.1 s, 2 min ago."""
    parts = []
    if best := row.metrics.get(RANKING):
        parts.append(W("job.ndcg", value=numbers.metric(best.value), interval=numbers.interval(best.low, best.high)))
    new = row.metrics.get(NEW_ITEMS)
    if new and new.value > 0:
        parts.append(W("variants.new_items", share=numbers.share(new.value, 0)))
    parts.append(W("variants.shoppers", shoppers=numbers.count(row.n_shoppers)))
    parts.append(W("job.took", time=numbers.duration(row.seconds), when=numbers.ago(row.created)))
    return " · ".join(parts)
