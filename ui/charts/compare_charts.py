"""Charts that compare variants: intervals, accuracy against variety, segments, list against list."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from recengine.types import Comparison, Estimate, ListDiff, VariantRow
from recengine.types.runs import SegmentVerdict
from ui.charts.forms import heatmap, interval_dots, slope, tradeoff
from ui.charts.labels import distinct, label
from ui.charts.template import BASELINE, ORANGE, PETROL

LOWER = ("gini", "popularity", "popularity_bias")  # families that are better when lower
NAMED = 7  # dots beyond which only the front is named: names would lie over each other
SHARES = ("coverage", "tail_share", "new_items")  # families shown as percent


def family(metric: str) -> str:
    """`ndcg@10` → `ndcg`."""
    return metric.split("@")[0]


def number_format(metric: str) -> str:
    """The d3 format of a metric's axis and hover."""
    if family(metric) in SHARES:
        return ".1%"
    return ".1f" if family(metric) == "novelty" else ".3f"


def estimates(variants: tuple[VariantRow, ...], metric: str) -> tuple[list[VariantRow], list[Estimate]]:
    """The variants that have the metric, with its finite estimates."""
    pairs = [(v, v.metrics[metric]) for v in variants if metric in v.metrics and np.isfinite(v.metrics[metric].value)]
    return [v for v, _ in pairs], [e for _, e in pairs]


def metric_dots(comparison: Comparison, metric: str) -> go.Figure | None:
    """One dot and 95% interval a variant, the highest on top and in colour; None where nobody has the metric."""
    rows, values = estimates(comparison.variants, metric)
    if not rows:
        return None
    order = sorted(range(len(rows)), key=lambda i: -values[i].value)
    mid, low, high = (np.array([getattr(values[i], end) for i in order]) for end in ("value", "low", "high"))
    ids = [rows[i].id for i in order]
    highlight = ids.index(comparison.best) if comparison.best in ids else None
    names = distinct([rows[i].name for i in order], 24)
    fig = interval_dots(names, mid.tolist(), low.tolist(), high.tolist(), fmt=number_format(metric), highlight=highlight)
    # the template sets "reversed", which a range of its own keeps on top and off the frame
    fig.update_layout(yaxis={"autorange": False, "range": [len(names) - 0.4, -0.6]}, xaxis_nticks=5)
    return fig


def accuracy_variety(comparison: Comparison, accuracy: str, variety: str, x_title: str, y_title: str) -> go.Figure | None:
    """Accuracy (up) against variety (right) with both intervals; None with fewer than two variants that have both."""
    rows = [v for v in estimates(comparison.variants, accuracy)[0] if variety in v.metrics and np.isfinite(v.metrics[variety].value)]
    if len(rows) < 2:
        return None
    x, y = [v.metrics[variety] for v in rows], [v.metrics[accuracy] for v in rows]
    front = pareto([e.value for e in x], [e.value for e in y], family(variety) in LOWER)
    current = next((i for i, v in enumerate(rows) if v.id == comparison.best), 0)
    fig = tradeoff(
        [n if len(rows) <= NAMED or i in front or i == current else "" for i, n in enumerate(distinct([v.name for v in rows], 22))],
        [e.value for e in x],
        [e.value for e in y],
        [(e.high - e.low) / 2 for e in x],
        [(e.high - e.low) / 2 for e in y],
        current,
        x_title,
        y_title,
        fmt_x=number_format(variety) if family(variety) not in SHARES else ".0%",
        fmt_y=number_format(accuracy),
    )
    uneven(fig, x, y)
    roomy(fig, x)
    names = distinct([v.name for v in rows], 40)
    fig.data[0].update(customdata=names, hovertemplate=fig.data[0]["hovertemplate"].replace("%{text}", "%{customdata}"))
    steps = {
        "type": "scatter",
        "mode": "lines",
        "x": [x[i].value for i in front],
        "y": [y[i].value for i in front],
        "line": {"color": BASELINE, "width": 1.5, "dash": "dot"},
        "hoverinfo": "skip",
    }
    fig.add_trace(steps)
    return fig


def pareto(x: Sequence[float], y: Sequence[float], lower_x: bool = False) -> list[int]:
    """Places of the points that no other one beats in both figures, from left to right; equal points stay together.

    Args:
        x, y: the figures; y is better when higher.
        lower_x: x is better when lower.
    """
    side = -1.0 if lower_x else 1.0
    beaten = {
        i
        for i in range(len(x))
        for j in range(len(x))
        if side * x[j] >= side * x[i] and y[j] >= y[i] and (side * x[j] > side * x[i] or y[j] > y[i])
    }
    return sorted((i for i in range(len(x)) if i not in beaten), key=lambda i: (x[i], y[i]))


def gain_dots(rows: Sequence[SegmentVerdict], names: Sequence[str]) -> go.Figure:
    """A difference with its 95% interval for each kind of shopper; the line is no difference at all."""
    low, mid, high = ([getattr(row, end) for row in rows] for end in ("low", "difference", "high"))
    fig = interval_dots([label(name) for name in names], mid, low, high, reference=0.0, fmt="+.3f")
    colours = {"better": PETROL, "worse": ORANGE}
    signs = {"better": "triangle-right", "worse": "triangle-left"}
    fig.data[0]["marker"] = {
        "size": 12,
        "color": [colours.get(row.verdict, BASELINE) for row in rows],
        "symbol": [signs.get(row.verdict, "circle") for row in rows],
    }
    reach = 1.15 * (max(abs(x) for x in (*low, *high) if np.isfinite(x)) if any(np.isfinite(x) for x in (*low, *high)) else 1.0)
    fig.update_layout(height=44 * len(rows) + 46, xaxis={"range": [-reach, reach], "nticks": 5})
    fig.update_layout(yaxis={"autorange": False, "range": [len(rows) - 0.4, -0.6]})
    return fig


def uneven(fig: go.Figure, x: list[Estimate], y: list[Estimate]) -> None:
    """Give a tradeoff figure the intervals as they are: metrics near 0 or 1 have uneven ones."""
    for name, ends in (("error_x", x), ("error_y", y)):
        fig.data[0][name].update(
            type="data",
            symmetric=False,
            array=[max(e.high - e.value, 0) for e in ends],
            arrayminus=[max(e.value - e.low, 0) for e in ends],
        )


def roomy(fig: go.Figure, x: list[Estimate]) -> None:
    """Widen the x axis to the intervals and the names; equal values would give a range of zero width."""
    low, high = min(e.low for e in x), max(e.high for e in x)
    span = (high - low) or max(abs(high), 1e-3)
    fig.update_layout(xaxis_range=[low - 0.1 * span, high + 0.3 * span])


def segment_heat(comparison: Comparison, against: str | None, segments: list[str]) -> go.Figure | None:
    """Variant × segment, times 1000: the difference to `against`, or the values themselves without one.

    Args:
        comparison: the view.
        against: id of the reference variant, which gets no row.
        segments: names of the segments as shown.
    """
    rows = [v for v in comparison.variants if v.id != against and v.id in comparison.segment_values]
    if not rows or not segments:
        return None
    z = np.array([comparison.segment_values[v.id] for v in rows], dtype=float) * 1000
    if against is not None:
        z = z - np.array(comparison.segment_values[against], dtype=float) * 1000
    if not np.isfinite(z).any():
        return None
    limit = float(np.nanmax(np.abs(z))) or 1.0
    fig = heatmap(z.tolist(), [label(s) for s in segments], distinct([v.name for v in rows], 22), ".0f", against is not None, limit)
    fig.update_layout(yaxis={"autorange": False, "range": [len(rows) - 0.5, -0.5]}, xaxis_range=[-0.5, len(segments) - 0.5])
    return fig


def list_slope(diff: ListDiff, left: str, right: str, new: str, gone: str) -> go.Figure | None:
    """The places of every item in both lists; None when both are empty."""
    before = {i.item: i.rank for i in diff.a.items}
    after = {i.item: i.rank for i in diff.b.items}
    items = sorted(before.keys() | after.keys(), key=lambda i: (after.get(i, 10**6), before.get(i, 10**6)))
    if not items:
        return None
    names = [label(diff.titles.get(i, i), 30) for i in items]
    return slope(names, [before.get(i) for i in items], [after.get(i) for i in items], label(left, 18), label(right, 24), new, gone)
