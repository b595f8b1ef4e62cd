"""accepted + rejected + skipped = physical records: every format, every encoding, packed or not, one file or several, spoiled or not."""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

sys.path.insert(0, str(Path(__file__).parent))
from format_fixtures import FIXTURES, Fixture

from recengine.columns import Reject
from recengine.errors import BadInput
from recengine.ingest.importer import Ingested, ingest

EACH = pytest.mark.parametrize("fixture", FIXTURES, ids=[fixture.format for fixture in FIXTURES])
ENCODINGS = ("utf-8-sig", "utf-16", "utf-16-le", "gb18030", "cp1252", "cp1251", "shift_jis", "big5", "euc_kr", "mac-roman")
TIMES = 6  # the rows of a fixture are few: as many copies make a file in which a spoiled line is the exception
ODD = "\x02 no row of this table \x03"


def zipped(data: bytes, members: int = 1) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for k in range(members):
            file.writestr(f"day-{k}.csv", data)
    return out.getvalue()


PACKED: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "two gzip members": lambda data: gzip.compress(data[: len(data) // 2]) + gzip.compress(data[len(data) // 2 :]),
    "zstd": zstandard.compress,
    "zip": zipped,
}


def balanced(done: Ingested) -> tuple[int, int, int]:
    """What became of the records, after every sum that must hold was checked."""
    counts = (done.accepted, done.rejected, done.skipped)
    assert sum(counts) == done.physical
    assert done.events.num_rows == done.accepted
    assert done.rejects.num_rows == done.rejected + done.skipped
    kinds = done.rejects[Reject.KIND].to_pylist()
    assert (kinds.count("rejected"), kinds.count("skipped")) == counts[1:]
    assert all(done.rejects[Reject.REASON].to_pylist())
    assert all(line >= 1 for line in done.rejects[Reject.LINE].to_pylist())
    return counts


def taken(path: Path, data: bytes) -> tuple[int, int, int]:
    path.write_bytes(data)
    return balanced(ingest(path))


def times(counts: tuple[int, int, int], n: int) -> tuple[int, int, int]:
    return counts[0] * n, counts[1] * n, counts[2] * n


@EACH
def test_however_it_is_encoded(fixture: Fixture, tmp_path: Path):
    """The same records with the same fate in every encoding that can write the file."""
    for encoding in ENCODINGS:
        try:
            data = fixture.text.encode(encoding)
        except UnicodeEncodeError:
            continue
        assert taken(tmp_path / "upload", data) == fixture.counts, encoding


@EACH
def test_however_it_is_packed(fixture: Fixture, tmp_path: Path):
    for how, pack in PACKED.items():
        assert taken(tmp_path / "upload", pack(fixture.text.encode())) == fixture.counts, how


@EACH
def test_however_its_lines_end(fixture: Fixture, tmp_path: Path):
    for end in ("\r\n", "\r"):
        assert taken(tmp_path / "upload", fixture.text.replace("\n", end).encode()) == fixture.counts, repr(end)
    assert taken(tmp_path / "upload", fixture.text.rstrip("\n").encode()) == fixture.counts


@EACH
def test_as_tables_of_other_programs(fixture: Fixture, tmp_path: Path):
    """The rows of a format with column names as Parquet, and as JSON lines."""
    if not fixture.roles:
        return
    delimiter = max("\t;,", key=fixture.text.splitlines()[0].count)
    header, *rows = csv.reader(io.StringIO(fixture.text), delimiter=delimiter)
    whole = [row for row in rows if len(row) == len(header)]
    expected = taken(tmp_path / "upload", text_of(header, whole))
    pq.write_table(pa.table({name: pa.array(cells) for name, cells in zip(header, zip(*whole, strict=True), strict=True)}), tmp_path / "p")
    assert balanced(ingest(tmp_path / "p")) == expected
    objects = "\n".join(json.dumps(dict(zip(header, row, strict=True)), ensure_ascii=False) for row in whole)
    assert taken(tmp_path / "upload", objects.encode()) == expected


def text_of(header: list[str], rows: list[list[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([header, *rows])
    return out.getvalue().encode()


@EACH
def test_several_files(fixture: Fixture, tmp_path: Path):
    paths = [tmp_path / name for name in ("one.csv", "two.csv.gz", "three.csv")]
    paths[0].write_text(fixture.text, encoding="utf-8")
    paths[1].write_bytes(gzip.compress(fixture.text.encode()))
    paths[2].write_text(fixture.text, encoding="utf-16")
    done = ingest(paths, [path.name for path in paths])
    assert balanced(done) == times(fixture.counts, 3)
    assert set(done.rejects[Reject.FILE].to_pylist()) <= {path.name for path in paths}
    assert taken(tmp_path / "both.zip", zipped(fixture.text.encode(), 2)) == times(fixture.counts, 2)


@EACH
def test_spoiled_lines_are_records_too(fixture: Fixture, tmp_path: Path):
    """Blank lines and lines that cannot be cut, anywhere below the first rows: as many records more, none of them accepted."""
    header, *rows = fixture.text.splitlines()
    start = [header] if fixture.roles else []
    rows = (rows if fixture.roles else [header, *rows]) * TIMES
    expected = taken(tmp_path / "upload", ("\n".join([*start, *rows]) + "\n").encode())
    assert expected == times(fixture.counts, TIMES)
    last = taken(tmp_path / "upload", ("\n".join([*start, *rows, rows[-1]]) + "\n").encode())
    for seed in range(2):
        some = random.Random(seed)
        lines, added = list(rows), 0
        for _ in range(some.randint(1, 4)):
            lines.insert(some.randint(len(rows) // 2, len(lines)), some.choice(["", "   ", ODD, ODD]))
            added += 1
        lines.append(rows[-1])  # something follows
        counts = taken(tmp_path / "upload", ("\n".join([*start, *lines]) + "\n").encode())
        assert counts[0] == last[0], seed
        assert sum(counts) == sum(last) + added, seed


def test_an_encoding_that_is_asked_is_no_file_lost(tmp_path: Path):
    """Where no encoding is likely, the file is refused in words, not read with other records."""
    path = tmp_path / "upload"
    path.write_bytes(b"user_id,item_id\n" + bytes(range(128, 256)) * 4 + b",i1\nu2,i2\n")
    with pytest.raises(BadInput):
        ingest(path)
