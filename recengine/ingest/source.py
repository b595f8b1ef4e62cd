"""Opens an uploaded file as a stream of bytes: plain or gzip by its first bytes, never by its name."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from recengine.errors import BadInput

CHUNK_BYTES = 16 * 2**20
BOMB_FLOOR_BYTES = 64 * 2**20  # below this, any ratio is harmless
BOMB_RATIO = 150  # deflate can reach 1,032; real event logs stay under 40
MAX_BYTES = 20 * 2**30

# First bytes → what the file really is. Formats that are read on purpose (gzip, Parquet) are not listed.
FOREIGN = (
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"BM\x00", "a bitmap picture"),
    (b"RIFF", "a media file"),
    (b"II*\x00", "a TIFF picture"),
    (b"MM\x00*", "a TIFF picture"),
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive or an Excel workbook"),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Word document"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"\xfd7zXZ", "an XZ archive"),
    (b"SQLite format 3", "a SQLite database"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
)


@dataclass(frozen=True)
class Source:
    """A file on disk and what its first bytes say it is."""

    path: Path
    file_name: str
    size_bytes: int
    compression: str  # "" or "gzip"
    kind: str  # "text" or "parquet"

    def chunks(self, chunk_bytes: int = CHUNK_BYTES) -> Iterator[bytes]:
        """The content, decompressed, in pieces of about `chunk_bytes`.

        Raises:
            BadInput: the archive is damaged, ends too early, or unpacks to far more than it should.
        """
        if self.compression == "gzip":
            yield from _gunzip(self.path, self.file_name, self.size_bytes, chunk_bytes)
            return
        with self.path.open("rb") as file:
            while chunk := file.read(chunk_bytes):
                yield chunk


def open_source(path: Path, file_name: str | None = None) -> Source:
    """Look at the first bytes of a file and say how it will be read.

    Args:
        path: Where the bytes are.
        file_name: The name to show; the uploaded name may differ from the one on disk.

    Raises:
        BadInput: missing, empty, or no table at all (a picture, a document, another archive).
    """
    path = Path(path)
    name = file_name or path.name
    if not path.is_file():
        raise BadInput(f"There is no file {name}.", "It was moved or deleted.", "Choose the file again.")
    size = path.stat().st_size
    if size == 0:
        raise BadInput(f"{name} is empty.", "It has 0 bytes.", "Export it again and check that it has rows.")
    with path.open("rb") as file:
        head = file.read(16)
    _refuse_foreign(name, head)
    if head.startswith(b"PAR1"):
        return Source(path, name, size, "", "parquet")
    if head.startswith(b"\x1f\x8b"):
        source = Source(path, name, size, "gzip", "text")
        inner = next(source.chunks(65_536), b"")
        if not inner:
            raise BadInput(f"{name} is empty.", "The archive unpacks to 0 bytes.", "Export it again and check that it has rows.")
        _refuse_foreign(name, inner)
        if inner.startswith(b"PAR1"):
            raise BadInput(f"{name} is a Parquet file inside gzip.", "Parquet is compressed already.", "Upload the Parquet file itself.")
        return source
    return Source(path, name, size, "", "text")


def _refuse_foreign(name: str, head: bytes) -> None:
    for magic, words in FOREIGN:
        if head.startswith(magic):
            raise BadInput(f"{name} is not a table of events.", f"Its first bytes say it is {words}.", "Upload a CSV, TSV or Parquet file.")


def _gunzip(path: Path, name: str, size_bytes: int, chunk_bytes: int) -> Iterator[bytes]:
    """Members of a gzip file one after the other; zero padding after the last one is allowed, as in gzip(1)."""
    allowed = min(MAX_BYTES, max(BOMB_FLOOR_BYTES, size_bytes * BOMB_RATIO))
    total, pending, buffered = 0, [], 0
    inflater = zlib.decompressobj(31)
    fresh = False  # True between two members
    with path.open("rb") as file:
        data = file.read(2**20)
        while data:
            if fresh:
                data = data.lstrip(b"\x00")
                if not data:
                    data = file.read(2**20)
                    continue
                inflater, fresh = zlib.decompressobj(31), False
            try:
                piece = inflater.decompress(data, chunk_bytes)
            except zlib.error as error:
                raise BadInput(
                    f"{name} cannot be unpacked.", f"The gzip data is damaged ({error}).", "Compress the file again and upload it."
                ) from error
            total += len(piece)
            if total > allowed:
                raise BadInput(
                    f"{name} unpacks to too much data.",
                    f"{size_bytes:,} bytes grew past {allowed:,} bytes.",
                    "Upload the file unpacked, if it is a real log.",
                )
            pending.append(piece)
            buffered += len(piece)
            if buffered >= chunk_bytes:
                yield b"".join(pending)
                pending, buffered = [], 0
            if inflater.eof:
                fresh = True
                data = inflater.unused_data or file.read(2**20)
            else:
                data = inflater.unconsumed_tail or file.read(2**20)
    if not fresh:
        raise BadInput(f"{name} is not complete.", "The gzip data ends before its end mark.", "Copy or download the file again.")
    if pending:
        yield b"".join(pending)
