"""Charts of trainings beside each other: figures by epoch, and time against size."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from recengine.types.runs import ReasonShifts, RunCost, RunCurve
from ui.charts.labels import distinct
from ui.charts.template import BASELINE, CONTEXT, DASHES, LABEL, ORANGE, PETROL, SERIES, SYMBOLS, figure

MOST = 6  # lines that can be told apart
MARKED_BELOW = 25  # epochs: with more of them dots only hide the line


def learning_curves(curves: Sequence[RunCurve], names: dict[str, str], x_title: str) -> go.Figure:
    """One figure by epoch, a line a variant (at most six); colour, dash and symbol all tell them apart."""
    curves = list(curves)[:MOST]
    titles = distinct([names[c.variant] for c in curves], 24)
    data = [
        {
            "type": "scatter",
            "mode": "lines+markers" if len(curve.epochs) < MARKED_BELOW else "lines",
            "name": title,
            "x": list(curve.epochs),
            "y": list(curve.values),
            "line": {"color": SERIES[i], "dash": DASHES[i], "width": 2},
            "marker": {"color": SERIES[i], "symbol": SYMBOLS[i], "size": 6},
            "hovertemplate": f"%{{x}}<br><b>%{{y:.4g}}</b><extra>{title}</extra>",
        }
        for i, (curve, title) in enumerate(zip(curves, titles, strict=True))
    ]
    longest = max((max(c.epochs) for c in curves), default=1)
    return figure(
        data,
        300,
        xaxis={"title": x_title, "tickformat": "d", **({"dtick": 1} if longest <= 8 else {"nticks": 8})},
        yaxis={"showgrid": True, "tickformat": ".3~g", "nticks": 5},
        showlegend=True,
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.04, "xanchor": "left", "x": 0},
        margin={"l": 0, "r": 12, "t": 48, "b": 0},
    )


def cost_dots(costs: Sequence[RunCost], names: dict[str, str], x_title: str, y_title: str) -> go.Figure:
    """Training time (right is slower) against size of the model (up is larger), both on logarithmic axes."""
    titles = distinct([names[c.variant] for c in costs], 18)
    best = 0  # the best by the metric comes first
    x, y = [max(c.seconds, 0.01) for c in costs], [max(c.model_bytes / 1e6, 0.001) for c in costs]
    left, shown = _room(np.log10(x), np.log10(y), titles)
    trace = {
        "type": "scatter",
        "mode": "markers+text",
        "x": x,
        "y": y,
        "text": [f"  {t}  " if there else "" for t, there in zip(titles, shown, strict=True)],
        "textposition": ["middle left" if side else "middle right" for side in left],
        "textfont": {"size": 12, "color": LABEL},
        "customdata": titles,
        "marker": {
            "size": [12 if i == best else 9 for i in range(len(x))],
            "color": [PETROL if i == best else BASELINE for i in range(len(x))],
            "symbol": ["diamond" if i == best else "circle" for i in range(len(x))],
        },
        "hovertemplate": "<b>%{customdata}</b><br>%{x:.1f} s<br>%{y:.1f} MB<extra></extra>",
        "cliponaxis": False,
    }
    return figure(
        [trace],
        330,
        xaxis={"title": x_title, "type": "log", "showgrid": True, "nticks": 6, "tickformat": "~g"},
        yaxis={"title": y_title, "type": "log", "showgrid": True, "nticks": 5, "tickformat": "~g"},
        showlegend=False,
        margin={"l": 0, "r": 16, "t": 34, "b": 0},
    )


def _room(x: np.ndarray, y: np.ndarray, names: Sequence[str]) -> tuple[list[bool], list[bool]]:
    """Whether each name stands left of its dot, and whether it stands there at all: names may not lie over each other.

    Reckons with a plot of 300 by 250 px and 7 px a letter; the first dots are named first.
    """
    px = 300 * (x - x.min()) / (np.ptp(x) or 1.0)
    py = 250 * (y - y.min()) / (np.ptp(y) or 1.0)
    taken = [(a - 7, a + 7, b) for a, b in zip(px, py, strict=True)]
    left, shown = [], []
    for a, b, name in zip(px, py, names, strict=True):
        wide = 7.0 * len(name)
        sides = [(a + 9, a + 9 + wide, False), (a - 9 - wide, a - 9, True)]
        sides = sides if a < 150 else sides[::-1]
        free = [s for s in sides if s[0] > -60 and s[1] < 350 and not any(f < s[1] and s[0] < t and abs(b - at) < 14 for f, t, at in taken)]
        shown.append(bool(free))
        left.append(free[0][2] if free else False)
        if free:
            taken.append((free[0][0], free[0][1], b))
    return left, shown


def reason_pairs(found: ReasonShifts, before: str, after: str) -> go.Figure:
    """Share of each reason in the lists of two variants: an orange diamond before, a petrol circle after, joined by a line."""
    names = distinct([row.name for row in found.rows], 30)
    rows = list(range(len(names)))
    old, new = [row.before for row in found.rows], [row.after for row in found.rows]
    joins = {
        "type": "scatter",
        "mode": "lines",
        "x": [x for pair in zip(old, new, [None] * len(rows), strict=True) for x in pair],
        "y": [y for row in rows for y in (row, row, None)],
        "line": {"color": CONTEXT, "width": 2},
        "hoverinfo": "skip",
        "showlegend": False,
    }
    dots = [
        {
            "type": "scatter",
            "mode": "markers",
            "name": title,
            "x": values,
            "y": rows,
            "customdata": names,
            "marker": {"color": colour, "symbol": symbol, "size": 10},
            "hovertemplate": "%{customdata}<br><b>%{x:.1%}</b><extra>" + title + "</extra>",
        }
        for title, values, colour, symbol in ((before, old, ORANGE, "diamond"), (after, new, PETROL, "circle"))
    ]
    return figure(
        [joins, *dots],
        90 + 28 * len(rows),
        xaxis={"tickformat": ".0%", "showgrid": True, "rangemode": "tozero"},
        yaxis={"tickvals": rows, "ticktext": names, "autorange": False, "range": [len(rows) - 0.5, -0.5]},
        showlegend=True,
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.02, "xanchor": "left", "x": 0},
        margin={"l": 0, "r": 12, "t": 40, "b": 0},
    )
