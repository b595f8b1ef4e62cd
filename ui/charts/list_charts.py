"""Charts of a whole list: what each signal or past item adds to every item, one item as a bar of forces, and old against new."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from recengine.types.explanations import ListTerm, MovedItem
from ui.charts.forms import slope
from ui.charts.labels import distinct, label
from ui.charts.template import BASELINE, CONTEXT, LABEL, ORANGE, PETROL, figure, rows, signed
from ui.words import told_name

MOST_TERMS = 10
COLUMNS = 40  # in which dots of nearly equal contribution are spread upwards and downwards
SPREAD = 0.3  # of a row's height
Part = tuple[str, float]  # name and contribution


def digits_for(values: Sequence[float]) -> int:
    """Digits behind the point with which the largest of these still has three that say something, 1 to 4."""
    size = max((abs(v) for v in values), default=0.0)
    return 1 if size >= 100 else 2 if size >= 10 else 3 if size >= 0.1 else 4


def list_strip(terms: Sequence[ListTerm], titles: Sequence[str], chosen: int = -1) -> go.Figure | None:
    """A row a signal or past item, a dot an item of the list: what it adds there; the upright mark is the mean.

    Args:
        terms: the largest first; at most `MOST_TERMS` are drawn.
        titles: of the items, in the order of the list.
        chosen: place of the item that wears a ring, -1 for none.

    Returns:
        None without a term.
    """
    shown = list(terms)[:MOST_TERMS]
    if not shown or not titles:
        return None
    n, m = len(shown), len(titles)
    x = np.array([term.adds for term in shown], dtype=np.float64)  # [n, m]
    y = np.arange(n)[:, None] + np.array([spread(row) for row in x])  # [n, m]
    digits = digits_for(x.ravel().tolist())
    names = [f"{place + 1}. {label(title, 48)}" for place, title in enumerate(titles)]
    custom = np.array([[name, signed(v, digits)] for row in x for name, v in zip(names, row, strict=True)])
    flat, up = (x == 0).ravel(), (x >= 0).ravel()
    dots = {
        "type": "scatter",
        "mode": "markers",
        "x": x.ravel(),
        "y": y.ravel(),
        "marker": {
            "size": np.where(flat, 5, 8),  # an item to which the row adds nothing is context
            "color": np.where(flat, CONTEXT, np.where(up, PETROL, ORANGE)),
            "symbol": np.where(up, "circle", "diamond"),
            "opacity": 0.85,
        },
        "customdata": custom,
        "hovertemplate": "%{customdata[0]}<br><b>%{customdata[1]}</b><extra></extra>",
        "cliponaxis": False,
    }
    means = {
        "type": "scatter",
        "mode": "markers",
        "x": [term.mean for term in shown],
        "y": list(range(n)),
        "marker": {"size": 22, "color": LABEL, "symbol": "line-ns-open", "line": {"width": 2, "color": LABEL}},
        "hoverinfo": "skip",
    }
    traces = [dots, means]
    if 0 <= chosen < m:
        ring = {"size": 15, "color": LABEL, "symbol": "circle-open", "line": {"width": 1.5, "color": LABEL}}
        traces.append({"type": "scatter", "mode": "markers", "x": x[:, chosen], "y": y[:, chosen], "marker": ring, "hoverinfo": "skip"})
    low, high = min(0.0, float(x.min())), max(0.0, float(x.max()))
    span = (high - low) or 1.0
    return figure(
        traces,
        height=40 * n + 40,
        showlegend=False,
        margin={"l": 0, "r": 12, "t": 4, "b": 0},
        xaxis={
            "showgrid": True,
            "zeroline": True,
            "zerolinecolor": BASELINE,
            "tickformat": f"+.{max(0, digits - 1)}f",
            "nticks": 5,
            "fixedrange": True,
            "range": [low - 0.04 * span, high + 0.06 * span],
        },
        yaxis=rows([label(told_name(term.name), 40) for term in shown]),
    )


def spread(values: np.ndarray) -> np.ndarray:
    """float64 [m] in ±SPREAD: dots that would lie on top of each other stand above and below the row, in turn."""
    if len(values) == 0:
        return np.zeros(0)
    span = float(np.ptp(values)) or 1.0
    column = np.minimum(((values - values.min()) / span * COLUMNS).astype(np.int64), COLUMNS - 1)
    order = np.argsort(column, kind="stable")
    counts = np.bincount(column, minlength=COLUMNS)
    within = np.empty(len(values), dtype=np.int64)
    within[order] = np.arange(len(values)) - np.repeat(np.cumsum(counts) - counts, counts)
    sign = np.where(within % 2 == 0, -1.0, 1.0)
    return sign * ((within + 1) // 2) / max(3, (int(counts.max()) + 1) // 2) * SPREAD


def force_parts(parts: Sequence[Part], start: float) -> tuple[list[Part], list[Part], list[float], list[float]]:
    """Where each part of a force bar lies: what raises the score ends at it, what lowers it begins there, the largest nearest.

    Returns:
        Raising parts and lowering parts, the largest first, and the left end of each.
    """
    score = start + sum(value for _, value in parts)
    up = sorted((p for p in parts if p[1] > 0), key=lambda p: -p[1])
    down = sorted((p for p in parts if p[1] < 0), key=lambda p: p[1])
    left_up = [score - float(total) for total in np.cumsum([value for _, value in up])]
    left_down = [score - float(total) for total in np.concatenate([[0.0], np.cumsum([value for _, value in down])[:-1]])] if down else []
    return up, down, left_up, left_down


def force_bar(parts: Sequence[Part], start: float, start_label: str, score_label: str) -> go.Figure | None:
    """One score as forces: petrol pushes it up from the left, orange holds it down from the right; they meet at the score.

    Args:
        parts: names and contributions.
        start: where the sum starts.
        start_label: name of the start.
        score_label: name of the score.

    Returns:
        None where nothing moves the score.
    """
    up, down, left_up, left_down = force_parts(parts, start)
    if not up and not down:
        return None
    score = start + sum(value for _, value in parts)
    pieces = [*zip(up, left_up, strict=True), *zip(down, left_down, strict=True)]
    width = np.array([abs(part[1]) for part, _ in pieces])
    left = np.array([at for _, at in pieces])
    low, high = min(float(left.min()), start), max(float((left + width).max()), start)
    span = high - low
    digits = digits_for([*width.tolist(), score])
    bars = {
        "type": "bar",
        "orientation": "h",
        "y": [0] * len(pieces),
        "base": left,
        "x": width,
        "width": 0.5,
        "marker": {
            "color": [PETROL] * len(up) + [ORANGE] * len(down),
            "opacity": [1.0 if i % 2 == 0 else 0.72 for n in (len(up), len(down)) for i in range(n)],  # neighbours tell apart
        },
        "customdata": [[label(part[0], 48), signed(part[1], digits)] for part, _ in pieces],
        "hovertemplate": "%{customdata[0]}<br><b>%{customdata[1]}</b><extra></extra>",
    }
    common = {"showarrow": False, "font": {"size": 12, "color": LABEL}}
    share = (score - low) / span
    notes = []
    # on two lines, each towards the wider side: on a phone they would not fit beside each other
    for part, y, wide, inner, outer in (
        (up[:1], -0.32, share > 0.5, ("right", score), ("left", low)),
        (down[:1], -0.86, share < 0.5, ("left", score), ("right", high)),
    ):
        if part:
            anchor, x = inner if wide else outer
            text = f"{label(part[0][0], 26)} <b>{signed(part[0][1], digits)}</b>"
            notes.append({**common, "x": x, "y": y, "yanchor": "top", "xanchor": anchor, "text": text})
    for at, y, text in ((start, 0.85, start_label), (score, 0.4, score_label)):
        place = (at - low) / span
        anchor = "left" if place < 0.3 else "right" if place > 0.7 else "center"
        notes.append({**common, "x": at, "y": y, "yanchor": "bottom", "xanchor": anchor, "text": f"{text} <b>{at:.{digits}f}</b>"})
    lines = [
        {"type": "line", "x0": at, "x1": at, "y0": -0.28, "y1": y, "line": {"color": colour, "width": wide}}
        for at, y, colour, wide in ((start, 0.85, BASELINE, 1.5), (score, 0.4, LABEL, 2.5))
    ]
    return figure(
        [bars],
        height=190,
        annotations=notes,
        shapes=lines,
        showlegend=False,
        margin={"l": 0, "r": 0, "t": 4, "b": 0},
        xaxis={"range": [low - 0.03 * span, high + 0.03 * span], "showticklabels": False, "fixedrange": True},
        yaxis={"range": [-1.35, 1.3], "showticklabels": False, "fixedrange": True},
    )


def what_if_slope(moved: Sequence[MovedItem], k: int, left: str, right: str, new: str, gone: str) -> go.Figure | None:
    """Old list against new list: a line an item; None without any."""
    inside = [row for row in moved if 0 < row.old_rank <= k or 0 < row.new_rank <= k]
    if not inside:
        return None
    before = [row.old_rank if 0 < row.old_rank <= k else None for row in inside]
    after = [row.new_rank if 0 < row.new_rank <= k else None for row in inside]
    return slope(distinct([row.title for row in inside], 28), before, after, left, right, new, gone)
