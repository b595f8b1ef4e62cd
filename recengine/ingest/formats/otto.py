"""OTTO sessions: JSON lines with a session and its events, one row an event under dotted names."""

from recengine.columns import Behaviour, Role
from recengine.ingest.formats.base import KnownFormat
from recengine.ingest.times import TimeFormat

FORMAT = KnownFormat(
    name="otto",
    title="OTTO sessions",
    columns={"session": Role.USER, "events.aid": Role.ITEM, "events.ts": Role.TIME, "events.type": Role.BEHAVIOUR},
    required=("session", "events.aid", "events.ts", "events.type"),
    notes="A session stands for a shopper. Times are milliseconds. There is nothing about the items but their ids.",
    behaviours={"clicks": Behaviour.VIEW, "carts": Behaviour.CART, "orders": Behaviour.PURCHASE},
    time_format=TimeFormat.EPOCH_MS,
)
