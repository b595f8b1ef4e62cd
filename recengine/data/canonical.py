"""Typed events → the one canonical form of a dataset: sorted vocabularies, coded and sorted rows, one row an item and a shopper.

Everything here depends on the set of rows, never on their order in the file.
"""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recengine.columns import Event, Item, User
from recengine.data.ordering import as_column, by_code_point, canonical_order, in_order, is_missing
from recengine.errors import BadInput
from recengine.ingest.convert import WORDS, repeated
from recengine.ingest.tallies import spans, tally

EVENT_COLUMNS: dict[str, pa.DataType] = {  # what an importer hands over
    "user_id": pa.string(),
    "item_id": pa.string(),
    "behaviour": pa.int8(),
    "time_s": pa.int64(),
    "quantity": pa.float32(),
    "price": pa.float32(),
    "rating": pa.float32(),
    "basket_id": pa.string(),
    "title": pa.string(),
    "category": pa.string(),
    "brand": pa.string(),
    "user_feature": pa.string(),
    "line": pa.int64(),
}
TEXTS = tuple(name for name, kind in EVENT_COLUMNS.items() if kind == pa.string())
STORED = (Event.USER, Event.ITEM, Event.BEHAVIOUR, Event.TIME, Event.QUANTITY, Event.PRICE, Event.RATING, Event.BASKET)
OWNED = ("title", "category", "brand", "user_feature")  # texts that an item or, the last, a shopper has
VOTES = pa.schema([("field", pa.string()), ("owner", pa.int32()), ("text", pa.string()), ("n", pa.int64())])
MOST_LINE = np.iinfo(np.int32).max
FINGERPRINT_VERSION = b"merchlens-dataset-1"


@dataclass(frozen=True, eq=False)
class Canonical:
    """The three stored tables and their fingerprint."""

    events: pa.Table  # columns of columns.Event
    items: pa.Table  # columns of columns.Item
    users: pa.Table  # columns of columns.User
    fingerprint: str
    votes: pa.Table  # columns of `VOTES`: how often each item and shopper has each text, so that versions can be put together exactly
    lines: np.ndarray  # int32 [n], line of each event in its file, 0 where unknown


def canonical_tables(events: pa.Table, unsellable_item_ids: set[str]) -> Canonical:
    """Code, sort and summarise accepted events.

    Args:
        events: the columns of `EVENT_COLUMNS`; text may be dictionary-encoded, null text counts as empty.
        unsellable_item_ids: items that are no products (postage, fees).

    Raises:
        BadInput: no rows, a column missing, or a row without shopper or item.

    Cost: about 0.3 s for 400,000 rows, 6 s for 10 million.
    """
    missing = [name for name in EVENT_COLUMNS if name not in events.column_names]
    if missing:
        raise BadInput("The events have no complete set of columns.", f"Missing: {', '.join(missing)}.", "Import the file again.")
    if events.num_rows == 0:
        raise BadInput("No event could be accepted.", "Every row was rejected.", "Look at the rejected rows and correct the mapping.")
    with ThreadPoolExecutor(max_workers=4) as pool:  # Arrow and numpy work outside the interpreter lock
        return _canonical(events, unsellable_item_ids, pool)


def _canonical(events: pa.Table, unsellable_item_ids: set[str], pool: ThreadPoolExecutor) -> Canonical:
    coded = dict(zip(TEXTS, pool.map(lambda name: _coded(events[name]), TEXTS), strict=True))
    (users, user_ids), (items, item_ids), (baskets, basket_ids) = coded["user_id"], coded["item_id"], coded["basket_id"]
    if users.min() < 0 or items.min() < 0:
        raise BadInput("A row has no shopper or no item.", "", "Import the file again.")
    columns: dict[str, np.ndarray] = {
        Event.USER: users,
        Event.ITEM: items,
        Event.BEHAVIOUR: _numbers(events, "behaviour", np.int8),
        Event.TIME: _numbers(events, "time_s", np.int64),
        Event.QUANTITY: _floats(events, "quantity"),
        Event.PRICE: _floats(events, "price"),
        Event.RATING: _floats(events, "rating"),
        Event.BASKET: baskets,
    }
    counted = {name: text_votes(*coded[name], owner) for name, owner in zip(OWNED, (items, items, items, users), strict=True)}
    item_table = pa.table(
        {
            Item.ID: item_ids,
            **{name: winners(*counted[name], coded[name][1], len(item_ids)) for name in (Item.TITLE, Item.CATEGORY, Item.BRAND)},
            Item.PRICE: pa.array(median_price(columns[Event.PRICE], items, len(item_ids))),
            Item.SELLABLE: pc.invert(pc.is_in(item_ids, value_set=pa.array(sorted(unsellable_item_ids), pa.string()))),
        }
    )
    user_table = pa.table({User.ID: user_ids, User.FEATURE: winners(*counted["user_feature"], coded["user_feature"][1], len(user_ids))})
    votes = pa.concat_tables([_votes_table(name, *counted[name], coded[name][1]) for name in OWNED])
    lines = pc.fill_null(events["line"], 0).to_numpy()
    del coded, users, items, baskets
    return sorted_tables(columns, basket_ids, item_table, user_table, votes, lines, pool)


def sorted_tables(
    columns: dict[str, np.ndarray],
    basket_ids: pa.Array,
    items: pa.Table,
    users: pa.Table,
    votes: pa.Table,
    lines: np.ndarray,
    pool: ThreadPoolExecutor,
) -> Canonical:
    """Coded columns in any row order → the tables in their one order, and the fingerprint.

    Args:
        columns: of `columns.Event`; the basket as codes into `basket_ids`, -1 = none. They are taken out of it.
        basket_ids: sorted.
        items: columns of `columns.Item`, sorted by id.
        users: columns of `columns.User`, sorted by id.
        votes: columns of `VOTES`.
        lines: int [n], of each row in its file.
        pool: for the columns.
    """
    made, kept_lines = _ordered(columns, lines, pool)
    fingerprint = _fingerprint(made, basket_ids, items, users)
    arrays: dict[str, pa.Array | pa.ChunkedArray] = {name: as_column(values) for name, values in made.items()}
    baskets = made.pop(Event.BASKET)
    if len(basket_ids):
        arrays[Event.BASKET] = pa.DictionaryArray.from_arrays(pa.array(baskets, mask=baskets < 0), basket_ids)
    else:
        arrays[Event.BASKET] = repeated(pa.nulls(1, WORDS), len(baskets))
    return Canonical(pa.table(arrays), items, users, fingerprint, votes, kept_lines)


def _ordered(columns: dict[str, np.ndarray], lines: np.ndarray, pool: ThreadPoolExecutor) -> tuple[dict[str, np.ndarray], np.ndarray]:
    order = canonical_order(columns)
    # a column that nobody else holds is free once it is in order
    made: dict[str, np.ndarray] = dict(zip(STORED, pool.map(lambda name: in_order(columns.pop(name), order), STORED), strict=True))
    return made, in_order(lines if lines.dtype == np.int32 else np.minimum(lines, MOST_LINE).astype(np.int32), order)


def median_price(prices: np.ndarray, item_codes: np.ndarray, n_items: int) -> np.ndarray:
    """float32 [n_items]: median of the positive prices of each item, NaN where there is none."""
    medians = np.full(n_items, np.nan, dtype=np.float32)
    known = np.isfinite(prices) & (prices > 0)
    # the bits of positive floats sort like the floats, so (item, price) is one integer
    key = (item_codes[known].astype(np.int64) << 32) | prices[known].view(np.int32)
    distinct, counts = _counted(key)
    if len(distinct) == 0:
        return medians
    owner, value = distinct >> 32, (distinct & 0xFFFFFFFF).astype(np.int32).view(np.float32)
    total = np.bincount(owner, weights=counts, minlength=n_items).astype(np.int64)
    present = np.flatnonzero(total)
    before = np.concatenate([[0], np.cumsum(total)])[present]
    reached = np.cumsum(counts)
    lower = np.searchsorted(reached, before + (total[present] - 1) // 2, side="right")
    upper = np.searchsorted(reached, before + total[present] // 2, side="right")
    medians[present] = (value[lower].astype(np.float64) + value[upper]) / 2
    return medians


def _coded(column: pa.ChunkedArray) -> tuple[np.ndarray, pa.Array]:
    """int32 [n] codes (-1 where null) and the ids, sorted by code point."""
    if column.null_count == len(column):
        return np.broadcast_to(np.int32(-1), len(column)), pa.array([], pa.string())
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    column = column.unify_dictionaries()
    ids = pc.cast(column.chunk(0).dictionary, pa.string())
    raw = np.concatenate([pc.fill_null(chunk.indices, -1).to_numpy(zero_copy_only=False) for chunk in column.chunks])
    used = np.zeros(len(ids) + 1, dtype=bool)
    used[raw] = True  # -1 marks the spare last place
    order = by_code_point(ids)
    order = order[used[order]]  # a dictionary may hold ids that no row uses
    rank = np.full(len(ids) + 1, -1, dtype=np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    codes = np.empty(len(column), dtype=np.int32)
    for span in spans(len(raw)):
        codes[span] = rank[raw[span]]
    return codes, ids.take(pa.array(order))


def text_votes(codes: np.ndarray, texts: pa.Array, owner: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """How often each owner has each non-blank text.

    Args:
        codes: int [n], place of the text of each row in `texts`, -1 = none.
        texts: sorted.
        owner: int [n], whose row it is.

    Returns:
        owner int64 [m], code int64 [m], count int64 [m], ascending by owner and code.
    """
    if len(texts) == 0:
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int64)
    blank = pc.equal(pc.utf8_trim_whitespace(texts), "").to_numpy(zero_copy_only=False)
    if blank.all():
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int64)
    said = np.append(~blank, False)  # -1 is the last place
    known = np.empty(len(codes), dtype=bool)
    for span in spans(len(codes)):
        known[span] = said[codes[span]]
    if known.all():
        one = np.full(int(owner.max()) + 1, -1, dtype=np.int32)
        one[owner] = codes
        if all(np.array_equal(one[owner[span]], codes[span]) for span in spans(len(owner))):  # each owner has one text, as is usual
            owners = np.flatnonzero(one >= 0)
            return owners, one[owners].astype(np.int64), tally(owner, len(one))[owners]
    distinct, counts = _counted(owner[known].astype(np.int64) * len(texts) + codes[known])
    return distinct // len(texts), distinct % len(texts), counts


def winners(owner: np.ndarray, code: np.ndarray, counts: np.ndarray, texts: pa.Array, n_owners: int) -> pa.Array:
    """text [n_owners]: the most frequent text of each owner, the first by text among equals, "" where none."""
    best = np.lexsort((code, -counts, owner))
    best = best[np.concatenate([[True], np.diff(owner[best]) != 0])] if len(best) else best
    place = np.full(n_owners, len(texts), dtype=np.int64)
    place[owner[best]] = code[best]
    return pa.concat_arrays([texts, pa.array([""], pa.string())]).take(pa.array(place))


def _votes_table(field: str, owner: np.ndarray, code: np.ndarray, counts: np.ndarray, texts: pa.Array) -> pa.Table:
    fields = pa.array([field]).take(pa.array(np.zeros(len(owner), dtype=np.int8)))
    return pa.table([fields, pa.array(owner.astype(np.int32)), texts.take(pa.array(code)), pa.array(counts.astype(np.int64))], schema=VOTES)


def _counted(keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distinct keys ascending and how often each occurs; hashing beats sorting where keys repeat."""
    counted = pa.table({"key": keys}).group_by("key").aggregate([([], "count_all")])
    distinct, counts = counted["key"].to_numpy(), counted["count_all"].to_numpy()
    order = np.argsort(distinct)
    return distinct[order], counts[order]


def _numbers(events: pa.Table, name: str, kind: type) -> np.ndarray:
    if events[name].null_count:
        raise BadInput("A row has no time or no behaviour.", "", "Import the file again.")
    return events[name].to_numpy().astype(kind, copy=False)


def _floats(events: pa.Table, name: str) -> np.ndarray:
    """float32 [n] with one bit pattern for missing and one for zero, so that equal rows have equal bytes."""
    column, at = events[name], 0
    if len(column) and is_missing(column):
        return np.broadcast_to(np.float32(np.nan), len(column))
    values = np.empty(len(column), dtype=np.float32)
    for chunk in column.chunks:
        given = pc.fill_null(pc.cast(chunk, pa.float32()), float("nan")).to_numpy(zero_copy_only=False)
        for span in spans(len(given)):
            piece = given[span] + np.float32(0)
            piece[np.isnan(piece)] = np.nan
            values[at + span.start : at + span.stop] = piece
        at += len(given)
    return values


def _fingerprint(columns: dict[str, np.ndarray], basket_ids: pa.Array, items: pa.Table, users: pa.Table) -> str:
    digest = hashlib.sha256(FINGERPRINT_VERSION)
    for name, values in columns.items():
        digest.update(f"{name}:{values.dtype.str}:{len(values)};".encode())
        for span in spans(len(values)):
            digest.update(np.ascontiguousarray(values[span]).data)
    texts = {"baskets": basket_ids, **{n: items[n] for n in (Item.ID, Item.TITLE, Item.CATEGORY, Item.BRAND)}}
    texts |= {n: users[n] for n in (User.ID, User.FEATURE)}
    for name, column in texts.items():
        lengths = pc.binary_length(column).to_numpy(zero_copy_only=False).astype(np.int32)
        digest.update(f"{name}:{len(lengths)};".encode() + lengths.tobytes())
        for chunk in column.chunks if isinstance(column, pa.ChunkedArray) else [column]:
            _, ends, texts = chunk.buffers()
            if len(chunk) and texts is not None:
                ends = np.frombuffer(ends, dtype=np.int32)
                digest.update(memoryview(texts)[ends[chunk.offset] : ends[chunk.offset + len(chunk)]])
    digest.update(items[Item.SELLABLE].to_numpy().astype(np.uint8).tobytes())
    return digest.hexdigest()
