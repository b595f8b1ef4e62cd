"""Figures of a sweep: what was tried, how well it did, and which settings mattered."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from plotly.graph_objects import Figure

from recengine.types import SweptField, TrialView
from ui.charts.template import CONTEXT, GRID, LABEL, ORANGE, PETROL, figure, rows

BEST_SHOWN = 3  # lines drawn in colour
Words = dict[str, str]


def trial_progress(trials: Sequence[TrialView], words: Words) -> Figure:
    """One dot a trial at its validation figure, and the best so far as a step.

    Args:
        trials: In the order of trying.
        words: "trial", "value" and "best": title of the axis, of the figure, and of the step.
    """
    measured = [t for t in trials if t.value is not None]
    x = [t.number + 1 for t in measured]
    y = [t.value or 0.0 for t in measured]
    best = [max(y[: i + 1]) for i in range(len(y))]
    ended = ["circle" if t.state == "done" else "x" for t in measured]
    dots = {
        "type": "scatter",
        "mode": "markers",
        "x": x,
        "y": y,
        "marker": {"size": 8, "color": CONTEXT, "symbol": ended},
        "hovertemplate": "%{x}<br><b>%{y:.4f}</b><extra></extra>",
    }
    line = {
        "type": "scatter",
        "mode": "lines",
        "x": x,
        "y": best,
        "line": {"color": PETROL, "width": 2, "shape": "hv"},
        "hovertemplate": words["best"] + "<br><b>%{y:.4f}</b><extra></extra>",
    }
    ticks = {"dtick": 1} if len(x) <= 8 else {"nticks": 6}
    return figure(
        [dots, line],
        230,
        showlegend=False,
        xaxis={"title": words["trial"], "tickformat": "d", **ticks},
        yaxis={"title": words["value"], "showgrid": True, "tickformat": ".3f", "nticks": 5},
    )


def parallel_trials(trials: Sequence[TrialView], fields: Sequence[SweptField], labels: Sequence[str], words: Words) -> Figure:
    """One line a trial across all settings, ending at its figure; the three best in petrol, the one it began with in orange.

    Args:
        trials: Finished ones are drawn.
        fields: Axes from left to right.
        labels: Their names.
        words: "value" names the last axis.
    """
    measured = sorted((t for t in trials if t.value is not None), key=lambda t: t.value or 0.0)
    low, high = (min(t.value or 0.0 for t in measured), max(t.value or 0.0 for t in measured)) if measured else (0.0, 1.0)
    lines = []
    for place, trial in enumerate(measured):
        best = len(measured) - place <= BEST_SHOWN
        heights = [_height(field, trial.settings[field.name]) for field in fields]
        last = 0.5 if high == low else ((trial.value or 0.0) - low) / (high - low)
        colour = PETROL if best else ORANGE if trial.number == 0 else CONTEXT
        lines.append(
            {
                "type": "scatter",
                "mode": "lines+markers",
                "x": list(range(len(fields) + 1)),
                "y": [*heights, last],
                "line": {"color": colour, "width": 3 if place == len(measured) - 1 else 2 if best else 1},
                "marker": {"size": 6 if best or trial.number == 0 else 4, "color": colour},
                "text": [*(_said(trial.settings[field.name]) for field in fields), f"{trial.value:.4f}"],
                "hovertemplate": f"{trial.number + 1}<br><b>%{{text}}</b><extra></extra>",
            }
        )
    # Every second name stands a line higher, so that they fit beside each other on a phone.
    names = [f"{name}<br> " if place % 2 else name for place, name in enumerate([*labels, words["value"]])]
    ends = [(_said(_end(field, False)), _said(_end(field, True))) for field in fields] + [(f"{low:.3f}", f"{high:.3f}")]
    rule = {"type": "line", "y0": 0, "y1": 1, "line": {"color": GRID, "width": 1}, "layer": "below"}
    shapes = [{**rule, "x0": place, "x1": place} for place in range(len(names))]
    notes = []
    for place, (bottom, top) in enumerate(ends):
        at = {"x": place, "showarrow": False, "font": {"size": 12, "color": LABEL}}
        notes += [{**at, "y": 1.04, "yanchor": "bottom", "text": top}, {**at, "y": -0.04, "yanchor": "top", "text": bottom}]
    wide = {"range": [-0.35, len(names) - 0.65], "tickvals": list(range(len(names))), "ticktext": names, "side": "top", "fixedrange": True}
    return figure(
        lines,
        330,
        shapes=shapes,
        annotations=notes,
        showlegend=False,
        margin={"l": 0, "r": 0, "t": 64, "b": 0},
        xaxis={**wide, "tickangle": 0},
        yaxis={"range": [-0.14, 1.14], "showticklabels": False, "fixedrange": True},
    )


def importance_bars(importance: dict[str, float], labels: Sequence[str]) -> Figure:
    """Share of the differences between trials that each setting explains, largest on top."""
    shares = list(importance.values())
    bars = {
        "type": "bar",
        "orientation": "h",
        "x": shares,
        "y": list(range(len(shares))),
        "marker": {"color": PETROL},
        "text": [f"{share:.0%}" for share in shares],
        "textposition": "outside",
        "cliponaxis": False,
        "hovertemplate": "%{x:.1%}<extra></extra>",
    }
    return figure(
        [bars],
        60 + 34 * len(shares),
        showlegend=False,
        xaxis={"range": [0, max(shares, default=1.0) * 1.2], "showticklabels": False, "fixedrange": True},
        yaxis=rows(labels),
    )


def _height(field: SweptField, value: Any) -> float:
    """Place of a value on its axis, 0 to 1."""
    if field.choices:
        return field.choices.index(value) / max(1, len(field.choices) - 1) if value in field.choices else 0.0
    low, high = field.low or 0.0, field.high or 0.0
    if field.log:
        return math.log(float(value) / low) / math.log(high / low)
    return (float(value) - low) / (high - low)


def _end(field: SweptField, top: bool) -> Any:
    if field.choices:
        return field.choices[-1 if top else 0]
    return field.high if top else field.low


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:,.4g}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)
