"""What each model is estimated to need beside what a fit and the first lists took at their peak, each in a process of its own.

    python benchmarks/memory_estimates.py [--only als sasrec] [--limit 120]

A synthetic log; one epoch of models that learn in epochs, one thread. Estimates count for the settings that ran. Models that take longer
than the limit (seconds) are named and left out.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import record

from recengine.models.registry import single_models

MEASURE = Path(__file__).resolve().parent.parent / "tests" / "unit" / "training" / "measure_memory.py"
SIZES = {"small": (1500, 2000, 30_000), "medium": (6000, 8000, 200_000)}  # shoppers, items, events
FACTOR = 2.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="*", default=sorted(single_models()))
    parser.add_argument("--sizes", nargs="*", default=list(SIZES))
    parser.add_argument("--limit", type=float, default=120.0)
    options = parser.parse_args()
    found = {name: {size: measured(name, size, options.limit) for size in options.sizes} for name in options.only}
    off = [f"{name} {size}" for name, rows in found.items() for size, row in rows.items() if row.get("ratio") and not _near(row["ratio"])]
    record.write("memory_estimates", {"sizes": SIZES, "factor": FACTOR, "off": off, "models": found})
    return int(bool(off))


def measured(name: str, size: str, limit: float) -> dict[str, Any]:
    """Estimate, peak above the start, and estimate / peak; or why there is none."""
    settings = {"epochs": 1} if single_models()[name].can.epochs else {}
    line = [sys.executable, str(MEASURE), name, json.dumps(settings), *map(str, SIZES[size])]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(MEASURE.parents[3])}
    try:
        done = subprocess.run(line, capture_output=True, text=True, timeout=limit, env=environment, check=False)
    except subprocess.TimeoutExpired:
        return {"left_out": f"longer than {limit:g} s"}
    if done.returncode != 0:
        return {"left_out": done.stderr.strip().splitlines()[-1][:200]}
    row = json.loads(done.stdout.splitlines()[-1])
    return {**row, "ratio": row["estimate"] / max(row["measured"], 1)}


def _near(ratio: float) -> bool:
    return 1 / FACTOR <= ratio <= FACTOR


if __name__ == "__main__":
    raise SystemExit(main())
