"""Amazon reviews of 2014 and 2018: stars of a reviewer for an item."""

from recengine.columns import Behaviour, Role
from recengine.ingest.formats.base import KnownFormat
from recengine.ingest.formats.tables import KnownTable
from recengine.ingest.side.kinds import Field, TableKind
from recengine.ingest.times import TimeFormat

NAMES = {"reviewerID": Role.USER, "asin": Role.ITEM, "unixReviewTime": Role.TIME, "overall": Role.RATING}

FORMAT = KnownFormat(
    name="amazon_reviews",
    title="Amazon reviews",
    columns={**NAMES, "reviewText": Role.UNUSED, "summary": Role.UNUSED, "reviewTime": Role.UNUSED, "reviewerName": Role.UNUSED},
    required=("reviewerID", "asin", "overall"),
    notes="One review is a rating. Add the same file once more as reviews to keep its texts. Times are days.",
    default_behaviour=Behaviour.RATING,
    time_format=TimeFormat.EPOCH_S,
)
TABLES = (
    KnownTable(
        "amazon_review_texts",
        "Amazon review texts",
        TableKind.REVIEWS,
        {"asin": Field.ITEM, "reviewerID": Field.SHOPPER, "reviewText": Field.TEXT, "overall": Field.RATING, "unixReviewTime": Field.TIME},
        ("reviewerID", "asin", "reviewText"),
    ),
    KnownTable(
        "amazon_items",
        "Amazon item data",
        TableKind.ITEMS,
        {
            "asin": Field.ID,
            "parent_asin": Field.ID,
            "title": Field.TITLE,
            "description": Field.DESCRIPTION,
            "categories": Field.CATEGORY,
            "main_category": Field.CATEGORY,
            "main_cat": Field.CATEGORY,
            "brand": Field.BRAND,
            "store": Field.BRAND,
            "price": Field.PRICE,
            "imUrl": Field.PICTURE,
        },
        ("asin", "title", "description"),
    ),
)
