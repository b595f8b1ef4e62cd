"""Amazon Personalize interactions: upper-case names, times in seconds."""

from recengine.columns import Role
from recengine.ingest.formats.base import KnownFormat
from recengine.ingest.formats.tables import KnownTable
from recengine.ingest.side.kinds import Field, TableKind
from recengine.ingest.times import TimeFormat

FORMAT = KnownFormat(
    name="personalize",
    title="Amazon Personalize interactions",
    columns={
        "USER_ID": Role.USER,
        "ITEM_ID": Role.ITEM,
        "TIMESTAMP": Role.TIME,
        "EVENT_TYPE": Role.BEHAVIOUR,
        "EVENT_VALUE": Role.UNUSED,
        "IMPRESSION": Role.UNUSED,
        "RECOMMENDATION_ID": Role.UNUSED,
        "DEVICE": Role.USER_FEATURE,
        "LOCATION": Role.USER_FEATURE,
    },
    required=("USER_ID", "ITEM_ID", "TIMESTAMP"),
    notes="The event value has no fixed meaning and is not read.",
    default_behaviour=None,
    time_format=TimeFormat.EPOCH_S,
    exact_names=True,
)
TABLES = (
    KnownTable(
        "personalize_items",
        "Amazon Personalize items",
        TableKind.ITEMS,
        {
            "ITEM_ID": Field.ID,
            "ITEM_NAME": Field.TITLE,
            "TITLE": Field.TITLE,
            "CATEGORY_L1": Field.CATEGORY,
            "CATEGORY_L2": Field.CATEGORY,
            "CATEGORY_L3": Field.CATEGORY,
            "PRICE": Field.PRICE,
            "PRODUCT_DESCRIPTION": Field.DESCRIPTION,
            "CREATION_TIMESTAMP": Field.ATTRIBUTE,
        },
        ("ITEM_ID", "PRICE", "CATEGORY_L1"),
        notes="Several categories of one item are separated by |.",
    ),
)
