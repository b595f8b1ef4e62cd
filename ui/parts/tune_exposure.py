"""Tune: who is shown more, and who less, against the saved policy."""

from __future__ import annotations

from typing import Any

import streamlit as st

from recengine.types import VariantRow
from recengine.types.policies import ExposureChange
from ui import draft, shell
from ui.charts.tune_charts import exposure_bars
from ui.session import Session
from ui.words import WT, W, numbers

BY = ("item", "category", "brand", "price")


def exposure_section(session: Session, variant: VariantRow, spec: dict[str, Any], k: int) -> None:
    """Items, categories, brands or price bands whose places change most, with intervals."""
    with st.container(border=True):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="xsmall"):
            with st.container(width="content"):
                shell.section(W("tune.exposure"), W("tune.exposure.caption"))
            assert session.dataset is not None
            fields = {field.name for field in session.ws.policies.rule_fields(session.dataset.id)}
            known = [name for name in BY if name == BY[0] or name in fields]
            by = st.segmented_control(
                W("tune.exposure.by"), known, default=BY[0], required=True, key="tune.exposure.by",
                format_func=lambda b: W(f"tune.exposure.by.{b}"), label_visibility="collapsed",
            )  # fmt: skip
        scene, day = draft.scene(session), draft.day(session)
        changes = session.ws.effects.exposure(variant.id, spec, draft.saved(session), by, k, scene, day)
        fig = exposure_bars(changes)
        if fig is None:
            st.caption(W("tune.exposure.none"))
            return
        shell.chart(fig, f"tune.exposure.{by}", exposure_words(changes))
        shell.read(W("tune.exposure.read"))


def exposure_words(changes: tuple[ExposureChange, ...]) -> str:
    """The finding of the bars: who gains and who loses most."""
    gains = [c for c in changes if c.change.value > 0]
    losses = [c for c in changes if c.change.value < 0]
    if gains and losses:
        winner, loser = max(gains, key=lambda c: c.change.value), min(losses, key=lambda c: c.change.value)
        gain, loss = numbers.count(round(winner.change.value)), numbers.count(round(-loser.change.value))
        return WT("tune.exposure.alt", winner=winner.title, gain=gain, loser=loser.title, loss=loss)
    one = max(changes, key=lambda c: abs(c.change.value))
    return WT("tune.exposure.alt.one", item=one.title, change=numbers.signed(one.change.value, 0))
