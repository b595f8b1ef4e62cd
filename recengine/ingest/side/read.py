"""A file beside the event log: recognised by its columns, read by the parser of the import, every row accounted for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recengine.columns import Reject
from recengine.errors import BadInput
from recengine.ingest.formats.registry import header_keys, known_formats, known_tables, match_table
from recengine.ingest.guess import ROLE_OF_NAME
from recengine.ingest.mapping import Reading
from recengine.ingest.numbers import guess_decimal, parse_numbers
from recengine.ingest.packed_values import is_blank
from recengine.ingest.raw import REJECT_SCHEMA, RawTable
from recengine.ingest.reader import read
from recengine.ingest.side.kinds import NEEDED, SEVERAL, Field, TableKind
from recengine.ingest.side.names import FIELD_OF_NAME, fields_of, kind_of
from recengine.ingest.times import guess_time, parse_times

SAMPLE = 2_000
STOCK_WORDS = dict.fromkeys(
    ("in stock", "instock", "in_stock", "available", "true", "yes", "有货", "有", "现货", "上架"), "1"
) | dict.fromkeys(("out of stock", "outofstock", "out_of_stock", "sold out", "false", "no", "缺货", "无货", "无", "售罄", "下架"), "0")
ONE_ROW_AN_ID = (TableKind.ITEMS, TableKind.SHOPPERS, TableKind.ID_MAP)
WORDS = {Field.ID: "id", Field.ACCOUNT: "account", Field.ITEM: "item id", Field.TEXT: "text", Field.QUERY: "search words"}


@dataclass(frozen=True, eq=False)
class SideFile:
    """A file beside the log, before it is taken in."""

    raw: RawTable
    kind: TableKind
    confidence: float  # 0 to 1
    reason: str
    fields: dict[str, Field]  # of every column
    known: str  # name of the known table or format, "" for a generic one
    title: str
    notes: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class SideTable:
    """A file beside the log, taken in. accepted + rejected + skipped = physical."""

    kind: TableKind
    table: pa.Table  # columns by field ("id", "title", …), attributes under their own names; texts, float32 for numbers
    rejects: pa.Table  # raw.REJECT_SCHEMA
    physical: int
    accepted: int
    rejected: int
    skipped: int
    notes: tuple[str, ...]


def recognise_side(
    path: Path,
    file_name: str | None = None,
    kind: TableKind | None = None,
    fields: dict[str, Field] | None = None,
    reading: Reading | None = None,
) -> SideFile:
    """Read a file and say what it is.

    Args:
        path: Where the bytes are.
        file_name: The name to show.
        kind: Chosen by a person; None = find out.
        fields: Column → field, chosen; columns not named keep the guess.
        reading: How to read the bytes.

    Returns:
        What the file is; `kind` is `events` when it is a log, which is imported another way.

    Raises:
        BadInput: the file cannot be read, or a chosen column is not there.
    """
    reading = reading or Reading()
    keys = header_keys() | ROLE_OF_NAME.keys() | FIELD_OF_NAME.keys()
    raw = read(
        Path(path),
        file_name,
        encoding=reading.encoding,
        delimiter=reading.delimiter,
        header=reading.header,
        known_header=keys,
        sheet=reading.sheet,
    )
    return side_of(raw, kind, fields)


def side_of(raw: RawTable, kind: TableKind | None = None, fields: dict[str, Field] | None = None) -> SideFile:
    """What a file is that is read already; see `recognise_side`."""
    known = match_table(raw.names)
    guessed, sure, reason = kind_of(raw.names)
    title, notes, name = "a table of " + (kind or guessed).value.replace("_", " "), raw.notes, ""
    as_log = max((form.confidence(raw.names) for form in known_formats().values()), default=0.0)
    if known and (kind in (None, known[0].kind)) and (kind is not None or known[1] > as_log):
        table, sure = known
        guessed, reason, title, name = table.kind, f"its columns are those of {table.title}", table.title, table.name
        notes = (*notes, table.notes) if table.notes else notes
        found = table.fields(raw.names)
    elif kind is None and as_log >= 0.8:
        guessed, sure, reason, found = TableKind.EVENTS, as_log, "its columns are those of a known log", {}
    else:
        found = fields_of(raw.names, kind or guessed)
    missing = [column for column in fields or {} if column not in raw.names]
    if missing:
        raise BadInput(
            f"The file has no column {', '.join(missing)}.", f"Columns: {', '.join(raw.names[:40])}.", "Choose the columns again."
        )
    for column, field in (fields or {}).items():
        if field not in SEVERAL:
            found = {other: Field.UNUSED if f is field and other != column else f for other, f in found.items()}
        found[column] = field
    return SideFile(raw, kind or guessed, 1.0 if kind else sure, "chosen" if kind else reason, found, name, title, notes)


def take_in(file: SideFile, hashed: Callable[[pa.ChunkedArray, Field], pa.ChunkedArray] | None = None) -> SideTable:
    """Turn the rows of a file into a table.

    Args:
        file: As recognised, with a kind other than events.
        hashed: Given every column of ids with its field; gives back what is kept instead.

    Raises:
        BadInput: a column that the kind needs is missing, or no row can be used.
    """
    kind, fields = file.kind, file.fields
    if kind is TableKind.EVENTS:
        raise BadInput("This file is a log of events.", file.reason + ".", "Import it as events, or choose what it is.")
    for need in NEEDED[kind]:
        if need not in fields.values():
            raise BadInput(
                f"No column holds the {WORDS.get(need, need.value)}.",
                f"Columns of the file: {', '.join(file.raw.names[:40])}.",
                f"Choose the column with the {WORDS.get(need, need.value)}.",
            )
    physical, raw = file.raw.records, file.raw
    table_rows = raw.n_rows
    known = known_tables().get(file.known)
    if known is not None and known.reshape is not None:
        raw = known.reshape(raw)
        fields = {name: field for name, field in (fields | known.fields(raw.names)).items() if name in raw.names}
    n = raw.n_rows
    outcome = np.zeros(n, dtype=np.int8)  # 1 = a needed cell is blank, 2 = a later row has the same id
    blank_of = np.full(n, "", dtype=object)
    for need in NEEDED[kind]:
        column = next(name for name, field in fields.items() if field is need)
        blank = np.asarray(is_blank(raw.column(column)).to_numpy(), dtype=bool) & (outcome == 0)
        outcome[blank], blank_of[blank] = 1, f"no {WORDS.get(need, need.value)}"
    if kind in ONE_ROW_AN_ID:
        column = next(name for name, field in fields.items() if field is Field.ID)
        live = np.flatnonzero(outcome == 0)
        ids = pc.dictionary_encode(raw.column(column).take(pa.array(live))).combine_chunks()
        codes = (ids.chunk(0) if isinstance(ids, pa.ChunkedArray) else ids).indices.to_numpy(zero_copy_only=False) if len(live) else live
        last = np.zeros(len(live), dtype=bool)
        last[len(live) - 1 - np.unique(codes[::-1], return_index=True)[1]] = True
        outcome[live[~last]] = 2
    kept = pa.array(np.flatnonzero(outcome == 0))
    if not len(kept):
        raise BadInput(f"None of the {physical:,} rows can be used.", "All ids are blank.", "Choose another column or mend the file.")
    columns, notes = _columns(raw, fields, kept, hashed)
    rejects = _rejects(raw, fields, outcome, blank_of)
    accepted, dropped = len(kept), table_rows - n  # rows that the reshaping merged into one an id
    rejected = int(pc.sum(pc.equal(rejects[Reject.KIND], "rejected")).as_py() or 0)
    skipped = rejects.num_rows - rejected + dropped
    if accepted + rejected + skipped != physical:
        raise RuntimeError(f"rows lost: {accepted} + {rejected} + {skipped} of {physical}")
    return SideTable(kind, pa.table(columns), rejects, physical, accepted, rejected, skipped, (*file.notes, *notes))


def _columns(
    raw: RawTable, fields: dict[str, Field], kept: pa.Array, hashed: Callable[[pa.ChunkedArray, Field], pa.ChunkedArray] | None
) -> tuple[dict[str, pa.Array], list[str]]:
    columns: dict[str, pa.Array] = {}
    notes = []
    own = {field.value for field in Field}
    for name, field in fields.items():
        if field is Field.UNUSED:
            continue
        cells = pc.fill_null(raw.column(name).take(kept), "")
        if field in (Field.ID, Field.ACCOUNT, Field.SHOPPER, Field.ITEM) and hashed is not None:
            cells = hashed(cells, field)
        if field in (Field.PRICE, Field.STOCK, Field.RATING, Field.RESULTS):
            values, odd = _numbers(cells, field)
            columns[field.value] = pa.array(values.astype(np.float32))
            if odd.any():
                examples = ", ".join(f"“{cells[int(k)].as_py()[:30]}”" for k in np.flatnonzero(odd)[:3])
                notes.append(f"{int(odd.sum()):,} cells of {name} are no numbers and stay unknown, such as {examples}.")
        elif field in (Field.TIME, Field.START, Field.END):
            sample = [cell for cell in cells.slice(0, SAMPLE).to_pylist() if cell.strip()]
            guessed = guess_time(sample)
            seconds = parse_times(cells, guessed.format, guessed.day_first) if guessed else np.full(len(cells), np.nan)
            columns[f"{field.value}_s"] = pa.array(seconds)
        elif field is Field.CATEGORY and "category" in columns:
            columns["category"] = _path(columns["category"], _whole(cells))
        elif field is Field.ATTRIBUTE:
            columns[name if name.casefold() not in own else f"{name} (column)"] = _whole(cells)
        else:
            columns[field.value] = _whole(cells)
    return columns, notes


def _numbers(cells: pa.ChunkedArray, field: Field) -> tuple[np.ndarray, np.ndarray]:
    sample = [cell for cell in cells.slice(0, SAMPLE).to_pylist() if cell.strip()]
    decimal = "," if guess_decimal(sample) == "," else "."
    values, odd = parse_numbers(cells, decimal)
    if field is Field.STOCK and odd.any():
        lower = pc.utf8_lower(pc.utf8_trim_whitespace(cells))
        at = pc.index_in(lower, value_set=pa.array(list(STOCK_WORDS))).to_numpy()
        named = odd & ~np.isnan(at)
        values[named] = np.array([float(word) for word in STOCK_WORDS.values()])[at[named].astype(np.int64)]
        odd &= ~named
    return values, odd


def _path(above: pa.Array, below: pa.Array) -> pa.Array:
    """Levels of a category joined by >; blank levels are left out."""
    joined = pc.binary_join_element_wise(above, below, " > ")
    return pc.if_else(pc.equal(below, ""), above, pc.if_else(pc.equal(above, ""), below, joined))


def _whole(cells: pa.ChunkedArray) -> pa.Array:
    whole = cells.combine_chunks()
    return pa.concat_arrays(whole.chunks) if isinstance(whole, pa.ChunkedArray) else whole


def _rejects(raw: RawTable, fields: dict[str, Field], outcome: np.ndarray, blank_of: np.ndarray) -> pa.Table:
    rows = np.flatnonzero(outcome)
    if not len(rows):
        return raw.rejects
    files, lines, offsets = raw.places(rows)
    id_column = next((name for name, field in fields.items() if field is Field.ID), "")
    values = pc.fill_null(raw.column(id_column).take(pa.array(rows)), "") if id_column else pa.chunked_array([[""] * len(rows)])
    again = outcome[rows] == 2
    made = pa.table(
        [
            files,
            pa.array(lines),
            pa.array(offsets),
            pa.array([id_column] * len(rows)),
            values,
            pa.array(["a later row has the same id" if late else str(word) for late, word in zip(again, blank_of[rows], strict=True)]),
            pa.array(["skipped" if late else "rejected" for late in again]),
        ],
        schema=REJECT_SCHEMA,
    )
    return pa.concat_tables([raw.rejects, made]).sort_by(Reject.LINE)
