"""The encoder gives one vector a text, whatever stands beside it, and says in words what is missing."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from recengine.errors import Cancelled, NotFound
from recengine.settings import Settings
from recengine.testing.tiny_language_model import make_tiny_language_model
from recengine.text import encoder as encoders
from recengine.text import packaged_e5
from recengine.text.encoder import ROWS, STEP, TextEncoder, batches_by_length, padded, text_encoder
from recengine.text.encoder_folder import folder_revision, resolve_encoder

WORDS = ["query", ":", "oak", "table", "silk", "scarf", "tin", "kettle", "red", "blue", "large", "small", "and", "with"]
TEXTS = ["oak table", "silk scarf", "tin kettle red", "large blue oak table with small tin kettle", "", "   ", "oak table"]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory) -> Path:
    return make_tiny_language_model(tmp_path_factory.mktemp("model") / "tiny", WORDS)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(cache=tmp_path / "cache")


@pytest.fixture
def encoder(tiny: Path, settings: Settings) -> TextEncoder:
    return text_encoder(str(tiny), settings=settings)


def test_vectors_equal_the_mean_over_the_tokens_by_hand(encoder: TextEncoder) -> None:
    model = encoders.load_language_model(encoder.folder)
    ids = torch.tensor([model.tokenizer("query: silk scarf")["input_ids"]])
    with torch.inference_mode():
        hidden = model.network(input_ids=ids, attention_mask=torch.ones_like(ids)).last_hidden_state[0]  # [length, dim]
    expected = hidden.mean(0) / hidden.mean(0).norm()
    np.testing.assert_allclose(encoder.encode(["silk scarf"])[0], expected.numpy(), rtol=1e-4, atol=1e-6)


def test_a_vector_depends_on_its_text_alone(tiny: Path, tmp_path: Path) -> None:
    together = text_encoder(str(tiny), settings=Settings(cache=tmp_path / "a")).encode(TEXTS)
    alone = np.concatenate([text_encoder(str(tiny), settings=Settings(cache=tmp_path / f"b{i}")).encode([t]) for i, t in enumerate(TEXTS)])
    assert together.tobytes() == alone.tobytes()
    np.testing.assert_array_equal(together[0], together[-1])


def test_blank_texts_are_zero_and_others_have_length_one(encoder: TextEncoder) -> None:
    np.testing.assert_allclose(np.linalg.norm(encoder.encode(TEXTS), axis=1), [1, 1, 1, 1, 0, 0, 1], atol=1e-6)
    assert encoder.encode([]).shape == (0, encoder.dim)


def test_kept_vectors_need_no_language_model(encoder: TextEncoder, monkeypatch) -> None:
    first = encoder.encode(TEXTS)

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the language model was loaded")

    monkeypatch.setattr(encoders, "load_language_model", refuse)
    assert encoder.encode(TEXTS[::-1]).tobytes() == first[::-1].tobytes()
    with pytest.raises(AssertionError, match="loaded"):
        encoder.encode(["kettle"])


def test_other_weights_have_other_vectors(tiny: Path, tmp_path: Path, settings: Settings) -> None:
    other = make_tiny_language_model(tmp_path / "tiny", WORDS, seed=1)
    assert folder_revision(tiny) != folder_revision(other)
    one, two = (text_encoder(str(folder), settings=settings).encode(["oak table"]) for folder in (tiny, other))
    assert not np.allclose(one, two)


def test_progress_adds_up_and_a_stop_stops(encoder: TextEncoder) -> None:
    seen: list[tuple[int, int]] = []
    texts = [f"oak {'table ' * n}" for n in range(1, 60)]
    encoder.encode(texts, progress=lambda done, of: seen.append((done, of)))
    assert seen[-1] == (59, 59)
    assert seen == sorted(seen)

    def stop() -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        encoder.encode(["silk kettle"], stop_if_asked=stop)


def test_batches_hold_every_text_once_and_lengths_that_round_alike() -> None:
    lengths = np.random.default_rng(0).integers(1, 40, 500)
    batches = batches_by_length(lengths)
    assert sorted(np.concatenate(batches)) == list(range(500))
    assert all(len(batch) <= ROWS and len(set(-(-lengths[batch] // STEP))) == 1 for batch in batches)
    assert batches_by_length([]) == []
    ids, mask = padded([[5, 6, 7], [8, 9, 10]], 4, 1)
    assert ids.tolist() == [[5, 6, 7, 1], [8, 9, 10, 1], [1] * 4, [1] * 4]
    assert mask.tolist() == [[1, 1, 1, 0], [1, 1, 1, 0], [1, 0, 0, 0], [1, 0, 0, 0]]


@pytest.mark.parametrize("wanted", ["/no/such/folder", "nobody/no-such-model", "../../etc", "not an id!"])
def test_a_model_that_is_not_there_is_told_in_words(wanted: str, settings: Settings) -> None:
    with pytest.raises(NotFound) as failure:
        resolve_encoder(wanted, settings)
    assert wanted in failure.value.what
    assert "folder" in failure.value.why
    assert "Hugging Face" in failure.value.why
    assert "packaged" in failure.value.fix


def test_without_the_package_all_ways_are_told(settings: Settings, monkeypatch) -> None:
    monkeypatch.setattr(packaged_e5, "packaged_source", lambda: None)
    with pytest.raises(NotFound) as failure:
        resolve_encoder("", settings)
    assert "folder" in failure.value.fix
    assert "Hugging Face" in failure.value.fix
    assert packaged_e5.PACKAGE in failure.value.fix


def test_a_model_in_the_hugging_face_cache_is_found(tiny: Path, tmp_path: Path, settings: Settings, monkeypatch) -> None:
    from huggingface_hub import constants

    revision = "0123456789012345678901234567890123456789"
    home = tmp_path / "hub" / "models--shop--tiny"
    (home / "refs").mkdir(parents=True)
    (home / "refs" / "main").write_text(revision)
    (home / "snapshots").mkdir()
    (home / "snapshots" / revision).symlink_to(tiny)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    found = resolve_encoder("shop/tiny", settings)
    assert (found.name, found.revision) == ("shop/tiny", revision)
    assert TextEncoder(found, settings).encode(["oak table"]).shape == (1, 16)


def test_weights_that_are_missing_are_not_drawn_at_random(tiny: Path, tmp_path: Path, settings: Settings) -> None:
    from safetensors.torch import load_file, save_file

    for name in ("tokenizer.json", "tokenizer_config.json", "config.json"):
        (tmp_path / name).write_bytes((tiny / name).read_bytes())
    weights = load_file(tiny / "model.safetensors")
    weights.pop("encoder.layer.1.attention.self.query.weight")
    save_file(weights, tmp_path / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(NotFound, match="query"):
        text_encoder(str(tmp_path), settings=settings).encode(["oak table"])


def test_a_folder_without_safetensors_is_refused(tiny: Path, tmp_path: Path, settings: Settings) -> None:
    (tmp_path / "config.json").write_bytes((tiny / "config.json").read_bytes())
    torch.save({}, tmp_path / "pytorch_model.bin")
    with pytest.raises(NotFound) as failure:
        text_encoder(str(tmp_path), settings=settings).encode(["oak table"])
    assert "model.safetensors" in failure.value.fix


def test_a_folder_of_something_else_is_refused(tmp_path: Path, settings: Settings) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "shop"}))
    with pytest.raises(NotFound):
        text_encoder(str(tmp_path), settings=settings)
