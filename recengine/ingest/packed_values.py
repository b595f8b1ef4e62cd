"""What packed columns say: blank cells, words, numbers and times, piece by piece, so that no column is ever whole as text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recengine.ingest.numbers import parse_numbers
from recengine.ingest.packed import as_text
from recengine.ingest.times import TimeFormat, parse_times, seconds_say

PIECE = 2**19  # rows


def is_blank(column: pa.ChunkedArray | pa.Array) -> pa.ChunkedArray | pa.Array:
    """bool [n] of text: the cell is missing, empty or white space only."""
    empty = pc.equal(pc.binary_length(column), 0)
    return pc.fill_null(pc.or_(empty, pc.utf8_is_space(column)), True)


def pieces(cells: pa.ChunkedArray) -> Iterator[tuple[int, pa.Array]]:
    """(first row, cells) of pieces of a column."""
    at = 0
    for chunk in cells.chunks:
        for start in range(0, len(chunk), PIECE):
            piece = chunk.slice(start, PIECE)
            yield at, piece
            at += len(piece)


def coded(cells: pa.ChunkedArray) -> tuple[pa.ChunkedArray, pa.Array]:
    """A column of words with one dictionary, and its words."""
    if not cells.num_chunks:
        return cells, pa.array([], pa.string())
    cells = cells.unify_dictionaries()
    return cells, cells.chunk(0).dictionary


def places(piece: pa.DictionaryArray, missing: int) -> np.ndarray:
    """int [n]: which word each cell is; `missing` where it is none."""
    codes = piece.indices
    if codes.null_count:
        codes = codes.cast(pa.int32()).fill_null(missing)
    return codes.to_numpy(zero_copy_only=False)


def blank(cells: pa.ChunkedArray) -> np.ndarray:
    """bool [n]: the cell is missing, empty or white space only."""
    out = np.zeros(len(cells), dtype=bool)
    if pa.types.is_dictionary(cells.type):
        cells, words = coded(cells)
        of_word = np.append(_mask(is_blank(words)), True)
        if of_word[:-1].any() or cells.null_count:
            for at, piece in pieces(cells):
                out[at : at + len(piece)] = of_word[places(piece, len(words))]
    elif pa.types.is_integer(cells.type):
        for at, piece in pieces(cells):
            if piece.null_count:
                out[at : at + len(piece)] = _mask(piece.is_null())
    else:
        for at, piece in pieces(cells):
            out[at : at + len(piece)] = _mask(is_blank(piece))
    return out


def n_blank(cells: pa.ChunkedArray) -> int:
    """How many cells are missing, empty or white space only."""
    return cells.null_count if pa.types.is_integer(cells.type) else int(np.count_nonzero(blank(cells)))


def by_word(cells: pa.ChunkedArray, layout: str | None, of: Callable[[pa.Array], np.ndarray], missing: int) -> np.ndarray:
    """What a function says of each cell, asked once for each distinct text of a piece.

    Args:
        cells: packed, n rows.
        layout: of a column of seconds.
        of: string [m] → values [m].
        missing: of cells that are missing.
    """
    words = None
    if pa.types.is_dictionary(cells.type):
        cells, words = coded(cells)
    said = None if words is None else of(words)
    found = []
    for _, piece in pieces(cells):
        codes = piece if words is not None else pc.dictionary_encode(piece)
        values = said if said is not None else of(as_text(codes.dictionary, layout).combine_chunks())
        found.append(np.append(values, values.dtype.type(missing))[places(codes, len(values))])
    return np.concatenate(found) if found else of(pa.array([], pa.string()))


def counted(cells: pa.ChunkedArray, layout: str | None) -> dict[str | None, int]:
    """Every distinct text and how often it occurs, in the order of the first."""
    if pa.types.is_dictionary(cells.type):
        cells, words = coded(cells)
        n = sum((np.bincount(places(piece, len(words)), minlength=len(words) + 1) for _, piece in pieces(cells)), np.zeros(1, np.int64))
        used = np.flatnonzero(n[:-1])
        told: dict[str | None, int] = dict(zip(words.take(pa.array(used)).to_pylist(), n[used].tolist(), strict=True))
        return told | ({None: int(n[-1])} if n[-1] else {})
    found = pc.value_counts(cells)
    words = as_text(found.field("values"), layout).to_pylist()
    out: dict[str | None, int] = {}
    for word, n in zip(words, found.field("counts").to_pylist(), strict=True):
        out[word] = out.get(word, 0) + n
    return out


@dataclass(frozen=True, eq=False)
class Numbers:
    """A column of numbers; the signs are told before anything is rounded."""

    values: np.ndarray  # float32 [n], NaN where empty or not understood
    bad: np.ndarray  # bool [n]: not empty, and no finite number
    zero: np.ndarray  # bool [n]
    negative: np.ndarray  # bool [n]

    @staticmethod
    def none(n: int) -> Numbers:
        """Of a column that is not there; takes no memory."""
        no = np.broadcast_to(np.False_, n)
        return Numbers(np.broadcast_to(np.float32(np.nan), n), no, no, no)


def numbers(cells: pa.ChunkedArray, decimal: str) -> Numbers:
    """The numbers of a packed column, see `numbers.parse_numbers`. Cost: each distinct cell of a piece is parsed once."""
    n = len(cells)
    out = Numbers(np.empty(n, dtype=np.float32), *(np.empty(n, dtype=bool) for _ in range(3)))

    def put(at: int, values: np.ndarray, bad: np.ndarray, of: np.ndarray | slice) -> None:
        rows = slice(at, at + (len(of) if isinstance(of, np.ndarray) else len(values)))
        with np.errstate(invalid="ignore"):
            out.values[rows] = values.astype(np.float32)[of]
            out.bad[rows], out.zero[rows], out.negative[rows] = bad[of], (values == 0)[of], (values < 0)[of]

    if pa.types.is_dictionary(cells.type):
        cells, words = coded(cells)
        values, bad = parse_numbers(words, decimal)
        values, bad = np.append(values, np.nan), np.append(bad, False)
        for at, piece in pieces(cells):
            put(at, values, bad, places(piece, len(words)))
    else:
        for at, piece in pieces(cells):
            put(at, *parse_numbers(piece, decimal), slice(None))
    return out


def times(cells: pa.ChunkedArray, layout: str | None, kind: TimeFormat, day_first: bool | None) -> np.ndarray:
    """int64 [n] seconds since 1970 UTC, -1 where a cell is empty, not understood or outside 1970 to 2100; see `times.parse_times`."""
    out = np.empty(len(cells), dtype=np.int64)
    if pa.types.is_dictionary(cells.type):
        cells, words = coded(cells)
        seconds = np.append(_whole(parse_times(words, kind, day_first)), -1)
        for at, piece in pieces(cells):
            out[at : at + len(piece)] = seconds[places(piece, len(words))]
        return out
    for at, piece in pieces(cells):
        if layout is not None and kind is TimeFormat.TEXT:
            found = seconds_say(piece)
        else:
            found = parse_times(piece if layout is None else as_text(piece, layout), kind, day_first)
        out[at : at + len(piece)] = _whole(found)
    return out


def _whole(seconds: np.ndarray) -> np.ndarray:
    return np.where(np.isnan(seconds), -1, seconds).astype(np.int64)


def _mask(values: pa.Array) -> np.ndarray:
    return np.asarray(values.to_numpy(zero_copy_only=False), dtype=bool)
