"""Opening files: by their bytes, with limits, never silently."""

from __future__ import annotations

import gzip

import pytest

from recengine.errors import BadInput
from recengine.ingest import inflate
from recengine.ingest.source import open_source


def whole(path) -> bytes:
    return b"".join(open_source(path).chunks())


def test_gzip_is_known_by_its_bytes_not_by_its_name(tmp_path):
    path = tmp_path / "plain.csv"
    path.write_bytes(gzip.compress(b"a,b\n1,2\n"))
    assert open_source(path).compression == "gzip"
    assert whole(path) == b"a,b\n1,2\n"
    path = tmp_path / "not.gz"
    path.write_bytes(b"a,b\n1,2\n")
    assert whole(path) == b"a,b\n1,2\n"


def test_members_one_after_the_other_and_padding(tmp_path):
    path = tmp_path / "two.gz"
    path.write_bytes(gzip.compress(b"a,b\n") + gzip.compress(b"1,2\n") + b"\0" * 100)
    assert whole(path) == b"a,b\n1,2\n"


def test_pieces_of_a_large_file_join_to_the_same_bytes(tmp_path):
    data = b"".join(b"%d,%d\n" % (k, k * 7) for k in range(50_000))
    path = tmp_path / "big.gz"
    path.write_bytes(gzip.compress(data))
    assert b"".join(open_source(path).chunks(10_000)) == data


@pytest.mark.parametrize("keep", [0.2, 0.9, 0.999])
def test_a_cut_archive_is_refused(tmp_path, keep):
    full = gzip.compress(b"".join(b"%d,%d\n" % (k, k * 7919 % 10_007) for k in range(20_000)))
    path = tmp_path / "cut.gz"
    path.write_bytes(full[: int(len(full) * keep)])
    with pytest.raises(BadInput, match="not complete"):
        whole(path)


def test_a_damaged_archive_is_refused(tmp_path):
    full = bytearray(gzip.compress(b"".join(b"%d,%d\n" % (k, k * 7919 % 10_007) for k in range(20_000))))
    full[-6] ^= 0xFF  # checksum
    path = tmp_path / "bad.gz"
    path.write_bytes(bytes(full))
    with pytest.raises(BadInput, match="cannot be unpacked"):
        whole(path)


def test_a_bomb_is_refused_before_it_fills_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(inflate, "BOMB_FLOOR_BYTES", 2**20)
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(b"user,item\n" + b"1,2\n" * 10_000_000))
    with pytest.raises(BadInput, match="too much data"):
        whole(path)


def test_small_repetitive_files_are_no_bombs(tmp_path):
    path = tmp_path / "same.gz"
    path.write_bytes(gzip.compress(b"1,2\n" * 500_000))
    assert len(whole(path)) == 2_000_000


@pytest.mark.parametrize(
    ("head", "word"),
    [(b"\x89PNG\r\n\x1a\n", "PNG"), (b"\xff\xd8\xff\xe0", "JPEG"), (b"%PDF-1.7", "PDF"), (b"PK\x03\x04", "archive"), (b"GIF89a", "GIF")],
)
def test_pictures_and_documents_are_named(tmp_path, head, word):
    path = tmp_path / "photo.csv"
    path.write_bytes(head + b"rest of it")
    with pytest.raises(BadInput, match=word):
        open_source(path)
    path.write_bytes(gzip.compress(head + b"rest of it"))
    with pytest.raises(BadInput, match=word):
        open_source(path)


def test_empty_and_missing(tmp_path):
    path = tmp_path / "none.csv"
    with pytest.raises(BadInput, match="no file"):
        open_source(path)
    path.write_bytes(b"")
    with pytest.raises(BadInput, match="empty"):
        open_source(path)
    path.write_bytes(gzip.compress(b""))
    with pytest.raises(BadInput, match="empty"):
        open_source(path)
