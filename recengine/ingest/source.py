"""Opens an uploaded file as a stream of bytes: what it is packed in and what it holds by its first bytes, never by its name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from recengine.errors import BadInput
from recengine.ingest.archive import members_of
from recengine.ingest.inflate import gunzip, refuse_bomb, unzip, unzstd

CHUNK_BYTES = 16 * 2**20
GZIP, ZIP, ZSTD, PARQUET = b"\x1f\x8b", b"PK\x03\x04", b"\x28\xb5\x2f\xfd", b"PAR1"

# First bytes → what the file really is. What is read on purpose is not listed.
FOREIGN = (
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"BM\x00", "a bitmap picture"),
    (b"RIFF", "a media file"),
    (b"II*\x00", "a TIFF picture"),
    (b"MM\x00*", "a TIFF picture"),
    (b"%PDF", "a PDF document"),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Word document"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"BZh", "a bzip2 archive"),
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
    compression: str  # "", "gzip", "zstd" or "zip"
    kind: str  # "text", "parquet" or "xlsx"
    member: str = ""  # name inside a zip archive

    def chunks(self, chunk_bytes: int = CHUNK_BYTES) -> Iterator[bytes]:
        """The content, decompressed, in pieces of about `chunk_bytes`.

        Raises:
            BadInput: the archive is damaged, ends too early, or unpacks to far more than it should.
        """
        if self.compression == "gzip":
            yield from gunzip(self.path, self.file_name, self.size_bytes, chunk_bytes)
            return
        if self.compression == "zstd":
            yield from unzstd(self.path, self.file_name, self.size_bytes, chunk_bytes)
            return
        if self.compression == "zip":
            yield from unzip(self.path, self.file_name, self.member, chunk_bytes)
            return
        with self.path.open("rb") as file:
            while chunk := file.read(chunk_bytes):
                yield chunk


def open_source(path: Path, file_name: str | None = None) -> Source:
    """Look at the first bytes of a file and say how it will be read; of an archive with several members, the first.

    Args:
        path: Where the bytes are.
        file_name: The name to show; the uploaded name may differ from the one on disk.

    Raises:
        BadInput: missing, empty, or no table at all (a picture, a document, an archive inside another).
    """
    return open_sources(path, file_name)[0]


def open_sources(path: Path, file_name: str | None = None) -> list[Source]:
    """The same, with every member of an archive. A member is called `archive.zip/member.csv`."""
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
    if head.startswith(PARQUET):
        return [Source(path, name, size, "", "parquet")]
    if head.startswith(ZIP):
        members = members_of(path, name)
        if not members:
            return [Source(path, name, size, "", "xlsx")]
        return [_inside(Source(path, f"{name}/{member}", size, "zip", "text", member)) for member in members]
    for magic, packed in ((GZIP, "gzip"), (ZSTD, "zstd")):
        if head.startswith(magic):
            refuse_bomb(path, name, packed, size)
            return [_inside(Source(path, name, size, packed, "text"))]
    return [Source(path, name, size, "", "text")]


def _inside(source: Source) -> Source:
    """Refuse what a packed file may not hold."""
    name = source.file_name
    inner = next(source.chunks(65_536), b"")
    if not inner:
        raise BadInput(f"{name} is empty.", "The archive unpacks to 0 bytes.", "Export it again and check that it has rows.")
    _refuse_foreign(name, inner)
    if inner.startswith(PARQUET):
        raise BadInput(f"{name} is a Parquet file inside an archive.", "Parquet is compressed already.", "Upload the Parquet file itself.")
    if inner.startswith((GZIP, ZIP, ZSTD)):
        raise BadInput(f"{name} is an archive inside an archive.", "Only one layer is unpacked.", "Upload the inner file itself.")
    return replace(source, kind="text")


def _refuse_foreign(name: str, head: bytes) -> None:
    for magic, words in FOREIGN:
        if head.startswith(magic):
            raise BadInput(
                f"{name} is not a table of events.",
                f"Its first bytes say it is {words}.",
                "Upload a CSV, TSV, JSON, Excel or Parquet file.",
            )
