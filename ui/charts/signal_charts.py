"""Charts of what a ranker weighs: groups, signals, pairs of signals, and how well its chances hold."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from recengine.types.funnel import Dependence, FamilyWeight, FunnelInsight, FunnelJudgement, HeadView
from ui.charts.forms import diverging_bars, heatmap, interval_dots
from ui.charts.labels import label
from ui.charts.template import BASELINE, CONTEXT, LABEL, MARKS, PETROL, figure, rows
from ui.charts.template import signed as signed_text
from ui.words import told_name

SWARM_BINS = 60  # columns in which points of equal contribution are spread upwards and downwards
SWARM_HALF = 0.38  # of a row's height
MOST_SIGNALS = 10
MOST_IN_HEAT = 8


def family_shares(families: tuple[FamilyWeight, ...]) -> go.Figure:
    """Part of each group in everything that moves a score, largest first."""
    trace = {
        "type": "bar",
        "orientation": "h",
        "y": list(range(len(families))),
        "x": [f.share for f in families],
        "width": 0.5,
        "marker": {"color": PETROL},
        "text": [f"{f.share:.0%}" for f in families],
        "textposition": "outside",
        "cliponaxis": False,
        "customdata": [label(told_name(f.title)) for f in families],
        "hovertemplate": "%{customdata}<br><b>%{text}</b><extra></extra>",
    }
    reach = max((f.share for f in families), default=1.0)
    return figure(
        [trace],
        height=37 * len(families) + 12,
        margin={"l": 0, "r": 0, "t": 4, "b": 0},
        showlegend=False,
        xaxis={"range": [0, 1.18 * reach], "showticklabels": False, "fixedrange": True},
        yaxis=rows([label(told_name(f.title)) for f in families]),
    )


def family_adds(families: tuple[FamilyWeight, ...]) -> go.Figure | None:
    """NDCG@10 that is lost without each group, with its interval; None where it was not measured."""
    known = [(f, f.adds) for f in families if f.adds is not None and np.isfinite([f.adds.value, f.adds.low, f.adds.high]).all()]
    if not known:
        return None
    known.sort(key=lambda pair: -pair[1].value)
    fig = diverging_bars(
        [label(told_name(f.title)) for f, _ in known], [a.value for _, a in known], [(a.high - a.low) / 2 for _, a in known], digits=3
    )
    low, high = min(0.0, *(a.low for _, a in known)), max(0.0, *(a.high for _, a in known))
    span = (high - low) or 1.0  # numbers stand beyond the intervals, and a phone has little room for them
    fig.update_layout(xaxis={"tickformat": "+.2f", "nticks": 4, "range": [low - 0.35 * span, high + 0.5 * span]})
    fig.update_traces(hovertemplate="%{customdata}<br><b>%{x:+.4f}</b><extra></extra>")
    return fig


def beeswarm(insight: FunnelInsight) -> go.Figure | None:
    """A dot a candidate and signal: how far it moves the log-odds, darker for a higher value of the signal; unknown values are grey."""
    shown = insight.dependence[:MOST_SIGNALS]
    if not shown:
        return None
    titles = {s.key: told_name(s.title) for s in insight.signals}
    x = np.concatenate([np.asarray(d.adds) for d in shown])
    place = np.concatenate([np.full(len(d.adds), float(i)) for i, d in enumerate(shown)])
    height = np.concatenate([_heights(np.asarray(d.adds)) for d in shown])
    value = np.concatenate([_ranks(d) for d in shown])
    known = np.isfinite(value)
    common = {"type": "scattergl", "mode": "markers", "hoverinfo": "skip"}
    traces = [
        {**common, "x": x[~known], "y": (place + height)[~known], "marker": {"size": 4, "color": CONTEXT}},
        {
            **common,
            "x": x[known],
            "y": (place + height)[known],
            "marker": {"size": 4, "color": value[known], "colorscale": MARKS, "cmin": 0, "cmax": 1},
        },
    ]
    return figure(
        traces,
        height=38 * len(shown) + 44,
        showlegend=False,
        margin={"l": 0, "r": 12, "t": 4, "b": 0},
        xaxis={"showgrid": True, "zeroline": True, "zerolinecolor": BASELINE, "tickformat": "+.1f", "nticks": 6, "fixedrange": True},
        yaxis=rows([label(titles.get(d.key, d.key)) for d in shown]),
    )


def _heights(adds: np.ndarray) -> np.ndarray:
    """float64 [n] in ±SWARM_HALF: points of one column stand above and below each other, in turn."""
    if len(adds) == 0:
        return np.zeros(0)
    span = float(np.ptp(adds)) or 1.0
    column = np.minimum(((adds - adds.min()) / span * SWARM_BINS).astype(np.int64), SWARM_BINS - 1)
    order = np.argsort(column, kind="stable")
    counts = np.bincount(column, minlength=SWARM_BINS)
    within = np.empty(len(adds), dtype=np.int64)
    within[order] = np.arange(len(adds)) - np.repeat(np.cumsum(counts) - counts, counts)
    sign = np.where(within % 2 == 0, 1.0, -1.0)
    return sign * ((within + 1) // 2) / max(1, (int(counts.max()) + 1) // 2) * SWARM_HALF


def _ranks(dependence: Dependence) -> np.ndarray:
    """float64 [n] in 0 … 1: place of each value among the known ones, equal values alike; NaN where unknown."""
    values = np.array([np.nan if v is None else v for v in dependence.values], dtype=np.float64)
    known = np.isfinite(values)
    out = np.full(len(values), np.nan)
    if known.any():
        _, inverse, counts = np.unique(values[known], return_inverse=True, return_counts=True)
        middle = np.cumsum(counts) - (counts + 1) / 2
        out[known] = (middle / max(1, known.sum() - 1))[inverse]
    return out


_MULTIPLES = {"type": "log", "dtick": "D2", "ticksuffix": " ×"}  # half and twice are as far from once


def dependence_plot(dependence: Dependence, x_title: str, y_title: str) -> go.Figure | None:
    """Value of one signal against what it adds; None where no value is known."""
    values = np.array([np.nan if v is None else v for v in dependence.values], dtype=np.float64)
    known = np.isfinite(values)
    if not known.any():
        return None
    trace = {
        "type": "scatter",
        "mode": "markers",
        "x": values[known],
        "y": np.asarray(dependence.adds)[known],
        "marker": {"size": 6, "color": PETROL, "opacity": 0.55},
        "hovertemplate": "%{x:.3g}<br><b>%{y:+.3f}</b><extra></extra>",
    }
    return figure(
        [trace],
        height=300,
        showlegend=False,
        xaxis={"showgrid": True, "title": x_title} | (_MULTIPLES if dependence.multiple else {"nticks": 6}),
        yaxis={"showgrid": True, "zeroline": True, "zerolinecolor": BASELINE, "tickformat": "+.2f", "title": y_title},
    )


def interaction_heat(insight: FunnelInsight) -> go.Figure | None:
    """What two signals add only together, for the signals of the strongest pairs; None without pairs."""
    keys: list[str] = []
    for pair in insight.interactions:
        for key in (pair.first, pair.second):
            if key not in keys and len(keys) < MOST_IN_HEAT:
                keys.append(key)
    if len(keys) < 2:
        return None
    cells = np.full((len(keys), len(keys)), np.nan)
    for pair in insight.interactions:
        if pair.first in keys and pair.second in keys:
            i, j = keys.index(pair.first), keys.index(pair.second)
            cells[max(i, j), min(i, j)] = pair.strength
    titles = {s.key: told_name(s.title) for s in insight.signals}
    names = [label(titles.get(key, key), 30) for key in keys]
    places = [str(i + 1) for i in range(len(keys))]  # long names stand once, beside the rows
    sides = [f"{place}  {name}" for place, name in zip(places, names, strict=True)]
    fig = heatmap(cells[1:, :-1].tolist(), places[:-1], sides[1:], fmt=".2f")
    return fig.update_layout(xaxis={"type": "category", "tickvals": places[:-1], "ticktext": places[:-1]})


def segment_heat(insight: FunnelInsight, names: list[str], signed: bool) -> go.Figure | None:
    """What each group adds for each segment of shoppers: its mean size, or its mean with the sign; None where it was not measured."""
    if not insight.segments:
        return None
    titles = {f.family: told_name(f.title) for f in insight.families}
    keys = [f.family for f in insight.segments[0].families]
    values = [{f.family: f.mean if signed else f.size for f in segment.families} for segment in insight.segments]
    cells = [[of_segment[key] for of_segment in values] for key in keys]
    fig = heatmap(cells, names, [label(titles.get(key, key), 26) for key in keys], fmt=".2f", diverging=signed)
    if signed:
        fig.update_traces(text=[[signed_text(value, 2) for value in row] for row in cells], texttemplate="%{text}")
    return fig.update_layout(xaxis={"fixedrange": True}, yaxis={"fixedrange": True})


def reliability(head: HeadView, x_title: str, y_title: str) -> go.Figure | None:
    """Predicted against observed in ten groups of equal size, beside the line on which they are equal; None without groups."""
    if not head.bins:
        return None
    predicted = np.array([b.predicted for b in head.bins])
    observed = np.array([b.observed for b in head.bins])
    top = 1.08 * max(float(predicted.max()), float(observed.max()), 1e-4)
    diagonal = {
        "type": "scatter",
        "mode": "lines",
        "x": [0, top],
        "y": [0, top],
        "line": {"color": BASELINE, "width": 1, "dash": "dot"},
        "hoverinfo": "skip",
    }
    points = {
        "type": "scatter",
        "mode": "lines+markers",
        "x": predicted,
        "y": observed,
        "line": {"color": CONTEXT, "width": 1.5},
        "marker": {"size": 9, "color": PETROL},
        "customdata": [b.n for b in head.bins],
        "hovertemplate": "%{x:.2%} → <b>%{y:.2%}</b><br>%{customdata:,}<extra></extra>",
        "cliponaxis": False,
    }
    digits = ".0%" if top > 0.1 else ".1%" if top > 0.01 else ".2%"
    return figure(
        [diagonal, points],
        height=300,
        showlegend=False,
        xaxis={"showgrid": True, "tickformat": digits, "title": x_title, "range": [0, top], "nticks": 5},
        yaxis={"showgrid": True, "tickformat": digits, "title": y_title, "range": [0, top], "nticks": 5},
    )


def against_generators(judgement: FunnelJudgement, funnel: str) -> go.Figure:
    """NDCG@10 of the funnel and of each of its models alone, with intervals, best first."""
    known = [(funnel, judgement.ndcg), *((g.title, g.ndcg) for g in judgement.generators)]
    known.sort(key=lambda pair: -np.nan_to_num(pair[1].value, nan=-1))
    names = [label(name, 26) for name, _ in known]
    fig = interval_dots(
        names, [e.value for _, e in known], [e.low for _, e in known], [e.high for _, e in known], highlight=names.index(label(funnel, 26))
    )
    fig.update_layout(yaxis={"autorange": False, "range": [len(names) - 0.4, -0.6]}, xaxis_nticks=5, font_color=LABEL)
    return fig
