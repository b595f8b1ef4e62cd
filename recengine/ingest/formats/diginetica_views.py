"""Diginetica item views: sessions, days and milliseconds since the session began."""

from recengine.columns import Behaviour, Role
from recengine.ingest.formats.base import KnownFormat
from recengine.ingest.times import TimeFormat

FORMAT = KnownFormat(
    name="diginetica_views",
    title="Diginetica item views",
    columns={
        "sessionId": Role.USER,
        "userId": Role.UNUSED,
        "itemId": Role.ITEM,
        "timeframe": Role.UNUSED,
        "eventdate": Role.TIME,
    },
    required=("sessionId", "itemId", "timeframe", "eventdate"),
    notes="A session stands for a shopper, since most rows name none. Times are days; the order within a day is lost.",
    default_behaviour=Behaviour.VIEW,
    time_format=TimeFormat.TEXT,
)
