"""Our own exported lists: a place of a list a row; what kept spreadsheets from running a cell is taken away again."""

from __future__ import annotations

from dataclasses import replace

from recengine.columns import Behaviour, Role
from recengine.ingest.formats.base import KnownFormat
from recengine.ingest.raw import RawTable
from recengine.ingest.safe_csv import unmarked


def _reshape(raw: RawTable) -> RawTable:
    """Parquet never had marks."""
    return raw if raw.source.kind == "parquet" else replace(raw, cells=unmarked(raw.table))


FORMAT = KnownFormat(
    name="merchlens_lists",
    title="Merchlens lists",
    columns={
        "shopper_id": Role.USER,
        "rank": Role.UNUSED,
        "item_id": Role.ITEM,
        "title": Role.TITLE,
        "score": Role.UNUSED,
        "probability": Role.UNUSED,
    },
    required=("shopper_id", "rank", "item_id", "title"),
    notes="These are lists that were shown or could have been, not what shoppers did: each place counts as an impression.",
    default_behaviour=Behaviour.IMPRESSION,
    exact_names=True,
    reshape=_reshape,
)
