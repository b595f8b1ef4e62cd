"""RecBole atomic files: `.inter`, tab-separated, header cells `name:type`."""

from recengine.columns import Role
from recengine.ingest.formats.base import KnownFormat

FORMAT = KnownFormat(
    name="recbole",
    title="RecBole interactions",
    columns={
        "user_id": Role.USER,
        "session_id": Role.USER,
        "item_id": Role.ITEM,
        "timestamp": Role.TIME,
        "rating": Role.RATING,
        "behavior": Role.BEHAVIOUR,
        "event_type": Role.BEHAVIOUR,
        "price": Role.PRICE,
        "quantity": Role.QUANTITY,
        "order_id": Role.BASKET,
        "item_name": Role.TITLE,
        "title": Role.TITLE,
        "category": Role.CATEGORY,
        "brand": Role.BRAND,
    },
    required=("item_id",),
    notes="The type behind the colon of each header cell is not part of the name.",
    default_behaviour=None,
    typed_names=True,
)
