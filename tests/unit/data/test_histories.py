"""Ragged batches of histories against plain lists of Python."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recengine.columns import BEHAVIOUR_CODE, BEHAVIOUR_WEIGHT, BEHAVIOURS
from recengine.data.events import EventLog
from recengine.data.histories import Histories

N_USERS, N_ITEMS = 6, 8
EVENTS = st.lists(
    st.tuples(st.integers(0, N_USERS - 1), st.integers(0, N_ITEMS - 1), st.integers(-5, 20), st.integers(0, len(BEHAVIOURS) - 1)),
    max_size=40,
)
LISTS = st.lists(st.lists(st.integers(-1, N_ITEMS + 2), max_size=7), max_size=6)


def log_of(events: list[tuple[int, int, int, int]]) -> EventLog:
    user, item, at, behaviour = np.array(events, dtype=np.int64).reshape(-1, 4).T
    return EventLog.build(user, item, at, N_USERS, N_ITEMS, behaviour)


def lists_of(histories: Histories) -> list[list[int]]:
    return [histories.item_codes[histories.indptr[b] : histories.indptr[b + 1]].tolist() for b in range(len(histories))]


def assert_sound(histories: Histories) -> None:
    n = len(histories.item_codes)
    assert histories.indptr.dtype == np.int64
    assert histories.indptr[0] == 0
    assert histories.indptr[-1] == n == len(histories.behaviours) == len(histories.times_s)
    assert (histories.lengths >= 0).all()
    assert len(histories.now_s) == len(histories.user_codes) == len(histories)


@settings(max_examples=150, deadline=None)
@given(EVENTS, st.lists(st.integers(0, N_USERS - 1), max_size=8), st.integers(-6, 22))
def test_from_log_is_what_happened_strictly_before(events: list[tuple[int, int, int, int]], users: list[int], now: int) -> None:
    found = Histories.from_log(log_of(events), np.array(users, dtype=np.int64), now)
    assert_sound(found)
    rows = [sorted((at, item, behaviour) for user, item, at, behaviour in events if user == asked and at < now) for asked in users]
    assert lists_of(found) == [[item for _, item, _ in row] for row in rows]
    assert found.times_s.tolist() == [at for row in rows for at, _, _ in row]
    assert found.behaviours.tolist() == [behaviour for row in rows for _, _, behaviour in row]
    assert found.user_codes.tolist() == users
    assert (found.now_s == now).all()


def test_an_event_at_the_moment_of_the_question_is_not_history() -> None:
    log = log_of([(0, 1, 9, 0), (0, 2, 10, 0), (0, 3, 11, 0)])
    assert lists_of(Histories.from_log(log, np.array([0]), 10)) == [[1]]
    assert lists_of(Histories.from_log(log, np.array([0]), 11)) == [[1, 2]]
    assert lists_of(Histories.from_log(log, np.array([0, 0, 0]), np.array([9, 12, 10]))) == [[], [1, 2, 3], [1]]


def test_nobody_in_particular_has_no_history() -> None:
    log = log_of([(0, 1, 9, 0), (5, 2, 10, 0)])
    found = Histories.from_log(log, np.array([5, -1, 0, -1]), 100)
    assert lists_of(found) == [[2], [], [1], []]
    assert found.user_codes.tolist() == [5, -1, 0, -1]
    with pytest.raises(IndexError):
        Histories.from_log(log, np.array([N_USERS]), 100)


def test_from_log_does_not_share_memory_with_the_log() -> None:
    log = log_of([(0, 1, 9, 0)])
    Histories.from_log(log, np.array([0]), 100).item_codes[0] = 7
    assert log.item_codes.tolist() == [1]


@settings(max_examples=100, deadline=None)
@given(LISTS, st.data())
def test_rows_picks_repeats_and_orders(lists: list[list[int]], data: st.DataObject) -> None:
    histories = Histories.of_items(lists, now_s=50)
    index = data.draw(st.lists(st.integers(0, max(len(lists) - 1, 0)), max_size=8)) if lists else []
    found = histories.rows(np.array(index, dtype=np.int64))
    assert_sound(found)
    assert lists_of(found) == [lists[i] for i in index]
    start = data.draw(st.integers(0, len(lists)))
    assert lists_of(histories.rows(slice(start, start + 3))) == lists[start : start + 3]


def test_rows_carry_time_person_and_behaviour() -> None:
    log = log_of([(0, 1, 1, 0), (1, 2, 2, 1), (1, 3, 3, 3), (2, 4, 4, 2)])
    found = Histories.from_log(log, np.array([0, 1, 2]), np.array([10, 20, 30])).rows(np.array([2, 1, 1]))
    assert found.user_codes.tolist() == [2, 1, 1]
    assert found.now_s.tolist() == [30, 20, 20]
    assert found.times_s.tolist() == [4, 2, 3, 2, 3]
    assert found.behaviours.tolist() == [2, 1, 3, 1, 3]
    assert lists_of(found.rows(np.array([True, False, True]))) == [[4], [2, 3]]


@settings(max_examples=100, deadline=None)
@given(LISTS, st.data())
def test_keep_events_edits_in_place_of_order(lists: list[list[int]], data: st.DataObject) -> None:
    histories = Histories.of_items(lists)
    total = sum(map(len, lists))
    mask = data.draw(st.lists(st.booleans(), min_size=total, max_size=total))
    found = histories.keep_events(np.array(mask, dtype=bool))
    assert_sound(found)
    flags = iter(mask)
    assert lists_of(found) == [[item for item in row if next(flags)] for row in lists]
    assert len(histories.item_codes) == total  # the original is untouched


@settings(max_examples=100, deadline=None)
@given(LISTS, st.integers(0, 9))
def test_last_keeps_the_newest(lists: list[list[int]], n: int) -> None:
    histories = Histories.of_items(lists)
    assert lists_of(histories.last(n)) == [row[-n:] if n else [] for row in lists]
    assert histories.row_of_event.tolist() == [b for b, row in enumerate(lists) for _ in row]


@settings(max_examples=100, deadline=None)
@given(LISTS, st.data())
def test_to_csr_sums_per_item(lists: list[list[int]], data: st.DataObject) -> None:
    histories = Histories.of_items(lists)
    total = sum(map(len, lists))
    values = np.array(data.draw(st.lists(st.sampled_from([0.0, 0.5, 1.0, 2.0, -1.0]), min_size=total, max_size=total)))
    counted, valued, once = np.zeros((3, len(lists), N_ITEMS), dtype=np.float32)
    for b, i, value in zip(histories.row_of_event, histories.item_codes, values, strict=True):
        if 0 <= i < N_ITEMS:
            counted[b, i] += 1
            valued[b, i] += value
            once[b, i] = 1
    for found, expected in (
        (histories.to_csr(N_ITEMS), counted),
        (histories.to_csr(N_ITEMS, values), valued),
        (histories.to_csr(N_ITEMS, binary=True), once),
    ):
        assert found.dtype == np.float32
        assert found.shape == (len(lists), N_ITEMS)
        np.testing.assert_array_equal(found.toarray(), expected)
        assert found.has_canonical_format or found.nnz == 0


def test_to_csr_stores_no_zero_values() -> None:
    histories = Histories.of_items([[1, 2, 3]])
    assert histories.to_csr(5, np.array([0.0, 1.0, 0.0])).nnz == 1
    assert histories.to_csr(5, np.array([0.0, 7.0, 0.0]), binary=True).toarray().tolist() == [[0, 0, 1, 0, 0]]


def test_of_items_is_in_order_and_before_now() -> None:
    found = Histories.of_items([[4, 5, 6], [], [7]], now_s=100, behaviour="view")
    assert found.times_s.tolist() == [97, 98, 99, 99]
    assert found.behaviours.tolist() == [BEHAVIOUR_CODE["view"]] * 4
    assert found.user_codes.tolist() == [-1, -1, -1]
    assert found.weights.tolist() == pytest.approx([0.3] * 4)
    nobody = Histories.of_items([])
    assert len(nobody) == 0
    assert nobody.to_csr(3).shape == (0, 3)


def test_weights_follow_the_table() -> None:
    every = np.arange(len(BEHAVIOURS))
    log = EventLog.build(every, every, every, len(every), len(every), every)
    assert log.weights.tolist() == pytest.approx([max(BEHAVIOUR_WEIGHT[b], 0.0) for b in BEHAVIOURS])
    found = Histories.from_log(log, every, 99).weights
    assert found.tolist() == pytest.approx([BEHAVIOUR_WEIGHT[b] for b in BEHAVIOURS])


def test_only_the_very_same_histories_share_a_fingerprint():
    base = Histories.of_items([[1, 2, 3]], now_s=100)
    assert base.fingerprint == Histories.of_items([[1, 2, 3]], now_s=100).fingerprint
    others = [
        Histories.of_items([[1, 2, 3]], now_s=101),
        Histories.of_items([[1, 3, 2]], now_s=100),
        Histories.of_items([[1, 2]], now_s=100),
        Histories.of_items([[1, 2], [3]], now_s=100),
        Histories.of_items([[1, 2, 3]], now_s=100, behaviour="view"),
        replace(base, weight_of_code=base.weight_of_code * 2),
        replace(base, user_codes=np.array([4], dtype=np.int32)),
    ]
    assert len({base.fingerprint, *(other.fingerprint for other in others)}) == 1 + len(others)
