"""Seconds of one epoch of SASRec with a softmax over the whole catalogue, beside RecTools' SASRec in the same run.

    python benchmarks/sequence_speed.py --data FOLDER [--rectools PYTHON] [--shoppers N] [--rounds 3] [--threads 2]

Both: MovieLens-1M without the last two items of a shopper, newest 200 events, 64 factors, two layers, one head, batches of 128, dropout
.2. Ours is the whole fit, theirs the epoch alone. PYTHON is an interpreter of an environment with `rectools[torch]`. Rounds alternate, the
fastest of each counts. Both ratios, of the wall clock and of processor seconds, have to reach the goal: on a machine that others
use, the wall clock alone says little.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

PASSIVE = {"OMP_WAIT_POLICY": "PASSIVE"}  # waiting threads sleep, so that processor seconds are work; read when torch is loaded
LENGTH = 200
GOAL = 0.25


def main(arguments: list[str] | None = None) -> int:
    """Measure and write benchmarks/results/sequence-speed.json; returns 1 where the goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--data", type=Path, default=os.environ.get("MERCHLENS_BENCH_DATA"), required="MERCHLENS_BENCH_DATA" not in os.environ
    )
    parser.add_argument("--rectools", default=None, metavar="PYTHON")
    parser.add_argument("--shoppers", type=int, default=None, help="every n-th shopper, so that about this many are left")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args(arguments)

    import numpy as np
    import quality
    import record
    import torch

    from recengine.data.split import leave_last_out

    torch.set_num_threads(options.threads)
    log = quality.log_of_lines(Path(options.data) / "ml_1m" / "ml-1m.txt.gz", pairs=True)
    train = leave_last_out(log).train
    if options.shoppers:
        train = train.keep(train.user_codes % max(1, round(log.n_users / options.shoppers)) == 0)
    lengths = np.bincount(train.user_codes)
    tokens = int(np.minimum(lengths[lengths > 1] - 1, LENGTH).sum())
    ours: list[dict[str, float]] = []
    theirs: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "pairs.npz"
        np.savez(file, users=train.user_codes, items=train.item_codes)
        one_epoch(train.keep(train.user_codes < np.unique(train.user_codes)[20]), quality.bare(log))  # what is loaded once
        for _ in range(options.rounds):
            ours.append(one_epoch(train, quality.bare(log)))
            print("ours    ", ours[-1], flush=True)
            if options.rectools:
                theirs.append(peer(options.rectools, file, options.threads))
                print("RecTools", theirs[-1], flush=True)
    best = {key: min(found[key] for found in ours) for key in ("wall_s", "cpu_s")}
    ratio = {key: best[key] / min(found[key] for found in theirs) for key in best} if theirs else None
    figures = {
        "shoppers": int((lengths > 1).sum()),
        "tokens": tokens,
        "threads": options.threads,
        "ours": ours,
        "rectools": theirs,
        "ratio": ratio,
        "goal": GOAL,
        "reached": None if ratio is None else max(ratio.values()) <= GOAL,
    }
    record.write("sequence-speed", figures)
    return 1 if figures["reached"] is False else 0


def one_epoch(train: Any, catalogue: Any) -> dict[str, float]:
    """Wall and processor seconds of our fit."""
    from recengine.models.base import FitContext
    from recengine.models.sasrec import Sasrec, SasrecConfig

    settings = {
        "max_length": LENGTH,
        "epochs": 1,
        "use_times": False,
        "use_behaviours": False,
        "every_event": False,
        "learn_repeats": True,
        "batch_size": 128,
        "learning_rate": 1e-3,
        "dropout": 0.2,
    }
    model = Sasrec(SasrecConfig(**settings))  # type: ignore[arg-type]
    wall, cpu = time.perf_counter(), time.process_time()
    model.fit_all(train, FitContext(catalogue, precision="fp32"))
    return {"wall_s": time.perf_counter() - wall, "cpu_s": time.process_time() - cpu}


def peer(python: str, file: Path, threads: int) -> dict[str, Any]:
    """The same of RecTools, in its own interpreter."""
    script = Path(__file__).with_name("peer_rectools_sasrec.py")
    command = [python, str(script), str(file), str(LENGTH), str(threads)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **PASSIVE})
    if done.returncode:
        raise SystemExit(f"RecTools failed:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.strip().splitlines()[-1])


if __name__ == "__main__":
    if os.environ.get("OMP_WAIT_POLICY") is None:
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **PASSIVE})
    raise SystemExit(main())
