"""Dressipi 1M (RecSys Challenge 2022): sessions of views, or the purchase that ended each."""

from recengine.columns import Role
from recengine.ingest.formats.base import KnownFormat
from recengine.ingest.times import TimeFormat

FORMAT = KnownFormat(
    name="dressipi",
    title="Dressipi sessions",
    columns={"session_id": Role.USER, "item_id": Role.ITEM, "date": Role.TIME},
    required=("session_id", "item_id", "date"),
    notes="Views and purchases are two files with the same columns: say what a row is. A session stands for a shopper.",
    default_behaviour=None,
    time_format=TimeFormat.TEXT,
)
