"""Which variants may be compared, and their per-shopper figures as they were stored when they were judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from recengine.errors import BadInput
from recengine.types import VariantRow
from recengine.workspace.context import Context
from recengine.workspace.text import day

PLACES = 50  # of each list are kept in memory; 200 are stored
FIX = "Compare variants of one dataset version and one split, or train one again."


@dataclass(frozen=True, eq=False)
class JudgedFigures:
    """One variant's figures of one metric, a row a shopper."""

    user_codes: np.ndarray  # int32 [B]
    segment: np.ndarray  # int8 [B], 0 cold, 1 warm, 2 hot
    truth_indptr: np.ndarray  # int64 [B + 1]
    truth_items: np.ndarray  # int32 [T]
    values: np.ndarray | None  # float64 [B], NaN = not judged; None for a metric of the whole shop


def judged_figures(context: Context, variant: str, metric: str) -> JudgedFigures:
    """Read from the stored figures; nothing is scored again. Raises NotFound or Corrupt.

    Cost: 5,000 shoppers in some 3 ms, then remembered.
    """
    return context.views.get(("judged", variant, metric), lambda: _read(context, variant, metric))


def _read(context: Context, variant: str, metric: str) -> JudgedFigures:
    from recengine.evaluation.metrics.base import ShopperMetric
    from recengine.evaluation.metrics.registry import metric_of

    own = isinstance(metric_of(metric), ShopperMetric)
    names = ("user_code", "segment", "truth", *((metric,) if own else ()))
    table = context.variants.read_columns(variant, "shoppers", names).combine_chunks()
    truth = table.column("truth").combine_chunks()
    return JudgedFigures(
        table.column("user_code").to_numpy().astype(np.int32),
        table.column("segment").to_numpy().astype(np.int8),
        np.asarray(truth.offsets).astype(np.int64) - truth.offsets[0].as_py(),
        truth.flatten().to_numpy(zero_copy_only=False).astype(np.int32),
        table.column(metric).to_numpy().astype(np.float64) if own else None,
    )


def stored_places(context: Context, variant: str) -> np.ndarray:
    """int32 [B, 50]: the first places of every test shopper as they were judged, -1 = the list ended; remembered."""

    def read() -> np.ndarray:
        column = context.variants.read_columns(variant, "pool", ("items",)).column("items").combine_chunks()
        width = len(column.values) // max(len(column), 1)
        return column.flatten().to_numpy(zero_copy_only=False).reshape(len(column), width)[:, :PLACES].astype(np.int32)

    return context.views.get(("places", variant), read)


def refuse_unlike(rows: Sequence[VariantRow]) -> None:
    """Variants compare when the data, the split, its cut and the items to choose from are the same.

    Raises:
        BadInput: the first of these that differs, with both sides in words.
    """
    first = rows[0]
    for row in rows[1:]:
        a, b = first.judged_on, row.judged_on
        if row.dataset != first.dataset:
            sides = (f"{first.dataset_name} ({first.dataset})", f"{row.dataset_name} ({row.dataset})")
            raise _unlike("different dataset versions", first, row, *sides)
        if row.split != first.split:
            raise _unlike("different splits", first, row, _split(first.split), _split(row.split))
        if _differ(a, b, "cut_s"):
            sides = (f"what came after {day(a['cut_s'])}", f"what came after {day(b['cut_s'])}")
            raise _unlike("different periods", first, row, *sides)
        if _differ(a, b, "candidate_set"):
            raise _unlike("different candidate sets", first, row, f"{a['candidates']:,} items", f"{b['candidates']:,} items")
        if _differ(a, b, "answers"):
            raise _unlike("different shoppers", first, row, f"{a['shoppers']:,} shoppers", f"{b['shoppers']:,} shoppers")
        if not (a and b) and row.protocol != first.protocol:  # trained before this was recorded: the sentence tells
            raise _unlike("different protocols", first, row, first.protocol, row.protocol)


def refuse_other_answers(figures: Sequence[JudgedFigures]) -> None:
    """The stored shoppers and answers themselves, whatever the manifests say. Raises BadInput."""
    first = figures[0]
    for other in figures[1:]:
        if not all(np.array_equal(getattr(first, n), getattr(other, n)) for n in ("user_codes", "truth_indptr", "truth_items")):
            raise BadInput("These variants were judged on different shoppers.", "Their stored answers are not the same.", FIX)


def _differ(a: dict, b: dict, name: str) -> bool:
    return name in a and name in b and a[name] != b[name]


def _split(kind: str) -> str:
    return {"time": "split by time", "leave-last": "each shopper's last event left out"}.get(kind, kind)


def _unlike(words: str, first: VariantRow, other: VariantRow, one: str, two: str) -> BadInput:
    return BadInput(f"These variants were judged on {words}.", f"{first.name}: {one}. {other.name}: {two}.", FIX)
