"""The profile of a shopper counted by hand, and its speed on a large log."""

from __future__ import annotations

import time

import numpy as np
import pytest

from recengine.columns import BEHAVIOUR_CODE
from recengine.data.dataset import Catalogue, Dataset
from recengine.data.events import EventLog
from recengine.data.vocabulary import Vocabulary
from recengine.insight.profile import profile, shop_facts

DAY, HOUR = 86_400, 3_600
MONDAY = int(np.datetime64("2024-01-01", "s").astype(np.int64))
V, C, P, R = (BEHAVIOUR_CODE[name] for name in ("view", "cart", "purchase", "return"))
NAN = float("nan")

ROWS = [  # user, item, second, behaviour, price
    (0, 0, MONDAY + 10 * HOUR, V, 10),
    (0, 0, MONDAY + 10 * HOUR + 60, P, 10),
    (0, 0, MONDAY + 10 * HOUR + 60, P, 10),  # two lines of one basket
    (0, 1, MONDAY + 10 * HOUR + 60, P, 30),
    (0, 0, MONDAY + 6 * DAY + 23 * HOUR, P, 20),  # a repeat, on Sunday at 23
    (0, 2, MONDAY + 9 * DAY, R, NAN),
    (1, 2, MONDAY, V, 50),
    (1, 2, MONDAY + DAY, V, 50),
    (1, 3, MONDAY + DAY, C, 70),
    (3, 3, MONDAY, P, 40),
]


def shop(rows: list[tuple] = ROWS) -> Dataset:
    table = np.array(rows, dtype=np.float64).reshape(-1, 5)
    user, item, at, behaviour, price = table.T
    log = EventLog.build(user, item, at, 4, 4, behaviour, price)
    catalogue = Catalogue(
        Vocabulary.build(["i0", "i1", "i2", "i3"]),
        np.array(["a", "b", "c", "d"], dtype=object),
        np.array(["Tea", "Cups", "Tea", ""], dtype=object),
        np.array(["North", "", "", ""], dtype=object),
        np.full(4, np.nan, np.float32),
        np.ones(4, bool),
    )
    return Dataset("d", "d", "", log, catalogue, Vocabulary.build(["u0", "u1", "u2", "u3"]), np.full(4, "", dtype=object))


def test_counts_by_hand() -> None:
    found = profile(shop(), 0)
    assert found.events == 6
    assert found.by_behaviour == {"purchase": 4, "view": 1, "return": 1}
    assert found.baskets == 2
    assert found.first_s == MONDAY + 10 * HOUR
    assert found.last_s == MONDAY + 9 * DAY
    assert found.item_codes.tolist() == [0, 0, 0, 1, 0, 2]
    assert found.active_days == 3
    assert found.days_between == 4.5  # 6 days, then 3
    assert found.repeat_share == pytest.approx(1 / 4)


def test_mixes_against_the_shop() -> None:
    found = profile(shop(), 0)
    # of the shop's 8 events on items with a category 7 are Tea
    assert found.category_mix == (("Tea", 5 / 6, 7 / 8), ("Cups", 1 / 6, 1 / 8))
    assert found.brand_mix == (("North", 1.0, 1.0),)
    assert profile(shop(), 1).category_mix == (("Tea", 1.0, 7 / 8),)
    assert profile(shop(), 3).category_mix == ()


def test_prices_of_choices() -> None:
    found = profile(shop(), 0)
    assert found.usual_price == 15.0  # of 10, 10, 20 and 30
    assert found.price_quantiles == pytest.approx(np.quantile([10, 10, 20, 30], [0.1, 0.25, 0.5, 0.75, 0.9]))
    assert found.shop_price_quantiles == pytest.approx(np.quantile([10, 10, 20, 30, 40], [0.1, 0.25, 0.5, 0.75, 0.9]))
    assert found.price_percentile == pytest.approx(2 / 5)


def test_a_shopper_who_only_looks_is_described_by_what_they_look_at() -> None:
    found = profile(shop(), 1)
    assert found.baskets == 0
    assert found.usual_price == 50.0
    assert found.repeat_share == pytest.approx(1 / 3)


def test_a_log_without_purchases() -> None:
    found = profile(shop([(0, 0, 5, V, 3), (0, 1, 9, V, NAN)]), 0)
    assert found.baskets == 2
    assert found.usual_price == 3.0
    assert found.shop_price_quantiles[2] == 3.0


def test_hours_of_the_week() -> None:
    found = profile(shop(), 0)
    assert found.hours.sum() == found.events
    assert found.hours[0, 10] == 4  # Monday at 10
    assert found.hours[6, 23] == 1  # Sunday at 23
    assert found.hours[2, 0] == 1  # Wednesday at midnight
    before_1970 = profile(shop([(0, 0, -1, P, 1)]), 0)
    assert before_1970.hours[2, 23] == 1  # Wednesday 1969-12-31 23:59:59


def test_as_of_a_moment() -> None:
    found = profile(shop(), 0, now_s=MONDAY + 6 * DAY)
    assert found.events == 4
    assert found.last_s == MONDAY + 10 * HOUR + 60
    assert found.days_since_last == pytest.approx(6 - (10 * HOUR + 60) / DAY)
    at_the_event = profile(shop(), 0, now_s=MONDAY + 10 * HOUR)
    assert at_the_event.events == 0  # strictly before


@pytest.mark.parametrize(("code", "now_s"), [(2, None), (0, 0)])
def test_nobody(code: int, now_s: int | None) -> None:
    found = profile(shop(), code, now_s)
    assert (found.events, found.baskets, found.first_s, found.last_s) == (0, 0, None, None)
    assert np.isnan([found.usual_price, found.days_between, found.days_since_last, found.repeat_share, found.price_percentile]).all()
    assert found.category_mix == ()
    assert found.hours.sum() == 0


@pytest.mark.parametrize("code", [-1, 4])
def test_an_unknown_code_is_refused(code: int) -> None:
    with pytest.raises(IndexError, match="outside"):
        profile(shop(), code)


def test_nothing_is_said_about_prices_where_there_are_none() -> None:
    found = profile(shop([(0, 0, 5, P, NAN)]), 0)
    assert np.isnan(found.price_quantiles).all()
    assert np.isnan(found.price_percentile)


def test_two_datasets_do_not_share_their_facts() -> None:
    a, b = shop(), shop([(0, 1, 5, P, 3)])
    assert shop_facts(a) is shop_facts(a)
    assert profile(a, 0).category_mix != profile(b, 0).category_mix


def test_fast_on_a_large_log() -> None:
    rng = np.random.default_rng(0)
    n, users, items = 400_000, 4_000, 4_000
    log = EventLog.build(
        rng.integers(0, users, n), rng.integers(0, items, n), rng.integers(0, 10**8, n), users, items, prices=rng.random(n)
    )
    bare = Catalogue.bare(Vocabulary.build([f"i{i:05d}" for i in range(items)]))
    catalogue = Catalogue(
        bare.vocabulary, bare.titles, np.array([f"c{i % 40}" for i in range(items)], dtype=object), bare.brands, bare.prices, bare.sellable
    )
    data = Dataset("d", "d", "", log, catalogue, Vocabulary.build([f"u{i:05d}" for i in range(users)]), np.full(users, "", dtype=object))
    profile(data, 0)
    started = time.process_time()
    for code in range(50):
        profile(data, code)
    assert (time.process_time() - started) / 50 < 0.02
