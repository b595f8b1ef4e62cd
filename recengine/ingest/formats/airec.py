"""Alibaba Cloud AIRec, e-commerce: behaviours of shoppers with items."""

from recengine.columns import Behaviour, Role
from recengine.ingest.formats.base import KnownFormat
from recengine.ingest.formats.tables import KnownTable
from recengine.ingest.side.kinds import Field, TableKind
from recengine.ingest.times import TimeFormat

FORMAT = KnownFormat(
    name="airec",
    title="Alibaba AIRec behaviours",
    columns={
        "user_id": Role.USER,
        "imei": Role.USER,
        "item_id": Role.ITEM,
        "bhv_time": Role.TIME,
        "bhv_type": Role.BEHAVIOUR,
        "item_type": Role.UNUSED,
        "trace_id": Role.UNUSED,
        "trace_info": Role.UNUSED,
        "scene_id": Role.UNUSED,
        "bhv_value": Role.UNUSED,
        "platform": Role.USER_FEATURE,
    },
    required=("item_id", "bhv_type", "bhv_time", "item_type"),
    notes="Times are seconds. Being shown is an impression, staying on a page counts as a view.",
    behaviours={"stay": Behaviour.VIEW, "consume": Behaviour.PURCHASE, "uncollect": Behaviour.REMOVE, "follow": Behaviour.FAVOURITE},
    time_format=TimeFormat.EPOCH_S,
)
TABLES = (
    KnownTable(
        "airec_items",
        "Alibaba AIRec items",
        TableKind.ITEMS,
        {
            "item_id": Field.ID,
            "title": Field.TITLE,
            "category_path": Field.CATEGORY,
            "category": Field.CATEGORY,
            "brand_id": Field.BRAND,
            "price": Field.PRICE,
            "image": Field.PICTURE,
            "content": Field.DESCRIPTION,
            "status": Field.UNUSED,
            "scene_id": Field.UNUSED,
        },
        ("item_id", "item_type", "status"),
    ),
)
