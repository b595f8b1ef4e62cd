"""Gorse feedback: type, user, item, value and time."""

from recengine.columns import Role
from recengine.ingest.formats.base import KnownFormat
from recengine.ingest.formats.tables import KnownTable
from recengine.ingest.side.kinds import Field, TableKind
from recengine.ingest.times import TimeFormat

FORMAT = KnownFormat(
    name="gorse",
    title="Gorse feedback",
    columns={
        "UserId": Role.USER,
        "ItemId": Role.ITEM,
        "Timestamp": Role.TIME,
        "FeedbackType": Role.BEHAVIOUR,
        "Value": Role.UNUSED,
        "Comment": Role.UNUSED,
    },
    required=("FeedbackType", "UserId", "ItemId"),
    notes="The value has no fixed meaning and is not read.",
    time_format=TimeFormat.TEXT,
)
TABLES = (
    KnownTable(
        "gorse_items",
        "Gorse items",
        TableKind.ITEMS,
        {"ItemId": Field.ID, "Categories": Field.CATEGORY, "Comment": Field.TITLE},
        ("ItemId", "IsHidden", "Categories"),
    ),
    KnownTable("gorse_users", "Gorse users", TableKind.SHOPPERS, {"UserId": Field.ID}, ("UserId", "Labels")),
)
