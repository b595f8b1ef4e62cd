"""Alibaba PAI-Rec demo tables: shoppers with their attributes."""

from recengine.ingest.formats.tables import KnownTable
from recengine.ingest.side.kinds import Field, TableKind

TABLES = (
    KnownTable(
        "pai_rec_users",
        "PAI-Rec users",
        TableKind.SHOPPERS,
        {"user_id": Field.ID, "ds": Field.UNUSED},
        ("user_id", "item_cnt", "follow_cnt", "follower_cnt"),
        notes="The partition ds is not read.",
    ),
)
