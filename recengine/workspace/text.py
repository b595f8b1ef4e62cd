"""How stored values become text for people: times, prices, titles."""

from __future__ import annotations

import math
from datetime import UTC, datetime


def iso(time_s: float) -> str:
    """A moment as ISO text in UTC, to the second; "" for none."""
    return datetime.fromtimestamp(time_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if time_s else ""


def day(time_s: float) -> str:
    """A moment as an ISO date in UTC."""
    return datetime.fromtimestamp(time_s, UTC).strftime("%Y-%m-%d")


def known(value: float) -> float | None:
    """A number, or None where it is NaN."""
    return None if math.isnan(value) else float(value)
