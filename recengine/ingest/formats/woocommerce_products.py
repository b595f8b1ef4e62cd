"""WooCommerce product export: one row a product or variation."""

from recengine.ingest.formats.tables import KnownTable
from recengine.ingest.side.kinds import Field, TableKind

TABLES = (
    KnownTable(
        "woocommerce_products",
        "WooCommerce products",
        TableKind.ITEMS,
        {
            "SKU": Field.ID,
            "ID": Field.UNUSED,
            "Name": Field.TITLE,
            "Description": Field.DESCRIPTION,
            "Short description": Field.UNUSED,
            "Categories": Field.CATEGORY,
            "Brands": Field.BRAND,
            "Regular price": Field.PRICE,
            "Stock": Field.STOCK,
            "Images": Field.PICTURE,
        },
        ("SKU", "Name", "Regular price", "Categories"),
        notes="Levels of a category are separated by >, several categories by a comma; the first one counts.",
    ),
)
