"""A running training: its figures and curves, drawn again inside the live fragment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from recengine.types import EpochPoint, JobView
from ui import shell
from ui.charts.training_charts import epoch_curve
from ui.parts.kpis import kpis
from ui.parts.sweep_results import sweep_charts, verdict
from ui.session import RANKING, Session
from ui.words import WT, W, numbers

ENOUGH_FOR_A_CURVE = 2
BASELINE = "popularity"
SWEEP = "sweep"


def curves_of(session: Session) -> Callable[[JobView], None]:
    """What `live_jobs` draws under a running training."""
    baseline = next((v.metrics[RANKING].value for v in session.variants if v.model == BASELINE and RANKING in v.metrics), None)

    def draw(job: JobView) -> None:
        if job.kind == SWEEP:
            _trials(session, job)
            return
        points = session.ws.jobs.reports(job.id)
        if points:
            _figures(points)
        if len(points) >= ENOUGH_FOR_A_CURVE:
            _curves(job, points, baseline)

    return draw


def _trials(session: Session, job: JobView) -> None:
    """A sweep: the best so far, and every trial."""
    view = session.ws.sweeps.get(job.id)
    if view is None or not view.trials:
        return
    st.markdown(verdict(view))
    sweep_charts(view, job.id)


def main_metric(points: list[EpochPoint]) -> str | None:
    """NDCG@10 where it is reported, else the first figure the model reports."""
    names = [name for point in points for name in point.metrics]
    return RANKING if RANKING in names else next(iter(names), None)


def change(difference: float) -> dict[str, str]:
    """Arguments of a metric for a change; none when it is too small to be written, as an arrow beside 0.000 says nothing."""
    text = numbers.delta(difference)
    return {"delta": text} if text.strip("0.") else {"delta": WT("now.steady"), "delta_color": "off", "delta_arrow": "off"}


def _figures(points: list[EpochPoint]) -> None:
    last, before = points[-1], points[-2] if len(points) > 1 else None
    rows: list[dict[str, Any]] = [{"label": W("now.epoch"), "value": W("now.epoch.value", epoch=last.epoch, of=last.of)}]
    if last.loss is not None:
        row = {"label": W("now.loss"), "value": numbers.metric(last.loss), "help": W("now.loss.help")}
        if before is not None and before.loss is not None:
            row |= {"delta_color": "inverse"} | change(last.loss - before.loss)
        rows.append(row)
    name = main_metric(points)
    seen = [p.metrics[name] for p in points if name in p.metrics] if name else []
    if name and seen:
        row = {"label": W("now.metric", name=name.upper()), "value": numbers.metric(seen[-1]), "help": W("now.metric.help")}
        if len(seen) > 1:
            row |= change(seen[-1] - seen[-2])
        rows.append(row)
    speed = last.seconds / last.epoch if last.epoch else None
    rows.append({"label": W("now.pace"), "value": numbers.duration(speed), "help": W("now.pace.help")})
    kpis(rows, min_width_px=140)


def _curves(job: JobView, points: list[EpochPoint], baseline: float | None) -> None:
    trained = [p for p in points if p.loss is not None]
    losses = [p.loss for p in points if p.loss is not None]
    name = main_metric(points)
    measured = [p for p in points if name and name in p.metrics]
    with st.grid(2, min_column_width=280, gap="small"):
        if len(losses) >= ENOUGH_FOR_A_CURVE:
            with st.container(border=True, height="stretch"):
                st.markdown(W("now.loss.title"))
                alt = WT("now.loss.alt", first=numbers.metric(losses[0]), last=numbers.metric(losses[-1]))
                figure = epoch_curve(trained, losses, WT("now.epoch.axis"), ".2f")
                shell.chart(figure, f"loss.{job.id}", alt)
        if name and len(measured) >= ENOUGH_FOR_A_CURVE:
            with st.container(border=True, height="stretch"):
                st.markdown(W("now.metric.title", name=name.upper()))
                values = [p.metrics[name] for p in measured]
                alt = WT("now.metric.alt", name=name.upper(), best=numbers.metric(max(values)))
                reference = baseline if name == RANKING else None
                figure = epoch_curve(measured, values, WT("now.epoch.axis"), ".3f", reference, WT("now.baseline"), best=True)
                shell.chart(figure, f"metric.{job.id}", alt)
