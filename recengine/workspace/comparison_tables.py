"""Every table of a comparison as it leaves the program: numbers whole, names as they are, one name a table."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from recengine.types import Comparison, ExposureView, LengthCurves, ListAgreement
from recengine.types.runs import RunCost, RunCurve, VariantNote, WhoGains

if TYPE_CHECKING:
    import pyarrow as pa


def variants_table(view: Comparison, tags: dict[str, tuple[str, ...]]) -> pa.Table:
    """A row a variant: every metric with its interval."""
    import pyarrow as pa

    rows = view.variants
    columns: dict[str, Any] = {
        "variant": [v.name for v in rows],
        "id": [v.id for v in rows],
        "model": [v.model_title for v in rows],
        "best": [v.id == view.best for v in rows],
        "tags": ["; ".join(tags.get(v.id, ())) for v in rows],
    }
    for metric in dict.fromkeys(name for v in rows for name in v.metrics):
        for end in ("value", "low", "high"):
            name = metric if end == "value" else f"{metric} {end}"
            columns[name] = pa.array([getattr(v.metrics[metric], end) if metric in v.metrics else None for v in rows], pa.float64())
    columns |= {"seconds": [v.seconds for v in rows], "bytes": [v.size_bytes for v in rows], "created": [v.created for v in rows]}
    return pa.table(columns)


def tests_table(view: Comparison) -> pa.Table:
    """The best against every other."""
    import pyarrow as pa

    names = {v.id: v.name for v in view.variants}
    pairs = view.pairs
    return pa.table(
        {
            "variant": pa.array([names[p.variant] for p in pairs], pa.string()),
            "against": pa.array([names[p.against] for p in pairs], pa.string()),
            "metric": pa.array([p.metric for p in pairs], pa.string()),
            **{end: pa.array([getattr(p, end) for p in pairs], pa.float64()) for end in ("difference", "low", "high")},
            "p_corrected": pa.array([p.p_value for p in pairs], pa.float64()),
            "verdict": pa.array([p.verdict for p in pairs], pa.string()),
            "shoppers": pa.array([p.n for p in pairs], pa.int64()),
            "shoppers_needed": pa.array([p.needed for p in pairs], pa.int64()),
        }
    )


def segments_table(view: Comparison) -> pa.Table:
    """The metric by variant and kind of shopper."""
    import pyarrow as pa

    columns: dict[str, Any] = {"variant": [v.name for v in view.variants]}
    for place, (segment, n) in enumerate(zip(view.segments, view.segment_sizes, strict=True)):
        columns[f"{segment} ({n} shoppers)"] = pa.array([view.segment_values[v.id][place] for v in view.variants], pa.float64())
    return pa.table(columns)


def gains_table(found: WhoGains, names: dict[str, str]) -> pa.Table:
    """For whom one variant is better than another."""
    import pyarrow as pa

    rows = (found.overall, *found.segments)
    return pa.table(
        {
            "variant": [names[found.variant]] * len(rows),
            "against": [names[found.against]] * len(rows),
            "metric": [found.metric] * len(rows),
            "shoppers_of": [row.segment for row in rows],
            **{end: pa.array([getattr(row, end) for row in rows], pa.float64()) for end in ("difference", "low", "high", "p_value")},
            "verdict": [row.verdict for row in rows],
            "shoppers": [row.n for row in rows],
            "shoppers_needed": [row.needed for row in rows],
        }
    )


def settings_table(view: Comparison) -> pa.Table:
    """A row a setting, a column a variant, and whether all are equal."""
    import pyarrow as pa

    differing = {name for values in view.differing.values() for name in values}
    names = list(dict.fromkeys([*sorted(differing), *(name for v in view.variants for name in v.config)]))
    columns: dict[str, Any] = {"setting": pa.array(names, pa.string()), "differs": pa.array([n in differing for n in names], pa.bool_())}
    for v in view.variants:
        own = {**v.config, **view.differing.get(v.id, {})}
        columns[_fresh(v.name, columns)] = pa.array([_text(own.get(n)) if n in own else None for n in names], pa.string())
    return pa.table(columns)


def lengths_table(found: LengthCurves, names: dict[str, str]) -> pa.Table:
    """A metric at each length of the list."""
    import pyarrow as pa

    flat = [(names[v], k, e.value, e.low, e.high) for v, row in found.values.items() for k, e in zip(found.ks, row, strict=True)]
    return pa.table(dict(zip(("variant", "k", found.metric, "low", "high"), map(list, zip(*flat, strict=True)), strict=True)))


def places_table(found: ExposureView, names: dict[str, str]) -> pa.Table:
    """Share of places of each tenth of the items."""
    import pyarrow as pa

    columns: dict[str, Any] = {"tenth": list(range(1, len(found.past) + 1)), "past events": list(found.past)}
    for v, shares in found.bands.items():
        columns[_fresh(names[v], columns)] = list(shares)
    return pa.table(columns)


def categories_table(found: ExposureView, names: dict[str, str]) -> pa.Table:
    """Share of each category in the shoppers' past and in the lists; the last row may be all others."""
    import pyarrow as pa

    columns: dict[str, Any] = {"category": [name or "all others" for name in found.categories], "shoppers' past": list(found.chosen)}
    for v, shares in found.listed.items():
        columns[_fresh(names[v], columns)] = list(shares)
    return pa.table(columns)


def changed_table(found: ListAgreement) -> pa.Table:
    """Shoppers whose list changes most."""
    import pyarrow as pa

    rows = found.most_changed
    return pa.table(
        {
            "shopper": pa.array([r.shopper for r in rows], pa.string()),
            "kind": pa.array([r.segment for r in rows], pa.string()),
            "new items": pa.array([r.entered for r in rows], pa.int64()),
            "rank-biased overlap": pa.array([r.rbo for r in rows], pa.float64()),
        }
    )


def items_table(found: ListAgreement) -> pa.Table:
    """Items that gain and lose most."""
    import pyarrow as pa

    rows = (*found.winners, *found.losers)
    return pa.table(
        {
            "item": pa.array([r.item for r in rows], pa.string()),
            "title": pa.array([r.title for r in rows], pa.string()),
            "shoppers before": pa.array([r.before for r in rows], pa.int64()),
            "shoppers after": pa.array([r.after for r in rows], pa.int64()),
        }
    )


def curves_table(found: Sequence[RunCurve], names: dict[str, str]) -> pa.Table:
    """Every figure of every epoch."""
    import pyarrow as pa

    flat = [(names[c.variant], c.phase, c.figure, e, x) for c in found for e, x in zip(c.epochs, c.values, strict=True)]
    kinds = (pa.string(), pa.string(), pa.string(), pa.int64(), pa.float64())
    columns = list(zip(*flat, strict=True)) if flat else [()] * len(kinds)
    heads = ("variant", "phase", "figure", "epoch", "value")
    return pa.table({head: pa.array(column, kind) for head, column, kind in zip(heads, columns, kinds, strict=True)})


def costs_table(found: Sequence[RunCost], names: dict[str, str]) -> pa.Table:
    """Time, size and speed."""
    import pyarrow as pa

    return pa.table(
        {
            "variant": [names[c.variant] for c in found],
            "training seconds": [c.seconds for c in found],
            "trained on": [c.device for c in found],
            "epochs": [c.epochs for c in found],
            "numbers in the model": [c.parameters for c in found],
            "model bytes": [c.model_bytes for c in found],
            "bytes on disk": [c.size_bytes for c in found],
            "ms per list": pa.array([c.ms_per_list for c in found], pa.float64()),
        }
    )


def notes_table(view: Comparison, notes: dict[str, tuple[VariantNote, ...]]) -> pa.Table:
    """What people wrote."""
    import pyarrow as pa

    flat = [(v.name, note.text, note.who, note.written) for v in view.variants for note in notes.get(v.id, ())]
    columns = list(zip(*flat, strict=True)) if flat else [()] * 4
    return pa.table({head: pa.array(c, pa.string()) for head, c in zip(("variant", "note", "who", "written"), columns, strict=True)})


def _fresh(name: str, columns: dict[str, Any]) -> str:
    """Two variants may have one name, columns of a table may not."""
    made, n = name, 2
    while made in columns:
        made, n = f"{name} ({n})", n + 1
    return made


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
