"""Figures of a training: loss and validation figures by epoch."""

from __future__ import annotations

from collections.abc import Sequence

from plotly.graph_objects import Figure

from recengine.types import EpochPoint
from ui.charts.template import BASELINE, LABEL, ORANGE, PETROL, figure

MARKED_BELOW = 25  # epochs: with more of them dots only hide the line
TICK_EACH_UP_TO = 8  # epochs: with fewer, one tick an epoch instead of halves


def epoch_curve(
    points: Sequence[EpochPoint],
    values: Sequence[float],
    x_title: str,
    fmt: str,
    reference: float | None = None,
    note: str = "",
    best: bool = False,
) -> Figure:
    """One figure by epoch.

    Args:
        points: Where the epochs come from.
        values: One number a point.
        x_title: Title of the axis.
        fmt: d3 format of the values.
        reference: Drawn dashed with `note` over it, such as the popularity baseline.
        note: Name of the reference.
        best: Mark the epoch with the highest value by a dotted line.
    """
    epochs = [p.epoch for p in points]
    line = {
        "type": "scatter",
        "mode": "lines+markers" if len(epochs) < MARKED_BELOW else "lines",
        "x": epochs,
        "y": list(values),
        "line": {"color": PETROL, "width": 2},
        "marker": {"size": 5, "color": PETROL},
        "hovertemplate": f"%{{x}}<br><b>%{{y:{fmt}}}</b><extra></extra>",
    }
    shapes, notes = [], []
    if reference is not None:
        level = {"x0": 0, "x1": 1, "xref": "paper", "y0": reference, "y1": reference}
        shapes.append({"type": "line", **level, "line": {"color": ORANGE, "width": 1.5, "dash": "dash"}})
        at = {"x": 1, "xref": "paper", "y": reference, "xanchor": "right", "yanchor": "bottom"}
        notes.append({**at, "text": note, "showarrow": False, "font": {"size": 12, "color": LABEL}})
    if best:
        top = epochs[max(range(len(values)), key=lambda i: values[i])]
        level = {"x0": top, "x1": top, "y0": 0, "y1": 1, "yref": "paper"}
        shapes.append({"type": "line", **level, "line": {"color": BASELINE, "width": 1, "dash": "dot"}})
    ticks = {"dtick": 1} if len(epochs) <= TICK_EACH_UP_TO else {"nticks": 6}
    return figure(
        [line],
        210,
        shapes=shapes,
        annotations=notes,
        showlegend=False,
        xaxis={"title": x_title, "tickformat": "d", **ticks},
        yaxis={"showgrid": True, "tickformat": fmt, "nticks": 5},
    )
