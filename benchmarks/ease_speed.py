"""EASE's solution against numpy.linalg.inv of the same matrix, taking turns in one run; two threads each.

The peer is numpy as EASE's published code uses it, in float64; EASE itself solves in float32 where the condition allows, as here.
The ratio to numpy's inverse in float32 is written beside it.

    python benchmarks/ease_speed.py [--items 3416 10000] [--turns 3]
"""

from __future__ import annotations

import argparse
import time

import numpy as np
import record
import torch
from threadpoolctl import threadpool_limits

from recengine.models.ease import inverse

THREADS, REGULARISATION = 2, 200.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", nargs="*", type=int, default=[3416, 10_000])
    parser.add_argument("--turns", type=int, default=3)
    options = parser.parse_args()
    torch.set_num_threads(THREADS)
    with threadpool_limits(THREADS):
        sizes = {f"n={n}": compare(n, options.turns) for n in options.items}
    record.write("ease_speed", {"threads": THREADS, "goal_ratio": 0.35, **sizes})
    return int(any(found["ratio"] > 0.35 for found in sizes.values()))


def compare(n: int, turns: int) -> dict[str, float]:
    """Median seconds of both and the median of their ratios; `gap` is the largest difference relative to the largest value."""
    rng = np.random.default_rng(0)
    rows = (rng.random((2 * n, n), dtype=np.float32) < 0.02).astype(np.float32)
    gram = rows.T @ rows + REGULARISATION * np.eye(n, dtype=np.float32)
    del rows
    ours, theirs, single, gap = [], [], [], 0.0
    for _ in range(turns):
        matrix = torch.from_numpy(gram.copy())
        wall, cpu = time.perf_counter(), time.process_time()
        found = inverse(matrix)
        ours.append((time.perf_counter() - wall, time.process_time() - cpu))
        whole = gram.astype(np.float64)  # numpy's own precision, as EASE's published code has it
        wall, cpu = time.perf_counter(), time.process_time()
        expected = np.linalg.inv(whole)
        theirs.append((time.perf_counter() - wall, time.process_time() - cpu))
        wall = time.perf_counter()
        np.linalg.inv(gram)
        single.append(time.perf_counter() - wall)
        gap = float(np.abs(found.numpy() - expected).max() / np.abs(expected).max())
    mine, other = np.array(ours), np.array(theirs)
    return {
        "ours_s": float(np.median(mine[:, 0])),
        "numpy_s": float(np.median(other[:, 0])),
        "ratio": float(np.median(mine[:, 0] / other[:, 0])),
        "cpu_ratio": float(np.median(mine[:, 1] / other[:, 1])),
        "numpy_float32_s": float(np.median(single)),
        "ratio_to_float32": float(np.median(mine[:, 0] / np.array(single))),
        "gap": gap,
    }


if __name__ == "__main__":
    raise SystemExit(main())
