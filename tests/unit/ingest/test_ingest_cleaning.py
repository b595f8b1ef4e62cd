"""Cleaning rules against examples by hand and against slow, plain rewritings of each rule."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from recengine.columns import BEHAVIOUR_CODE
from recengine.ingest.cleaning import DAY_S, Cleaning, CodedEvents, clean

VIEW, BUY, BACK = BEHAVIOUR_CODE["view"], BEHAVIOUR_CODE["purchase"], BEHAVIOUR_CODE["return"]


def log(*rows: tuple) -> CodedEvents:
    """Rows of (shopper, item, behaviour, second, pieces = 1, basket = -1)."""
    full = [(*row, *(1, -1)[len(row) - 4 :]) for row in rows]
    users, items, behaviours, times, pieces, baskets = (np.array(column) for column in zip(*full, strict=True))
    return CodedEvents(users, items, behaviours.astype(np.int8), times.astype(np.int64), pieces.astype(float), baskets)


def kept(events: CodedEvents, **rules) -> list[int]:
    return np.flatnonzero(clean(events, Cleaning(**rules)).keep).tolist()


def test_nothing_is_on_by_default():
    done = clean(log((0, 0, BUY, 5), (0, 0, BUY, 5)), Cleaning())
    assert done.keep.all()
    assert done.steps == ()
    assert not Cleaning(bots="drop", repeat_until_stable=False).active
    assert Cleaning(min_item_events=2).active


def test_repeats_within_seconds_are_one_event():
    events = log((0, 0, VIEW, 100), (0, 0, VIEW, 103), (0, 0, VIEW, 106), (0, 0, VIEW, 112), (0, 1, VIEW, 112), (1, 0, VIEW, 112))
    assert kept(events, merge_seconds=3) == [0, 3, 4, 5]  # 106 follows 103, though that one is left out too
    assert kept(events, merge_seconds=0) == [0, 1, 2, 3, 4, 5]
    twice = log((0, 0, BUY, 5, 1, 1), (0, 0, BUY, 5, 1, 2), (0, 0, BUY, 5, 1, 2), (0, 0, VIEW, 5))
    assert kept(twice, merge_seconds=0) == [0, 1, 3]  # another basket is another purchase


def test_returns_take_their_purchase_with_them():
    events = log((0, 0, BUY, 1, 6), (0, 0, BUY, 2, 2), (0, 0, BUY, 3, 6), (0, 0, BACK, 4, -6), (0, 0, BUY, 5, 6), (1, 0, BACK, 6, -6))
    assert kept(events, drop_returns=True) == [0, 1, 2, 4]
    assert kept(events, drop_returned=True) == [0, 1, 4]  # the latest six before it; one bought later is not meant
    none = log((0, 0, BUY, 1, 6), (0, 0, BACK, 4, np.nan))
    assert kept(none, drop_returned=True) == []


def test_bots_are_cut_or_dropped():
    events = log(*[(0, k, VIEW, 10 + k) for k in range(5)], (0, 9, VIEW, DAY_S + 1), (1, 1, VIEW, 10))
    assert kept(events, max_events_a_day=3) == [0, 1, 2, 5, 6]
    assert kept(events, max_events_a_day=3, bots="drop") == [6]


def test_days_outside():
    events = log((0, 0, VIEW, DAY_S - 1), (0, 0, VIEW, DAY_S), (0, 0, VIEW, 3 * DAY_S - 1), (0, 0, VIEW, 3 * DAY_S))
    assert kept(events, first_day=date(1970, 1, 2), last_day=date(1970, 1, 3)) == [1, 2]
    assert kept(events, last_day=date(1970, 1, 1)) == [0]
    with pytest.raises(ValidationError, match="must not be after"):
        Cleaning(first_day=date(2020, 1, 2), last_day=date(2020, 1, 1))


def test_few_events_once_or_until_stable():
    # item 9 leaves, then shopper 1 has one event left
    events = log((0, 0, VIEW, 1), (0, 1, VIEW, 2), (1, 0, VIEW, 1), (1, 9, VIEW, 2), (2, 1, VIEW, 1), (2, 0, VIEW, 3))
    assert kept(events, min_shopper_events=2, min_item_events=2, repeat_until_stable=False) == [0, 1, 2, 4, 5]
    assert kept(events, min_shopper_events=2, min_item_events=2) == [0, 1, 4, 5]
    steps = clean(events, Cleaning(min_shopper_events=2, min_item_events=2)).steps
    assert [(s.rule, s.rows_before, s.rows_after, s.shoppers_before, s.shoppers_after) for s in steps] == [
        ("min_shopper_events", 6, 5, 3, 3),
        ("min_item_events", 5, 4, 3, 2),
    ]
    assert steps[0].passes == 3


ROWS = st.lists(
    st.tuples(
        st.integers(0, 3), st.integers(0, 3), st.sampled_from([VIEW, BUY, BACK]), st.integers(0, 40), st.integers(1, 2), st.integers(-1, 1)
    ),
    min_size=1,
    max_size=40,
)


@settings(deadline=None, max_examples=150)
@given(ROWS, st.integers(0, 9), st.integers(1, 4))
def test_rules_agree_with_plain_loops(rows, seconds, least):
    events = log(*rows)
    last: dict[tuple, int] = {}
    want = []
    for k in sorted(range(len(rows)), key=lambda k: (rows[k][3], k)):
        user, item, behaviour, second, _, basket = rows[k]
        if (user, item, behaviour, basket) not in last or second - last[user, item, behaviour, basket] > seconds:
            want.append(k)
        last[user, item, behaviour, basket] = second
    assert kept(events, merge_seconds=seconds) == sorted(want)
    live = set(range(len(rows)))
    while True:
        enough = {k for k in live if sum(rows[j][0] == rows[k][0] for j in live) >= least}
        enough = {k for k in enough if sum(rows[j][1] == rows[k][1] for j in enough) >= least}
        if enough == live:
            break
        live = enough
    assert kept(events, min_shopper_events=least, min_item_events=least) == sorted(live)


@settings(deadline=None, max_examples=60)
@given(ROWS)
def test_every_row_that_leaves_has_one_reason_and_the_table_adds_up(rows):
    rules = Cleaning(drop_returned=True, merge_seconds=5, max_events_a_day=6, min_shopper_events=2, min_item_events=2)
    done = clean(log(*rows), rules)
    counts = np.bincount(done.reason, minlength=len(done.reasons) + 1)
    assert counts.sum() == len(rows)
    rows_now = len(rows)
    for step, left in zip(done.steps, counts[1:], strict=True):
        assert (step.rows_before, step.rows_after) == (rows_now, rows_now - left)
        rows_now -= left
    assert rows_now == done.keep.sum()
