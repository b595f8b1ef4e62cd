"""Figures of the check of an import."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from plotly.graph_objects import Figure

from ui.charts.template import PETROL, figure


def spread(edges: np.ndarray, counts: np.ndarray, x_title: str, y_title: str, hover: str) -> Figure:
    """Shoppers by their number of events, one bar a bin; `edges` int [n + 1], `counts` int [n]. Ticks name where a bin begins."""
    bins = [f"{int(a):,}" if b - a <= 1 else f"{int(a):,}–{int(b) - 1:,}" for a, b in pairwise(edges)]
    bars = {
        "type": "bar",
        "x": list(range(len(counts))),
        "y": counts,
        "marker": {"color": PETROL},
        "customdata": bins,
        "hovertemplate": f"%{{customdata}} {hover}<br><b>%{{y:,}}</b><extra></extra>",
    }
    step = max(1, -(-len(bins) // 6))
    ticks = {"tickvals": list(range(0, len(bins), step)), "ticktext": [f"{int(a):,}" for a in edges[:-1:step]], "tickangle": 0}
    return figure(
        [bars],
        160,
        bargap=0.12,
        showlegend=False,
        xaxis={**ticks, "title": x_title, "fixedrange": True},
        yaxis={"showgrid": True, "tickformat": ",", "nticks": 4, "title": y_title, "fixedrange": True},
    )
