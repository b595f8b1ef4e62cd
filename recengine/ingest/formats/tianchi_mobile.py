"""Tianchi mobile recommendation: numbers for behaviours, whole hours."""

from recengine.columns import Behaviour, Role
from recengine.ingest.formats.base import KnownFormat
from recengine.ingest.times import TimeFormat

FORMAT = KnownFormat(
    name="tianchi_mobile",
    title="Tianchi mobile recommendation",
    columns={
        "user_id": Role.USER,
        "item_id": Role.ITEM,
        "behavior_type": Role.BEHAVIOUR,
        "user_geohash": Role.USER_FEATURE,
        "item_category": Role.CATEGORY,
        "time": Role.TIME,
    },
    required=("user_id", "item_id", "behavior_type", "user_geohash", "time"),
    notes="Times are whole hours.",
    behaviours={"1": Behaviour.VIEW, "2": Behaviour.FAVOURITE, "3": Behaviour.CART, "4": Behaviour.PURCHASE},
    time_format=TimeFormat.TEXT,
)
