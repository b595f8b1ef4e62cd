"""Amazon reviews of 2023: other names, milliseconds."""

from recengine.columns import Behaviour, Role
from recengine.ingest.formats.base import KnownFormat
from recengine.ingest.times import TimeFormat

FORMAT = KnownFormat(
    name="amazon_reviews_2023",
    title="Amazon reviews 2023",
    columns={
        "user_id": Role.USER,
        "parent_asin": Role.ITEM,
        "asin": Role.ITEM,
        "timestamp": Role.TIME,
        "rating": Role.RATING,
        "title": Role.UNUSED,
        "text": Role.UNUSED,
        "helpful_vote": Role.UNUSED,
        "verified_purchase": Role.UNUSED,
    },
    required=("user_id", "parent_asin", "rating", "timestamp"),
    notes="Items are named by their parent, so that colours and sizes are one item. The title is of the review. Times are milliseconds.",
    default_behaviour=Behaviour.RATING,
    time_format=TimeFormat.EPOCH_MS,
)
