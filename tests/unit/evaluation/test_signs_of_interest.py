"""To be shown an item is no sign of interest: it is not owned, not seen, counts for nothing, and a shelf that only shows has gone quiet."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from recengine.columns import BEHAVIOUR_CODE
from recengine.data.events import EventLog
from recengine.data.histories import Histories
from recengine.data.split import leave_last_out, time_split
from recengine.evaluation.health.best_sellers_only import reach
from recengine.evaluation.health.gone_quiet import silence
from recengine.evaluation.metrics.base import Shop
from recengine.evaluation.segments import shopper_segment
from recengine.models.parts.holdout import hold_out_last

DAY = 86_400
N_ITEMS = 12
NONE = ("impression", "search", "remove")


def log_of(rows: list[tuple[int, int, str, int]]) -> EventLog:
    """Rows (shopper, item, behaviour, day)."""
    users, items, kinds, days = zip(*rows, strict=True)
    codes = np.array([BEHAVIOUR_CODE[kind] for kind in kinds])
    return EventLog.build(np.array(users), np.array(items), np.array(days) * DAY, max(users) + 1, N_ITEMS, codes)


@pytest.fixture
def bought() -> EventLog:
    """Thirty shoppers who buy an item every ten days for a hundred days, and never the same twice."""
    return log_of([(u, (u + 5 * day // 10) % N_ITEMS, "purchase", day) for u in range(30) for day in range(0, 100, 10)])


def with_more(log: EventLog, kind: str) -> EventLog:
    """Everybody is also shown (or searches, or removes) everything on the day before the last tenth."""
    n = log.n_users * N_ITEMS
    users, items = np.repeat(np.arange(log.n_users), N_ITEMS), np.tile(np.arange(N_ITEMS), log.n_users)
    return EventLog.build(
        np.concatenate([log.user_codes, users]),
        np.concatenate([log.item_codes, items]),
        np.concatenate([log.times_s, np.full(n, 75 * DAY)]),
        log.n_users,
        N_ITEMS,
        np.concatenate([log.behaviours, np.full(n, BEHAVIOUR_CODE[kind])]),
    )


@pytest.mark.parametrize("kind", NONE)
def test_whoever_buys_what_was_only_shown_is_judged(bought, kind):
    sellable = np.ones(N_ITEMS, dtype=bool)
    plain, shown = time_split(bought, sellable), time_split(with_more(bought, kind), sellable)
    assert len(plain.test) > 0
    for part in ("valid", "test"):
        one, other = getattr(plain, part), getattr(shown, part)
        assert np.array_equal(one.histories.user_codes, other.histories.user_codes)
        assert np.array_equal(one.truth_items, other.truth_items)
        assert (one.histories.had(N_ITEMS) != other.histories.had(N_ITEMS)).nnz == 0
        assert np.array_equal(one.histories.sign_counts, other.histories.sign_counts)
    assert len(shown.test.histories.item_codes) > len(plain.test.histories.item_codes), "models still see what was shown"
    last = leave_last_out(with_more(bought, kind))
    assert last.leakage.answers_already_in_history == leave_last_out(bought).leakage.answers_already_in_history


@pytest.mark.parametrize("kind", NONE)
def test_an_item_that_is_only_shown_is_not_popular(bought, kind):
    sellable = np.ones(N_ITEMS, dtype=bool)
    plain, shown = Shop.of(bought, sellable), Shop.of(with_more(bought, kind), sellable)
    assert np.array_equal(plain.counts, shown.counts)
    assert np.array_equal(plain.shoppers, shown.shoppers)
    assert plain.n_shoppers == shown.n_shoppers
    assert np.array_equal(plain.head, shown.head)
    assert np.array_equal(reach(bought), reach(with_more(bought, kind)))


def test_hot_are_those_who_do_something_often():
    rows = [(0, i % N_ITEMS, "impression", i) for i in range(40)] + [(1, i % N_ITEMS, "view", i) for i in range(40)]
    asked = Histories.from_log(log_of(rows), np.array([0, 1]), 100 * DAY)
    assert asked.lengths.tolist() == [40, 40]
    assert asked.sign_counts.tolist() == [0, 40]
    assert shopper_segment(asked.sign_counts).tolist() == [0, 2]


def test_a_return_and_a_dislike_tell_that_the_shopper_had_the_item():
    kinds = ("view", "return", "dislike", "impression", "search", "remove", "purchase")
    asked = Histories.from_log(log_of([(0, i, kind, i) for i, kind in enumerate(kinds)]), np.array([0]), 100 * DAY)
    assert asked.had(N_ITEMS).indices.tolist() == [0, 1, 2, 6]
    changed = replace(asked, weight_of_code=np.zeros_like(asked.weight_of_code))
    assert changed.had(N_ITEMS).indices.tolist() == [0, 1, 2, 6], "whatever weights a training gives"


def test_an_item_that_is_still_shown_but_no_longer_sold_has_gone_quiet():
    sold = [(u, 1, "purchase", day) for u in range(3) for day in range(60)] + [(0, 2, "purchase", day) for day in range(120)]
    shown = [(u, 1, "impression", day) for u in range(3) for day in range(60, 120)]
    quiet, days = silence(SimpleNamespace(past=log_of(sold + shown), n_items=N_ITEMS))  # pyright: ignore[reportArgumentType]
    assert quiet.tolist() == [i == 1 for i in range(N_ITEMS)]
    assert days[1] == 60


def test_what_was_only_shown_can_be_hidden_from_a_model_to_tune_it(bought):
    plain, shown = hold_out_last(bought, 10, 3), hold_out_last(with_more(bought, "impression"), 10, 3)
    assert plain is not None
    assert shown is not None
    assert np.array_equal(plain.items, shown.items)
    assert (plain.seen != shown.seen).nnz == 0
