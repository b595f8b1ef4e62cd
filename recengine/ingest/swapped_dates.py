"""Dates whose day and month could be swapped: how real cells read either way, and what speaks for one."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa

from recengine.ingest.chinese_dates import plain_dates
from recengine.ingest.raw import RawTable
from recengine.ingest.times import WRITTEN, TimeFormat, parse_times

SAMPLE_CELLS = 4_000
STEPS_NEEDED = 20  # from one day to another before their order says anything
IN_ORDER, OUT_OF_ORDER = 0.99, 0.96


def time_cells(raw: RawTable, name: str) -> list[str]:
    """The first cells of a column that are not blank."""
    return [cell for cell in raw.some(name, 0, SAMPLE_CELLS).to_pylist() if cell and cell.strip()]


def two_readings(cells: list[str], most: int = 2) -> list[tuple[str, str, str]]:
    """(cell, as day first, as month first) of cells that mean two different days, the days as words: 3 April 2025."""
    found: dict[str, tuple[str, str, str]] = {}
    plain = plain_dates(pa.array(cells, pa.string())).to_pylist()
    for cell, text in zip(cells, plain, strict=True):
        match = re.match(WRITTEN, text)
        if match is None or len(match["a"]) > 2 or int(match["a"]) == int(match["b"]) or cell in found:
            continue
        by_day, by_month = (parse_times(pa.array([cell]), TimeFormat.TEXT, day_first)[0] for day_first in (True, False))
        if not (np.isnan(by_day) or np.isnan(by_month)):
            found[cell] = (cell.strip(), day_in_words(by_day), day_in_words(by_month))
        if len(found) == most:
            break
    return list(found.values())


def ordered(cells: list[str]) -> bool | None:
    """Whether the rows are in the order of time with the day first (True) or the month first (False); None where neither or both are.

    An order may rise or fall. Of the steps from one day to another 99% have to follow it, and at most 96% under the other reading: rows in
    order that are read wrongly rise through twelve "months" and fall once.
    """
    by_day, by_month = (_in_order(parse_times(pa.array(cells), TimeFormat.TEXT, day_first)) for day_first in (True, False))
    if np.isnan(by_day) or np.isnan(by_month):
        return None
    if by_day >= IN_ORDER and by_month <= OUT_OF_ORDER:
        return True
    return False if by_month >= IN_ORDER and by_day <= OUT_OF_ORDER else None


def span(cells: list[str], day_first: bool) -> tuple[str, str]:
    """First and last day of the cells as words; "" where none is a date that way."""
    seconds = parse_times(pa.array(cells), TimeFormat.TEXT, day_first)
    seconds = seconds[~np.isnan(seconds)]
    return (day_in_words(seconds.min()), day_in_words(seconds.max())) if len(seconds) else ("", "")


def day_in_words(seconds: float) -> str:
    """3 April 2025, whatever the machine's language."""
    moment = datetime.fromtimestamp(int(seconds), UTC)
    return f"{moment.day} {MONTHS[moment.month - 1]} {moment.year}"


def _in_order(seconds: np.ndarray) -> float:
    steps = np.diff(seconds[~np.isnan(seconds)] // 86_400)
    moves = steps[steps != 0]
    return max(float((moves > 0).mean()), float((moves < 0).mean())) if len(moves) >= STEPS_NEEDED else np.nan


MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
)  # fmt: skip
