"""A file as text: what every reader of a file kind gives, before anything is mapped."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa

from recengine.columns import Reject
from recengine.errors import BadInput
from recengine.ingest.dialect import Dialect
from recengine.ingest.encoding import Encoding
from recengine.ingest.offsets import LineOffsets
from recengine.ingest.packed import as_text, below_each_other, layout_of, taken
from recengine.ingest.source import Source

REJECT_SCHEMA = pa.schema(
    [
        (Reject.FILE, pa.string()),
        (Reject.LINE, pa.int64()),
        (Reject.OFFSET, pa.int64()),
        (Reject.COLUMN, pa.string()),
        (Reject.VALUE, pa.string()),
        (Reject.REASON, pa.string()),
        (Reject.KIND, pa.string()),
    ]
)


@dataclass(frozen=True, eq=False)
class Part:
    """One file of several that are read as one table."""

    file_name: str
    first_row: int  # of the common table
    offsets: LineOffsets | None  # None where rows have no byte of their own


@dataclass(frozen=True, eq=False)
class RawTable:
    """A file as text: nothing typed, nothing trimmed, nothing lost."""

    source: Source
    encoding: Encoding
    dialect: Dialect
    cells: pa.Table  # as read, or packed, see `packed`; null in columns of text only where the file itself knows missing values
    lines: np.ndarray  # int32 or int64 [rows], physical line of each row in its file
    rejects: pa.Table  # rows that could not be cut into cells, blank lines and lines above the header included
    notes: tuple[str, ...] = field(default=())
    parts: tuple[Part, ...] = field(default=())
    odd_cells: dict[int, list[str]] = field(default_factory=dict)  # line → cells of rows with the wrong number of them, when asked for
    sheets: tuple[tuple[str, int], ...] = ()  # of a workbook: name and rows of every sheet; `source.member` is the one that was read

    @property
    def names(self) -> list[str]:
        return self.cells.column_names

    @property
    def table(self) -> pa.Table:
        """All cells as text, made anew each time: for large files take single columns, or `some` rows."""
        return text_table(self.cells)

    @property
    def n_rows(self) -> int:
        """Rows with the right number of cells."""
        return self.cells.num_rows

    @property
    def records(self) -> int:
        """Physical rows: every record but the header, blank lines and lines above the header included."""
        return self.n_rows + self.rejects.num_rows

    def column(self, name: str) -> pa.ChunkedArray:
        """string [rows]."""
        return as_text(self.cells.column(name), self.layout(name))

    def layout(self, name: str) -> str | None:
        """How the times of a column of seconds are written, None for every other column."""
        return layout_of(self.cells.field(name))

    def some(self, name: str, first: int, n: int) -> pa.ChunkedArray:
        """string: at most n cells of a column."""
        return as_text(self.cells.column(name).slice(first, n), self.layout(name))

    def head(self, n: int) -> pa.Table:
        """The first rows as text."""
        return text_table(self.cells.slice(0, n))

    def rows(self, rows: np.ndarray) -> pa.Table:
        """Some rows as text."""
        return pa.table({name: as_text(taken(self.cells.column(name), rows), self.layout(name)) for name in self.names})

    def places(self, rows: np.ndarray) -> tuple[pa.Array, np.ndarray, np.ndarray]:
        """File name, line and byte offset (-1: unknown) of some rows of the table."""
        lines = self.lines[rows].astype(np.int64)
        if not self.parts:
            return repeated_text(self.source.file_name, len(rows)), lines, np.full(len(rows), -1, dtype=np.int64)
        part_of = np.searchsorted([part.first_row for part in self.parts], rows, side="right") - 1
        offsets = np.full(len(rows), -1, dtype=np.int64)
        for k in np.unique(part_of):
            known = self.parts[k].offsets
            if known is not None:
                offsets[part_of == k] = known.of(lines[part_of == k])
        return pa.array([part.file_name for part in self.parts], pa.string()).take(pa.array(part_of)), lines, offsets

    @property
    def order(self) -> np.ndarray:
        """int [rows]: the order of the rows over all files; the line where there is one file."""
        if len(self.parts) < 2:
            return self.lines
        return np.arange(1, self.n_rows + 1, dtype=np.int64)


def text_table(cells: pa.Table) -> pa.Table:
    """A packed table as text."""
    columns = [as_text(column, layout_of(field)) for column, field in zip(cells.columns, cells.schema, strict=True)]
    return pa.table(columns, names=cells.column_names)


def repeated_text(text: str, n: int) -> pa.Array:
    """The same text n times."""
    return pa.array([text], pa.string()).take(pa.array(np.zeros(n, dtype=np.int8)))


def reject_table(file_name: str, bad: list[tuple[int, str, str, str]], offsets: LineOffsets | None) -> pa.Table:
    """Rows that could not be cut: (line, text, reason, kind) each, as a table of REJECT_SCHEMA in order of lines."""
    bad = sorted(bad, key=lambda row: row[0])
    lines, values, reasons, kinds = zip(*bad, strict=True) if bad else ((), (), (), ())
    at = np.array(lines, dtype=np.int64)
    return pa.table(
        [
            repeated_text(file_name, len(bad)),
            pa.array(at),
            pa.array(offsets.of(at) if offsets else np.full(len(bad), -1, dtype=np.int64)),
            repeated_text("", len(bad)),
            pa.array(values, pa.string()),
            pa.array(reasons, pa.string()),
            pa.array(kinds, pa.string()),
        ],
        schema=REJECT_SCHEMA,
    )


def joined(raws: list[RawTable]) -> RawTable:
    """Several files of one shape as one table, one below the other; a single one as it is.

    Raises:
        BadInput: the columns of one file differ from those of the first; the message names it.
    """
    first = raws[0]
    if len(raws) == 1:
        return first
    for raw in raws[1:]:
        if set(raw.names) != set(first.names):
            other = sorted(set(raw.names) ^ set(first.names))
            raise BadInput(
                "The files have different columns.",
                f"{raw.source.file_name} and {first.source.file_name} differ in {', '.join(other[:5])}.",
                "Import them one by one.",
            )
    starts = np.cumsum([0, *(raw.n_rows for raw in raws)])
    parts = tuple(replace(part, first_row=int(start)) for raw, start in zip(raws, starts, strict=False) for part in raw.parts)
    notes = dict.fromkeys(note for raw in raws for note in raw.notes)
    return replace(
        first,
        cells=below_each_other([raw.cells.select(first.names) for raw in raws]),
        lines=np.concatenate([raw.lines for raw in raws]),
        rejects=pa.concat_tables([raw.rejects for raw in raws]),
        encoding=min((raw.encoding for raw in raws), key=lambda encoding: encoding.confidence),
        notes=(f"{len(raws):,} files are read as one.", *notes),
        parts=parts,
        odd_cells={},
    )
