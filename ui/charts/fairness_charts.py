"""Charts of fairness: what suppliers are shown against what of theirs is chosen."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from recengine.types.fairness import Supplier
from ui.charts.labels import distinct
from ui.charts.template import BASELINE, CONTEXT, ORANGE, PETROL, figure

MOST = 14


def supplier_pairs(rows: Sequence[Supplier], shown: str, chosen: str, sold: str) -> go.Figure | None:
    """Attention of each supplier (petrol circle with interval) against what is chosen (orange diamond) and sold (grey bar)."""
    told = [row for row in rows if row.name][:MOST]
    if not told:
        return None
    names = distinct([row.name for row in told], 26)
    places = list(range(len(told)))
    exposure, relevance = [row.exposure for row in told], [row.relevance.value for row in told]
    joins = {
        "type": "scatter",
        "mode": "lines",
        "x": [x for e, r in zip(exposure, relevance, strict=True) for x in (e.value, r, None)],
        "y": [y for place in places for y in (place, place, None)],
        "line": {"color": CONTEXT, "width": 2},
        "hoverinfo": "skip",
        "showlegend": False,
    }
    catalogue = {
        "type": "scatter",
        "mode": "markers",
        "name": sold,
        "x": [row.catalogue for row in told],
        "y": places,
        "customdata": names,
        "marker": {"color": BASELINE, "symbol": "line-ns-open", "size": 12, "line": {"width": 2, "color": BASELINE}},
        "hovertemplate": "%{customdata}<br><b>%{x:.1%}</b><extra>" + sold + "</extra>",
    }
    later = {
        "type": "scatter",
        "mode": "markers",
        "name": chosen,
        "x": relevance,
        "y": places,
        "customdata": names,
        "marker": {"color": ORANGE, "symbol": "diamond", "size": 10},
        "hovertemplate": "%{customdata}<br><b>%{x:.1%}</b><extra>" + chosen + "</extra>",
    }
    listed = {
        "type": "scatter",
        "mode": "markers",
        "name": shown,
        "x": [e.value for e in exposure],
        "y": places,
        "customdata": names,
        "marker": {"color": PETROL, "symbol": "circle", "size": 10},
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": [e.high - e.value for e in exposure],
            "arrayminus": [e.value - e.low for e in exposure],
            "thickness": 2,
            "width": 0,
            "color": PETROL,
        },
        "hovertemplate": "%{customdata}<br><b>%{x:.1%}</b><extra>" + shown + "</extra>",
    }
    return figure(
        [joins, catalogue, later, listed],
        90 + 28 * len(told),
        xaxis={"tickformat": ".0%", "showgrid": True, "rangemode": "tozero"},
        yaxis={"tickvals": places, "ticktext": names, "autorange": False, "range": [len(told) - 0.5, -0.5]},
        showlegend=True,
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.02, "xanchor": "left", "x": 0},
        margin={"l": 0, "r": 12, "t": 40, "b": 0},
    )
