"""Dressipi item features: one row a feature of an item."""

from recengine.ingest.formats.tables import KnownTable
from recengine.ingest.side.kinds import Field, TableKind

TABLES = (
    KnownTable(
        "dressipi_features",
        "Dressipi item features",
        TableKind.ITEMS,
        {"item_id": Field.ID, "feature_category_id": Field.UNUSED, "feature_value_id": Field.ATTRIBUTE},
        ("item_id", "feature_category_id", "feature_value_id"),
        notes="Features have no names; the first one of an item is kept.",
    ),
)
