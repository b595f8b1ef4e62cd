"""Our own demo store: every column that the engine can use."""

from recengine.columns import Role
from recengine.ingest.formats.base import KnownFormat

FORMAT = KnownFormat(
    name="merchlens",
    title="Merchlens events",
    columns={
        "user_id": Role.USER,
        "item_id": Role.ITEM,
        "behaviour": Role.BEHAVIOUR,
        "timestamp": Role.TIME,
        "quantity": Role.QUANTITY,
        "price": Role.PRICE,
        "basket_id": Role.BASKET,
        "title": Role.TITLE,
        "category": Role.CATEGORY,
        "brand": Role.BRAND,
        "device": Role.USER_FEATURE,
    },
    required=("user_id", "item_id", "behaviour", "timestamp", "basket_id", "device"),
    exact_names=True,
)
