"""Unpacks gzip, Zstandard and zip members as streams, and stops where a small file grows too large."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from recengine.errors import BadInput

BOMB_FLOOR_BYTES = 64 * 2**20  # below this, any ratio is harmless
BOMB_RATIO = 150  # deflate can reach 1,032; real event logs stay under 40
MAX_BYTES = 20 * 2**30
DEFLATE_RATIO = 1_032  # the most there is
COUNTED_FIRST = 8 * 2**20
ZSTD_WINDOW = 2**27
ZSTD_STEP = 1_024  # bytes unpacked at once, 32 MB in the worst case


def allowed_bytes(packed: int) -> int:
    """How far a packed file of this size may grow."""
    return min(MAX_BYTES, max(BOMB_FLOOR_BYTES, packed * BOMB_RATIO))


def too_much(name: str, packed: int) -> BadInput:
    """The refusal of a file that grows past what is allowed."""
    return BadInput(
        f"{name} unpacks to too much data.",
        f"{packed:,} bytes grew past {allowed_bytes(packed):,} bytes.",
        "Upload the file unpacked, if it is a real log.",
    )


def refuse_bomb(path: Path, name: str, packed: str, size: int) -> None:
    """Refuse a file that says itself how far it grows, or a small one that says nothing, before any of it is kept.

    Raises:
        BadInput: it grows past what is allowed, or it is damaged.
    """
    with path.open("rb") as file:
        head = file.read(18)
        file.seek(-4, 2)
        tail = file.read(4)
    told = int.from_bytes(tail, "little")  # the length of the last gzip member, modulo 4 GB; noise where the file is cut off
    if packed == "gzip" and allowed_bytes(size) < told <= DEFLATE_RATIO * size:
        raise too_much(name, size)
    if packed == "zstd":
        import zstandard

        try:
            told = zstandard.frame_content_size(head)
        except zstandard.ZstdError:
            told = -1
        if told > allowed_bytes(size):
            raise too_much(name, size)
        if told < 0 and size < COUNTED_FIRST:
            for _ in unzstd(path, name, size, 2**20):  # counts, and keeps nothing
                pass


def gunzip(path: Path, name: str, size_bytes: int, chunk_bytes: int) -> Iterator[bytes]:
    """Members of a gzip file one after the other; zero padding after the last one is allowed, as in gzip(1).

    Raises:
        BadInput: damaged, cut off, or far larger than it should be.
    """
    allowed = allowed_bytes(size_bytes)
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
                raise too_much(name, size_bytes)
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


def unzstd(path: Path, name: str, size_bytes: int, chunk_bytes: int) -> Iterator[bytes]:
    """Frames of a Zstandard file one after the other.

    Raises:
        BadInput: damaged, cut off, or far larger than it should be.
    """
    import zstandard  # 20 ms to import, rarely needed

    def fresh() -> zstandard.ZstdDecompressionObj:
        return zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW).decompressobj()

    inflater, began = fresh(), False
    allowed, total, buffered, pending = allowed_bytes(size_bytes), 0, 0, []
    with path.open("rb") as file:
        data = file.read(ZSTD_STEP)
        while data:
            if inflater.eof:
                inflater, began = fresh(), False
            try:
                piece = inflater.decompress(data)
            except zstandard.ZstdError as error:
                raise BadInput(
                    f"{name} cannot be unpacked.", f"The Zstandard data is damaged ({error}).", "Compress the file again and upload it."
                ) from error
            began = True
            total += len(piece)
            if total > allowed:
                raise too_much(name, size_bytes)
            pending.append(piece)
            buffered += len(piece)
            if buffered >= chunk_bytes:
                yield b"".join(pending)
                pending, buffered = [], 0
            data = (inflater.unused_data if inflater.eof else b"") or file.read(ZSTD_STEP)
    if began and not inflater.eof:
        raise BadInput(f"{name} is not complete.", "The Zstandard data ends before its end mark.", "Copy or download the file again.")
    if pending:
        yield b"".join(pending)


def unzip(path: Path, name: str, member: str, chunk_bytes: int) -> Iterator[bytes]:
    """One member of a zip archive.

    Raises:
        BadInput: damaged, or far larger than it should be.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            packed, total = archive.getinfo(member).compress_size, 0
            with archive.open(member) as file:
                while piece := _read(file, chunk_bytes):
                    total += len(piece)
                    if total > allowed_bytes(packed):
                        raise too_much(name, packed)
                    yield piece
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, KeyError) as error:
        raise BadInput(
            f"{name} cannot be unpacked.", f"The zip data is damaged ({error}).", "Pack the file again and upload it."
        ) from error


def _read(file: IO[bytes], size: int) -> bytes:
    """Up to `size` bytes, less at the end only."""
    pieces, missing = [], size
    while missing and (piece := file.read(min(missing, 2**20))):
        pieces.append(piece)
        missing -= len(piece)
    return b"".join(pieces)
