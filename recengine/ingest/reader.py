"""Reads a file into a table of text: every cell as written, every row with its physical line."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pyarrow as pa

from recengine.columns import Reject
from recengine.errors import BadInput
from recengine.ingest.blocks import CARRY_LIMIT, NotUtf8, RecordCutter
from recengine.ingest.dialect import MAX_COLUMNS, Dialect, detect_dialect
from recengine.ingest.encoding import Encoding, chosen_encoding, detect, utf8_share
from recengine.ingest.source import Source, open_source

HEAD_BYTES = 2**20
REJECT_SCHEMA = pa.schema(
    [
        (Reject.LINE, pa.int64()),
        (Reject.COLUMN, pa.string()),
        (Reject.VALUE, pa.string()),
        (Reject.REASON, pa.string()),
        (Reject.KIND, pa.string()),
    ]
)


@dataclass(frozen=True, eq=False)
class RawTable:
    """A file as text: nothing typed, nothing trimmed, nothing lost."""

    source: Source
    encoding: Encoding
    dialect: Dialect
    table: pa.Table  # string columns; null only where the file itself knows missing values (Parquet)
    lines: np.ndarray  # int64 [rows], physical line of each row
    rejects: pa.Table  # rows that could not be cut into cells, blank lines included
    notes: tuple[str, ...] = field(default=())

    @property
    def names(self) -> list[str]:
        return self.table.column_names

    @property
    def records(self) -> int:
        """Physical rows: data records after the header, blank lines included."""
        return self.table.num_rows + self.rejects.num_rows

    def column(self, name: str) -> pa.ChunkedArray:
        return self.table.column(name)


def read(
    path: Path,
    file_name: str | None = None,
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    header: bool | None = None,
    known_header: frozenset[str] = frozenset(),
    exact_only: bool = False,
    progress: Callable[[float], None] | None = None,
) -> RawTable:
    """Read a CSV-like text (plain or gzip) or a Parquet file as text.

    Args:
        path: The file.
        file_name: The name to show.
        encoding: A codec chosen by the reader, or None to find it.
        delimiter: Chosen, or None to find it.
        header: Whether there is a header, or None to find out.
        known_header: Names that mark a header beyond doubt.
        exact_only: Use the record-by-record way for every block (for tests).
        progress: Called with the share of the bytes read, 0 to 1.

    Raises:
        BadInput: not a table, damaged, empty, or one that needs an answer first.

    Cost: about 0.1 s for 50 MB; memory is the text plus four bytes a cell.
    """
    source = open_source(path, file_name)
    if source.kind == "parquet":
        return _read_parquet(source)
    head = b""
    for chunk in source.chunks(HEAD_BYTES):
        head += chunk
        if len(head) >= HEAD_BYTES:
            break
    complete = len(head) < HEAD_BYTES
    found = chosen_encoding(encoding, head) if encoding else detect(head, complete)
    try:
        return _read_text(source, found, head, delimiter, header, known_header, exact_only, progress)
    except NotUtf8 as trouble:
        # Text that is UTF-8 in most of its lines is a damaged UTF-8 file: the lines at fault are rejected, one by one.
        damaged = encoding is not None or utf8_share(trouble.lines) >= 0.8
        found = replace(found, damaged=True) if damaged else detect(trouble.lines, False, not_utf8=True)
    return _read_text(source, found, head, delimiter, header, known_header, exact_only, progress)


def _read_text(
    source: Source,
    encoding: Encoding,
    head: bytes,
    delimiter: str | None,
    header: bool | None,
    known_header: frozenset[str],
    exact_only: bool,
    progress: Callable[[float], None] | None,
) -> RawTable:
    decoder = codecs.getincrementaldecoder(encoding.name)("surrogateescape" if encoding.damaged else "strict")
    try:
        text = decoder.decode(head[encoding.bom_bytes :], False)
    except UnicodeDecodeError as error:
        raise BadInput(
            f"The file is not {encoding.words}.",
            f"Byte {error.start + encoding.bom_bytes:,} means nothing in it.",
            "Choose another encoding.",
        ) from error
    dialect = detect_dialect(text, delimiter=delimiter, header=header, known_header=known_header)
    cutter = RecordCutter(dialect, line=1, exact_only=exact_only, damaged=encoding.damaged)
    done = 0
    skip = dialect.first_line - 1
    for block in _utf8_blocks(source, encoding):
        done += len(block)
        if skip:
            block, skip = _drop_lines(cutter, block, skip)
            if skip:
                continue
        cutter.feed(block)
        if len(cutter.carry) > 4 * CARRY_LIMIT:
            raise BadInput("The file has no line ends.", "Its rows cannot be told apart.", "Export it again as CSV.")
        if progress:
            progress(min(0.99, done / max(source.size_bytes * (6 if source.compression else 1), 1)))
    if skip:  # the header was the last line and nothing ends it
        cutter.carry = b""
    cutter.feed(b"", final=True)
    table = pa.concat_tables(cutter.batches) if cutter.batches else cutter._empty()
    lines = np.concatenate(cutter.lines) if cutter.lines else np.empty(0, dtype=np.int64)
    return RawTable(source, encoding, dialect, table, lines.astype(np.int64), _reject_table(cutter.bad), _notes(dialect, encoding.damaged))


def _notes(dialect: Dialect, damaged: bool) -> tuple[str, ...]:
    notes = []
    if dialect.lines_above > 0:
        notes.append(f"{dialect.lines_above:,} lines above the header are left out.")
    if damaged:
        notes.append("Some lines hold bytes that are no UTF-8; they are rejected.")
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


def _utf8_blocks(source: Source, encoding: Encoding) -> Iterator[bytes]:
    """The content as UTF-8 bytes without a byte order mark; UTF-8 itself passes through untouched."""
    decoder = None if encoding.name == "utf-8" else codecs.getincrementaldecoder(encoding.name)("strict")
    first = True
    try:
        for chunk in source.chunks():
            if first:
                chunk, first = chunk[encoding.bom_bytes :], False
            yield chunk if decoder is None else decoder.decode(chunk).encode()
        if decoder is not None:
            yield decoder.decode(b"", True).encode()
    except UnicodeDecodeError as error:
        raise BadInput(
            f"The file is not {encoding.words} throughout.",
            f"The bytes {error.object[error.start : error.start + 4]!r} mean nothing in it.",
            "Choose another encoding, or save the file as UTF-8.",
        ) from error


def _reject_table(bad: list[tuple[int, str, str, str]]) -> pa.Table:
    lines, values, reasons, kinds = zip(*bad, strict=True) if bad else ((), (), (), ())
    return pa.table(
        [
            pa.array(lines, pa.int64()),
            pa.array([""] * len(bad), pa.string()),
            pa.array(values, pa.string()),
            pa.array(reasons, pa.string()),
            pa.array(kinds, pa.string()),
        ],
        schema=REJECT_SCHEMA,
    )


def _read_parquet(source: Source) -> RawTable:
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(source.path)
    except (pa.ArrowException, OSError) as error:
        raise BadInput(f"{source.file_name} cannot be read.", "The Parquet data is damaged or cut off.", "Export it again.") from error
    if table.num_columns > MAX_COLUMNS:
        raise BadInput(f"The file has {table.num_columns:,} columns.", f"At most {MAX_COLUMNS:,} can be read.", "Export one row an event.")
    columns, notes = {}, []
    for name, column in zip(table.column_names, table.columns, strict=True):
        try:
            columns[name] = column.cast(pa.string())
        except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
            notes.append(f"Column {name} holds {column.type}, which is no text, number or time; it is left out.")
    if not table.num_rows:
        raise BadInput("The file has no rows.", "It holds column names only.", "Export it again and check that it has rows.")
    names = tuple(columns)
    dialect = Dialect("parquet", False, 0, 1, names, names)
    lines = np.arange(1, table.num_rows + 1, dtype=np.int64)
    return RawTable(source, Encoding("utf-8", 1.0, "Parquet"), dialect, pa.table(columns), lines, _reject_table([]), tuple(notes))
