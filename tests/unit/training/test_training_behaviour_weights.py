"""Strengths of behaviours are learned on validation shoppers alone, from a log where views are noise and carts tell what is bought."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from recengine.columns import BEHAVIOUR_CODE
from recengine.data.dataset import Catalogue
from recengine.data.events import EventLog
from recengine.data.split import Split, Targets, leave_last_out, time_split
from recengine.data.standing import weight_table
from recengine.data.vocabulary import Vocabulary
from recengine.errors import Cancelled
from recengine.evaluation.metrics.base import Shop
from recengine.models.als import Als
from recengine.models.base import FitContext
from recengine.models.ease import Ease, EaseConfig
from recengine.models.item_knn import ItemKnn
from recengine.training import behaviour_weights
from recengine.training.behaviour_weights import LearnedWeights, learn_weights, learnable
from recengine.training.validation import validation_ndcg

V, C, P, D = (BEHAVIOUR_CODE[name] for name in ("view", "cart", "purchase", "dislike"))
GROUPS, EACH = 5, 12
EQUAL = {"view": 1.0, "cart": 1.0}


def planted_log(seed: int = 3, n_users: int = 160) -> EventLog:
    """Carts and purchases fall on the group of items of the shopper, views on another one."""
    rng = np.random.default_rng(seed)
    rows = []
    for user in range(n_users):
        group, distracted = user % GROUPS, rng.integers(0, GROUPS)
        for behaviour, count, of in ((V, 14, distracted), (C, 6, group), (P, 3, group)):
            for item in rng.integers(0, EACH, count):
                rows.append((user, of * EACH + item, rng.integers(0, 100 * 86_400), behaviour))
    users, items, times, behaviours = np.array(rows, dtype=np.int64).T
    return EventLog.build(users, items, times, n_users, GROUPS * EACH, behaviours)


@pytest.fixture(scope="module")
def log() -> EventLog:
    return planted_log()


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue.bare(Vocabulary.build([f"i{n:02d}" for n in range(GROUPS * EACH)]))


def cut(log: EventLog) -> Split:
    return time_split(log, np.ones(log.n_items, dtype=bool), 0.2)


def figure_on_test(split: Split, catalogue: Catalogue, weights: dict[str, float]) -> float:
    """NDCG@10 on the test window of a model that is fitted on all before it."""
    table = weight_table(weights)
    model = Ease(EaseConfig(regularisation=5.0))
    model.fit_all(split.past.weighted(table), FitContext(catalogue))
    targets = replace(split.test, histories=replace(split.test.histories, weight_of_code=table))
    return validation_ndcg(model, targets, Shop.of(split.past, catalogue.sellable))


def check(split: Split, catalogue: Catalogue) -> LearnedWeights:
    """What has to hold of learned strengths here."""
    found = learn_weights(split, catalogue, Ease, EaseConfig(regularisation=5.0), EQUAL)
    assert found.weights["cart"] > found.weights["view"]
    assert found.weights["purchase"] == 1.0
    assert found.ndcg > found.before
    assert figure_on_test(split, catalogue, found.weights) > figure_on_test(split, catalogue, EQUAL) + 0.02
    return found


def test_carts_that_tell_rank_above_views_that_do_not(log: EventLog, catalogue: Catalogue) -> None:
    found = check(cut(log), catalogue)
    assert found.learned == ("view", "cart")
    assert f"view {found.weights['view']:g}, cart {found.weights['cart']:g}, purchase 1." in found.note()
    assert found.whole


def test_a_search_whose_weights_are_ignored_fails(log: EventLog, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(behaviour_weights, "weight_table", lambda weights: weight_table(EQUAL))
    with pytest.raises(AssertionError):
        check(cut(log), catalogue)


def test_the_same_is_learned_twice_and_the_test_window_is_never_read(log: EventLog, catalogue: Catalogue) -> None:
    split = cut(log)
    nobody = Targets(split.test.histories.rows(slice(0, 0)), np.zeros(1, dtype=np.int64), np.zeros(0, dtype=np.int32))
    blind = replace(split, past=split.train, test=nobody)
    one, other = (learn_weights(s, catalogue, ItemKnn, ItemKnn.Config(), {}, seed=4) for s in (split, blind))
    assert one == other


def test_a_model_that_is_slow_is_stood_in_for(log: EventLog, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(behaviour_weights, "LEVELS", (0.1, 1.0))
    found = learn_weights(leave_last_out(log), catalogue, Als, Als.Config(), {})
    assert found.model == "Item-kNN"


def test_what_can_be_learned() -> None:
    def kinds(*behaviours: str) -> tuple[str, ...]:
        codes = np.array([BEHAVIOUR_CODE[name] for name in behaviours])
        return learnable(EventLog.build(np.zeros(len(codes)), np.arange(len(codes)), np.arange(len(codes)), 1, len(codes), codes))

    assert kinds("view", "view", "cart", "purchase", "return", "dislike") == ("view", "cart")
    assert kinds("view", "view", "cart") == ("view",), "without purchases the strongest is the measure"
    assert kinds("purchase", "return") == kinds("view") == kinds() == ()


def test_a_single_kind_leaves_everything_as_it_is(catalogue: Catalogue, log: EventLog) -> None:
    found = learn_weights(cut(log.keep(log.behaviours == P)), catalogue, ItemKnn, ItemKnn.Config(), {"view": 0.2})
    assert (found.learned, found.weights["view"], found.judgements) == ((), 0.2, 0)
    assert "not learned" in found.note()


def test_it_ends_when_asked_and_when_the_time_is_over(log: EventLog, catalogue: Catalogue) -> None:
    with pytest.raises(Cancelled):
        learn_weights(cut(log), catalogue, ItemKnn, ItemKnn.Config(), {}, should_stop=lambda: True)
    said = list[str]()
    found = learn_weights(cut(log), catalogue, ItemKnn, ItemKnn.Config(), EQUAL, note=said.append, seconds=0.0)
    assert not found.whole
    assert found.weights["cart"] == found.weights["view"] == 1.0
    assert said == []
    assert "time was over" in found.note()


def test_what_is_tried_is_told(log: EventLog, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(behaviour_weights, "LEVELS", (0.1, 1.0))
    said = list[str]()
    learn_weights(cut(log), catalogue, ItemKnn, ItemKnn.Config(), EQUAL, note=said.append)
    assert said[0] == "Learning what behaviours count: view 0.1 (1 of at most 4)"
