"""Instacart order products: baskets without shoppers; orders are a file of their own."""

from recengine.columns import Behaviour, Role
from recengine.ingest.formats.base import KnownFormat
from recengine.ingest.formats.tables import KnownTable
from recengine.ingest.side.kinds import Field, TableKind

FORMAT = KnownFormat(
    name="instacart",
    title="Instacart order products",
    columns={
        "order_id": Role.USER,
        "user_id": Role.UNUSED,
        "product_id": Role.ITEM,
        "add_to_cart_order": Role.UNUSED,
        "reordered": Role.UNUSED,
    },
    required=("order_id", "product_id", "add_to_cart_order", "reordered"),
    notes="The file names orders, not shoppers: give orders.csv as an id map to join orders to shoppers. There are no dates.",
    default_behaviour=Behaviour.PURCHASE,
)
TABLES = (
    KnownTable(
        "instacart_orders",
        "Instacart orders",
        TableKind.ID_MAP,
        {"order_id": Field.ID, "user_id": Field.ACCOUNT},
        ("order_id", "user_id", "order_dow"),
    ),
    KnownTable(
        "instacart_products",
        "Instacart products",
        TableKind.ITEMS,
        {"product_id": Field.ID, "product_name": Field.TITLE, "aisle_id": Field.UNUSED, "department_id": Field.CATEGORY},
        ("product_id", "product_name", "aisle_id"),
    ),
)
