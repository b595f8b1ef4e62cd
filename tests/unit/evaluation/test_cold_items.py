"""Cold items: figures worked out by hand, and models whose answer is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from recengine.data.events import EventLog
from recengine.data.histories import Histories
from recengine.data.split import LeakageReport, Split, Targets
from recengine.evaluation.cold_items import RandomOrder, cold_items, new_items
from recengine.evaluation.metrics.base import Judged, Shop
from recengine.evaluation.metrics.new_items import NewItems
from recengine.models.base import TopK

N = 14  # items; 10 to 13 are first sold after the cut, 13 is no product
SELLABLE = np.arange(N) != 13


class Fixed:
    """Lists items in one order."""

    def __init__(self, order: list[int]) -> None:
        self.order, self.n_items = np.array(order), N

    def recommend(self, histories, k, exclude=None, allow=None):
        codes = np.full((len(histories), k), -1, np.int32)
        for row in range(len(histories)):
            owned = set() if exclude is None else set(exclude[row].indices)
            left = [code for code in self.order if code not in owned and (allow is None or allow[code])][:k]
            codes[row, : len(left)] = left
        return TopK(codes, np.where(codes >= 0, 1.0, np.nan))


@pytest.fixture
def split() -> Split:
    past = EventLog.build(np.repeat([0, 1, 2], 10) % 3, np.tile(np.arange(10), 3), np.arange(30), 3, N)
    questions = Histories.of_items([[0], [1], [2]])
    # Shopper 0 chose new items 10 and 11, shopper 1 an old one, shopper 2 an old one and new item 12.
    test = Targets(questions, np.array([0, 2, 3, 5]), np.array([10, 11, 5, 6, 12], dtype=np.int32))
    return Split("time", past, test, past, test, 30, LeakageReport(29, 30, 0, 0, ""), "")


def test_new_items_are_products_that_nobody_took(split: Split) -> None:
    assert np.flatnonzero(new_items(split, SELLABLE)).tolist() == [10, 11, 12]
    views = replace(split.past, behaviours=np.full(len(split.past), 7, dtype=np.int8))  # impressions tell of no interest
    assert new_items(replace(split, past=views), SELLABLE).sum() == 13


def test_figures_by_hand(split: Split) -> None:
    """Order 12, 0, 1, …, 9, 11, 10. Among new: 12, 11, 10. Whole: 12 at the first place, 11 and 10 beyond the tenth."""
    found = cold_items(Fixed([12, *range(10), 11, 10]), split, SELLABLE)
    assert (found.items, found.chosen, found.shoppers) == (3, 3, 2)
    gain = 1 / np.log2(np.arange(2, 12))
    np.testing.assert_allclose(found.per_shopper["ndcg_among_new"], [(gain[1] + gain[2]) / (gain[0] + gain[1]), 1.0])
    np.testing.assert_allclose(found.per_shopper["hr_among_new"], [1, 1])
    np.testing.assert_allclose(found.per_shopper["ndcg_whole"], [0, 1])
    assert found.hr_whole.value == 0.5
    assert found.rescued.value == pytest.approx(1 / 3)


def test_a_model_that_never_lists_new_items_rescues_none(split: Split) -> None:
    found = cold_items(Fixed(list(range(10))), split, SELLABLE)
    assert found.rescued.value == found.hr_whole.value == found.ndcg_among_new.value == 0.0


def test_without_a_new_answer_there_is_no_figure(split: Split) -> None:
    test = Targets(split.test.histories, np.array([0, 1, 2, 3]), np.array([5, 6, 7], dtype=np.int32))
    found = cold_items(Fixed(list(range(N))), replace(split, test=test), SELLABLE)
    assert found.shoppers == 0
    assert np.isnan(found.ndcg_whole.value)
    assert found.items == 3


def test_chance_keeps_to_what_is_allowed_and_hits_as_often_as_it_should() -> None:
    model = RandomOrder(100, seed=1)
    histories = Histories.of_items([[0]] * 2000)
    allow = np.arange(100) < 50
    lists = model.recommend(histories, 10, histories.to_csr(100), allow).item_codes
    assert (lists < 50).all()
    assert (lists > 0).all()
    assert abs((lists == 7).any(1).mean() - 10 / 49) < 0.03
    assert (model.recommend(histories, 60, None, allow).item_codes >= 0).sum(1).tolist() == [50] * 2000


def test_the_metric_of_every_evaluation_is_the_same_share(split: Split) -> None:
    """Lists hold new item 12 and 10 of 10, 11 and 12; with the second shopper alone only item 10."""
    shop = Shop.of(split.past, SELLABLE)
    judged = Judged(np.array([[12, 0], [1, 10], [13, -1]], dtype=np.int32), split.test, shop)
    assert NewItems().values(judged, 2, np.array([[1.0, 1, 1], [0, 2, 0]])).tolist() == pytest.approx([2 / 3, 1 / 3])
    assert NewItems().values(judged, 1, np.ones((1, 3))).tolist() == pytest.approx([1 / 3])
    assert NewItems().applies(judged)
    assert not NewItems().applies(Judged(judged.lists, split.test, replace(shop, sellable=SELLABLE & (shop.counts > 0))))
