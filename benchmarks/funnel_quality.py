"""The funnel against its own generators, what each group of signals adds, and how its chances hold in a later window.

On the shipped shop and on the planted store, both under the product's time split: fitted before the cut, judged on the shoppers
who came back after it. Paired bootstrap intervals over shoppers.

    python benchmarks/funnel_quality.py [--rankers trees,logistic,mlp]
"""

from __future__ import annotations

import argparse
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import record

from recengine.artefacts import plain
from recengine.data.dataset import Dataset
from recengine.data.split import time_split
from recengine.data.store import DatasetStore
from recengine.funnel.insight import what_signals_add
from recengine.funnel.judging import judge_later
from recengine.funnel.model import Funnel, FunnelConfig
from recengine.ingest.importer import ingest
from recengine.models.base import FitContext
from recengine.testing.demo_store import make_demo_store

SAMPLE = Path(__file__).resolve().parent.parent / "sample_data" / "online_retail.csv.gz"
GOAL = {"gain_low": "> 0", "calibration_error": "<= 0.02"}


def dataset_of(file: Path) -> Dataset:
    """A file, taken in as an upload would be."""
    taken = ingest(file)
    with tempfile.TemporaryDirectory() as folder:
        store = DatasetStore(Path(folder))
        info = store.publish(file.stem, taken.events, taken.rejects, set(taken.unsellable_item_ids), taken.currency, {})
        return store.load(info.id)


def measure(dataset: Dataset, ranker: str, insight: bool) -> dict[str, Any]:
    """One funnel with default settings: fit, judge, and with `insight` look into it."""
    split = time_split(dataset.log, dataset.catalogue.sellable)
    model = Funnel(FunnelConfig.model_validate({"ranker": ranker}))
    wall, processor = time.perf_counter(), time.process_time()
    reports = model.fit_all(split.past, FitContext(dataset.catalogue))
    times = {"fit_wall_s": time.perf_counter() - wall, "fit_processor_s": time.process_time() - processor}
    judged = judge_later(model, dataset, split)
    found: dict[str, Any] = {
        "protocol": split.summary,
        **times,
        "signals": len(model.signals),
        "held_out_shoppers_of_the_fit": reports[-1].metrics,
        "ndcg@10": asdict(judged.ndcg),
        "generators_ndcg@10": {g.name: asdict(g.ndcg) for g in judged.generators},
        "best_generator": judged.generators[0].name,
        "gain": asdict(judged.gain),
        "gain_is_above_0": judged.gain.low > 0,
        "recall_of_the_candidates": judged.recall,
        "heads": [asdict(head) for head in judged.heads],
        "worst_calibration_error": max(head.calibration_error or 0.0 for head in judged.heads),
    }
    if insight and model.taught is not None:
        wall = time.perf_counter()
        view = what_signals_add(model, model.taught)
        found["insight_wall_s"] = time.perf_counter() - wall
        found["importance"] = {s.key: round(s.importance, 5) for s in view.signals}
        found["families"] = [asdict(family) for family in view.families]
        found["ablation"] = view.ablation
        found["interactions"] = [asdict(pair) for pair in view.interactions[:5]]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rankers", default="trees,logistic,mlp", help="the first one is looked into")
    rankers = parser.parse_args().rankers.split(",")
    with tempfile.TemporaryDirectory() as folder:
        make_demo_store(Path(folder))
        datasets = {"online_retail": dataset_of(SAMPLE), "planted_store": dataset_of(Path(folder) / "events.csv")}
    figures = {
        name: {ranker: measure(dataset, ranker, place == 0) for place, ranker in enumerate(rankers)} for name, dataset in datasets.items()
    }
    record.write("funnel_quality", plain({"goals": GOAL, **figures}))


if __name__ == "__main__":
    main()
