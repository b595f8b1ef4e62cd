"""What only a CUDA machine can tell: the model contract there, agreement with the CPU, and the speed rows of one large GPU.

    python benchmarks/gpu.py [--data FOLDER] [--only contract agreement sasrec als topk shapley]

Ends with 2 and one plain line where there is no CUDA device. Nothing of it ran where `results/gpu.json` is missing.
"""

from __future__ import annotations

import argparse
import importlib.util
import inspect
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import record
import torch

from recengine.data.dataset import Catalogue
from recengine.data.events import EventLog
from recengine.data.split import leave_last_out
from recengine.models.als import Als, AlsConfig
from recengine.models.base import FitContext, ModelConfig, Recommender
from recengine.models.registry import model_class, single_models
from recengine.scoring.screened_topk import best_screened
from recengine.scoring.streaming_topk import BestSoFar
from recengine.testing.known_answers import checkerboard
from recengine.testing.model_contract import ModelContract

DEVICE, TOLERANCE = "cuda", 1e-4
ROOT = Path(__file__).resolve().parent.parent
SASREC_GOAL = {"hr10": 0.316, "ndcg10": 0.186, "seconds": 60.0}


def small_settings() -> dict[str, dict[str, Any]]:
    """The settings of the contract's own tests, for logs of a few hundred events."""
    spec = importlib.util.spec_from_file_location("contract_tests", ROOT / "tests" / "contract" / "test_models_contract.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.SMALL  # type: ignore[no-any-return]


def suite_on_device(model: type[Recommender], config: ModelConfig) -> ModelContract:
    """The contract of one model, fitted on the GPU."""

    class OnDevice(ModelContract):
        @property
        def model(self) -> type[Recommender]:
            return model

        def config(self) -> ModelConfig:
            return config

        def fit(self, log: EventLog, catalogue: Catalogue, seed: int = 0) -> Recommender:
            fitted = model(config)
            fitted.fit_all(log, FitContext(catalogue, seed=seed, device=DEVICE))
            return fitted

    return OnDevice()


def contract() -> dict[str, Any]:
    """Failed contract tests of every model fitted on the GPU; tests that promise equal bits hold on the CPU only and are named apart."""
    settings, failed = small_settings(), dict[str, dict[str, str]]()
    for name in single_models():
        cls = model_class(name)
        suite = suite_on_device(cls, cls.Config(**settings.get(name, {})))
        for test, method in inspect.getmembers(suite, inspect.ismethod):
            if test.startswith("test_"):
                for arguments in cases(method):
                    try:
                        method(**arguments)
                    except (Exception, pytest.fail.Exception) as failure:
                        failed.setdefault(name, {})[test] = str(failure)[:300]
    return {"models": len(single_models()), "failed": failed, "reached": not failed}


def cases(method: Callable[..., None]) -> Iterator[dict[str, Any]]:
    """The arguments of a parametrised test, or none once."""
    marks = [mark for mark in getattr(method, "pytestmark", []) if mark.name == "parametrize"]
    if not marks:
        yield {}
        return
    yield from ({marks[0].args[0]: value} for value in marks[0].args[1])


def agreement() -> dict[str, Any]:
    """Largest relative difference of the scores of one fitted model on the GPU and, from its state, on the CPU."""
    settings, known, gaps = small_settings(), checkerboard(), dict[str, float]()
    for name in single_models():
        cls = model_class(name)
        config = cls.Config(**settings.get(name, {}))
        there, here = cls(config), cls(config)
        there.fit_all(known.log, FitContext(known.catalogue, device=DEVICE, precision="fp32"))
        here.load_state(there.state())
        a, b = there.score(known.questions).double().numpy(), here.score(known.questions).double().numpy()
        if (np.isnan(a) != np.isnan(b)).any():
            gaps[name] = float("inf")
            continue
        finite = np.isfinite(a)
        gaps[name] = float((np.abs(a - b)[finite] / np.maximum(np.abs(b[finite]), 1e-2 * np.abs(b[finite]).max())).max())
    return {"largest_relative_difference": {k: v if np.isfinite(v) else None for k, v in gaps.items()}, "tolerance": TOLERANCE,
            "reached": all(gap <= TOLERANCE for gap in gaps.values())}  # fmt: skip


def sasrec(folder: Path) -> dict[str, Any]:
    """SASRec on ML-1M, leave-one-out: seconds of fitting until the validation figure stops rising, and the test figures then."""
    from quality import bare, log_of_lines, measured
    from sequence_quality import SETTINGS

    log = log_of_lines(folder / "ml_1m" / "ml-1m.txt.gz", pairs=True)
    split, cls = leave_last_out(log), model_class("sasrec")
    model = cls(cls.Config(**SETTINGS["ml_1m"]))
    best, best_test, since, spent = 0.0, (0.0, 0.0), 0, 0.0
    start = time.perf_counter()
    for _ in model.fit(split.train, FitContext(bare(log), device=DEVICE)):
        torch.cuda.synchronize()
        spent += time.perf_counter() - start
        ndcg = measured(model, split.valid)[1]
        since = 0 if ndcg > best else since + 1
        if since == 0:
            best, best_test = ndcg, measured(model, split.test)[:2]
        if since > 10:
            break
        start = time.perf_counter()
    hr, found = best_test
    reached = hr >= SASREC_GOAL["hr10"] and found >= SASREC_GOAL["ndcg10"] and spent <= SASREC_GOAL["seconds"]
    return {"settings": SETTINGS["ml_1m"], "hr10": hr, "ndcg10": found, "fit_s": spent, "goal": SASREC_GOAL, "reached": reached}


def als() -> dict[str, Any]:
    """iALS with 256 factors on a made-up log of 20 million rows: 400,000 shoppers, 100,000 items, popularity by Zipf's law."""
    rng, n, n_users, n_items = np.random.default_rng(0), 20_000_000, 400_000, 100_000
    items = np.minimum(rng.zipf(1.1, n) - 1, rng.integers(0, n_items, n))
    log = EventLog.build(np.sort(rng.integers(0, n_users, n)), items, np.arange(n), n_users, n_items)
    from quality import bare

    context = FitContext(bare(log), device=DEVICE)
    Als(AlsConfig(factors=256, epochs=1)).fit_all(log.keep(log.user_codes < 1000), context)  # libraries load
    start = time.perf_counter()
    Als(AlsConfig(factors=256, epochs=15)).fit_all(log, context)
    torch.cuda.synchronize()
    seconds = time.perf_counter() - start
    return {"rows": n, "factors": 256, "iterations": 15, "fit_s": seconds, "goal_s": 30.0, "reached": seconds <= 30.0}


def topk() -> dict[str, Any]:
    """Top-20 of a million shoppers among a million items, exact, against the bf16 product alone."""
    n, d, block = 1_000_000, 64, 1 << 17
    draw = torch.Generator(DEVICE).manual_seed(0)
    shoppers, items = (torch.randn(n, d, generator=draw, device=DEVICE) for _ in range(2))
    few, few_items = shoppers.bfloat16(), items.bfloat16()
    took: dict[str, list[float]] = {"product": [], "lists": []}
    again = 0
    for _ in range(3):
        torch.cuda.synchronize()
        start = time.perf_counter()
        for top in range(0, n, 1024):
            for left in range(0, n, block):
                torch.mm(few[top : top + 1024], few_items[left : left + block].T)
        torch.cuda.synchronize()
        took["product"].append(time.perf_counter() - start)
        start = time.perf_counter()
        again = best_screened(shoppers, items, None, BestSoFar(n, 20, np.zeros(n, dtype=bool), None))
        torch.cuda.synchronize()
        took["lists"].append(time.perf_counter() - start)
    share = float(np.median(np.array(took["product"][1:]) / np.array(took["lists"][1:])))
    return {"product_s": min(took["product"]), "lists_s": min(took["lists"]), "share_of_product_rate": share, "rows_made_again": again,
            "goal": 0.5, "reached": share >= 0.5}  # fmt: skip


def shapley(device: str = DEVICE, n_items: int = 20_000) -> dict[str, Any]:
    """What each of 200 past items adds to a list of 20 of SASRec, as a card asks for it; the best of five."""
    from quality import bare

    from recengine.data.histories import Histories
    from recengine.explain.shapley import history_shapley

    rng, n_users = np.random.default_rng(0), 500
    items = rng.integers(0, n_items, 40 * n_users)
    log = EventLog.build(np.repeat(np.arange(n_users), 40), items, np.tile(np.arange(40), n_users), n_users, n_items)
    cls = model_class("sasrec")
    model = cls(cls.Config.model_validate({"epochs": 1, "max_length": 200}))
    model.fit_all(log, FitContext(bare(log), device=device))
    history = Histories.of_items([rng.permutation(n_items)[:200].tolist()], now_s=10**6)
    waits, most_error = [], 0.0
    for _ in range(6):
        start = time.perf_counter()
        found = history_shapley(model, history, np.arange(20), coalitions=512)
        waits.append(time.perf_counter() - start)
        most_error = float(np.nanmax(found.errors) / max(np.abs(found.values).max(), 1e-12))
    return {"events": 200, "items": 20, "coalitions": found.coalitions, "s": min(waits[1:]), "largest_error_of_largest_value": most_error,
            "goal_s": 1.0, "reached": min(waits[1:]) <= 1.0}  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default=os.environ.get("MERCHLENS_BENCH_DATA", ""))
    parser.add_argument("--only", nargs="*", default=["contract", "agreement", "sasrec", "als", "topk", "shapley"])
    options = parser.parse_args()
    if not torch.cuda.is_available():
        print(
            "No CUDA device here: nothing was run. Start this on a machine with an NVIDIA GPU and a CUDA build of torch.", file=sys.stderr
        )
        return 2
    runs: dict[str, Callable[[], dict[str, Any]]] = {
        "contract": contract, "agreement": agreement, "sasrec": lambda: sasrec(Path(options.data)), "als": als, "topk": topk,
        "shapley": shapley,
    }  # fmt: skip
    figures = {name: runs[name]() for name in options.only if name != "sasrec" or options.data}
    properties = torch.cuda.get_device_properties(0)
    gpu = {"name": properties.name, "memory_gib": round(properties.total_memory / 2**30, 1)}
    record.write("gpu", {"gpu": gpu, **figures})
    return int(not all(found["reached"] for found in figures.values()))


if __name__ == "__main__":
    raise SystemExit(main())
