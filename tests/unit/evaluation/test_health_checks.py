"""Each health check is red where its fault was planted and green in a healthy shop."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from health_shops import DAY_S, N_CATEGORIES, N_ITEMS, NOW_S, SHOPPERS, K, examined, healthy_lists, own

from recengine.data.events import EventLog
from recengine.data.histories import Histories
from recengine.evaluation.bootstrap import Estimate
from recengine.evaluation.health.base import Examined, Measured, verdict_of
from recengine.evaluation.health.narrowing import taking
from recengine.evaluation.health.order_ignored import reordered
from recengine.evaluation.health.price_jump import usual_prices
from recengine.evaluation.health.registry import ORDER, check_of, checks
from recengine.evaluation.health.same_for_all import personalisation


def verdict(key: str, case: Examined) -> str:
    check = check_of(key)
    assert check.obstacle(case) == ""
    return verdict_of(check.measure(case).estimate, check.amber, check.red, check.higher_is_worse)


def measured(key: str, case: Examined) -> Measured:
    return check_of(key).measure(case)


def test_every_check_is_in_the_registry_and_says_what_it_asks():
    assert tuple(checks()) == ORDER
    for check in checks().values():
        assert check.question.endswith("?")
        assert check.meaning.endswith(".")
        assert check.reason.endswith(".")
        assert (check.red > check.amber) is check.higher_is_worse
        for sentence in (check.question, check.reason):
            assert not {"user", "SKU", "inference"} & set(sentence.split())


MEASURABLE = [key for key in ORDER if key not in ("wrong_order", "order_ignored")]


@pytest.mark.parametrize("key", MEASURABLE)
def test_a_healthy_shop_is_green(key):
    assert verdict(key, examined()) == "green"


def test_not_for_sale():
    case = examined()
    sellable = case.catalogue.sellable.copy()
    sellable[case.lists[:8, 3]] = False
    wrong = replace(case, catalogue=replace(case.catalogue, sellable=sellable))
    assert verdict("not_for_sale", wrong) == "red"
    found = measured("not_for_sale", wrong)
    assert found.estimate.value == (~sellable[case.lists]).any(axis=1).mean()
    assert all(not sellable[i.item] and i.item in case.lists[i.row] for i in found.instances)


def test_gone_quiet():
    """Items 0 to 19 sold twice a week and stopped 50 days before the end; half of every list is of them."""
    case = examined()
    days = np.arange(0, 70, 3)
    items = np.repeat(np.arange(20), len(days))
    log = case.past
    log = EventLog.build(
        np.concatenate([log.user_codes[log.item_codes >= 20], np.arange(len(items)) % SHOPPERS]),
        np.concatenate([log.item_codes[log.item_codes >= 20], items]),
        np.concatenate([log.times_s[log.item_codes >= 20], np.tile(days, 20) * DAY_S]),
        SHOPPERS,
        N_ITEMS,
    )
    lists = case.lists.copy()
    lists[:, :5] = (np.arange(SHOPPERS)[:, None] + np.arange(5)) % 20
    lists[:, 5:] = np.where(lists[:, 5:] < 20, lists[:, 5:] + 100, lists[:, 5:])
    wrong = replace(case, past=log, lists=lists)
    found = measured("gone_quiet", wrong)
    assert found.estimate.value == pytest.approx(0.5, abs=0.02)
    assert verdict("gone_quiet", wrong) == "red"
    assert {i.item for i in found.instances} <= set(range(20))


def test_bought_again():
    case = examined()
    histories = case.targets.histories
    lists = case.lists.copy()
    for row in range(0, SHOPPERS, 2):
        lists[row, 0] = own(histories, row)[-1]  # the newest
    wrong = replace(case, lists=lists)
    assert verdict("bought_again", wrong) == "red"
    row = measured("bought_again", wrong).instances[0]
    assert row.item == row.other
    old = case.lists.copy()
    for shopper in range(SHOPPERS):
        mine, when = own(histories, shopper), histories.times_s[histories.indptr[shopper] : histories.indptr[shopper + 1]]
        if when[mine == mine[0]].max() < NOW_S - 40 * DAY_S:
            old[shopper, 0] = mine[0]
    assert verdict("bought_again", replace(case, lists=old)) == "green"  # long ago


def test_the_same_title_under_another_number_counts_as_bought_again():
    case = examined()
    titles = case.catalogue.titles.copy()
    lists = case.lists.copy()
    for row in range(0, SHOPPERS, 3):
        lists[row, 2] = N_ITEMS - 1
    for row in range(SHOPPERS):
        titles[own(case.targets.histories, row)[-1]] = "Kettle, red"
    titles[N_ITEMS - 1] = "KETTLE  RED"
    wrong = replace(case, lists=lists, catalogue=replace(case.catalogue, titles=titles))
    assert measured("bought_again", wrong).estimate.value > 0.25


def test_near_duplicates():
    case = examined()
    titles = case.catalogue.titles.copy()
    titles[case.lists[:, 1]] = titles[case.lists[:, 0]]
    titles[case.lists[:, 4]] = titles[case.lists[:, 0]]
    titles[case.lists[:, 7]] = titles[case.lists[:, 0]]
    wrong = replace(case, catalogue=replace(case.catalogue, titles=np.array([str(t).split(" ")[0] for t in titles], dtype=object)))
    assert verdict("near_duplicates", wrong) == "red"  # every title is "Thing"
    assert measured("near_duplicates", wrong).estimate.value == pytest.approx(0.9)
    vectors = np.eye(N_ITEMS)
    by_hand = replace(case, lists=np.array([[0, 1, 2, 3, -1]] * SHOPPERS, dtype=np.int32), vectors=vectors)
    assert measured("near_duplicates", by_hand).estimate.value == 0
    vectors[2] = vectors[0]
    assert measured("near_duplicates", by_hand).estimate.value == 0.25


def test_same_for_all():
    same = np.tile(np.arange(K, dtype=np.int32), (SHOPPERS, 1))
    assert verdict("same_for_all", examined(same)) == "red"
    assert measured("same_for_all", examined(same)).estimate.value == 0
    different = (np.arange(SHOPPERS)[:, None] * K + np.arange(K)).astype(np.int32)
    assert personalisation(different)[0].value == 1


@pytest.mark.parametrize("ragged", [False, True])
def test_personalisation_is_the_mean_over_all_pairs(ragged):
    rng = np.random.default_rng(2)
    lists = np.stack([rng.choice(25, 6, replace=False) for _ in range(40)]).astype(np.int32)
    if ragged:
        lists[::3, 4:] = -1
        lists[5] = -1
    sets = [set(row[row >= 0].tolist()) for row in lists if (row >= 0).any()]
    pairs = [len(a & b) / max(len(a), len(b)) for i, a in enumerate(sets) for b in sets[:i]]
    estimate, shared = personalisation(lists)
    assert shared == pytest.approx(np.mean(pairs))
    assert estimate.value == pytest.approx(1 - np.mean(pairs))
    assert estimate.n == len(sets)


def test_the_interval_of_personalisation_covers_the_truth():
    """Lists drawn with chances of their own: the true overlap of two is known."""
    rng = np.random.default_rng(0)
    p = 1 / np.arange(1, 41) ** 0.7
    p /= p.sum()
    many = np.stack([rng.choice(40, 5, replace=False, p=p) for _ in range(6_000)])
    truth = personalisation(many)[0].value
    inside = 0
    for start in range(0, 6_000, 60):
        estimate = personalisation(many[start : start + 60])[0]
        inside += estimate.low <= truth <= estimate.high
    assert 88 <= inside <= 100


def test_best_sellers_only():
    case = examined()
    pairs = np.unique(np.stack([case.past.user_codes, case.past.item_codes]), axis=1)
    best = np.argsort(-np.bincount(pairs[1], minlength=N_ITEMS), kind="stable")
    lists = np.stack([[i for i in best if i not in own(case.targets.histories, row)][:K] for row in range(SHOPPERS)])
    wrong = replace(case, lists=lists.astype(np.int32))
    assert verdict("best_sellers_only", wrong) == "red"
    assert measured("best_sellers_only", wrong).estimate.value == 1


def test_price_jump():
    case = examined()
    prices = case.catalogue.prices.copy()
    prices[150:] = 200
    shift = replace(case.catalogue, prices=prices)
    lists = healthy_lists(case.targets.histories)
    lists[:, :6] = 150 + (lists[:, :6] % 50)
    truth = case.targets.truth_items % 150  # what they choose themselves stays cheap
    targets = replace(case.targets, truth_items=truth.astype(np.int32))
    wrong = replace(case, lists=lists, catalogue=shift, targets=targets)
    assert verdict("price_jump", wrong) == "red"
    for row in measured("price_jump", wrong).instances:
        usual = usual_prices(wrong)[row.row]
        assert usual == np.median(prices[np.unique(own(case.targets.histories, row.row))])
        assert not usual / 4 <= prices[row.item] <= usual * 4
    themselves = replace(wrong, targets=replace(targets, truth_items=(150 + truth % 50).astype(np.int32)))
    assert verdict("price_jump", themselves) == "green"  # shoppers who jump by themselves are followed


def test_cocoon():
    case = examined()
    favourite = np.array([np.bincount(own(case.targets.histories, row) % N_CATEGORIES).argmax() for row in range(SHOPPERS)])
    lists = favourite[:, None] + N_CATEGORIES * np.arange(K)
    assert verdict("cocoon", examined(lists.astype(np.int32))) == "red"
    narrow = measured("cocoon", examined(lists.astype(np.int32)))
    pairs = []
    for row in range(SHOPPERS):
        mine = np.unique(own(case.targets.histories, row)) % N_CATEGORIES
        same = (mine[:, None] == mine[None, :]).sum() - len(mine)
        pairs.append(1 - same / (len(mine) * (len(mine) - 1)))
    assert narrow.estimate.value == pytest.approx(np.mean(pairs))


def test_narrowing_sees_lists_that_close_in():
    case = examined()

    def closing_in(histories: Histories, k: int) -> np.ndarray:
        """As many places of the last item's category as items were taken since."""
        rounds = (histories.lengths - case.targets.histories.lengths[0]) // 2
        lists = np.tile(np.arange(k), (len(histories), 1))
        last = histories.item_codes[histories.indptr[1:] - 1] % N_CATEGORIES
        for row, many in enumerate(np.minimum(rounds * 2, k)):
            lists[row, :many] = last[row] + N_CATEGORIES * np.arange(many)
        return lists.astype(np.int32)

    assert verdict("narrowing", replace(case, ask=closing_in)) == "red"


def test_order_ignored():
    def last_decides(histories: Histories, k: int) -> np.ndarray:
        last = histories.item_codes[histories.indptr[1:] - 1].astype(np.int64)
        return ((last[:, None] + 1 + np.arange(k)) % N_ITEMS).astype(np.int32)

    def order_free(histories: Histories, k: int) -> np.ndarray:
        total = np.bincount(histories.row_of_event, histories.item_codes, minlength=len(histories)).astype(np.int64)
        return ((total[:, None] + np.arange(k)) % N_ITEMS).astype(np.int32)

    assert verdict("order_ignored", examined(ask=last_decides, reads_order=True)) == "green"
    assert verdict("order_ignored", examined(ask=order_free, reads_order=True)) == "red"
    assert "does not read the order" in check_of("order_ignored").obstacle(examined(ask=order_free))


def test_thin_profiles_and_new_visitors():
    def nothing_known(histories: Histories, k: int) -> np.ndarray:
        lists = np.tile(np.arange(k, dtype=np.int32), (len(histories), 1))
        lists[histories.lengths < 2] = -1
        return lists

    def three_places(histories: Histories, k: int) -> np.ndarray:
        lists = nothing_known(histories, k)
        lists[histories.lengths < 2, :3] = [7, 8, 9]
        return lists

    for key in ("thin_profile", "new_visitor"):
        assert verdict(key, examined(ask=nothing_known)) == "red"
    assert measured("new_visitor", examined(ask=three_places)).estimate.value == pytest.approx(0.7)
    assert [i.item for i in measured("new_visitor", examined(ask=three_places)).instances] == [7, 8, 9]


def test_red_needs_more_than_a_few_shoppers():
    assert verdict_of(Estimate(0.5, 0.05, 0.9, 3), 0.1, 0.3) == "amber"
    assert verdict_of(Estimate(0.5, 0.2, 0.9, 30), 0.1, 0.3) == "red"
    assert verdict_of(Estimate(0.1, 0.0, 0.9, 30), 0.1, 0.3) == "green"
    assert verdict_of(Estimate(0.2, 0.1, 0.3, 30), 0.6, 0.3, higher_is_worse=False) == "red"
    assert verdict_of(Estimate(0.2, 0.1, 0.7, 30), 0.6, 0.3, higher_is_worse=False) == "amber"
    assert verdict_of(Estimate(np.nan, np.nan, np.nan, 0), 0.1, 0.3) == "none"
    assert verdict_of(Estimate(0.5, np.nan, np.nan, 1), 0.1, 0.3) == "amber"  # one shopper proves nothing


def test_reversed_and_taken_histories():
    histories = Histories.of_items([[1, 2, 3], [], [4, 5]])
    back = reordered(histories)
    assert back.item_codes.tolist() == [3, 2, 1, 5, 4]
    assert back.times_s.tolist() == histories.times_s.tolist()
    mixed = reordered(histories, np.random.default_rng(0))
    assert sorted(mixed.item_codes[:3]) == [1, 2, 3]
    later = taking(histories, np.array([[7, 8], [9, -1], [-1, -1]]))
    assert [later.rows(np.array([row])).item_codes.tolist() for row in range(3)] == [[1, 2, 3, 7, 8], [9], [4, 5]]
    assert later.behaviours[3:6].tolist() == [3, 3, 3]  # bought
    assert (np.diff(later.times_s[:5]) >= 0).all()


def test_nobody_and_empty_lists_do_not_break():
    case = examined()
    empty = replace(case, lists=np.full((SHOPPERS, K), -1, dtype=np.int32))
    for key, check in checks().items():
        if check.obstacle(empty) == "" and not check.asks:
            assert verdict_of(check.measure(empty).estimate, check.amber, check.red, check.higher_is_worse) in ("none", "green"), key
