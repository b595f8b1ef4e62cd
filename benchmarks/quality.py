"""Quality of the models that are fitted in seconds: full ranking on the public files of the papers.

    python benchmarks/quality.py --data FOLDER [--only ml_1m] [--models als ease]

FOLDER holds ml_1m/ml-1m.txt.gz ("user item" a line, time-ordered), amazon_s3rec/{Beauty,Sports_and_Outdoors,Toys_and_Games}.txt.gz
("user item item …" a line); default: $MERCHLENS_BENCH_DATA. A file that is not there is said to be missing.
Each file has its own results file, quality-<file>.json; rows that were not run this time stay in it.

Gowalla (gowalla/gowalla_{train,test}.npz): LightGCN's split, items of the training part masked, macro mean of Recall@20 (hits / answers)
and NDCG@20. The graph filter's settings were chosen on a twentieth of the training pairs, those of the others are round guesses; the
test items had been seen with earlier settings. "Sharpened" is the best on those validation pairs and was judged once: it is worse on the
test, whose pairs are no random sample (see the README). LightGCN takes an hour on two cores and runs only when --models names it;
lightgcn_quality.py runs it in pieces.

Leave-one-out: last item = test, last but one = validation. Counts come from all but the last two, the question is all but the last,
items of the question are masked, the whole catalogue is ranked. Rows "with validation" learn from all but the last: the figures to reach
of EASE, item-kNN and iALS were measured that way. Settings were chosen on the validation items alone.
"""

from __future__ import annotations

import argparse
import datetime
import gzip
import json
import os
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import public_sets
import record
import scipy.sparse as sp

from recengine.data.dataset import Catalogue
from recengine.data.events import EventLog
from recengine.data.histories import Histories
from recengine.data.split import Targets, leave_last_out
from recengine.data.vocabulary import Vocabulary
from recengine.models.base import FitContext
from recengine.models.registry import model_class, single_models

ML_1M: dict[str, dict[str, Any]] = {
    "popularity": {"half_life_days": 0.0},
    "item-knn": {"similarity": "cosine", "neighbours": 6, "shrinkage": 0.0, "history_damping": 0.2},
    "ease": {"regularisation": 500.0},
    "als": {"unobserved_weight": 0.5, "regularisation": 0.003},
    "transitions": {"window": 10, "source_damping": 0.8, "target_damping": 0.3, "recent_steps": 40},
}
ML_1M["blend"] = {"settings": {"transitions": ML_1M["transitions"], "ease": {**ML_1M["ease"], "rank_decay": 0.5}}}
ML_1M["fusion"] = {"parts": ["transitions", "ease", "als"], "settings": {name: ML_1M[name] for name in ("transitions", "ease", "als")}}

AMAZON: dict[str, dict[str, Any]] = {
    "Beauty": {
        "window": 15,
        "distance_decay": 0.5,
        "backward": 0.2,
        "source_damping": 0.5,
        "target_damping": 0.1,
        "recent_steps": 10,
        "rank_decay": 1.2,
    },
    "Sports_and_Outdoors": {"window": 20, "source_damping": 0.3, "target_damping": 0.0, "rank_decay": 0.7},
    "Toys_and_Games": {"window": 20, "source_damping": 0.5, "target_damping": 0.1, "rank_decay": 0.7},
}

GOWALLA: dict[str, dict[str, Any]] = {
    "als": {"unobserved_weight": 0.05},
    "graph-filter": {"patterns": 512, "pattern_weight": 0.6, "shopper_damping": 0.8, "target_damping": 0.5},
    "lightgcn": {"epochs": 20},
    "user-knn": {},
}
SHARPENED: dict[str, Any] = {"patterns": 1024, "pattern_weight": 1.5, "sharpening": 1.0, "shopper_damping": 0.6}
GOWALLA_ROWS = (
    *((name, "LightGCN split", settings) for name, settings in GOWALLA.items()),
    ("graph-filter", "LightGCN split, sharpened", SHARPENED),
)
SLOW = ("lightgcn",)
VALIDATION_SHARE = 0.05  # of Gowalla's training pairs

Parts = tuple[EventLog, Targets, EventLog, Targets]  # training, validation, everything before the test, test


@dataclass(frozen=True)
class Goal:
    """What a row has to reach."""

    ndcg10: float = 0.0
    hr10: float = 0.0
    fit_s: float = float("inf")


@dataclass
class Row:
    """One model on one data set."""

    data: str
    model: str
    protocol: str
    settings: dict[str, Any]
    validation_ndcg10: float
    hr10: float
    ndcg10: float
    fit_s: float
    fit_cpu_s: float
    lists_s: float
    shoppers: int
    goal: dict[str, float] = field(default_factory=dict)
    reached: bool | None = None


GOALS = {
    ("ml_1m", "ease", "with validation"): Goal(0.0544),
    ("ml_1m", "item-knn", "with validation"): Goal(0.0413),
    ("ml_1m", "als", "with validation"): Goal(0.0493),
    ("ml_1m", "transitions", "leave-one-out"): Goal(0.167, 0.284, 1.0),
    ("ml_1m", "blend", "leave-one-out"): Goal(0.172, 0.293, 5.0),
    ("Beauty", "transitions", "leave-one-out"): Goal(0.0534, 0.0838, 0.2),
    ("Sports_and_Outdoors", "transitions", "leave-one-out"): Goal(0.0313, 0.0498, 0.2),
    ("Toys_and_Games", "transitions", "leave-one-out"): Goal(0.0652, 0.0984, 0.2),
}


@dataclass
class SplitRow:
    """One model on Gowalla's split."""

    data: str
    model: str
    protocol: str
    settings: dict[str, Any]
    validation_recall20: float
    validation_ndcg20: float
    recall20: float
    ndcg20: float
    fit_s: float
    fit_cpu_s: float
    lists_s: float
    goal: dict[str, float] = field(default_factory=dict)
    reached: bool | None = None


GOWALLA_GOALS = {
    "LightGCN split": {"recall20": 0.187, "ndcg20": 0.154, "fit_s": 10.0},
    "LightGCN split, sharpened": {"recall20": 0.192, "ndcg20": 0.160},
}


def log_of_lines(path: Path, pairs: bool) -> EventLog:
    """Read "user item" lines, or "user item item …" lines, in their order."""
    users: list[int] = []
    items: list[int] = []
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            numbers = [int(part) for part in line.split()]
            users += [numbers[0]] * (1 if pairs else len(numbers) - 1)
            items += numbers[1:2] if pairs else numbers[1:]
    _, user_codes = np.unique(users, return_inverse=True)
    _, item_codes = np.unique(items, return_inverse=True)
    return EventLog.build(user_codes, item_codes, np.arange(len(users)), int(user_codes.max()) + 1, int(item_codes.max()) + 1)


def measured(model: Any, targets: Targets) -> tuple[float, float, float]:
    """HR@10 and NDCG@10 over the targets, items of the question masked; seconds for the lists."""
    histories = targets.histories
    start = time.perf_counter()
    top = model.recommend(histories, 10, exclude=histories.to_csr(model.n_items, binary=True)).item_codes  # [B, 10]
    seconds = time.perf_counter() - start
    counts = np.diff(targets.truth_indptr)
    right = np.sort(np.repeat(np.arange(len(targets)), counts) * np.int64(model.n_items) + targets.truth_items)
    keys = np.where(top >= 0, np.arange(len(targets))[:, None] * np.int64(model.n_items) + top, -1)
    hits = np.isin(keys, right)
    gain = 1.0 / np.log2(np.arange(2, 12))
    ndcg = (hits * gain).sum(1) / np.cumsum(gain)[np.minimum(counts, 10) - 1]
    return float(hits.any(1).mean()), float(ndcg.mean()), seconds


def row(data: str, name: str, settings: dict[str, Any], protocol: str, parts: Parts, catalogue: Catalogue) -> Row:
    """Fit before the validation answers and score them, fit for the test and score it."""
    train, valid, past, test = parts
    validation = float("nan")
    cls = model_class(name)
    model = cls(cls.Config(**settings))
    context = FitContext(catalogue)
    fits = []
    for log in (train, past):
        wall, cpu = time.perf_counter(), time.process_time()
        model.fit_all(log, context)
        fits.append((time.perf_counter() - wall, time.process_time() - cpu))
        if log is train:
            validation = measured(model, valid)[1]
    hr, ndcg, lists_s = measured(model, test)
    wall, cpu = fits[1]
    result = Row(data, name, protocol, model.config.model_dump(mode="json"), validation, hr, ndcg, wall, cpu, lists_s, len(test))
    goal = GOALS.get((data, name, protocol))
    verdict = ""
    if goal is not None:
        result.goal = {key: value for key, value in vars(goal).items() if value not in (0.0, float("inf"))}
        result.reached = round(ndcg, 4) >= goal.ndcg10 and round(hr, 4) >= goal.hr10 and wall <= goal.fit_s
        verdict = "reached" if result.reached else "MISSED"
    print(
        f"{data:20} {name:12} {protocol:16} valid {validation:.4f}  HR@10 {hr:.4f}  NDCG@10 {ndcg:.4f}"
        f"  fit {wall:6.2f} s (cpu {cpu:5.2f})  lists {lists_s:5.2f} s  {verdict}",
        flush=True,
    )
    return result


def bare(log: EventLog) -> Catalogue:
    """A catalogue of codes alone."""
    return Catalogue.bare(Vocabulary.build(f"{code:08d}" for code in range(log.n_items)))


def leave_one_out_rows(data: str, log: EventLog, settings: dict[str, dict[str, Any]], both: bool) -> list[Row]:
    """Rows of one file under leave-one-out; `both` adds rows that learn from the validation items too."""
    split = leave_last_out(log)
    from_end = np.repeat(log.indptr[1:], np.diff(log.indptr)) - np.arange(len(log))
    pasts = {"leave-one-out": split.past} | ({"with validation": log.keep(from_end > 1)} if both else {})
    return [
        row(data, name, chosen, protocol, (split.train, split.valid, past, split.test), bare(log))
        for name, chosen in settings.items()
        for protocol, past in pasts.items()
    ]


def gowalla_validation(train: sp.csr_matrix) -> tuple[sp.csr_matrix, sp.csr_matrix]:
    """The training pairs in two parts: those that settings are fitted on, and a twentieth that judges them."""
    pairs = train.tocoo()
    held = np.random.default_rng(0).random(len(pairs.row)) < VALIDATION_SHARE
    part, valid = (sp.csr_matrix((pairs.data[kept], (pairs.row[kept], pairs.col[kept])), shape=train.shape) for kept in (~held, held))
    return part, valid


def gowalla_rows(folder: Path, names: list[str], asked: bool, protocols: list[str] | None) -> list[SplitRow]:
    """Rows of the models that have settings for Gowalla; each is fitted without the validation pairs, and then with them."""
    train, test = public_sets.gowalla(folder)
    part, valid = gowalla_validation(train)
    rows = []
    for name, protocol, chosen in GOWALLA_ROWS:
        if name not in names or (name in SLOW and not asked) or (protocols and protocol not in protocols):
            continue
        cls = model_class(name)
        model = cls(cls.Config(**chosen))
        figures: list[tuple[float, float]] = []
        wall = cpu = lists_s = 0.0
        for known, answers in ((part, valid), (train, test)):
            log = public_sets.log_of(known)
            wall, cpu = time.perf_counter(), time.process_time()
            model.fit_all(log, FitContext(public_sets.bare(log.n_items)))
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
            start = time.perf_counter()
            everybody = Histories.from_log(log, np.arange(log.n_users), np.iinfo(np.int64).max)
            lists = model.recommend(everybody, 20, exclude=known).item_codes
            lists_s = time.perf_counter() - start
            figures.append(public_sets.recall_and_ndcg(lists, answers))
        (valid_recall, valid_ndcg), (recall, ndcg) = figures
        settings = model.config.model_dump(mode="json")
        found = SplitRow("gowalla", name, protocol, settings, valid_recall, valid_ndcg, recall, ndcg, wall, cpu, lists_s)
        if name == "graph-filter":
            found.goal = goal = GOWALLA_GOALS[protocol]
            enough = round(recall, 4) >= goal["recall20"] and round(ndcg, 4) >= goal["ndcg20"]
            found.reached = enough and wall <= goal.get("fit_s", float("inf"))
        verdict = {None: "", True: "reached", False: "MISSED"}[found.reached]
        print(
            f"{'gowalla':20} {name:12} {protocol:25} valid {valid_recall:.4f} {valid_ndcg:.4f}  Recall@20 {recall:.4f}  NDCG@20 {ndcg:.4f}"
            f"  fit {wall:6.2f} s (cpu {cpu:5.2f})  lists {lists_s:5.2f} s  {verdict}",
            flush=True,
        )
        rows.append(found)
    return rows


def write(data: str, rows: list[Row] | list[SplitRow]) -> None:
    """Put the rows into the file of their data, in place of older rows of the same model and protocol."""
    file = record.RESULTS / f"quality-{data}.json"
    known = json.loads(file.read_text(encoding="utf-8"))["rows"] if file.exists() else []
    made = [{**vars(result), "day": f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d}"} for result in rows]
    new = {(r["model"], r["protocol"]) for r in made}
    kept = [r for r in known if (r["model"], r["protocol"]) not in new]
    record.write(f"quality-{data}", {"rows": sorted([*kept, *made], key=lambda r: (r["model"], r["protocol"]))})


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmark and write benchmarks/results/quality-<file>.json; returns 1 where a figure is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=str, default=os.environ.get("MERCHLENS_BENCH_DATA"))
    parser.add_argument("--only", nargs="*", default=None, help="ml_1m Beauty Sports_and_Outdoors Toys_and_Games gowalla")
    parser.add_argument("--models", nargs="*", default=None)
    parser.add_argument("--protocols", nargs="*", default=None, help='Gowalla: "LightGCN split" "LightGCN split, sharpened"')
    options = parser.parse_args(arguments)
    folder = Path(options.data) if options.data else Path("no folder given: --data or MERCHLENS_BENCH_DATA")
    files = {
        "ml_1m": folder / "ml_1m" / "ml-1m.txt.gz",
        **{name: folder / "amazon_s3rec" / f"{name}.txt.gz" for name in ("Beauty", "Sports_and_Outdoors", "Toys_and_Games")},
        "gowalla": folder / "gowalla" / "gowalla_train.npz",
    }
    missed = False
    for data, path in files.items():
        if options.only and data not in options.only:
            continue
        if not path.exists():
            print(f"{data} left out: no file {path}", file=sys.stderr)
            continue
        names = [name for name in single_models() if options.models is None or name in options.models]
        rows: list[Row] | list[SplitRow]
        if data == "gowalla":
            rows = gowalla_rows(folder, names, options.models is not None, options.protocols)
        else:
            is_pairs = data == "ml_1m"
            settings = ML_1M if is_pairs else {"transitions": AMAZON[data]}
            chosen = {name: settings[name] for name in names if name in settings}
            rows = leave_one_out_rows(data, log_of_lines(path, is_pairs), chosen, both=is_pairs)
        write(data, rows)
        missed |= any(result.reached is False for result in rows)
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
