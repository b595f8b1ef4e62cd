"""Algolia Insights as JSON: one row an object of an event."""

from recengine.columns import Role
from recengine.ingest.formats.base import KnownFormat
from recengine.ingest.formats.exploded import exploded
from recengine.ingest.raw import RawTable


def _one_row_an_object(raw: RawTable) -> RawTable:
    return exploded(raw, "objectIDs")


FORMAT = KnownFormat(
    name="algolia_insights",
    title="Algolia Insights events",
    columns={
        "authenticatedUserToken": Role.UNUSED,
        "userToken": Role.USER,
        "objectIDs": Role.ITEM,
        "timestamp": Role.TIME,
        "eventSubtype": Role.UNUSED,
        "eventType": Role.BEHAVIOUR,
        "eventName": Role.UNUSED,
        "index": Role.UNUSED,
        "queryID": Role.UNUSED,
        "positions": Role.UNUSED,
    },
    required=("eventType", "userToken", "objectIDs"),
    notes="An event may name up to twenty objects; each is a row of its own. Times are milliseconds, in some exports seconds.",
    exact_names=True,
    reshape=_one_row_an_object,
)
