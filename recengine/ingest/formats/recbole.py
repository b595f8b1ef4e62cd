"""RecBole atomic files: `.inter`, tab-separated, header cells `name:type`."""

from recengine.columns import Role
from recengine.ingest.formats.base import KnownFormat
from recengine.ingest.formats.tables import KnownTable
from recengine.ingest.side.kinds import Field, TableKind

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
TABLES = (
    KnownTable(
        "recbole_items",
        "RecBole items",
        TableKind.ITEMS,
        {
            "item_id": Field.ID,
            "title": Field.TITLE,
            "item_name": Field.TITLE,
            "movie_title": Field.TITLE,
            "description": Field.DESCRIPTION,
            "category": Field.CATEGORY,
            "categories": Field.CATEGORY,
            "class": Field.CATEGORY,
            "brand": Field.BRAND,
            "price": Field.PRICE,
        },
        ("item_id",),
        typed_names=True,
    ),
    KnownTable("recbole_users", "RecBole users", TableKind.SHOPPERS, {"user_id": Field.ID}, ("user_id",), typed_names=True),
)
