"""Losses against numbers worked out by hand from the cited formulas."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from recengine.neural.losses import chunked_cross_entropy as chunked
from recengine.neural.losses.chunked_cross_entropy import chunked_cross_entropy
from recengine.neural.losses.cross_entropy import full_cross_entropy, sampled_cross_entropy
from recengine.neural.losses.pairwise import bpr_loss
from recengine.neural.losses.pointwise import binary_cross_entropy

ITEMS = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
STATES = torch.tensor([[2.0, 0.0], [0.0, math.log(3.0)]])
# Logits: [2, 0, 2] and [0, ln 3, ln 3]; masses: 2e² + 1 and 7.
FIRST = math.log(2 * math.e**2 + 1) - 2  # target 0
SECOND = math.log(7) - math.log(3)  # target 1


def test_full_cross_entropy_by_hand() -> None:
    loss = full_cross_entropy(STATES, ITEMS, torch.tensor([0, 1]))
    assert float(loss) == pytest.approx(FIRST + SECOND, abs=1e-6)


def test_chunked_cross_entropy_by_hand() -> None:
    targets = torch.tensor([0, 1])
    assert float(chunked_cross_entropy(STATES, ITEMS, targets)) == pytest.approx(FIRST + SECOND, abs=1e-6)
    weighted = chunked_cross_entropy(STATES, ITEMS, targets, torch.tensor([0.5, 2.0]))
    assert float(weighted) == pytest.approx(0.5 * FIRST + 2 * SECOND, abs=1e-6)


def test_chunked_gradient_by_hand() -> None:
    """d loss / d state = weight × (Σ p_j e_j - e_target)."""
    states = STATES[1:].clone().requires_grad_()
    items = ITEMS.clone().requires_grad_()
    chunked_cross_entropy(states, items, torch.tensor([1]), torch.tensor([2.0])).backward()
    p = np.array([1.0, 3.0, 3.0]) / 7
    assert states.grad is not None
    assert items.grad is not None
    np.testing.assert_allclose(states.grad.numpy(), [[2 * (p[0] + p[2]), 2 * (p[1] + p[2] - 1)]], atol=1e-6)
    slopes = 2 * (p - [0, 1, 0])[:, None] * STATES[1].numpy()
    np.testing.assert_allclose(items.grad.numpy(), slopes, atol=1e-6)


@pytest.mark.parametrize("rows", [1, 7, 1000])
def test_chunks_change_nothing(rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunked, "FEWEST_ROWS", rows)
    monkeypatch.setattr(chunked, "CHUNK_NUMBERS", 1)
    draw = torch.Generator().manual_seed(1)
    states = torch.randn(40, 8, generator=draw).requires_grad_()
    items = torch.randn(23, 8, generator=draw).requires_grad_()
    targets = torch.randint(23, (40,), generator=draw)
    expected = full_cross_entropy(states, items, targets)
    found = chunked_cross_entropy(states, items, targets)
    assert found.item() == pytest.approx(expected.item(), rel=1e-6)
    # A gradient from above is passed on: the loss counts three times.
    wanted = torch.autograd.grad(3 * expected, (states, items))
    given = torch.autograd.grad(3 * found, (states, items))
    for one, other in zip(given, wanted, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)


def test_chunked_loss_of_huge_logits_is_finite() -> None:
    states = torch.tensor([[500.0, 0.0]], requires_grad=True)
    items = torch.tensor([[1.0, 0.0], [-1.0, 0.0]])
    loss = chunked_cross_entropy(states, items, torch.tensor([1]))
    assert loss.item() == pytest.approx(1000.0)
    loss.backward()
    assert states.grad is not None
    assert torch.isfinite(states.grad).all()


def test_sampled_cross_entropy_by_hand() -> None:
    """Target 0 (logit 2), drawn item 1 (logit 0) and the target itself, which does not count as a negative."""
    loss = sampled_cross_entropy(STATES[:1], ITEMS, torch.tensor([0]), torch.tensor([1, 0]))
    assert float(loss) == pytest.approx(math.log(math.e**2 + 1) - 2, abs=1e-6)


def test_log_q_makes_rarely_drawn_items_count_more() -> None:
    """s - log Q: target e² / .5, drawn item 1 / .25."""
    log_q = torch.log(torch.tensor([0.5, 0.25, 0.25]))
    loss = sampled_cross_entropy(STATES[:1], ITEMS, torch.tensor([0]), torch.tensor([1]), log_q)
    own, other = math.e**2 / 0.5, 1 / 0.25
    assert float(loss) == pytest.approx(-math.log(own / (own + other)), abs=1e-6)


def test_drawing_every_item_once_equals_the_full_softmax() -> None:
    loss = sampled_cross_entropy(STATES, ITEMS, torch.tensor([0, 1]), torch.tensor([0, 1, 2]))
    assert float(loss) == pytest.approx(FIRST + SECOND, abs=1e-6)


def test_a_row_counts_as_much_as_its_weight() -> None:
    weights = torch.tensor([0.5, 2.0])
    loss = sampled_cross_entropy(STATES, ITEMS, torch.tensor([0, 1]), torch.tensor([0, 1, 2]), weights=weights)
    assert float(loss) == pytest.approx(0.5 * FIRST + 2.0 * SECOND, abs=1e-6)


def test_bpr_by_hand() -> None:
    taken, left = torch.tensor([1.0, 0.0]), torch.tensor([0.0, 0.0])
    assert float(bpr_loss(taken, left)) == pytest.approx(math.log(1 + math.exp(-1)) + math.log(2), abs=1e-6)
    several = bpr_loss(torch.tensor([1.0]), torch.tensor([[0.0, 1.0]]))
    assert float(several) == pytest.approx(math.log(1 + math.exp(-1)) + math.log(2), abs=1e-6)


def test_binary_cross_entropy_by_hand() -> None:
    scores, taken = torch.tensor([0.0, math.log(3.0)]), torch.tensor([1.0, 0.0])
    # σ = 1/2 and 3/4: -log 1/2 and -log 1/4.
    assert float(binary_cross_entropy(scores, taken)) == pytest.approx(math.log(2) + math.log(4), abs=1e-6)
    assert float(binary_cross_entropy(scores, taken, torch.tensor([2.0, 0.0]))) == pytest.approx(2 * math.log(2), abs=1e-6)
