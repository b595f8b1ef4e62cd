"""Columns of text in few bytes, and back byte for byte: whole numbers as numbers, times as seconds, repeated words as codes."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recengine.ingest.resting import joined_at_rest, numbers_at_rest

LAYOUT = b"layout"  # key in the metadata of a column of seconds: what stands between day and time, and behind it
SUFFIXES = ("", "Z", " UTC", "UTC")
STAMP = len("2010-12-01 08:26:00")
FLUSH_ROWS, FLUSH_BYTES = 2**20, 2**26  # words wait until there are so many, because looking all known words up costs the same once
SPARED = 0.8  # distinct words a row above which codes save nothing, told by the first rows
MOST_WORD_BYTES = 2**30
INT32 = np.iinfo(np.int32)


def as_text(cells: pa.ChunkedArray | pa.Array, layout: str | None = None) -> pa.ChunkedArray:
    """A packed column as it was written.

    Args:
        cells: string, dictionary of strings, or int32 and int64, where null is an empty cell.
        layout: of a column of seconds, see `layout_of`.

    Returns:
        string [n].
    """
    if isinstance(cells, pa.Array):
        cells = pa.chunked_array([cells])
    if pa.types.is_string(cells.type):
        return cells
    if pa.types.is_dictionary(cells.type):
        return pa.chunked_array([_spelled(chunk) for chunk in cells.chunks], pa.string())
    if layout is None:
        text = cells.cast(pa.string())
    else:
        text = cells.cast(pa.int64()).cast(pa.timestamp("s")).cast(pa.string())
        if layout[0] != " ":
            text = pc.replace_substring(text, " ", layout[0])
        if layout[1:]:
            text = pc.binary_join_element_wise(text, layout[1:], "")
    return pc.fill_null(text, "") if text.null_count else text


def _spelled(chunk: pa.DictionaryArray) -> pa.Array:
    found = chunk.dictionary.take(chunk.indices)
    return found if pa.types.is_string(found.type) else found.cast(pa.string())


def taken(cells: pa.ChunkedArray, rows: np.ndarray) -> pa.ChunkedArray:
    """Some cells of a column, chunk by chunk: Arrow's own way makes one piece of the whole column first."""
    starts = np.cumsum([0, *map(len, cells.chunks)])
    rising = len(rows) < 2 or bool((rows[1:] >= rows[:-1]).all())
    order = None if rising else np.argsort(rows, kind="stable")
    wanted = rows if order is None else rows[order]
    at = np.searchsorted(wanted, starts)
    found = [
        chunk.take(pa.array(wanted[low:high] - start))
        for chunk, start, low, high in zip(cells.chunks, starts[:-1], at[:-1], at[1:], strict=True)
        if high > low
    ]
    some = pa.chunked_array(found, cells.type)
    if order is None:
        return some
    back = np.empty(len(order), dtype=np.int64)
    back[order] = np.arange(len(order))
    return some.take(pa.array(back))


def layout_of(field_: pa.Field) -> str | None:
    """The sign between day and time and what follows the seconds, of a column of seconds; None for every other column."""
    found = (field_.metadata or {}).get(LAYOUT)
    return None if found is None else found.decode()


def whole_numbers(cells: pa.Array) -> pa.Array | None:
    """int64 [n] when every text is a whole number as a machine writes it (so 007, +7 and -0 are none); null where it is empty."""
    if not len(cells):
        return cells.cast(pa.int64())
    try:
        numbers = cells.cast(pa.int64())
    except pa.ArrowInvalid:
        filled = pc.if_else(pc.equal(pc.binary_length(cells), 0), pa.scalar(None, pa.string()), cells)
        if not filled.null_count:
            return None
        try:
            numbers = filled.cast(pa.int64())
        except pa.ArrowInvalid:
            return None
    return numbers if _digits(numbers) == _bytes(cells) else None


def _bytes(cells: pa.Array) -> int:
    """Of all texts together."""
    ends = np.frombuffer(cells.buffers()[1], dtype=np.int32)
    return int(ends[cells.offset + len(cells)] - ends[cells.offset])


def written_bytes(cells: pa.Array) -> int:
    """How many bytes texts take, or numbers would take; a text is never shorter than its number, so equal sums mean equal texts."""
    return _bytes(cells) if pa.types.is_string(cells.type) else _digits(cells)


def _digits(numbers: pa.Array) -> int:
    values = (numbers.drop_null() if numbers.null_count else numbers).to_numpy(zero_copy_only=False)
    if not len(values):
        return 0
    low, high = int(values.min()), int(values.max())
    if low == np.iinfo(np.int64).min:
        return -1
    negative = 0
    if low < 0:
        negative = int(np.count_nonzero(values < 0))
        values = np.abs(values)
        high = max(high, -low)
    if high <= INT32.max:
        values = values.astype(np.int32)
    total, step = len(values) + negative, 10
    while step <= high:
        total += int(np.count_nonzero(values >= step))
        step *= 10
    return total


def seconds_of(cells: pa.Array, layout: str | None = None) -> tuple[pa.Array, str] | None:
    """int64 [n] seconds and the layout when every text is a time such as 2010-12-01 08:26:00 UTC, all in one layout; else None."""
    if not len(cells) or cells.null_count:
        return None
    first = cells[0].as_py()
    found = first[10:11] + first[STAMP:]
    if len(first) < STAMP or found[:1] not in (" ", "T") or found[1:] not in SUFFIXES or layout not in (None, found):
        return None
    width = len(first)
    if _bytes(cells) != width * len(cells):
        return None
    ends = np.frombuffer(cells.buffers()[1], dtype=np.int32)[cells.offset : cells.offset + len(cells) + 1]
    if (np.diff(ends) != width).any():
        return None
    signs = np.frombuffer(cells.buffers()[2], dtype=np.uint8)[ends[0] : ends[-1]].reshape(-1, width)
    for at, sign in ((4, "-"), (7, "-"), (10, found[0]), (13, ":"), (16, ":"), *enumerate(found[1:], STAMP)):
        if (signs[:, at] != ord(sign)).any():
            return None
    try:
        stamps = pc.utf8_slice_codeunits(cells, 0, STAMP).cast(pa.timestamp("s"))
    except pa.ArrowInvalid:
        return None
    return stamps.cast(pa.int64()), found


@dataclass
class _Column:
    """One column while its file is read; every piece is packed alike, and unpacked again where a later one does not fit."""

    kind: str = "whole"  # then "time", then "words", then "text"
    layout: str | None = None
    numbers: list[pa.Array] = field(default_factory=list)
    fresh: list[pa.Array] = field(default_factory=list)  # numbers of the last blocks, not at rest yet
    fresh_rows: int = 0
    empty: bool = False  # some cells are
    wide: bool = False  # some numbers need 64 bits
    known: pa.Array = field(default_factory=lambda: pa.array([], pa.string()))
    codes: list[np.ndarray] = field(default_factory=list)
    waiting: list[pa.Array] = field(default_factory=list)
    waiting_rows: int = 0
    waiting_bytes: int = 0
    texts: list[pa.Array] = field(default_factory=list)
    rows: int = 0

    @property
    def plain(self) -> bool:
        """Whether every cell so far was a whole number."""
        return self.kind == "whole" and self.rows > 0 and not self.empty

    def add(self, cells: pa.Array) -> None:
        if pa.types.is_integer(cells.type):  # as the reader found it
            if self.kind == "whole" and self._number(cells):
                return
            cells = cells.cast(pa.string())
        if self.kind == "whole":
            found = whole_numbers(cells)
            if found is not None and self._number(found):
                return
            self._unpack("time" if not self.rows else "words")
        if self.kind == "time":
            timed = seconds_of(cells, self.layout)
            if timed is not None:
                self.layout = timed[1]
                self._number(timed[0])
                return
            self._unpack("words")
        if self.kind == "words":
            self.waiting.append(cells)
            self.waiting_rows += len(cells)
            self.waiting_bytes += cells.nbytes
            if self.waiting_rows >= max(FLUSH_ROWS, len(self.known) // 2) or self.waiting_bytes >= FLUSH_BYTES:
                self._flush()
            return
        self.texts.append(cells)

    def _number(self, found: pa.Array) -> bool:
        limits = pc.min_max(found)
        low, high = limits["min"].as_py() or 0, limits["max"].as_py() or 0
        fits = low >= INT32.min and high <= INT32.max
        if not fits and not self.wide and self.layout is None and len(pc.unique(found)) < len(found) / 2:
            return False  # long numbers that repeat: codes are half as long
        self.wide, self.empty = self.wide or not fits, self.empty or found.null_count > 0
        self.fresh.append(found.cast(pa.int32()) if fits else found)
        self.fresh_rows += len(found)
        self.rows += len(found)
        if self.fresh_rows >= FLUSH_ROWS:
            self._rest()
        return True

    def _rest(self) -> None:
        if self.fresh:
            self.numbers.append(numbers_at_rest(self.fresh))
            self.fresh, self.fresh_rows = [], 0

    def _unpack(self, kind: str) -> None:
        self.kind, before, layout = kind, [*self.numbers, *self.fresh], self.layout
        self.numbers, self.fresh, self.fresh_rows, self.layout, self.rows = [], [], 0, None, 0
        for numbers in before:
            self.add(_one(as_text(numbers, layout)))

    def _flush(self) -> None:
        if not self.waiting:
            return
        coded = pa.chunked_array(self.waiting, pa.string()).dictionary_encode()
        words = coded.chunk(coded.num_chunks - 1).dictionary  # the last chunk has them all
        self.rows += len(coded)
        first = not self.codes
        if (first and self.rows >= FLUSH_ROWS // 8 and len(words) > SPARED * self.rows) or self.known.nbytes > MOST_WORD_BYTES:
            old, self.codes = self.codes, []
            self.texts = [self.known.take(pa.array(codes)) for codes in old] + self.waiting
            self.kind, self.known = "text", pa.array([], pa.string())
        else:
            place = pc.index_in(words, value_set=self.known)
            fresh = words.filter(place.is_null()) if place.null_count else words.slice(0, 0)
            numbers = place.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32)
            numbers[numbers < 0] = np.arange(len(self.known), len(self.known) + len(fresh), dtype=np.int32)
            self.known = pa.concat_arrays([self.known, fresh]) if len(fresh) else self.known
            least = _least(len(self.known))
            place_of = numbers.astype(least)
            self.codes.append(joined_at_rest([place_of[chunk.indices.to_numpy(zero_copy_only=False)] for chunk in coded.chunks]))
        self.waiting, self.waiting_rows, self.waiting_bytes = [], 0, 0

    def finished(self, name: str) -> tuple[pa.Field, pa.ChunkedArray]:
        self._flush()
        if self.kind == "words":
            least = _least(len(self.known))
            chunks = [pa.DictionaryArray.from_arrays(pa.array(codes.astype(least, copy=False)), self.known) for codes in self.codes]
            made = pa.chunked_array(chunks, pa.dictionary(pa.from_numpy_dtype(least), pa.string()))
        elif self.kind == "text":
            made = pa.chunked_array(self.texts, pa.string())
        else:
            self._rest()
            kind = pa.int64() if self.wide else pa.int32()
            made = pa.chunked_array([numbers.cast(kind) for numbers in self.numbers], kind)
        told = {LAYOUT: self.layout.encode()} if self.kind == "time" and self.layout is not None else None
        return pa.field(name, made.type, metadata=told), made


class Packer:
    """Packs the rows of a file as they come; nothing but packed columns is kept."""

    def __init__(self, names: list[str]) -> None:
        self._columns = {name: _Column() for name in names}

    def add(self, rows: pa.Table) -> None:
        """Take the next rows: columns of strings without missing ones, or of whole numbers."""
        for name, column in self._columns.items():
            for chunk in rows.column(name).chunks:
                if len(chunk):
                    column.add(chunk)

    @property
    def whole(self) -> frozenset[str]:
        """Columns that hold nothing but whole numbers so far."""
        return frozenset(name for name, column in self._columns.items() if column.plain)

    def finished(self) -> pa.Table:
        """All rows, packed; nothing can be added afterwards."""
        made = [self._columns.pop(name).finished(name) for name in list(self._columns)]
        return pa.table([column for _, column in made], schema=pa.schema([field_ for field_, _ in made]))


def packed(table: pa.Table) -> pa.Table:
    """A table of strings, packed; columns with missing cells stay as they are."""
    packer = Packer([name for name in table.column_names if not table.column(name).null_count])
    packer.add(table)
    done = packer.finished()
    for at, name in enumerate(table.column_names):
        if name in done.column_names:
            table = table.set_column(at, done.field(name), done.column(name))
    return table


def _least(n: int) -> type:
    """The shortest integer for codes below n."""
    return np.int8 if n <= 2**7 else np.int16 if n <= 2**15 else np.int32


def _one(cells: pa.ChunkedArray) -> pa.Array:
    return pa.concat_arrays(cells.chunks) if cells.num_chunks != 1 else cells.chunk(0)


def below_each_other(tables: list[pa.Table]) -> pa.Table:
    """Packed tables with the same columns as one; a column that is packed in different ways becomes text."""
    fields, columns = [], []
    for name in tables[0].column_names:
        kinds = {(table.field(name).type, layout_of(table.field(name))) for table in tables}
        if len(kinds) == 1:
            fields.append(tables[0].field(name))
            columns.append(pa.chunked_array([chunk for table in tables for chunk in table.column(name).chunks], fields[-1].type))
        else:
            texts = [as_text(table.column(name), layout_of(table.field(name))) for table in tables]
            fields.append(pa.field(name, pa.string()))
            columns.append(pa.chunked_array([chunk for text in texts for chunk in text.chunks], pa.string()))
    return pa.table(columns, schema=pa.schema(fields))
