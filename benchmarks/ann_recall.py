"""Lists found with an index beside exact ones, beyond a million items: recall, time of a list, time and threads of making the index.

    python benchmarks/ann_recall.py [--items 1050000] [--rows 1024]

Items stand around 3,000 tastes in 64 dimensions of falling weight, at lengths like popularity's; no public set is that large. Seen items
are masked. Times are wall time in one run on two threads; only their ratio means something on a busy machine.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import record
import scipy.sparse as sp
import torch
from torch import Tensor

from recengine.scoring.approximate_topk import ApproximateIndex
from recengine.scoring.streaming_topk import BestSoFar, best_products

K, THREADS, FACTORS, TASTES, OWNED, MEASURED = 20, 2, 64, 3000, 50, 400


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=1_050_000)
    parser.add_argument("--rows", type=int, default=1024)
    options = parser.parse_args()
    torch.set_num_threads(THREADS)
    record.write("ann_recall", {"k": K, "threads": THREADS, "factors": FACTORS, **compare(options.items, options.rows)})


def tastes(n: int, noise: float, seed: int) -> np.ndarray:
    """float32 [n, FACTORS] around the tastes."""
    weight = np.arange(1, FACTORS + 1, dtype=np.float32) ** -0.5
    centres = np.random.default_rng(0).normal(size=(TASTES, FACTORS)).astype(np.float32)
    rng = np.random.default_rng(seed)
    made = centres[rng.integers(0, TASTES, n)]
    made += np.float32(noise) * rng.standard_normal((n, FACTORS), dtype=np.float32)
    return made * weight


def compare(n_items: int, n_rows: int) -> dict[str, Any]:
    """Recall on shoppers that the index never saw, and what it costs."""
    rng = np.random.default_rng(1)
    items = torch.from_numpy(tastes(n_items, 0.7, 2) * np.sqrt(rng.random((n_items, 1), dtype=np.float32)))
    shoppers, others = torch.from_numpy(tastes(n_rows, 0.5, 3)), torch.from_numpy(tastes(MEASURED, 0.5, 4))
    codes = rng.integers(0, n_items, n_rows * OWNED)
    owned = sp.csr_matrix((np.ones(len(codes), np.float32), (np.repeat(np.arange(n_rows), OWNED), codes)), (n_rows, n_items))
    nothing = np.zeros(n_items, dtype=bool)
    making = _seconds(lambda: ApproximateIndex(items, None, torch.ones(n_items, dtype=torch.bool)))
    index = making[1]
    choosing = _seconds(lambda: index.choose(others, items, None, K))

    def lists(rows: Tensor, mask: sp.csr_matrix, exact: bool) -> BestSoFar:
        best = BestSoFar(len(rows), K, nothing, mask)
        if exact:
            best_products(rows, items, None, best)
        else:
            index.show(rows, items, None, best)
        return best

    for exact in (False, True):  # compiles
        lists(shoppers[:8], owned[:8], exact)
    found, sure = (_seconds(lambda exact=exact: lists(shoppers, owned, exact)) for exact in (False, True))
    one = [_seconds(lambda exact=exact: lists(shoppers[:1], owned[:1], exact))[0] for exact in (False, True)]
    return {
        "items": n_items,
        "rows": n_rows,
        "index_s": making[0],
        "choosing_s": choosing[0],
        "lists_read": index.probed,
        "recall_told": choosing[1],
        "recall": float(np.mean([len(np.intersect1d(a, b)) / K for a, b in zip(found[1].codes, sure[1].codes, strict=True)])),
        "times_exact": sure[0] / found[0],
        "times_exact_one_shopper": one[1] / one[0],
        "exact_rows_worth_the_index": (making[0] + choosing[0]) / max(sure[0] - found[0], 1e-9) * n_rows,
    }


def _seconds(run: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    made = run()
    return time.perf_counter() - start, made


if __name__ == "__main__":
    main()
