"""Runs under another interpreter that has `implicit`; `als_speed.py` and `topk_speed.py` start it and read one line of JSON a run.

    python implicit_peer.py als  MATRIX.npz OUT.npz FACTORS ITERATIONS REGULARISATION ALPHA THREADS
    python implicit_peer.py topk MATRIX.npz VECTORS.npz K THREADS

It waits for a line on its input before each run, so that both sides take turns and never run at once.
"""

from __future__ import annotations

import json
import sys
import time

import numpy as np
import scipy.sparse as sp
from implicit.als import AlternatingLeastSquares  # type: ignore[import-not-found]


def als(matrix: str, out: str, factors: str, iterations: str, regularisation: str, alpha: str, threads: str) -> None:
    """Fit once a line; the factors of the last run are written to `out`."""
    rows = sp.load_npz(matrix).tocsr().astype(np.float32)
    for _ in sys.stdin:
        model = AlternatingLeastSquares(
            factors=int(factors),
            iterations=int(iterations),
            regularization=float(regularisation),
            alpha=float(alpha),
            num_threads=int(threads),
            random_state=0,
            use_gpu=False,
        )
        wall, cpu = time.perf_counter(), time.process_time()
        model.fit(rows, show_progress=False)
        took = {"wall_s": time.perf_counter() - wall, "cpu_s": time.process_time() - cpu}
        np.savez(out, users=model.user_factors, items=model.item_factors)
        print(json.dumps(took), flush=True)


def topk(matrix: str, vectors: str, k: str, threads: str) -> None:
    """Lists of all shoppers once a line, seen items left out."""
    rows = sp.load_npz(matrix).tocsr().astype(np.float32)
    kept = np.load(vectors)
    model = AlternatingLeastSquares(factors=kept["items"].shape[1], num_threads=int(threads), use_gpu=False)
    model.user_factors, model.item_factors = kept["users"], kept["items"]
    for _ in sys.stdin:
        wall, cpu = time.perf_counter(), time.process_time()
        model.recommend(np.arange(rows.shape[0]), rows, N=int(k), filter_already_liked_items=True)
        print(json.dumps({"wall_s": time.perf_counter() - wall, "cpu_s": time.process_time() - cpu}), flush=True)


if __name__ == "__main__":
    {"als": als, "topk": topk}[sys.argv[1]](*sys.argv[2:])
