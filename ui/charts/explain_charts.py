"""Charts of one explanation: how the score adds up, and which past events are inside it."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from recengine.types import Explanation
from ui.charts.forms import event_timeline
from ui.charts.labels import label
from ui.charts.list_charts import digits_for
from ui.charts.template import figure, rows, signed
from ui.words import numbers, told_name

MOST_BARS = 10  # base, signals, total


def folded(explanation: Explanation, other: str, bars: int = MOST_BARS, odds: bool = False) -> tuple[list[str], list[float]]:
    """Names and contributions for the waterfall: the largest terms, the rest as one step, so that the sum is kept.

    Args:
        explanation: the view.
        other: name of the folded step.
        bars: bars of the finished chart, with base and total; at least 3.
        odds: contributions to the log-odds instead of those to the score.
    """
    terms = sorted((t for t in explanation.terms if t.kind != "base"), key=lambda t: -abs(t.contribution))
    steps = [float(t.log_odds or 0.0) if odds else float(t.contribution) for t in terms]
    room = bars - 2
    names = [label(told_name(t.name), 34) for t in terms]
    if len(terms) <= room:
        return names, steps
    return [*names[: room - 1], label(other, 34)], [*steps[: room - 1], float(sum(steps[room - 1 :]))]


def shown_score(explanation: Explanation) -> float:
    """The number at the end of the sum: what gives the item its place."""
    return explanation.score if explanation.shown is None else explanation.shown


def adds_up(explanation: Explanation, tolerance: float = 1e-6) -> bool:
    """Whether base, terms and what the policy did give the shown score, computed from the parts themselves."""
    total = explanation.base + sum(t.contribution for t in (*explanation.terms, *explanation.policy) if t.kind != "base")
    shown = shown_score(explanation)
    return bool(abs(total - shown) <= tolerance * max(1.0, abs(shown), abs(explanation.score)))


def odds_add_up(explanation: Explanation, tolerance: float = 1e-6) -> bool:
    """Whether the log-odds of base and terms give those of the score, and these the score itself."""
    if explanation.base_log_odds is None or explanation.score_log_odds is None:
        return False
    total = explanation.base_log_odds + sum(t.log_odds or 0.0 for t in explanation.terms if t.kind != "base")
    chance = 1.0 / (1.0 + float(np.exp(-explanation.score_log_odds)))
    return bool(abs(total - explanation.score_log_odds) <= tolerance and abs(chance - explanation.score) <= tolerance)


def score_waterfall(
    explanation: Explanation, base_label: str, total_label: str, other: str, placed_label: str = "", odds: bool = False
) -> go.Figure:
    """From the base to the score, largest step first, at most `MOST_BARS` bars; what the policy did follows, down to the shown score.

    Args:
        explanation: the view.
        base_label: name of the start.
        total_label: name of the score.
        other: name of the step that holds the small terms.
        placed_label: name of the end after what the policy did.
        odds: in log-odds, where a policy has no part.
    """
    names, steps = folded(explanation, other, odds=odds)
    base = float(explanation.base_log_odds or 0.0) if odds else explanation.base
    policy = () if odds else explanation.policy
    after = [float(term.contribution) for term in policy]
    score = base + sum(steps)
    digits = digits_for([base, score, *steps])
    names = [base_label, *names, total_label, *(label(told_name(term.name), 34) for term in policy), *([placed_label] if policy else [])]
    ends = [f"{signed(score, digits) if odds else numbers.metric(score, digits)}"]
    trace = {
        "type": "waterfall",
        "orientation": "h",
        "measure": ["absolute", *["relative"] * len(steps), "total", *["relative"] * len(after), *(["total"] if policy else [])],
        "y": list(range(len(names))),
        "x": [base, *steps, 0, *after, *([0] if policy else [])],
        "width": 0.6,
        "text": [
            signed(base, digits) if odds else numbers.metric(base, digits),
            *[signed(step, digits) for step in steps],
            *ends,
            *[signed(step, digits) for step in after],
            *([numbers.metric(score + sum(after), digits)] if policy else []),
        ],
        "textposition": "outside",
        "cliponaxis": False,
        "customdata": names,
        "hovertemplate": "%{customdata}<br><b>%{text}</b><extra></extra>",
    }
    running = np.cumsum([base, *steps, *after])
    low, high = min(0.0, float(running.min())), max(0.0, float(running.max()))
    span = (high - low) or 1.0  # numbers stand right of rising bars and left of falling ones; a phone needs room for them
    falls = any(step < 0 and at - low < 0.2 * span for step, at in zip([*steps, *after], running[1:], strict=True))
    room = 0.36 if low < 0 else 0.2 if falls else 0.0
    return figure(
        [trace],
        height=37 * len(names) + 12,
        margin={"l": 0, "r": 0, "t": 4, "b": 0},
        showlegend=False,
        xaxis={"range": [low - room * span, high + 0.34 * span], "showticklabels": False, "fixedrange": True},
        yaxis=rows(names),
    )


def past_events(explanation: Explanation, y_title: str) -> go.Figure | None:
    """Past events on their days, with what each one adds to the score; None without events."""
    if not explanation.events:
        return None
    days = event_days(explanation)
    values = np.array([e.contribution for e in explanation.events])
    titles = [label(e.title, 34) for e in explanation.events]
    formats = (numbers.axis_format(), numbers.hover_format())
    fig = event_timeline(days.astype(object).tolist(), values.tolist(), titles, y_title, formats=formats)
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
    digits = 0 if span >= 20 else 1 if span >= 2 else 2 if span >= 0.08 else 3 if span >= 0.008 else 4
    fig.update_layout(yaxis_tickformat=f"+.{digits}f")
    fig.update_layout(height=220 if below else 190, xaxis_tickangle=0, xaxis_nticks=4)
    return fig


def event_days(explanation: Explanation) -> np.ndarray:
    """Day of every past event, datetime64[D] [E]."""
    return np.array([e.time[:10] for e in explanation.events], dtype="datetime64[D]")
