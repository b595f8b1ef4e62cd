"""Deletion and insertion: what is left of a score while past items go, and while they come, in three orders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from ui.charts.template import BASELINE, DASHES, ORANGE, PETROL, SYMBOLS, figure

ORDERS = ("shapley", "popularity", "random")
COLOURS = {"shapley": PETROL, "popularity": ORANGE, "random": BASELINE}


def order_curves(
    shares: Sequence[float], curves: Mapping[str, Sequence[float | None]], names: Mapping[str, str], x_title: str, y_title: str
) -> go.Figure | None:
    """One line an order; None where no shopper had a curve."""
    known = [name for name in ORDERS if name in curves and all(value is not None for value in curves[name])]
    if not known:
        return None
    traces = [
        {
            "type": "scatter",
            "mode": "lines+markers",
            "name": names[name],
            "x": list(shares),
            "y": list(curves[name]),
            "line": {"color": COLOURS[name], "width": 2.5 if name == "shapley" else 2, "dash": DASHES[i]},
            "marker": {"size": 6, "symbol": SYMBOLS[i], "color": COLOURS[name]},
            "hovertemplate": f"{names[name]}<br>%{{x:.0%}} → <b>%{{y:.0%}}</b><extra></extra>",
            "cliponaxis": False,
        }
        for i, name in enumerate(known)
    ]
    return figure(
        traces,
        height=280,
        margin={"l": 0, "r": 12, "t": 54, "b": 0},
        showlegend=True,
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.12, "xanchor": "left", "x": 0},
        xaxis={"title": x_title, "tickformat": ".0%", "nticks": 6, "fixedrange": True},
        yaxis={"title": y_title, "tickformat": ".0%", "nticks": 5, "showgrid": True, "fixedrange": True},
    )
