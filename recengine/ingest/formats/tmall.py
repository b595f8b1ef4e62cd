"""Tmall user log (repeat buyers): numbers for actions, days without a year."""

from recengine.columns import Behaviour, Role
from recengine.ingest.formats.base import KnownFormat
from recengine.ingest.times import TimeFormat

FORMAT = KnownFormat(
    name="tmall",
    title="Tmall user log",
    columns={
        "user_id": Role.USER,
        "item_id": Role.ITEM,
        "cat_id": Role.CATEGORY,
        "seller_id": Role.UNUSED,
        "brand_id": Role.BRAND,
        "time_stamp": Role.TIME,
        "action_type": Role.BEHAVIOUR,
    },
    required=("user_id", "item_id", "time_stamp", "action_type", "seller_id"),
    notes="Days have no year and count as days of 2014. The file is not in the order of time.",
    behaviours={"0": Behaviour.VIEW, "1": Behaviour.CART, "2": Behaviour.PURCHASE, "3": Behaviour.FAVOURITE},
    time_format=TimeFormat.MMDD,
)
