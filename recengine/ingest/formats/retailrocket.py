"""RetailRocket: clicks, carts and sales of a shop, times in milliseconds."""

from recengine.columns import Role
from recengine.ingest.formats.base import KnownFormat
from recengine.ingest.formats.long_rows import newest_properties
from recengine.ingest.formats.tables import KnownTable
from recengine.ingest.raw import RawTable
from recengine.ingest.side.kinds import Field, TableKind
from recengine.ingest.times import TimeFormat

FORMAT = KnownFormat(
    name="retailrocket",
    title="RetailRocket events",
    columns={
        "visitorid": Role.USER,
        "itemid": Role.ITEM,
        "timestamp": Role.TIME,
        "event": Role.BEHAVIOUR,
        "transactionid": Role.BASKET,
    },
    required=("timestamp", "visitorid", "event", "itemid"),
    notes="Times are milliseconds. The transaction id is empty unless the event is a sale. Prices are in another file.",
    time_format=TimeFormat.EPOCH_MS,
)


def _one_row_an_item(raw: RawTable) -> RawTable:
    """The newest value of each property of each item; 790 is the price, written as n277.200, and available is the stock."""
    return newest_properties(
        raw,
        "itemid",
        "property",
        "value",
        "timestamp",
        {"categoryid": "categoryid", "available": "available", "790": "price"},
        numbers=("790",),
    )


TABLES = (
    KnownTable(
        "retailrocket_properties",
        "RetailRocket item properties",
        TableKind.ITEMS,
        {"itemid": Field.ID, "categoryid": Field.CATEGORY, "available": Field.STOCK, "price": Field.PRICE},
        ("timestamp", "itemid", "property", "value"),
        notes="One row a property and week; the newest value counts. Other properties are hashed by the shop and left out.",
        reshape=_one_row_an_item,
    ),
)
