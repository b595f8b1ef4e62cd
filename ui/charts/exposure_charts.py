"""Charts of all lists together: places by popularity, Lorenz curves, category mix, figures by list length."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from recengine.types import ExposureView, LengthCurves
from ui.charts.labels import distinct, label
from ui.charts.template import BASELINE, DASHES, ORANGE, PETROL, SERIES, SYMBOLS, figure

MOST = 6  # lines that can be told apart
LEGEND = {"orientation": "h", "yanchor": "bottom", "y": 1.02, "xanchor": "left", "x": 0}


def place_bands(view: ExposureView, names: dict[str, str], past: str, x_title: str, y_title: str) -> go.Figure:
    """Share of places of each tenth of the items, the most popular first, beside its share of past events.

    Args:
        view: at most six variants are drawn.
        names: variant id → name.
        past: name of the past.
    """
    tenths = list(range(1, len(view.past) + 1))
    bars = {
        "type": "bar",
        "name": label(past, 24),
        "x": tenths,
        "y": list(view.past),
        "marker": {"color": BASELINE, "opacity": 0.35},
        "hovertemplate": "%{x}<br><b>%{y:.1%}</b><extra>" + label(past, 24) + "</extra>",
    }
    lines = _lines({v: (tenths, list(shares)) for v, shares in view.bands.items()}, names, "%{x}<br><b>%{y:.1%}</b>")
    return figure(
        [bars, *lines],
        340,
        xaxis={"title": x_title, "dtick": 1},
        yaxis={"title": y_title, "tickformat": ".0%", "showgrid": True, "rangemode": "tozero"},
        legend={**LEGEND, "y": 1.1},
        margin={"l": 0, "r": 12, "t": 64, "b": 0},
    )


def lorenz_curves(view: ExposureView, names: dict[str, str], equal: str, x_title: str, y_title: str) -> go.Figure:
    """Share of places that go to the least shown items; the nearer to the diagonal, the more even."""
    points = len(next(iter(view.lorenz.values()), ()))
    x = np.linspace(0, 1, points).tolist()
    diagonal = {
        "type": "scatter",
        "mode": "lines",
        "name": label(equal, 24),
        "x": [0, 1],
        "y": [0, 1],
        "line": {"color": BASELINE, "width": 1, "dash": "dash"},
        "hoverinfo": "skip",
    }
    lines = _lines({v: (x, list(curve)) for v, curve in view.lorenz.items()}, names, "%{x:.0%}<br><b>%{y:.1%}</b>", marked=False)
    return figure(
        [diagonal, *lines],
        340,
        xaxis={"title": x_title, "tickformat": ".0%", "range": [0, 1]},
        yaxis={"title": y_title, "tickformat": ".0%", "showgrid": True, "range": [0, 1]},
        legend={**LEGEND, "y": 1.1},
        margin={"l": 0, "r": 12, "t": 64, "b": 0},
    )


def category_mix(view: ExposureView, variant: str, chosen: str, listed: str) -> go.Figure | None:
    """Share of each named category in the lists beside the shoppers' own; None without categories."""
    names = distinct([name for name in view.categories if name], 26)
    if not names:
        return None
    rows = list(range(len(names)))
    own, shown = list(view.chosen[: len(names)]), list(view.listed[variant][: len(names)])
    joins_x = np.array([own, shown, [np.nan] * len(rows)]).T.ravel().tolist()
    joins = {
        "type": "scatter",
        "mode": "lines",
        "x": [None if np.isnan(x) else x for x in joins_x],
        "y": [y for row in rows for y in (row, row, None)],
        "line": {"color": BASELINE, "width": 1},
        "hoverinfo": "skip",
        "showlegend": False,
    }
    dots = [
        {
            "type": "scatter",
            "mode": "markers",
            "name": label(title, 30),
            "x": values,
            "y": rows,
            "customdata": names,
            "marker": {"color": colour, "symbol": symbol, "size": 9},
            "hovertemplate": "%{customdata}<br><b>%{x:.1%}</b><extra></extra>",
        }
        for title, values, colour, symbol in ((chosen, own, BASELINE, "diamond"), (listed, shown, PETROL, "circle"))
    ]
    return figure(
        [joins, *dots],
        90 + 24 * len(rows),
        xaxis={"tickformat": ".0%", "showgrid": True, "rangemode": "tozero"},
        yaxis={"tickvals": rows, "ticktext": names, "autorange": False, "range": [len(rows) - 0.5, -0.5]},
        legend={**LEGEND, "y": 1.04},
        margin={"l": 0, "r": 12, "t": 40, "b": 0},
    )


def length_curves(view: LengthCurves, names: dict[str, str], fmt: str, x_title: str, y_title: str) -> go.Figure:
    """A metric by the length of the list, on a logarithmic axis, with the 95% interval of the first variant as a band."""
    curves = {v: (list(view.ks), [e.value for e in values]) for v, values in view.values.items()}
    first = next(iter(view.values.values()), ())
    band = {
        "type": "scatter",
        "mode": "lines",
        "x": [*view.ks, *reversed(view.ks)],
        "y": [*(e.high for e in first), *(e.low for e in reversed(first))],
        "fill": "toself",
        "fillcolor": PETROL,
        "opacity": 0.15,
        "line": {"width": 0},
        "hoverinfo": "skip",
        "showlegend": False,
    }
    return figure(
        [band, *_lines(curves, names, f"%{{x}}<br><b>%{{y:{fmt}}}</b>")],
        320,
        xaxis={"title": x_title, "type": "log", "tickvals": [1, 2, 5, 10, 20, 50], "ticktext": ["1", "2", "5", "10", "20", "50"]},
        yaxis={"title": y_title, "tickformat": fmt, "showgrid": True},
        legend={**LEGEND, "y": 1.1},
        margin={"l": 0, "r": 12, "t": 64, "b": 0},
    )


def agreement_bars(segments: Sequence[str], values: Sequence[float], low: Sequence[float], high: Sequence[float]) -> go.Figure:
    """Overlap of two variants' lists by kind of shopper, 0 to 1, with 95% intervals."""
    rows = list(range(len(segments)))
    trace = {
        "type": "bar",
        "orientation": "h",
        "x": list(values),
        "y": rows,
        "width": 0.5,
        "customdata": [label(s) for s in segments],
        "marker": {"color": PETROL},
        "error_x": {
            "symmetric": False,
            "array": np.subtract(high, values).tolist(),
            "arrayminus": np.subtract(values, low).tolist(),
            "thickness": 1.5,
            "width": 0,
            "color": ORANGE,
        },
        "hovertemplate": "%{customdata}<br><b>%{x:.2f}</b><extra></extra>",
    }
    return figure(
        [trace],
        60 + 36 * len(rows),
        xaxis={"range": [0, 1], "tickformat": ".1f", "showgrid": True},
        yaxis={"tickvals": rows, "ticktext": [label(s) for s in segments], "autorange": False, "range": [len(rows) - 0.5, -0.5]},
        showlegend=False,
    )


def _lines(curves: dict[str, tuple[list, list]], names: dict[str, str], hover: str, marked: bool = True) -> list[dict]:
    """One line a variant, the first six; colour, dash and symbol all tell them apart."""
    shown = list(curves)[:MOST]
    titles = distinct([names[v] for v in shown], 24)
    return [
        {
            "type": "scatter",
            "mode": "lines+markers" if marked else "lines",
            "name": title,
            "x": curves[v][0],
            "y": curves[v][1],
            "line": {"color": SERIES[i], "dash": DASHES[i], "width": 2},
            "marker": {"color": SERIES[i], "symbol": SYMBOLS[i], "size": 7},
            "hovertemplate": hover + f"<extra>{title}</extra>",
        }
        for i, (v, title) in enumerate(zip(shown, titles, strict=True))
    ]
