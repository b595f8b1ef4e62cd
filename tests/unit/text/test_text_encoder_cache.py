"""Vectors on disk: what is kept comes back with the same bits, for any number of processes, within its bounds."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from recengine.text.vector_cache import HASH_BYTES, MAX_SHARDS, VectorCache, text_hash
from recengine.text.whitening import Whitening, shrunk_covariance, whiten


def vectors_of(texts: list[str], dim: int = 4) -> np.ndarray:
    return np.array([np.frombuffer(text_hash(text), np.uint8)[:dim] for text in texts], dtype=np.float32) / 255


def test_what_is_kept_comes_back_with_the_same_bits(tmp_path: Path) -> None:
    cache, texts = VectorCache(tmp_path, "key", 4), ["a", "b", "ü", "木", "\ud800"]
    cache.put(texts, vectors_of(texts))
    found, have = VectorCache(tmp_path, "key", 4).get(["木", "x", "a", "a"])
    assert have.tolist() == [True, False, True, True]
    assert found.tobytes() == np.stack([vectors_of(["木"])[0], np.zeros(4, np.float32), *vectors_of(["a", "a"])]).tobytes()


def test_keys_are_worlds_of_their_own(tmp_path: Path) -> None:
    VectorCache(tmp_path, "model|query: ", 4).put(["a"], vectors_of(["a"]))
    for key in ("model|passage: ", "model2|query: "):
        assert not VectorCache(tmp_path, key, 4).get(["a"])[1].any()


def test_many_small_writes_are_merged_and_nothing_is_lost(tmp_path: Path) -> None:
    cache = VectorCache(tmp_path, "key", 4)
    texts = [f"text {i}" for i in range(5 * MAX_SHARDS)]
    for text in texts:
        cache.put([text, texts[0]], vectors_of([text, texts[0]]))
    assert len(list(cache.folder.iterdir())) <= MAX_SHARDS
    found, have = cache.get(texts)
    assert have.all()
    np.testing.assert_array_equal(found, vectors_of(texts))


def test_the_oldest_leave_when_it_is_full(tmp_path: Path) -> None:
    cache = VectorCache(tmp_path, "key", 4, max_bytes=100 * (16 + HASH_BYTES))
    for start in range(0, 300, 20):
        part = [f"text {i}" for i in range(start, start + 20)]
        cache.put(part, vectors_of(part))
    _, have = cache.get([f"text {i}" for i in range(300)])
    assert have[-20:].all()
    assert not have[:150].any()
    assert sum(path.stat().st_size for path in cache.folder.iterdir()) < 2 * 100 * (16 + HASH_BYTES) + 2000


@pytest.mark.parametrize("damage", [b"", b"\x00" * 40, b"\xff" * 400, "cut"])
def test_a_damaged_file_is_removed_and_made_again(tmp_path: Path, damage: bytes | str) -> None:
    cache = VectorCache(tmp_path, "key", 4)
    cache.put(["a", "b"], vectors_of(["a", "b"]))
    (shard,) = cache.folder.iterdir()
    shard.write_bytes(shard.read_bytes()[:-7] if isinstance(damage, str) else damage)
    assert not cache.get(["a"])[1].any()
    assert not shard.exists()
    cache.put(["a"], vectors_of(["a"]))
    assert cache.get(["a"])[1].all()


def test_vectors_of_another_size_or_without_sense_are_not_read(tmp_path: Path) -> None:
    cache = VectorCache(tmp_path, "key", 4)
    cache.put(["a"], np.full((1, 4), np.nan, np.float32))
    assert not cache.get(["a"])[1].any()
    cache.put(["b"], vectors_of(["b"]))
    assert not VectorCache(tmp_path, "key", 8).get(["b"])[1].any()


def test_processes_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    script = (
        "import sys, numpy as np; from pathlib import Path; from recengine.text.vector_cache import VectorCache\n"
        "cache = VectorCache(Path(sys.argv[1]), 'key', 4)\n"
        "for i in range(30): cache.put([f'{sys.argv[2]} {i}', f'both {i}'], np.full((2, 4), i, np.float32))\n"
    )
    running = [subprocess.Popen([sys.executable, "-c", script, str(tmp_path), name]) for name in ("one", "two")]
    assert [process.wait(120) for process in running] == [0, 0]
    found, have = VectorCache(tmp_path, "key", 4).get([f"{name} {i}" for name in ("one", "two", "both") for i in range(30)])
    assert have.all()
    np.testing.assert_array_equal(found[:, 0], np.tile(np.arange(30), 3))


def test_whitening_by_hand() -> None:
    """Four points on a cross, spread 2 and 1: S = diag(2, 0.5), 2 rows of prior: (4 S + 2 × 1.25 I) / 6 = diag(1.75, 0.75)."""
    cross = np.array([[2.0, 0], [-2, 0], [0, 1], [0, -1]])
    np.testing.assert_allclose(shrunk_covariance(cross), np.diag([1.75, 0.75]))
    np.testing.assert_allclose(Whitening.of(cross + 5.0).matrix, np.diag([1.75**-0.5, 0.75**-0.5]))
    np.testing.assert_allclose(whiten(cross + 5.0), [[1, 0], [-1, 0], [0, 1], [0, -1]], atol=1e-6)


def test_whitening_spreads_a_narrow_cone_and_leaves_blank_rows() -> None:
    draw = np.random.default_rng(0)
    vectors = (draw.normal(size=(4000, 8)) * [5, 3, 1, 1, 0.3, 0.3, 0.1, 0.1] + 40.0).astype(np.float32)
    vectors[7] = 0.0
    white = whiten(vectors)
    assert not white[7].any()
    spread = np.diag(np.cov(np.delete(white, 7, 0).T))
    assert spread.max() / spread.min() < 2, "from 2,500; the two narrowest are as uncertain as they are narrow"
    assert whiten(vectors, 0.0).var(0).max() / whiten(vectors, 0.0).var(0).min() > 500
    assert np.abs(white.mean(0)).max() < 0.05


def test_whitening_of_nothing_and_of_one_point() -> None:
    assert not whiten(np.zeros((3, 4))).any()
    assert np.isfinite(whiten(np.ones((3, 4)))).all()
