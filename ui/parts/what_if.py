"""What if, at the list: what is changed, what that did, and one click to put everything back."""

from __future__ import annotations

import streamlit as st

from recengine.errors import MerchlensError
from recengine.types import EventTerm, VariantRow
from recengine.types.explanations import MovedItem, WhatIf
from recengine.types.policies import PolicyUse
from ui import shell
from ui.charts.list_charts import what_if_slope
from ui.parts import what_if_state as state
from ui.parts.shopper_parts import did
from ui.parts.what_if_state import Edit
from ui.session import Session
from ui.words import WT, Markdown, W, numbers, plain

MOST_SAID = 6


def checked(
    session: Session, variant: VariantRow, shopper: str, k: int, policy: PolicyUse | None
) -> tuple[tuple[Edit, ...], WhatIf | None]:
    """The edits of this tab and both lists side by side; edits that cannot be made are taken back and said."""
    edits = state.edits_of(variant.id, shopper)
    if not edits:
        return (), None
    try:
        return edits, session.ws.explanations.what_if(variant.id, shopper, edits, k, policy=policy)
    except MerchlensError as error:
        state.reset(variant.id, shopper)
        st.warning(W("whatif.refused", what=error.what, fix=error.fix), icon=":material/warning:")
        return (), None


def what_if_bar(session: Session, variant: VariantRow, shopper: str, edits: tuple[Edit, ...], view: WhatIf) -> None:
    """What is changed, what that did to the list, and one click to put everything back."""
    events = {e.place: e for e in session.ws.explanations.events(variant.id, shopper)}
    titles = session.ws.datasets.items(session.dataset.id) if session.dataset else {}
    currency = session.dataset.currency if session.dataset else ""
    with st.container(border=True, gap="xsmall", key="whatif.bar"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f":material/science: **{W('whatif.title')}** · {W('whatif.bar', n=len(edits))}", width="content")
            if not (view.entered or view.left or view.moved):
                st.badge(W("whatif.unmoved"), icon=":material/trending_flat:", color="gray")
            if view.entered:
                st.badge(W("whatif.entered", n=view.entered), icon=":material/add:", color="blue")
            if view.left:
                st.badge(W("whatif.left", n=view.left), icon=":material/remove:", color="orange")
            if view.moved:
                st.badge(W("whatif.moved", n=view.moved), icon=":material/swap_vert:", color="gray")
        for place, edit in enumerate(edits[:MOST_SAID]):
            with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", wrap=False):
                st.markdown(edit_words(edit, events, titles, currency), width="stretch")
                if len(edits) > 1:
                    back = {"on_click": state.drop_edit, "args": (variant.id, shopper, place)}
                    st.button(W("whatif.drop"), key=f"whatif.drop.{place}", type="tertiary", icon=":material/undo:", **back)
        if len(edits) > MOST_SAID:
            st.caption(W("whatif.rest", n=len(edits) - MOST_SAID))
        st.button(W("whatif.reset"), key="whatif.reset", icon=":material/undo:", on_click=state.reset, args=(variant.id, shopper))


def edit_words(edit: Edit, events: dict[int, EventTerm], titles: dict[str, str], currency: str) -> Markdown:
    """One change in words."""
    if edit["kind"] in ("remove", "change"):
        event = events.get(edit["place"])
        title = plain(event.title if event else str(edit["place"]), 60)
        if edit["kind"] == "remove":
            return W("whatif.said.remove", title=title)
        told = {"title": title, "did": did(edit.get("behaviour", "")), "date": numbers.date(edit.get("time"))}
        key = "both" if edit.get("behaviour") and edit.get("time") else "did" if edit.get("behaviour") else "time"
        return W(f"whatif.said.{key}", **told)
    title = plain(titles.get(edit["item"], edit["item"]), 60)
    if edit["kind"] == "add":
        key = "whatif.said.add.time" if edit.get("time") else "whatif.said.add"
        return W(key, title=title, did=did(edit.get("behaviour") or "view"), date=numbers.date(edit.get("time")))
    if edit["kind"] == "price":
        return W("whatif.said.price", title=title, price=numbers.money(edit["price"], currency))
    return W("whatif.said.category", title=title, category=plain(edit["category"], 40))


def left_words(view: WhatIf, k: int) -> Markdown | None:
    """What left the list, with old and new place; None where nothing did."""
    gone = [row for row in view.rows if 0 < row.old_rank <= k and not 0 < row.new_rank <= k]
    if not gone:
        return None

    def one(row: MovedItem) -> Markdown:
        key = "whatif.gone.one" if row.new_rank else "whatif.gone.far"
        return W(key, title=plain(row.title, 50), old=row.old_rank, new=row.new_rank)

    return W("whatif.gone", items=Markdown(", ".join(one(row) for row in gone)))


def what_left(view: WhatIf, k: int) -> None:
    """Under the list: what left it, and old and new list as lines between two columns of places."""
    if gone := left_words(view, k):
        st.caption(f":orange[:material/remove:] {gone}")
    fig = what_if_slope(view.rows, k, WT("whatif.before"), WT("whatif.after"), WT("whatif.side.new"), WT("whatif.side.left"))
    if fig is None or not (view.entered or view.left or view.moved):
        return
    with st.expander(W("whatif.side"), icon=":material/compare_arrows:"):
        alt = WT("whatif.side.alt", entered=view.entered, left=view.left, moved=view.moved)
        shell.chart(fig, "whatif.side", alt)
        st.caption(W("whatif.side.read"))
