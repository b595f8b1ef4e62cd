"""Recommendations: one shopper's list, and why each item is in it."""

import streamlit as st

from recengine.types import DatasetRow, VariantRow
from ui import draft, shell
from ui import session as tab
from ui.parts.empty import empty, need_variant
from ui.parts.errors import guard
from ui.parts.explanation_card import chosen_item, explanation, open_item
from ui.parts.export_lists import export_button, export_status
from ui.parts.list_cards import cards, list_table, score_meaning
from ui.parts.policy_use import chosen, diversity_slider, for_everyone, policy_line
from ui.parts.shopper_parts import shopper_facts, shopper_picker
from ui.parts.what_if import checked, what_if_bar, what_left
from ui.parts.whole_list import whole_list
from ui.parts.why_not import why_not_button
from ui.words import W, numbers

VIEWS = ("cards", "table", "why")

session = shell.enter()
shopper = tab.checked_shopper(session)  # before the header, which says what was not found
shell.header(session, W("nav.recommendations"), W("recommendations.purpose"))


def page(variant: VariantRow, dataset: DatasetRow) -> None:
    """The page once there is a variant."""
    if shopper is None:
        words = (W("recommendations.nobody.title"), W("recommendations.nobody.why"), W("recommendations.nobody.button"))
        if empty(shell.ICONS["shoppers"], *words, "recommendations.nobody"):
            shell.go("data")
        return
    draft.spec(session)  # follows an old link before anything is drawn
    policy = chosen(session, variant)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        shopper_picker(session, shopper, "recommendations.shopper", width=180)
        diversity_slider(session, policy, "recommendations.diversity", "recommendations.diversity.help", width=170)
        k = st.number_input(
            W("recommendations.k"),
            5,
            20,
            10,
            key="recommendations.k",
            help=W("recommendations.k.help"),
            width=112,
            persist_state="session",
        )
        view = st.segmented_control(
            W("recommendations.view"),
            VIEWS,
            default="cards",
            required=True,
            key="recommendations.view",
            format_func=lambda v: W(f"recommendations.view.{v}"),
        )
        with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="bottom", gap="xsmall"):
            why_not_button(session, variant, shopper, k, policy, open_item)
            export_button(session, variant.id, k, for_everyone(session, variant), policy)
    export_status(session)
    policy_line(session, variant, policy)
    shopper_facts(session, shopper)
    asked = chosen_item(variant.id, shopper)
    with st.spinner(W("recommendations.opening"), show_time=True):
        edits, changed = checked(session, variant, shopper, k, policy)
        ranked = session.ws.lists.recommend(variant.id, shopper, k, policy, edits=edits)
    listed = {row.item: row for row in ranked.items}
    # the card stays with its item when changes move another one to the top
    first = session.ws.lists.recommend(variant.id, shopper, k, policy).items if edits else ranked.items
    item = asked or next((row.item for row in (*first, *ranked.items)), None)
    # a table needs the whole width; cards and their explanation stand side by side
    left, right = st.columns([5, 7], gap="medium") if view == "cards" else (st.container(), st.container())
    with left:
        if ranked.recall < 1:
            st.caption(W("recommendations.approximate", share=numbers.share(ranked.recall)))
        shell.section(W("recommendations.top", n=len(ranked.items), catalogue=numbers.count(ranked.catalogue_size)))
        if changed is not None:
            what_if_bar(session, variant, shopper, edits, changed)
        if view == "why":
            with guard():
                whole_list(session, variant, shopper, k, policy, edits, item, open_card)
            return
        was = None if changed is None else {row.item: row.old_rank for row in changed.rows}
        if not ranked.items:
            st.info(W("recommendations.empty"), icon=":material/info:")
        elif view == "table":
            picked = list_table(ranked, dataset.currency, f"recommendations.table.{variant.id}.{shopper}", was)
            if picked:
                open_item(picked)
                item = picked
        else:
            cards(ranked, item, dataset.currency, score_meaning(ranked.score_kind, variant.protocol), open_item, was)
        if changed is not None:
            what_left(changed, k)
    with right, guard():
        if item is not None:
            explanation(session, variant, shopper, item, listed.get(item), k, policy)


def open_card(item: str) -> None:
    """Explain this item on its card, beside the list."""
    open_item(item)
    st.session_state["recommendations.view"] = "cards"


if need_variant(session) and session.variant and session.dataset:
    with guard():
        page(session.variant, session.dataset)
