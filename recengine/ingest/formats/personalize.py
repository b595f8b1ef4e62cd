"""Amazon Personalize interactions: upper-case names, times in seconds."""

from recengine.columns import Role
from recengine.ingest.formats.base import KnownFormat
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
