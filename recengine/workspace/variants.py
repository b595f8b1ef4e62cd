"""Trained variants: list, open, rename, delete."""

from __future__ import annotations

import math

from recengine.types import Estimate, VariantRow
from recengine.variants.marks import VariantMarks
from recengine.variants.record import VariantRecord
from recengine.workspace.context import Context
from recengine.workspace.text import iso


class Variants:
    """What was trained in this workspace."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def list(self, dataset: str | None = None) -> list[VariantRow]:
        """Variants, newest first; of one dataset version, or all."""
        names = dataset_names(self._context)
        return [variant_row(record, names) for record in self._context.variants.list(dataset)]

    def get(self, variant: str) -> VariantRow:
        """One variant. Raises NotFound."""
        return variant_row(self._context.variants.info(variant), dataset_names(self._context))

    def rename(self, variant: str, name: str) -> None:
        """Give a variant another display name."""
        self._context.variants.rename(variant, name)
        self._context.forget(variant)

    def delete(self, variant: str) -> None:
        """Remove a variant for good, with what people wrote on it. Raises NotFound."""
        self._context.variants.delete(variant)
        VariantMarks(self._context.policies.database).forget(variant)
        self._context.forget(variant)


def dataset_names(context: Context) -> dict[str, str]:
    """Display name by dataset id."""
    return {info.id: info.name for info in context.datasets.list()}


def variant_row(record: VariantRecord, names: dict[str, str]) -> VariantRow:
    """One variant for people, from its manifest alone: no model is loaded."""
    metrics = {name: _estimate(values) for name, values in record.metrics.items()}
    return VariantRow(
        id=record.id,
        name=record.name,
        model=record.model,
        model_title=str(record.protocol.get("model_title", record.model)),
        dataset=record.dataset_id,
        dataset_name=names.get(record.dataset_id, "deleted dataset"),
        split=record.split_kind,
        protocol=str(record.protocol.get("text", "")),
        created=iso(record.created_s),
        seconds=record.seconds,
        size_bytes=record.bytes,
        device=record.device,
        seed=record.seed,
        config=record.config,
        metrics=metrics,
        model_hash=record.model_hash,
        n_shoppers=int(record.protocol.get("shoppers", 0)),
        weights=record.weights,
        notes=tuple(record.protocol.get("notes", ())),
        swept=bool(record.protocol.get("swept")),
        judged_on=dict(record.protocol.get("judged_on", {})),
    )


def _estimate(values: list[float | None]) -> Estimate:
    value, low, high = (math.nan if v is None else float(v) for v in values[:3])
    return Estimate(value, low, high, int(values[3] or 0))
