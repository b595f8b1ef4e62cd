"""The result of a sweep: what won, how the trials went, what they were, and which settings mattered."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from recengine.types import SweepView, TrialView
from ui import shell
from ui.charts.sweep_charts import importance_bars, parallel_trials, trial_progress
from ui.forms import label_of
from ui.session import Session
from ui.words import WT, W, numbers, one_line

ENOUGH_FOR_A_CHART = 2
ROWS_SHOWN = 15
MOST_AXES = 5  # settings side by side; the most important ones


def sweep_results(session: Session) -> None:
    """The sweeps of this dataset, the newest open."""
    swept = sorted((row for row in session.variants if row.swept), key=lambda row: row.created, reverse=True)
    if not swept:
        with st.container(border=True):
            st.markdown(f":material/tune: **{W('sweep.none')}**")
            st.caption(W("sweep.none.why"))
        return
    chosen = swept[0]
    if len(swept) > 1:
        names = {row.id: f"{row.name} · {numbers.clock(row.created)}" for row in swept}
        picked = st.selectbox(W("sweep.choose"), list(names), format_func=lambda i: names[i], key="sweep.shown")
        chosen = next(row for row in swept if row.id == picked)
    view = session.ws.sweeps.of_variant(chosen.id)
    if view is not None:
        st.markdown(verdict(view))
        sweep_charts(view, chosen.id)
        _table(view, chosen.id)


def verdict(view: SweepView) -> str:
    """Trial 14 of 20 ranks best: 0.131 against 0.121 of the settings it began with."""
    best = next((t for t in view.trials if t.number == view.best), None)
    if best is None or best.value is None:
        return W("sweep.verdict.nothing")
    first = next((t for t in view.trials if t.number == 0), None)
    values: dict[str, Any] = {"trial": best.number + 1, "of": len(view.trials), "value": numbers.metric(best.value, 4)}
    if first is None or first.value is None or first.number == best.number:
        return W("sweep.verdict.default", **values)
    return W("sweep.verdict.better", **values, first=numbers.metric(first.value, 4))


def sweep_charts(view: SweepView, key: str) -> None:
    """Progress, importance and all trials side by side; as far as there are enough of them."""
    measured = [t for t in view.trials if t.value is not None]
    if len(measured) < ENOUGH_FOR_A_CHART:
        return
    labels = {field.name: WT("sweep.setting", name=label_of(field.name)) for field in view.fields}
    with st.grid(2, min_column_width=280, gap="small"):
        with st.container(border=True, height="stretch"):
            st.markdown(W("sweep.progress.title"))
            words = {"trial": WT("sweep.trial"), "value": "", "best": WT("sweep.best")}
            alt = WT("sweep.progress.alt", n=len(measured), best=numbers.metric(max(t.value or 0 for t in measured), 4))
            shell.chart(trial_progress(view.trials, words), f"sweep.progress.{key}", alt)
        with st.container(border=True, height="stretch"):
            st.markdown(W("sweep.importance.title"))
            if view.importance:
                shown = dict(list(view.importance.items())[:MOST_AXES])
                alt = WT("sweep.importance.alt", name=labels[next(iter(shown))])
                shell.chart(importance_bars(shown, [labels[name] for name in shown]), f"sweep.importance.{key}", alt)
            else:
                st.caption(W("sweep.importance.none"))
    ranked = sorted(view.fields, key=lambda field: -view.importance.get(field.name, 0.0))[:MOST_AXES]
    with st.container(border=True):
        st.markdown(W("sweep.parallel.title"))
        figure = parallel_trials(view.trials, ranked, [wrapped(labels[field.name]) for field in ranked], {"value": "NDCG@10"})
        shell.chart(figure, f"sweep.parallel.{key}", WT("sweep.parallel.alt", n=len(measured)))
        shell.read(W("sweep.parallel.read"))


def wrapped(text: str) -> str:
    """Words under each other, as the axes stand close."""
    return text.replace(" ", "<br>")


def _table(view: SweepView, key: str) -> None:
    with st.expander(W("sweep.table", n=len(view.trials)), icon=":material/table:", type="compact", key=f"sweep.table.{key}"):
        frame = pd.DataFrame([_row(trial, view) for trial in view.trials])
        frame.columns = [WT(f"sweep.column.{name}") if not name.startswith("=") else one_line(label_of(name[1:])) for name in frame.columns]
        st.dataframe(
            frame, hide_index=True, height="content" if len(frame) <= 15 else 560, key=f"sweep.rows.{key}", alt=WT("sweep.table.alt")
        )


def _row(trial: TrialView, view: SweepView) -> dict[str, Any]:
    settings = {f"={field.name}": _cell(trial.settings.get(field.name)) for field in view.fields}
    state = WT(f"sweep.state.{trial.state}")
    return {
        "trial": trial.number + 1,
        "value": None if trial.value is None else round(trial.value, 4),
        **settings,
        "epochs": trial.epochs or None,
        "seconds": round(trial.seconds, 1),
        "state": f"{state}: {one_line(trial.reason)}" if trial.reason else state,
    }


def _cell(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else one_line(value)
