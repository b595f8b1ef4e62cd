"""User-kNN: likeness and votes by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from recengine.data.dataset import Catalogue
from recengine.data.events import EventLog
from recengine.data.histories import Histories
from recengine.data.vocabulary import Vocabulary
from recengine.models.base import FitContext
from recengine.models.user_knn import UserKnn, UserKnnConfig

PAIRS = [(0, 0), (0, 1), (1, 1), (1, 2), (2, 0), (2, 1), (2, 3)]  # item 4 has no event


def fitted(pairs: list[tuple[int, int]] = PAIRS, n_items: int = 5, **settings: object) -> UserKnn:
    users, items = np.array(pairs).T
    log = EventLog.build(users, items, np.arange(len(pairs)), int(users.max()) + 1, n_items)
    plain = {"item_weight": "same", "shrinkage": 0.0, "history_damping": 0.0}
    model = UserKnn(UserKnnConfig(**{**plain, **settings}))  # type: ignore[arg-type]
    model.fit_all(log, FitContext(Catalogue.bare(Vocabulary.build(f"{code:04d}" for code in range(n_items)))))
    return model


def test_votes_by_cosine() -> None:
    # The history {0} and shopper 0: 1/√2; shopper 2: 1/√3; shopper 1 shares nothing.
    a, b = 2**-0.5, 3**-0.5
    np.testing.assert_allclose(fitted().score(Histories.of_items([[0]])), [[a + b, a + b, 0, b, np.nan]], rtol=1e-6)


def test_only_the_nearest_vote() -> None:
    a = 2**-0.5
    np.testing.assert_allclose(fitted(neighbours=1).score(Histories.of_items([[0]])), [[a, a, 0, 0, np.nan]], rtol=1e-6)


def test_equal_neighbours_go_by_the_lower_shopper() -> None:
    model = fitted([(0, 0), (0, 1), (1, 0), (1, 2), (2, 0), (2, 3)], 4, neighbours=2)
    assert (model.score(Histories.of_items([[0]]))[0, 1:] > 0).tolist() == [True, True, False]


@pytest.mark.parametrize(
    ("settings", "expected"), [({"shrinkage": 1.0}, 1 / (2**0.5 + 1)), ({"sharpness": 2.0}, 0.5), ({"history_damping": 1.0}, 2**-1.5)]
)
def test_settings_by_hand(settings: dict[str, float], expected: float) -> None:
    score = fitted(neighbours=1, **settings).score(Histories.of_items([[0]]))  # type: ignore[arg-type]
    assert float(score[0, 1]) == pytest.approx(expected, rel=1e-6)


def test_rare_items_tell_more() -> None:
    # Rarity: item 1 has three takers, item 3 one.
    model = fitted(item_weight="rarity", neighbours=1)
    common, rare = math.log(1 + 3 / 3), math.log(1 + 3)
    half = math.log(1 + 3 / 2)
    likeness = (common**2 + rare**2) / math.hypot(common, rare) / math.sqrt(half**2 + common**2 + rare**2)
    assert float(model.score(Histories.of_items([[1, 3]]))[0, 0]) == pytest.approx(likeness, rel=1e-5)


def test_an_item_nobody_took_finds_nobody() -> None:
    assert torch.isnan(fitted().score(Histories.of_items([[4], []]))).all()


def test_order_and_strangers_change_nothing() -> None:
    model = fitted()
    scores = model.score(Histories.of_items([[0, 1], [1, 0], [1, -1, 0, 4]]))
    assert torch.equal(scores[0].nan_to_num(), scores[1].nan_to_num())
    assert torch.equal(scores[0].nan_to_num(), scores[2].nan_to_num())
