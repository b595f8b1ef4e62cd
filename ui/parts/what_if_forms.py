"""What if, on the card: the history to change, an imagined event, another price or category, and the item before and after."""

from __future__ import annotations

import math
from collections.abc import Sequence

import streamlit as st

from recengine.errors import BadInput
from recengine.types import EventTerm, Explanation, VariantRow
from recengine.types.explanations import WhatIfChoices
from ui.parts import what_if_state as state
from ui.parts.errors import attempt
from ui.parts.history_table import at, history_table, written
from ui.parts.list_cards import score_text
from ui.parts.shopper_parts import did
from ui.parts.what_if_state import Edit
from ui.session import Session
from ui.words import WT, W, numbers, one_line, plain

FORMS = ("add", "item")


def what_if_forms(
    session: Session, variant: VariantRow, shopper: str, item: str, title: str, full: Explanation | None, now: Explanation | None
) -> None:
    """On the card: the history to change, and forms for an imagined event and for price and category.

    Args:
        session: what the tab looks at.
        variant: the variant that is explained.
        shopper: the shopper.
        item: the item that is explained.
        title: its title.
        full: the card before all edits, None where the item has no score then.
        now: the card after them, None where it has no score now.
    """
    assert session.dataset is not None
    choices = session.ws.explanations.choices(variant.id)
    events = session.ws.explanations.events(variant.id, shopper)
    titles = session.ws.datasets.items(session.dataset.id)
    with st.container(gap=None):
        st.markdown(f"**{W('whatif.title')}**")
        imagined = any(edit["kind"] == "add" for edit in state.edits_of(variant.id, shopper))
        hint = W("whatif.hint") if events else W("whatif.hint.none")
        st.caption(f"{hint} {W('whatif.hint.imagined')}" if imagined else hint)
    history_table(variant.id, shopper, item, title, events, full, choices, titles)
    if edits := state.edits_of(variant.id, shopper):
        if full is not None and now is not None:
            outcome(full, now, edits, {e.place: e for e in events})
        back = {"on_click": state.reset, "args": (variant.id, shopper)}  # in the dialog of a phone the bar above the list is out of reach
        st.button(W("whatif.reset"), key="whatif.reset.card", type="tertiary", icon=":material/undo:", **back)
    form = st.pills(W("whatif.more"), FORMS, key="whatif.form", format_func=lambda name: W(f"whatif.{name}"))
    if form == "add":
        _add_form(session, variant.id, shopper, choices, titles)
    elif form == "item":
        _item_form(session, variant, shopper, item, choices, now or full)


def outcome(full: Explanation, now: Explanation, edits: Sequence[Edit], events: dict[int, EventTerm]) -> None:
    """Place and score of the item before and after."""
    old, new = full.place or full.rank, now.place or now.rank
    if not new:
        rank = W("whatif.card.gone", before=old or numbers.NONE, deepest=500)
    elif new == old:
        rank = W("whatif.card.same", before=old)
    else:
        rank = W("whatif.card.rank", before=old or numbers.NONE, after=new)
    said = {"rank": rank, "score": W("whatif.card.score", before=score_text(full.score), after=score_text(now.score))}
    only = events.get(edits[0]["place"]) if len(edits) == 1 and edits[0]["kind"] == "remove" else None
    if only is not None:
        text = W("whatif.card.remove", title=plain(only.title, 40), **said)
    else:
        text = W("whatif.card.one" if len(edits) == 1 else "whatif.card.many", n=len(edits), **said)
    # Markdown instead of a badge, which would cut a long title on a phone
    if new == old:
        st.markdown(f":gray-background[:material/trending_flat: {text}]")
    elif (new or math.inf) > (old or math.inf):
        st.markdown(f":orange-background[:material/arrow_downward: {text}]")
    else:
        st.markdown(f":blue-background[:material/arrow_upward: {text}]")


def _add_form(session: Session, variant: str, shopper: str, choices: WhatIfChoices, titles: dict[str, str]) -> None:
    with st.form("whatif.add.form", border=False, enter_to_submit=False):
        st.selectbox(
            W("whatif.add.item"),
            list(titles),
            index=None,
            key="whatif.add.item",
            accept_new_options=True,
            filter_mode="contains",
            placeholder=WT("whatif.add.pick"),
            format_func=lambda i: one_line(titles.get(i, i)),
            help=W("whatif.add.item.help"),
        )
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            st.selectbox(W("whatif.add.did"), choices.behaviours, key="whatif.add.did", format_func=did, width=150)
            st.datetime_input(
                W("whatif.add.time"),
                at(choices.latest).to_pydatetime(),
                max_value=at(choices.latest).to_pydatetime(),
                key="whatif.add.time",
                format="YYYY-MM-DD",
                width=200,
            )
            st.form_submit_button(
                W("whatif.add.button"),
                key="whatif.add.button",
                icon=":material/add:",
                on_click=attempt,
                args=(_add, session, variant, shopper, choices),
            )


def _try(session: Session, variant: str, shopper: str, edits: Sequence[Edit]) -> None:
    """Add these edits, or raise why they cannot be made; what was changed before stays either way."""
    session.ws.explanations.what_if(variant, shopper, [*state.edits_of(variant, shopper), *edits], k=1)
    for edit in edits:
        state.add_edit(variant, shopper, edit)


def _add(session: Session, variant: str, shopper: str, choices: WhatIfChoices) -> None:
    item = str(st.session_state["whatif.add.item"] or "").strip()
    if not item:
        raise BadInput(WT("whatif.add.missing"), "", WT("whatif.add.missing.fix"))
    chosen = st.session_state["whatif.add.time"]
    time = min(at(chosen.isoformat()), at(choices.latest)) if chosen else at(choices.latest)
    behaviour = st.session_state["whatif.add.did"]
    _try(session, variant, shopper, [{"kind": "add", "item": item, "behaviour": behaviour, "time": written(time)}])


def _item_form(session: Session, variant: VariantRow, shopper: str, item: str, choices: WhatIfChoices, card: Explanation | None) -> None:
    if card is None or not (choices.prices or choices.categories):
        st.caption(W("whatif.item.none", model=variant.model_title))
        return
    currency = session.dataset.currency if session.dataset else ""
    here = f"{item}.{state.mount()}"  # after a reset the fields start from the card again
    form = st.form(f"whatif.item.form.{here}", border=False, enter_to_submit=False)
    with form, st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        if choices.prices:
            label = f"{W('whatif.price')} {plain(currency)}".strip()
            price = None if card.price is None else round(max(card.price, 0.01), 2)
            st.number_input(label, 0.01, 1e7, price, step=0.5, key=f"whatif.price.{here}", format="%.2f", width=140)
        if choices.categories:
            options = list(choices.categories if card.category in choices.categories else ("", *choices.categories))
            start = options.index(card.category) if card.category in options else 0
            st.selectbox(W("whatif.category"), options, start, key=f"whatif.category.{here}", format_func=one_line, width=200)
        st.form_submit_button(
            W("whatif.item.button"),
            key="whatif.item.button",
            icon=":material/science:",
            on_click=attempt,
            args=(_change_item, session, variant.id, shopper, item, here, card.price, card.category),
        )


def _change_item(session: Session, variant: str, shopper: str, item: str, here: str, price: float | None, category: str) -> None:
    wanted = st.session_state.get(f"whatif.price.{here}")
    chosen = st.session_state.get(f"whatif.category.{here}")
    edits: list[Edit] = []
    if wanted is not None and (price is None or abs(wanted - price) >= 0.005):
        edits.append({"kind": "price", "item": item, "price": float(wanted)})
    if chosen and chosen != category:
        edits.append({"kind": "category", "item": item, "category": chosen})
    if not edits:
        raise BadInput(WT("whatif.item.same"), "", WT("whatif.item.same.fix"))
    _try(session, variant, shopper, edits)
