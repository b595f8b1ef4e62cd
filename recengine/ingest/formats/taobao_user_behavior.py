"""Taobao UserBehavior: no header; shopper, item, category, behaviour, second."""

from recengine.columns import Behaviour, Role
from recengine.ingest.formats.base import KnownFormat, digits
from recengine.ingest.times import TimeFormat

WORDS = {"pv": Behaviour.VIEW, "cart": Behaviour.CART, "fav": Behaviour.FAVOURITE, "buy": Behaviour.PURCHASE}


def _recognise(rows: list[list[str]], delimiter: str) -> float:
    fitting = [
        row
        for row in rows
        if len(row) == 5 and row[3] in WORDS and digits([row[0], row[1], row[2], row[4].lstrip("-")]) and len(row[4]) in (9, 10)
    ]
    share = len(fitting) / max(len(rows), 1)
    return round(0.98 * share, 2) if delimiter == "," and share >= 0.9 else 0.0


FORMAT = KnownFormat(
    name="taobao_user_behavior",
    title="Taobao UserBehavior",
    columns={},
    required=(),
    notes="The file has no header. A few lines of the public copy lie years outside its nine days.",
    behaviours=WORDS,
    time_format=TimeFormat.EPOCH_S,
    order=(Role.USER, Role.ITEM, Role.CATEGORY, Role.BEHAVIOUR, Role.TIME),
    recognise_rows=_recognise,
)
