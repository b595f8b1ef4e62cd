"""Diginetica purchases: as the views, with an order number."""

from recengine.columns import Behaviour, Role
from recengine.ingest.formats.base import KnownFormat
from recengine.ingest.times import TimeFormat

FORMAT = KnownFormat(
    name="diginetica_purchases",
    title="Diginetica purchases",
    columns={
        "sessionId": Role.USER,
        "userId": Role.UNUSED,
        "timeframe": Role.UNUSED,
        "eventdate": Role.TIME,
        "ordernumber": Role.BASKET,
        "itemId": Role.ITEM,
    },
    required=("sessionId", "itemId", "timeframe", "eventdate", "ordernumber"),
    notes="A session stands for a shopper, since most rows name none.",
    default_behaviour=Behaviour.PURCHASE,
    time_format=TimeFormat.TEXT,
)
