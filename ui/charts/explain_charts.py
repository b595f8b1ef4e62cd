"""Charts of one explanation: how the score adds up, and which past events are inside it."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from recengine.types import Explanation
from ui.charts.forms import event_timeline, waterfall
from ui.charts.labels import label

MOST_BARS = 10  # base, signals, total


def folded(explanation: Explanation, other: str, bars: int = MOST_BARS) -> tuple[list[str], list[float]]:
    """Names and contributions for the waterfall: the largest terms, the rest as one step, so that the sum is kept.

    Args:
        explanation: the view.
        other: name of the folded step.
        bars: bars of the finished chart, with base and total; at least 3.
    """
    terms = sorted((t for t in explanation.terms if t.kind != "base"), key=lambda t: -abs(t.contribution))
    room = bars - 2
    shown = terms if len(terms) <= room else terms[: room - 1]
    names = [label(t.name, 34) for t in shown]
    steps = [float(t.contribution) for t in shown]
    if len(shown) < len(terms):
        names.append(label(other, 34))
        steps.append(float(sum(t.contribution for t in terms[len(shown) :])))
    return names, steps


def adds_up(explanation: Explanation, tolerance: float = 1e-6) -> bool:
    """Whether base and terms give the shown score, computed from the parts themselves."""
    total = explanation.base + sum(t.contribution for t in explanation.terms if t.kind != "base")
    return bool(abs(total - explanation.score) <= tolerance * max(1.0, abs(explanation.score)))


def score_waterfall(explanation: Explanation, base_label: str, total_label: str, other: str) -> go.Figure:
    """From the base to the shown score, largest step first, at most `MOST_BARS` bars."""
    names, steps = folded(explanation, other)
    fig = waterfall(names, steps, explanation.base, base_label, total_label)
    low, high = fig.layout.xaxis.range
    if high - low <= 0:
        fig.update_layout(xaxis_range=[0, 1])
    else:  # numbers stand right of rising bars and left of falling ones; a phone needs more room for them
        fig.update_layout(xaxis_range=[low - (0.18 if low < 0 else 0) * (high - low), high + 0.12 * (high - low)])
    return fig


def past_events(explanation: Explanation, y_title: str, date_format: str = "%b %Y") -> go.Figure | None:
    """Past events on their days, with what each one adds to the score; None without events."""
    if not explanation.events:
        return None
    days = event_days(explanation)
    values = np.array([e.contribution for e in explanation.events])
    fig = event_timeline(
        days.astype(object).tolist(), values.tolist(), [label(e.title, 34) for e in explanation.events], y_title, date_format=date_format
    )
    first, last = days.min(), days.max()
    # one day of events needs a range of its own, and labels at the edge need room beside them
    pad = np.timedelta64(max(5, int((last - first).astype(int) * 0.18)), "D")
    fig.update_layout(xaxis_range=[str(first - pad), str(last + pad)])
    low, high = min(0.0, float(values.min())), max(0.0, float(values.max()))
    span = (high - low) or 1.0
    named = np.array([bool(text) for text in fig.data[1].text])
    below = bool((named & (values < 0)).any())  # the name of a falling event stands under its mark
    fig.update_traces(textposition=np.where(values < 0, "bottom center", "top center"), selector={"mode": "markers+text"})
    fig.update_layout(yaxis_range=[low - (0.55 if below else 0.12) * span, high + (0.55 if (named & (values >= 0)).any() else 0.12) * span])
    # ticks of equal text say nothing: small effects need more digits
    digits = 2 if span >= 0.08 else 3 if span >= 0.008 else 4
    fig.update_layout(yaxis_tickformat=f"+.{digits}f")
    fig.update_layout(height=220 if below else 190, xaxis_tickangle=0, xaxis_nticks=4)
    return fig


def event_days(explanation: Explanation) -> np.ndarray:
    """Day of every past event, datetime64[D] [E]."""
    return np.array([e.time[:10] for e in explanation.events], dtype="datetime64[D]")
