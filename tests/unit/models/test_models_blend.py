"""Blend: weights from hidden moments, exact shares, and what happens when a part refuses."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from recengine.data.dataset import Catalogue
from recengine.data.events import EventLog
from recengine.data.histories import Histories
from recengine.data.vocabulary import Vocabulary
from recengine.errors import BadInput, TrainingFailed
from recengine.models.base import Capabilities, FitContext
from recengine.models.blend import Blend, BlendConfig
from recengine.models.ease import Ease
from recengine.testing.known_answers import chain, checkerboard


def random_log(n_users: int = 80, n_items: int = 15) -> EventLog:
    rng = np.random.default_rng(0)
    users = np.repeat(np.arange(n_users), 8)
    return EventLog.build(users, rng.integers(0, n_items, len(users)), np.tile(np.arange(8) * 1000, n_users), n_users, n_items)


def bare(log: EventLog) -> FitContext:
    return FitContext(Catalogue.bare(Vocabulary.build(f"{code:04d}" for code in range(log.n_items))))


def fitted(**settings: Any) -> Blend:
    model = Blend(BlendConfig(**settings))
    model.fit_all(random_log(), bare(random_log()))
    return model


def test_the_score_is_the_weighted_sum_of_the_parts() -> None:
    model = fitted()
    model.evenness["ease"] = 0.5
    questions = Histories.of_items([[0, 1, 2, 3], [5]], now_s=100_000)
    shares = [model.weights["transitions"], model.weights["ease"] * np.array([[0.5], [1.0]])]  # 4^-½ and 1^-½
    expected = sum(share * part.score(questions).double().numpy() for share, part in zip(shares, model.parts.values(), strict=True))
    np.testing.assert_allclose(model.score(questions), expected, rtol=1e-5, atol=1e-6)


def test_shares_of_parts_and_of_events_add_up_to_the_same_score() -> None:
    model = fitted()
    model.evenness["transitions"] = 0.25
    questions = Histories.of_items([[0, 1, 2, 3], [5, 9], []], now_s=100_000)
    codes = np.array([4, 7, 1])
    shares = sum(part[:, 0] for part in model.part_scores(questions, codes[:, None]).values())
    taken = model.contributions(questions, codes)
    total = taken.base + np.bincount(questions.row_of_event, taken.events, minlength=3)
    np.testing.assert_allclose(total[:2], np.asarray(shares)[:2], rtol=1e-12)
    np.testing.assert_allclose(total, model.exact_scores(questions, codes[:, None])[:, 0] + [0, 0, np.nan], rtol=1e-12)


def test_a_part_that_knows_the_answer_outweighs_one_that_does_not() -> None:
    """On the ring only the order tells what is next, on the board only what goes together."""
    ring = chain(n_users=60)
    model = Blend(BlendConfig(settings={"ease": {"regularisation": 2.0}, "transitions": {"window": 3}}))
    figures = model.fit_all(ring.log, FitContext(ring.catalogue))[0].metrics
    assert figures["ndcg@10 of transitions alone"] > 0.9 > figures["ndcg@10 of ease alone"]
    assert figures["ndcg@10"] >= max(value for name, value in figures.items() if name.endswith("alone"))
    board = checkerboard()
    model.fit_all(board.log, FitContext(board.catalogue))
    assert model.weights["ease"] > 0


def test_given_weights_stand() -> None:
    one, three = fitted(weights={"transitions": 1.0, "ease": 1.0}), fitted(weights={"transitions": 1.0, "ease": 3.0})
    assert one.weights["transitions"] == pytest.approx(three.weights["transitions"])
    assert 3 * one.weights["ease"] == pytest.approx(three.weights["ease"])


def test_a_catalogue_too_large_for_ease_takes_the_neighbours_instead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Ease, "can", Capabilities(linear=True, max_items=10))
    notes: list[str] = []
    model = Blend(BlendConfig(parts=("ease", "transitions")))
    model.fit_all(random_log(), replace(bare(random_log()), note=notes.append))
    assert set(model.parts) == {"transitions", "item-knn"}
    assert any(note.startswith("EASE is left out") for note in notes)
    loaded = Blend(model.config)
    loaded.load_state(model.state())
    assert loaded.weights == model.weights
    questions = Histories.of_items([[0, 1, 2]], now_s=100_000)
    assert torch.equal(loaded.score(questions).nan_to_num(), model.score(questions).nan_to_num())


def test_parts_that_do_not_fit_are_told() -> None:
    with pytest.raises(BadInput, match="Fusion cannot be a part"):
        fitted(parts=("transitions", "fusion"))
    with pytest.raises(BadInput, match="cannot use its setting window"):
        fitted(settings={"transitions": {"window": 0}})


def test_nobody_to_ask_weighs_all_alike_and_nothing_to_learn_is_told() -> None:
    lonely = EventLog.build(np.zeros(2), np.arange(2), np.zeros(2), 1, 3)
    model = Blend()
    model.fit_all(lonely, bare(lonely))
    assert set(model.weights.values()) == {1.0}
    with pytest.raises(TrainingFailed):
        model.fit_all(lonely.keep(np.zeros(2, dtype=bool)), bare(lonely))
