"""LightGCN: the walk against plain algebra and its gradient, the loss against its definition, and what a fitted model keeps."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
import torch
from torch.nn import functional

from recengine.data.dataset import Catalogue
from recengine.data.events import EventLog
from recengine.data.histories import Histories
from recengine.data.vocabulary import Vocabulary
from recengine.models.base import FitContext
from recengine.models.lightgcn import Graph, LightGcn, LightGcnConfig

ROWS = sp.csr_matrix(np.array([[1, 1, 0, 0], [0, 1, 1, 0], [1, 1, 1, 0]], dtype=np.float32))  # item 3 has no event
ADJACENT = ROWS.toarray() / np.sqrt(ROWS.toarray().sum(1, keepdims=True)) / np.sqrt(np.maximum(ROWS.toarray().sum(0), 1))
CATALOGUE = Catalogue.bare(Vocabulary.build(["a", "b", "c", "d"]))


def model(**settings: object) -> LightGcn:
    return LightGcn(LightGcnConfig(**{"factors": 4, "epochs": 3, "negatives": 5, **settings}))  # type: ignore[arg-type]


def log() -> EventLog:
    users, items = ROWS.nonzero()
    return EventLog.build(users, items, np.arange(len(users)), 3, 4)


def test_a_walk_and_its_gradient_by_plain_algebra() -> None:
    graph = Graph(ROWS, "cpu")
    vectors = torch.randn(4, 3, generator=torch.Generator().manual_seed(0)).requires_grad_()
    there = graph.to_items(graph.to_shoppers(vectors))
    plain = torch.from_numpy((ADJACENT.T @ ADJACENT).astype(np.float32))
    torch.testing.assert_close(there, plain @ vectors)
    weight = torch.arange(12.0).view(4, 3)
    (there * weight).sum().backward()
    torch.testing.assert_close(vectors.grad, plain.T @ weight)


@pytest.mark.parametrize("hops", [0, 1, 2])
def test_items_are_the_mean_over_hops(hops: int) -> None:
    fitted = model(hops=hops)
    fitted.fit_all(log(), FitContext(CATALOGUE))
    state = fitted.state()
    square, total, step = ADJACENT.T @ ADJACENT, np.zeros((4, 4)), np.eye(4)
    for _ in range(hops + 1):
        total, step = total + step, square @ step
    np.testing.assert_allclose(state["network.spread"], total / (hops + 1) @ state["network.items.weight"].numpy(), rtol=1e-4, atol=1e-6)


def test_the_item_to_be_found_is_no_part_of_who_looks_for_it() -> None:
    learner = model(hops=0, temperature=1.0)
    learner.n_items = 4
    network = learner.build(4)
    lesson = learner.lesson(network, log(), FitContext(CATALOGUE))
    assert lesson.n_examples == 7
    value, terms = lesson.loss(torch.tensor([0]), torch.Generator().manual_seed(3))
    others = torch.randint(3, (5,), generator=torch.Generator().manual_seed(3))
    items = network.items.weight
    asking = functional.normalize(items[1] / 3**0.5, dim=0)  # shopper 0 has items 0 and 1; item 1 has three takers
    ranked = functional.normalize(items, dim=1) @ asking
    drawn = ranked[others][others != 0]
    assert terms == 1
    expected = torch.logsumexp(torch.cat([ranked[:1], drawn]), 0) - ranked[0]
    torch.testing.assert_close(value, expected, rtol=1e-4, atol=1e-6)


def test_a_new_history_is_folded_in() -> None:
    fitted = model()
    fitted.fit_all(log(), FitContext(CATALOGUE))
    spread = fitted.state()["network.spread"]
    shopper = functional.normalize(spread[0] / 2**0.5 + spread[2] / 2**0.5, dim=0)
    scores = fitted.score(Histories.of_items([[0, 2], [3]]))
    torch.testing.assert_close(scores[0, :3], (functional.normalize(spread, dim=1) @ shopper)[:3], rtol=1e-4, atol=1e-6)
    assert torch.isnan(scores[0, 3])
    assert torch.isnan(scores[1]).all()


def test_bpr_learns_what_goes_together() -> None:
    users = np.repeat(np.arange(40), 3)
    items = np.concatenate([np.random.default_rng(user).permutation(6)[:3] + 6 * (user % 2) for user in range(40)])
    two_worlds = EventLog.build(users, items, np.arange(120), 40, 12)
    fitted = model(loss="bpr", epochs=60, batch_size=32, factors=8)
    reports = fitted.fit_all(two_worlds, FitContext(Catalogue.bare(Vocabulary.build(f"{code:02d}" for code in range(12)))))
    assert (reports[-1].loss or 0.0) < 0.5 * (reports[0].loss or 0.0)
    assert sorted(fitted.recommend(Histories.of_items([[0]]), 6).item_codes[0].tolist()) == list(range(6))


def test_a_fitted_model_keeps_no_histories() -> None:
    fitted = model()
    fitted.fit_all(log(), FitContext(CATALOGUE))
    assert fitted._graph is None
    assert set(fitted.state()) == {"network.items.weight", "network.spread", "network.inverse_root", "network.trend", "seen"}


def test_scores_follow_what_is_wanted_now() -> None:
    """Item 0 was taken a half-life before items 1 and 2: log-ratios of their shares, as cosines over the temperature are log-chances."""
    day = 86_400
    users, items = np.array([0, 0, 1, 1]), np.array([0, 1, 1, 2])
    late = EventLog.build(users, items, np.array([0, 10, 10, 10]) * day, 2, 4)
    fitted, plain = model(trend_days=10.0, temperature=0.5), model(trend_days=0.0, temperature=0.5)
    for each in (fitted, plain):
        each.fit_all(late, FitContext(CATALOGUE))
    now, whole = np.array([0.5, 2.0, 1.0, 0.0]), np.array([1.0, 2.0, 1.0, 0.0])
    trend = np.log((now / now.mean() + 0.1) / (whole / whole.mean() + 0.1))
    question = Histories.of_items([[0], [1, 2]])
    moved = fitted.score(question).numpy() - plain.score(question).numpy()
    np.testing.assert_allclose(moved[:, :3], 0.5 * np.tile(trend[:3], (2, 1)), rtol=1e-4, atol=1e-6)
