"""Reads a file into a table of text: every cell as written, every row with its physical line."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa

from recengine.errors import BadInput
from recengine.ingest.below import settle
from recengine.ingest.blocks import CARRY_LIMIT, NotUtf8, RecordCutter
from recengine.ingest.dialect import Dialect, detect_dialect
from recengine.ingest.encoding import Encoding, chosen_encoding, detect, utf8_share
from recengine.ingest.encoding_watch import EncodingWatch, foreign_lines
from recengine.ingest.formats.base import key
from recengine.ingest.json_events import JsonCutter, is_json
from recengine.ingest.marks import Marks
from recengine.ingest.offsets import LineOffsets
from recengine.ingest.packed import Packer
from recengine.ingest.parquet import read_parquet
from recengine.ingest.raw import REJECT_SCHEMA, Part, RawTable, joined, reject_table
from recengine.ingest.resting import joined_at_rest
from recengine.ingest.source import CHUNK_BYTES, Source, open_sources
from recengine.ingest.xlsx import read_xlsx

__all__ = ["REJECT_SCHEMA", "RawTable", "Wish", "read"]

HEAD_BYTES = 2**20
BLOCK_BYTES = CHUNK_BYTES  # cut at once
PACK_BYTES = 2**24  # of cells as text; more are packed as they come
LATE_BATCHES = 64  # whose lines stay apart, because `settle` may take rows of the last ones back
GOOD_BEFORE = 20  # lines outside ASCII that are UTF-8, before the first that is not
SAMPLE_OF_CHUNK = 65_536
ABOVE = "line above the header"
VALUE_CUT = 200
Progress = Callable[[float], None]


@dataclass(frozen=True)
class Wish:
    """What a person or a saved mapping says about the reading; None means: find out."""

    encoding: str | None = None
    delimiter: str | None = None
    header: bool | None = None
    known_header: frozenset[str] = frozenset()  # names that mark a header beyond doubt
    exact_only: bool = False  # use the record-by-record way for every block (for tests)
    keep_cells: bool = False  # keep the cells of rows with the wrong number of them
    sheet: str | None = None  # of a workbook


def read(
    path: Path | Sequence[Path],
    file_name: str | Sequence[str] | None = None,
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    header: bool | None = None,
    known_header: frozenset[str] = frozenset(),
    exact_only: bool = False,
    keep_cells: bool = False,
    progress: Progress | None = None,
    sheet: str | None = None,
) -> RawTable:
    """Read one file, or several of one shape, as one table of text.

    A file is text cut by delimiters, JSON events, an Excel workbook or Parquet; text may be packed in gzip, Zstandard or zip, and
    an archive may hold several files of one shape.

    Args:
        path: The file, or several in the order of their rows.
        file_name: The name to show, or one for each file.
        encoding: A codec chosen by the reader, or None to find it.
        delimiter: Chosen, or None to find it.
        header: Whether there is a header, or None to find out.
        known_header: Names that mark a header beyond doubt.
        exact_only: Use the record-by-record way for every block (for tests).
        keep_cells: Keep the cells of rows with the wrong number of them in `RawTable.odd_cells`.
        progress: Called with the share of the bytes read, 0 to 1.
        sheet: Of a workbook, or None for the one with the most rows.

    Raises:
        BadInput: not a table, damaged, empty, or one that needs an answer first.

    Cost: about 0.1 s for 50 MB; memory is the text plus four bytes a cell.
    """
    wish = Wish(encoding, delimiter, header, known_header, exact_only, keep_cells, sheet)
    paths = [path] if isinstance(path, Path | str) else list(path)
    names = [file_name] * len(paths) if file_name is None or isinstance(file_name, str) else list(file_name)
    sources = [source for each, name in zip(paths, names, strict=True) for source in open_sources(Path(each), name)]
    sizes = np.cumsum([0, *(max(source.size_bytes, 1) for source in sources)])
    found: list[RawTable] = []
    for k, source in enumerate(sources):
        low, high = sizes[k] / sizes[-1], sizes[k + 1] / sizes[-1]
        part = (lambda share, low=low, high=high: progress(low + share * (high - low))) if progress else None
        found.append(_read_one(source, wish, part))
    return joined(found)


def _read_one(source: Source, wish: Wish, progress: Progress | None) -> RawTable:
    if source.kind == "parquet":
        return read_parquet(source)
    if source.kind == "xlsx":
        return read_xlsx(source, wish.header, wish.known_header, wish.sheet)
    head = b""
    for chunk in source.chunks(HEAD_BYTES):
        head += chunk
        if len(head) >= HEAD_BYTES:
            break
    complete, chosen = len(head) < HEAD_BYTES, wish.encoding
    found = chosen_encoding(chosen, head) if chosen else detect(head, complete)
    if not complete and not chosen and not found.name.startswith("utf"):
        found = detect(_foreign_sample(source), False, not_utf8=True)
    try:
        return _read_text(source, found, head, wish, progress)
    except NotUtf8 as trouble:
        # Text that is UTF-8 in most of its lines, or up to some line, is damaged UTF-8: the lines at fault are rejected, one by one.
        damaged = chosen is not None or utf8_share(trouble.lines) >= 0.8 or trouble.good_before >= GOOD_BEFORE
        found = replace(found, damaged=True) if damaged else detect(_foreign_sample(source) or trouble.lines, False, not_utf8=True)
    return _read_text(source, found, head, wish, progress)


def _read_text(source: Source, encoding: Encoding, head: bytes, wish: Wish, progress: Progress | None) -> RawTable:
    decoder = codecs.getincrementaldecoder(encoding.name)("surrogateescape" if encoding.damaged else "strict")
    try:
        text = decoder.decode(head[encoding.bom_bytes :], False)
    except UnicodeDecodeError as error:
        raise BadInput(
            f"The file is not {encoding.words}.",
            f"Byte {error.start + encoding.bom_bytes:,} means nothing in it.",
            "Choose another encoding.",
        ) from error
    if is_json(text):
        return _read_json(source, encoding, progress)
    dialect = detect_dialect(text, delimiter=wish.delimiter, header=wish.header, known_header=wish.known_header)
    encoding = encoding.borne_out_by([name for name in dialect.written_names if key(name) in wish.known_header])
    cutter = RecordCutter(dialect, line=1, exact_only=wish.exact_only, damaged=encoding.damaged, keep_cells=wish.keep_cells)
    offsets = LineOffsets(encoding.name, encoding.bom_bytes)
    done = 0
    skip = dialect.first_line - 1
    rows = _Rows()
    for block in _utf8_blocks(source, encoding, offsets):
        done += len(block)
        if skip:
            block, skip = _drop_lines(cutter, block, skip)
            if skip:
                continue
        cutter.feed(block)
        rows.take(cutter, PACK_BYTES)
        if len(cutter.carry) > 4 * CARRY_LIMIT:
            raise BadInput("The file has no line ends.", "Its rows cannot be told apart.", "Export it again as CSV.")
        if progress:
            progress(min(0.99, done / max(source.size_bytes * (6 if source.compression else 1), 1)))
    if skip:  # the header was the last line and nothing ends it
        cutter.carry = b""
    cutter.feed(b"", final=True)
    settle(cutter)
    cutter.bad += [(line, value[:VALUE_CUT], ABOVE, "skipped") for line, value in dialect.above]
    cells, lines = rows.all(cutter)
    return RawTable(
        source,
        encoding,
        dialect,
        cells,
        lines,
        reject_table(source.file_name, cutter.bad, offsets),
        _notes(dialect, encoding.damaged, cutter.mended),
        (Part(source.file_name, 0, offsets),),
        cutter.cells,
    )


class _Rows:
    """The rows of a text while it is cut: as text while they are few, packed from then on."""

    def __init__(self) -> None:
        self._packer: Packer | None = None
        self._lines: list[np.ndarray] = []

    def take(self, cutter: RecordCutter, most: int) -> None:
        """Pack all but the last batch, of which `settle` may take rows back, once there are so many bytes."""
        if self._packer is None:
            if sum(batch.nbytes for batch in cutter.batches) < most:
                return
            self._packer = Packer(list(cutter.dialect.names))
        while len(cutter.batches) > 1 and (cutter.batches[0].num_rows == 0 or cutter.batches[-1].num_rows):
            self._packer.add(cutter.batches.pop(0))
        cutter.whole = self._packer.whole
        if len(cutter.lines) > 2 * LATE_BATCHES:
            self._lines.append(joined_at_rest(cutter.lines[:-LATE_BATCHES]))
            del cutter.lines[:-LATE_BATCHES]

    def all(self, cutter: RecordCutter) -> tuple[pa.Table, np.ndarray]:
        """Every row, and its line."""
        pieces = [piece for piece in (*self._lines, *cutter.lines) if len(piece)]
        lines = joined_at_rest(pieces) if pieces else np.empty(0, dtype=np.int32)
        if self._packer is None:
            return pa.concat_tables(cutter.batches) if cutter.batches else cutter.nothing(), lines
        for batch in cutter.batches:
            self._packer.add(batch)
        cells = self._packer.finished()
        pa.default_memory_pool().release_unused()  # what the text took
        return cells, lines


def _read_json(source: Source, encoding: Encoding, progress: Progress | None) -> RawTable:
    cutter, offsets, done = JsonCutter(), LineOffsets(encoding.name, encoding.bom_bytes), 0
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    try:
        for block in _utf8_blocks(source, encoding, offsets):
            cutter.feed(decoder.decode(block))
            done += len(block)
            if progress:
                progress(min(0.99, done / max(source.size_bytes * (6 if source.compression else 1), 1)))
        cutter.feed(decoder.decode(b"", True), final=True)
    except UnicodeDecodeError as error:
        line = cutter.line + cutter.text.count("\n") + error.object.count(b"\n", 0, error.start)
        raise BadInput("The JSON is not UTF-8.", f"Line {line:,} holds other bytes.", "Save the file as UTF-8, as JSON must be.") from error
    table = cutter.table()
    if not table.num_columns:
        raise BadInput("The file has no events.", "Nothing in it is a JSON object.", "Export one JSON object a line.")
    names = tuple(table.column_names)
    lines = np.concatenate(cutter.lines) if cutter.lines else np.empty(0, dtype=np.int64)
    dialect = Dialect(Marks("json", ""), 0, 1, names, names)
    rejects = reject_table(source.file_name, cutter.bad, offsets)
    return RawTable(source, encoding, dialect, table, lines, rejects, (), (Part(source.file_name, 0, offsets),))


def _foreign_sample(source: Source) -> bytes:
    """Lines with bytes outside ASCII from everywhere in the file, up to 64 KB of each 16 MB."""
    pieces = []
    for chunk in source.chunks():
        size = 0
        for line in foreign_lines(chunk, SAMPLE_OF_CHUNK // 16)[1:-1]:
            size += len(line)
            if size > SAMPLE_OF_CHUNK:
                break
            pieces.append(line)
    return b"\n".join(pieces)


def _notes(dialect: Dialect, damaged: bool, mended: int) -> tuple[str, ...]:
    notes = []
    if dialect.lines_above > 0:
        notes.append(f"{dialect.lines_above:,} lines above the header are left out.")
    if dialect.header_rows and len(dialect.header_rows[-1]) != len(dialect.names):
        named = len(dialect.header_rows[-1])
        notes.append(f"The header has {named:,} cells, the rows have {len(dialect.names):,}. Check which name belongs where.")
    if damaged:
        notes.append("Some lines hold bytes that are no UTF-8; they are rejected.")
    if mended:
        notes.append(f"{mended:,} rows hold a stray quote; it was read as part of its cell.")
    return tuple(notes)


def _drop_lines(cutter: RecordCutter, block: bytes, skip: int) -> tuple[bytes, int]:
    """Leave out the first `skip` lines (header and what stands above it); what is left, and how many are still to drop."""
    data = cutter.carry + block
    cutter.carry = b""
    at = 0
    while skip:
        lf, cr = data.find(b"\n", at), data.find(b"\r", at)
        if lf < 0 and (cr < 0 or cr == len(data) - 1):
            cutter.carry = data[at:]
            return b"", skip
        lone = cr >= 0 and (lf < 0 or cr < lf - 1)
        at = (cr if lone else lf) + 1
        skip -= 1
        cutter.line += 1
    return data[at:], 0


def _utf8_blocks(source: Source, encoding: Encoding, offsets: LineOffsets) -> Iterator[bytes]:
    """The content as UTF-8 bytes without a byte order mark; UTF-8 itself passes through untouched."""
    decoder = None if encoding.name == "utf-8" else codecs.getincrementaldecoder(encoding.name)("strict")
    first, watch = True, EncodingWatch(encoding)
    try:
        for chunk in source.chunks(BLOCK_BYTES):
            if first:
                chunk, first = chunk[encoding.bom_bytes :], False
            offsets.add(chunk)
            watch.look(chunk)
            yield chunk if decoder is None else decoder.decode(chunk).encode()
        if decoder is not None:
            yield decoder.decode(b"", True).encode()
    except UnicodeDecodeError as error:
        raise BadInput(
            f"The file is not {encoding.words} throughout.",
            f"The bytes {error.object[error.start : error.start + 4]!r} mean nothing in it.",
            "Choose another encoding, or save the file as UTF-8.",
        ) from error
