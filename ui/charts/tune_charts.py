"""Charts of a policy: what one control costs and brings over its range, and who it shows more or less."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from recengine.types import Estimate
from recengine.types.policies import CurvePoint, ExposureChange, PolicyCurve
from ui.charts.compare_charts import SHARES, family, number_format
from ui.charts.forms import diverging_bars
from ui.charts.labels import distinct
from ui.charts.template import BASELINE, CONTEXT, LABEL, PETROL, figure, wrap

SAME = 1e-6
LESS_IS_BETTER = ("gini", "popularity_bias")


def with_current(view: PolicyCurve, value: float, now: Mapping[str, Estimate]) -> tuple[list[CurvePoint], int]:
    """The measured points in the order of the setting, the current one among them, and its place."""
    points = list(view.points)
    at = next((i for i, p in enumerate(points) if abs(p.value - value) < SAME), None)
    if at is not None:
        return points, at
    current = CurvePoint(value, dict(now), 0)
    points = sorted([*points, current], key=lambda p: p.value)
    return points, points.index(current)


def front(x: Sequence[float], y: Sequence[float]) -> list[bool]:
    """Which points no other beats in both figures: the Pareto front."""
    xs, ys = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    beaten = (xs[None, :] >= xs[:, None]) & (ys[None, :] >= ys[:, None]) & ((xs[None, :] > xs[:, None]) | (ys[None, :] > ys[:, None]))
    return [not any(row) for row in beaten]


def policy_curve(
    view: PolicyCurve, value: float, up: str, across: str, y_title: str, x_title: str, now: Mapping[str, Estimate]
) -> go.Figure | None:
    """One figure (up) against another (right), one point a setting, joined in the order of the setting; None without both figures.

    The current setting is a diamond; settings that another one beats in both figures are hollow.
    """
    points, at = with_current(view, value, now)
    if not points or any(name not in p.metrics for p in points for name in (up, across)):
        return None
    x, y = [p.metrics[across] for p in points], [p.metrics[up] for p in points]
    signs = [-1 if name in LESS_IS_BETTER else 1 for name in (across, up)]
    best = front([signs[0] * e.value for e in x], [signs[1] * e.value for e in y])
    xs, ys = [e.value for e in x], [e.value for e in y]
    fmt_x, fmt_y = (".0%" if family(across) in SHARES else ".2f"), (".2f" if up == "revenue" else number_format(up))
    low, high = min(e.low for e in x), max(e.high for e in x)
    span = (high - low) or max(abs(high), 1e-3)
    trace = {
        "type": "scatter",
        "mode": "lines+markers+text",
        "x": xs,
        "y": ys,
        "text": sparse([f"  {p.value:g}  " for p in points], xs, at),
        "customdata": [f"{p.value:g}" for p in points],
        "textposition": "top right",
        "textfont": {"size": 12, "color": LABEL},
        "line": {"color": CONTEXT, "width": 2, "shape": "linear"},  # a spline through uneven steps would swing past the measured points
        "marker": {
            "size": [14 if i == at else 10 for i in range(len(points))],
            "color": [PETROL if i == at else BASELINE if good else CONTEXT for i, good in enumerate(best)],
            "symbol": ["diamond" if i == at else "circle" if good else "circle-open" for i, good in enumerate(best)],
        },
        "error_x": _bars(x),
        "error_y": _bars(y),
        "hovertemplate": f"<b>%{{customdata}}</b><br>{y_title} %{{y:{fmt_y}}}<br>{x_title} %{{x:{fmt_x}}}<extra></extra>",
        "selected": {"marker": {"opacity": 1}},
        "unselected": {"marker": {"opacity": 1}},
        "cliponaxis": False,
    }
    return figure(
        [trace],
        height=290,
        showlegend=False,
        clickmode="event+select",
        margin={"l": 0, "r": 16, "t": 34, "b": 0},
        xaxis={"showgrid": True, "tickformat": fmt_x, "title": x_title, "nticks": 5, "range": [low - 0.1 * span, high + 0.3 * span]},
        yaxis={"showgrid": True, "tickformat": fmt_y, "title": y_title, "nticks": 5},
    )


def _bars(estimates: Sequence[Estimate]) -> dict:
    """Intervals as they are: figures near 0 or 1 have uneven ones."""
    return {
        "type": "data",
        "symmetric": False,
        "array": [max(e.high - e.value, 0) for e in estimates],
        "arrayminus": [max(e.value - e.low, 0) for e in estimates],
        "thickness": 1.5,
        "width": 0,
        "color": CONTEXT,
    }


def sparse(names: Sequence[str], x: Sequence[float], keep: int, apart: float = 0.09) -> list[str]:
    """Names without those too near to another: the current one stays, then the ends, then the others in turn.

    Args:
        names: one a point.
        x: where the points stand.
        keep: place of the point that keeps its name in any case.
        apart: smallest distance between two names, as a share of the width.
    """
    width = (max(x) - min(x)) or 1.0
    kept: list[int] = []
    for i in dict.fromkeys([keep, 0, len(x) - 1, *range(len(x))]):
        if all(abs(x[i] - x[j]) >= apart * width for j in kept):
            kept.append(i)
    return [name if i in kept else "" for i, name in enumerate(names)]


def clicked_value(points: Sequence[CurvePoint], selection: Mapping) -> float | None:
    """The setting of the clicked point, None when nothing or something unknown was clicked.

    Args:
        points: the points in the order in which they were drawn.
        selection: `event.selection` of the chart: {"points": [{"point_index": …}], …}.
    """
    chosen = selection.get("points") or []
    at = chosen[0].get("point_index") if chosen else None
    return points[at].value if isinstance(at, int) and 0 <= at < len(points) else None


def exposure_bars(changes: Sequence[ExposureChange]) -> go.Figure | None:
    """Places that each item or group gained or lost, winners on top, with 95 % intervals; None where nothing changed."""
    moved = sorted((c for c in changes if c.change.value), key=lambda c: -c.change.value)
    if not moved:
        return None
    change = np.array([c.change.value for c in moved])
    half = np.nan_to_num(np.array([(c.change.high - c.change.low) / 2 for c in moved]))
    names = distinct([c.title or c.key for c in moved], 40)
    fig = diverging_bars(names, change.tolist(), half.tolist())
    fig.update_yaxes(ticktext=[wrap(name, 24) for name in names])
    reach = 1.9 * float((np.abs(change) + half).max())  # the numbers at the ends need room on a phone too
    fig.update_xaxes(tickformat="+,d", range=[-reach, reach])
    if np.abs(change).max() < 5:
        fig.update_xaxes(dtick=1)
    return fig
