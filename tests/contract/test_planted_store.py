"""Every family of models finds what was planted for it in the demo store, and a mutant that cannot know it fails the same proof.

Families are looked up by what the models declare, so a new model is asked too.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from recengine.data.events import EventLog
from recengine.data.histories import Histories
from recengine.models.base import Recommender, TopK
from recengine.models.item_knn import ItemKnn
from recengine.models.parts.linear import ItemLinear
from recengine.models.popularity_context import PopularityContext
from recengine.models.registry import model_class, single_models
from recengine.testing.demo_store import START_S
from recengine.testing.planted_proofs import (
    DAY_S,
    HOUR_FLOOR,
    ORDER_FLOOR,
    PAIR_FLOOR,
    TEXT_FLOOR,
    PlantedStore,
    fitted,
    hours_found,
    new_items_found,
    order_found,
    pairs_found,
    planted_store,
)

# Settings for 5,000 purchases; what is not named here runs with its defaults.
SMALL: dict[str, dict[str, Any]] = {
    "attention": {"factors": 32, "epochs": 6, "learning_rate": 0.03, "weight_decay": 0.02, "max_length": 10},
    "sasrec": {
        "layers": 1,
        "max_length": 10,
        "epochs": 25,
        "learning_rate": 3e-3,
        "batch_size": 64,
        "use_times": False,
        "use_behaviours": False,
    },
}
# A language model or several models at once need more time than a test has; mixtures know what their parts know.
SLOW = {"blend", "fusion", "text", "text-transitions", "two-tower"}

SEQUENCE = [name for name, model in single_models().items() if model.can.order and not model.can.cold_items and name not in SLOW]
NEIGHBOURS = [name for name, model in single_models().items() if issubclass(model, ItemLinear) and not model.can.order]
TEXT = [name for name, model in single_models().items() if model.can.cold_items and name not in SLOW]
CONTEXT = [name for name, model in single_models().items() if "hours" in model.Config.model_fields]


@pytest.fixture(scope="module")
def store() -> PlantedStore:
    return planted_store()


def made(name: str) -> Recommender:
    model = model_class(name)
    return model(model.Config(**SMALL.get(name, {})))


_TAUGHT: dict[str, Recommender] = {}


def taught(name: str, store: PlantedStore) -> Recommender:
    """The model fitted on the purchases, once for all tests."""
    if name not in _TAUGHT:
        _TAUGHT[name] = fitted(made(name), store, store.purchases)
    return _TAUGHT[name]


def without_order(log: EventLog) -> EventLog:
    """The same purchases of the same shoppers, at each other's times."""
    luck = np.random.default_rng(0).random(len(log))
    order = np.lexsort((luck, log.user_codes))
    return EventLog.build(log.user_codes, log.item_codes[order], log.times_s, log.n_users, log.n_items, log.behaviours, log.prices)


def launch(store: PlantedStore) -> int:
    """A moment before every launch."""
    return int(store.launched_s[store.launched_s > START_S].min())


def test_each_family_has_a_member() -> None:
    assert {"transitions", "sasrec", "attention"} <= set(SEQUENCE)
    assert {"item-knn", "ease"} <= set(NEIGHBOURS)
    assert "content" in TEXT
    assert "popularity-context" in CONTEXT


def test_the_store_holds_what_is_asked(store: PlantedStore) -> None:
    assert len(store.pairs) >= 10
    assert (store.launched_s > START_S).sum() == 24
    assert store.log.n_items == len(store.catalogue) == 408
    bought = Histories.from_log(store.purchases, np.arange(store.log.n_users), store.end_s)
    for first, second in store.pairs:  # who bought the first bought the second far more often than others did
        has = bought.to_csr(store.log.n_items, binary=True)[:, [first, second]].toarray() > 0
        assert has[has[:, 0], 1].mean() > 3 * has[~has[:, 0], 1].mean()


@pytest.mark.parametrize("name", SEQUENCE)
def test_sequence_models_find_the_order(name: str, store: PlantedStore) -> None:
    assert order_found(taught(name, store), store) > ORDER_FLOOR


@pytest.mark.parametrize("name", ["transitions", "attention"])
def test_order_that_was_shuffled_is_not_found(name: str, store: PlantedStore) -> None:
    assert order_found(fitted(made(name), store, without_order(store.purchases)), store) < ORDER_FLOOR


@pytest.mark.parametrize("name", NEIGHBOURS)
def test_neighbours_find_the_pairs_but_not_their_order(name: str, store: PlantedStore) -> None:
    model = taught(name, store)
    assert pairs_found(model, store) > PAIR_FLOOR
    assert order_found(model, store) < ORDER_FLOOR


class NextDoor(ItemKnn):
    """Every neighbour is the item beside it."""

    def _become(self, matrix: Any, scored: np.ndarray) -> None:
        super()._become(matrix[:, np.roll(np.arange(matrix.shape[1]), 1)], scored)


def test_shifted_neighbours_and_popularity_find_no_pairs(store: PlantedStore) -> None:
    for model in (NextDoor(), made("popularity")):
        assert pairs_found(fitted(model, store, store.purchases), store) < PAIR_FLOOR


@pytest.mark.parametrize("name", TEXT)
def test_texts_find_new_items(name: str, store: PlantedStore) -> None:
    cut = launch(store)
    model = fitted(made(name), store, store.log.keep(store.log.times_s < cut))
    assert new_items_found(model, store, cut) > TEXT_FLOOR


@pytest.mark.parametrize("name", ["content"])
def test_texts_of_other_items_find_no_new_ones(name: str, store: PlantedStore) -> None:
    cut, turn = launch(store), np.roll(np.arange(store.log.n_items), 37)
    texts = store.catalogue
    wrong = replace(texts, titles=texts.titles[turn], categories=texts.categories[turn], brands=texts.brands[turn])
    model = fitted(made(name), PlantedStore(store.log, wrong, store.truth), store.log.keep(store.log.times_s < cut))
    assert new_items_found(model, store, cut) < TEXT_FLOOR


def test_events_alone_know_nothing_of_new_items(store: PlantedStore) -> None:
    cut = launch(store)
    model = fitted(made("item-knn"), store, store.log.keep(store.log.times_s < cut))
    assert abs(new_items_found(model, store, cut)) < 1e-9


@pytest.mark.parametrize("name", CONTEXT)
def test_context_finds_the_time_of_day(name: str, store: PlantedStore) -> None:
    assert hours_found(fitted(made(name), store, store.log), store) > HOUR_FLOOR


class DeafToTheClock(PopularityContext):
    """Every question is asked at midnight."""

    def recommend(self, histories: Histories, *arguments: Any, **options: Any) -> TopK:
        return super().recommend(replace(histories, now_s=histories.now_s // DAY_S * DAY_S), *arguments, **options)


@pytest.mark.parametrize("model", [DeafToTheClock, model_class("popularity")], ids=lambda model: model.__name__)
def test_a_clock_that_nobody_reads_finds_nothing(model: type[Recommender], store: PlantedStore) -> None:
    assert hours_found(fitted(model(), store, store.log), store) < HOUR_FLOOR


def test_attention_rests_on_the_purchase_that_explains_the_next(store: PlantedStore) -> None:
    """Of five past purchases, the first of a planted pair gets the most attention when its second is in question."""
    model = taught("attention", store)
    assert _attention_right(model, store) >= 0.7
    moved = _attention_right(model, store, shift=1)
    assert moved <= 0.4, "attention for another item rests on the same event"


def _attention_right(model: Recommender, store: PlantedStore, shift: int = 0) -> float:
    """Share of the pairs whose first item has the largest weight, when the second item of the pair `shift` further on is asked about."""
    rng = np.random.default_rng(0)
    sold = np.flatnonzero(np.bincount(store.purchases.item_codes, minlength=store.log.n_items) >= 5)
    others = np.setdiff1d(sold, store.pairs)
    rows = [[*rng.choice(others, 2), first, *rng.choice(others, 2)] for first, _ in store.pairs]
    histories = Histories.of_items([[int(code) for code in row] for row in rows], now_s=store.end_s)
    weights = model.attention_weights(histories, np.roll(store.pairs[:, 1], -shift)).reshape(-1, 5)
    return float((weights.argmax(1) == 2).mean())
