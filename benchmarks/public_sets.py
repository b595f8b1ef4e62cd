"""Public data sets that the benchmarks read: where their files are, and what they become."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import record
import scipy.sparse as sp

from recengine.data.dataset import Catalogue
from recengine.data.events import EventLog
from recengine.data.vocabulary import Vocabulary


def ml_1m(folder: Path) -> tuple[sp.csr_matrix, sp.csr_matrix]:
    """Everything but each shopper's last item, and the last items; the last but one counts as training."""
    with gzip.open(folder / "ml_1m" / "ml-1m.txt.gz", "rt", encoding="utf-8") as lines:
        pairs = np.array([line.split() for line in lines], dtype=np.int64)
    _, users = np.unique(pairs[:, 0], return_inverse=True)
    _, items = np.unique(pairs[:, 1], return_inverse=True)
    order = np.argsort(users, kind="stable")
    users, items = users[order], items[order]
    last = np.append(users[1:] != users[:-1], True)
    shape = (int(users.max()) + 1, int(items.max()) + 1)
    return _ones(users[~last], items[~last], shape), _ones(users[last], items[last], shape)


def gowalla(folder: Path) -> tuple[sp.csr_matrix, sp.csr_matrix]:
    """Training and test of the split that LightGCN published."""
    found = [sp.load_npz(folder / "gowalla" / f"gowalla_{part}.npz").tocoo() for part in ("train", "test")]
    train, test = (_ones(part.row, part.col, part.shape) for part in found)
    return train, test


SETS: dict[str, Callable[[Path], tuple[sp.csr_matrix, sp.csr_matrix]]] = {"ml_1m": ml_1m, "gowalla": gowalla}


def log_of(matrix: sp.csr_matrix) -> EventLog:
    """The entries of a shopper-by-item matrix as purchases without times."""
    entries = matrix.tocoo()
    return EventLog.build(entries.row, entries.col, np.zeros(len(entries.row), dtype=np.int64), *matrix.shape)


def bare(n_items: int) -> Catalogue:
    """A catalogue of codes alone."""
    return Catalogue.bare(Vocabulary.build(f"{code:08d}" for code in range(n_items)))


def recall_and_ndcg(lists: np.ndarray, test: sp.csr_matrix) -> tuple[float, float]:
    """Macro means over shoppers with answers of int [B, k] lists: hits / |answers|, and NDCG whose ideal has min(|answers|, k) hits."""
    n_items, k = test.shape[1], lists.shape[1]
    counts = np.diff(test.indptr)
    right = np.sort(np.repeat(np.arange(len(counts)), counts) * np.int64(n_items) + test.indices)
    hits = np.isin(np.where(lists >= 0, np.arange(len(lists))[:, None] * np.int64(n_items) + lists, -1), right)
    gain = 1.0 / np.log2(np.arange(2, k + 2))
    asked = counts > 0
    ideal = np.cumsum(gain)[np.minimum(counts[asked], k) - 1]
    return float((hits.sum(1)[asked] / counts[asked]).mean()), float(((hits * gain).sum(1)[asked] / ideal).mean())


class Peer:
    """A process of another interpreter that runs once each time it is asked."""

    def __init__(self, python: str, *arguments: str) -> None:
        script = str(Path(record.__file__).with_name("implicit_peer.py"))
        alone = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}  # as implicit advises: it brings threads of its own
        self._process = subprocess.Popen([python, script, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=alone)

    def run(self) -> dict[str, Any]:
        """One run's figures."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the other interpreter stopped; does it have implicit?")
        return json.loads(line)  # type: ignore[no-any-return]

    def close(self) -> None:
        """End the process."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait(timeout=60)


def _ones(rows: np.ndarray, columns: np.ndarray, shape: tuple[int, int]) -> sp.csr_matrix:
    matrix = sp.csr_matrix((np.ones(len(rows), dtype=np.float32), (rows, columns)), shape=shape)
    matrix.sum_duplicates()
    matrix.data[:] = 1.0
    return matrix
