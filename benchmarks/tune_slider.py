"""What one move of a slider on the Tune page costs with 10,000 measured shoppers: in the engine, and on the screen of a real browser.

engine   lists of all measured shoppers under the moved policy, all figures with intervals, paired changes against the saved policy,
         what each step did, winners and losers; the saved policy is remembered, every step is a setting never measured before.
browser  the clock starts with the key press on the slider and stops when the pending bar shows the new setting, the script has ended,
         nothing spins and all charts stand: new lists of two shoppers and all figures are on the screen then. Needs Chromium.

The shop is the planted store with the last event of every shopper held out, so that more than 10,000 are judged; it is made, imported
and trained first, which takes minutes.

    python benchmarks/tune_slider.py [--shoppers 11000] [--steps 19] [--keep FOLDER] [--no-browser]
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import record

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "browser"))

GOAL_S = 1.0
RULES = [
    {"action": "boost", "strength": 30, "conditions": [{"field": "price", "op": "below", "number": 20}]},
    {"action": "block", "conditions": [{"field": "price", "op": "above", "number": 400}]},
    {"action": "pin", "position": 3, "conditions": [{"field": "title", "op": "contains", "values": ["tea"]}]},
]
LIMITS = [{"kind": "at_most", "what": "category", "number": 4}, {"kind": "at_least", "what": "tail", "share": 0.2}]


def prepare(folder: Path, shoppers: int) -> tuple[Path, str, str]:
    """A workspace with the planted store and item-kNN; made once in a folder that is kept. Its folder, dataset and variant."""
    from recengine.testing.demo_store import make_demo_store
    from recengine.types import TrainingRequest
    from recengine.workspace import Workspace

    workspace = Workspace(folder / "workspace")
    found = workspace.variants.list()
    if found:
        return workspace.root, found[0].dataset, found[0].id
    make_demo_store(folder / "store", shoppers=shoppers, days=60)
    dataset = workspace.datasets.import_now(workspace.datasets.stage_path(folder / "store" / "events.csv"), "Planted store", None).dataset
    arguments = workspace.training.arguments(TrainingRequest(dataset, "item-knn", preset="quick", device="cpu", split="leave-last"))
    variant = workspace.run_attached("train", arguments, workspace.training.title(arguments))["variant"]
    return workspace.root, dataset, variant


def policy(diversity: float, whole: bool) -> dict[str, Any]:
    """A policy of the slider alone, or with three rules, two limits and two more controls."""
    more = {"controls": {"novelty": 0.1, "price_spread": 0.1}, "rules": RULES, "limits": LIMITS} if whole else {}
    return {"reranker": "mmr", "settings": {"diversity": round(diversity, 4)}, **more}


def engine(root: Path, variant: str, steps: int) -> dict[str, Any]:
    """Seconds of every step, for the slider alone and with rules and limits."""
    from recengine.workspace import Workspace

    out: dict[str, Any] = {}
    for name, whole in (("slider alone", False), ("with 3 rules, 2 limits, 2 controls", True)):
        workspace = Workspace(root)
        saved = policy(0.0, whole) | {"reranker": "by-score", "settings": {}}
        workspace.effects.effect(variant, policy(0.013, whole), saved)  # opens the variant, compiles, measures the saved policy
        taken, worked = [], []
        for n in range(steps):
            new = policy(0.05 + 0.9 * n / steps, whole)
            started, before = time.perf_counter(), time.process_time()
            effect = workspace.effects.effect(variant, new, saved)
            workspace.effects.exposure(variant, new, saved, "item")
            taken.append(time.perf_counter() - started)
            worked.append(time.process_time() - before)
        # Processor seconds of all threads say what a busy machine hides.
        out[name] = {
            **summary(taken),
            "processor_p50_s": round(statistics.median(worked), 3),
            "shoppers": effect.now.n_shoppers,
            "held_out": effect.test_shoppers,
        }
    return out


def browser(root: Path, dataset: str, variant: str, steps: int) -> dict[str, Any]:
    """Seconds from the key press to the new lists and figures on the screen."""
    from browser_harness import AppServer, Screen, chromium

    with AppServer(root) as app, chromium() as chrome:
        screen = Screen.open(chrome, app, "jobs")
        address = f"{app.url}/tune?dataset={dataset}&variant={variant}&part=exposure"
        screen.page.goto(address, wait_until="domcontentloaded", timeout=120_000)
        screen.settle(300)  # opens the variant and measures the saved policy
        thumb = screen.keyed("tune.diversity").get_by_role("slider")
        taken = []
        for n in range(1, steps + 2):
            started = time.perf_counter()
            thumb.press("ArrowRight")
            screen.page.wait_for_function(ON_SCREEN, arg=f"{0.05 * n:.2f}".rstrip("0").rstrip("."), polling="raf", timeout=60_000)
            taken.append(time.perf_counter() - started)
            screen.page.wait_for_timeout(300)
        problems = screen.problems() + app.tracebacks()
    if problems:
        raise RuntimeError(f"The page had problems, so its times mean nothing: {problems[:2]}")
    return summary(taken[1:]) | {"first_s": round(taken[0], 3)}  # the first move compiles the reranker


ON_SCREEN = """value => {
    const app = document.querySelector('[data-testid="stApp"]');
    if (!app || app.dataset.testScriptState !== 'notRunning') return false;
    if (document.querySelector('[data-testid="stSkeleton"], [data-testid="stSpinner"], [data-stale="true"]')) return false;
    const bar = document.querySelector('[data-testid="stBottom"]');
    if (!bar || !bar.innerText.includes(`Diversity 0 to ${value}`)) return false;
    const charts = [...document.querySelectorAll('[data-testid="stPlotlyChart"]')].filter(chart => chart.offsetParent !== null);
    return charts.length > 0 && charts.every(chart => chart.querySelector('.main-svg'));
}"""


def summary(taken: list[float]) -> dict[str, Any]:
    """Median, 95th percentile and longest, in seconds."""
    ordered = sorted(taken)
    p95 = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    return {"steps": len(taken), "p50_s": round(statistics.median(taken), 3), "p95_s": round(p95, 3), "longest_s": round(ordered[-1], 3)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shoppers", type=int, default=11_000)
    parser.add_argument("--steps", type=int, default=19)
    parser.add_argument("--keep", type=Path, help="folder of the prepared shop, used again where it is there")
    parser.add_argument("--no-browser", action="store_true")
    given = parser.parse_args()
    os.environ["MERCHLENS_MEASURE_TIMES"] = "false"
    with tempfile.TemporaryDirectory(prefix="merchlens-bench-") as name:
        root, dataset, variant = prepare(given.keep or Path(name), given.shoppers)
        figures: dict[str, Any] = {"what": "one move of a slider on the Tune page", "goal_p95_s": GOAL_S}
        figures["engine"] = engine(root, variant, given.steps)
        if not given.no_browser:
            figures["browser"] = browser(root, dataset, variant, min(given.steps, 18))
    record.write("tune_slider", figures)


if __name__ == "__main__":
    main()
