"""Compare: what "Look deeper" can show. One line a view: its name in the words, and the function that draws it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from recengine.types import Comparison
from ui.parts.compare_everyone import everybody
from ui.parts.compare_learning import learning
from ui.parts.compare_one import one_shopper
from ui.parts.compare_places import lengths, places
from ui.parts.compare_real import who_gains
from ui.parts.fairness_view import fairness
from ui.parts.health_view import health
from ui.parts.replay_view import replay
from ui.session import Session
from ui.words import W

FIRST = "real"  # reads stored figures only: a page that must open a model to be drawn would open late


@dataclass(frozen=True)
class Deeper:
    """What a view is given."""

    session: Session
    shopper: str | None
    view: Comparison
    before: str  # ids of the two variants that are compared with each other
    after: str

    @property
    def names(self) -> dict[str, str]:
        """Variant id → name, best first."""
        return {v.id: v.name for v in self.view.variants}

    @property
    def k(self) -> int:
        """Length of the lists."""
        return int(self.view.metric.partition("@")[2])


VIEWS: dict[str, Callable[[Deeper], None]] = {
    "real": lambda d: who_gains(d.session, d.after, d.before, d.names, d.view.metric),
    "one": lambda d: one_shopper(d.session, d.shopper, d.view, d.before, d.after),
    "everybody": lambda d: everybody(d.session, d.before, d.after, d.names, d.k),
    "places": lambda d: places(d.session, d.view, d.k),
    "lengths": lambda d: lengths(d.session, d.view),
    "health": lambda d: health(d.session, d.view, d.k),
    "fairness": lambda d: fairness(d.session, d.view, d.k),
    "replay": lambda d: replay(d.session, d.view, d.k),
    "learning": lambda d: learning(d.session, d.names),
}  # a new view: its line here, and its name as compare.deeper.<key> in the words


def deeper(asked: Deeper) -> None:
    """The views behind the figures, one at a time."""
    st.segmented_control(
        W("compare.deeper"), list(VIEWS), default=FIRST, required=True, key="compare.deeper", format_func=lambda d: W(f"compare.deeper.{d}")
    )
    with st.spinner(W("compare.deeper.opening"), show_time=True):
        VIEWS[st.session_state["compare.deeper"]](asked)
