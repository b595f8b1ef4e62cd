"""How long a comparison of many variants takes to open: the engine's views from stored files, and the page in a real browser.

A shop of the demo store is imported, one model is trained, and its stored judgement is copied into further variants whose per-shopper
figures and places are shuffled a little, as if 20 models had been trained: the files have the size and form that a training writes, and
5,000 held-out shoppers are behind each. Nothing is scored again when a comparison opens, so who made the figures does not matter.

engine  a fresh process; imports are paid before the clock starts, files are read and proved within it
server  the page's script over the websocket, without a browser
page    a browser opens Compare by its address; the clock stops when the script has run, nothing spins and the charts are drawn. The
        first opening of a server reads and tests everything, the second is what a person sees who comes back

Goal: 2 s. Times are those of the machine at this load: `load_1min`, the processor time and an empty page tell how busy it was.

    python benchmarks/compare_open.py [--variants 20] [--shoppers 5000] [--rounds 3] [--no-browser]
"""

from __future__ import annotations

import argparse
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import record

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "browser"))
GOAL_S = 2.0
ENGINE = """
import json, sys, time
sys.path.insert(0, sys.argv[1])
import numpy, pandas, pyarrow.parquet, scipy.special, recengine.evaluation.protocol
from recengine.workspace import Workspace
ws = Workspace(sys.argv[2])
ids = [v.id for v in ws.variants.list()]
def took(call):
    started, worked = time.perf_counter(), time.process_time()
    call()
    return time.perf_counter() - started, time.process_time() - worked
found = {"compare": took(lambda: ws.comparison.compare(ids))}
best = [v.id for v in ws.comparison.compare(ids).variants]
found["who_gains"] = took(lambda: ws.comparison.who_gains(best[0], best[1]))
found["another_metric"] = took(lambda: ws.comparison.compare(ids, "recall@10"))
found["again"] = took(lambda: ws.comparison.compare(ids))
ws.list_comparison.agreement(best[1], best[0], 1)  # the answers are read once a dataset, by whichever view asks first
found["agreement"] = took(lambda: ws.list_comparison.agreement(best[1], best[0]))
found["exposure"] = took(lambda: ws.list_comparison.exposure(best))
found["by_length"] = took(lambda: ws.list_comparison.by_length(best))
found["report"] = took(lambda: ws.comparison_report.html(ws.comparison_report.gather(ids)))
print(json.dumps(found))
"""


def prepare(folder: Path, variants: int, shoppers: int) -> Path:
    """A workspace with one dataset and so many variants, each judged on at least so many shoppers."""
    from recengine.testing.demo_store import make_demo_store
    from recengine.types import TrainingRequest
    from recengine.workspace import Workspace

    make_demo_store(folder, shoppers=4 * shoppers, days=60)
    ws = Workspace(folder / "workspace")
    report = ws.datasets.import_now(ws.datasets.stage_path(folder / "events.csv"), "Shop", None)
    ids = []
    for model in ("popularity", "item-knn"):
        arguments = ws.training.arguments(TrainingRequest(report.dataset, model, preset="quick", device="cpu"))
        ids.append(ws.run_attached("train", arguments, ws.training.title(arguments))["variant"])
    judged = ws.variants.get(ids[1]).n_shoppers
    if judged < shoppers:
        raise RuntimeError(f"Only {judged} of {shoppers} shoppers are judged: make the shop larger.")
    context = ws._context
    _, state = context.variants.load(ids[1])
    tables, info = context.variants.read_evaluation(ids[1]), context.variants.info(ids[1])
    rng = np.random.default_rng(0)
    for n in range(2, variants):
        made = {**tables, "shoppers": _noisy(tables["shoppers"], rng)}
        context.variants.publish(replace(info, id="", name=f"Variant {n}"), state, made)
    return folder / "workspace"


def _noisy(table: pa.Table, rng: np.random.Generator) -> pa.Table:
    """Another model's figures: a tenth of the shoppers trade theirs."""
    rows = np.arange(len(table))
    moved = rng.choice(rows, len(rows) // 10, replace=False)
    rows[np.sort(moved)] = moved
    for name in table.column_names:
        if "@" in name:
            table = table.set_column(table.column_names.index(name), name, table.column(name).take(pa.array(rows)))
    return table


def engine(workspace: Path, rounds: int) -> dict[str, dict[str, float]]:
    """Seconds of each view, each round in a process of its own."""
    import json

    taken: dict[str, list[tuple[float, float]]] = {}
    for _ in range(rounds):
        done = subprocess.run([sys.executable, "-c", ENGINE, str(ROOT), str(workspace)], capture_output=True, text=True, check=True)
        for name, seconds in json.loads(done.stdout).items():
            taken.setdefault(name, []).append(seconds)
    return {name: _summary(values) for name, values in taken.items()}


def server(workspace: Path, rounds: int) -> dict[str, Any]:
    """Seconds of the page's script in a fresh server that has shown another page before: the first opening, the next, and a light page."""
    from browser_harness import AppServer
    from page_rerun import Tab

    taken: dict[str, list[tuple[float, float]]] = {"first": [], "again": [], "light_page": []}
    for _ in range(rounds):
        with AppServer(workspace) as app:
            light, tab = Tab(app, "jobs"), Tab(app, "compare")
            light.run()
            time.sleep(30)  # what the server imports and compiles once, in the background
            for kind, asked in (("light_page", light), ("first", tab), ("again", tab)):
                worked = _processor_s(app)
                seconds = asked.run()
                taken[kind].append((seconds, _processor_s(app) - worked))
            if problems := app.tracebacks():
                raise RuntimeError(f"The page had problems, so its time means nothing: {problems[0]}")
    return {name: _summary(values) for name, values in taken.items()}


def page(workspace: Path, rounds: int) -> dict[str, Any]:
    """Seconds from asking for the address to a settled page: the first and the second opening of a fresh server, and an empty page."""
    from browser_harness import AppServer, Screen, chromium
    from page_rerun import empty_app

    taken: dict[str, list[tuple[float, float]]] = {"first": [], "again": [], "another_page": [], "empty": []}
    with tempfile.TemporaryDirectory() as name, chromium() as browser:
        script = empty_app(Path(name) / "empty")
        for _ in range(rounds):
            with AppServer(workspace) as server, AppServer(Path(name) / "nothing", script) as nothing:
                screen, plain = Screen.open(browser, server, "jobs"), Screen.open(browser, nothing)
                screen.settle(180)
                plain.settle(180)
                for kind, shown, path in (
                    ("another_page", screen, "jobs"), ("first", screen, "compare"), ("again", screen, "compare"), ("empty", plain, ""),
                ):  # fmt: skip
                    started, worked = time.perf_counter(), _processor_s(shown.server)
                    shown.page.goto(f"{shown.server.url}/{path}", wait_until="commit")
                    shown.settle(180, quiet_s=0.0)
                    taken[kind].append((time.perf_counter() - started, _processor_s(shown.server) - worked))
                if problems := [*server.tracebacks(), *screen.problems()]:
                    raise RuntimeError(f"The page had problems, so its time means nothing: {problems[0]}")
    return {name: _summary(values) for name, values in taken.items()}


def _processor_s(server: Any) -> float:
    """Processor time of the server so far: what a page costs there, however busy the machine; NaN where nobody tells."""
    stat = Path(f"/proc/{server._process.pid}/stat")
    if not stat.exists():
        return math.nan
    fields = stat.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _summary(values: list[tuple[float, float]]) -> dict[str, float]:
    wall, cpu = zip(*values, strict=True)
    named = {"median_s": statistics.median(wall), "best_s": min(wall), "worst_s": max(wall), "median_cpu_s": statistics.median(cpu)}
    return {name: round(value, 3) for name, value in named.items() if math.isfinite(value)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--variants", type=int, default=20)
    parser.add_argument("--shoppers", type=int, default=5_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--no-browser", action="store_true")
    parser.add_argument("--keep", type=Path, help="Folder to make the workspace in, or to take it from when it is there.")
    given = parser.parse_args()
    os.environ["MERCHLENS_MEASURE_TIMES"] = "false"
    with tempfile.TemporaryDirectory(prefix="merchlens-bench-") as name:
        folder = given.keep or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        workspace = folder / "workspace"
        if not workspace.exists():
            prepare(folder, given.variants, given.shoppers)
        figures: dict[str, Any] = {"what": "opening a comparison", "variants": given.variants, "shoppers": given.shoppers, "goal_s": GOAL_S}
        figures["engine"] = engine(workspace, given.rounds)
        figures["server"] = server(workspace, given.rounds)
        if not given.no_browser:
            figures["page"] = page(workspace, given.rounds)
    record.write("compare_open", figures)


if __name__ == "__main__":
    main()
