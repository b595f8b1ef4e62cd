"""Figures of the Data and Home pages: views of a dataset in, plotly figures out; labels come in as words."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from plotly.graph_objects import Figure

from ui.charts.template import BASELINE, CONTEXT, LABEL, ORANGE, PETROL, SERIES, figure, rows
from ui.words import numbers


def _week_axis() -> dict:
    return {"type": "date", "tickformat": numbers.axis_format(), "nticks": 5}


def weeks_bars(weeks: np.ndarray, values: np.ndarray, height: int = 180) -> Figure:
    """One bar a week, the newest in petrol; `weeks` datetime64 [W], `values` int [W]."""
    colour = [CONTEXT] * max(0, len(weeks) - 1) + [PETROL]
    bars = {
        "type": "bar",
        "x": weeks,
        "y": values,
        "marker": {"color": colour},
        "hovertemplate": f"%{{x|{numbers.hover_format()}}}<br><b>%{{y:,}}</b><extra></extra>",
    }
    return figure([bars], height, yaxis={"showgrid": True, "tickformat": ",", "nticks": 4, "rangemode": "tozero"}, xaxis=_week_axis())


def weeks_by_behaviour(weeks: np.ndarray, series: dict[str, np.ndarray]) -> Figure:
    """Stacked bars a week, one colour a behaviour, largest at the bottom; at most six, as a chart carries no more colours."""
    order = sorted(series, key=lambda name: -int(series[name].sum()))[: len(SERIES)]
    bars = [
        {
            "type": "bar",
            "x": weeks,
            "y": series[name],
            "name": name,
            "marker": {"color": SERIES[i]},
            "hovertemplate": f"{name}<br>%{{x|{numbers.hover_format()}}}<br><b>%{{y:,}}</b><extra></extra>",
        }
        for i, name in enumerate(order)
    ]
    return figure(
        bars,
        230,
        barmode="stack",
        bargap=0.2,
        showlegend=len(order) > 1,
        legend={"traceorder": "normal"},
        margin={"l": 0, "r": 12, "t": 28 if len(order) > 1 else 8, "b": 0},
        yaxis={"showgrid": True, "tickformat": ",", "nticks": 5, "rangemode": "tozero"},
        xaxis=_week_axis(),
    )


def funnel_bars(stages: Sequence[str], shoppers: Sequence[int], notes: Sequence[str]) -> Figure:
    """Shoppers who reached each stage, with its number and share of the first stage at the end of the bar."""
    top = max(max(shoppers), 1)
    bars = {
        "type": "bar",
        "orientation": "h",
        "y": list(range(len(stages))),
        "x": list(shoppers),
        "width": 0.55,
        "marker": {"color": PETROL},
        "text": list(notes),
        "textposition": "outside",
        "cliponaxis": False,
        "customdata": list(stages),
        "hovertemplate": "%{customdata}<br><b>%{text}</b><extra></extra>",
    }
    return figure(
        [bars],
        56 * len(stages) + 20,
        showlegend=False,
        xaxis={"range": [0, top * 1.45], "showticklabels": False, "fixedrange": True},
        yaxis=rows(stages),
    )


def long_tail(rank: np.ndarray, share: np.ndarray, items_for_80: int, note: str, x_title: str, y_title: str) -> Figure:
    """Cumulative share of events by item rank; a dotted line marks where 80% are reached."""
    line = {
        "type": "scatter",
        "mode": "lines",
        "x": rank,
        "y": share,
        "line": {"color": PETROL, "width": 2},
        "fill": "tozeroy",
        "fillcolor": "rgba(76,155,160,0.14)",
        "hovertemplate": "%{x:,}<br><b>%{y:.1%}</b><extra></extra>",
    }
    dotted = {"color": BASELINE, "width": 1, "dash": "dot"}
    shapes = [
        {"type": "line", "x0": items_for_80, "x1": items_for_80, "y0": 0, "y1": 0.8, "line": dotted},
        {"type": "line", "x0": 0, "x1": items_for_80, "y0": 0.8, "y1": 0.8, "line": dotted},
    ]
    says = {"x": items_for_80, "y": 0.8, "text": note, "xanchor": "left", "yanchor": "top", "xshift": 8, "yshift": -6, "showarrow": False}
    return figure(
        [line],
        230,
        shapes=shapes,
        annotations=[{**says, "font": {"size": 12, "color": LABEL}}],
        showlegend=False,
        xaxis={"tickformat": ",", "title": x_title, "nticks": 5},
        yaxis={"showgrid": True, "tickformat": ".0%", "range": [0, 1.04], "nticks": 5, "title": y_title},
    )


def events_per_shopper(edges: np.ndarray, counts: np.ndarray, x_title: str, y_title: str, hover: str) -> Figure:
    """Histogram with the given bins, one bar a bin, so that a long tail stays readable."""
    last = [f"{int(a):,}" if b - a <= 1 else f"{int(a):,}–{int(b) - 1:,}" for a, b in pairwise(edges)]
    bars = {
        "type": "bar",
        "x": list(range(len(counts))),
        "y": counts,
        "marker": {"color": PETROL},
        "customdata": last,
        "hovertemplate": f"%{{customdata}} {hover}<br><b>%{{y:,}}</b><extra></extra>",
    }
    step = max(1, -(-len(last) // 7))
    ticks = {"tickvals": list(range(0, len(last), step)), "ticktext": last[::step], "tickangle": 0}
    return figure(
        [bars],
        230,
        bargap=0.15,
        showlegend=False,
        xaxis={**ticks, "title": x_title},
        yaxis={"showgrid": True, "tickformat": ",", "nticks": 5, "title": y_title},
    )


def outcome_bar(parts: Sequence[tuple[str, int]]) -> Figure:
    """One bar of all records: accepted, skipped, rejected."""
    total = sum(n for _, n in parts) or 1
    colours = (PETROL, CONTEXT, ORANGE)
    bars = [
        {
            "type": "bar",
            "orientation": "h",
            "x": [n],
            "y": [0],
            "name": name,
            "width": 1,
            "marker": {"color": colours[i]},
            "hovertemplate": f"{name} <b>%{{x:,}}</b><extra></extra>",
        }
        for i, (name, n) in enumerate(parts)
        if n
    ]
    hidden = {"visible": False, "fixedrange": True}
    return figure(
        bars,
        24,
        barmode="stack",
        bargap=0,
        showlegend=False,
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        xaxis={**hidden, "range": [0, total]},
        yaxis=hidden,
    )
