"""WooCommerce order export: one row a line item, cells of the order possibly in its first row only."""

from __future__ import annotations

from recengine.columns import Behaviour, Role
from recengine.ingest.formats.base import KnownFormat
from recengine.ingest.formats.filled import filled_down
from recengine.ingest.raw import RawTable

ITEM_LEVEL = ("sku", "item", "quantity", "product", "coupon", "line")


def _reshape(raw: RawTable) -> RawTable:
    order_level = [name for name in raw.names if name != "Order Number" and not name.casefold().startswith(ITEM_LEVEL)]
    return filled_down(raw, "Order Number", order_level)


FORMAT = KnownFormat(
    name="woocommerce_orders",
    title="WooCommerce orders",
    columns={
        "Customer User ID": Role.USER,
        "Email (Billing)": Role.USER,
        "Customer ID": Role.USER,
        "SKU": Role.ITEM,
        "Product Id": Role.ITEM,
        "Item Name": Role.TITLE,
        "Quantity": Role.QUANTITY,
        "Quantity (- Refund)": Role.QUANTITY,
        "Item Cost": Role.PRICE,
        "Order Date": Role.TIME,
        "Order Number": Role.BASKET,
        "Order Status": Role.BEHAVIOUR,
        "Category": Role.CATEGORY,
        "Country Code (Billing)": Role.USER_FEATURE,
    },
    required=("Order Number", "Order Status", "Order Date", "Item Name"),
    notes="Cancelled, failed and refunded orders count as returns.",
    behaviours={
        "completed": Behaviour.PURCHASE,
        "processing": Behaviour.PURCHASE,
        "on hold": Behaviour.PURCHASE,
        "pending payment": Behaviour.PURCHASE,
        "failed": Behaviour.RETURN,
    },
    reshape=_reshape,
)
