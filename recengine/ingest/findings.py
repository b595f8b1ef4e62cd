"""What a person should see before a log is learnt from: each oddity with its rows and what can be done about it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recengine.columns import Reject

DAY_S = 86_400
SHOWN = 50  # rows of one finding
OFTEN = 0.001  # of the events; below, repeated lines are no finding
QUICK_SHARE = 0.05
EMPTY_SHARE = 0.05
OUTLIER_RATIO, PIECES_RATIO, PIECES = 10, 50, 100  # as in `quality` and `oddities`
SOON_S = 2 * DAY_S  # clocks and time zones differ by less
COLUMNS = (
    "line", "shopper", "item", "title", "time", "price", "pieces", "usual", "events", "busiest", "day", "id", "same_as", "column",
    "value", "reason", "share",
)  # fmt: skip
TEXTS = frozenset({"shopper", "item", "id", "same_as", "title"})  # columns of findings that hold text of the file


@dataclass(frozen=True)
class Finding:
    """One oddity."""

    code: str  # duplicates, quick_repeats, bots, busy_days, early, late, future, prices, pieces, similar_items, ...
    events: int  # that it concerns
    things: int  # shoppers, items, days, groups or columns that it concerns; 0 where it is about events alone
    columns: tuple[str, ...]  # what the cells of its rows are, of COLUMNS
    rows: tuple[tuple[Any, ...], ...]  # up to 50, the most telling first
    cleaning: dict[str, Any] = field(default_factory=dict)  # fields of `cleaning.Cleaning` that do something about it
    not_products: tuple[str, ...] = ()  # regular expressions for `Mapping.not_products` that do


@dataclass(frozen=True, eq=False)
class Log:
    """A typed log, as findings look at it."""

    users: np.ndarray  # int [n], codes
    items: np.ndarray
    behaviours: np.ndarray
    times_s: np.ndarray
    prices: np.ndarray  # float [n], NaN where unknown
    quantities: np.ndarray
    baskets: np.ndarray  # int [n]
    lines: np.ndarray  # of the file, 0 where unknown
    user_ids: pa.Array
    item_ids: pa.Array
    titles: pa.Array  # [n_items]


def find(
    log: Log, rejects: pa.Table, quality: dict[str, Any], empty: Sequence[tuple[str, float]], dated: bool, hide: frozenset[str]
) -> list[Finding]:
    """Findings in order of weight; nothing odd gives none.

    Args:
        log: rows in canonical order, so that equal events stand side by side.
        rejects: columns of `columns.Reject`.
        quality: a `quality.QualityReport` as JSON, of the same file.
        empty: (column, share of its empty cells) of the columns that have a meaning and may be empty.
        dated: whether `times_s` are seconds.
        hide: shopper, item, title, and names of columns of the file, whose texts hold personal data and are shown with their middle
            hidden.

    Cost: 0.2 s for 400,000 events.
    """
    odd = quality["oddities"]
    found: list[Finding | None] = []
    if dated:
        found += [*_dates(log), _bots(log, odd), _busy(log, odd)]
    found.append(_duplicates(log, quality["duplicates"]))
    if dated and odd["quick_repeats_share"] > QUICK_SHARE:
        found.append(_quick(log))
    found += [_prices(log, quality["price_outliers"]), _pieces(log, odd["quantity_outliers"])]
    for code, ids, codes, groups, n in (
        ("similar_shoppers", log.user_ids, log.users, quality["similar_shoppers"], quality["similar_shopper_groups"]),
        ("similar_items", log.item_ids, log.items, quality["similar_items"], quality["similar_item_groups"]),
    ):
        found.append(_similar(code, log, ids, codes, groups, n))
    found += [_suspects(log, quality["suspect_items"]), *_unreadable(rejects, hide), _empty(empty)]
    return [_hidden(finding, hide) for finding in found if finding is not None]


def _dates(log: Log) -> list[Finding | None]:
    """Events after now, and events far before or after the others."""
    from recengine.ingest.oddities import usual_days

    first, last = usual_days(log.times_s)
    late = log.times_s >= (last + 1) * DAY_S
    future = log.times_s > time.time() + SOON_S
    out = []
    for code, mask, rule in (
        ("early", log.times_s < first * DAY_S, {"first_day": _iso(first)}),
        ("future", future, {"last_day": _iso(min(last, int(time.time() // DAY_S)))}),
        ("late", late & ~future, {"last_day": _iso(last)}),
    ):
        rows = np.flatnonzero(mask)
        if len(rows):
            order = rows[np.argsort(log.times_s[rows] * (1 if code == "early" else -1), kind="stable")]
            out.append(Finding(code, len(rows), 0, *_table(log, order, ("line", "shopper", "item", "time")), cleaning=rule))
    return out


def _bots(log: Log, odd: dict[str, Any]) -> Finding | None:
    if not odd["bot_shoppers"]:
        return None
    from recengine.ingest.oddities import bot_limit

    place = _place(log.user_ids)
    rows = [(_first_line(log, log.users == place(who)), who, n, most) for who, n, most in odd["bots"]]
    rule = {"max_events_a_day": bot_limit(log.users, log.times_s), "bots": "drop"}
    return Finding("bots", odd["bot_events"], odd["bot_shoppers"], ("line", "shopper", "events", "busiest"), tuple(rows), rule)


def _busy(log: Log, odd: dict[str, Any]) -> Finding | None:
    if not odd["busy_days"]:
        return None
    days = log.times_s // DAY_S
    rows = [(_first_line(log, days == _day(day)), day, n) for day, n in odd["busy_days"]]
    return Finding("busy_days", sum(n for _, n in odd["busy_days"]), len(rows), ("line", "day", "events"), tuple(rows))


def _duplicates(log: Log, n: int) -> Finding | None:
    if n <= OFTEN * len(log.users) or not n:
        return None
    again = np.ones(len(log.users) - 1, dtype=bool)
    for column in (log.users, log.times_s, log.items, log.behaviours, log.baskets):
        again &= column[1:] == column[:-1]
    for column in (log.prices, log.quantities):
        again &= (column[1:] == column[:-1]) | (np.isnan(column[1:]) & np.isnan(column[:-1]))
    rows = np.flatnonzero(again) + 1
    return Finding("duplicates", n, 0, *_table(log, rows, ("line", "shopper", "item", "time")), cleaning={"merge_seconds": 0})


def _quick(log: Log) -> Finding | None:
    from recengine.ingest.cleaning import CodedEvents, repeats
    from recengine.ingest.oddities import QUICK_S

    anyhow = np.zeros(len(log.users), dtype=np.int8)  # whatever the basket
    again = repeats(CodedEvents(log.users, log.items, log.behaviours, log.times_s, log.quantities, anyhow), QUICK_S)
    rows = np.flatnonzero(again)
    rule = {"merge_seconds": QUICK_S}
    return Finding("quick_repeats", len(rows), 0, *_table(log, rows, ("line", "shopper", "item", "time")), cleaning=rule)


def _prices(log: Log, n: int) -> Finding | None:
    if not n:
        return None
    usual = _usual(log.items, log.prices)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = log.prices / usual
        far = np.where(ratio > 1, ratio, 1 / ratio)
    rows = np.flatnonzero(far > OUTLIER_RATIO)
    rows = rows[np.argsort(-far[rows], kind="stable")]
    return Finding("prices", n, len(np.unique(log.items[rows])), *_table(log, rows, ("line", "item", "price", "usual"), usual))


def _pieces(log: Log, n: int) -> Finding | None:
    if not n:
        return None
    usual = _usual(log.items, log.quantities)
    with np.errstate(invalid="ignore"):
        rows = np.flatnonzero((log.quantities > PIECES) & (log.quantities > PIECES_RATIO * usual))
    rows = rows[np.argsort(-log.quantities[rows], kind="stable")]
    return Finding("pieces", n, len(np.unique(log.items[rows])), *_table(log, rows, ("line", "item", "pieces", "usual"), usual))


def _similar(code: str, log: Log, ids: pa.Array, codes: np.ndarray, groups: Sequence[Sequence[str]], n: int) -> Finding | None:
    if not n:
        return None
    place, rows = _place(ids), []
    counts = np.bincount(codes, minlength=len(ids))
    for group in groups:
        often = sorted(((int(counts[place(name)]), name) for name in group), reverse=True)
        rows += [(_first_line(log, codes == place(name)), name, often[0][1], events) for events, name in often[1:]]
    rows.sort(key=lambda row: -row[3])
    return Finding(code, sum(row[3] for row in rows), n, ("line", "id", "same_as", "events"), tuple(rows[:SHOWN]))


def _suspects(log: Log, suspects: Sequence[Sequence[Any]]) -> Finding | None:
    if not suspects:
        return None
    place = _place(log.item_ids)
    rows = tuple((_first_line(log, log.items == place(item)), item, title, n) for item, title, n in suspects)
    words = tuple(re.escape(str(item)) for item, _, _ in suspects)
    return Finding("suspects", sum(n for *_, n in suspects), len(rows), ("line", "item", "title", "events"), rows, not_products=words)


def _unreadable(rejects: pa.Table, hide: frozenset[str]) -> list[Finding]:
    """Records that were rejected for a cell that is no time or no number, or that could not be cut into cells."""
    from recengine.ingest.convert import BAD_PRICE, BAD_QUANTITY, BAD_RATING, NO_TIME
    from recengine.ingest.privacy import hidden

    told = rejects.filter(pc.equal(rejects[Reject.KIND], "rejected"))
    numbers = pa.array([rule.reason for rule in (BAD_PRICE, BAD_QUANTITY, BAD_RATING)])
    out = []
    for code, mask in (
        ("bad_times", pc.equal(told[Reject.REASON], NO_TIME.reason)),
        ("bad_numbers", pc.is_in(told[Reject.REASON], value_set=numbers)),
        ("bad_cells", pc.equal(told[Reject.COLUMN], "")),
    ):
        rows = told.filter(mask)
        cells = rows.slice(0, SHOWN).select([Reject.LINE, Reject.COLUMN, Reject.VALUE, Reject.REASON]).to_pylist()
        for cell in cells:
            if cell[Reject.COLUMN] in hide or (code == "bad_cells" and hide):
                cell[Reject.VALUE] = hidden(cell[Reject.VALUE])
        if code == "bad_cells":
            table = tuple((c[Reject.LINE], c[Reject.REASON], c[Reject.VALUE]) for c in cells)
            out.append(Finding(code, rows.num_rows, 0, ("line", "reason", "value"), table))
        else:
            table = tuple((c[Reject.LINE], c[Reject.COLUMN], c[Reject.VALUE]) for c in cells)
            out.append(Finding(code, rows.num_rows, 0, ("line", "column", "value"), table))
    return [finding for finding in out if finding.events]


def _empty(empty: Sequence[tuple[str, float]]) -> Finding | None:
    often = sorted(((name, share) for name, share in empty if share > EMPTY_SHARE), key=lambda row: -row[1])
    return Finding("empty", 0, len(often), ("column", "share"), tuple(often)) if often else None


def _table(
    log: Log, rows: np.ndarray, columns: tuple[str, ...], usual: np.ndarray | None = None
) -> tuple[tuple[str, ...], tuple[tuple[Any, ...], ...]]:
    """These columns of the first of these rows."""
    shown = rows[:SHOWN]
    cells: dict[str, Callable[[], list[Any]]] = {
        "line": lambda: log.lines[shown].tolist(),
        "shopper": lambda: log.user_ids.take(pa.array(log.users[shown])).to_pylist(),
        "item": lambda: log.item_ids.take(pa.array(log.items[shown])).to_pylist(),
        "time": lambda: [datetime.fromtimestamp(int(t), UTC).strftime("%Y-%m-%d %H:%M:%S") for t in log.times_s[shown]],
        "price": lambda: log.prices[shown].astype(float).tolist(),
        "pieces": lambda: log.quantities[shown].astype(float).tolist(),
        "usual": lambda: usual[shown].astype(float).tolist() if usual is not None else [],
    }
    return columns, tuple(zip(*(cells[name]() for name in columns), strict=True))


def _hidden(finding: Finding, hide: frozenset[str]) -> Finding:
    from recengine.ingest.privacy import hidden

    places = {k for k, name in enumerate(finding.columns) if name in TEXTS and name in hide}
    if (finding.code == "similar_shoppers" and "shopper" in hide) or (finding.code == "similar_items" and "item" in hide):
        places |= {k for k, name in enumerate(finding.columns) if name in ("id", "same_as")}
    if not places:
        return finding

    def kept(text: str) -> str:  # blanks around an id may be what is odd about it
        inner = text.strip()
        before = len(text) - len(text.lstrip())
        return text[:before] + hidden(inner) + text[before + len(inner) :] if inner else text

    rows = tuple(tuple(kept(str(cell)) if k in places else cell for k, cell in enumerate(row)) for row in finding.rows)
    return Finding(finding.code, finding.events, finding.things, finding.columns, rows, finding.cleaning, finding.not_products)


def _usual(items: np.ndarray, values: np.ndarray) -> np.ndarray:
    """float64 [n]: the middle value of the same item, NaN where none is above 0."""
    with np.errstate(invalid="ignore"):
        known = np.flatnonzero(values > 0)
    out = np.full(int(items.max(initial=-1)) + 1, np.nan)
    if len(known):
        order = known[np.lexsort((values[known], items[known]))]
        starts = np.flatnonzero(np.r_[True, np.diff(items[order]) != 0])
        sizes = np.diff(np.r_[starts, len(order)])
        out[items[order[starts]]] = values[order[starts + (sizes - 1) // 2]]
    return out[items]


def _place(ids: pa.Array) -> Callable[[str], int]:
    return lambda name: int(pc.index(ids, name).as_py())


def _first_line(log: Log, mask: np.ndarray) -> int:
    lines = log.lines[mask]
    return int(lines.min(initial=np.iinfo(np.int32).max)) if len(lines) else 0


def _day(day: str) -> int:
    return int(datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=UTC).timestamp()) // DAY_S


def _iso(day: int) -> str:
    return datetime.fromtimestamp(day * DAY_S, UTC).strftime("%Y-%m-%d")
