"""The best of all: a fitted SASRec joined with models that are fitted in seconds, weights learned on the validation items alone.

    python benchmarks/fusion_quality.py --data FOLDER --only ml_1m --keep FOLDER [--parts transitions ease als]

--keep is the folder of a run of sequence_quality.py; its best epoch so far is taken. Without --keep the fusion has no network.
All parts learn from all but the last two items of each shopper. Half of the shoppers' last but one items learn the weights while the
other half checks them; then all of them learn the weights that are judged, once, on the last items (question: all but the last, its
items masked, whole catalogue ranked). Writes benchmarks/results/fusion-quality-<data>.json.
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path
from typing import Any

import numpy as np
import quality
import record

from recengine.data.split import Targets, leave_last_out
from recengine.models.base import FitContext
from recengine.models.fusion import Fusion, FusionConfig
from recengine.models.parts.holdout import Holdout
from recengine.models.parts.inner import fit_part, new_part
from recengine.variants.checkpoint import load_checkpoint

GOALS = {"ml_1m": (0.325, 0.192), "Beauty": (0.098, 0.058)}
PARTS = {"ml_1m": ("transitions", "ease", "als"), "Beauty": ("transitions", "ease", "item-knn")}


def some(targets: Targets, rows: np.ndarray) -> Targets:
    """The questions at `rows`; each has one answer."""
    return Targets(targets.histories.rows(rows), np.arange(len(rows) + 1, dtype=np.int64), targets.truth_items[rows])


def main(arguments: list[str] | None = None) -> int:
    """Fit, learn the weights, judge; returns 1 where the goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=os.environ.get("MERCHLENS_BENCH_DATA"))
    parser.add_argument("--only", choices=list(GOALS), default="ml_1m")
    parser.add_argument("--keep", type=Path, default=None, help="checkpoints of sequence_quality.py")
    parser.add_argument("--parts", nargs="+", default=None)
    parser.add_argument("--check-only", action="store_true", help="stop before the test items")
    options = parser.parse_args(arguments)
    if options.data is None:
        raise SystemExit("no folder given: --data or MERCHLENS_BENCH_DATA")
    data, is_pairs = options.only, options.only == "ml_1m"
    path = options.data / "ml_1m" / "ml-1m.txt.gz" if is_pairs else options.data / "amazon_s3rec" / f"{data}.txt.gz"
    split = leave_last_out(quality.log_of_lines(path, is_pairs))
    context = FitContext(quality.bare(split.train), note=lambda text: print(text, flush=True))
    settings: dict[str, dict[str, Any]] = dict(quality.ML_1M if is_pairs else {"transitions": quality.AMAZON[data]})
    names = tuple(options.parts or PARTS[data])
    parts, seconds = {}, {}
    for name in names:
        part, started = new_part(name, settings, "the benchmark"), time.perf_counter()
        if fit_part(part, split.train, context):
            parts[name], seconds[name] = part, time.perf_counter() - started
    network = {}
    if options.keep is not None:
        run, best = load_checkpoint(options.keep), load_checkpoint(options.keep / "best")
        if run is None or best is None:
            raise SystemExit(f"{options.keep} holds no finished epoch")
        settings["sasrec"] = run[1]["settings"]
        parts["sasrec"] = new_part("sasrec", settings, "the benchmark")
        parts["sasrec"].load_state(best[0])
        network = {"best_epoch": best[1]["epoch"], "sasrec_validation_ndcg@10": best[1]["ndcg@10"]}
        print(f"SASRec after epoch {best[1]['epoch']}: validation NDCG@10 {best[1]['ndcg@10']:.4f}", flush=True)
    fusion = Fusion(FusionConfig(parts=tuple(parts), settings={name: settings[name] for name in parts if name in settings}))

    order = np.random.default_rng(0).permutation(len(split.valid))
    learn, check = np.sort(order[: len(order) // 2]), np.sort(order[len(order) // 2 :])
    weights, _ = fusion.learn_weights(parts, Holdout.of(some(split.valid, learn), split.train), context)
    fusion.become(parts, weights)
    checked = quality.measured(fusion, some(split.valid, check))[:2]
    print(
        f"checked on the other half of the validation items: HR@10 {checked[0]:.4f} NDCG@10 {checked[1]:.4f}  weights {weights}", flush=True
    )
    if options.check_only:
        return 0

    weights, figures = fusion.learn_weights(parts, Holdout.of(split.valid, split.train), context)
    fusion.become(parts, weights)
    hit, ndcg, lists_s = quality.measured(fusion, split.test)
    alone = {name: quality.measured(part, split.test)[:2] for name, part in parts.items()}
    goal = GOALS[data]
    reached = round(hit, 4) >= goal[0] and round(ndcg, 4) >= goal[1]
    print(f"{data}: HR@10 {hit:.4f} NDCG@10 {ndcg:.4f}  {'reached' if reached else 'MISSED'}  alone {alone}", flush=True)
    found = {"data": data, "protocol": "leave-one-out", "hr@10": hit, "ndcg@10": ndcg, "goal": goal, "reached": reached}
    found |= {"parts": alone, "weights": weights, "validation": figures, "checked_half": checked, "fit_s": seconds, "lists_s": lists_s}
    record.write(f"fusion-quality-{data}", {**found, **network, "settings": settings})
    return 0 if reached else 1


if __name__ == "__main__":
    raise SystemExit(main())
