"""Magento (Adobe Commerce) order items: `sales_order_item` joined with its order."""

from recengine.columns import Behaviour, Role
from recengine.ingest.formats.base import KnownFormat

FORMAT = KnownFormat(
    name="magento_orders",
    title="Magento order items",
    columns={
        "customer_id": Role.USER,
        "customer_email": Role.USER,
        "sku": Role.ITEM,
        "product_id": Role.ITEM,
        "name": Role.TITLE,
        "qty_ordered": Role.QUANTITY,
        "price": Role.PRICE,
        "created_at": Role.TIME,
        "increment_id": Role.BASKET,
        "order_id": Role.BASKET,
        "status": Role.BEHAVIOUR,
        "store_id": Role.USER_FEATURE,
    },
    required=("increment_id", "sku", "qty_ordered", "created_at"),
    notes="Times are UTC. Canceled and closed orders count as returns. Guests have no customer id; their rows are rejected.",
    behaviours={
        "complete": Behaviour.PURCHASE,
        "processing": Behaviour.PURCHASE,
        "pending": Behaviour.PURCHASE,
        "holded": Behaviour.PURCHASE,
        "closed": Behaviour.RETURN,
    },
)
