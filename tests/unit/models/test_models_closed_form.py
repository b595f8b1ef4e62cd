"""Hand-computed values of popularity, item-kNN, EASE, transitions and content."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from recengine.algebra.gram import gram
from recengine.algebra.symmetric import mirror_upper
from recengine.columns import BEHAVIOUR_CODE
from recengine.data.dataset import Catalogue
from recengine.data.events import EventLog
from recengine.data.histories import Histories
from recengine.data.vocabulary import Vocabulary
from recengine.models.base import FitContext
from recengine.models.content import Content
from recengine.models.ease import Ease, EaseConfig
from recengine.models.item_knn import ItemKnn, ItemKnnConfig
from recengine.models.parts.linear import Repeats, event_values
from recengine.models.popularity import DAY_S, Popularity, PopularityConfig
from recengine.models.transitions import Transitions, TransitionsConfig


def log_of(rows: list[tuple[int, int, int]], n_items: int, behaviours: list[str] | None = None) -> EventLog:
    users, items, times = (np.array(column) for column in zip(*rows, strict=True))
    codes = None if behaviours is None else np.array([BEHAVIOUR_CODE[name] for name in behaviours])
    return EventLog.build(users, items, times, int(users.max()) + 1, n_items, codes)


def bare(n_items: int) -> FitContext:
    return FitContext(Catalogue.bare(Vocabulary.build(f"{code:04d}" for code in range(n_items))))


def test_popularity_halves_with_the_half_life() -> None:
    log = log_of([(0, 0, 0), (0, 1, 10 * DAY_S), (1, 1, 10 * DAY_S)], 3)
    model = Popularity(PopularityConfig(half_life_days=10))
    model.fit_all(log, bare(3))
    np.testing.assert_allclose(model.score(Histories.of_items([[]]))[0], [0.5 / 2.5, 2 / 2.5, np.nan], rtol=1e-6)


def test_popularity_weighs_behaviours_and_can_keep_everything() -> None:
    log = log_of([(0, 0, 0), (0, 1, 99 * DAY_S)], 2, ["purchase", "view"])
    model = Popularity(PopularityConfig(half_life_days=0))
    model.fit_all(log, bare(2))
    np.testing.assert_allclose(model.score(Histories.of_items([[]]))[0], [1 / 1.3, 0.3 / 1.3], rtol=1e-6)


@pytest.mark.parametrize(("repeats", "expected"), [(Repeats.ONCE, 1.0), (Repeats.LOG, math.log2(1 + 2.3)), (Repeats.SUM, 2.3)])
def test_repeated_events_share_the_value_of_their_item(repeats: Repeats, expected: float) -> None:
    rows = Histories.of_items([[4, 4, 4, -1], [4]])
    behaviours = rows.behaviours.copy()
    behaviours[0] = BEHAVIOUR_CODE["view"]
    values = event_values(replace(rows, behaviours=behaviours), 5, repeats)
    assert values[:3].sum() == pytest.approx(expected, rel=1e-6)
    assert values[0] == pytest.approx(0.3 * values[1], rel=1e-6)
    assert values[3] == 0
    assert values[4] == pytest.approx(1.0)


def test_cosine_neighbours_by_hand() -> None:
    # Item 0: shoppers 0, 1. Item 1: shoppers 0, 1, 2. Item 2: shopper 2. Cosine 0-1 = 2/√6, 1-2 = 1/√3, 0-2 = 0.
    log = log_of([(0, 0, 0), (0, 1, 1), (1, 0, 2), (1, 1, 3), (2, 1, 4), (2, 2, 5)], 3)
    model = ItemKnn(ItemKnnConfig(similarity="cosine", neighbours=5, shrinkage=0))
    model.fit_all(log, bare(3))
    np.testing.assert_allclose(
        model.score(Histories.of_items([[1], [0, 2]])), [[2 / 6**0.5, 0, 3**-0.5], [0, 2 / 6**0.5 + 3**-0.5, 0]], rtol=1e-6
    )


def test_only_the_strongest_neighbours_speak() -> None:
    log = log_of([(0, 0, 0), (0, 1, 1), (1, 0, 2), (1, 1, 3), (2, 1, 4), (2, 2, 5)], 3)
    model = ItemKnn(ItemKnnConfig(similarity="cosine", neighbours=1, shrinkage=0))
    model.fit_all(log, bare(3))
    np.testing.assert_allclose(model.score(Histories.of_items([[1]])), [[2 / 6**0.5, 0, 0]], rtol=1e-6)


def test_shrinkage_halves_a_pair_with_as_many_common_shoppers() -> None:
    log = log_of([(0, 0, 0), (0, 1, 1), (1, 0, 2), (1, 1, 3)], 2)
    model = ItemKnn(ItemKnnConfig(similarity="cosine", shrinkage=2))
    model.fit_all(log, bare(2))
    np.testing.assert_allclose(model.score(Histories.of_items([[0]])), [[0, 0.5]], rtol=1e-6)


@pytest.mark.parametrize("regularisation", [0.5, 50.0])
def test_ease_solves_its_own_regression(regularisation: float) -> None:
    rng = np.random.default_rng(5)
    owned = rng.random((40, 12)) < 0.3
    users, items = np.nonzero(owned)
    log = EventLog.build(users, items, np.arange(len(users)), 40, 12)
    model = Ease(EaseConfig(regularisation=regularisation))
    model.fit_all(log, bare(12))
    weights = model.state()["matrix"].numpy().astype(np.float64)
    assert (np.diag(weights) == 0).all()
    # Column j is the ridge regression of item j on the other items.
    x = owned.astype(np.float64)
    for item in range(12):
        others = np.arange(12) != item
        a = x[:, others]
        expected = np.linalg.solve(a.T @ a + regularisation * np.eye(11), a.T @ x[:, item])
        np.testing.assert_allclose(weights[others, item], expected, atol=2e-5)


def test_gram_is_the_same_by_both_products() -> None:
    import scipy.sparse as sp

    rows = sp.random(300, 40, density=0.6, format="csr", dtype=np.float32, random_state=3)
    np.testing.assert_allclose(gram(rows).numpy(), (rows.T @ rows).toarray(), rtol=1e-5)
    thin = sp.random(300, 40, density=0.02, format="csr", dtype=np.float32, random_state=3)
    np.testing.assert_allclose(gram(thin).numpy(), (thin.T @ thin).toarray(), rtol=1e-5)


def transitions(log: EventLog, **settings: object) -> Transitions:
    plain = {"distance_decay": 1.0, "source_damping": 0.0, "target_damping": 0.0, "basket_damping": 0.0, "rank_decay": 1.0, "together": 0.5}
    model = Transitions(TransitionsConfig(**{**plain, **settings}))  # type: ignore[arg-type]
    model.fit_all(log, bare(log.n_items))
    return model


def test_transitions_count_forward_with_decay() -> None:
    log = log_of([(0, 0, 0), (0, 1, 1), (0, 2, 2), (1, 0, 0), (1, 2, 1)], 4)
    scores = transitions(log, window=2).score(Histories.of_items([[0], [1], [2], [0, 1]]))
    nan = np.nan
    # [0, 1]: 1 is the newest and counts whole, 0 counts half.
    expected = [[0, 1.0, 0.5 + 1.0, nan], [0, 0, 1.0, nan], [0, 0, 0, nan], [0, 0.5, 1.0 + 0.75, nan]]
    np.testing.assert_allclose(scores, expected, rtol=1e-6)


def test_one_order_is_one_step_and_its_inner_order_means_nothing() -> None:
    basket = log_of([(0, 0, 0), (0, 1, 0), (0, 2, 9)], 3)
    scores = transitions(basket, window=1).score(Histories.of_items([[0], [1]]))
    np.testing.assert_allclose(scores, [[0, 0.5, 1.0], [0.5, 0, 1.0]], rtol=1e-6)
    by_event = transitions(basket, window=1, step="event").score(Histories.of_items([[0], [1]]))
    np.testing.assert_allclose(by_event, [[0, 1.0, 0], [0, 0, 1.0]], rtol=1e-6)


def test_an_item_bought_twice_in_one_order_goes_with_itself_and_one_bought_again_follows_itself() -> None:
    scores = transitions(log_of([(0, 0, 0), (0, 0, 0), (0, 1, 5), (0, 0, 9)], 2), window=2).score(Histories.of_items([[0]]))
    # Together: two ordered pairs at 0.5. Again: two events, two moments later, at 1/2 each. Next to 1: two events.
    np.testing.assert_allclose(scores, [[1.0 + 1.0, 2.0]], rtol=1e-5)


def test_the_newest_order_has_rank_one_for_all_its_items() -> None:
    log = log_of([(0, 0, 0), (0, 1, 1), (0, 2, 2)], 3)
    rows = Histories.of_items([[0, 1, 2]])
    rows = replace(rows, times_s=np.array([0, 50, 50]))
    np.testing.assert_allclose(transitions(log).event_values(rows), [0.5, 1.0, 1.0])
    np.testing.assert_allclose(transitions(log, recent_steps=1).event_values(rows), [0.0, 1.0, 1.0])
    np.testing.assert_allclose(transitions(log, step="event").event_values(rows), [1 / 3, 0.5, 1.0])


def test_damping_divides_by_popularity_and_order_size() -> None:
    log = log_of([(0, 0, 0), (0, 1, 1), (0, 2, 1)], 3)
    scores = transitions(log, window=1, source_damping=1.0, target_damping=1.0, basket_damping=1.0).score(Histories.of_items([[0]]))
    # One event an item: popularity 2 with the one added. 0 → 1: 1 × 1/2 (two items in the order) × 1/2 × 1/2.
    np.testing.assert_allclose(scores, [[0, 0.125, 0.125]], rtol=1e-6)


def shop(titles: list[str]) -> FitContext:
    n = len(titles)
    blank = np.full(n, "", dtype=object)
    ids = Vocabulary.build(f"{code:04d}" for code in range(n))
    return FitContext(Catalogue(ids, np.array(titles, dtype=object), blank, blank, np.full(n, np.nan, np.float32), np.ones(n, bool)))


def test_content_scores_items_nobody_took_and_none_without_text() -> None:
    log = log_of([(0, 0, 0)], 4)
    model = Content()
    model.fit_all(log, shop(["red mug", "red mug", "", "blue lamp red"]))
    scores = model.score(Histories.of_items([[0], [2]]))
    assert scores[0, 1] == pytest.approx(1.0)
    assert 0 < scores[0, 3] < 1.0 + 1e-6
    assert torch.isnan(scores[0, 2])
    assert torch.isnan(scores[1]).all()


def test_content_profile_is_a_weighted_mean() -> None:
    model = Content(Content.Config(rank_decay=1.0))
    model.fit_all(log_of([(0, 0, 0)], 4), shop(["mug mug", "mug", "lamp", "lamp"]))
    np.testing.assert_allclose(model.score(Histories.of_items([[0, 2]]))[0], [1 / 3, 1 / 3, 2 / 3, 2 / 3], rtol=1e-6)


def test_ease_can_count_newer_moments_more_when_scoring_alone() -> None:
    rng = np.random.default_rng(2)
    log = log_of([(int(user), int(item), place) for place, (user, item) in enumerate(rng.integers(0, (20, 6), (90, 2)))], 6)
    plain, faded = (Ease(EaseConfig(regularisation=5, rank_decay=decay)) for decay in (0.0, 1.0))
    for model in (plain, faded):
        model.fit_all(log, bare(6))
    # Item 3 is newest; items 1 and 2 share the moment before it, and count half.
    row = replace(Histories.of_items([[1, 2, 3]], now_s=9), times_s=np.array([4, 4, 7]))
    one_by_one = plain.score(Histories.of_items([[1], [2], [3]])).double().numpy()
    np.testing.assert_allclose(faded.score(row)[0], one_by_one[0] / 2 + one_by_one[1] / 2 + one_by_one[2], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(plain.score(row)[0], one_by_one.sum(0), rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(plain.state()["matrix"], faded.state()["matrix"])  # the weights are learned in no order


@pytest.mark.parametrize("n", [1, 63, 64, 130])
def test_the_upper_triangle_is_mirrored_and_the_lower_one_forgotten(n: int) -> None:
    matrix = np.random.default_rng(n).normal(size=(n, n)).astype(np.float32)
    np.testing.assert_array_equal(mirror_upper(matrix.copy()), np.triu(matrix) + np.triu(matrix, 1).T)
