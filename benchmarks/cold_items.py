"""Items first sold after the cut: which models rank the right ones first, and what share of them reaches a list.

    python benchmarks/cold_items.py [--models text two-tower] [--epochs N] [--part test]

The shop is the sample that ships with the project, split over time; models run with their defaults. Networks learn the number of epochs
that --epochs says (0 = their default): tuning it is the training loop's work. "among new": only items without an event before the cut
compete. "whole": the whole catalogue does. "rescued": share of the new items that are in at least one list of ten. "ndcg@10": all items
and all shoppers, as in benchmarks/quality.py. Differences to other models are paired over shoppers.
"""

from __future__ import annotations

import argparse
import datetime
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import record

from recengine.data.dataset import Dataset
from recengine.data.split import time_split
from recengine.data.store import DatasetStore
from recengine.evaluation.cold_items import ColdItems, RandomOrder, cold_items
from recengine.evaluation.protocol import evaluate
from recengine.evaluation.significance import paired_test
from recengine.ingest.importer import ingest
from recengine.models.base import FitContext
from recengine.models.registry import model_class

SHOP = Path(__file__).resolve().parent.parent / "sample_data" / "online_retail.csv.gz"
MODELS = ("popularity", "transitions", "content", "text", "text-transitions", "two-tower")
ESTIMATES = ("hr_among_new", "ndcg_among_new", "hr_whole", "ndcg_whole", "rescued")


def shop() -> Dataset:
    """The shipped sample."""
    done = ingest(SHOP)
    with tempfile.TemporaryDirectory() as folder:
        store = DatasetStore(Path(folder))
        info = store.publish("shop", done.events, done.rejects, set(done.unsellable_item_ids), done.currency, {})
        return store.load(info.id)


def as_row(name: str, found: ColdItems, seconds: float) -> dict[str, Any]:
    """Figures as JSON: value and 95 % interval."""
    estimates = {key: getattr(found, key) for key in ESTIMATES}
    figures = {key: [None if np.isnan(x) else round(x, 5) for x in (e.value, e.low, e.high)] for key, e in estimates.items()}
    return {"model": name, "fit_s": round(seconds, 2), **figures}


def main(arguments: list[str] | None = None) -> int:
    """Print the table and write benchmarks/results/cold-items-<date>.json."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", nargs="*", default=list(MODELS))
    parser.add_argument("--epochs", type=int, default=0)
    parser.add_argument("--part", choices=("test", "valid"), default="test")
    options = parser.parse_args(arguments)
    dataset = shop()
    sellable = dataset.catalogue.sellable
    split = time_split(dataset.log, sellable)
    past = split.past if options.part == "test" else split.train
    chance = cold_items(RandomOrder(dataset.log.n_items), split, sellable, options.part)
    print(
        f"{chance.items} new items, {chance.chosen} of them chosen by {chance.shoppers} of {len(getattr(split, options.part)):,} shoppers"
    )
    found, rows = {"random": chance}, [as_row("random", chance, 0.0)]
    everybody: dict[str, np.ndarray] = {}
    for name in options.models:
        cls = model_class(name)
        model = cls(cls.Config(**({"epochs": options.epochs} if options.epochs and cls.can.epochs else {})))
        start = time.perf_counter()
        model.fit_all(past, FitContext(dataset.catalogue, note=lambda text: print(f"  {text}", file=sys.stderr)))
        seconds = time.perf_counter() - start
        found[name] = cold_items(model, split, sellable, options.part)
        whole = evaluate(model, split, dataset.catalogue, ks=(10,), part=options.part)
        everybody[name] = whole.per_shopper["ndcg@10"]
        rows.append(as_row(name, found[name], seconds) | {"ndcg@10": list(vars(whole.estimates["ndcg@10"]).values())[:3]})
        print(f"{name}: fitted in {seconds:.1f} s, NDCG@10 of all shoppers {rows[-1]['ndcg@10'][0]:.4f}", flush=True)
    for row, (name, cold) in zip(rows, found.items(), strict=True):
        shown = "  ".join(f"{key} {row[key][0]:.3f} [{row[key][1] or 0:.3f}, {row[key][2] or 0:.3f}]" for key in ESTIMATES)
        print(f"{name:17} {shown}")
        row["against"] = {
            other: {key: vars(paired_test(cold.per_shopper[key], found[other].per_shopper[key])) for key in cold.per_shopper}
            for other in ("random", "popularity")
            if other in found and other != name
        }
        others = {other: figures for other, figures in everybody.items() if name in everybody and other != name}
        row["against_on_all"] = {other: vars(paired_test(everybody[name], figures)) for other, figures in others.items()}
    record.write(f"cold-items-{datetime.datetime.now(datetime.UTC):%Y-%m-%d}", {"part": options.part, "rows": rows})
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
