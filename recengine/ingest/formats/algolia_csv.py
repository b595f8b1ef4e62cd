"""Algolia events as CSV: five exact column names."""

from recengine.columns import Role
from recengine.ingest.formats.base import KnownFormat
from recengine.ingest.times import TimeFormat

FORMAT = KnownFormat(
    name="algolia_csv",
    title="Algolia events, CSV",
    columns={
        "userToken": Role.USER,
        "objectID": Role.ITEM,
        "timestamp": Role.TIME,
        "eventType": Role.BEHAVIOUR,
        "eventName": Role.UNUSED,
    },
    required=("userToken", "timestamp", "objectID", "eventType", "eventName"),
    notes="The event type tells what happened; the event name is the shop's own word and not read.",
    time_format=TimeFormat.TEXT,
    exact_names=True,
)
