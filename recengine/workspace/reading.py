"""A waiting file beside its bytes: how it was read, and what a person may say about that."""

from __future__ import annotations

import json
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recengine.artefacts import write_atomically
from recengine.errors import BadInput
from recengine.ids import check_id
from recengine.types.reading import LeftOut, RawLine, ReadingChoices, ReadingView, ReadRow
from recengine.workspace.as_kept import first_rows_as_kept
from recengine.workspace.context import Context

if TYPE_CHECKING:
    from recengine.workspace.datasets import Datasets

FIRST_LINES = 20
LINE_BYTES = 240
HEAD_BYTES = 65_536
ENCODINGS = (
    "utf-8", "utf-16-le", "utf-16-be", "gb18030", "big5", "cp932", "euc_kr", "cp1252", "cp1250", "cp1251", "cp1254", "iso8859-1",
    "mac-roman", "koi8-r",
)  # fmt: skip
PLAN: dict[str, Any] = {"name": "", "base": "", "cleaning": None, "tables": [], "overlap": "skip"}  # nothing asked for
DELIMITERS = ((",", "Comma"), (";", "Semicolon"), ("\t", "Tab"), ("|", "Pipe"), ("::", "Two colons"), (" ", "Space"))


class Reading:
    """What a file looks like before its columns mean anything."""

    def __init__(self, context: Context, datasets: Datasets) -> None:
        self._context, self._datasets = context, datasets

    def edits(self, upload: str) -> dict[str, Any]:
        """What a person has said about a waiting file so far; {} at first. Raises NotFound."""
        return self._datasets.said(upload)

    def keep_edits(self, upload: str, edits: dict[str, Any]) -> None:
        """Keep it beside the file, so that it outlives the browser tab. Raises NotFound."""
        self._datasets.path(upload)
        write_atomically(self._edits_file(upload), json.dumps(edits, sort_keys=True).encode())

    def plan(self, upload: str) -> dict[str, Any]:
        """What taking a waiting file in was asked to do: the arguments of `DatasetVersions.submit` beside the mapping. Raises NotFound."""
        self._datasets.path(upload)
        file = self._edits_file(upload).with_name("plan.json")
        return PLAN | (json.loads(file.read_bytes()) if file.is_file() else {})

    def keep_plan(self, upload: str, plan: dict[str, Any]) -> None:
        """Keep it beside the file. Raises NotFound, and ValueError for a wish that is none of PLAN."""
        self._datasets.path(upload)
        if strange := plan.keys() - PLAN.keys():
            raise ValueError(f"no such wish: {sorted(strange)}")
        write_atomically(self._edits_file(upload).with_name("plan.json"), json.dumps(plan, sort_keys=True).encode())

    def _edits_file(self, upload: str) -> Path:
        return self._context.root / "uploads" / check_id(upload) / "edits.json"

    def choices(self) -> ReadingChoices:
        """What can be asked for in place of what was found."""
        from recengine.ingest.encoding import WORDS

        named = {"utf-16-le": "UTF-16, low byte first", "utf-16-be": "UTF-16, high byte first"}
        return ReadingChoices(tuple((codec, named.get(codec, WORDS[codec])) for codec in ENCODINGS), DELIMITERS)

    def view(self, upload: str, edits: dict[str, Any] | None = None) -> ReadingView:
        """The first rows as read, by the parser of the import.

        Args:
            upload: a handle.
            edits: "reading": {"encoding", "delimiter", "header", "sheet"} asks for another way; "hashed": [columns] shows them hashed;
                other edits change nothing here.

        Raises:
            BadInput: the file cannot be read that way.
            NotFound: the upload is gone.
        """
        reading = (edits or {}).get("reading")
        raw = self._datasets.recognition(upload, {"reading": reading} if reading else None).raw
        raw_head = first_rows_as_kept(self._context, raw, FIRST_LINES, tuple((edits or {}).get("hashed") or ()))
        dialect, table = raw.dialect, raw_head.table
        columns = [column.to_pylist() for column in table.columns]
        rows = (tuple("" if cell is None else str(cell) for cell in cells) for cells in zip(*columns, strict=True))
        out = raw_head.rejects.to_pylist()
        return ReadingView(
            encoding=raw.encoding.name,
            encoding_words=raw.encoding.words,
            encoding_confidence=raw.encoding.confidence,
            encoding_how=raw.encoding.how,
            delimiter=dialect.delimiter,
            dialect=dialect.words,
            header_line=dialect.header_line,
            names=tuple(raw.names),
            rows=tuple(ReadRow(int(line), cells) for line, cells in zip(raw.lines[:FIRST_LINES].tolist(), rows, strict=True)),
            left_out=tuple(LeftOut(int(row["line"]), row["reason"], row["value"][:LINE_BYTES]) for row in out),
            n_left_out=raw.rejects.num_rows,
            records=raw.records,
            sheet=raw.source.member if raw.sheets else "",
            sheets=raw.sheets,
        )

    def lines(self, upload: str, hide: bool = False) -> tuple[RawLine, ...]:
        """The first lines byte by byte, unpacked where the file is packed; () for files that have no lines.

        Args:
            upload: a handle.
            hide: show e-mail addresses, telephone and card numbers as …

        Raises:
            NotFound: the upload is gone.
        """
        from recengine.ingest.privacy import without_addresses
        from recengine.ingest.source import open_source

        path, name = self._datasets.path(upload)
        try:
            source = open_source(path, name)
            head = b"".join(islice(source.chunks(HEAD_BYTES), 1))[:HEAD_BYTES] if source.kind == "text" else b""
        except BadInput:  # what is wrong with the file is said where it is read
            return ()
        shown = [_shown(line) for line in head.splitlines()[:FIRST_LINES]]
        return tuple(RawLine(n, without_addresses(text) if hide else text, cut) for n, (text, cut) in enumerate(shown, 1))


def _shown(line: bytes) -> tuple[str, bool]:
    """Printable ASCII as it is, everything else as \\x and two digits; and whether it was cut."""
    shown = "".join(chr(byte) if 32 <= byte < 127 else f"\\x{byte:02x}" for byte in line[:LINE_BYTES])
    return shown, len(line) > LINE_BYTES
