"""How stored values become text for people: times, prices, titles."""

from __future__ import annotations

import math
from datetime import UTC, datetime

from recengine.data.dataset import Catalogue


def iso(time_s: float) -> str:
    """A moment as ISO text in UTC, to the second; "" for none."""
    return datetime.fromtimestamp(time_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if time_s else ""


def day(time_s: float) -> str:
    """A moment as an ISO date in UTC."""
    return datetime.fromtimestamp(time_s, UTC).strftime("%Y-%m-%d")


def readable_title(title: str, item_id: str) -> str:
    """A title in sentence case when the file shouts, the id where there is none; exports keep the original."""
    text = " ".join(title.split())
    if not text:
        return item_id
    return text.capitalize() if text.isupper() and len(text) > 4 else text


def item_title(catalogue: Catalogue, code: int) -> str:
    """Title of an item for a screen; "unknown item" for -1."""
    if code < 0:
        return "unknown item"
    return readable_title(str(catalogue.titles[code]), str(catalogue.vocabulary.ids[code]))


def known(value: float) -> float | None:
    """A number, or None where it is NaN."""
    return None if math.isnan(value) else float(value)
