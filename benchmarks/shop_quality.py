"""Every model on the shipped shop, trained as the product trains it: its honest row, beside popularity and item-kNN.

    python benchmarks/shop_quality.py [--models als ease] [--preset balanced] [--keep FOLDER]

The sample is imported and each model trained by a job of a workspace, with the settings of the preset: tuned before an earlier window,
judged once on the last (split over time, whole catalogue ranked, items a shopper already has masked, answers new to the shopper).
Differences to popularity and item-kNN are paired over shoppers, with 95 % intervals. With --keep the workspace stays there, and models
that have a variant in it are not trained again. Writes benchmarks/results/shop-quality.json; rows of other models and presets
stay in it.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import record

from recengine.evaluation.significance import paired_test
from recengine.types import TrainingRequest, VariantRow
from recengine.workspace import Workspace

BASELINES = ("popularity", "item-knn")
FIGURES = ("ndcg@10", "hit_rate@10", "recall@10", "coverage@10")


def dataset_of(workspace: Workspace) -> str:
    """The sample in this workspace, imported where it is not there yet."""
    known = workspace.datasets.list()
    return known[0].id if known else workspace.datasets.import_now(workspace.datasets.stage_sample()).dataset


def trained(workspace: Workspace, dataset: str, model: str, preset: str) -> VariantRow:
    """The variant of the model and preset that is there, else a new one. Its name tells the preset, where that is not balanced."""
    name = "" if preset == "balanced" else f"{model} {preset}"
    others = tuple(f"{model} {other}" for other in ("quick", "thorough"))
    for row in workspace.variants.list(dataset):
        if row.model == model and (row.name == name or (not name and row.name not in others)):
            return row
    arguments = workspace.training.arguments(TrainingRequest(dataset, model, preset=preset, device="cpu", name=name))
    result = workspace.run_attached("train", arguments, workspace.training.title(arguments))
    return workspace.variants.get(result["variant"])


def per_shopper(workspace: Workspace, variant: str) -> np.ndarray:
    """NDCG@10 of every test shopper."""
    return workspace.comparison.evaluation(variant).per_shopper["ndcg@10"]


def main(arguments: list[str] | None = None) -> int:
    """Train, print the table, write it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", nargs="*", default=None)
    parser.add_argument("--preset", default="balanced")
    parser.add_argument("--keep", type=Path, default=None)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace(options.keep or folder)
        dataset = dataset_of(workspace)
        known = [card.name for card in workspace.training.models()]
        wanted = [*BASELINES, *(name for name in known if name not in BASELINES and (not options.models or name in options.models))]
        rows: list[dict[str, Any]] = []
        values: dict[str, np.ndarray] = {}
        for name in wanted:
            preset = "balanced" if name in BASELINES else options.preset
            variant = trained(workspace, dataset, name, preset)
            values[name] = per_shopper(workspace, variant.id)
            figures = {key: list(vars(variant.metrics[key]).values())[:3] for key in FIGURES if key in variant.metrics}
            against = {other: vars(paired_test(values[name], values[other])) for other in BASELINES if other != name and other in values}
            rows.append({"model": name, "preset": preset, "seconds": variant.seconds, "shoppers": variant.n_shoppers, **figures})
            rows[-1]["against"] = against
            told = "  ".join(f"− {other} {a['difference']:+.4f} [{a['low']:+.4f}, {a['high']:+.4f}]" for other, a in against.items())
            value, low, high = figures["ndcg@10"]
            print(f"{name:20} NDCG@10 {value:.4f} [{low:.4f}, {high:.4f}]  {variant.seconds:6.1f} s  {told}", flush=True)
        file = record.RESULTS / "shop-quality.json"
        known = json.loads(file.read_text(encoding="utf-8"))["rows"] if file.exists() else []
        asked = options.models or wanted
        rows = [row for row in rows if row["model"] in asked]
        new = {(row["model"], row["preset"]) for row in rows}
        kept = [row for row in known if (row["model"], row["preset"]) not in new]
        record.write("shop-quality", {"rows": sorted([*rows, *kept], key=lambda row: (row["model"], row["preset"]))})
    return 0


if __name__ == "__main__":
    sys.exit(main())
