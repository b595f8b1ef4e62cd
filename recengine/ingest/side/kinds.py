"""What a file beside the event log may be, and what its columns may mean."""

from __future__ import annotations

from enum import StrEnum


class TableKind(StrEnum):
    """What one row of a file is about."""

    EVENTS = "events"
    ITEMS = "items"
    SHOPPERS = "shoppers"
    REVIEWS = "reviews"
    SEARCHES = "searches"
    ID_MAP = "id_map"
    CAMPAIGNS = "campaigns"
    FAQ = "faq"


class Field(StrEnum):
    """What one column of a file beside the event log means."""

    ID = "id"  # of the item, shopper or device that the row is about
    TITLE = "title"
    DESCRIPTION = "description"
    CATEGORY = "category"
    BRAND = "brand"
    PRICE = "price"
    STOCK = "stock"
    PICTURE = "picture"
    ITEM = "item"
    SHOPPER = "shopper"
    TEXT = "text"
    RATING = "rating"
    TIME = "time"
    QUERY = "query"
    RESULTS = "results"
    ACCOUNT = "account"
    NAME = "name"
    START = "start"
    END = "end"
    QUESTION = "question"
    ANSWER = "answer"
    ATTRIBUTE = "attribute"  # kept under the column's own name
    UNUSED = "unused"


SEVERAL = frozenset({Field.ATTRIBUTE, Field.UNUSED, Field.CATEGORY})  # may stand at several columns; categories make a path
NEEDED: dict[TableKind, tuple[Field, ...]] = {
    TableKind.ITEMS: (Field.ID,),
    TableKind.SHOPPERS: (Field.ID,),
    TableKind.REVIEWS: (Field.ITEM, Field.TEXT),
    TableKind.SEARCHES: (Field.QUERY,),
    TableKind.ID_MAP: (Field.ID, Field.ACCOUNT),
    TableKind.CAMPAIGNS: (Field.NAME,),
    TableKind.FAQ: (Field.QUESTION, Field.ANSWER),
}
FIELDS: dict[TableKind, tuple[Field, ...]] = {
    TableKind.ITEMS: (
        Field.ID,
        Field.TITLE,
        Field.DESCRIPTION,
        Field.CATEGORY,
        Field.BRAND,
        Field.PRICE,
        Field.STOCK,
        Field.PICTURE,
        Field.ATTRIBUTE,
    ),
    TableKind.SHOPPERS: (Field.ID, Field.ATTRIBUTE),
    TableKind.REVIEWS: (Field.ITEM, Field.SHOPPER, Field.TEXT, Field.TITLE, Field.RATING, Field.TIME),
    TableKind.SEARCHES: (Field.QUERY, Field.SHOPPER, Field.TIME, Field.RESULTS, Field.ITEM),
    TableKind.ID_MAP: (Field.ID, Field.ACCOUNT),
    TableKind.CAMPAIGNS: (Field.NAME, Field.START, Field.END, Field.ITEM, Field.CATEGORY, Field.ATTRIBUTE),
    TableKind.FAQ: (Field.QUESTION, Field.ANSWER, Field.CATEGORY),
}
JOINED_BY: dict[TableKind, tuple[tuple[Field, str], ...]] = {  # field → ids of the event log that it names
    TableKind.ITEMS: ((Field.ID, "item"),),
    TableKind.SHOPPERS: ((Field.ID, "shopper"),),
    TableKind.REVIEWS: ((Field.ITEM, "item"), (Field.SHOPPER, "shopper")),
    TableKind.SEARCHES: ((Field.SHOPPER, "shopper"), (Field.ITEM, "item")),
    TableKind.ID_MAP: ((Field.ID, "shopper"),),
    TableKind.CAMPAIGNS: ((Field.ITEM, "item"),),
    TableKind.FAQ: (),
}
