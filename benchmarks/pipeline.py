"""The sample file to the first explained list, through the command line: every step a whole process, as a person would type it.

Times include starting Python and importing libraries. Peak memory is the largest resident set of the step's process.

    python benchmarks/pipeline.py [--models popularity,transitions,funnel] [--repeats 3]
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import record

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "sample_data" / "online_retail.csv.gz"
GOAL_S = 60.0


def step(workspace: Path, *words: str) -> tuple[dict[str, Any], dict[str, float]]:
    """Run one command; its JSON answer, and wall seconds, processor seconds and peak memory of its process.

    Raises:
        RuntimeError: it failed; the message is what it printed.
    """
    command = [sys.executable, "-m", "recengine", "--workspace", str(workspace), *words, "--json"]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        started = time.perf_counter()
        process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=out, stderr=err)
        _, status, usage = os.wait4(process.pid, 0)
        wall_s = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        if process.returncode != 0:
            raise RuntimeError(f"{' '.join(words)} exited with {process.returncode}: {err.read().decode()}")
        answer = json.loads(out.read())
    scale = 1 if sys.platform == "darwin" else 1024  # ru_maxrss counts bytes there, KiB elsewhere
    cost = {"wall_s": wall_s, "processor_s": usage.ru_utime + usage.ru_stime, "peak_mib": usage.ru_maxrss * scale / 2**20}
    return answer, {name: round(value, 3) for name, value in cost.items()}


def one_pass(models: list[str]) -> dict[str, Any]:
    """All steps in a new workspace."""
    steps: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory(prefix="merchlens-bench-") as folder:
        workspace = Path(folder) / "workspace"
        imported, steps["import"] = step(workspace, "import", str(SAMPLE), "--name", "Online Retail")
        trained = {}
        for model in models:
            trained[model], steps[f"train {model}"] = step(workspace, "train", "--dataset", imported["dataset"], "--model", model)
        variant = trained[models[-1]]["variant"]
        made, steps["recommend"] = step(workspace, "recommend", "--variant", variant, "--user", "17850", "-k", "10")
        item = made["items"][0]["item"]
        why, steps["explain"] = step(workspace, "explain", "--variant", variant, "--user", "17850", "--item", item)
    gap = abs(why["base"] + sum(term["contribution"] for term in why["terms"]) - why["score"])
    return {
        "steps": steps,
        "total_s": round(sum(cost["wall_s"] for cost in steps.values()), 3),
        "rows": imported["rows"],
        "list_length": len(made["items"]),
        "reasons": sum(bool(row["reason"]) for row in made["items"]),
        "explanation_gap": gap,
        "ndcg@10": {model: answer["metrics"]["ndcg@10"] for model, answer in trained.items()},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", default="popularity,transitions,funnel", help="trained in this order; the last one makes the list")
    parser.add_argument("--repeats", type=int, default=3)
    given = parser.parse_args()
    models = given.models.split(",")
    passes = [one_pass(models) for _ in range(given.repeats)]
    totals = [one["total_s"] for one in passes]
    figures = {
        "what": "sample file to first explained list, every step a process of the command line",
        "models": models,
        "repeats": given.repeats,
        "total_s_median": statistics.median(totals),
        "total_s_all": totals,
        "goal_s": GOAL_S,
        "peak_mib": max(cost["peak_mib"] for one in passes for cost in one["steps"].values()),
        **{key: value for key, value in passes[-1].items() if key != "total_s"},
    }
    record.write("pipeline", figures)


if __name__ == "__main__":
    main()
