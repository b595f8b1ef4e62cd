"""Cleaning rules: switches that leave events out, each with what it did; undone by making a version without them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

from recengine.columns import BEHAVIOUR_CODE, Behaviour

DAY_S = 86_400
MOST_PASSES = 1_000  # of the rule on few events; every pass drops somebody, so it ends long before


class Cleaning(BaseModel):
    """Which events are left out before anything is learnt. Everything is off by default."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    first_day: date | None = None
    """Leave out what happened before this day (UTC)."""
    last_day: date | None = None
    """Leave out what happened after this day (UTC)."""
    drop_returns: bool = False
    """Leave out cancellations and returns."""
    drop_returned: bool = False
    """Also leave out the purchase that a return took back: the latest one before it of the same shopper, item and number of pieces."""
    merge_seconds: int | None = Field(default=None, ge=0, le=DAY_S)
    """Leave out an event that repeats one of the same shopper, item, behaviour and basket not more than this many seconds before."""
    max_events_a_day: int | None = Field(default=None, ge=1)
    """The most events of one shopper on one day (UTC) that a person could make; more is a bot."""
    bots: Literal["cut", "drop"] = "cut"
    """Of a bot: cut each day after that many events, or drop all its events."""
    min_shopper_events: int = Field(default=0, ge=0)
    """Leave out shoppers with fewer events than this."""
    min_item_events: int = Field(default=0, ge=0)
    """Leave out items with fewer events than this."""
    repeat_until_stable: bool = True
    """Leaving out items takes events from shoppers, and the other way round: repeat both until all have enough, or do each once,
    shoppers first."""

    @model_validator(mode="after")
    def _sensible(self) -> Cleaning:
        if self.first_day and self.last_day and self.first_day > self.last_day:
            raise ValueError("the first day must not be after the last")
        return self

    @property
    def active(self) -> bool:
        """Whether any rule is on."""
        return self != Cleaning(bots=self.bots, repeat_until_stable=self.repeat_until_stable)


@dataclass(frozen=True, eq=False)
class CodedEvents:
    """The columns that cleaning looks at, in any order of rows."""

    users: np.ndarray  # int [n], codes from 0
    items: np.ndarray  # int [n], codes from 0
    behaviours: np.ndarray  # int8 [n], codes of columns.BEHAVIOURS
    times_s: np.ndarray  # int64 [n]
    quantities: np.ndarray  # float [n], NaN where unknown
    baskets: np.ndarray  # int [n], any code; equal codes are one basket

    def __len__(self) -> int:
        return len(self.users)


@dataclass(frozen=True)
class CleaningStep:
    """What one rule did."""

    rule: str  # a field of Cleaning
    reason: str  # as in the report of rows that were left out
    rows_before: int
    rows_after: int
    shoppers_before: int
    shoppers_after: int
    items_before: int
    items_after: int
    passes: int = 1  # of the rule on few events


@dataclass(frozen=True, eq=False)
class Cleaned:
    """What stays, and why the rest does not."""

    reason: np.ndarray  # int8 [n]: 0 stays, else 1 + index into `reasons`
    reasons: tuple[str, ...]
    steps: tuple[CleaningStep, ...] = field(default=())

    @property
    def keep(self) -> np.ndarray:
        """bool [n]."""
        return self.reason == 0


def clean(events: CodedEvents, rules: Cleaning) -> Cleaned:
    """Apply the rules that are on, in the order of the fields of `Cleaning`.

    Args:
        events: At least the columns named there; rows are looked at in the order of time, ties in the order given.
        rules: What to leave out.

    Returns:
        For every row whether it stays; a row left out meets no later rule.

    Cost: one or two sorts a rule that is on: about 3 s each for ten million events.
    """
    n = len(events)
    work = _Work(events, np.zeros(n, dtype=np.int8), np.arange(n), [], [])
    if rules.first_day or rules.last_day:
        first = _midnight(rules.first_day) if rules.first_day else np.iinfo(np.int64).min
        last = _midnight(rules.last_day) + DAY_S if rules.last_day else np.iinfo(np.int64).max
        times = events.times_s
        work.leave("first_day" if rules.first_day else "last_day", "outside the chosen days", (times < first) | (times >= last))
    if rules.drop_returns or rules.drop_returned:
        returned = events.behaviours == BEHAVIOUR_CODE[Behaviour.RETURN]
        taken_back = work.live[_taken_back(work.part())] if rules.drop_returned else None
        work.leave("drop_returns", "return", returned)
        if taken_back is not None:
            mask = np.zeros(n, dtype=bool)
            mask[taken_back] = True
            work.leave("drop_returned", "purchase that was returned", mask)
    if rules.merge_seconds is not None:
        work.leave("merge_seconds", f"repeats an event within {rules.merge_seconds:,} seconds", work.spread(repeats, rules.merge_seconds))
    if rules.max_events_a_day is not None:
        reason = f"more than {rules.max_events_a_day:,} events on one day"
        work.leave("max_events_a_day", reason, work.spread(_beyond, rules.max_events_a_day, rules.bots == "drop"))
    if rules.min_shopper_events > 1 or rules.min_item_events > 1:
        _too_few(work, rules)
    return Cleaned(work.reason, tuple(work.reasons), tuple(work.steps))


@dataclass(eq=False)
class _Work:
    """The events that are still in, and what was told of each rule."""

    events: CodedEvents
    reason: np.ndarray
    live: np.ndarray  # int64, rows that are still in
    reasons: list[str]
    steps: list[CleaningStep]

    def part(self) -> CodedEvents:
        if len(self.live) == len(self.events):
            return self.events
        e, rows = self.events, self.live
        return CodedEvents(e.users[rows], e.items[rows], e.behaviours[rows], e.times_s[rows], e.quantities[rows], e.baskets[rows])

    def spread(self, rule: Callable[..., np.ndarray], *settings: int) -> np.ndarray:
        """bool [n] of a rule that looks at what is still in."""
        mask = np.zeros(len(self.events), dtype=bool)
        mask[self.live[rule(self.part(), *settings)]] = True
        return mask

    def counts(self) -> tuple[int, int, int]:
        e, rows = self.events, self.live
        return len(rows), _distinct(e.users[rows]), _distinct(e.items[rows])

    def leave(self, rule: str, reason: str, mask: np.ndarray, passes: int = 1) -> None:
        before = self.counts()
        self.reasons.append(reason)
        self.reason[(self.reason == 0) & mask] = len(self.reasons)
        self.live = np.flatnonzero(self.reason == 0)
        after = self.counts()
        self.steps.append(CleaningStep(rule, reason, before[0], after[0], before[1], after[1], before[2], after[2], passes))


def _too_few(work: _Work, rules: Cleaning) -> None:
    """Shoppers and items with few events, told apart by whose fault it was in the pass that dropped the row."""
    e, n = work.events, len(work.events)
    by_shopper, by_item = np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
    live, passes = work.live, 0
    while passes < MOST_PASSES:
        passes += 1
        dropped = 0
        for codes, least, mask in ((e.users, rules.min_shopper_events, by_shopper), (e.items, rules.min_item_events, by_item)):
            if least > 1 and len(live):
                rare = np.bincount(codes[live])[codes[live]] < least
                mask[live[rare]] = True
                live = live[~rare]
                dropped += int(rare.sum())
        if not dropped or not rules.repeat_until_stable:
            break
    if rules.min_shopper_events > 1:
        work.leave("min_shopper_events", f"shopper with fewer than {rules.min_shopper_events:,} events", by_shopper, passes)
    if rules.min_item_events > 1:
        work.leave("min_item_events", f"item with fewer than {rules.min_item_events:,} events", by_item, passes)


def repeats(e: CodedEvents, seconds: int) -> np.ndarray:
    """bool [n]: the event before it with the same shopper, item, behaviour and basket is at most `seconds` older."""
    order = np.lexsort((e.times_s, e.baskets, e.behaviours, e.items, e.users))
    same = np.ones(max(len(order) - 1, 0), dtype=bool)
    for column in (e.users, e.items, e.behaviours, e.baskets):
        same &= np.diff(column[order]) == 0
    again = np.zeros(len(order), dtype=bool)
    again[order[1:]] = same & (np.diff(e.times_s[order]) <= seconds)
    return again


def _beyond(e: CodedEvents, most: int, drop: bool) -> np.ndarray:
    """bool [n]: beyond the first `most` events of its shopper on its day; with `drop` every event of such shoppers."""
    days = e.times_s // DAY_S
    order = np.lexsort((e.times_s, e.users))
    begins = np.r_[True, (np.diff(e.users[order]) != 0) | (np.diff(days[order]) != 0)] if len(order) else np.zeros(0, dtype=bool)
    first = np.maximum.accumulate(np.where(begins, np.arange(len(order)), 0)) if len(order) else order
    over = np.zeros(len(order), dtype=bool)
    over[order] = np.arange(len(order)) - first >= most
    return np.isin(e.users, np.unique(e.users[over])) if drop else over


def _taken_back(e: CodedEvents) -> np.ndarray:
    """Rows of the purchases that returns take back: for each return the latest unreturned purchase before it of the same shopper, item
    and number of pieces, or where the number is unknown of any."""
    returned = np.flatnonzero(e.behaviours == BEHAVIOUR_CODE[Behaviour.RETURN])
    if not len(returned):
        return returned
    width = int(e.items.max()) + 1
    key = e.users.astype(np.int64) * width + e.items
    bought = np.flatnonzero((e.behaviours == BEHAVIOUR_CODE[Behaviour.PURCHASE]) & np.isin(key, key[returned]))
    rows = np.concatenate((bought, returned))
    rows = rows[np.lexsort((np.arange(len(rows)), e.times_s[rows], key[rows]))]
    open_now: list[int] = []
    taken: list[int] = []
    last = -1
    pieces = np.abs(e.quantities)
    is_return = e.behaviours == BEHAVIOUR_CODE[Behaviour.RETURN]
    for row in rows.tolist():
        if key[row] != last:
            last, open_now = int(key[row]), []
        if not is_return[row]:
            open_now.append(row)
            continue
        wanted = pieces[row]
        fit = next((k for k in range(len(open_now) - 1, -1, -1) if wanted != wanted or pieces[open_now[k]] == wanted), None)
        if fit is not None:
            taken.append(open_now.pop(fit))
    return np.array(taken, dtype=np.int64)


def _distinct(codes: np.ndarray) -> int:
    return int((np.bincount(codes) > 0).sum()) if len(codes) else 0


def _midnight(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
