"""The direction of complementary pairs, from the order of first purchases; and lists that offer them the wrong way round."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from health_shops import DAY_S, N_CATEGORIES, N_ITEMS, NOW_S, SHOPPERS, examined, own

from recengine.data.events import EventLog
from recengine.data.histories import Histories
from recengine.data.split import time_split
from recengine.evaluation.health.base import Examined, verdict_of
from recengine.evaluation.health.pair_order import ordered_pairs
from recengine.evaluation.health.registry import check_of
from recengine.models.base import FitContext
from recengine.models.item_knn import ItemKnn
from recengine.models.popularity import Popularity
from recengine.models.transitions import Transitions
from recengine.testing.planted_proofs import PlantedStore, planted_store

SET, CABLE = 11, 42  # a television and what goes with it; whoever has one buys the other within two weeks


def with_pair(log: EventLog, buyers: np.ndarray, seed: int = 4) -> EventLog:
    """The log in which nobody has the two by chance, and `buyers` buy both in this order."""
    rng = np.random.default_rng(seed)
    rest = log.keep(~np.isin(log.item_codes, [SET, CABLE]))
    first = rng.integers(10 * DAY_S, NOW_S - 30 * DAY_S, len(buyers))
    early = np.array([0, 1])  # both are on sale from the first day
    return EventLog.build(
        np.concatenate([rest.user_codes, buyers, buyers, [0, 0]]),
        np.concatenate([rest.item_codes, np.full(len(buyers), SET), np.full(len(buyers), CABLE), [SET, CABLE]]),
        np.concatenate([rest.times_s, first, first + rng.integers(1, 14 * DAY_S, len(buyers)), early]),
        SHOPPERS,
        N_ITEMS,
    )


def case(faulty: bool, names: int = 40) -> Examined:
    """Forty shoppers teach the order, forty others have the cable alone; a faulty list offers them the television."""
    base = examined()
    log = with_pair(base.past, np.arange(1, 1 + names))
    alone = np.arange(60, 100)
    log = EventLog.build(
        np.concatenate([log.user_codes, alone]),
        np.concatenate([log.item_codes, np.full(len(alone), CABLE)]),
        np.concatenate([log.times_s, np.full(len(alone), NOW_S - 5)]),
        SHOPPERS,
        N_ITEMS,
    )
    histories = Histories.from_log(log, np.arange(SHOPPERS, dtype=np.int32), NOW_S)
    lists = np.where(np.isin(base.lists, [SET, CABLE]), 199, base.lists)
    if faulty:
        lists[alone, 0] = SET
    return replace(base, past=log, targets=replace(base.targets, histories=histories), lists=lists.astype(np.int32))


def test_a_planted_pair_and_its_direction_are_found():
    found = ordered_pairs(case(False).past)
    assert (found.first.tolist(), found.second.tolist()) == ([SET], [CABLE])
    assert (found.forward.tolist(), found.backward.tolist()) == ([40], [0])


def test_a_television_for_who_bought_the_cable_is_red_and_examples_name_both():
    check = check_of("wrong_order")
    wrong = check.measure(case(True))
    assert verdict_of(wrong.estimate, check.amber, check.red) == "red"
    assert wrong.estimate.value == pytest.approx(1)
    assert {(i.item, i.other) for i in wrong.instances} == {(SET, CABLE)}
    assert all(60 <= i.row < 100 for i in wrong.instances)
    right = check.measure(case(False))
    assert verdict_of(right.estimate, check.amber, check.red) == "green"
    assert right.instances == ()


def test_a_best_seller_for_everybody_is_no_wrong_order():
    shop = case(False)
    lists = shop.lists.copy()
    for row in range(SHOPPERS):
        if SET not in own(shop.targets.histories, row):
            lists[row, 0] = SET
    assert check_of("wrong_order").measure(replace(shop, lists=lists)).estimate.value == pytest.approx(0)


def test_too_few_shoppers_are_not_judged():
    shop = case(True)
    rows = np.r_[np.arange(60), np.arange(90, SHOPPERS)]  # ten are left who have the cable alone
    targets = replace(shop.targets, histories=shop.targets.histories.rows(rows), truth_indptr=np.arange(len(rows) + 1) * 3)
    found = check_of("wrong_order").measure(replace(shop, targets=targets, lists=shop.lists[rows]))
    assert np.isnan(found.estimate.value)
    assert "10 shoppers" in found.detail


def test_pairs_of_categories_stand_in_where_items_say_nothing():
    """Any of the twenty items of category 1 comes before any of category 2, for everybody."""
    rng = np.random.default_rng(0)
    buyers = np.arange(SHOPPERS)
    first, second = 1 + N_CATEGORIES * rng.integers(0, 20, SHOPPERS), 2 + N_CATEGORIES * rng.integers(0, 20, SHOPPERS)
    when = rng.integers(20 * DAY_S, 80 * DAY_S, SHOPPERS)
    everything = np.arange(20)
    log = EventLog.build(
        np.concatenate([buyers, buyers, np.zeros(40, int)]),
        np.concatenate([first, second, 1 + N_CATEGORIES * everything, 2 + N_CATEGORIES * everything]),
        np.concatenate([when, when + 3 * DAY_S, np.zeros(40, int)]),
        SHOPPERS,
        N_ITEMS,
    )
    assert len(ordered_pairs(log)) == 0
    group = np.arange(N_ITEMS) % N_CATEGORIES
    found = ordered_pairs(log, group=group)
    assert (found.first.tolist(), found.second.tolist()) == ([1], [2])


def test_what_is_bought_often_is_bought_first_and_is_no_order():
    """Everybody buys milk six times and a lamp once, in a random order: milk comes first in six of seven."""
    rng = np.random.default_rng(1)
    users = np.repeat(np.arange(400), 7)
    items = np.tile([0, 0, 0, 0, 0, 0, 1], 400)
    times = rng.integers(DAY_S, 50 * DAY_S, len(users))
    early = (np.array([400, 400]), np.array([0, 1]), np.array([0, 0]))
    log = EventLog.build(*(np.concatenate(pair) for pair in zip((users, items, times), early, strict=True)), 401, 2)
    assert len(ordered_pairs(log)) == 0


def test_a_launch_is_no_order():
    """Item 1 is first sold on day 60; all that sold before then was item 0."""
    rng = np.random.default_rng(2)
    users = np.repeat(np.arange(300), 2)
    items = np.tile([0, 1], 300)
    times = np.where(items == 0, rng.integers(0, 60 * DAY_S, 600), rng.integers(60 * DAY_S, 90 * DAY_S, 600))
    assert len(ordered_pairs(EventLog.build(users, items, times, 300, 2))) == 0


def test_random_orders_hold_no_pairs():
    log = examined().past
    found = 0
    for seed in range(5):
        times = np.random.default_rng(seed).integers(0, NOW_S, len(log))
        found += len(ordered_pairs(EventLog.build(log.user_codes, log.item_codes % 12, times, SHOPPERS, 12)))
    assert found <= 1  # of 330 pairs


def test_many_pairs_are_corrected_for():
    """Some 1,700 pairs of about eleven shoppers each in a random order: at 5 % each, dozens would be called ordered."""
    rng = np.random.default_rng(3)
    users, items = np.repeat(np.arange(2_000), 5), np.concatenate([rng.choice(60, 5, replace=False) for _ in range(2_000)])
    log = EventLog.build(
        np.concatenate([users, np.full(60, 2_000)]),
        np.concatenate([items, np.arange(60)]),
        np.concatenate([rng.integers(1, 50 * DAY_S, len(users)), np.zeros(60, int)]),
        2_001,
        60,
    )
    assert len(ordered_pairs(log)) <= 2


@pytest.fixture(scope="module")
def store() -> PlantedStore:
    return planted_store(1_200, 120)


def test_planted_pairs_of_the_demo_store_are_found(store):
    found = ordered_pairs(store.log)
    planted = {(int(a), int(b)) for a, b in store.pairs}
    called = list(zip(found.first.tolist(), found.second.tolist(), strict=True))
    hits = [pair in planted for pair in called]
    assert sum(hits) >= 0.9 * len(planted)
    assert all(hits[:12])  # the surest are the planted ones
    assert not any((second, first) in planted for first, second in called)


def test_a_model_that_knows_no_order_reads_pairs_backwards_and_one_that_does_does_not(store):
    split = time_split(store.purchases, store.catalogue.sellable, share=0.2)
    verdicts, values = {}, {}
    for model in (ItemKnn(), Transitions(), Popularity()):
        model.fit_all(split.past, FitContext(store.catalogue))
        owned = split.test.histories.to_csr(store.log.n_items, binary=True)
        lists = np.asarray(model.recommend(split.test.histories, 10, exclude=owned).item_codes)
        check = check_of("wrong_order")
        estimate = check.measure(Examined(lists, split.test, split.past, store.catalogue)).estimate
        verdicts[model.name] = verdict_of(estimate, check.amber, check.red)
        values[model.name] = estimate.value
    assert verdicts == {"item-knn": "red", "transitions": "green", "popularity": "green"}, values
