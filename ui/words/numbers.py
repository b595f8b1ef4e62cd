"""How numbers, money, dates and sizes are written, one function a kind; every page and chart uses these."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TypeGuard

import numpy as np

from ui.words.language import language

MINUS = "\u2212"
NONE = "–"
_UNITS = ((1e9, "GB"), (1e6, "MB"), (1e3, "KB"))


def _known(value: float | None) -> TypeGuard[float]:
    return value is not None and math.isfinite(value)


def _minus(text: str) -> str:
    return text.replace("-", MINUS) if text.strip("-0.,%") else text.replace("-", "")


def count(value: float | None) -> str:
    """541,909; over 10 million 12.4 M, or 1,240 万 and 1.24 亿."""
    if not _known(value):
        return NONE
    if abs(value) >= 1e7 and language() == "zh":
        return _minus(f"{value / 1e8:,.2f} 亿" if abs(value) >= 1e8 else f"{value / 1e4:,.0f} 万")
    return _minus(f"{value / 1e6:,.1f} M" if abs(value) >= 1e7 else f"{round(value):,}")


def share(value: float | None, digits: int = 1) -> str:
    """38.4% from 0.384."""
    if not _known(value):
        return NONE
    if 0 < value < 0.5 * 10 ** -(digits + 2):
        return f"< {10**-digits:.{digits}f}%"
    return _minus(f"{value * 100:.{digits}f}%")


def points(value: float | None, digits: int = 1) -> str:
    """+6.2 pts, or +6.2 个百分点, from a change of share of 0.062."""
    if not _known(value):
        return NONE
    return f"{signed(value * 100, digits)} {'个百分点' if language() == 'zh' else 'pts'}"


def metric(value: float | None, digits: int = 3) -> str:
    """0.131."""
    return _minus(f"{value:.{digits}f}") if _known(value) else NONE


def signed(value: float | None, digits: int = 3) -> str:
    """+0.120, −0.034 or 0.000, with a true minus sign."""
    if not _known(value):
        return NONE
    text = f"{abs(value):,.{digits}f}"
    return text if not text.strip("0.,") else ("+" if value > 0 else MINUS) + text


def delta(value: float | None, digits: int = 3) -> str:
    """As `signed`, but with the ASCII minus that st.metric needs to colour a loss."""
    return signed(value, digits).replace(MINUS, "-")


def interval(low: float | None, high: float | None, digits: int = 3) -> str:
    """0.124 – 0.138."""
    return f"{metric(low, digits)} – {metric(high, digits)}" if _known(low) and _known(high) else NONE


def plus_minus(low: float | None, high: float | None, digits: int = 3) -> str:
    """± 0.007: half the width of the interval."""
    return f"± {(high - low) / 2:.{digits}f}" if _known(low) and _known(high) else NONE


def money(value: float | None, currency: str = "") -> str:
    """£10.95, −£3.00, EUR 10.95 for a code, 10.95 when the currency is unknown."""
    if not _known(value):
        return NONE
    sign = MINUS if value < 0 and round(abs(value), 2) else ""
    gap = " " if currency and currency[-1].isalnum() else ""
    return f"{sign}{currency}{gap}{abs(value):,.2f}"


def moment(value: str | datetime | np.datetime64 | None) -> datetime | None:
    """A point in time (UTC) from ISO text, numpy or datetime; None from nothing."""
    if value is None or (isinstance(value, str) and not value) or (isinstance(value, np.datetime64) and np.isnat(value)):
        return None
    when: datetime
    if isinstance(value, np.datetime64):
        when = value.astype("datetime64[s]").item()
    else:
        when = datetime.fromisoformat(value) if isinstance(value, str) else value
    return when.astimezone(UTC) if when.tzinfo else when.replace(tzinfo=UTC)


def date(value: str | datetime | np.datetime64 | None) -> str:
    """8 Dec 2011, or 2011-12-08."""
    when = moment(value)
    if when is None:
        return NONE
    return f"{when:%Y-%m-%d}" if language() == "zh" else f"{when.day} {when:%b} {when.year}"


def clock(value: str | datetime | np.datetime64 | None) -> str:
    """8 Dec 2011, 12:50, or 2011-12-08 12:50."""
    when = moment(value)
    return NONE if when is None else f"{date(when)}{' ' if language() == 'zh' else ', '}{when:%H:%M}"


def iso_date(value: str | datetime | np.datetime64 | None) -> str:
    """2011-12-08, for tables."""
    when = moment(value)
    return NONE if when is None else f"{when:%Y-%m-%d}"


def axis_format(days: bool = False) -> str:
    """How a chart writes the dates of an axis: %b %Y, or %Y-%m; with days %d %b, or %m-%d. No month has a Chinese name in Plotly."""
    if language() == "zh":
        return "%m-%d" if days else "%Y-%m"
    return "%d %b" if days else "%b %Y"


def hover_format() -> str:
    """How a chart writes one date: %d %b %Y, or %Y-%m-%d."""
    return "%Y-%m-%d" if language() == "zh" else "%d %b %Y"


def ago(value: str | datetime | np.datetime64 | None, now: datetime | None = None) -> str:
    """just now, 5 min ago, 3 h ago, 2 days ago, or 刚刚, 5 分钟前, 3 小时前, 2 天前; a date after a month."""
    when = moment(value)
    if when is None:
        return NONE
    zh = language() == "zh"
    gone = ((now or datetime.now(UTC)) - when).total_seconds()
    if gone < 60:
        return "刚刚" if zh else "just now"
    if gone < 3600:
        return f"{int(gone // 60)} 分钟前" if zh else f"{int(gone // 60)} min ago"
    if gone < 86400:
        return f"{int(gone // 3600)} 小时前" if zh else f"{int(gone // 3600)} h ago"
    days = int(gone // 86400)
    if days > 30:
        return date(when)
    return f"{days} 天前" if zh else "1 day ago" if days == 1 else f"{days} days ago"


def duration(seconds: float | None) -> str:
    """0.4 s, 12 s, 2 min, 1 h 20 min, or 0.4 秒, 12 秒, 2 分钟, 1 小时 20 分钟."""
    if not _known(seconds):
        return NONE
    s, min_, h = ("秒", "分钟", "小时") if language() == "zh" else ("s", "min", "h")
    if seconds < 9.95:
        return f"{seconds:.1f} {s}"
    if seconds < 90:
        return f"{round(seconds)} {s}"
    hours, minutes = divmod(round(seconds / 60), 60)
    return " ".join(part for part in (f"{hours} {h}" if hours else "", f"{minutes} {min_}" if minutes else "") if part)


def size(n_bytes: float | None) -> str:
    """7.1 MB, in powers of 1,000 as a file manager shows it."""
    if not _known(n_bytes):
        return NONE
    for step, unit in _UNITS:
        if n_bytes >= step:
            return f"{n_bytes / step:,.1f} {unit}"
    return f"{round(n_bytes)} {'字节' if language() == 'zh' else 'bytes'}"


def rough_size(n_bytes: float | None) -> str:
    """190 MB, 1.2 GB: an estimate, in two digits."""
    if not _known(n_bytes):
        return NONE
    digits = max(0, int(math.log10(n_bytes)) - 1) if n_bytes >= 1 else 0
    text = size(round(n_bytes, -digits))
    return text if text.endswith("GB") else text.replace(".0 ", " ")
