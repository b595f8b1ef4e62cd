"""Charts of one item across all lists: its places, what brings it there, what holds it back."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from recengine.types.items import MeanTerm
from ui.charts.forms import diverging_bars, waterfall
from ui.charts.labels import label
from ui.charts.template import CONTEXT, PETROL, figure, rows
from ui.words import told_name

MOST_BARS = 8


def places_chart(ranks: Sequence[int], k: int, x_title: str, y_title: str) -> go.Figure:
    """Lists by the item's place; those beyond the k-th just miss it and are grey."""
    places = list(range(1, len(ranks) + 1))
    trace = {
        "type": "bar",
        "x": places,
        "y": list(ranks),
        "marker": {"color": [PETROL if place <= k else CONTEXT for place in places]},
        "hovertemplate": f"{x_title} %{{x}}<br><b>%{{y:,}}</b><extra></extra>",
    }
    return figure(
        [trace],
        height=230,
        showlegend=False,
        xaxis={"title": x_title, "tickvals": [1, *range(5, len(ranks) + 1, 5)], "fixedrange": True},
        yaxis={"title": y_title, "showgrid": True, "nticks": 4, "tickformat": ",d", "rangemode": "tozero", "fixedrange": True},
    )


def folded(terms: Sequence[MeanTerm], rest: str) -> tuple[list[str], list[float]]:
    """Names and means of the largest terms, the smaller ones as one step, so that the sum stays."""
    ordered = sorted(terms, key=lambda t: (-abs(t.mean), t.key))
    shown = ordered if len(ordered) <= MOST_BARS else ordered[: MOST_BARS - 1]
    names, steps = [label(told_name(t.name), 34) for t in shown], [t.mean for t in shown]
    if len(shown) < len(ordered):
        names.append(label(rest, 34))
        steps.append(sum(t.mean for t in ordered[len(shown) :]))
    return names, steps


def brings_chart(terms: Sequence[MeanTerm], base: float, base_label: str, total_label: str, rest: str) -> go.Figure:
    """From the mean base to the mean score on the lists that have the item."""
    names, steps = folded(terms, rest)
    fig = waterfall(names, steps, base, base_label, total_label)
    low, high = fig.layout.xaxis.range
    if high > low:
        fig.update_layout(xaxis_range=[low - (0.18 if low < 0 else 0) * (high - low), high + 0.12 * (high - low)])
    return fig


def holds_chart(terms: Sequence[MeanTerm], rest: str) -> go.Figure:
    """Left of zero: what the item has less of than the last item that made the list."""
    names, steps = folded(terms, rest)
    fig = diverging_bars(names, steps, [0.0] * len(steps), digits=4)
    reach = 1.9 * (max((abs(step) for step in steps), default=0.0) or 1.0)  # a phone needs room for the numbers beside the bars
    fig.update_layout(xaxis={"tickformat": "+.3f", "nticks": 4, "range": [-reach, reach]}, height=37 * len(steps) + 30)
    fig.update_traces(hovertemplate="%{customdata}<br><b>%{x:+.4f}</b><extra></extra>")
    return fig


def past_chart(terms: Sequence[MeanTerm]) -> go.Figure:
    """Past items by the number of lists on which they are among those that speak most for the item."""
    shown = list(terms)[:MOST_BARS]
    return ranked_bars([label(t.name, 40) for t in shown], [t.n for t in shown])


def ranked_bars(labels: Sequence[str], counts: Sequence[int]) -> go.Figure:
    """Horizontal bars of counts, largest first, with the number at the end."""
    reach = max(counts, default=1) or 1
    trace = {
        "type": "bar",
        "orientation": "h",
        "y": list(range(len(counts))),
        "x": list(counts),
        "width": 0.5,
        "marker": {"color": PETROL},
        "text": [f"{n:,}" for n in counts],
        "textposition": "outside",
        "cliponaxis": False,
        "customdata": list(labels),
        "hovertemplate": "%{customdata}<br><b>%{text}</b><extra></extra>",
    }
    return figure(
        [trace],
        height=37 * len(counts) + 12,
        margin={"l": 0, "r": 0, "t": 4, "b": 0},
        showlegend=False,
        xaxis={"range": [0, 1.2 * reach], "showticklabels": False, "fixedrange": True},
        yaxis=rows(labels),
    )
