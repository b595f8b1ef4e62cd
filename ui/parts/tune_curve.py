"""Tune: what one control costs and brings over its whole range; a click sets the control."""

from __future__ import annotations

from datetime import date
from typing import Any

import streamlit as st

from recengine.types import VariantRow
from recengine.types.policies import PolicyCurve, PolicyPoint
from recengine.workspace.policy_effects import with_value
from ui import draft, shell
from ui.charts.tune_charts import clicked_value, policy_curve, with_current
from ui.parts.errors import attempt, guard
from ui.parts.job_card import active, live_jobs
from ui.parts.policy_words import field_name
from ui.parts.tune_controls import SLIDER
from ui.parts.tune_fields import hold
from ui.parts.tune_figures import name_of, said
from ui.session import Session
from ui.words import WT, W, numbers

KIND = "policy-curve"
ACCURACY = ("ndcg", "recall", "revenue")
VARIETY = ("coverage", "diversity", "tail_share", "novelty")


def curve_card(session: Session, variant: VariantRow, spec: dict[str, Any], now: PolicyPoint) -> None:
    """The curve of the chosen control, or the way to have it measured."""
    shell.section(W("tune.tradeoff"), W("tune.tradeoff.caption"))
    options = controls_of(session, spec)
    if not options:
        st.caption(W("tune.tradeoff.nothing"))
        return
    with st.container(horizontal=True, gap="xsmall"):
        control = _choice("tune.curve.control", options, lambda name: field_name(name.partition(":")[2]))
        figures = [name for name in ACCURACY if name in now.metrics]
        up = _choice("tune.curve.up", figures, lambda name: name_of(name, now.k))
        across = _choice("tune.curve.across", [name for name in VARIETY if name in now.metrics], lambda name: name_of(name, now.k))
    scene, day = draft.scene(session), draft.day(session)
    with guard():
        part, _, name = control.partition(":")
        alone = spec["reranker"] == "by-score" and part == "setting"
        base = session.ws.policies.whole(varied(spec)) if alone else spec
        view = session.ws.effects.curve(variant.id, base, control, now.k, scene, day)
        if view is None:
            _measure(session, variant, base, control, now.k, scene, day)
            return
        value = 0.0 if alone else float(spec["settings" if part == "setting" else "controls"][name])
        _draw(session, base, view, control, value, (across, up), now)


def controls_of(session: Session, spec: dict[str, Any]) -> list[str]:
    """Controls that have a curve: the strength of the reranker (of MMR where the scores alone decide) first, then the other sliders."""
    card = next(card for card in session.ws.policies.rerankers() if card.name == varied(spec)["reranker"])
    first = [f"setting:{card.strength}"] if card.strength else []
    sliders = [f for f in session.ws.policies.controls() if f.type == "float" and f.low == 0 and f.high == 1]
    return [*first, *(f"control:{field.name}" for field in sliders)]


def _off(session: Session, new: dict[str, Any]) -> bool:
    """Diversity at 0 is the order of the scores, where that is what was saved."""
    alone = draft.saved(session)["reranker"] == "by-score"
    return alone and new["reranker"] == SLIDER and new["settings"].get("diversity") == 0


def varied(spec: dict[str, Any]) -> dict[str, Any]:
    """The policy whose strength is varied: that of the diversity slider where the scores alone decide."""
    return {**spec, "reranker": SLIDER, "settings": {}} if spec["reranker"] == "by-score" else spec


def _choice(key: str, options: list[str], name: Any) -> str:
    if st.session_state.get(key) not in options:
        hold(key, options[0])
    return st.selectbox(W(key), options, key=key, format_func=name, label_visibility="collapsed", width="stretch")


def _measure(session: Session, variant: VariantRow, spec: dict[str, Any], control: str, k: int, scene: str, day: date | None) -> None:
    """Nothing was measured yet: the button, or the job that is at it."""
    jobs = [job for job in active(session.ws.jobs.list()) if job.kind == KIND and job.arguments.get("variant") == variant.id]
    if jobs:
        live_jobs(session.ws, jobs, "tune.curve")
        return
    st.markdown(f":material/show_chart: {W('tune.tradeoff.unmeasured', name=field_name(control.partition(':')[2]))}")
    st.caption(W("tune.tradeoff.unmeasured.why"))
    st.button(
        W("tune.tradeoff.measure"), key="tune.curve.measure", icon=":material/play_arrow:", on_click=attempt,
        args=(session.ws.effects.submit_curve, variant.id, spec, control, k, scene, day),
    )  # fmt: skip


def _draw(
    session: Session, spec: dict[str, Any], view: PolicyCurve, control: str, value: float, axes: tuple[str, str], now: PolicyPoint
) -> None:
    across, up = axes
    fig = policy_curve(view, value, up, across, name_of(up, view.k), name_of(across, view.k), now.metrics)
    if fig is None:
        st.caption(W("tune.tradeoff.none"))
        return
    points, _ = with_current(view, value, now.metrics)
    # a new key after each use, so that a selection is spent once
    key = f"tune.curve.{view.variant}.{control}.{value:g}.{up}.{across}"

    def use() -> None:
        chosen = clicked_value(points, st.session_state[f"{key}-{st.context.theme.type}"].selection)
        if chosen is not None:
            new = with_value(spec, control, chosen)
            attempt(lambda: draft.change(session, draft.with_diversity(spec, 0.0) if _off(session, new) else new))

    first, last = view.points[0], view.points[-1]
    alt = WT(
        "tune.tradeoff.alt",
        control=field_name(control.partition(":")[2]),
        first=f"{first.value:g}",
        last=f"{last.value:g}",
        metric=name_of(up, view.k),
        high=said(up, first.metrics[up].value),
        low=said(up, last.metrics[up].value),
        other=name_of(across, view.k),
        narrow=said(across, first.metrics[across].value),
        wide=said(across, last.metrics[across].value),
    )
    shell.chart(fig, key, alt, on_select=use, selection_mode="points")
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        shell.read(W("tune.tradeoff.read"))
        st.caption(W("tune.tradeoff.made", when=numbers.ago(view.made), n=numbers.count(view.n_shoppers)))
