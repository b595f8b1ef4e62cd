"""iALS against implicit's, on the same matrix with the same factors, iterations and threads, taking turns in one run.

    python benchmarks/als_speed.py --data FOLDER --implicit PYTHON [--only ml_1m gowalla]

PYTHON is an interpreter with `implicit`. Time is of the fit alone. Both sides run once before anything is measured: compiled loops
are kept on disk after a first run, and that first compilation (about 10 s) does not count.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import record
import scipy.sparse as sp
import torch
from public_sets import SETS, Peer, bare, log_of, recall_and_ndcg

from recengine.data.histories import Histories
from recengine.models.als import Als, AlsConfig
from recengine.models.base import FitContext

FACTORS, ITERATIONS, THREADS = 64, 15, 2
# ML-1M: ours chosen on validation items, implicit's are its defaults. Gowalla: the better of two settings on either side.
OURS: dict[str, dict[str, Any]] = {
    "ml_1m": {"unobserved_weight": 0.5, "regularisation": 0.003},
    "gowalla": {"unobserved_weight": 0.05, "regularisation": 0.003},
}
IMPLICIT = {"ml_1m": ("0.01", "1.0"), "gowalla": ("10", "10")}
K = {"ml_1m": 10, "gowalla": 20}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default=os.environ.get("MERCHLENS_BENCH_DATA", ""))
    parser.add_argument("--implicit", required=True, help="an interpreter with implicit")
    parser.add_argument("--only", nargs="*", default=list(SETS))
    parser.add_argument("--turns", type=int, default=5)
    options = parser.parse_args()
    torch.set_num_threads(THREADS)
    figures = {name: compare(name, Path(options.data), options.implicit, options.turns) for name in options.only}
    record.write("als_speed", {"factors": FACTORS, "iterations": ITERATIONS, "threads": THREADS, "goal_ratio": 1.0, **figures})
    return int(any(found["ratio"] > 1.0 for found in figures.values()))


def compare(name: str, folder: Path, python: str, turns: int) -> dict[str, Any]:
    """Seconds and quality of both on one data set; the ratio is the median over turns."""
    train, test = SETS[name](folder)
    log, catalogue = log_of(train), bare(train.shape[1])
    model = Als(AlsConfig(factors=FACTORS, epochs=ITERATIONS, **OURS[name]))
    ours, theirs = [], []
    with tempfile.TemporaryDirectory() as scratch:
        matrix, out = str(Path(scratch) / "train.npz"), str(Path(scratch) / "factors.npz")
        sp.save_npz(matrix, train)
        peer = Peer(python, "als", matrix, out, str(FACTORS), str(ITERATIONS), *IMPLICIT[name], str(THREADS))
        for _ in range(turns + 1):
            wall, cpu = time.perf_counter(), time.process_time()
            model.fit_all(log, FitContext(catalogue))
            ours.append((time.perf_counter() - wall, time.process_time() - cpu))
            found = peer.run()
            theirs.append((found["wall_s"], found["cpu_s"]))
        peer.close()
        kept = np.load(out)
        scores = torch.from_numpy(kept["users"]) @ torch.from_numpy(kept["items"]).T
    owned = train.tocoo()
    scores[torch.from_numpy(owned.row.astype(np.int64)), torch.from_numpy(owned.col.astype(np.int64))] = -torch.inf
    their_lists = scores.topk(K[name], 1).indices.numpy()
    everybody = Histories.from_log(log, np.arange(log.n_users), np.iinfo(np.int64).max)
    our_lists = model.recommend(everybody, K[name], exclude=train).item_codes
    mine, other = np.array(ours[1:]), np.array(theirs[1:])
    return {
        "ours_s": float(np.median(mine[:, 0])),
        "implicit_s": float(np.median(other[:, 0])),
        "ratio": float(np.median(mine[:, 0] / other[:, 0])),
        "cpu_ratio": float(np.median(mine[:, 1] / other[:, 1])),
        "turns": len(mine),
        f"ours_recall_ndcg@{K[name]}": recall_and_ndcg(our_lists, test),
        f"implicit_recall_ndcg@{K[name]}": recall_and_ndcg(their_lists, test),
        "ours_settings": OURS[name],
        "implicit_regularization_alpha": IMPLICIT[name],
    }


if __name__ == "__main__":
    raise SystemExit(main())
