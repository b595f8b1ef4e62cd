"""What a training was estimated to take from samples, beside what it took, on the sample shop: processor seconds of one thread.

    python benchmarks/time_estimates.py [--only als sasrec] [--limit 300]

Models that learn in epochs run two, so that tuning cannot stop before the last, as the estimate supposes. Processor seconds, since on a
machine that others use the clock says little; each model in a process of its own. Those that take longer than the limit are left out.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from typing import Any

import record

from recengine.models.registry import single_models

EPOCHS = 2
FACTOR, SLACK_S = 2.0, 1.0  # an estimate is off where it is wrong by more than both
ONE_THREAD = {"OMP_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"}


class Unwatched:
    """Nobody waits for this training, and nothing of it is kept."""

    def should_stop(self) -> bool:
        return False

    def phase(self, fraction: float, text: str) -> None:
        pass

    def report(self, report: Any) -> None:
        pass

    def save(self, meta: dict[str, Any], tensors: dict[str, Any]) -> None:
        pass

    def saved(self) -> None:
        return None


def one(name: str, folder: str) -> dict[str, Any]:
    """Estimate and truth of one model, in this process."""
    from recengine.data.split import time_split
    from recengine.training import probe as probing
    from recengine.training.loop import Loop
    from recengine.workspace import Workspace
    from recengine.workspace.models import make_config

    workspace = Workspace(folder)
    (info,) = workspace.datasets.list()
    context, model = workspace.training._context, single_models()[name]
    settings = workspace.training.settings(name, "balanced", info.id, "cpu") | ({"epochs": EPOCHS} if model.can.epochs else {})
    config = make_config(name, settings, "balanced")
    dataset = context.dataset(info.id)
    split = time_split(dataset.products_log, dataset.catalogue.sellable)
    vectors = context.item_vectors(info.id)
    probing.time = _ProcessorTime()  # type: ignore[attr-defined]
    begun = time.process_time()
    found = probing.probe(model, config, dataset.catalogue, split, dataset.products_log)
    probed = time.process_time() - begun
    begun = time.process_time()
    Loop(model, config, dataset, split, vectors, Unwatched()).run()
    return {"estimate_s": found and found.seconds, "took_s": time.process_time() - begun, "probe_s": probed}


class _ProcessorTime:
    """Stands in for the module `time` in the probe."""

    monotonic = staticmethod(time.process_time)


def measured(name: str, folder: str, limit: float) -> dict[str, Any]:
    """The same in a process of its own, or why there is nothing."""
    line = [sys.executable, __file__, "--one", name, folder]
    try:
        done = subprocess.run(line, capture_output=True, text=True, timeout=limit, env={**os.environ, **ONE_THREAD}, check=False)
    except subprocess.TimeoutExpired:
        return {"left_out": f"longer than {limit:g} s"}
    if done.returncode:
        return {"left_out": done.stderr.strip().splitlines()[-1][:200]}
    row = json.loads(done.stdout.splitlines()[-1])
    return {**row, "ratio": row["estimate_s"] and row["estimate_s"] / row["took_s"]}


def is_off(row: dict[str, Any]) -> bool:
    """Whether somebody would be misled."""
    return abs(row["estimate_s"] - row["took_s"]) > SLACK_S and not 1 / FACTOR <= row["ratio"] <= FACTOR


def main() -> int:
    """Print a line a model and write benchmarks/results/time_estimates.json; returns 1 where an estimate is off by more than the factor."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--one", nargs=2, default=None, help=argparse.SUPPRESS)
    parser.add_argument("--only", nargs="*", default=sorted(single_models()))
    parser.add_argument("--limit", type=float, default=300.0)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(one(*options.one)))
        return 0
    from recengine.workspace import Workspace

    rows = dict[str, dict[str, Any]]()
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace(folder)
        workspace.datasets.import_now(workspace.datasets.stage_sample())
        for name in options.only:
            rows[name] = measured(name, folder, options.limit)
            print(name, rows[name], flush=True)
    file = record.RESULTS / "time_estimates.json"
    known = json.loads(file.read_text(encoding="utf-8"))["models"] if file.exists() else {}
    known |= rows
    off = [name for name, row in known.items() if row.get("ratio") and is_off(row)]
    record.write("time_estimates", {"epochs": EPOCHS, "factor": FACTOR, "slack_s": SLACK_S, "off": off, "models": known})
    return int(bool(off))


if __name__ == "__main__":
    sys.exit(main())
