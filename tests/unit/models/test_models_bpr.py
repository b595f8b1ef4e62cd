"""BPR and the pooled history: numbers worked out by hand, the target left out of its own history, draws, cold shoppers."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.sparse as sp
import torch

from recengine.columns import BEHAVIOUR_CODE
from recengine.data.events import EventLog
from recengine.data.histories import Histories
from recengine.models.base import FitContext
from recengine.models.bpr import Bpr
from recengine.models.parts.pooled import PooledConfig, item_values, one_against_drawn
from recengine.neural.history_encoder import HistoryEncoder, Pooling, owned_mask
from recengine.neural.losses.pairwise import bpr_loss
from recengine.neural.offsets import Offsets
from recengine.neural.sampling import Draw, NegativeSampler
from recengine.testing.known_answers import checkerboard

SMALL = PooledConfig(factors=8, epochs=8, learning_rate=0.05, negatives=8, batch_size=8)


def encoder(exponent: float = 1.0, hidden: int = 0) -> HistoryEncoder:
    made = HistoryEncoder(3, 2, Pooling(exponent, hidden))
    with torch.no_grad():
        made.items.weight.copy_(torch.tensor([[1.0, 0.0], [0.0, 2.0], [4.0, 4.0]]))
    return made


def test_the_loss_is_that_of_the_paper() -> None:
    taken, left = torch.tensor([1.0, 0.0]), torch.tensor([[0.0, -torch.inf], [2.0, 0.0]])
    expected = [math.log(1 + math.exp(-1)), math.log(1 + math.exp(2)) + math.log(2)]
    assert float(bpr_loss(taken, left)) == pytest.approx(sum(expected), rel=1e-6)
    assert float(bpr_loss(taken, left, torch.tensor([0.5, 2.0]))) == pytest.approx(0.5 * expected[0] + 2 * expected[1], rel=1e-6)


@pytest.mark.parametrize(("exponent", "expected"), [(1.0, [2.0, 8 / 3]), (0.0, [3.0, 4.0]), (0.5, [3 / 1.5**0.5, 4 / 1.5**0.5])])
def test_pooling_by_hand(exponent: float, expected: list[float]) -> None:
    rows = sp.csr_matrix(np.array([[1.0, 1.0, 0.5], [0.0, 0.0, 0.0]], dtype=np.float32))
    # 1 × (1, 0) + 1 × (0, 2) + 0.5 × (4, 4) = (3, 4), of total strength 2.5
    found = encoder(exponent)(rows).detach().numpy()
    np.testing.assert_allclose(found[0], np.array([3.0, 4.0]) / 2.5**exponent, rtol=1e-6)
    np.testing.assert_array_equal(found[1], [0.0, 0.0])
    without_first_half = sp.csr_matrix(np.array([[1.0, 0.0, 0.5]], dtype=np.float32))  # (3, 2), of total strength 1.5
    np.testing.assert_allclose(encoder(exponent)(without_first_half).detach().numpy()[0, 0], expected[0], rtol=1e-6)


def test_every_entry_is_left_out_of_its_own_history() -> None:
    rows = sp.csr_matrix(np.array([[1.0, 1.0, 0.5], [0.0, 0.0, 2.0]], dtype=np.float32))
    found, entries = encoder().without_each(rows)
    assert entries.items.tolist() == [0, 1, 2, 2]
    expected = [[2 / 1.5, 4 / 1.5], [3 / 1.5, 2 / 1.5], [0.5, 1.0], [0.0, 0.0]]  # the last shopper has nothing else
    np.testing.assert_allclose(found.detach().numpy(), expected, rtol=1e-5)


@pytest.mark.parametrize("hidden", [0, 4])
def test_leaving_out_equals_pooling_the_rest(hidden: int) -> None:
    torch.manual_seed(0)
    dense = np.random.default_rng(0).random((5, 7)).astype(np.float32) * (np.random.default_rng(1).random((5, 7)) < 0.6)
    made = HistoryEncoder(7, 4, Pooling(0.5, hidden))
    rows = sp.csr_matrix(dense)
    found, entries = made.without_each(rows)
    for place, (row, item) in enumerate(zip(entries.rows.tolist(), entries.items.tolist(), strict=True)):
        rest = dense[[row]].copy()
        rest[0, item] = 0.0
        np.testing.assert_allclose(found[place].detach(), made(sp.csr_matrix(rest))[0].detach(), rtol=1e-4, atol=1e-5)


def test_what_was_not_liked_pulls_the_other_way() -> None:
    log = EventLog.build(
        np.zeros(2), np.array([0, 1]), np.arange(2), 1, 3, np.array([BEHAVIOUR_CODE["purchase"], BEHAVIOUR_CODE["dislike"]])
    )
    rows = item_values(Histories.from_log(log, np.array([0]), 99), 3)
    assert rows.toarray().tolist() == [[1.0, -0.5, 0.0]]
    np.testing.assert_allclose(encoder()(rows).detach().numpy()[0], [1 / 1.5, -1 / 1.5], rtol=1e-6)


def test_examples_are_weighed_by_behaviour_and_age_and_own_items_do_not_count() -> None:
    day = 86_400
    codes = np.array([BEHAVIOUR_CODE["view"], BEHAVIOUR_CODE["purchase"]])
    log = EventLog.build(np.zeros(2), np.array([0, 1]), np.array([0, 10 * day]), 1, 3, codes)
    seen = {}

    def judge(
        vectors: torch.Tensor, items: torch.Tensor, strengths: torch.Tensor, negatives: torch.Tensor, taken: torch.Tensor
    ) -> torch.Tensor:
        seen.update(items=items.tolist(), strengths=strengths.tolist(), negatives=negatives.tolist(), taken=taken.tolist())
        return vectors.sum()

    config = PooledConfig(half_life_days=10.0, trend_days=0.0, negatives=4)
    offsets = Offsets(3)
    lesson = one_against_drawn(encoder(), offsets, config, log, FitContext(checkerboard().catalogue), judge)
    _, count = lesson.loss(torch.tensor([0]), torch.Generator().manual_seed(0))
    assert (lesson.n_examples, count) == (1, 2)
    assert seen["items"] == [0, 1]
    assert seen["strengths"] == pytest.approx([0.3 * 0.5, 1.0])
    assert set(seen["negatives"]) <= {0, 1}, "an item that never occurs was drawn"
    assert all(all(row) for row in seen["taken"]), "the shopper has both items"
    mean = (0.15 + 1.0 + 0.0) / 3
    expected = [math.log((size / mean + 0.1) / 1.1) for size in (0.15, 1.0, 0.0)]
    assert offsets(torch.arange(3)).tolist() == pytest.approx(expected, rel=1e-5), "offsets begin at the shares of the examples"
    assert offsets.now().tolist() == pytest.approx(expected, rel=1e-5), "without a trend they stay there"
    one_against_drawn(encoder(), offsets, config.model_copy(update={"trend_days": 5.0}), log, FitContext(checkerboard().catalogue), judge)
    now = [0.3 * 0.25, 1.0, 0.0]  # ten days are two half-lives of five
    expected = [math.log((size / (sum(now) / 3) + 0.1) / 1.1) for size in now]
    assert offsets.now().tolist() == pytest.approx(expected, rel=1e-5), "scores follow what is wanted now"


def test_draws_follow_the_popularity() -> None:
    counts = np.array([0, 1, 16, 0])
    generator = torch.Generator().manual_seed(3)
    drawn = np.bincount(NegativeSampler(counts, Draw.POPULAR).draw((90_000,), generator).numpy(), minlength=4)
    assert drawn[[0, 3]].tolist() == [0, 0]
    assert drawn[2] / drawn[1] == pytest.approx(8.0, rel=0.05)  # 16^0.75
    even = np.bincount(NegativeSampler(counts, Draw.UNIFORM).draw((90_000,), generator).numpy(), minlength=4)
    assert even[2] / even[1] == pytest.approx(1.0, rel=0.05)
    with pytest.raises(ValueError, match="no item"):
        NegativeSampler(np.zeros(3), Draw.UNIFORM)


def test_owned_mask() -> None:
    rows = sp.csr_matrix(np.array([[0, 2.0, 0], [0, 0, 0], [1.0, 0, -1.0]]))
    assert owned_mask(rows).tolist() == [[False, True, False], [False] * 3, [True, False, True]]


def test_scores_are_vectors_times_items_plus_offsets_and_nobody_gets_the_offsets() -> None:
    board = checkerboard()
    model = Bpr(SMALL)
    model.fit_all(board.log, FitContext(board.catalogue))
    items, offsets, seen = model.item_vectors()
    vectors, informed = model.shopper_vectors(board.questions)
    assert offsets is not None
    expected = (vectors @ items.T + offsets).detach().numpy()
    np.testing.assert_allclose(model.score(board.questions).numpy()[:, seen], expected[:, seen], rtol=1e-5, atol=1e-6)
    assert bool(informed.all())
    nobody = model.score(Histories.of_items([[]])).numpy()[0]
    np.testing.assert_allclose(nobody[seen], offsets.numpy()[seen], rtol=1e-6)
    assert np.isnan(nobody[~seen.numpy()]).all()
