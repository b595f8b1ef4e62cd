"""Splits: nothing after a cut reaches what is learned from, and answers are what the protocol says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recengine.columns import BEHAVIOUR_CODE
from recengine.data.events import EventLog
from recengine.data.histories import Histories
from recengine.data.split import Split, Targets, _answers_in_history, answer_mask, leave_last_out, time_split, window_targets
from recengine.errors import BadInput

V, C, P, R, IMP = (BEHAVIOUR_CODE[name] for name in ("view", "cart", "purchase", "return", "impression"))
N_USERS, N_ITEMS = 12, 9
EVENTS = st.lists(
    st.tuples(st.integers(0, N_USERS - 1), st.integers(0, N_ITEMS - 1), st.integers(0, 1_000), st.sampled_from([V, C, P])),
    min_size=1,
    max_size=120,
)


def log_of(events: list[tuple[int, int, int, int]], n_users: int = N_USERS, n_items: int = N_ITEMS) -> EventLog:
    user, item, at, behaviour = np.array(events, dtype=np.int64).reshape(-1, 4).T
    return EventLog.build(user, item, at, n_users, n_items, behaviour)


def truths(targets: Targets) -> dict[int, list[int]]:
    return {int(user): targets.truth(row).tolist() for row, user in enumerate(targets.histories.user_codes)}


def all_sellable(n_items: int = N_ITEMS) -> np.ndarray:
    return np.ones(n_items, dtype=bool)


def try_split(log: EventLog, share: float) -> Split | None:
    try:
        return time_split(log, all_sellable(log.n_items), share)
    except BadInput:
        return None


def test_time_split_by_hand() -> None:
    # period 0 … 99, windows of 20: validation [60, 80), test [80, 100)
    events = [
        (0, 0, 0, P), (0, 1, 59, V), (0, 2, 60, P), (0, 1, 79, P), (0, 3, 80, P), (0, 2, 85, P), (0, 4, 90, V),
        (1, 5, 10, V), (1, 5, 81, P), (1, 6, 82, P), (1, 6, 83, P), (1, 0, 99, P),
        (2, 7, 70, P), (2, 8, 95, P),
        (3, 1, 95, P),
    ]  # fmt: skip
    found = time_split(log_of(events), all_sellable(), 0.2)
    assert found.cut_s == 80
    assert (len(found.train), len(found.past)) == (3, 6)
    # validation: 0 had 0 and 1, so 1 is nothing new; 2 was unknown before 60
    assert truths(found.valid) == {0: [2]}
    # test: 2 is no news to 0 by then, 4 was only viewed, 5 was viewed before by 1, 3 was unknown
    assert truths(found.test) == {0: [3], 1: [0, 6], 2: [8]}
    assert found.test.histories.now_s.tolist() == [80, 80, 80]
    assert found.leakage.events_after_cut_in_training == 0
    assert found.leakage.answers_already_in_history == 0
    assert found.leakage.newest_training_event_s == 79
    assert found.leakage.warning == ""


def test_what_cannot_be_sold_is_no_answer() -> None:
    log = log_of([(0, 0, 0, P), (0, 1, 95, P), (0, 2, 99, P)])
    sellable = all_sellable()
    sellable[1] = False
    assert truths(time_split(log, sellable, 0.2).test) == {0: [2]}
    sellable[2] = False
    with pytest.raises(BadInput, match="cannot be split"):
        time_split(log, sellable, 0.2)


def test_answers_are_purchases_where_there_are_any() -> None:
    assert answer_mask(log_of([(0, 0, 1, V), (0, 0, 2, P), (0, 0, 3, C)])).tolist() == [False, True, False]
    assert answer_mask(log_of([(0, 0, 1, V), (0, 0, 2, R), (0, 0, 3, C), (0, 0, 4, IMP)])).tolist() == [True, False, True, False]


def test_data_that_cannot_be_split() -> None:
    with pytest.raises(BadInput, match="no events"):
        time_split(log_of([]), all_sellable())
    with pytest.raises(BadInput, match="cannot be split"):
        time_split(log_of([(0, 0, 5, P)]), all_sellable())
    with pytest.raises(BadInput, match="cannot be split"):
        time_split(log_of([(0, 0, 1, P), (0, 0, 100, P), (1, 1, 100, P)]), all_sellable())


def test_a_short_window_is_not_called_zero_days() -> None:
    assert "0 days" not in time_split(log_of([(0, 0, 0, P), (0, 1, 7_000, P)]), all_sellable(), 0.4).summary


@settings(max_examples=200, deadline=None)
@given(EVENTS, st.sampled_from([0.075, 0.2, 0.4]))
def test_no_event_crosses_a_cut(events: list[tuple[int, int, int, int]], share: float) -> None:
    log = log_of(events)
    found = try_split(log, share)
    if found is None:
        return
    window = max(1, round((max(e[2] for e in events) + 1 - min(e[2] for e in events)) * share))
    assert (found.past.times_s < found.cut_s).all()
    assert (found.train.times_s < found.cut_s - window).all()
    for targets, start in ((found.valid, found.cut_s - window), (found.test, found.cut_s)):
        assert (targets.histories.times_s < start).all()
        assert (targets.histories.lengths > 0).all()
        assert (np.diff(targets.truth_indptr) > 0).all()
        assert _answers_in_history(targets) == 0
        expected: dict[int, list[int]] = {}
        bought = any(e[3] == P for e in events)
        for user in {e[0] for e in events if e[2] < start}:
            owned = {e[1] for e in events if e[0] == user and e[2] < start}
            inside = {e[1] for e in events if e[0] == user and start <= e[2] < start + window and (e[3] == P or not bought)}
            if inside - owned:
                expected[user] = sorted(inside - owned)
        assert truths(targets) == expected


@settings(max_examples=100, deadline=None)
@given(EVENTS, st.randoms(), st.booleans())
def test_what_happens_after_the_cut_cannot_be_known_before_it(events: list[tuple], random, drop: bool) -> None:
    """Shuffling or removing everything after the cut leaves every question and everything learned from untouched."""
    log = log_of([*events, (0, 0, 1_001, P)])  # the last event fixes the cut
    found = try_split(log, 0.2)
    if found is None:
        return
    late = log.times_s >= found.cut_s
    later = np.flatnonzero(late)
    if drop:
        keep = np.ones(len(log), dtype=bool)
        keep[later[random.sample(range(len(later)), len(later) // 2)]] = False
        other = log.keep(keep)
    else:
        users, items = log.user_codes.copy(), log.item_codes.copy()
        order = list(range(len(later)))
        random.shuffle(order)
        users[later], items[later] = users[later[order]], (items[later[order]] + 1) % N_ITEMS
        other = EventLog.build(users, items, log.times_s, N_USERS, N_ITEMS, log.behaviours)
    past = other.keep(other.times_s < found.cut_s)
    for column in ("user_codes", "item_codes", "behaviours", "times_s"):
        assert np.array_equal(getattr(past, column), getattr(found.past, column))
    everybody = np.arange(N_USERS)
    a, b = Histories.from_log(log, everybody, found.cut_s), Histories.from_log(other, everybody, found.cut_s)
    assert np.array_equal(a.item_codes, b.item_codes)
    assert np.array_equal(a.indptr, b.indptr)
    again = try_split(other, 0.2)
    if again is not None and again.cut_s == found.cut_s:
        for name in ("train", "past"):
            assert np.array_equal(getattr(again, name).item_codes, getattr(found, name).item_codes)
        assert truths(again.valid) == truths(found.valid)
        asked, before = again.test.histories, found.test.histories
        for row, user in enumerate(asked.user_codes):
            same = np.flatnonzero(before.user_codes == user)
            if len(same):
                assert np.array_equal(asked.rows(np.array([row])).item_codes, before.rows(same).item_codes)


def test_a_leak_would_be_seen() -> None:
    """The report counts answers that are in the history; a history read one second late has them."""
    log = log_of([(0, 0, 0, P), (0, 1, 80, P), (0, 2, 99, P)])
    targets = window_targets(log, 80, 100, all_sellable())
    assert _answers_in_history(targets) == 0
    leaked = Targets(Histories.from_log(log, targets.histories.user_codes, 81), targets.truth_indptr, targets.truth_items)
    assert _answers_in_history(leaked) == 1


def test_an_unknown_item_in_a_history_is_no_answer_of_its_neighbour() -> None:
    histories = Histories.of_items([[3], [-1]])
    targets = Targets(histories, np.array([0, 1, 1]), np.array([5], dtype=np.int32))
    assert _answers_in_history(targets) == 0


def test_leave_last_out_by_hand() -> None:
    events = [
        (0, 0, 1, P), (0, 1, 2, P), (0, 2, 3, P), (0, 3, 4, P),
        (1, 4, 1, P), (1, 5, 2, P),
        (2, 6, 5, P), (2, 7, 6, P), (2, 6, 7, P),
        (3, 8, 9, P),
    ]  # fmt: skip
    found = leave_last_out(log_of(events))
    assert truths(found.test) == {0: [3], 2: [6]}
    assert truths(found.valid) == {0: [2], 2: [7]}
    items = [found.test.histories.rows(np.array([r])).item_codes.tolist() for r in range(2)]
    assert items == [[0, 1, 2], [6, 7]]
    assert [found.valid.histories.rows(np.array([r])).item_codes.tolist() for r in range(2)] == [[0, 1], [6]]
    assert found.test.histories.now_s.tolist() == [4, 7]
    # shoppers with fewer than three events are learned from whole
    kept = sorted(zip(found.train.user_codes.tolist(), found.train.item_codes.tolist(), strict=True))
    assert kept == [(0, 0), (0, 1), (1, 4), (1, 5), (2, 6), (3, 8)]
    assert found.leakage.answers_already_in_history == 1  # shopper 2 takes item 6 again
    assert found.leakage.oldest_answer_s == 4
    assert found.leakage.events_after_cut_in_training == 2
    assert "2 training events" in found.leakage.warning


def test_a_dislike_or_a_return_is_never_the_last_answer() -> None:
    dislike = BEHAVIOUR_CODE["dislike"]
    events = [
        (0, 0, 1, P), (0, 1, 2, V), (0, 2, 3, P), (0, 2, 4, R), (0, 3, 5, P), (0, 3, 6, R), (0, 4, 7, dislike), (0, 5, 8, IMP),
        (1, 6, 1, P), (1, 7, 2, P), (1, 8, 3, dislike),
        (2, 0, 4, R), (2, 1, 5, P), (2, 2, 6, P), (2, 3, 7, P),
    ]  # fmt: skip
    found = leave_last_out(log_of(events))
    assert truths(found.test) == {0: [3], 2: [3]}
    assert truths(found.valid) == {0: [2], 2: [2]}
    asked = found.test.histories.rows(np.array([0]))
    assert asked.item_codes.tolist() == [0, 1, 2, 2], "the return of item 2 came before the last answer"
    assert asked.behaviours.tolist() == [P, V, P, R]
    assert found.test.histories.now_s.tolist() == [5, 7]
    # Shopper 1 has two events of interest, and is learned from whole.
    kept = sorted(zip(found.train.user_codes.tolist(), found.train.item_codes.tolist(), strict=True))
    assert kept == [(0, 0), (0, 1), (1, 6), (1, 7), (1, 8), (2, 0), (2, 1)]
    with pytest.raises(BadInput, match="tell of interest"):
        leave_last_out(log_of([(0, 0, 1, P), (0, 1, 2, P), (0, 2, 3, dislike), (0, 3, 4, R)]))


def test_other_strengths_of_behaviours_leave_the_answers_as_they_are() -> None:
    log = log_of([(0, item, item, V if item % 2 else P) for item in range(6)])
    assert truths(leave_last_out(log).test) == truths(leave_last_out(log.weighted({"view": 0.0})).test) == {0: [5]}


def test_leave_last_out_needs_three_events() -> None:
    with pytest.raises(BadInput, match="three events"):
        leave_last_out(log_of([(0, 0, 1, P), (0, 1, 2, P), (1, 1, 2, P)]))
    with pytest.raises(BadInput, match="three events"):
        leave_last_out(log_of([]))


@settings(max_examples=100, deadline=None)
@given(EVENTS)
def test_leave_last_out_loses_and_doubles_nothing(events: list[tuple[int, int, int, int]]) -> None:
    log = log_of(events)
    lengths = np.diff(log.indptr)
    if lengths.max() < 3:
        return
    found = leave_last_out(log)
    users = np.flatnonzero(lengths >= 3)
    assert found.test.histories.user_codes.tolist() == users.tolist()
    assert len(found.train) == len(log) - 2 * len(users)
    for row, user in enumerate(users):
        mine = log.item_codes[log.indptr[user] : log.indptr[user + 1]].tolist()
        assert found.test.histories.rows(np.array([row])).item_codes.tolist() == mine[:-1]
        assert found.test.truth(row).tolist() == mine[-1:]
        assert found.valid.histories.rows(np.array([row])).item_codes.tolist() == mine[:-2]
        assert found.valid.truth(row).tolist() == mine[-2:-1]
        assert found.train.item_codes[found.train.user_codes == user].tolist() == mine[:-2]
