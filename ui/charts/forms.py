"""The chart forms that several pages use. Every builder takes plain sequences and returns a figure; none loops over points."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from ui.charts.template import BASELINE, CONTEXT, DIVERGING, LABEL, ORANGE, PETROL, SEQUENTIAL, figure, rows, signed, wrap


def waterfall(labels: Sequence[str], steps: Sequence[float], base: float, base_label: str, total_label: str) -> go.Figure:
    """Horizontal waterfall: base, one bar a signal (largest first), the shown score; it adds up by construction."""
    total = base + sum(steps)
    names = [base_label, *labels, total_label]
    trace = {
        "type": "waterfall",
        "orientation": "h",
        "measure": ["absolute", *["relative"] * len(steps), "total"],
        "y": list(range(len(names))),
        "x": [base, *steps, 0],
        "width": 0.6,
        "text": [f"{base:.3f}", *[signed(s) for s in steps], f"{total:.3f}"],
        "textposition": "outside",
        "cliponaxis": False,
        "customdata": names,
        "hovertemplate": "%{customdata}<br><b>%{text}</b><extra></extra>",
    }
    running = np.cumsum([base, *steps])
    low, high = min(0.0, float(running.min())), max(float(running.max()), total)
    return figure(
        [trace],
        height=37 * len(names) + 12,
        margin={"l": 0, "r": 0, "t": 4, "b": 0},
        showlegend=False,
        xaxis={"range": [low, high + 0.3 * (high - low)], "showticklabels": False, "fixedrange": True},
        yaxis=rows(names),
    )


def diverging_bars(labels: Sequence[str], values: Sequence[float], errors: Sequence[float], digits: int = 0) -> go.Figure:
    """Winners and losers: bars left and right of zero with 95 % intervals and the signed number at the end."""
    v, e = np.asarray(values, dtype=float), np.asarray(errors, dtype=float)
    reach = float((np.abs(v) + e).max()) * 1.4
    trace = {
        "type": "bar",
        "orientation": "h",
        "y": list(range(len(v))),
        "x": v,
        "width": 0.5,
        "marker": {"color": np.where(v > 0, PETROL, ORANGE)},
        "error_x": {"array": e, "thickness": 1.5, "width": 0, "color": BASELINE},
        "customdata": list(labels),
        "hovertemplate": "%{customdata}<br><b>%{x:+,}</b><extra></extra>",
    }
    ends = [
        {
            "x": a + (b if a > 0 else -b),
            "y": i,
            "text": f"<b>{signed(a, digits)}</b>",
            "xshift": 6 if a > 0 else -6,
            "xanchor": "left" if a > 0 else "right",
            "showarrow": False,
            "font": {"size": 12, "color": LABEL},
        }
        for i, (a, b) in enumerate(zip(v, e, strict=True))
    ]
    return figure(
        [trace],
        height=37 * len(v) + 40,
        margin={"l": 0, "r": 0, "t": 4, "b": 0},
        annotations=ends,
        showlegend=False,
        xaxis={"showgrid": True, "zeroline": True, "zerolinecolor": BASELINE, "tickformat": "+,", "nticks": 5, "range": [-reach, reach]},
        yaxis=rows(labels),
    )


def interval_dots(
    labels: Sequence[str],
    mid: Sequence[float],
    low: Sequence[float],
    high: Sequence[float],
    reference: float | None = None,
    fmt: str = ".3f",
    highlight: int | None = None,
) -> go.Figure:
    """Dot with its 95 % interval a row, on a free axis: for metrics, where a bar from zero would hide the difference."""
    m, lo, hi = np.asarray(mid), np.asarray(low), np.asarray(high)
    colour = [PETROL if i == highlight else BASELINE for i in range(len(m))]
    trace = {
        "type": "scatter",
        "mode": "markers",
        "x": m,
        "y": list(labels),
        "marker": {"size": 10, "color": colour},
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": hi - m,
            "arrayminus": m - lo,
            "thickness": 2,
            "width": 0,
            "color": CONTEXT,
        },
        "customdata": np.column_stack([lo, hi]),
        "hovertemplate": f"%{{y}}<br><b>%{{x:{fmt}}}</b>  95% interval %{{customdata[0]:{fmt}}} – %{{customdata[1]:{fmt}}}<extra></extra>",
    }
    shapes = []
    if reference is not None:
        shapes = [
            {
                "type": "line",
                "x0": reference,
                "x1": reference,
                "y0": 0,
                "y1": 1,
                "yref": "paper",
                "line": {"color": BASELINE, "width": 1, "dash": "dot"},
            }
        ]
    return figure(
        [trace],
        height=32 * len(m) + 40,
        shapes=shapes,
        showlegend=False,
        xaxis={"showgrid": True, "tickformat": fmt},
        yaxis={"autorange": "reversed", "showgrid": False},
    )


def tradeoff(
    names: Sequence[str],
    x: Sequence[float],
    y: Sequence[float],
    x_err: Sequence[float],
    y_err: Sequence[float],
    current: int,
    x_title: str,
    y_title: str,
    line: bool = False,
    fmt_x: str = ".0%",
    fmt_y: str = ".3f",
) -> go.Figure:
    """Accuracy against variety with both intervals; one point is the current one, the others are context."""
    colour = [PETROL if i == current else BASELINE for i in range(len(x))]
    xs, ys = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    gap = np.hypot(np.subtract.outer(xs, xs) / (np.ptp(xs) or 1), np.subtract.outer(ys, ys) / (np.ptp(ys) or 1))
    np.fill_diagonal(gap, np.inf)
    left = (xs[gap.argmin(axis=1)] > xs) & (xs > xs.min() + 0.2 * np.ptp(xs))  # away from the nearest neighbour, not over the axis
    trace = {
        "type": "scatter",
        "mode": "lines+markers+text" if line else "markers+text",
        "x": list(xs),
        "y": list(ys),
        "text": [f"  {n}  " for n in names],
        "textposition": [
            "top right" if line else "bottom left" if xs[i] == xs.max() else "middle left" if left[i] else "middle right"
            for i in range(len(xs))
        ],
        "textfont": {"size": 12, "color": LABEL},
        "line": {"color": CONTEXT, "width": 2, "shape": "spline"},
        "marker": {
            "size": [14 if i == current else 10 for i in range(len(xs))],
            "color": colour,
            "symbol": ["diamond" if i == current else "circle" for i in range(len(xs))],
        },
        "error_x": {"array": list(x_err), "thickness": 1.5, "width": 0, "color": CONTEXT},
        "error_y": {"array": list(y_err), "thickness": 1.5, "width": 0, "color": CONTEXT},
        "hovertemplate": f"<b>%{{text}}</b><br>{y_title} %{{y:{fmt_y}}}<br>{x_title} %{{x:{fmt_x}}}<extra></extra>",
        "selected": {"marker": {"opacity": 1}},
        "unselected": {"marker": {"opacity": 1}},
        "cliponaxis": False,
    }
    return figure(
        [trace],
        height=330,
        showlegend=False,
        clickmode="event+select",
        margin={"l": 0, "r": 16, "t": 34, "b": 0},
        xaxis={
            "showgrid": True,
            "tickformat": fmt_x,
            "title": x_title,
            "range": [xs.min() - 0.08 * np.ptp(xs), xs.max() + (0.12 if line else 0.3) * np.ptp(xs)],
        },
        yaxis={"showgrid": True, "tickformat": fmt_y, "title": y_title},
    )


def heatmap(
    z: Sequence[Sequence[float]], x: Sequence[str], y: Sequence[str], fmt: str = ".3f", diverging: bool = False, limit: float | None = None
) -> go.Figure:
    """Labelled heat map; with `diverging` the scale is symmetric about zero. Numbers stand in the cells, colour repeats them."""
    cells = np.asarray(z, dtype=float)
    bound = 1.7 * (limit if limit is not None else float(np.nanmax(np.abs(cells))))  # tints only: the numbers must stay readable
    trace = {
        "type": "heatmap",
        "z": cells,
        "x": list(x),
        "y": list(y),
        "colorscale": DIVERGING if diverging else SEQUENTIAL,
        "zmin": -bound if diverging else 0,
        "zmax": bound,
        "texttemplate": f"%{{z:{'+' if diverging else ''}{fmt}}}",
        "textfont": {"size": 12},
        "showscale": False,
        "hoverongaps": False,
        "hovertemplate": f"%{{y}} · %{{x}}<br><b>%{{z:{fmt}}}</b><extra></extra>",
    }
    return figure(
        [trace], height=34 * len(y) + 36, xaxis={"side": "top", "showgrid": False}, yaxis={"autorange": "reversed", "showgrid": False}
    )


def slope(
    items: Sequence[str],
    before: Sequence[int | None],
    after: Sequence[int | None],
    left: str,
    right: str,
    new: str = "new",
    gone: str = "left",
) -> go.Figure:
    """List against list: ranks on the left, ranks and names on the right; petrol rose or entered, orange fell or left (dotted)."""
    n = max(r for r in (*before, *after) if r)
    entered = iter(range(n + 1, 3 * n))
    left_out = iter(range(n + 1, 3 * n))
    lines: dict[tuple[str, str, str], tuple[list, list, list]] = {}
    notes = [
        {"x": x, "y": 0.1, "text": f"<b>{t}</b>", "xanchor": a, "showarrow": False, "font": {"size": 12, "color": LABEL}}
        for x, t, a in ((0, left, "left"), (1, right, "left"))
    ]
    for name, b, a in zip(items, before, after, strict=True):
        if b is None and a is None:
            continue
        y0, y1 = b or next(entered), a or next(left_out)
        rose = b is None or (a is not None and a < b)
        key = (
            (CONTEXT, "solid", "circle")
            if a == b
            else (PETROL if rose else ORANGE, "dot" if None in (a, b) else "solid", "circle" if rose else "diamond")
        )
        xs, ys, tips = lines.setdefault(key, ([], [], []))
        xs.extend((0, 1, None))
        ys.extend((y0, y1, None))
        tips.extend((name, name, None))
        move = f"<i>{gone}</i>" if a is None else f"<b>{a}</b>"
        notes.append(
            {
                "x": 0,
                "y": y0,
                "xshift": -10,
                "text": f"<i>{new}</i>" if b is None else f"<b>{b}</b>",
                "xanchor": "right",
                "showarrow": False,
                "font": {"size": 12, "color": LABEL},
            }
        )
        notes.append(
            {
                "x": 1,
                "y": y1,
                "xshift": 10,
                "text": f"{move}  {name if len(name) <= 32 else name[:30] + '…'}",
                "xanchor": "left",
                "showarrow": False,
                "font": {"size": 12, "color": LABEL},
            }
        )
    data = [
        {
            "type": "scatter",
            "mode": "lines+markers",
            "x": xs,
            "y": ys,
            "text": tips,
            "line": {"color": c, "dash": d},
            "marker": {"size": 7, "color": c, "symbol": s},
            "hovertemplate": "%{text}<br>%{y}<extra></extra>",
        }
        for (c, d, s), (xs, ys, tips) in lines.items()
    ]
    bottom = max(next(entered), next(left_out)) - 1
    return figure(
        data,
        height=27 * (bottom + 1),
        annotations=notes,
        showlegend=False,
        margin={"l": 34, "r": 0, "t": 4, "b": 0},
        xaxis={"showticklabels": False, "range": [-0.02, 3.1], "fixedrange": True},
        yaxis={"showticklabels": False, "range": [bottom + 0.5, -0.4], "fixedrange": True},
    )


def event_timeline(
    dates: Sequence,
    values: Sequence[float],
    titles: Sequence[str],
    y_title: str,
    label_top: int = 2,
    formats: tuple[str, str] = ("%b %Y", "%d %b %Y"),
) -> go.Figure:
    """Past events on their dates: stem height is how much each one raised or lowered the score; d3 formats of axis and hover."""
    v = np.asarray(values, dtype=float)
    d = np.asarray(dates)
    stems_x = np.repeat(d, 3).astype(object)
    stems_x[2::3] = None
    stems_y = np.column_stack([np.zeros_like(v), v, np.full_like(v, np.nan)]).ravel()
    order = np.argsort(-np.abs(v))
    top = set(order[np.sort(np.unique(d[order], return_index=True)[1])[:label_top]].tolist())  # at most one label a day
    colour = np.where(v >= 0, PETROL, ORANGE)
    span = float(np.ptp(v)) or 1.0
    return figure(
        [
            {"type": "scatter", "mode": "lines", "x": stems_x, "y": stems_y, "line": {"color": CONTEXT, "width": 1.5}, "hoverinfo": "skip"},
            {
                "type": "scatter",
                "mode": "markers+text",
                "x": d,
                "y": v,
                "cliponaxis": False,
                "text": [wrap(t, 16) if i in top else "" for i, t in enumerate(titles)],
                "textposition": "top center",
                "textfont": {"size": 11, "color": LABEL},
                "marker": {"size": 10, "color": colour, "symbol": np.where(v >= 0, "circle", "diamond")},
                "customdata": list(titles),
                "hovertemplate": f"<b>%{{customdata}}</b><br>%{{x|{formats[1]}}}<br>%{{y:+.3f}}<extra></extra>",
            },
        ],
        height=190,
        showlegend=False,
        xaxis={"type": "date", "tickformat": formats[0], "nticks": 5},
        yaxis={
            "showgrid": True,
            "zeroline": True,
            "zerolinecolor": BASELINE,
            "tickformat": "+.2f",
            "nticks": 4,
            "title": y_title,
            "range": [min(0.0, float(v.min())) - 0.12 * span, float(v.max()) + 0.5 * span],
        },
    )
