"""UCI Online Retail I and II: invoice lines of a UK gift shop."""

from recengine.columns import Behaviour, Role
from recengine.ingest.formats.base import KnownFormat

# Codes that are no products: postage (POST, DOT, C2), manual entries (M), discounts (D), bank, marketplace and charity fees, bad
# debt (B, ADJUST), samples (S), tests, gift vouchers, and PADS, a zero-price filler line. Codes DCGS… are real goods and stay.
NOT_PRODUCTS = (
    "POST",
    "DOT",
    "C2",
    "C3",
    "M",
    "D",
    "S",
    "B",
    "PADS",
    "CRUK",
    "BANK CHARGES",
    "AMAZONFEE",
    r"ADJUST\d*",
    r"TEST\d+",
    r"gift(_\d+)*",
)

FORMAT = KnownFormat(
    name="uci_online_retail",
    title="UCI Online Retail",
    columns={
        "InvoiceNo": Role.BASKET,
        "Invoice": Role.BASKET,
        "StockCode": Role.ITEM,
        "Description": Role.TITLE,
        "Quantity": Role.QUANTITY,
        "InvoiceDate": Role.TIME,
        "UnitPrice": Role.PRICE,
        "Price": Role.PRICE,
        "CustomerID": Role.USER,
        "Customer ID": Role.USER,
        "Country": Role.USER_FEATURE,
    },
    required=("StockCode", "Quantity", "InvoiceDate", "CustomerID"),
    notes="A cancellation is an invoice that starts with C or a negative quantity. A quarter of the lines name no shopper. "
    "Shopper ids such as 17850.0 come from a spreadsheet and stay as they are.",
    currency="£",
    default_behaviour=Behaviour.PURCHASE,
    cancellation_prefix="C",
    not_products=NOT_PRODUCTS,
)
