"""NeuMF: the two branches by hand, the same scores in chunks, and the loss of the paper."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from recengine.data.histories import Histories
from recengine.models import neumf
from recengine.models.base import FitContext
from recengine.models.neumf import Network, Neumf, NeumfConfig
from recengine.neural.losses.pointwise import binary_cross_entropy
from recengine.testing.known_answers import checkerboard

SMALL = NeumfConfig(factors=8, units=8, epochs=2, negatives=8, batch_size=8, learning_rate=0.03)


def test_a_product_and_a_network_by_hand() -> None:
    network = Network(2, NeumfConfig(factors=4, units=2))
    with torch.no_grad():
        network.products.weight.copy_(torch.tensor([[1.0, 2.0], [0.0, 0.0]]))
        network.items.weight.copy_(torch.tensor([[1.0, 0.0], [0.0, 0.0]]))
        network.offsets.beyond.weight.copy_(torch.tensor([[0.5], [-0.5]]))
        network.weight.copy_(torch.tensor([1.0, 2.0]))
        network.of_shopper.weight.copy_(torch.eye(2))
        network.of_shopper.bias.copy_(torch.tensor([0.0, -10.0]))
        network.of_item.weight.copy_(torch.eye(2))
        network.second.weight.copy_(torch.tensor([[2.0, 5.0]]))
        network.second.bias.copy_(torch.tensor([1.0]))
        network.last.weight.copy_(torch.tensor([[3.0]]))
    shopper = torch.tensor([[3.0, 4.0, 1.0, 1.0]])
    # item 0: 3·1·1 + 4·2·2 = 19; units relu(1 + 1), relu(1 - 10) = 2, 0; second relu(2·2 + 1) = 5; 3·5 = 15; offset 0.5
    # item 1: 0; units 1, 0; second 3; 9; offset -0.5
    assert network.about(shopper, torch.tensor([0, 1])).tolist() == [pytest.approx([34.5, 8.5])]
    assert network.about(shopper, torch.tensor([[1, 0]])).tolist() == [pytest.approx([8.5, 34.5])]


def test_the_loss_is_that_of_the_paper() -> None:
    logits, truth = torch.tensor([[2.0, -1.0, 5.0]]), torch.tensor([[1.0, 0.0, 0.0]])
    expected = math.log(1 + math.exp(-2)) + math.log(1 + math.exp(-1))
    assert float(binary_cross_entropy(logits, truth, torch.tensor([[1.0, 1.0, 0.0]]))) == pytest.approx(expected, rel=1e-6)


def test_chunks_change_nothing_and_cold_items_are_not_scored(monkeypatch: pytest.MonkeyPatch) -> None:
    board = checkerboard()
    model = Neumf(SMALL)
    model.fit_all(board.log, FitContext(board.catalogue))
    whole = model.score(board.questions).numpy()
    monkeypatch.setattr(neumf, "VALUES_AT_ONCE", 1)
    np.testing.assert_allclose(model.score(board.questions).numpy(), whole, rtol=1e-5, atol=1e-6)
    assert np.isnan(whole[:, board.cold_item]).all()
    nobody = model.score(Histories.of_items([[]])).numpy()[0]
    assert np.isfinite(np.delete(nobody, board.cold_item)).all()
