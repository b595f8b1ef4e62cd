"""Metarank interactions: one row an interaction; times are texts of milliseconds."""

from recengine.columns import Role
from recengine.ingest.formats.base import KnownFormat
from recengine.ingest.times import TimeFormat

FORMAT = KnownFormat(
    name="metarank",
    title="Metarank events",
    columns={
        "user": Role.USER,
        "item": Role.ITEM,
        "timestamp": Role.TIME,
        "type": Role.BEHAVIOUR,
        "session": Role.BASKET,
        "event": Role.UNUSED,
        "id": Role.UNUSED,
        "ranking": Role.UNUSED,
    },
    required=("event", "timestamp", "user", "item", "type"),
    notes="Interactions are read; item and user events of the same stream have no shopper or no item and are rejected with that reason.",
    time_format=TimeFormat.EPOCH_MS,
    exact_names=True,
)
