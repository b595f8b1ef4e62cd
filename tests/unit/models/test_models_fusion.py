"""Fusion: scales of opinions, convex weights, silence, and shares that add up."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from scipy.optimize import minimize

from recengine.data.dataset import Catalogue
from recengine.data.events import EventLog
from recengine.data.histories import Histories
from recengine.data.vocabulary import Vocabulary
from recengine.errors import BadInput, NotFound
from recengine.models.base import FitContext
from recengine.models.fusion import Fusion, FusionConfig
from recengine.models.parts.holdout import Holdout, hold_out_last
from recengine.models.parts.opinions import reciprocal_ranks, standardised
from recengine.models.parts.proposals import Proposals, likeliest_weights, propose
from recengine.testing.known_answers import chain

NAN = float("nan")


def random_log(n_users: int = 120, n_items: int = 15) -> EventLog:
    rng = np.random.default_rng(0)
    users = np.repeat(np.arange(n_users), 8)
    return EventLog.build(users, rng.integers(0, n_items, len(users)), np.tile(np.arange(8) * 1000, n_users), n_users, n_items)


def bare(log: EventLog) -> FitContext:
    return FitContext(Catalogue.bare(Vocabulary.build(f"{code:04d}" for code in range(log.n_items))))


def fitted(log: EventLog | None = None, **settings: Any) -> Fusion:
    log = log or random_log()
    model = Fusion(FusionConfig(**{"parts": ("transitions", "item-knn", "popularity"), **settings}))
    model.fit_all(log, bare(log))
    return model


def test_scores_are_standardised_over_what_can_be_scored() -> None:
    scores = torch.tensor([[1.0, 3.0, NAN], [5.0, 5.0, 5.0], [NAN, NAN, NAN]])
    np.testing.assert_allclose(standardised(scores), [[-1, 1, NAN], [0, 0, 0], [NAN, NAN, NAN]], atol=1e-6)


def test_rounding_is_not_an_opinion() -> None:
    scores = torch.tensor([[0.1, 0.1 + 1e-8, 0.1]])
    assert standardised(scores).abs().max() == 0


def test_reciprocal_ranks_by_hand() -> None:
    scores = torch.tensor([[4.0, 9.0, 6.0, NAN, 5.0]])
    ranks = reciprocal_ranks(scores, Histories.of_items([[2, -1]]), constant=1.0, depth=2)
    # Item 2 is in the history: 1 and 4 are first and second, 0 is beyond the depth, and 2 stands where 4 does.
    np.testing.assert_allclose(ranks, [[0, 2 / 2, 2 / 3, NAN, 2 / 3]], rtol=1e-6)


def test_ties_of_ranks_go_to_the_lower_code() -> None:
    ranks = reciprocal_ranks(torch.tensor([[1.0, 2.0, 2.0]]), Histories.of_items([[]]), constant=0.0, depth=3)
    np.testing.assert_allclose(ranks, [[1 / 3, 1, 1 / 2]], rtol=1e-6)


def proposals_of(says: np.ndarray, is_answer: np.ndarray, each: int) -> Proposals:
    """Questions of `each` candidates."""
    row = np.arange(len(says)) // each
    log = random_log()
    held = hold_out_last(log, 60, 0)
    assert held is not None
    n_rows = int(row.max()) + 1
    questions = held.questions.rows(np.zeros(n_rows, dtype=np.int64))
    at = np.flatnonzero(is_answer)
    return Proposals(row, np.arange(len(says)) % each, says, is_answer, Holdout(log, questions, row[at], at % each))


def test_weights_are_the_likeliest() -> None:
    rng = np.random.default_rng(0)
    says = rng.normal(size=(400 * 6, 3))
    chance = np.exp(says @ [2.0, 0.5, 0.0]).reshape(400, 6)
    chance /= chance.sum(1, keepdims=True)
    answer = np.array([rng.choice(6, p=row) for row in chance])
    is_answer = (np.arange(6) == answer[:, None]).ravel()
    weights = likeliest_weights(proposals_of(says, is_answer, 6), ridge=0.0)
    np.testing.assert_allclose(weights, [2.0, 0.5, 0.0], atol=0.25)

    def loss(w: np.ndarray) -> float:
        value = (says @ w).reshape(400, 6)
        return float((np.log(np.exp(value).sum(1)) - value[np.arange(400), answer]).mean())

    free = minimize(loss, np.ones(3), bounds=[(0, None)] * 3, method="L-BFGS-B")
    np.testing.assert_allclose(weights, free.x, atol=1e-3)
    for change in np.eye(3) * 0.02:
        assert loss(weights) <= loss(weights + change) + 1e-9


def test_a_part_that_is_wrong_gets_nothing_and_no_weight_is_below_zero() -> None:
    rng = np.random.default_rng(1)
    truth = rng.integers(0, 5, 200)
    right = (np.arange(5) == truth[:, None]).ravel().astype(float)
    weights = likeliest_weights(proposals_of(np.stack([right, -right, rng.normal(size=1000)], 1), right > 0, 5))
    assert weights[0] > 3
    assert weights[1] == 0
    assert (weights >= 0).all()


def test_no_proposed_answer_leaves_equal_weights() -> None:
    says = np.random.default_rng(0).normal(size=(10, 2))
    np.testing.assert_array_equal(likeliest_weights(proposals_of(says, np.zeros(10, dtype=bool), 5)), [1.0, 1.0])


def test_ndcg_of_proposals_equals_that_of_all_scores() -> None:
    log = random_log()
    held = hold_out_last(log, 40, 0)
    assert held is not None
    model = fitted(held.rest)
    proposals = propose([model], held, bare(log))
    assert proposals.ndcg(proposals.says[:, 0]) == pytest.approx(held.ndcg(model.score(held.questions).numpy()))


@pytest.mark.parametrize("method", ["scores", "ranks"])
def test_shares_add_up_to_the_score_and_survive_the_disk(method: str) -> None:
    model = fitted(method=method)
    questions = Histories.of_items([[0, 1, 2], [5, 9], []], now_s=100_000)
    codes = np.tile(np.arange(15), (3, 1))
    shares = model.part_scores(questions, codes)
    assert list(shares) == ["transitions", "item-knn", "popularity"]
    np.testing.assert_allclose(np.sum(list(shares.values()), axis=0), model.score(questions), rtol=1e-5, atol=1e-6)
    assert np.abs(shares["transitions"][2]).max() == 0, "an empty history tells transitions nothing"
    loaded = Fusion(model.config)
    loaded.load_state(model.state())
    assert torch.equal(loaded.score(questions), model.score(questions))
    assert loaded.weights == model.weights


def test_order_wins_where_only_order_tells() -> None:
    ring = chain(n_users=80)
    model = Fusion(FusionConfig(parts=("popularity", "transitions"), settings={"transitions": {"window": 3}}))
    figures = model.fit_all(ring.log, FitContext(ring.catalogue))[0].metrics
    assert figures["ndcg@10 of transitions alone"] > 0.9
    assert figures["ndcg@10"] > figures["ndcg@10 of popularity alone"] + 0.3
    assert sum(model.weights["transitions"]) > sum(model.weights["popularity"])


def test_parts_that_refuse_are_left_out_and_wrong_ones_are_told() -> None:
    model = fitted(parts=("content", "transitions"))  # a bare catalogue has no text
    assert list(model.parts) == ["transitions"]
    with pytest.raises(BadInput, match="part of itself"):
        fitted(parts=("fusion",))
    with pytest.raises(NotFound):
        fitted(parts=("no such model",))
    with pytest.raises(BadInput, match="neighbours"):
        fitted(settings={"item-knn": {"neighbours": 0}})


def test_networks_inside_neither_resume_from_nor_write_the_wholes_checkpoints() -> None:
    log, written = random_log(), list[int]()
    model = Fusion(FusionConfig(parts=("als", "popularity"), settings={"als": {"factors": 4, "epochs": 3}}))
    context = FitContext(bare(log).catalogue, checkpoint=lambda epoch, make: written.append(epoch), resume=(2, {}))
    assert len(model.fit_all(log, context)) == 1
    assert written == []
