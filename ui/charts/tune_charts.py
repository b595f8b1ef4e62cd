"""Charts of a diversity setting: what variety costs in the whole shop, and which items it shows to more or fewer shoppers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from recengine.types import Exposure, Tradeoff, TradeoffPoint
from ui.charts.compare_charts import SHARES, family, number_format, roomy, uneven
from ui.charts.forms import diverging_bars, tradeoff
from ui.charts.labels import distinct
from ui.charts.template import wrap


def with_current(view: Tradeoff, current: TradeoffPoint | None) -> tuple[list[TradeoffPoint], int]:
    """The measured points in the order of the setting, the current one among them, and its place."""
    points = list(view.points)
    if current is None:
        return points, 0
    at = next((i for i, p in enumerate(points) if abs(p.diversity - current.diversity) < 1e-9), None)
    if at is not None:
        return points, at
    points = sorted([*points, current], key=lambda p: p.diversity)
    return points, points.index(current)


def tradeoff_curve(
    view: Tradeoff, current: TradeoffPoint | None, accuracy: str, variety: str, x_title: str, y_title: str
) -> go.Figure | None:
    """Accuracy (up) against variety (right), one point a setting, joined in the order of the setting; None without both metrics."""
    points, at = with_current(view, current)
    if not points or any(m not in p.metrics for p in points for m in (accuracy, variety)):
        return None
    x, y = [p.metrics[variety] for p in points], [p.metrics[accuracy] for p in points]
    fig = tradeoff(
        [f"{p.diversity:g}" for p in points],
        [e.value for e in x],
        [e.value for e in y],
        [(e.high - e.low) / 2 for e in x],
        [(e.high - e.low) / 2 for e in y],
        at,
        x_title,
        y_title,
        line=True,
        fmt_x=".0%" if family(variety) in SHARES else ".2f",
        fmt_y=number_format(accuracy),
    )
    uneven(fig, x, y)
    roomy(fig, x)
    fig.update_traces(text=sparse([f"  {p.diversity:g}  " for p in points], [e.value for e in x], at))
    # a spline through uneven steps would swing past the measured points
    fig.update_traces(line_shape="linear", customdata=[p.diversity for p in points])
    fig.update_layout(height=290, xaxis_nticks=5, yaxis_nticks=5)
    return fig


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


def clicked_setting(points: Sequence[TradeoffPoint], selection: dict) -> float | None:
    """The diversity of the clicked point, None when nothing or something unknown was clicked.

    Args:
        points: the points in the order in which they were drawn.
        selection: `event.selection` of the chart: {"points": [{"point_index": …}], …}.
    """
    chosen = selection.get("points") or []
    at = chosen[0].get("point_index") if chosen else None
    return points[at].diversity if isinstance(at, int) and 0 <= at < len(points) else None


def exposure_bars(changes: Sequence[Exposure]) -> go.Figure | None:
    """Shoppers who gained or lost each item, winners on top; counts of everybody measured, so there is no interval."""
    moved = sorted((c for c in changes if c.after != c.before), key=lambda c: c.before - c.after)
    if not moved:
        return None
    change = np.array([c.after - c.before for c in moved], dtype=float)
    names = distinct([c.title or c.item for c in moved], 40)
    fig = diverging_bars(names, change.tolist(), [0.0] * len(moved))
    fig.update_yaxes(ticktext=[wrap(name, 24) for name in names])
    reach = 1.6 * float(np.abs(change).max())  # the numbers at the ends need room on a phone too
    fig.update_xaxes(tickformat="+,d", range=[-reach, reach])
    if np.abs(change).max() < 5:
        fig.update_xaxes(dtick=1)
    return fig
