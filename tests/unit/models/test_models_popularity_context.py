"""Popularity in context: ratios worked out by hand, clocks and calendars, favourites without the event itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from recengine.columns import BEHAVIOUR_CODE
from recengine.data.dataset import Catalogue
from recengine.data.events import EventLog
from recengine.data.histories import Histories
from recengine.data.vocabulary import Vocabulary
from recengine.models.base import FitContext
from recengine.models.popularity_context import PopularityContext, PopularityContextConfig, _favourite_without, _hour, _month, _weekday

HOUR_S, DAY_S = 3_600, 86_400
MONDAY = 1_736_121_600  # 2025-01-06 00:00 UTC
OFF = {"hours": False, "weekdays": False, "seasons": False, "segments": False, "half_life_days": 0.0}


def catalogue(categories: list[str]) -> Catalogue:
    bare = Catalogue.bare(Vocabulary.build([f"i{n}" for n in range(len(categories))]))
    return replace(bare, categories=np.array(categories, dtype=object), category_source="file")


def fit(log: EventLog, categories: list[str] | None = None, **settings: object) -> PopularityContext:
    model = PopularityContext(PopularityContextConfig.model_validate({**OFF, **settings}))
    model.fit_all(log, FitContext(catalogue(categories or [""] * log.n_items)))
    return model


def asked_at(time_s: int) -> Histories:
    return replace(Histories.of_items([[]]), now_s=np.array([time_s]))


@pytest.mark.parametrize("text", ["2025-01-06T00:00", "2024-02-29T23:59", "1970-01-01T07:00", "2025-12-31T12:30"])
def test_clock_and_calendar(text: str) -> None:
    moment = datetime.fromisoformat(text).replace(tzinfo=UTC)
    at = np.array([int(moment.timestamp())])
    assert (_hour(at)[0], _weekday(at)[0], _month(at)[0]) == (moment.hour, moment.weekday(), moment.month - 1)


def test_without_circumstances_it_is_popularity() -> None:
    log = EventLog.build(np.zeros(3), np.array([0, 0, 1]), np.arange(3), 1, 3)
    scores = fit(log).score(asked_at(MONDAY)).numpy()[0]
    assert scores[:2].tolist() == pytest.approx([2 / 3, 1 / 3])
    assert np.isnan(scores[2])


def test_weekday_ratio_by_hand() -> None:
    # Monday: item 0 three times, item 1 once; Tuesday: item 1 four times. n = 8, s = 2.
    items = np.array([0, 0, 0, 1, 1, 1, 1, 1])
    times = MONDAY + np.array([0, 0, 0, 0, 1, 1, 1, 1]) * DAY_S
    model = fit(EventLog.build(np.arange(8), items, times, 8, 2), weekdays=True, shrinkage=2.0)
    monday, wednesday = (model.score(asked_at(MONDAY + day * DAY_S)).numpy()[0] for day in (7, 9))
    # expected on Mondays: item 0 3 · 4 / 8 = 1.5, item 1 5 · 4 / 8 = 2.5
    assert monday.tolist() == pytest.approx([3 / 8 * (3 + 2) / (1.5 + 2), 5 / 8 * (1 + 2) / (2.5 + 2)])
    assert wednesday.tolist() == pytest.approx([3 / 8, 5 / 8]), "a day without events tells nothing"


def test_the_clock_is_round() -> None:
    times = MONDAY + HOUR_S * np.array([23, 12]) + 60
    model = fit(EventLog.build(np.arange(2), np.arange(2), times, 2, 2), hours=True, shrinkage=0.5)
    midnight, morning, late = (model.score(asked_at(MONDAY + hour * HOUR_S)).numpy()[0] for hour in (0, 5, 23))
    assert late[0] / late[1] > midnight[0] / midnight[1] > 1
    assert morning[0] == pytest.approx(morning[1])


def test_seasons_need_a_year() -> None:
    short = EventLog.build(np.zeros(2), np.arange(2), np.array([MONDAY, MONDAY + 200 * DAY_S]), 1, 2)
    assert "ratio.month" not in fit(short, seasons=True).state()
    long = EventLog.build(np.zeros(2), np.arange(2), np.array([MONDAY, MONDAY + 400 * DAY_S]), 1, 2)
    assert fit(long, seasons=True).state()["ratio.month"].shape == (12, 2)


def test_the_favourite_category_speaks() -> None:
    rng = np.random.default_rng(0)
    users = np.repeat(np.arange(40), 5)
    items = 2 * rng.integers(0, 4, 200) + users % 2  # even shoppers take even items
    log = EventLog.build(users, items, MONDAY + np.arange(200), 40, 8)
    model = fit(log, ["even", "odd"] * 4, segments=True, shrinkage=1.0)
    even, odd, nobody = model.score(Histories.of_items([[0, 2], [1], []])).numpy()
    assert even[::2].min() > even[1::2].max()
    assert odd[1::2].min() > odd[::2].max()
    share = np.bincount(items, minlength=8) / 200
    np.testing.assert_allclose(nobody, share, rtol=1e-5)


def test_an_event_does_not_make_its_own_favourite() -> None:
    users, items = np.array([0, 1, 1, 1]), np.array([0, 0, 2, 2])
    found = _favourite_without(np.array([0, 0, 1]), users, items, np.array([1.0, 1.0, 0.6, 0.6]), FitContext(catalogue(["a", "a", "b"])))
    # shopper 0 has nothing else; shopper 1 has 1.0 of a and 1.2 of b: without an event of b, a leads
    assert found.tolist() == [-1, 1, 0, 0]


def test_events_without_weight_count_nowhere() -> None:
    codes = np.array([BEHAVIOUR_CODE["purchase"], BEHAVIOUR_CODE["impression"], BEHAVIOUR_CODE["dislike"]])
    log = EventLog.build(np.zeros(3), np.arange(3), np.arange(3), 1, 3, codes)
    scores = fit(log, hours=True).score(asked_at(MONDAY)).numpy()[0]
    assert np.isfinite(scores).tolist() == [True, False, False]
