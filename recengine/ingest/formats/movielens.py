"""MovieLens ratings: ratings.csv with a header, ratings.dat with `::`, u.data with tabs."""

from recengine.columns import Behaviour, Role
from recengine.ingest.formats.base import KnownFormat, digits
from recengine.ingest.formats.tables import KnownTable
from recengine.ingest.side.kinds import Field, TableKind
from recengine.ingest.times import TimeFormat

STARS = {"0.5", "1", "1.0", "1.5", "2", "2.0", "2.5", "3", "3.0", "3.5", "4", "4.0", "4.5", "5", "5.0"}


def _recognise(rows: list[list[str]], delimiter: str) -> float:
    fitting = [row for row in rows if len(row) == 4 and row[2] in STARS and digits([row[0], row[1], row[3]]) and len(row[3]) in (9, 10)]
    sure = {"::": 0.98, "\t": 0.9}.get(delimiter, 0.0)
    share = len(fitting) / max(len(rows), 1)
    return round(sure * share, 2) if share >= 0.9 else 0.0


FORMAT = KnownFormat(
    name="movielens",
    title="MovieLens ratings",
    columns={"userId": Role.USER, "movieId": Role.ITEM, "rating": Role.RATING, "timestamp": Role.TIME},
    required=("userId", "movieId", "rating"),
    notes="Stars from 0.5 to 5. Titles and genres are in another file.",
    default_behaviour=Behaviour.RATING,
    time_format=TimeFormat.EPOCH_S,
    order=(Role.USER, Role.ITEM, Role.RATING, Role.TIME),
    recognise_rows=_recognise,
)
TABLES = (
    KnownTable(
        "movielens_movies",
        "MovieLens movies",
        TableKind.ITEMS,
        {"movieId": Field.ID, "title": Field.TITLE, "genres": Field.CATEGORY},
        ("movieId", "title", "genres"),
        notes="Several genres of one movie are separated by |.",
    ),
)
