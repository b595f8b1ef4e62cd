"""Explanations on the shipped shop: a list of 20 with signals and past items, and exact TreeSHAP against the shap library.

`--lists` measures the lists alone, with a funnel that is trained quickly. `--report` has the lists of 1,000 shoppers explained into one
page, with time and memory beside that of the loaded variant.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import record
import shap

from recengine.data.dataset import Dataset
from recengine.data.split import time_split
from recengine.data.store import DatasetStore
from recengine.evaluation.metrics.accuracy import Ndcg
from recengine.evaluation.metrics.base import Judged, Shop
from recengine.explain.explanation import attribute
from recengine.explain.reasons import reasons_for_list
from recengine.funnel.model import Funnel, FunnelConfig
from recengine.funnel.ranker import calibration_error
from recengine.ingest.importer import ingest
from recengine.models.base import FitContext, Recommender

SAMPLE = Path(__file__).resolve().parent.parent / "sample_data" / "online_retail.csv.gz"
N_SHOPPERS, LIST, N_ROWS = 200, 20, 20_000


def online_retail() -> Dataset:
    """The shipped shop, taken in as an upload would be."""
    taken = ingest(SAMPLE)
    with tempfile.TemporaryDirectory() as folder:
        store = DatasetStore(Path(folder))
        info = store.publish("Online Retail", taken.events, taken.rejects, set(taken.unsellable_item_ids), taken.currency, {})
        return store.load(info.id)


def quality(dataset: Dataset) -> dict[str, object]:
    """NDCG@10 under the global time split against every generator, paired, and the calibration error on the later window."""
    split, sellable = time_split(dataset.log, dataset.catalogue.sellable), dataset.catalogue.sellable
    shop, owned = Shop.of(split.past, sellable), split.test.histories.to_csr(len(sellable), binary=True)

    def ndcg(model: Recommender) -> np.ndarray:
        lists = model.recommend(split.test.histories, 10, exclude=owned, allow=sellable).item_codes
        return Ndcg().values(Judged(lists, split.test, shop), 10)

    model = Funnel(FunnelConfig())
    wall, processor = time.perf_counter(), time.process_time()
    reports = model.fit_all(split.past, FitContext(dataset.catalogue))
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    mine = ndcg(model)
    theirs = {name: ndcg(generator) for name, generator in model.generators.items()}
    best = max(theirs, key=lambda name: theirs[name].mean())
    gain = mine - theirs[best]
    rng = np.random.default_rng(0)
    draws = np.array([gain[rng.integers(0, len(gain), len(gain))].mean() for _ in range(5000)])
    scores = model.score(split.test.histories).numpy().astype(np.float64)
    chosen = np.zeros(scores.shape, dtype=bool)
    for row in range(len(split.test)):
        chosen[row, split.test.truth(row)] = True
    scored = ~np.isnan(scores)
    return {
        "protocol": split.summary,
        "fit_wall_s": wall,
        "fit_processor_s": processor,
        "held_out_shoppers_of_the_fit": reports[-1].metrics,
        "ndcg@10": float(mine.mean()),
        "ndcg@10_generators": {name: float(values.mean()) for name, values in theirs.items()},
        "best_generator": best,
        "gain": float(gain.mean()),
        "gain_95": [float(x) for x in np.quantile(draws, [0.025, 0.975])],
        "calibration_error_later_window": calibration_error(scores[scored], chosen[scored]),
        "mean_chance": float(scores[scored].mean()),
        "chosen_share": float(chosen[scored].mean()),
    }


def shap_library(model: Funnel) -> shap.TreeExplainer:
    """The reference on the same trees."""
    trees = model.ranker.trees
    parts = []
    for first, end in zip(trees.roots[:-1], trees.roots[1:], strict=True):
        own = slice(first, end)
        leaf = trees.feature[own] < 0
        parts.append(
            {
                "children_left": np.where(leaf, -1, trees.left[own] - first),
                "children_right": np.where(leaf, -1, trees.right[own] - first),
                "children_default": np.where(leaf, -1, np.where(trees.missing_left[own], trees.left[own], trees.right[own]) - first),
                "features": trees.feature[own],
                "thresholds": trees.threshold[own],
                "values": trees.value[own][:, None],
                "node_sample_weight": trees.cover[own],
            }
        )
    return shap.TreeExplainer({"trees": parts, "base_offset": float(trees.base[0])}, feature_perturbation="tree_path_dependent")


def rows_of(model: Funnel, dataset: Dataset, n: int) -> np.ndarray:
    """Signals of real candidates."""
    tables, total = [], 0
    for user in np.random.default_rng(1).permutation(dataset.log.n_users):
        histories = dataset.histories(np.array([user]))
        recalled = model.recalled(histories)
        tables.append(model.table(recalled, histories, *recalled.pairs()))
        total += len(tables[-1])
        if total >= n:
            break
    return np.concatenate(tables)[:n]


def list_waits(model: Funnel, dataset: Dataset, n_shoppers: int) -> dict[str, float]:
    """One list of 20, made and fully explained: signals, provenance, what every past item adds, and reasons."""
    users = np.random.default_rng(0).choice(np.flatnonzero(np.diff(dataset.log.indptr) > 0), n_shoppers, replace=False)
    waits, worst = [], 0.0
    for user in np.concatenate([users[:5], users]):
        histories = dataset.histories(np.array([user]))
        start, spent = time.perf_counter(), time.process_time()
        listed = model.recommend(histories, LIST, exclude=histories.to_csr(model.n_items), allow=dataset.catalogue.sellable)
        codes = listed.item_codes[0].astype(np.int64)
        parts = attribute(model, histories, codes)
        reasons_for_list(dataset, histories, codes, parts)
        waits.append((time.perf_counter() - start, time.process_time() - spent, len(np.unique(histories.item_codes))))
        for part, shown in zip(parts, listed.scores[0], strict=True):
            signals, past = part.base + sum(t.contribution for t in part.terms), part.empty + part.events.sum()
            worst = max(worst, abs(signals - shown), abs(past - shown))
    table = 1000 * np.array(waits[5:])
    return {
        "list_of_20_p50_ms": float(np.percentile(table[:, 0], 50)),
        "list_of_20_p95_ms": float(np.percentile(table[:, 0], 95)),
        "processor_p50_ms": float(np.percentile(table[:, 1], 50)),
        "processor_p95_ms": float(np.percentile(table[:, 1], 95)),
        "past_items_p50": float(np.percentile(table[:, 2], 50)) / 1000,
        "worst_gap_to_shown_score": worst,
    }


def report(shoppers: int = 1000) -> dict[str, object]:
    """Lists of 10 explained into HTML, as the workspace's job does it."""
    from recengine.types.training import TrainingRequest
    from recengine.workspace import Workspace

    figures: dict[str, object] = {"shoppers": shoppers}
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace(Path(folder) / "workspace")
        dataset = workspace.datasets.import_now(workspace.datasets.stage_path(SAMPLE), "Online Retail", None).dataset
        for model in ("item-knn", "funnel"):
            arguments = workspace.training.arguments(TrainingRequest(dataset, model, {}, "quick", 0, "cpu", "time", ""))
            variant = workspace.run_attached("train", arguments, model)["variant"]
            out = Path(folder) / f"{model}.html"
            workspace.explained.write(variant, out, 50)  # loads the variant and what explains it
            before, spent = resident_bytes(), time.process_time()
            with Watched() as watched:
                made = workspace.explained.write(variant, out, shoppers)
            figures[model] = {
                "wall_s": made.seconds,
                "processor_s": time.process_time() - spent,
                "places": made.places,
                "file_mb": made.size_bytes / 1e6,
                "worst_gap": made.worst_gap,
                "memory_before_mb": before / 1e6,
                "memory_added_mb": (watched.most - before) / 1e6,
            }
    return figures


class Watched:
    """The most memory this process holds while a block runs, looked at 20 times a second."""

    def __init__(self) -> None:
        self.most = resident_bytes()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def _look(self) -> None:
        while not self._over.wait(0.05):
            self.most = max(self.most, resident_bytes())

    def __enter__(self) -> Watched:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()


def resident_bytes() -> int:
    """Memory of this process that is in use now."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * resource.getpagesize()


def main() -> None:
    if "--report" in sys.argv:
        record.write("explain_report", report())
        return
    dataset = online_retail()
    if "--lists" in sys.argv:
        quick = Funnel(FunnelConfig.model_validate(Funnel.presets["quick"]))
        quick.fit_all(dataset.log, FitContext(dataset.catalogue))
        goals = {"p50_ms": 150, "p95_ms": 400}
        record.write("explain_lists", list_waits(quick, dataset, N_SHOPPERS // 2) | {"shoppers": N_SHOPPERS // 2, "goals": goals})
        return
    model = Funnel(FunnelConfig())
    model.fit_all(dataset.log, FitContext(dataset.catalogue))
    lists = list_waits(model, dataset, N_SHOPPERS)
    rows = rows_of(model, dataset, N_ROWS)
    model.ranker.trees.shap(rows[:10])
    ours, reference = [], []
    library = shap_library(model)
    for _ in range(3):
        start = time.perf_counter()
        values = model.ranker.trees.shap(rows)
        ours.append(len(rows) / (time.perf_counter() - start))
        start = time.perf_counter()
        expected = library.shap_values(rows[:1000])
        reference.append(1000 / (time.perf_counter() - start))
    figures = {
        "ranker": quality(dataset),
        **lists,
        "treeshap_rows_per_s": float(np.median(ours)),
        "shap_library_rows_per_s": float(np.median(reference)),
        "treeshap_ratio": float(np.median(ours) / np.median(reference)),
        "treeshap_difference": float(np.abs(values[:1000] - expected).max()),
        "goals": {"p50_ms": 150, "p95_ms": 400, "treeshap_ratio": 10, "difference": 1e-5},
    }
    record.write("explain", figures)


if __name__ == "__main__":
    main()
