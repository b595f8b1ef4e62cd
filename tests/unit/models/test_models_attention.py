"""Attention pooling: weights and scores worked out by hand, what an answer may see in training, and the whole catalogue in blocks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from recengine.columns import BEHAVIOUR_CODE
from recengine.data.events import EventLog
from recengine.data.histories import Histories
from recengine.models.attention import Attention, AttentionConfig
from recengine.models.base import FitContext
from recengine.neural.target_attention import AGES, BOUND, TargetAttention, looks_of, training_views
from recengine.testing.known_answers import checkerboard

NOW = 1_000_000
SMALL = AttentionConfig(factors=4, attention_factors=2, epochs=1, negatives=4, batch_size=8, max_length=4)


def tiny(smoothing: float = 1.0) -> TargetAttention:
    """Three items; nothing but the logits and values set here."""
    made = TargetAttention(3, 1, 1, smoothing)
    with torch.no_grad():
        made.keys.weight.copy_(torch.tensor([[1.0], [2.0], [0.0]]))
        made.queries.weight.copy_(torch.tensor([[0.0], [0.0], [1.0]]))
        made.values.weight.copy_(torch.tensor([[3.0], [-1.0], [0.0]]))
        made.items.weight.copy_(torch.tensor([[0.0], [0.0], [2.0]]))
        made.nobody.copy_(torch.tensor([0.5]))
        made.offsets.beyond.weight.copy_(torch.tensor([[0.0], [0.0], [0.25]]))
        made.age.zero_()
        made.rank.copy_(torch.tensor([0.0, -1.0]).repeat(16))
    return made


def bent(logit: float) -> float:
    return float(np.exp(BOUND * np.tanh(logit / BOUND)))


@pytest.mark.parametrize("smoothing", [1.0, 0.5, 0.0])
def test_shares_and_score_by_hand(smoothing: float) -> None:
    looks = looks_of(Histories.of_items([[0, 1]], now_s=NOW), 3, 10)
    assert looks.rank.tolist() == [1, 0]
    network = tiny(smoothing)
    one, two = bent(1.0) * bent(-1.0), bent(2.0) * bent(0.0)
    shares = network.shares(looks, torch.tensor([2])).detach().numpy()
    np.testing.assert_allclose(shares, [one / (1 + one + two), two / (1 + one + two)], rtol=1e-5)
    expected = (6.0 * one - 2.0 * two + 1.0) / (1 + one + two) ** smoothing + 0.25
    assert float(network.score_all(looks, 10)[0, 2].detach()) == pytest.approx(expected, rel=1e-5)


def test_nobody_gets_what_no_history_says() -> None:
    looks = looks_of(Histories.of_items([[]], now_s=NOW), 3, 10)
    assert tiny().score_all(looks, 2)[0].tolist() == pytest.approx([0.0, 0.0, 1.25])


@pytest.mark.parametrize("block", [1, 2, 100])
def test_blocks_change_nothing(block: int) -> None:
    torch.manual_seed(0)
    network = TargetAttention(20, 4, 3, 0.5)
    rng = np.random.default_rng(0)
    looks = looks_of(Histories.of_items([rng.integers(0, 20, size).tolist() for size in (5, 0, 9)], now_s=NOW), 20, 50)
    np.testing.assert_allclose(network.score_all(looks, block).detach(), network.score_all(looks, 7).detach(), rtol=1e-5, atol=1e-6)


def test_what_is_looked_at() -> None:
    rows = Histories.of_items([[0, 1, -1, 2, 9], [], [1, 2]], now_s=NOW)
    behaviours = rows.behaviours.copy()
    behaviours[0] = BEHAVIOUR_CODE["impression"]
    looks = looks_of(replace(rows, behaviours=behaviours), 3, 10)
    assert looks.event.tolist() == [1, 3, 5, 6]
    assert looks.row.tolist() == [0, 0, 2, 2]
    assert looks.age.tolist() == [2, 0, 1, 0]  # 2 s and 0 s, 1 s and 0 s before the newest: ceil(log2(1 + s))
    assert looks_of(rows, 3, 1).event.tolist() == [3, 6]
    assert looks.age.max() < AGES


def test_every_new_item_is_an_answer_once_with_the_longer_past() -> None:
    items = np.array([0, 1, 0, 2, 3, 4, 5, 5, 6])
    log = EventLog.build(np.zeros(9), items, np.arange(9), 1, 7)
    views = training_views(log, 2, same_moment=True)
    asked = {}
    for stretch in range(len(views)):
        padded = views.padded(np.array([stretch]))
        for place in np.flatnonzero(padded.target[0].numpy()):
            event = int(views.starts[stretch]) + int(place)
            assert event not in asked, "an answer was asked twice"
            asked[event] = int(place)
    assert sorted(asked) == [0, 1, 3, 4, 5, 6, 8], "repeats are no answers"
    assert all(place >= min(event, 2) for event, place in asked.items()), "a longer past was there"


@pytest.mark.parametrize("same_moment", [True, False])
def test_an_answer_sees_no_later_event_and_not_itself(same_moment: bool) -> None:
    log = EventLog.build(np.zeros(5), np.array([0, 1, 2, 3, 1]), np.array([10, 20, 20, 30, 30]), 1, 4)
    padded = training_views(log, 5, same_moment).padded(np.array([0]))
    weights = TargetAttention(4, 2, 2, 0.5)._training_weights(padded, 0.0, torch.Generator(), torch.device("cpu"))[0]
    seen = (weights > 0).int().tolist()  # events in the order of the log: 0 | 1 2 | 1 3
    at_once = int(same_moment)
    assert seen == [
        [0, 0, 0, 0, 0],
        [1, 0, at_once, 0, 0],
        [1, at_once, 0, 0, 0],
        [1, 0, 1, 0, at_once],
        [1, 1, 1, at_once, 0],
    ]


def test_old_choices_count_less_as_examples() -> None:
    log = EventLog.build(np.zeros(2), np.array([0, 1]), np.array([0, 86_400 * 10]), 1, 2)
    assert training_views(log, 5, True, 10.0).targets.tolist() == pytest.approx([0.5, 1.0])
    assert training_views(log, 5, True).targets.tolist() == [1.0, 1.0]


def test_the_loss_is_a_softmax_over_the_answer_and_the_drawn() -> None:
    log = EventLog.build(np.zeros(2), np.array([0, 2]), np.array([10, 20]), 1, 3)
    network, views = tiny(), training_views(log, 5, True)
    loss, count = network.loss(views.padded(np.array([0])), torch.tensor([1, 0]), 0.0, torch.Generator(), torch.device("cpu"))
    one = bent(1.0) * bent(0.0)
    own = [0.0, (6.0 * one + 1.0) / (1 + one) + 0.25]  # item 0 with nothing before it, item 2 after item 0
    others = [0.0, 0.0]  # item 1: no value; item 0 is the shopper's
    expected = sum(np.log(np.exp(s) + np.exp(t)) - s for s, t in zip(own, others, strict=True))
    assert count == 2
    assert float(loss.detach()) == pytest.approx(expected, rel=1e-5)


def test_weights_of_items_that_cannot_be_scored_are_zero() -> None:
    board = checkerboard()
    model = Attention(SMALL)
    model.fit_all(board.log, FitContext(board.catalogue))
    for code in (-1, board.cold_item, board.log.n_items):
        assert not model.attention_weights(board.questions, np.full(len(board.questions), code)).any()
