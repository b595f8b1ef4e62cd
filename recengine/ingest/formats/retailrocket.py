"""RetailRocket: clicks, carts and sales of a shop, times in milliseconds."""

from recengine.columns import Role
from recengine.ingest.formats.base import KnownFormat
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
