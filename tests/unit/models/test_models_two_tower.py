"""Two-tower: what is asked for by hand, a language model that learns a little or all, and a state that needs none to answer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load, save

from recengine.data.events import EventLog
from recengine.data.histories import Histories
from recengine.models.base import FitContext
from recengine.models.two_tower import Moments, TwoTower, TwoTowerConfig
from recengine.neural.adapters import Adapt, adapt, attention_layers, load_learned_state, orthogonality, size_of
from recengine.settings import Settings
from recengine.testing.known_answers import checkerboard
from recengine.testing.tiny_language_model import make_tiny_language_model
from recengine.text.encoder import load_language_model
from recengine.text.encoder_folder import resolve_encoder

LEARNING = [Adapt.LORA, Adapt.ADALORA, Adapt.PREFIX, Adapt.FULL]
WORDS = ["query", ":", "oak", "table", "silk", "scarf", "no"]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory) -> str:
    return str(make_tiny_language_model(tmp_path_factory.mktemp("model") / "tiny", [*WORDS, *(str(i) for i in range(17))]))


def settings(tiny: str, **others: Any) -> TwoTowerConfig:
    small = {"epochs": 4, "batch_size": 64, "learning_rate": 5e-3, "hidden": 8, "negatives": 4, "adapter_rank": 4}
    return TwoTowerConfig(encoder=tiny, **(small | others))


def test_moments_by_hand() -> None:
    """Shopper 0: item 1 | items 1, 2 | item 1 again; shopper 1: items 3 and 4 at once; shopper 2: one item."""
    users, items, times = [0, 0, 0, 0, 1, 1, 2], [1, 1, 2, 1, 3, 4, 2], [10, 20, 20, 30, 5, 5, 7]
    log = EventLog.build(np.array(users), np.array(items), np.array(times), 3, 6)
    moments = Moments.of(log, np.ones(6, dtype=bool))
    assert list(zip(moments.users, moments.times_s, strict=True)) == [(0, 20), (1, 5)]
    assert moments.items.tolist() == [2, 3, 4]
    assert moments.indptr.tolist() == [0, 1, 3]
    np.testing.assert_allclose(moments.chance, [0, 0, 1 / 3, 1 / 3, 1 / 3, 0])
    assert len(Moments.of(log, np.array([True, True, True, False, True, True])).users) == 1


def test_what_is_shown_is_not_asked_for() -> None:
    draw = np.random.default_rng(0)
    users, items = np.repeat(np.arange(30), 8), np.concatenate([draw.permutation(20)[:8] for _ in range(30)])
    log = EventLog.build(users, items, np.tile([1, 1, 1, 2, 2, 2, 3, 3], 30), 30, 20)
    moments = Moments.of(log, np.ones(20, dtype=bool))
    shown_sometimes = False
    for seed in range(5):
        batch = np.arange(len(moments.users))
        histories, rows, asked = moments.ask(log, batch, 2, np.random.default_rng(seed))
        before = Histories.from_log(log, moments.users, moments.times_s)
        assert (histories.lengths > 0).all()
        for row in range(len(batch)):
            past = set(histories.item_codes[histories.indptr[row] : histories.indptr[row + 1]])
            own = set(moments.items[moments.indptr[row] : moments.indptr[row + 1]])
            wanted = set(asked[rows == row])
            assert wanted
            assert len(wanted) <= 2
            assert wanted <= own - past
            assert past <= own | set(before.item_codes[before.indptr[row] : before.indptr[row + 1]])
        shown_sometimes |= len(histories.item_codes) > len(before.item_codes)
    assert shown_sometimes


def test_it_begins_as_the_likeness_of_texts(tiny: str) -> None:
    board = checkerboard()
    model = TwoTower(settings(tiny, epochs=1, learning_rate=1e-9))
    model.fit_all(board.log, FitContext(board.catalogue))
    state = model.state()
    texts = state["texts"].double().numpy()
    np.testing.assert_allclose(state["items"].numpy(), texts, atol=1e-5)
    scores = model.score(Histories.of_items([[3]])).numpy()[0]
    np.testing.assert_allclose(scores, texts @ texts[3], atol=1e-5)


@pytest.mark.parametrize("kind", LEARNING, ids=str)
def test_a_learning_language_model_goes_on_to_the_same_bits(tiny: str, kind: Adapt) -> None:
    board = checkerboard()
    context = FitContext(board.catalogue, seed=4)
    model = TwoTower(settings(tiny, adapt=kind))
    kept, losses = {}, []
    for report in model.fit(board.log, context):
        kept[report.epoch] = load(save({name: value.contiguous() for name, value in model.checkpoint().items()}))
        losses.append(report.loss)
    assert losses[-1] < losses[0]
    resumed = TwoTower(settings(tiny, adapt=kind))
    resumed.fit_all(board.log, FitContext(board.catalogue, seed=4, resume=(2, kept[2])))
    one, two = model.state(), resumed.state()
    assert one.keys() == two.keys()
    assert all(torch.equal(one[name], two[name]) for name in one)
    frozen = TwoTower(settings(tiny))
    frozen.fit_all(board.log, context)
    assert not torch.allclose(one["items"], frozen.state()["items"], atol=1e-3), "the language model did not learn"


@pytest.mark.parametrize("kind", [Adapt.NONE, *LEARNING], ids=str)
def test_a_state_answers_without_the_language_model(tiny: str, kind: Adapt, monkeypatch) -> None:
    board = checkerboard()
    model = TwoTower(settings(tiny, adapt=kind, epochs=1))
    model.fit_all(board.log, FitContext(board.catalogue))
    state = load(save({name: value.contiguous() for name, value in model.state().items()}))
    if kind is not Adapt.FULL:
        assert not any("word_embeddings" in name for name in state), "the base model is no part of a variant"
    monkeypatch.setattr("recengine.models.two_tower.load_language_model", None)
    again = TwoTower(model.config)
    again.load_state(state)
    assert again.score(board.questions).numpy().tobytes() == model.score(board.questions).numpy().tobytes()


def test_sizes_by_hand(tiny: str) -> None:
    """Rank 4 on query and value of 2 layers of width 16: 2 × 2 × (16 × 4 + 4 × 16) = 512; prefix: 4 places × 2 layers × 2 × 16 = 256."""
    folder = resolve_encoder(tiny, Settings())
    for kind, learns in ((Adapt.LORA, 512), (Adapt.PREFIX, 256), (Adapt.NONE, 0)):
        network = load_language_model(folder, fresh=True).network
        total = sum(p.numel() for p in network.parameters())
        size = size_of(adapt(network, kind, 4, 10))
        assert size.trainable == learns
        assert size.total == total + (0 if kind is Adapt.NONE else learns)
        assert size.bytes == 4 * size.total + 12 * learns
    full = load_language_model(folder, fresh=True).network
    assert size_of(adapt(full, Adapt.FULL, 4, 10)).trainable == sum(p.numel() for p in full.parameters())
    assert attention_layers(full) == ["query", "value"]


def test_reports_say_what_learns(tiny: str) -> None:
    board = checkerboard()
    model = TwoTower(settings(tiny, adapt=Adapt.LORA, epochs=1))
    (report,) = model.fit_all(board.log, FitContext(board.catalogue))
    towers = 16 * 16 + 32 * 16 + (32 * 8 + 8) + (8 * 16 + 16) + 1
    assert report.metrics["trainable_parameters"] == 512 + towers
    assert report.metrics["total_parameters"] > report.metrics["trainable_parameters"]
    assert report.metrics["epoch_seconds"] > 0


def test_adalora_takes_ranks_back(tiny: str) -> None:
    board = checkerboard()
    model = TwoTower(settings(tiny, adapt=Adapt.ADALORA, epochs=10, batch_size=32))
    model.fit_all(board.log, FitContext(board.catalogue))
    ranks = [value for name, value in model.state().items() if "lora_E" in name and ":" not in name]
    assert len(ranks) == 4
    assert sum(int((value != 0).sum()) for value in ranks) <= 4 * 4, "6 a layer to begin with, 4 in the end"


def test_orthogonality_by_hand(tiny: str) -> None:
    folder = resolve_encoder(tiny, Settings())
    network = adapt(load_language_model(folder, fresh=True).network, Adapt.ADALORA, 2, 10)
    eye = {name: torch.eye(*value.shape) for name, value in network.named_parameters() if value.requires_grad}
    load_learned_state(network, eye)
    assert float(orthogonality(network)) == 0.0  # type: ignore[arg-type]
    load_learned_state(network, {name: 2 * value if "lora_A" in name else value for name, value in eye.items()})
    # Of A = 2 I (3 rows) A Aᵀ - I = 3 I with norm 3 √3, in half of the matrices, times the weight of .5.
    assert float(orthogonality(network)) == pytest.approx(0.5 * 3 * 3**0.5 / 2)  # type: ignore[arg-type]
