"""Volcengine (ByteDance) e-commerce: behaviours with goods."""

from recengine.columns import Behaviour, Role
from recengine.ingest.formats.base import KnownFormat
from recengine.ingest.formats.tables import KnownTable
from recengine.ingest.side.kinds import Field, TableKind
from recengine.ingest.times import TimeFormat

FORMAT = KnownFormat(
    name="volcengine",
    title="Volcengine behaviours",
    columns={
        "user_id": Role.USER,
        "goods_id": Role.ITEM,
        "bhv_time": Role.TIME,
        "bhv_type": Role.BEHAVIOUR,
        "spm": Role.UNUSED,
        "scm": Role.UNUSED,
        "scene_name": Role.UNUSED,
        "device_type": Role.USER_FEATURE,
    },
    required=("goods_id", "bhv_type", "bhv_time", "user_id"),
    notes="Times are seconds.",
    behaviours={"stay": Behaviour.VIEW, "detail": Behaviour.VIEW, "add-to-favorites": Behaviour.FAVOURITE},
    time_format=TimeFormat.EPOCH_S,
)
TABLES = (
    KnownTable(
        "volcengine_goods",
        "Volcengine goods",
        TableKind.ITEMS,
        {
            "goods_id": Field.ID,
            "title": Field.TITLE,
            "category": Field.CATEGORY,
            "brand": Field.BRAND,
            "current_price": Field.PRICE,
            "price": Field.PRICE,
            "stock": Field.STOCK,
            "status": Field.UNUSED,
        },
        ("goods_id", "status"),
    ),
    KnownTable(
        "volcengine_users",
        "Volcengine users",
        TableKind.SHOPPERS,
        {"user_id": Field.ID},
        ("user_id", "register_time", "tags"),
        notes="Several tags of one shopper are separated by $##$.",
    ),
)
