"""Fit one model in a process of its own and print what it was estimated to need and what it took: JSON on stdout.

python measure_memory.py MODEL CONFIG_JSON USERS ITEMS EVENTS
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import torch

from recengine.data.dataset import Catalogue
from recengine.data.events import EventLog
from recengine.data.histories import Histories
from recengine.data.vocabulary import Vocabulary
from recengine.models.base import FitContext, Recommender
from recengine.models.registry import model_class


def shop(n_users: int, n_items: int, n_events: int) -> tuple[EventLog, Catalogue]:
    draw = np.random.default_rng(1)
    items = (n_items * draw.random(n_events) ** 2).astype(int)
    log = EventLog.build(draw.integers(0, n_users, n_events), items, draw.integers(0, 10**7, n_events), n_users, n_items)
    return log, Catalogue.bare(Vocabulary.build([f"i{code}" for code in range(n_items)]))


def fit_and_list(model: Recommender, log: EventLog, catalogue: Catalogue) -> None:
    model.fit_all(log, FitContext(catalogue))
    rows = Histories.from_log(log, np.arange(min(log.n_users, 2048)), 10**8)
    model.recommend(rows, 10, exclude=rows.to_csr(log.n_items, binary=True))


def peak_bytes() -> int:
    rows = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines())
    return int(rows["VmHWM"].split()[0]) * 1024


def main() -> None:
    name, settings, n_users, n_items, n_events = sys.argv[1], json.loads(sys.argv[2]), *map(int, sys.argv[3:])
    torch.set_num_threads(1)
    kind = model_class(name)
    config = kind.Config(**settings)
    fit_and_list(kind(config), *shop(50, 40, 500))  # libraries and compiled code are no part of it
    made = shop(n_users, n_items, n_events)
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak counts from here
    before = peak_bytes()
    fit_and_list(kind(config), *made)
    estimate = kind.memory_bytes(config, n_users, n_items, n_events, "cpu")
    print(json.dumps({"estimate": estimate, "measured": peak_bytes() - before}))


if __name__ == "__main__":
    main()
