"""Items: whose lists each item is on, what brings it there, and what holds it back."""

import streamlit as st

from recengine.types import DatasetRow, VariantRow
from ui import session as tab
from ui import shell
from ui.parts import item_parts as parts
from ui.parts.empty import empty, need_variant
from ui.parts.errors import attempt, guard
from ui.parts.job_card import live_jobs
from ui.words import W

session = shell.enter()
asked = parts.asked(session, session.variant.id) if session.variant else None  # before the header, which says what was not found
shell.header(session, W("nav.items"), W("items.purpose"))


def page(variant: VariantRow, dataset: DatasetRow) -> None:
    """The page once there is a variant."""
    job = parts.running(session, variant.id)
    survey = session.ws.items.survey(variant.id)
    if job:
        live_jobs(session.ws, [job], "items")
    if survey is None:
        words = (W("items.start.title"), W("items.start.why"), W("items.start.button"))
        if not job and empty(shell.ICONS["items"], *words, "items.start", action_icon=":material/play_arrow:"):
            attempt(session.ws.items.submit, variant.id)
            st.rerun()
        return
    parts.facts(session, survey)
    chosen = parts.item_table(parts.search(session, variant.id), asked, survey)
    if chosen is None:
        return
    tab.choose(item=chosen)
    view = session.ws.items.get(variant.id, chosen)
    with st.container(border=True):
        parts.head(view, dataset.currency)
        if not view.row.lists and not view.row.near:
            parts.nowhere(view)
            return
    left, right = st.columns(2, gap="medium")
    with left, st.container(border=True):
        parts.whose_lists(view, variant)
    with right:
        with st.container(border=True):
            parts.brings(view)
        with st.container(border=True):
            parts.holds(view)


if need_variant(session) and session.variant and session.dataset:
    with guard():
        page(session.variant, session.dataset)
