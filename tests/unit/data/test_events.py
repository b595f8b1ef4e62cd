"""The log: one order whatever the file's, typed columns, never mutated."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recengine.columns import BEHAVIOUR_CODE
from recengine.data.events import EventLog

ROWS = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 3), st.integers(0, 3), st.integers(0, 3), st.sampled_from([1.0, 2.5, float("nan")])),
    max_size=30,
)


def build(rows: list[tuple[int, int, int, int, float]]) -> EventLog:
    user, item, at, behaviour, price = np.array(rows, dtype=np.float64).reshape(-1, 5).T
    return EventLog.build(user, item, at, 5, 4, behaviour, price)


def same(a: EventLog, b: EventLog) -> bool:
    columns = ("user_codes", "item_codes", "behaviours", "times_s")
    return all(np.array_equal(getattr(a, c), getattr(b, c)) for c in columns) and np.array_equal(a.prices, b.prices, equal_nan=True)


@settings(max_examples=100, deadline=None)
@given(ROWS, st.randoms())
def test_the_order_of_the_file_does_not_matter(rows: list[tuple], random) -> None:
    shuffled = rows.copy()
    random.shuffle(shuffled)
    assert same(build(rows), build(shuffled))


@settings(max_examples=100, deadline=None)
@given(ROWS)
def test_sorted_by_user_time_item_behaviour_and_nothing_lost(rows: list[tuple]) -> None:
    log = build(rows)
    kept = list(zip(log.user_codes.tolist(), log.times_s.tolist(), log.item_codes.tolist(), log.behaviours.tolist(), strict=True))
    assert kept == sorted((u, t, i, b) for u, i, t, b, _ in rows)
    assert log.indptr.tolist() == [sum(r[0] < u for r in rows) for u in range(6)]
    for u in range(5):
        assert (log.user_codes[log.indptr[u] : log.indptr[u + 1]] == u).all()


def test_types_and_defaults() -> None:
    log = EventLog.build([1, 0], [0, 1], [5, 4], 2, 2)  # type: ignore[arg-type]
    assert [getattr(log, c).dtype for c in ("user_codes", "item_codes", "behaviours", "times_s", "prices")] == [
        np.int32, np.int32, np.int8, np.int64, np.float32,
    ]  # fmt: skip
    assert (log.behaviours == BEHAVIOUR_CODE["purchase"]).all()
    assert np.isnan(log.prices).all()
    assert log.weights.tolist() == [1.0, 1.0]


def test_keep_leaves_codes_and_the_original_alone() -> None:
    log = build([(0, 1, 1, 0, 1.0), (4, 2, 2, 0, 1.0), (4, 3, 3, 0, 2.5)])
    kept = log.keep(log.times_s >= 2)
    assert (kept.n_users, kept.n_items, len(kept)) == (5, 4, 2)
    assert kept.user_codes.tolist() == [4, 4]
    assert kept.indptr.tolist() == [0, 0, 0, 0, 0, 2]
    assert len(log) == 3
    kept.item_codes[0] = 0
    assert log.item_codes.tolist() == [1, 2, 3]


def test_an_empty_log() -> None:
    log = build([])
    assert len(log) == 0
    assert log.indptr.tolist() == [0] * 6


def test_columns_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match="same shape"):
        EventLog.build(np.zeros(2), np.zeros(3), np.zeros(2), 1, 1)
