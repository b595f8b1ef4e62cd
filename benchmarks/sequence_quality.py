"""SASRec on the files of the papers, leave-one-out, whole catalogue: a long run that may be interrupted at any moment.

    python benchmarks/sequence_quality.py --data FOLDER --only ml_1m --keep FOLDER [--threads 2] [--settings '{"dropout": 0.3}']

Run it again with the same --keep and it goes on where it stood, with the same bits as if nothing had happened. Learned from all but
the last two items, the epoch chosen by NDCG@10 on the last but one, judged once on the last (question: all but the last, its items
masked). Writes benchmarks/results/sequence-quality-<data>.json with settings, seed, curve and figures; --judge judges the best epoch so
far without learning on.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path
from typing import Any

import quality
import record
import torch

from recengine.data.split import leave_last_out
from recengine.models.base import FitContext
from recengine.models.sasrec import Sasrec, SasrecConfig
from recengine.variants.checkpoint import load_checkpoint, save_checkpoint

SAVE_EVERY_S = 60.0
NO_TIMES = {
    "use_times": False,
    "use_behaviours": False,
    "trend_days": 0.0,
    "learn_repeats": True,
    "batch_size": 128,
    "learning_rate": 1e-3,
}  # the files hold neither times nor behaviours
SETTINGS: dict[str, dict[str, Any]] = {
    "ml_1m": {**NO_TIMES, "max_length": 200, "heads": 2, "residual": "gated", "feed_forward": 4, "epochs": 200, "patience": 15},
    "Beauty": {**NO_TIMES, "max_length": 50, "layers": 1, "dropout": 0.5, "epochs": 100, "patience": 10},
}
GOALS = {"ml_1m": (0.316, 0.186), "Beauty": (0.0928, 0.0531)}


def main(arguments: list[str] | None = None) -> int:
    """Learn until the validation stands still, then judge; returns 1 where the goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--data", type=Path, default=os.environ.get("MERCHLENS_BENCH_DATA"), required="MERCHLENS_BENCH_DATA" not in os.environ
    )
    parser.add_argument("--only", choices=list(SETTINGS), default="ml_1m")
    parser.add_argument("--keep", type=Path, required=True, help="folder of the checkpoints")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--settings", type=json.loads, default={}, help="JSON of settings that differ from the recipe")
    parser.add_argument("--judge", action="store_true", help="judge the best epoch so far and stop")
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    config = SasrecConfig(**{**SETTINGS[options.only], **options.settings})
    folder = Path(options.data)
    path = folder / "ml_1m" / "ml-1m.txt.gz" if options.only == "ml_1m" else folder / "amazon_s3rec" / f"{options.only}.txt.gz"
    log = quality.log_of_lines(path, pairs=options.only == "ml_1m")
    split = leave_last_out(log)
    run: dict[str, Any] = {"settings": config.model_dump(mode="json"), "seed": options.seed, "curve": [], "seconds": 0.0}
    resume = None
    saved = load_checkpoint(options.keep)
    if saved is not None:
        tensors, kept = saved
        kept["settings"] = {**run["settings"], **kept["settings"]}  # fields that are newer than the run
        if (kept["settings"], kept["seed"]) != (run["settings"], run["seed"]):
            raise SystemExit(f"{options.keep} holds a run with other settings: {kept['settings']}, seed {kept['seed']}")
        run, resume = kept, (int(kept["epoch"]), tensors)
    if not options.judge:
        learn(config, run, resume, split, quality.bare(log), options)
    return judge(config, run, split, options)


def learn(config: SasrecConfig, run: dict[str, Any], resume: Any, split: Any, catalogue: Any, options: argparse.Namespace) -> None:
    """Fit with a checkpoint a minute, until `patience` epochs bring nothing."""
    if waited(run) >= config.patience:
        return
    model = Sasrec(config)
    begun, before, next_save = time.monotonic(), run["seconds"], time.monotonic() + SAVE_EVERY_S

    def keep(epoch: int, make: Any, now: bool = False) -> None:
        nonlocal next_save
        if now or time.monotonic() >= next_save:
            save_checkpoint(options.keep, make(), {**run, "epoch": epoch, "seconds": before + time.monotonic() - begun})
            next_save = time.monotonic() + SAVE_EVERY_S

    started = time.monotonic()
    for report in model.fit(split.train, FitContext(catalogue, seed=options.seed, checkpoint=keep, resume=resume)):
        learned_s = time.monotonic() - started
        hit, ndcg, _ = quality.measured(model, split.valid)
        run["curve"].append({"epoch": report.epoch, "loss": report.loss, "hr@10": hit, "ndcg@10": ndcg, "seconds": learned_s})
        print(f"epoch {report.epoch:3}  loss {report.loss:.4f}  valid HR@10 {hit:.4f} NDCG@10 {ndcg:.4f}  {learned_s:.1f} s", flush=True)
        if waited(run) == 0:
            save_checkpoint(options.keep / "best", model.state(), {"epoch": report.epoch, "ndcg@10": ndcg})
        keep(report.epoch, model.checkpoint, now=True)
        if waited(run) >= config.patience:
            break
        started = time.monotonic()


def waited(run: dict[str, Any]) -> int:
    """Epochs since the best one."""
    values = [point["ndcg@10"] for point in run["curve"]]
    return len(values) - 1 - values.index(max(values)) if values else 0


def judge(config: SasrecConfig, run: dict[str, Any], split: Any, options: argparse.Namespace) -> int:
    """Figures of the best epoch on the test items."""
    saved = load_checkpoint(options.keep / "best")
    if saved is None:
        raise SystemExit("no epoch is done yet")
    model = Sasrec(config)
    model.load_state(saved[0])
    hit, ndcg, lists_s = quality.measured(model, split.test)
    goal = GOALS[options.only]
    reached = round(hit, 4) >= goal[0] and round(ndcg, 4) >= goal[1]
    found = {"data": options.only, "protocol": "leave-one-out", "hr@10": hit, "ndcg@10": ndcg, "goal": goal, "reached": reached}
    finished = waited(run) >= config.patience or len(run["curve"]) >= config.epochs
    best = {
        "best_epoch": saved[1]["epoch"],
        "finished": finished,
        "shoppers": len(split.test),
        "lists_s": lists_s,
        "threads": options.threads,
    }
    record.write(f"sequence-quality-{options.only}", {**found, **best, **run})
    return 0 if reached else 1


if __name__ == "__main__":
    raise SystemExit(main())
