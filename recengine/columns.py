"""The only place where a column of a stored table, a role or a behaviour is spelled."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What a column of an uploaded file means."""

    USER = "user"
    ITEM = "item"
    TIME = "time"
    BEHAVIOUR = "behaviour"
    QUANTITY = "quantity"
    PRICE = "price"
    RATING = "rating"
    BASKET = "basket"
    TITLE = "title"
    CATEGORY = "category"
    BRAND = "brand"
    USER_FEATURE = "user_feature"
    UNUSED = "unused"


class Behaviour(StrEnum):
    """What a shopper did. The order is the stored code (int8) and must never change; add at the end."""

    VIEW = "view"
    CART = "cart"
    FAVOURITE = "favourite"
    PURCHASE = "purchase"
    RATING = "rating"
    SHARE = "share"
    SEARCH = "search"
    IMPRESSION = "impression"
    REMOVE = "remove"
    RETURN = "return"
    OTHER = "other"
    DISLIKE = "dislike"


BEHAVIOURS: tuple[Behaviour, ...] = tuple(Behaviour)
BEHAVIOUR_CODE: dict[str, int] = {b.value: code for code, b in enumerate(BEHAVIOURS)}

# Default strength of one event as evidence of interest; a purchase is 1. Below 0 it tells of no interest, see `data.standing`.
BEHAVIOUR_WEIGHT: dict[Behaviour, float] = {
    Behaviour.VIEW: 0.3,
    Behaviour.CART: 0.6,
    Behaviour.FAVOURITE: 0.6,
    Behaviour.PURCHASE: 1.0,
    Behaviour.RATING: 1.0,
    Behaviour.SHARE: 0.6,
    Behaviour.SEARCH: 0.0,
    Behaviour.IMPRESSION: 0.0,
    Behaviour.REMOVE: 0.0,
    Behaviour.RETURN: 0.0,
    Behaviour.OTHER: 0.3,
    Behaviour.DISLIKE: -0.5,
}

# The only definition of a sign of interest or of its contrary: what a shopper did with the item itself. To be shown an item, to search and
# to take something out of a cart again is none; a return is, since it tells that the shopper had the item. What a shopper "has", how long a
# history is, how popular an item is and since when it does not sell all count signs alone. How strong one is, BEHAVIOUR_WEIGHT says.
NO_SIGN: frozenset[Behaviour] = frozenset({Behaviour.IMPRESSION, Behaviour.SEARCH, Behaviour.REMOVE})


class Event:
    """Columns of `events.parquet`, one row an accepted event, sorted by user_code, time_s, item_code, behaviour."""

    USER = "user_code"  # int32, row of users.parquet
    ITEM = "item_code"  # int32, row of items.parquet
    BEHAVIOUR = "behaviour"  # int8, index into BEHAVIOURS
    TIME = "time_s"  # int64, seconds since 1970-01-01 UTC
    QUANTITY = "quantity"  # float32, NaN where the file has none
    PRICE = "price"  # float32 a piece, NaN where the file has none
    RATING = "rating"  # float32, NaN where the file has none
    BASKET = "basket_id"  # dictionary-encoded text, null where the file has none


class Item:
    """Columns of `items.parquet`, one row an item, sorted by item_id (the row number is the item code)."""

    ID = "item_id"
    TITLE = "title"  # most frequent non-empty title, as in the file; "" where there is none
    CATEGORY = "category"
    BRAND = "brand"
    PRICE = "price"  # float32, median of the accepted events, NaN where there is none
    SELLABLE = "sellable"  # bool: False for postage, fees and other codes that are no products


class User:
    """Columns of `users.parquet`, one row a shopper, sorted by user_id (the row number is the user code)."""

    ID = "user_id"
    FEATURE = "feature"  # most frequent value of the USER_FEATURE column, "" where there is none


class Reject:
    """Columns of `rejects.parquet`: one row a physical row that was not accepted."""

    FILE = "file"  # name of the file the row stands in
    LINE = "line"  # int64, first physical line of the row in the file; the first line is 1
    OFFSET = "offset"  # int64, bytes before that line in the unpacked file; -1 where rows have no place of their own (Parquet, Excel)
    COLUMN = "column"  # the file's own column name, "" for the whole row
    VALUE = "value"  # as read, cut at 200 characters
    REASON = "reason"  # a sentence fragment: "no shopper id", "time not understood"
    KIND = "kind"  # "rejected" or "skipped"
