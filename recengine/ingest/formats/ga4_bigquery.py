"""Google Analytics 4 export of BigQuery: one row an item of an event, nested fields under dotted names."""

from recengine.columns import Behaviour, Role
from recengine.ingest.formats.base import KnownFormat
from recengine.ingest.times import TimeFormat

FORMAT = KnownFormat(
    name="ga4_bigquery",
    title="Google Analytics 4, BigQuery export",
    columns={
        "user_id": Role.UNUSED,
        "user_pseudo_id": Role.USER,
        "items.item_id": Role.ITEM,
        "event_timestamp": Role.TIME,
        "event_date": Role.UNUSED,
        "event_name": Role.BEHAVIOUR,
        "items.quantity": Role.QUANTITY,
        "items.price": Role.PRICE,
        "items.item_name": Role.TITLE,
        "items.item_category": Role.CATEGORY,
        "items.item_brand": Role.BRAND,
        "ecommerce.transaction_id": Role.BASKET,
        "device.category": Role.USER_FEATURE,
        "geo.country": Role.USER_FEATURE,
    },
    required=("event_name", "event_timestamp", "user_pseudo_id", "items.item_id"),
    notes="Times are microseconds in UTC; the property's days may lie in another zone. Events without an item are rejected. "
    "The device is the shopper; give an id map to join devices to accounts.",
    behaviours={
        "view_item": Behaviour.VIEW,
        "select_item": Behaviour.VIEW,
        "begin_checkout": Behaviour.CART,
        "view_cart": Behaviour.CART,
        "add_payment_info": Behaviour.CART,
        "add_shipping_info": Behaviour.CART,
        "select_promotion": Behaviour.VIEW,
        "view_promotion": Behaviour.IMPRESSION,
    },
    time_format=TimeFormat.EPOCH_US,
)
