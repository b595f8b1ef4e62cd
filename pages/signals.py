"""Signals: what the funnel's ranker looks at, and what each signal is worth."""

import streamlit as st

from recengine.types import VariantRow
from ui import shell
from ui.parts import signal_parts as parts
from ui.parts.empty import need_variant
from ui.parts.errors import guard
from ui.words import W

session = shell.enter()
shell.header(session, W("nav.signals"), W("signals.purpose"))


def page(variant: VariantRow) -> None:
    """The page once there is a funnel."""
    insight = session.ws.funnel.insight(variant.id)
    parts.verdict(insight.judgement)
    parts.figures(insight)
    view = st.segmented_control(
        W("signals.view"),
        parts.VIEWS,
        default="groups",
        required=True,
        key="signals.view",
        format_func=lambda v: W(f"signals.view.{v}"),
        label_visibility="collapsed",
    )
    if view == "signals":
        parts.signals(insight)
    elif view == "segments":
        parts.segments(insight)
    elif view == "pairs":
        parts.pairs(insight)
    elif view == "chances":
        parts.chances(insight, variant)
    else:
        parts.groups(insight)


if need_variant(session) and session.variant and parts.need_funnel(session, session.variant):
    with guard():
        page(session.variant)
