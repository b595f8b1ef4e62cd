"""MMR on 10,000 lists of 200 candidates to 20: the product against the plain numpy loop, in the same run."""

from __future__ import annotations

import time

import numpy as np
import record

from recengine.funnel.rerankers.mmr import mmr, unit_rows

N_ROWS, N_CANDIDATES, DIMENSIONS, K, N_ITEMS, DIVERSITY = 10_000, 200, 64, 20, 20_000, 0.3


def numpy_loop(relevance: np.ndarray, vectors: np.ndarray, k: int, diversity: float) -> list[int]:
    """The textbook: similarity matrix of one list, then k times the best sum."""
    similarity = vectors @ vectors.T
    nearest = np.zeros(len(relevance), np.float32)
    free = np.ones(len(relevance), bool)
    chosen = []
    for _ in range(k):
        best = int(np.where(free, (1 - diversity) * relevance - diversity * nearest, -np.inf).argmax())
        chosen.append(best)
        free[best] = False
        nearest = np.maximum(nearest, similarity[best])
    return chosen


def main() -> None:
    rng = np.random.default_rng(0)
    vectors = unit_rows(rng.normal(size=(N_ITEMS, DIMENSIONS)))
    codes = np.argsort(rng.random((N_ROWS, 4 * N_CANDIDATES)), axis=1)[:, :N_CANDIDATES].astype(np.int32)
    codes += rng.integers(0, N_ITEMS - 4 * N_CANDIDATES, (N_ROWS, 1)).astype(np.int32)
    scores = -np.sort(-rng.random((N_ROWS, N_CANDIDATES)), axis=1)
    mmr(codes[:10], scores[:10], vectors, K, DIVERSITY)
    ours, loop = [], []
    n_loop = 1_000
    for _ in range(5):
        start = time.perf_counter()
        result = mmr(codes, scores, vectors, K, DIVERSITY)
        ours.append(N_ROWS / (time.perf_counter() - start))
        start = time.perf_counter()
        low, high = scores.min(1, keepdims=True), scores.max(1, keepdims=True)
        relevance = (scores - low) / (high - low)
        reference = [numpy_loop(relevance[row], vectors[codes[row]], K, DIVERSITY) for row in range(n_loop)]
        loop.append(n_loop / (time.perf_counter() - start))
    same = float(np.mean([list(result.order[row]) == reference[row] for row in range(n_loop)]))
    figures = {
        "lists": N_ROWS,
        "candidates": N_CANDIDATES,
        "k": K,
        "dimensions": DIMENSIONS,
        "diversity": DIVERSITY,
        "mmr_lists_per_s": float(np.median(ours)),
        "numpy_loop_lists_per_s": float(np.median(loop)),
        "ratio": float(np.median(ours) / np.median(loop)),
        "same_lists_share": same,
        "goal_ratio": 20,
    }
    record.write("mmr_speed", figures)


if __name__ == "__main__":
    main()
