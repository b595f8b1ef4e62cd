"""REES46 Open CDP: views, carts and purchases of multi-category and cosmetics shops."""

from recengine.columns import Role
from recengine.ingest.formats.base import KnownFormat
from recengine.ingest.times import TimeFormat

FORMAT = KnownFormat(
    name="rees46",
    title="REES46 Open CDP",
    columns={
        "user_id": Role.USER,
        "product_id": Role.ITEM,
        "event_time": Role.TIME,
        "event_type": Role.BEHAVIOUR,
        "price": Role.PRICE,
        "category_code": Role.CATEGORY,
        "category_id": Role.CATEGORY,
        "brand": Role.BRAND,
        "user_session": Role.BASKET,
    },
    required=("event_time", "event_type", "product_id", "user_id"),
    notes="Times end in UTC. Category and brand are often empty. What one session bought counts as one basket.",
    time_format=TimeFormat.TEXT,
)
