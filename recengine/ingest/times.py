"""Time cells → seconds since 1970 UTC: epochs of four units, ISO, day-first and month-first dates, Excel serial days."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recengine.ingest.chinese_dates import plain_dates

YEAR_OF_MMDD = 2014  # of the one public log whose days have no year; only known formats ask for it
MAX_TIME_S = 4_102_444_800  # 2100-01-01


class TimeFormat(StrEnum):
    """How a time column is written."""

    EPOCH_S = "epoch_s"
    EPOCH_MS = "epoch_ms"
    EPOCH_US = "epoch_us"
    EPOCH_NS = "epoch_ns"
    YYYYMMDD = "yyyymmdd"
    MMDD = "mmdd"  # a day without a year
    EXCEL = "excel_days"
    TEXT = "text"  # a written date: ISO, or day and month in either order
    ROW_ORDER = "row_order"  # no time column: the line number is the time


TIME_WORDS = {
    TimeFormat.EPOCH_S: "seconds since 1970",
    TimeFormat.EPOCH_MS: "milliseconds since 1970",
    TimeFormat.EPOCH_US: "microseconds since 1970",
    TimeFormat.EPOCH_NS: "nanoseconds since 1970",
    TimeFormat.YYYYMMDD: "dates such as 20101201",
    TimeFormat.MMDD: "days such as 1201, without a year",
    TimeFormat.EXCEL: "Excel serial days",
    TimeFormat.TEXT: "written dates",
    TimeFormat.ROW_ORDER: "the order of the rows",
}
PER_SECOND = {TimeFormat.EPOCH_S: 1, TimeFormat.EPOCH_MS: 10**3, TimeFormat.EPOCH_US: 10**6, TimeFormat.EPOCH_NS: 10**9}

ISO = r"^\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?)?$"
# One pattern for every written date; a and c are year or day, decided by their length and by `day_first`.
WRITTEN = (
    r"^\s*(?P<a>\d{1,4})[-/.年](?P<b>\d{1,2})[-/.月](?P<c>\d{1,4})日?"
    r"(?:[T ,]+(?P<h>\d{1,2})(?::(?P<m>\d{2})(?::(?P<s>\d{2})(?:[.,]\d+)?)?)?\s*(?P<p>[AaPp]\.?[Mm]\.?)?)?"
    r"\s*(?P<z>Z|UTC|GMT|[+-]\d{2}:?(?:\d{2})?)?\s*$"
)


@dataclass(frozen=True)
class TimeGuess:
    """What a column of times looks like."""

    format: TimeFormat
    share: float  # of the non-empty cells that are understood
    day_first: bool | None  # None where the order is not in question
    ambiguous: bool  # day and month could be swapped in every cell
    zoned: bool  # cells name a zone


def guess_time(cells: list[str]) -> TimeGuess | None:
    """The time format of a sample of non-empty cells, or None when most of them are no times.

    Numbers are told apart by size: 8 digits that are a date, 5 digits with or without a fraction (Excel), then 1e8–1e10 seconds,
    and a thousand times more for each finer unit.
    """
    if not cells:
        return None
    counts: dict[TimeFormat, int] = {}
    if not all(map(str.isascii, cells)):
        cells = plain_dates(pa.array(cells, pa.string())).to_pylist()
    for cell in cells:
        if (kind := _kind_of(cell.strip())) is not None:
            counts[kind] = counts.get(kind, 0) + 1
    if not counts:
        return None
    best = max(counts, key=lambda kind: counts[kind])
    share = counts[best] / len(cells)
    if best is not TimeFormat.TEXT:
        return TimeGuess(best, share, None, False, True)
    matches = [m for cell in cells if (m := re.match(WRITTEN, cell))]
    both = [(int(m["a"]), int(m["b"])) for m in matches if len(m["a"]) <= 2]
    zoned = sum(m["z"] is not None for m in matches) > len(matches) / 2
    if not both:
        return TimeGuess(best, share, None, False, zoned)
    first_big, second_big = any(a > 12 for a, _ in both), any(b > 12 for _, b in both)
    if first_big == second_big:
        return TimeGuess(best, share, True, not first_big, zoned)
    return TimeGuess(best, share, first_big, False, zoned)


@lru_cache(2**15)
def _kind_of(cell: str) -> TimeFormat | None:
    if re.fullmatch(r"\d+(\.\d+)?(e\+?\d+)?", cell, re.IGNORECASE):
        if re.fullmatch(r"(19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])", cell):
            return TimeFormat.YYYYMMDD
        value = float(cell)
        if 20_000 <= value <= 60_000:
            return TimeFormat.EXCEL
        for kind, scale in PER_SECOND.items():
            if 1e8 * scale <= value < 4.2e9 * scale:
                return kind
        return None
    return TimeFormat.TEXT if re.match(WRITTEN, cell) else None


def parse_times(column: pa.ChunkedArray | pa.Array, kind: TimeFormat, day_first: bool | None) -> np.ndarray:
    """Seconds since 1970 UTC of every cell.

    Args:
        column: string [n], or whole numbers.
        kind: How it is written.
        day_first: Whether 01/12/2010 is the first of December; None counts as True.

    Returns:
        float64 [n], NaN where the cell is empty, not understood or outside 1970 to 2100. A time without a zone counts as UTC.

    Cost: each distinct cell is parsed once; 3 M cells/s for all-distinct ISO times.
    """
    if kind in PER_SECOND:
        seconds = np.floor(_plain_numbers(column) / PER_SECOND[kind])
    else:
        coded = pc.dictionary_encode(column)
        if isinstance(coded, pa.ChunkedArray):
            coded = coded.combine_chunks() if coded.num_chunks != 1 else coded.chunk(0)
        if isinstance(coded, pa.ChunkedArray):  # no chunks at all
            return np.empty(0)
        words = coded.dictionary if pa.types.is_string(coded.dictionary.type) else coded.dictionary.cast(pa.string())
        if kind is TimeFormat.EXCEL:
            values = np.round((_plain_numbers(words) - 25_569) * 86_400)
        elif kind in (TimeFormat.YYYYMMDD, TimeFormat.MMDD):
            digits = _plain_numbers(words)
            if kind is TimeFormat.MMDD:
                digits = np.where((digits >= 101) & (digits <= 1231), digits + YEAR_OF_MMDD * 10_000, np.nan)
            digits[~((digits >= 0) & (digits < 1e8))] = np.nan
            whole = np.nan_to_num(digits).astype(np.int64)
            values = _civil(whole // 10_000, whole // 100 % 100, whole % 100) * 86_400.0
            values[np.isnan(digits)] = np.nan
        else:
            values = _written(words, day_first is not False)
        indices = coded.indices.fill_null(len(values)).to_numpy(zero_copy_only=False)
        seconds = np.append(values, np.nan)[indices]
    return _inside(seconds)


def seconds_say(seconds: pa.Array) -> np.ndarray:
    """Seconds since 1970 UTC as `parse_times` gives them, of a column that holds seconds already."""
    return _inside(_plain_numbers(seconds))


def _inside(seconds: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore"):
        seconds[~((seconds >= 0) & (seconds < MAX_TIME_S))] = np.nan
    return seconds


def _plain_numbers(column: pa.ChunkedArray | pa.Array) -> np.ndarray:
    """float64 of decimal numbers, NaN for everything else."""
    try:
        return np.array(column.cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)
    except pa.ArrowInvalid:
        column = plain_dates(column) if isinstance(column, pa.Array) else pa.chunked_array([plain_dates(c) for c in column.chunks])
        good = pc.match_substring_regex(column, r"^\s*[+-]?\d+(\.\d*)?([eE][+-]?\d+)?\s*$")
        trimmed = pc.utf8_trim_whitespace(pc.if_else(good, column, pa.scalar(None, pa.string())))
        return np.array(trimmed.cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)


def _written(words: pa.Array, day_first: bool) -> np.ndarray:
    words = plain_dates(words)
    out = np.full(len(words), np.nan)
    plain = pc.replace_substring_regex(words, r"(\s*UTC|Z)$", "")
    iso = pc.match_substring_regex(plain, ISO).fill_null(False).to_numpy(zero_copy_only=False)
    if iso.any():
        try:
            stamps = pc.cast(plain.filter(pa.array(iso)), pa.timestamp("ns")).cast(pa.int64()).to_numpy(zero_copy_only=False)
            out[iso] = stamps // 10**9
        except pa.ArrowInvalid:  # an impossible date such as 2010-13-45 among them
            iso[:] = False
    rest = np.flatnonzero(~iso)
    if len(rest):
        out[rest] = _by_parts(words.take(pa.array(rest)), day_first)
    return out


def _by_parts(words: pa.Array, day_first: bool) -> np.ndarray:
    parts = pc.extract_regex(words, WRITTEN)
    valid = parts.is_valid().to_numpy(zero_copy_only=False)

    def number(name: str, blank: int = 0) -> np.ndarray:
        text = parts.field(name)
        text = pc.if_else(pc.equal(text, ""), str(blank), text).fill_null(str(blank))
        return text.cast(pa.int64()).to_numpy(zero_copy_only=False)

    a, b, c = number("a", 1), number("b", 1), number("c", 1)
    year_first = pc.equal(pc.utf8_length(parts.field("a").fill_null("0000")), 4).to_numpy(zero_copy_only=False)
    long_year = pc.equal(pc.utf8_length(parts.field("c").fill_null("")), 4).to_numpy(zero_copy_only=False)
    year = np.where(year_first, a, np.where(long_year, c, np.where(c < 70, 2000 + c, 1900 + c)))
    month = np.where(year_first | day_first, b, a)
    day = np.where(year_first, c, a if day_first else b)
    half = pc.utf8_lower(parts.field("p").fill_null(""))
    is_pm = pc.starts_with(half, "p").to_numpy(zero_copy_only=False)
    is_am = pc.starts_with(half, "a").to_numpy(zero_copy_only=False)
    hour, minute, second = number("h"), number("m"), number("s")
    valid &= ~((is_pm | is_am) & ((hour < 1) | (hour > 12)))
    hour = np.where(is_pm & (hour < 12), hour + 12, np.where(is_am & (hour == 12), 0, hour))
    zone = parts.field("z").fill_null("")
    digits = pc.if_else(pc.match_substring_regex(zone, r"^[+-]"), pc.replace_substring_regex(zone, r"[^0-9]", ""), "0")
    digits = pc.if_else(pc.equal(pc.utf8_length(digits), 2), pc.binary_join_element_wise(digits, "00", ""), digits)
    offset = digits.cast(pa.int64()).to_numpy(zero_copy_only=False)
    sign = np.where(pc.starts_with(zone, "-").to_numpy(zero_copy_only=False), -1, 1)
    offset_s = sign * (offset // 100 * 3_600 + offset % 100 * 60)
    days = _civil(year, month, day)
    valid &= (hour < 24) & (minute < 60) & (second < 61)
    seconds = days * 86_400 + hour * 3_600 + minute * 60 + second - offset_s
    return np.where(valid, seconds, np.nan)


def _civil(year: np.ndarray, month: np.ndarray, day: np.ndarray) -> np.ndarray:
    """Days since 1970-01-01 of a date of the Gregorian calendar, NaN where there is no such day."""
    ok = (month >= 1) & (month <= 12) & (day >= 1) & (year >= 1) & (year <= 9999)
    y, m = np.where(ok, year, 2000), np.where(ok, month, 1)
    first = ((y - 1970) * 12 + m - 1).astype("datetime64[M]")
    days = first.astype("datetime64[D]").astype(np.int64)
    length = (first + 1).astype("datetime64[D]").astype(np.int64) - days
    return np.where(ok & (day <= length), days + day - 1, np.nan).astype(np.float64)
