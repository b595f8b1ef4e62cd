"""Shopify orders: one row a line item; cells of the order stand in its first row only."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from recengine.columns import Behaviour, Role
from recengine.ingest.formats.base import KnownFormat
from recengine.ingest.formats.filled import blank_cells, filled_down
from recengine.ingest.raw import RawTable
from recengine.ingest.times import TimeFormat

STATUS, CANCELLED_AT = "Financial Status", "Cancelled at"


def _reshape(raw: RawTable) -> RawTable:
    """Every row gets the cells of its order; an order with a cancellation time has the status cancelled."""
    order_level = [name for name in raw.names if name != "Name" and not name.startswith("Lineitem")]
    raw = filled_down(raw, "Name", order_level)
    if STATUS not in raw.names or CANCELLED_AT not in raw.names:
        return raw
    dropped = pc.invert(blank_cells(raw.column(CANCELLED_AT)))
    status = pc.if_else(dropped, pa.scalar("cancelled"), raw.column(STATUS))
    return replace(raw, cells=raw.table.set_column(raw.names.index(STATUS), STATUS, status))


FORMAT = KnownFormat(
    name="shopify_orders",
    title="Shopify orders",
    columns={
        "Email": Role.USER,
        "Lineitem sku": Role.ITEM,
        "Lineitem name": Role.TITLE,
        "Lineitem quantity": Role.QUANTITY,
        "Lineitem price": Role.PRICE,
        "Created at": Role.TIME,
        "Paid at": Role.UNUSED,
        "Name": Role.BASKET,
        "Vendor": Role.BRAND,
        "Financial Status": Role.BEHAVIOUR,
        "Shipping Country": Role.USER_FEATURE,
        "Lineitem requires shipping": Role.UNUSED,
    },
    required=("Name", "Email", "Created at", "Lineitem name", "Lineitem quantity"),
    notes="Cells of an order stand in its first row only and are filled down. Cancelled and refunded orders count as returns. "
    "E-mail addresses name the shoppers: hash that column.",
    behaviours={
        "paid": Behaviour.PURCHASE,
        "pending": Behaviour.PURCHASE,
        "authorized": Behaviour.PURCHASE,
        "partially_paid": Behaviour.PURCHASE,
        "partially_refunded": Behaviour.PURCHASE,
        "refunded": Behaviour.RETURN,
        "voided": Behaviour.RETURN,
    },
    time_format=TimeFormat.TEXT,
    reshape=_reshape,
)
