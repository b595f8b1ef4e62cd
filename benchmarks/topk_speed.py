"""Top-20 of every shopper with seen items masked, exact: against the bare matrix product, and against implicit, taking turns in one run.

    python benchmarks/topk_speed.py --data FOLDER [--implicit PYTHON] [--only ml_1m gowalla wide]

Vectors of 64 numbers are iALS factors of the data set; "wide" has 100,000 items of random vectors and masks. The product writes into one
buffer of 64 MiB, and nothing reads it; `blocks` is the same product in the smaller blocks that the lists are made from. `lists` is the
whole way of the product model (vectors given, float64 rescoring of 36 candidates included), `same` the share of lists equal to a plain
sort of all float32 scores rescored alike.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import record
import scipy.sparse as sp
import torch
from public_sets import SETS, Peer, bare, log_of
from torch import Tensor

from recengine.data.histories import Histories
from recengine.models.als import Als, AlsConfig
from recengine.models.base import FitContext, TopK
from recengine.models.parts.dot import show_products
from recengine.scoring.streaming_topk import BLOCK_ITEMS, BLOCK_ROWS
from recengine.scoring.topk import lists_in_batches

K, THREADS, FACTORS, CHECKED = 20, 2, 64, 500
PRODUCT_ITEMS = 16_384  # items of one bare product
GOALS = {"ml_1m": (None, 3.0), "gowalla": (0.8, 1.5), "wide": (0.8, None)}  # ratio to the product, ratio to implicit


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default=os.environ.get("MERCHLENS_BENCH_DATA", ""))
    parser.add_argument("--implicit", help="an interpreter with implicit")
    parser.add_argument("--only", nargs="*", default=list(GOALS))
    parser.add_argument("--turns", type=int, default=5)
    options = parser.parse_args()
    torch.set_num_threads(THREADS)
    figures = {name: compare(name, Path(options.data), options.implicit, options.turns) for name in options.only}
    record.write("topk_speed", {"k": K, "factors": FACTORS, "threads": THREADS, **figures})
    return int(any(found["reached"] is False for found in figures.values()))


def vectors(name: str, folder: Path) -> tuple[Tensor, Tensor, sp.csr_matrix]:
    """Shopper vectors, item vectors, and what each shopper has."""
    if name == "wide":
        rng, n_rows, n_items = np.random.default_rng(0), 8192, 100_000
        columns = rng.zipf(1.3, size=n_rows * 30) % n_items
        seen = sp.csr_matrix((np.ones(len(columns), np.float32), (np.repeat(np.arange(n_rows), 30), columns)), (n_rows, n_items))
        items = rng.normal(size=(n_items, FACTORS)) * rng.random((n_items, 1))
        return torch.from_numpy(rng.normal(size=(n_rows, FACTORS))).float(), torch.from_numpy(items).float(), seen
    seen, _ = SETS[name](folder)
    model, log = Als(AlsConfig(factors=FACTORS, epochs=3)), log_of(seen)
    model.fit_all(log, FitContext(bare(log.n_items)))
    return model.checkpoint()["users"], model.state()["factors"], seen


def compare(name: str, folder: Path, python: str | None, turns: int) -> dict[str, Any]:
    """Shoppers a second of the product, ours, and implicit; medians over turns of the ratios."""
    shoppers, items, seen = vectors(name, folder)
    n_rows, n_items = seen.shape
    held = torch.empty(BLOCK_ROWS * min(n_items, max(PRODUCT_ITEMS, BLOCK_ITEMS)))

    def product(width: int = PRODUCT_ITEMS) -> None:
        for top in range(0, n_rows, BLOCK_ROWS):
            rows = shoppers[top : top + BLOCK_ROWS]
            for left in range(0, n_items, width):
                block = items[left : left + width]
                torch.mm(rows, block.T, out=held[: len(rows) * len(block)].view(len(rows), len(block)))

    everybody = Histories.of_items([[]] * n_rows)
    here, everything = torch.ones(n_rows, dtype=torch.bool), torch.ones(n_items, dtype=torch.bool)

    def lists() -> TopK:
        return lists_in_batches(
            n_items, everybody, K, seen, None, n_rows, lambda _, best: show_products(best, shoppers, here, items, None, everything)
        )

    found: dict[str, list[float]] = {"product": [], "blocks": [], "lists": [], "implicit": []}
    with tempfile.TemporaryDirectory() as scratch:
        peer = None
        if python is not None:
            matrix, kept = str(Path(scratch) / "seen.npz"), str(Path(scratch) / "vectors.npz")
            sp.save_npz(matrix, seen)
            np.savez(kept, users=shoppers.numpy(), items=items.numpy())
            peer = Peer(python, "topk", matrix, kept, str(K), str(THREADS))
        for _ in range(turns + 1):
            found["product"].append(_seconds(product))
            found["blocks"].append(_seconds(lambda: product(BLOCK_ITEMS)))
            found["lists"].append(_seconds(lists))
            if peer is not None:
                found["implicit"].append(peer.run()["wall_s"])
        if peer is not None:
            peer.close()
    took = {side: np.array(seconds[1:]) for side, seconds in found.items() if seconds}
    to_product = float(np.median(took["product"] / took["lists"]))
    to_implicit = float(np.median(took["implicit"] / took["lists"])) if "implicit" in took else None
    want_product, want_implicit = GOALS[name]
    reached = (want_product is None or to_product >= want_product) and (
        want_implicit is None or (to_implicit is not None and to_implicit >= want_implicit)
    )
    return {
        "shoppers": n_rows,
        "items": n_items,
        **{f"{side}_per_s": float(n_rows / np.median(seconds)) for side, seconds in took.items()},
        "share_of_product_rate": to_product,
        "share_of_blocks_rate": float(np.median(took["blocks"] / took["lists"])),
        "times_implicit": to_implicit,
        "goals": {"share_of_product_rate": want_product, "times_implicit": want_implicit},
        "reached": reached if to_implicit is not None or want_implicit is None else None,
        "same": _same(shoppers, items, seen, lists()),
    }


def _seconds(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def _same(shoppers: Tensor, items: Tensor, seen: sp.csr_matrix, lists: TopK) -> float:
    """Share of the first rows whose list is that of a plain sort in float64."""
    n = min(CHECKED, len(shoppers))
    scores = (shoppers[:n].double() @ items.double().T).numpy()
    owned = seen[:n].tocoo()
    scores[owned.row, owned.col] = -np.inf
    expected = np.argsort(-scores, axis=1, kind="stable")[:, :K]
    return float((expected == lists.item_codes[:n]).all(1).mean())


if __name__ == "__main__":
    raise SystemExit(main())
