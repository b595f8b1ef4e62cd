"""Charts of one shopper: behaviour over time, mix against the shop, prices, hours."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from recengine.types import ShopperView
from ui.charts.labels import distinct, label
from ui.charts.template import BASELINE, CONTEXT, LABEL, PETROL, SEQUENTIAL, SERIES, figure, rows
from ui.words import numbers

MOST_BEHAVIOURS = 6


def period(times: np.ndarray) -> str:
    """Width of a bar by the length of the history: D up to 45 days, W up to a year and a half, M beyond."""
    days = int((times.max() - times.min()).astype("timedelta64[D]").astype(int)) if len(times) else 0
    return "D" if days <= 45 else "W" if days <= 550 else "M"


def counts_by_period(times: np.ndarray, behaviours: Sequence[str]) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Events in every period from the first to the last, empty ones too.

    Args:
        times: datetime64[s] [E].
        behaviours: [E].

    Returns:
        Start of each period, datetime64[D] [P] (weeks start on Monday), and int64 [P] by behaviour, the most frequent first.
    """
    unit = period(times)
    days = times.astype("datetime64[D]")
    if unit == "W":  # 1970-01-01 was a Thursday
        days = days - (days.astype(int) + 3) % 7
        steps = (days - days.min()).astype(int) // 7
        starts = days.min() + 7 * np.arange(steps.max() + 1)
    elif unit == "M":
        months = days.astype("datetime64[M]")
        steps = (months - months.min()).astype(int)
        starts = (months.min() + np.arange(steps.max() + 1)).astype("datetime64[D]")
    else:
        steps = (days - days.min()).astype(int)
        starts = days.min() + np.arange(steps.max() + 1)
    kinds, codes = np.unique(np.asarray(behaviours), return_inverse=True)
    table = np.zeros((len(kinds), len(starts)), dtype=np.int64)
    np.add.at(table, (codes, steps), 1)
    order = np.argsort(-table.sum(axis=1), kind="stable")
    return starts, {str(kinds[i]): table[i] for i in order}


def activity(view: ShopperView, names: dict[str, str], y_title: str) -> go.Figure | None:
    """Events in each period, stacked by behaviour; None without events.

    Args:
        view: the shopper.
        names: behaviour as shown, by its stored name.
        y_title: title of the count axis.
    """
    if not len(view.times):
        return None
    starts, counts = counts_by_period(view.times, view.behaviours)
    width = {"D": 1, "W": 7, "M": 30}[period(view.times)]
    shown = list(counts.items())[:MOST_BEHAVIOURS]
    data = [
        {
            "type": "bar",
            "x": starts.astype(str),
            "y": values,
            "name": label(names.get(kind, kind)),
            "width": 0.8 * width * 86_400_000,
            "xperiodalignment": "start",
            "marker": {"color": SERIES[i]},
            "hovertemplate": f"%{{x|{numbers.hover_format()}}}<br>{label(names.get(kind, kind))} <b>%{{y:,}}</b><extra></extra>",
        }
        for i, (kind, values) in enumerate(shown)
    ]
    pad = np.timedelta64(max(width, 3), "D")
    top = float(np.sum([v for _, v in shown], axis=0).max())
    return figure(
        data,
        height=210,
        barmode="stack",
        showlegend=len(shown) > 1,
        xaxis={"type": "date", "tickformat": numbers.axis_format(days=width == 1 and len(starts) > 3), "nticks": 5,
               "tickangle": 0, "range": [str(starts[0] - pad), str(starts[-1] + pad)]},
        yaxis={"showgrid": True, "tickformat": ",d", "nticks": 4, "title": y_title, "range": [0, 1.08 * top], "rangemode": "tozero"},
        margin={"l": 0, "r": 12, "t": 44 if len(shown) > 1 else 30, "b": 0},
        legend={"y": 1.06, "x": 1, "xanchor": "right"},
    )  # fmt: skip


def paired_shares(mix: Sequence[tuple[str, float, float]], shopper: str, shop: str, most: int = 7) -> go.Figure | None:
    """Share of this shopper's events beside the shop's, the largest differences in both directions kept; None without a mix.

    Args:
        mix: name, the shopper's share, the shop's share; 0 to 1.
        shopper: name of the first series.
        shop: name of the second.
        most: rows shown.
    """
    if not mix:
        return None
    kept = sorted(sorted(mix, key=lambda m: -max(m[1], m[2]))[:most], key=lambda m: m[2] - m[1])
    at = np.arange(len(kept))
    own, all_ = np.array([m[1] for m in kept]), np.array([m[2] for m in kept])
    names = distinct([m[0] for m in kept], 34)
    bar = {"type": "bar", "orientation": "h", "width": 0.34, "customdata": names, "cliponaxis": False}
    data = [
        {**bar, "x": own, "y": at - 0.19, "name": label(shopper), "marker": {"color": PETROL}, "text": [f"{s:.1%}" for s in own],
         "textposition": "outside", "hovertemplate": f"%{{customdata}}<br>{label(shopper)} <b>%{{x:.1%}}</b><extra></extra>"},
        {**bar, "x": all_, "y": at + 0.19, "name": label(shop), "marker": {"color": CONTEXT},
         "hovertemplate": f"%{{customdata}}<br>{label(shop)} <b>%{{x:.1%}}</b><extra></extra>"},
    ]  # fmt: skip
    return figure(
        data,
        height=42 * len(kept) + 40,
        barmode="overlay",
        xaxis={"showticklabels": False, "range": [0, 1.22 * float(max(own.max(), all_.max()))], "fixedrange": True},
        yaxis=rows(names),
        margin={"l": 0, "r": 0, "t": 28, "b": 0},
        legend={"y": 1.0, "x": 0, "traceorder": "normal"},
    )


def price_profile(view: ShopperView, shopper: str, shop: str, currency: str = "") -> go.Figure | None:
    """10–90% as a thin line, 25–75% as a thick one, the median as a dot, on a log axis; None without prices."""
    series = [(shopper, view.price_quantiles, PETROL, "circle"), (shop, view.shop_price_quantiles, BASELINE, "diamond")]
    series = [s for s in series if len(s[1]) == 5 and np.isfinite(s[1]).all() and min(s[1]) > 0]
    if len(series) < 2:
        return None
    data, notes = [], []
    for at, (name, q, colour, symbol) in enumerate(series):
        hover = f"{label(name)}<br>10% {currency}{q[0]:,.2f} · 25% {currency}{q[1]:,.2f} · 50% <b>{currency}{q[2]:,.2f}</b> · 75% {currency}{q[3]:,.2f} · 90% {currency}{q[4]:,.2f}<extra></extra>"  # noqa: E501
        line = {"type": "scatter", "mode": "lines", "y": [at, at], "hovertemplate": hover}
        data.append({**line, "x": [q[0], q[4]], "line": {"width": 2, "color": colour}})
        data.append({**line, "x": [q[1], q[3]], "line": {"width": 9, "color": colour}})
        data.append({"type": "scatter", "mode": "markers", "x": [q[2]], "y": [at], "hovertemplate": hover,
                     "marker": {"size": 15, "color": colour, "symbol": symbol, "line": {"width": 2, "color": CONTEXT}}})  # fmt: skip
        notes.append({"x": float(np.log10(q[2])), "y": at, "yshift": 16, "text": f"<b>{currency}{q[2]:,.2f}</b>", "showarrow": False,
                      "font": {"size": 12, "color": LABEL}})  # fmt: skip
    low, high = min(s[1][0] for s in series), max(s[1][4] for s in series)
    ticks = [t for t in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000) if 0.8 * low <= t <= 1.25 * high]
    edge = 0.06 * (np.log10(high) - np.log10(low) or 1.0)
    return figure(
        data,
        height=170,
        showlegend=False,
        annotations=notes,
        xaxis={"type": "log", "showgrid": True, "tickvals": ticks, "ticktext": [f"{currency}{t:,g}" for t in ticks],
               "range": [float(np.log10(low)) - edge, float(np.log10(high)) + edge]},
        yaxis={**rows([label(s[0]) for s in series]), "range": [len(series) - 0.5, -0.8]},
    )  # fmt: skip


def week_hours(view: ShopperView, weekdays: Sequence[str], events: str) -> go.Figure | None:
    """Events by weekday (Monday on top) and hour; None without events."""
    if not view.hours.any():
        return None
    trace = {
        "type": "heatmap",
        "z": view.hours,
        "x": list(range(24)),
        "y": list(weekdays),
        "colorscale": SEQUENTIAL,
        "zmin": 0,
        "zmax": int(view.hours.max()),
        "showscale": False,
        "hovertemplate": f"%{{y}} %{{x}}:00<br><b>%{{z:,}}</b> {label(events)}<extra></extra>",
    }
    return figure(
        [trace],
        height=230,
        xaxis={"tickvals": list(range(0, 24, 6)), "ticktext": [f"{h:02d}:00" for h in range(0, 24, 6)], "range": [-0.5, 23.5]},
        yaxis={"range": [6.5, -0.5]},
        margin={"l": 0, "r": 0, "t": 4, "b": 0},
    )
