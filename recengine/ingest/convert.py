"""Text cells → typed events, and a reason for every row that is left out."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recengine.columns import BEHAVIOUR_CODE, Behaviour, Reject, Role
from recengine.ingest.behaviours import behaviour_of
from recengine.ingest.codes import codes
from recengine.ingest.mapping import Mapping
from recengine.ingest.packed import as_text, taken
from recengine.ingest.packed_values import Numbers, blank, by_word, numbers, times
from recengine.ingest.raw import REJECT_SCHEMA, RawTable
from recengine.ingest.times import TimeFormat

WORDS = pa.dictionary(pa.int32(), pa.string())
EVENT_SCHEMA = pa.schema(  # dictionaries of long files may have shorter indices
    [
        ("user_id", pa.string()),  # the ids of users and items, in events as dictionaries
        ("item_id", pa.string()),
        ("behaviour", pa.int8()),
        ("time_s", pa.int64()),
        ("quantity", pa.float32()),
        ("price", pa.float32()),
        ("rating", pa.float32()),
        ("basket_id", WORDS),
        ("title", WORDS),
        ("category", WORDS),
        ("brand", WORDS),
        ("user_feature", WORDS),
        ("line", pa.int32()),
    ]
)
TEXT_ROLES = {
    "basket_id": Role.BASKET,
    "title": Role.TITLE,
    "category": Role.CATEGORY,
    "brand": Role.BRAND,
    "user_feature": Role.USER_FEATURE,
}
VALUE_CUT = 200
MOST_LINE = np.iinfo(np.int32).max


@dataclass(frozen=True)
class Rule:
    """One way to leave a row out."""

    reason: str
    kind: str  # "rejected" or "skipped"
    role: Role | None  # whose cell is shown


NO_USER = Rule("no shopper id", "rejected", Role.USER)
NO_ITEM = Rule("no item id", "rejected", Role.ITEM)
NO_TIME = Rule("time not understood", "rejected", Role.TIME)
BAD_PRICE = Rule("price is not a number", "rejected", Role.PRICE)
BAD_QUANTITY = Rule("quantity is not a number", "rejected", Role.QUANTITY)
BAD_RATING = Rule("rating is not a number", "rejected", Role.RATING)
CANCELLED = Rule("cancellation or return", "skipped", None)
ZERO_PRICE = Rule("price is zero", "rejected", Role.PRICE)
NEGATIVE_PRICE = Rule("price is below zero", "rejected", Role.PRICE)
ZERO_QUANTITY = Rule("quantity is zero", "rejected", Role.QUANTITY)
RULES = (NO_USER, NO_ITEM, NO_TIME, BAD_PRICE, BAD_QUANTITY, BAD_RATING, CANCELLED, ZERO_PRICE, NEGATIVE_PRICE, ZERO_QUANTITY)


@dataclass(frozen=True, eq=False)
class Converted:
    """The outcome of one import, row by row."""

    events: pa.Table  # EVENT_SCHEMA, in file order, ids coded
    rejects: pa.Table  # REJECT_SCHEMA, in file order, with the rows the reader could not cut
    outcome: np.ndarray  # int8 [rows of raw.table], 0 accepted, else 1 + index into RULES
    behaviours: np.ndarray  # int8 [rows of raw.table], before any rule
    times_s: np.ndarray  # int64 [rows of raw.table], -1 where not understood


def convert(raw: RawTable, mapping: Mapping) -> Converted:
    """Apply a mapping. Every row meets the rules in this order and leaves at the first that holds:

    ===  ==========================================================================  ========
    1    the shopper cell is empty or white space                                    rejected
    2    the item cell is empty or white space                                       rejected
    3    the time is empty, not understood, or outside 1970 to 2100                  rejected
    4    price, quantity or rating is mapped, not empty, and no finite number        rejected
    5    cancellation or return: basket id with the format's prefix, quantity below  skipped
         zero, or a return word; with cancellations="keep" an event "return"
    6    a purchase with price 0, price below 0, or quantity 0                       rejected
    ===  ==========================================================================  ========

    Ids and texts are copied byte for byte. An empty quantity, price or rating is unknown, not wrong. Exact duplicates stay.

    Args:
        raw: The file as text.
        mapping: Checked against the file first.

    Returns:
        Events, rejects and the outcome of every row. Without a time column `time_s` is the line number.

    Raises:
        BadInput: the mapping does not fit the file.

    Cost: about 0.5 s for 540,000 rows of 8 columns on two cores; no Python per row.
    """
    mapping.check(raw.names)
    n = raw.n_rows
    outcome = np.zeros(n, dtype=np.int8)

    def leave(rule: Rule, mask: np.ndarray) -> None:
        if mask.any():
            outcome[(outcome == 0) & mask] = 1 + RULES.index(rule)

    with ThreadPoolExecutor(max_workers=2) as pool:  # Arrow and numpy work outside the interpreter lock
        timed = pool.submit(_times, raw, mapping)
        told = {role: pool.submit(_numbers, raw, mapping, role) for role in (Role.PRICE, Role.QUANTITY, Role.RATING)}
        leave(NO_USER, blank(raw.cells.column(str(mapping.column(Role.USER)))))
        leave(NO_ITEM, blank(raw.cells.column(str(mapping.column(Role.ITEM)))))
        behaviours = _behaviours(raw, mapping)
        seconds = timed.result()
        price, quantity, rating = (told[role].result() for role in (Role.PRICE, Role.QUANTITY, Role.RATING))
        leave(NO_TIME, seconds < 0)
        for rule, found in ((BAD_PRICE, price), (BAD_QUANTITY, quantity), (BAD_RATING, rating)):
            leave(rule, found.bad)
        purchase, returned = BEHAVIOUR_CODE[Behaviour.PURCHASE], BEHAVIOUR_CODE[Behaviour.RETURN]
        cancelled = quantity.negative | (behaviours == returned)
        if mapping.cancellation_prefix and (basket := mapping.column(Role.BASKET)):
            cancelled |= prefixed(raw.cells.column(basket), raw.layout(basket), mapping.cancellation_prefix)
        if mapping.cancellations == "skip":
            leave(CANCELLED, cancelled)
        else:
            behaviours[cancelled] = returned
        if price.zero.any() or price.negative.any() or quantity.zero.any():
            bought = behaviours == purchase
            leave(ZERO_PRICE, bought & price.zero)
            leave(NEGATIVE_PRICE, bought & price.negative)
            leave(ZERO_QUANTITY, bought & quantity.zero)
        keep = None if not outcome.any() else outcome == 0
        names = {"user_id": Role.USER, "item_id": Role.ITEM, **TEXT_ROLES}
        texts = dict(zip(names, pool.map(lambda role: _text(raw, mapping.column(role), keep), names.values()), strict=True))
    n_kept = n if keep is None else int(np.count_nonzero(keep))

    def kept(values: np.ndarray, kind: type) -> pa.Array:
        return pa.array((values if keep is None else values[keep]).astype(kind, copy=False))

    def number(role: Role, found: Numbers) -> pa.Array | pa.ChunkedArray:
        if mapping.column(role) is None:
            return repeated(pa.array([np.nan], pa.float32()), n_kept)
        return kept(found.values, np.float32)

    columns = {
        "behaviour": kept(behaviours, np.int8),
        "time_s": kept(seconds, np.int64),
        "quantity": number(Role.QUANTITY, quantity),
        "price": number(Role.PRICE, price),
        "rating": number(Role.RATING, rating),
        "line": kept(np.minimum(raw.lines, MOST_LINE) if raw.lines.dtype == np.int64 else raw.lines, np.int32),
        **texts,
    }
    events = pa.table({field.name: columns[field.name] for field in EVENT_SCHEMA})
    return Converted(events, _rejects(raw, mapping, outcome), outcome, behaviours, seconds)


def repeated(cell: pa.Array, n: int, piece: int = 65_536) -> pa.ChunkedArray:
    """A column of n times the same cell that costs the memory of one piece."""
    block = cell.take(pa.array(np.zeros(min(n, piece), dtype=np.int8)))
    chunks = [block] * (n // piece) if n >= piece else []
    if n % piece:
        chunks.append(block.slice(0, n % piece))
    return pa.chunked_array(chunks, cell.type)


def sellable_pattern(not_products: tuple[str, ...]) -> re.Pattern[str] | None:
    """One pattern of whole item ids that are no products, or None when there are none."""
    return re.compile("(?:" + "|".join(not_products) + r")\Z", re.IGNORECASE) if not_products else None


def _times(raw: RawTable, mapping: Mapping) -> np.ndarray:
    if mapping.time_format is TimeFormat.ROW_ORDER:
        return raw.order.astype(np.int64)
    name = str(mapping.column(Role.TIME))
    return times(raw.cells.column(name), raw.layout(name), mapping.time_format, mapping.day_first)


def _numbers(raw: RawTable, mapping: Mapping, role: Role) -> Numbers:
    name = mapping.column(role)
    if name is None:
        return Numbers.none(raw.n_rows)
    layout = raw.layout(name)
    return numbers(raw.cells.column(name) if layout is None else as_text(raw.cells.column(name), layout), mapping.decimal)


def _text(raw: RawTable, name: str | None, keep: np.ndarray | None) -> pa.ChunkedArray | pa.DictionaryArray:
    """The cells of the rows that stay as codes and their texts; null where the file itself knows missing cells."""
    if name is None:
        return repeated(pa.nulls(1, WORDS), raw.n_rows if keep is None else int(np.count_nonzero(keep)))
    cells = raw.cells.column(name)
    if cells.null_count and not pa.types.is_integer(cells.type):
        found = (cells if keep is None else cells.filter(pa.array(keep))).dictionary_encode().cast(WORDS)
        return found.unify_dictionaries()
    found, words = codes(cells, raw.layout(name), keep)
    return pa.DictionaryArray.from_arrays(pa.array(found), words)


def _behaviours(raw: RawTable, mapping: Mapping) -> np.ndarray:
    name = mapping.column(Role.BEHAVIOUR)
    if name is None:
        return np.full(raw.n_rows, BEHAVIOUR_CODE[mapping.default_behaviour], dtype=np.int8)

    def of(words: pa.Array) -> np.ndarray:
        found = [behaviour_of(word or "", mapping.behaviours) or Behaviour.OTHER for word in words.to_pylist()]
        return np.array([BEHAVIOUR_CODE[word] for word in found], dtype=np.int8)

    return by_word(raw.cells.column(name), raw.layout(name), of, BEHAVIOUR_CODE[Behaviour.OTHER])


def prefixed(cells: pa.ChunkedArray, layout: str | None, prefix: str) -> np.ndarray:
    """bool [n]: the cell begins with a prefix, in either case."""
    return by_word(cells, layout, lambda words: np.asarray(pc.starts_with(words, prefix, ignore_case=True), dtype=bool), False)


def _rejects(raw: RawTable, mapping: Mapping, outcome: np.ndarray) -> pa.Table:
    pieces = [raw.rejects]
    for k, rule in enumerate(RULES):
        rows = np.flatnonzero(outcome == k + 1)
        if not len(rows):
            continue
        name = mapping.column(rule.role) if rule.role else (mapping.column(Role.BASKET) or mapping.column(Role.QUANTITY))
        if name is None:
            values = pa.chunked_array([pa.array([""] * len(rows), pa.string())])
        else:
            cells = as_text(taken(raw.cells.column(name), rows), raw.layout(name))
            values = pc.utf8_slice_codeunits(pc.fill_null(cells, ""), 0, VALUE_CUT)
        files, lines, offsets = raw.places(rows)
        pieces.append(
            pa.table(
                [
                    files,
                    pa.array(lines),
                    pa.array(offsets),
                    pa.array([name or ""]).take(pa.array(np.zeros(len(rows), dtype=np.int8))),
                    values,
                    pa.array([rule.reason]).take(pa.array(np.zeros(len(rows), dtype=np.int8))),
                    pa.array([rule.kind]).take(pa.array(np.zeros(len(rows), dtype=np.int8))),
                ],
                schema=REJECT_SCHEMA,
            )
        )
    return pa.concat_tables(pieces).sort_by([(Reject.FILE, "ascending"), (Reject.LINE, "ascending")] if len(raw.parts) > 1 else Reject.LINE)
