"""What a shopper did not like moves the answer away from it, by the formula of each model."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from recengine.columns import BEHAVIOUR_CODE
from recengine.data.dataset import Catalogue
from recengine.data.events import EventLog
from recengine.data.histories import Histories
from recengine.data.vocabulary import Vocabulary
from recengine.models.als import Als, AlsConfig
from recengine.models.base import FitContext
from recengine.models.content import Content, ContentConfig
from recengine.models.fusion import Fusion, FusionConfig, FusionMethod
from recengine.models.parts.dislikes import disliked, lowered, turned_away
from recengine.testing.known_answers import checkerboard

STRONG = {"dislike": -1.0, "return": -0.25}


def history_of(events: list[tuple[int, str]], weights: dict[str, float] = STRONG) -> Histories:
    items, names = zip(*events, strict=True)
    codes = np.array([BEHAVIOUR_CODE[name] for name in names])
    log = EventLog.build(np.zeros(len(items)), np.array(items), np.arange(len(items)), 1, max(items) + 1, codes).weighted(weights)
    return Histories.from_log(log, np.array([0]), 10_000)


def test_what_still_stands_as_not_liked() -> None:
    histories = history_of(
        [(0, "dislike"), (1, "dislike"), (1, "purchase"), (2, "purchase"), (2, "return"), (5, "dislike"), (9, "dislike")]
    )
    rows, items, strengths = disliked(histories, torch.tensor([True] * 5 + [False] + [True]))
    assert (rows.tolist(), items.tolist(), strengths.tolist()) == ([0, 0], [0, 2], [1.0, 0.25])


def test_the_shopper_is_turned_away_by_hand() -> None:
    items = torch.tensor([[2.0, 0.0], [0.0, 5.0], [3.0, 4.0], [-1.0, 0.0]])
    shopper = torch.tensor([[6.0, 8.0]])  # of length 10
    moved = turned_away(shopper, history_of([(0, "dislike"), (1, "return"), (2, "purchase")]), items, torch.ones(4, dtype=torch.bool))
    np.testing.assert_allclose(moved.numpy(), [[6 - 10 * 1.0, 8 - 10 * 0.25]])
    assert shopper.tolist() == [[6.0, 8.0]], "the input was changed"
    liked = history_of([(0, "purchase")])
    assert turned_away(shopper, liked, items, torch.ones(4, dtype=torch.bool)) is shopper


def test_scores_are_lowered_by_hand() -> None:
    items = torch.tensor([[1.0, 0.0], [0.0, 1.0], [3.0, 4.0], [-1.0, 0.0]])
    scores = torch.tensor([[1.0, 3.0, 5.0, 99.0]])
    seen = torch.tensor([True, True, True, False])  # the spread is that of 1, 3 and 5
    made = lowered(scores, history_of([(0, "dislike"), (1, "return")]), items, seen)
    spread = np.sqrt(8 / 3)
    np.testing.assert_allclose(made.numpy(), [[1 - spread, 3 - 0.25 * spread, 5 - (0.6 + 0.25 * 0.8) * spread, 99.0]], rtol=1e-6)


def test_als_is_sure_of_a_preference_of_minus_one() -> None:
    board = checkerboard()
    model = Als(AlsConfig(factors=4, epochs=4, unobserved_weight=0.3, regularisation=0.01))
    model.fit_all(board.log, FitContext(board.catalogue))
    histories = history_of([(0, "purchase"), (2, "purchase"), (3, "dislike"), (4, "return")])
    state = model.state()
    v, seen = state["factors"].double().numpy(), int(state["seen"].sum())
    weights = {0: 1.0, 2: 1.0, 3: -1.0, 4: -0.25}
    matrix = 0.3 * v.T @ v + 0.01 * (len(weights) + 0.3 * seen) * np.eye(4)
    matrix += sum(abs(w) * np.outer(v[item], v[item]) for item, w in weights.items())
    expected = np.linalg.solve(matrix, sum(w * v[item] for item, w in weights.items()))
    np.testing.assert_allclose(model.fold_in(histories).numpy()[0], expected, rtol=1e-5)
    parts = model.contributions(histories, np.array([6]))
    np.testing.assert_allclose(parts.base + parts.events.sum(), v[6] @ expected, rtol=1e-5)
    assert parts.events[2] * (v[6] @ np.linalg.solve(matrix, v[3])) < 0, "a dislike pulls against what is like it"


def test_a_dislike_alone_is_an_opinion_of_als_and_content() -> None:
    board = checkerboard()
    only = history_of([(0, "dislike")])
    for model in (Als(AlsConfig(factors=2, epochs=10)), Content()):
        model.fit_all(board.log, FitContext(board.catalogue))
        scores = model.score(only).numpy()[0, :16]
        assert scores[2::2].mean() < scores[1::2].mean() - 0.01, model.name


def test_content_subtracts_by_hand() -> None:
    titles = np.array(["oak table", "oak table", "tin kettle", "tin kettle"], dtype=object)
    blank = np.full(4, "", dtype=object)
    ids = Vocabulary.build([f"i{n}" for n in range(4)])
    catalogue = Catalogue(ids, titles, blank, blank, np.full(4, 1.0, dtype=np.float32), np.ones(4, dtype=bool), "none")
    log = EventLog.build(np.zeros(4), np.arange(4), np.arange(4), 1, 4)
    model = Content(ContentConfig(rank_decay=1.0))
    model.fit_all(log, FitContext(catalogue))
    events = [(2, "purchase"), (3, "purchase"), (0, "dislike")]
    # Shares before scaling: 1/2 and 1 for the purchases by age, -1 for the only dislike.
    np.testing.assert_allclose(model.event_values(history_of(events)), np.array([0.5, 1.0, -1.0]) / 2.5)
    np.testing.assert_allclose(model.score(history_of(events)).numpy()[0], [-0.4, -0.4, 0.6, 0.6], rtol=1e-6)


@pytest.mark.parametrize("method", list(FusionMethod))
def test_what_is_disliked_is_never_above_the_average_of_a_fusion(method: FusionMethod) -> None:
    board = checkerboard()
    model = Fusion(FusionConfig(parts=("ease", "item-knn"), method=method))
    model.fit_all(board.log, FitContext(board.catalogue))
    liked = [(item, "purchase") for item in (0, 2, 4)]
    before, after = (model.score(history_of(events)).numpy()[0] for events in (liked, [*liked, (6, "dislike")]))
    assert after[6] <= 0.0 < before[6]
