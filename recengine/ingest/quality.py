"""Measures an import and says in plain sentences what the data can and cannot train."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recengine.columns import BEHAVIOURS
from recengine.ingest.convert import Converted
from recengine.ingest.mapping import Mapping
from recengine.ingest.reader import RawTable


@dataclass(frozen=True)
class Verdict:
    """One sentence on what the data is good for."""

    level: Literal["ok", "warn", "no"]
    topic: str
    text: str


@dataclass(frozen=True)
class QualityReport:
    """Figures of one import; shares are 0 to 1."""

    shoppers: int
    items: int
    events: int
    first_s: int
    last_s: int
    density: float  # distinct shopper-item pairs / (shoppers × items)
    behaviours: dict[str, int]
    events_per_shopper: dict[str, float]  # min, p25, median, mean, p75, p95, max
    one_event_shoppers: int
    verdicts: list[Verdict]


def assess(raw: RawTable, mapping: Mapping, converted: Converted, unsellable: list[str]) -> QualityReport:
    """Measure accepted events."""
    events = converted.events
    users = codes(events["user_id"])
    items = codes(events["item_id"])
    per = np.bincount(users)
    n_users, n_items = len(per), int(items.max()) + 1
    pairs = len(np.unique(users.astype(np.int64) * n_items + items))
    times = events["time_s"].to_numpy()
    counts = np.bincount(events["behaviour"].to_numpy(), minlength=len(BEHAVIOURS))
    quantiles = np.quantile(per, [0, 0.25, 0.5, 0.75, 0.95, 1])
    return QualityReport(
        shoppers=n_users,
        items=n_items,
        events=len(users),
        first_s=int(times.min()),
        last_s=int(times.max()),
        density=pairs / (n_users * n_items),
        behaviours={b.value: int(c) for b, c in zip(BEHAVIOURS, counts, strict=True) if c},
        events_per_shopper=dict(zip(("min", "p25", "median", "p75", "p95", "max"), map(float, quantiles), strict=True))
        | {"mean": float(per.mean())},
        one_event_shoppers=int((per == 1).sum()),
        verdicts=[],
    )


def codes(column: pa.ChunkedArray) -> np.ndarray:
    """int32 [n]: a number for every distinct text, in order of appearance."""
    coded = pc.dictionary_encode(column).combine_chunks()
    if isinstance(coded, pa.ChunkedArray):
        coded = coded.chunk(0)
    return coded.indices.to_numpy(zero_copy_only=False)
