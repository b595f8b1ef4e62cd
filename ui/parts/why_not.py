"""Why an item is missing: the steps it passed, the one that stopped it, and what would bring it in."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import streamlit as st

from recengine.types import VariantRow
from recengine.types.explanations import PolicyWayRow, WayInRow, WhyNotView
from recengine.types.policies import PolicyUse
from ui import shell
from ui.parts.errors import guard
from ui.parts.list_cards import score_text
from ui.parts.policy_use import try_policy
from ui.parts.what_if_state import add_edit, edits_of
from ui.session import Session
from ui.words import WT, Markdown, W, numbers, one_line, plain, spoken, told, told_name

STEPS = ("open", "found", "scored", "ruled", "varied", "shown")
BY_POLICY = ("ruled", "varied")
STOPPED_AT = {
    "taken": "open",
    "not sold": "open",
    "unknown": "open",
    "not recalled": "found",
    "outranked": "scored",
    "removed by rule": "ruled",
    "displaced": "varied",
}
MOST_WAYS, MOST_GAPS = 5, 5


def why_not_button(
    session: Session, variant: VariantRow, shopper: str, k: int, policy: PolicyUse | None, on_explain: Callable[[str], None]
) -> None:
    """The button that opens the dialog, which answers for the list as edited; `on_explain` shows the card of an item."""
    if st.button(W("whynot.button"), icon=":material/search_off:", key="whynot.button"):
        body = st.dialog(WT("whynot.title"), width="medium", icon=":material/search_off:")(_dialog)
        body(session, variant, shopper, k, policy, on_explain)


def _dialog(
    session: Session, variant: VariantRow, shopper: str, k: int, policy: PolicyUse | None, on_explain: Callable[[str], None]
) -> None:
    assert session.dataset is not None
    titles = session.ws.datasets.items(session.dataset.id)
    item = st.selectbox(
        W("whynot.item"),
        list(titles),
        index=None,
        key="whynot.item",
        accept_new_options=True,
        filter_mode="contains",
        placeholder=WT("whynot.pick"),
        format_func=lambda i: one_line(titles[i]) if i in titles else one_line(i),
        help=W("whynot.item.help"),
    )
    if not item:
        return
    with guard():
        with st.spinner(W("whynot.looking"), show_time=True):
            view = session.ws.explanations.why_not(variant.id, shopper, item.strip(), k, policy, edits=edits_of(variant.id, shopper))
        st.markdown(plain(told(view.sentence)))
        _steps(view)
        _policy_ways(session, view, on_explain)
        _ways(session, view, on_explain)
        _gaps(view)
        _buttons(view, on_explain)


def _steps(view: WhyNotView) -> None:
    stopped = STOPPED_AT.get(view.stage, "")
    steps = [step for step in STEPS if step != "found" or view.generators or stopped == "found"]
    steps = [step for step in steps if step not in BY_POLICY or view.use is not None]
    at = steps.index(stopped) if stopped else len(steps)
    with st.container(gap="xsmall"):
        for place, step in enumerate(steps):
            if place > at and step != "shown":
                continue  # nothing happened there
            passed = place < at
            with st.container(horizontal=True, vertical_alignment="top", gap="small", wrap=False, key=f"whynot.step.{step}"):
                if passed:
                    st.badge(W("whynot.passed"), icon=":material/check:", color="green")
                elif place == at:
                    st.badge(W("whynot.stopped"), icon=":material/block:", color="orange")
                else:
                    st.badge(W("whynot.not_reached"), icon=":material/remove:", color="gray")
                st.markdown(f"**{W(f'whynot.step.{step}')}** · {_fact(view, step, passed)}", width="stretch")


def _fact(view: WhyNotView, step: str, passed: bool) -> Markdown:
    """What happened at one step."""
    if step == "open":
        stage = {"taken": "taken", "not sold": "not_sold", "unknown": "unknown"}.get(view.stage, "yes")
        return W(f"whynot.open.{stage}")
    if step == "found":
        return _found(view)
    if step == "scored":
        score, last = score_text(view.score or 0.0), score_text(view.last_score or 0.0)
        if passed and view.rank:
            return W("whynot.scored.enough", score=score, rank=numbers.count(view.rank))
        return W("whynot.scored.rank" if view.rank else "whynot.scored.deep", score=score, rank=numbers.count(view.rank), last=last)
    if step == "ruled":
        return W("whynot.ruled.kept") if passed else W("whynot.ruled.out", names=plain(" and ".join(view.removed), 120))
    if step == "varied":
        return W("whynot.varied.kept" if passed else "whynot.varied.out")
    return W("whynot.shown.yes") if view.stage == "listed" else W("whynot.shown.no", k=view.k)


def _found(view: WhyNotView) -> Markdown:
    inside = [g for g in view.generators if 0 < g.rank <= g.quota]
    if inside:
        models = ", ".join(WT("whynot.found.one", model=g.model, rank=g.rank) for g in inside[:3])
        return W("whynot.found.by", models=models, quota=numbers.count(inside[0].quota))
    nearest = next((g for g in view.generators if g.rank), None)
    if nearest is None:
        return W("whynot.found.never")
    return W("whynot.found.nearest", model=nearest.model, rank=numbers.count(nearest.rank), quota=numbers.count(nearest.quota))


def _heading(title: Markdown, caption: Markdown) -> None:
    with st.container(gap=None):  # headings of a dialog are smaller than its text
        st.markdown(f"**{title}**")
        st.caption(caption)


def _policy_ways(session: Session, view: WhyNotView, on_explain: Callable[[str], None]) -> None:
    """Changes of the policy; trying one makes it the draft of this tab."""
    if not view.policy_ways:
        return
    _heading(W("whynot.policy"), W("whynot.ways.caption"))
    for place, way in enumerate(view.policy_ways[:MOST_WAYS]):
        with st.container(horizontal=True, vertical_alignment="top", gap="small", wrap=False):
            _moved_badge(way)
            st.markdown(plain(_started(spoken(way.text, way.text_zh)), 120), width="stretch")
            if st.button(W("whynot.try"), key=f"whynot.policy.{place}", type="tertiary", icon=":material/tune:"):
                try_policy(session, way.spec)
                on_explain(view.item)
                st.rerun()


def _started(text: str) -> str:
    return text[:1].upper() + text[1:]


def _moved_badge(way: WayInRow | PolicyWayRow) -> None:
    if way.brings_in:
        st.badge(W("whynot.ways.in", rank=way.rank), icon=":material/check:", color="green")
    else:
        st.badge(W("whynot.ways.up", rank=way.rank) if way.rank else W("whynot.ways.far"), color="gray")


def _ways(session: Session, view: WhyNotView, on_explain: Callable[[str], None]) -> None:
    if view.stage in ("taken", "not sold", "unknown", "listed", "displaced", "removed by rule"):
        return
    _heading(W("whynot.ways"), W("whynot.ways.caption"))
    if not view.ways:
        st.caption(W("whynot.ways.none"))
    # what is changed already may have moved the places that a way names
    open_to_try = not edits_of(view.variant, view.shopper)
    for place, way in enumerate(view.ways[:MOST_WAYS]):
        with st.container(horizontal=True, vertical_alignment="top", gap="small", wrap=False):
            _moved_badge(way)
            st.markdown(plain(_started(told(way.text)), 90), width="stretch")
            if open_to_try and st.button(W("whynot.try"), key=f"whynot.try.{place}", type="tertiary", icon=":material/science:"):
                _try(session, view, way)
                on_explain(view.item)
                st.rerun()


def _try(session: Session, view: WhyNotView, way: WayInRow) -> None:
    """Make this way the what-if of the tab."""
    latest = session.ws.explanations.choices(view.variant).latest
    for edit in way.edits:
        add_edit(view.variant, view.shopper, {"time": latest, **edit} if edit["kind"] == "add" else dict(edit))


def _gaps(view: WhyNotView) -> None:
    gaps = [gap for gap in view.gaps if gap.difference < 0][:MOST_GAPS]
    if not gaps or view.stage != "outranked":
        return
    _heading(W("whynot.gaps", title=plain(view.last_title, 60)), W("whynot.gaps.caption"))
    column = st.column_config
    shown = {
        "name": [one_line(told_name(gap.name)) for gap in gaps],
        "here": [one_line(gap.here) for gap in gaps],
        "there": [one_line(gap.there) for gap in gaps],
        "difference": [gap.difference for gap in gaps],
    }
    with_values = any(shown["here"]) or any(shown["there"])
    st.dataframe(
        pd.DataFrame(shown),
        hide_index=True,
        column_order=["name", "here", "there", "difference"] if with_values else ["name", "difference"],
        alt=WT("whynot.gaps.alt", name=told_name(gaps[0].name), title=view.last_title, value=numbers.signed(gaps[0].difference)),
        column_config={
            "name": column.TextColumn(WT("whynot.gaps.name")),
            "here": column.TextColumn(WT("whynot.gaps.here"), width=120),
            "there": column.TextColumn(WT("whynot.gaps.there"), width=120),
            "difference": column.NumberColumn(WT("whynot.gaps.difference"), format="%+.3f", width=70),
        },
    )


def _buttons(view: WhyNotView, on_explain: Callable[[str], None]) -> None:
    with st.container(horizontal=True, gap="small"):
        if view.stage in ("displaced", "removed by rule") and st.button(
            W("whynot.tune"), type="primary", icon=":material/tune:", key="whynot.tune"
        ):
            shell.go("tune")
        if view.score is not None and st.button(W("whynot.explain"), icon=":material/lightbulb:", key="whynot.explain"):
            on_explain(view.item)
            st.rerun()
