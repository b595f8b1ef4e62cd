"""Vectors of texts on disk: made once, read by every process, bounded.

A folder for each way of making vectors holds shards: safetensors files with the texts' hashes and their vectors. A shard is written
aside and renamed, so a reader sees it whole or not at all, and two writers at worst keep a vector twice. Texts are not kept.
"""

from __future__ import annotations

import fcntl
import hashlib
import logging
import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save

from recengine.artefacts import told_when_disk_fails, write_atomically

HASH_BYTES = 16
MAX_BYTES = 1 << 30  # 700,000 vectors of 384 numbers
MAX_SHARDS = 16
_log = logging.getLogger(__name__)


def text_hash(text: str) -> bytes:
    """16 bytes that name a text."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=HASH_BYTES).digest()


class VectorCache:
    """The vectors of one encoder.

    Args:
        root: folder of all caches; made when missing.
        key: everything that decides a vector but the text: model, revision, prefix, pooling, number type.
        dim: numbers a vector.
        max_bytes: beyond this the oldest vectors leave.
    """

    def __init__(self, root: Path, key: str, dim: int, max_bytes: int = MAX_BYTES) -> None:
        self.folder = root / "text-vectors" / hashlib.blake2b(key.encode(), digest_size=HASH_BYTES).hexdigest()
        self._dim, self._most = dim, max(1, max_bytes // (4 * dim + HASH_BYTES))

    def get(self, texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """float32 [n, dim], and bool [n]: False where the vector is not kept (its row is zero)."""
        out, found = np.zeros((len(texts), self._dim), np.float32), np.zeros(len(texts), dtype=bool)
        wanted = np.frombuffer(b"".join(text_hash(text) for text in texts), dtype=f"V{HASH_BYTES}")
        for path in self._shards():
            if found.all():
                break
            shard = self._read(path)
            if shard is None:
                continue
            hashes, vectors = shard
            place = {bytes(entry): row for row, entry in enumerate(hashes)}
            missing = np.flatnonzero(~found)
            rows = np.array([place.get(bytes(wanted[row]), -1) for row in missing], dtype=np.int64)
            hit = rows >= 0
            out[missing[hit]], found[missing[hit]] = vectors[rows[hit]], True
        return out, found

    def put(self, texts: Sequence[str], vectors: np.ndarray) -> None:
        """Keep float32 [n, dim]. Raises StorageFailed where the disk is full."""
        if len(texts) == 0:
            return
        hashes = np.frombuffer(b"".join(text_hash(text) for text in texts), dtype=np.uint8).reshape(-1, HASH_BYTES)
        with told_when_disk_fails():
            self.folder.mkdir(parents=True, exist_ok=True)
            self._write(hashes, np.asarray(vectors, dtype=np.float32))
            if len(self._shards()) > MAX_SHARDS or self._kept() > self._most:
                with self._alone():
                    self._merge()

    def _shards(self) -> list[Path]:
        """Newest first."""
        return sorted(self.folder.glob("*.safetensors"), reverse=True) if self.folder.is_dir() else []

    def _kept(self) -> int:
        return sum(path.stat().st_size for path in self._shards() if path.exists()) // (4 * self._dim + HASH_BYTES)

    def _read(self, path: Path) -> tuple[np.ndarray, np.ndarray] | None:
        """Hashes (void [n]) and vectors of one shard; None where it was merged away meanwhile, or is damaged (it is then removed)."""
        try:
            kept = load_file(path)
            hashes, vectors = kept["hashes"], kept["vectors"]
        except FileNotFoundError:
            return None
        except (SafetensorError, KeyError) as error:
            _log.warning("removed a damaged file of text vectors: %s: %s", path.name, error)
            path.unlink(missing_ok=True)
            return None
        if hashes.shape != (len(vectors), HASH_BYTES) or vectors.shape[1:] != (self._dim,) or not np.isfinite(vectors).all():
            _log.warning("removed a file of text vectors with other sizes: %s", path.name)
            path.unlink(missing_ok=True)
            return None
        return np.ascontiguousarray(hashes).view(f"V{HASH_BYTES}").ravel(), vectors

    def _write(self, hashes: np.ndarray, vectors: np.ndarray) -> None:
        # Names sort by age; the number of the newest is read, not kept, so that processes need not agree on a counter.
        newest = max((int(path.name.split("-")[0]) for path in self._shards()), default=0)
        name = f"{newest + 1:012d}-{secrets.token_hex(4)}.safetensors"
        write_atomically(self.folder / name, save({"hashes": np.ascontiguousarray(hashes), "vectors": np.ascontiguousarray(vectors)}))

    def _merge(self) -> None:
        """All shards as one, each text once, the newest that fit."""
        shards = self._shards()
        read = [shard for shard in map(self._read, shards) if shard is not None]
        if not read:
            return
        hashes, vectors = np.concatenate([shard[0] for shard in read]), np.concatenate([shard[1] for shard in read])
        _, first = np.unique(_sortable(hashes), return_index=True)
        use = np.sort(first)[: self._most]
        self._write(hashes[use].view(np.uint8).reshape(-1, HASH_BYTES), vectors[use])
        for path in shards:
            path.unlink(missing_ok=True)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One process merges at a time."""
        handle = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)


def _sortable(hashes: np.ndarray) -> np.ndarray:
    """Two whole numbers a hash, as numpy cannot sort raw bytes that may hold zeros."""
    return hashes.view([("high", "<u8"), ("low", "<u8")])
