"""LightGCN on Gowalla, LightGCN's own split, whole catalogue: a long run that may be interrupted at any moment.

    python benchmarks/lightgcn_quality.py --data FOLDER --keep FOLDER [--threads 2] [--settings '{"hops": 2}'] [--stop-after 30]

Two fits: one without a twentieth of the training pairs, whose Recall@20 on them after every epoch chooses the number of epochs, then one
on all training pairs for that many, judged once on the test items (training items masked, macro means). Run it again with the same --keep
and it goes on where it stood, with the same bits. --stop-after N ends the first fit after N epochs; --judge judges the first
fit as it stands, which has not seen a twentieth of the training pairs, without learning on.
Writes benchmarks/results/lightgcn-quality.json.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import time
from pathlib import Path
from typing import Any

import numpy as np
import public_sets
import quality
import record
import scipy.sparse as sp
import torch

from recengine.data.histories import Histories
from recengine.errors import Cancelled
from recengine.models.base import FitContext
from recengine.models.lightgcn import LightGcn, LightGcnConfig
from recengine.variants.checkpoint import load_checkpoint, save_checkpoint

SAVE_EVERY_S = 60.0
SETTINGS: dict[str, Any] = {"epochs": 60, "patience": 4}
PUBLISHED = {"recall20": 0.1830, "ndcg20": 0.1554}  # He et al. 2020, table 3: three layers, BPR


def main(arguments: list[str] | None = None) -> int:
    """Choose the epochs, learn from everything, judge; returns 1 where the published figures are missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--data", type=Path, default=os.environ.get("MERCHLENS_BENCH_DATA"), required="MERCHLENS_BENCH_DATA" not in os.environ
    )
    parser.add_argument("--keep", type=Path, required=True, help="folder of the checkpoints")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--settings", type=json.loads, default={}, help="JSON of settings that differ from the recipe")
    parser.add_argument("--judge", action="store_true", help="judge the first fit as it stands and stop")
    parser.add_argument("--stop-after", type=int, default=None, help="epochs of the first fit at most")
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    train, test = public_sets.gowalla(Path(options.data))
    part, valid = quality.gowalla_validation(train)
    settings = {**SETTINGS, **options.settings}
    if options.judge:
        model, chosen, steps = as_it_stands(settings, part, options)
        epochs, seconds = int(chosen["epoch"]), chosen["seconds"]
        stand: dict[str, Any] = {"finished": False, "steps": steps, "learned_from": "19 in 20 training pairs"}
    else:
        chosen = learn(settings, part, valid, options.keep / "choosing", options, options.stop_after)
        values = [point["recall20"] for point in chosen["curve"]]
        epochs = values.index(max(values)) + 1
        seconds = learn({**settings, "epochs": epochs}, train, None, options.keep / "all", options)["seconds"]
        saved = load_checkpoint(options.keep / "all" / "done")
        assert saved is not None
        model = LightGcn(LightGcnConfig(**{**settings, "epochs": epochs}))
        model.load_state(saved[0])
        stand = {"finished": len(values) - epochs >= settings["patience"], "learned_from": "all training pairs"}
    recall, ndcg = judged(model, train, test)
    gap = {"recall20": recall - PUBLISHED["recall20"], "ndcg20": ndcg - PUBLISHED["ndcg20"]}
    print(f"after {epochs} epochs: Recall@20 {recall:.4f} NDCG@20 {ndcg:.4f}, published {PUBLISHED}, gap {gap}", flush=True)
    found = {"recall20": recall, "ndcg20": ndcg, "published": PUBLISHED, "gap": gap, "epochs": epochs, "settings": chosen["settings"]}
    found |= {"validation": chosen["curve"], "fit_s": seconds, **stand}
    record.write("lightgcn-quality", {"data": "gowalla", "protocol": "LightGCN split", "threads": options.threads, **found})
    return 0 if min(gap.values()) >= 0 else 1


def learn(
    settings: dict[str, Any],
    known: sp.csr_matrix,
    valid: sp.csr_matrix | None,
    keep: Path,
    options: argparse.Namespace,
    limit: int | None = None,
) -> dict[str, Any]:
    """Fit with a checkpoint a minute; with `valid`, until `patience` epochs bring nothing. Returns settings, curve and seconds."""
    config = LightGcnConfig(**settings)
    run: dict[str, Any] = {"settings": config.model_dump(mode="json"), "seed": options.seed, "curve": [], "seconds": 0.0}
    saved, resume = load_checkpoint(keep), None
    if saved is not None:
        saved[1]["settings"] = {**run["settings"], **saved[1]["settings"]}  # fields that are newer than the run
        if (saved[1]["settings"], saved[1]["seed"]) != (run["settings"], run["seed"]):
            raise SystemExit(f"{keep} holds a run with other settings: {saved[1]['settings']}, seed {saved[1]['seed']}")
        run, resume = saved[1], (int(saved[1]["epoch"]), saved[0])
    if over(run, config, valid is not None, limit):
        return run
    model, log = LightGcn(config), public_sets.log_of(known)
    begun, before, next_save = time.monotonic(), run["seconds"], time.monotonic() + SAVE_EVERY_S

    def save(epoch: int, make: Any, now: bool = False) -> None:
        nonlocal next_save
        run["epoch"] = epoch
        if now or time.monotonic() >= next_save:
            save_checkpoint(keep, make(), {**run, "seconds": before + time.monotonic() - begun})
            next_save = time.monotonic() + SAVE_EVERY_S

    context = FitContext(public_sets.bare(log.n_items), seed=options.seed, checkpoint=save, resume=resume)
    for report in model.fit(log, context):
        run["seconds"] = before + time.monotonic() - begun
        line = f"epoch {report.epoch:3}  loss {report.loss:.4f}"
        if valid is not None:
            recall, ndcg = judged(model, known, valid)
            run["curve"].append({"epoch": report.epoch, "loss": report.loss, "recall20": recall, "ndcg20": ndcg})
            line += f"  valid Recall@20 {recall:.4f} NDCG@20 {ndcg:.4f}"
        print(f"{line}  {run['seconds']:.0f} s", flush=True)
        done = over({**run, "epoch": report.epoch}, config, valid is not None, limit)
        if valid is None and done:
            save_checkpoint(keep / "done", model.state(), {"epoch": report.epoch})
        save(report.epoch, model.checkpoint, now=True)
        if done:
            break
    return run


def as_it_stands(settings: dict[str, Any], part: sp.csr_matrix, options: argparse.Namespace) -> tuple[LightGcn, dict[str, Any], int]:
    """The model of the first fit's last checkpoint, its run, and the steps it has done."""
    saved = load_checkpoint(options.keep / "choosing")
    if saved is None:
        raise SystemExit(f"{options.keep} holds no checkpoint")
    model, log, asked = LightGcn(LightGcnConfig(**settings)), public_sets.log_of(part), 0

    def stop() -> bool:
        nonlocal asked
        asked += 1
        return asked > 1  # the first time is before the checkpoint is read, the second before the next step

    context = FitContext(public_sets.bare(log.n_items), seed=options.seed, should_stop=stop, resume=(int(saved[1]["epoch"]), saved[0]))
    with contextlib.suppress(Cancelled):
        model.fit_all(log, context)
    return model, saved[1], int(saved[0]["counter"][2])


def over(run: dict[str, Any], config: LightGcnConfig, choosing: bool, limit: int | None) -> bool:
    """Whether a fit has done its epochs, or has waited long enough for a better one."""
    epoch = int(run.get("epoch", 0))
    values = [point["recall20"] for point in run["curve"]]
    waited = len(values) - 1 - values.index(max(values)) if values else 0
    return epoch >= min(config.epochs, limit or config.epochs) or (choosing and waited >= config.patience)


def judged(model: LightGcn, known: sp.csr_matrix, answers: sp.csr_matrix) -> tuple[float, float]:
    """Recall@20 and NDCG@20 of the shoppers who have answers."""
    asked = np.flatnonzero(np.diff(answers.indptr))
    log = public_sets.log_of(known)
    questions = Histories.from_log(log, asked.astype(np.int32), np.full(len(asked), np.iinfo(np.int64).max))
    lists = model.recommend(questions, 20, exclude=known[asked]).item_codes
    return public_sets.recall_and_ndcg(lists, answers[asked])


if __name__ == "__main__":
    raise SystemExit(main())
