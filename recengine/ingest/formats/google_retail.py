"""Google Cloud Retail (Vertex AI Search for commerce) user events: one row a product of an event, under dotted names."""

from recengine.columns import Behaviour, Role
from recengine.ingest.formats.base import KnownFormat
from recengine.ingest.times import TimeFormat

FORMAT = KnownFormat(
    name="google_retail",
    title="Google Retail user events",
    columns={
        "visitorId": Role.USER,
        "productDetails.product.id": Role.ITEM,
        "eventTime": Role.TIME,
        "eventType": Role.BEHAVIOUR,
        "productDetails.quantity": Role.QUANTITY,
        "purchaseTransaction.id": Role.BASKET,
        "purchaseTransaction.revenue": Role.UNUSED,
        "purchaseTransaction.currencyCode": Role.UNUSED,
        "searchQuery": Role.UNUSED,
        "pageCategories": Role.CATEGORY,
    },
    required=("eventType", "visitorId", "eventTime"),
    notes="Pages and searches without a product are rejected, since they name no item. The revenue is of the whole basket and not read.",
    behaviours={"shopping-cart-page-view": Behaviour.CART, "promotion-not-offered": Behaviour.OTHER},
    time_format=TimeFormat.TEXT,
)
