"""Signals against values worked out by hand, and what the data cannot tell."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from recengine.columns import BEHAVIOUR_CODE
from recengine.data.dataset import Catalogue
from recengine.data.events import EventLog
from recengine.data.histories import Histories
from recengine.data.vocabulary import Vocabulary
from recengine.funnel.columns import table
from recengine.funnel.facts import ItemFacts
from recengine.funnel.recall import recall
from recengine.funnel.rhythm import hour_of, month_of, rhythm, weekday_of
from recengine.funnel.signals import FAMILIES, STATIC, say, signals_of
from recengine.funnel.visits import PAUSE_S, companions, last_visit, visit_starts

DAY_S, HOUR_S = 86_400, 3600
BUY, VIEW = BEHAVIOUR_CODE["purchase"], BEHAVIOUR_CODE["view"]
TITLES = ["red cup", "red plate", "blue cup", "garden rake"]


def shop(events: list[tuple[int, int, int, int, float]], n_items: int = 4) -> tuple[EventLog, Catalogue]:
    """Events of (shopper, item, time, behaviour, price)."""
    users, items, times, behaviours, prices = (np.array(column) for column in zip(*events, strict=True))
    log = EventLog.build(users, items, times, int(users.max()) + 1, n_items, behaviours, prices)
    catalogue = Catalogue(
        Vocabulary.build([f"i{i}" for i in range(n_items)]),
        np.array(TITLES[:n_items], dtype=object),
        np.array(["cups", "plates", "cups", "tools"][:n_items], dtype=object),
        np.full(n_items, "", dtype=object),
        np.full(n_items, 7.0, np.float32),
        np.ones(n_items, dtype=bool),
    )
    return log, catalogue


EVENTS = [
    (0, 0, 10 * DAY_S, VIEW, 2.0),
    (0, 0, 20 * DAY_S, BUY, 2.0),
    (0, 1, 20 * DAY_S + HOUR_S, BUY, 8.0),
    (1, 0, 12 * DAY_S, BUY, 4.0),
    (1, 2, 12 * DAY_S + 60, BUY, 16.0),
    (1, 3, 19 * DAY_S, VIEW, 4.0),
    (2, 3, 70 * DAY_S + 5 * HOUR_S, VIEW, 4.0),
]


def values(histories: Histories, log: EventLog, catalogue: Catalogue, item: int) -> dict[str, float]:
    facts = ItemFacts.of(log, catalogue)
    signals = signals_of((), facts)
    recalled = recall({}, histories, {}, facts.sellable)
    row = table(signals, recalled, facts, histories, np.array([0]), np.array([item]))[0]
    return {s.key: float(v) for s, v in zip(signals, row, strict=True)}


def test_values_of_one_pair_are_hand_checked():
    log, catalogue = shop(EVENTS)
    now = 30 * DAY_S
    found = values(Histories.from_log(log, np.array([0]), now), log, catalogue, 2)  # the blue cup for shopper 0
    half = np.exp2(-np.array([20.0, 10.0, 10.0 - 1 / 24]) / 60) * [0.3, 1.0, 1.0]
    assert found["category"] == pytest.approx((half[0] + half[1]) / half.sum(), rel=1e-6)
    assert found["category_days"] == pytest.approx(10.0)
    assert found["category_visit"] == pytest.approx(0.5)  # cup and plate
    # Past prices: item 0 has 2, 2, 4 (middle 2), item 1 has 8, item 2 has 16; of cups the lower middle is item 0's.
    usual = (half[0] * 1 + half[1] * 1 + half[2] * 3) / half.sum()
    assert found["price_side"] == pytest.approx(4 - usual, rel=1e-6)
    assert found["price_gap"] == pytest.approx(4 - usual, rel=1e-6)
    assert found["price_level"] == pytest.approx(3.0)
    assert found["history"] == 2
    assert found["away_days"] == pytest.approx(10 - 1 / 24)
    assert 0 < found["words"] < 1
    assert np.isnan(values(Histories.of_items([[]], now), log, catalogue, 2)["words"])


def test_conversion_is_the_share_of_viewers_who_bought_drawn_to_the_shop():
    log, catalogue = shop(EVENTS)
    # viewers: item 0 one (who bought), item 3 two; the shop has 1 of 3
    np.testing.assert_allclose(ItemFacts.of(log, catalogue).conversion, [(1 + 20 / 3) / 21, 1 / 3, 1 / 3, (20 / 3) / 22], rtol=1e-9)


def test_visits_end_after_a_long_pause_and_the_last_one_is_shared_evenly():
    starts = visit_starts(np.array([0, 0, 0, 1]), np.array([0, PAUSE_S, 2 * PAUSE_S + 1, 2 * PAUSE_S + 2]))
    assert starts.tolist() == [True, False, True, True]
    past = Histories(
        np.array([0, 4, 4]),
        np.array([3, 1, 2, 2], np.int32),
        np.full(4, BUY, np.int8),
        np.array([0, 10 * PAUSE_S, 10 * PAUSE_S + 5, 10 * PAUSE_S + 9]),
        np.array([11 * PAUSE_S] * 2),
        np.array([-1, -1], np.int32),
    )
    np.testing.assert_allclose(last_visit(past, 4, np.ones(4, bool)).toarray(), [[0, 0.5, 0.5, 0], [0, 0, 0, 0]])


def test_companions_are_counted_in_the_same_and_the_next_visit():
    """Ten shoppers buy 0 and then, a day later, 1; ten others buy 2 alone."""
    events = [(u, 0, u * 7, BUY, 1.0) for u in range(10)] + [(u, 1, DAY_S + u * 7, BUY, 1.0) for u in range(10)]
    events += [(u, 2, u * 7, BUY, 1.0) for u in range(10, 20)]
    log, _ = shop(events)
    lift = companions(log).toarray()
    # 30 visits. 0 is in 10 of them; 1 is in this or the next visit of 20: expected 10 x 20/30, seen 10.
    assert lift[0, 1] == pytest.approx((10 + 2) / (10 * 20 / 30 + 2) - 1, rel=1e-6)
    assert lift[1, 0] == 0  # what came before does not follow
    assert lift[2].sum() == 0
    assert (np.diag(lift) == 0).all()


def test_rhythm_is_hand_checked_and_needs_two_parts():
    items, hours = np.array([0] * 30 + [1] * 10), np.array([9] * 30 + [20] * 10)
    found = rhythm(items, hours, 3, 24)
    assert found is not None
    assert found[0, 9] == pytest.approx(np.log2((30 + 20 * 0.75) / 50 / 0.75), rel=1e-6)
    assert found[2].tolist() == [0.0] * 24  # an item without an event goes as the shop
    assert rhythm(items, np.zeros(40, np.int64), 3, 24) is None
    moment = np.array([np.datetime64("2024-02-29T23:30:00", "s").astype(np.int64)])
    assert (hour_of(moment)[0], weekday_of(moment)[0], month_of(moment)[0]) == (23, 3, 1)


def test_a_season_is_told_once_it_came_round():
    log, catalogue = shop(EVENTS)
    assert ItemFacts.of(log, catalogue).months is None
    years = replace(log, times_s=np.linspace(0, 500 * DAY_S, len(log)).astype(np.int64)[np.argsort(np.argsort(log.times_s))])
    assert ItemFacts.of(years, catalogue).months is not None


def test_only_signals_that_the_data_can_carry():
    log, catalogue = shop([(u, i, t, BUY, np.nan) for u, i, t, _, _ in EVENTS])
    blank = np.full(4, "", dtype=object)
    bare = replace(catalogue, titles=blank, categories=blank, prices=np.full(4, np.nan, np.float32))
    keys = {s.key for s in signals_of((), ItemFacts.of(log, bare))}
    assert not keys & {"category", "brand", "price_gap", "price_level", "words", "conversion", "season", "rating"}
    assert {"reach", "trend", "age_days", "history"} <= keys


def test_prices_are_those_of_the_past():
    log, catalogue = shop(EVENTS)
    early = log.keep(log.times_s < 15 * DAY_S)
    np.testing.assert_allclose(ItemFacts.of(early, catalogue).log_price, [1.0, np.nan, 4.0, np.nan])
    unpriced = replace(early, prices=np.full(len(early), np.nan, np.float32))
    np.testing.assert_allclose(ItemFacts.of(unpriced, catalogue).log_price, np.log2([7.0] * 4))


def test_facts_survive_a_round_trip():
    log, catalogue = shop(EVENTS)
    facts = ItemFacts.of(log, catalogue)
    again = ItemFacts.from_arrays(facts.arrays())
    for name, array in facts.arrays().items():
        np.testing.assert_array_equal(array, again.arrays()[name])
    assert again.arrays().keys() == facts.arrays().keys()


@pytest.mark.parametrize("signal", STATIC, ids=lambda s: s.key)
def test_every_signal_is_readable(signal):
    assert signal.family in FAMILIES
    assert signal.help.endswith(".")
    assert len(signal.help.split()) <= 22
    assert signal.direction in (-1, 0, 1)
    for value in (0.0, 0.4, 3.0, 1e4, -2.0):
        said = say(signal, value, 100)
        assert said
        assert "{" not in said
    assert say(signal, np.nan, 100) == "–"
    assert any(s.key == signal.group for s in STATIC if s.group == signal.group)  # a group is named by its first signal
