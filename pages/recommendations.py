"""Recommendations: one shopper's list, and why each item is in it."""

import streamlit as st

from recengine.types import DatasetRow, VariantRow
from ui import session as tab
from ui import shell
from ui.parts.empty import empty, need_variant
from ui.parts.errors import guard
from ui.parts.explanation_card import chosen_item, explanation_card, explanation_dialog, left_out, on_phone, open_item
from ui.parts.export_lists import export_button, export_status
from ui.parts.list_cards import cards, list_table, score_meaning
from ui.parts.shopper_parts import shopper_facts, shopper_picker
from ui.parts.tune_parts import diversity_slider
from ui.parts.why_not import why_not_button
from ui.words import W, numbers

VIEWS = ("cards", "table")

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
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        shopper_picker(session, shopper, "recommendations.shopper", width=190)
        diversity = diversity_slider(session, "recommendations.diversity", "recommendations.diversity.help", width=190)
        k = st.number_input(
            W("recommendations.k"),
            5,
            20,
            10,
            key="recommendations.k",
            help=W("recommendations.k.help"),
            width=120,
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
            why_not_button(session, variant, shopper, k, diversity, open_item)
            export_button(session, variant.id, k, diversity)
    export_status(session)
    shopper_facts(session, shopper)
    asked = chosen_item(variant.id, shopper)
    without = left_out(variant.id, shopper)
    with st.spinner(W("recommendations.opening"), show_time=True):
        ranked = session.ws.lists.recommend(variant.id, shopper, k, diversity, without)
    listed = {row.item: row for row in ranked.items}
    item = asked or next(iter(listed), None)
    # a table needs the whole width; cards and their explanation stand side by side
    left, right = (st.container(), st.container()) if view == "table" else st.columns([5, 7], gap="medium")
    with left:
        left_out_words = W("recommendations.without", n=len(without)) if without else None
        if ranked.recall < 1:
            st.caption(W("recommendations.approximate", share=numbers.share(ranked.recall)))
        shell.section(W("recommendations.top", n=len(ranked.items), catalogue=numbers.count(ranked.catalogue_size)), left_out_words)
        meaning = score_meaning(ranked.score_kind, variant.protocol)
        if not ranked.items:
            st.info(W("recommendations.empty"), icon=":material/info:")
        elif view == "table":
            picked = list_table(ranked, dataset.currency, f"recommendations.table.{variant.id}.{shopper}")
            if picked:
                open_item(picked)
                item = picked
        else:
            cards(ranked, item, dataset.currency, meaning, open_item)
    with right, guard():
        if item is not None and on_phone():
            explanation_dialog(session, variant, shopper, item, listed.get(item), k)
        elif item is not None:
            explanation_card(session, variant, shopper, item, listed.get(item), k)


if need_variant(session) and session.variant and session.dataset:
    with guard():
        page(session.variant, session.dataset)
