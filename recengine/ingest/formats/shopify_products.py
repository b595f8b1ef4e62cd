"""Shopify products: one row a variant or picture, cells of the product in its first row only."""

from __future__ import annotations

from recengine.ingest.formats.filled import filled_down
from recengine.ingest.formats.tables import KnownTable
from recengine.ingest.raw import RawTable
from recengine.ingest.side.kinds import Field, TableKind

PRODUCT_LEVEL = ("Title", "Body (HTML)", "Description", "Vendor", "Product Category", "Product category", "Type", "Tags", "Published")
COLUMNS = {
    "Variant SKU": Field.ID,
    "SKU": Field.ID,
    "Title": Field.TITLE,
    "Body (HTML)": Field.DESCRIPTION,
    "Description": Field.DESCRIPTION,
    "Vendor": Field.BRAND,
    "Product Category": Field.CATEGORY,
    "Variant Price": Field.PRICE,
    "Price": Field.PRICE,
    "Variant Inventory Qty": Field.STOCK,
    "Inventory quantity": Field.STOCK,
    "Image Src": Field.PICTURE,
    "Product image URL": Field.PICTURE,
    "Type": Field.ATTRIBUTE,
    "Tags": Field.ATTRIBUTE,
}
NOTES = "Variants of a product are items of their own, named by their code. Rows that only add a picture have no code and are left out."


def _old(raw: RawTable) -> RawTable:
    return filled_down(raw, "Handle", [*PRODUCT_LEVEL, "Image Src"])


def _new(raw: RawTable) -> RawTable:
    return filled_down(raw, "URL handle", [*PRODUCT_LEVEL, "Product image URL"])


TABLES = (
    KnownTable(
        "shopify_products", "Shopify products", TableKind.ITEMS, COLUMNS, ("Handle", "Title", "Vendor", "Variant SKU"), NOTES, reshape=_old
    ),
    KnownTable(
        "shopify_products_new", "Shopify products", TableKind.ITEMS, COLUMNS, ("URL handle", "Title", "Vendor", "SKU"), NOTES, reshape=_new
    ),
)
