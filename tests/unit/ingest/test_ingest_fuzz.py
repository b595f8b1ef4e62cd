"""Thousands of spoiled files: a refusal in words, or every record accounted for. Never a traceback, never a hang.

How many the long run spoils is said by FUZZ_FILES; each takes about 25 ms.
"""

from __future__ import annotations

import gzip
import json
import os
import sys
import tempfile
import time
import zipfile
from io import BytesIO
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))
from test_ingest_kinds import cells, workbook

from recengine.columns import Reject
from recengine.errors import BadInput
from recengine.ingest.importer import ingest
from recengine.ingest.parse import parse
from recengine.ingest.side.read import recognise_side, take_in
from recengine.ingest.to_mend import rows_to_mend

LOG = "user_id,item_id,event,timestamp,title\n" + "".join(f'u{k},i{k % 3},view,170000000{k},"Lamp, {k}"\n' for k in range(8))


def zipped(data: bytes) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(zipfile.ZipInfo("log.csv"), data)
    return out.getvalue()


EVENTS = [{"user_id": f"u{k}", "item_id": k, "timestamp": 1_700_000_000 + k, "items": [{"sku": 1}, {"sku": 2}]} for k in range(4)]
SEEDS = [
    LOG.encode(),
    LOG.replace(",", ";").replace("\n", "\r\n").encode("cp1252"),
    LOG.replace('"', "'").replace("\n", "\r").encode(),
    LOG.replace(",", "::").encode(),
    ("Report\n\n" + LOG + "Total,,,,\n").encode("utf-16"),
    LOG.replace("Lamp", "台灯").encode("gb18030"),
    LOG.replace("Lamp", 'La\\"mp').encode(),
    LOG.replace(",", " ").encode("utf-8-sig"),
    "\n".join(map(json.dumps, EVENTS)).encode(),
    json.dumps(EVENTS, indent=1).encode(),
    gzip.compress(LOG.encode(), mtime=0),
    zstandard.compress(LOG.encode()),
    zipped(LOG.encode()),
    zipped(json.dumps(EVENTS).encode()),
]
TOKENS = [b'"', b"'", b",", b";", b"\t", b"|", b"::", b"\n", b"\r", b"\r\n", b"\n\n", b"\\", b'\\"', b'""', b"sep=;\n", b"Total,"]
TOKENS += [b"\x1f", b"\x1e", b"\xff", b"\xe9", b"\x00", b"\xef\xbb\xbf", b"\xff\xfe", b"\xed\xa0\x80", "😀".encode(), b"\xc2\xa0", b"null"]
TOKENS += [
    b"{",
    b"}",
    b"[",
    b"]",
    b"1e999",
    b"=",
    b" ",
    b"-",
    b"2020-13-01",
    b"9" * 30,
    b"PAR1",
    b"PK\x03\x04",
    b"\x1f\x8b",
    b".",
    b"[0]",
    b"$",
]
TOKENS += [b"\x28\xb5\x2f\xfd", b"a" * 3_000]
EDIT = st.tuples(st.floats(0, 1), st.one_of(st.sampled_from([*TOKENS, None]), st.binary(max_size=6)), st.integers(1, 8))
ROWS = [line.split(",", 3) for line in LOG.splitlines()]


def parquet(compression: str) -> bytes:
    out = BytesIO()
    table = pa.table({name: pa.array(cells) for name, *cells in zip(*ROWS, strict=True)})
    pq.write_table(table, out, compression=compression)
    return out.getvalue()


def xlsx() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        body = "".join(cells(n + 1, *row) for n, row in enumerate(ROWS))
        return workbook(Path(folder) / "log.xlsx", {"Log": body, "Notes": cells(1, "by hand")}).read_bytes()


LONG_RUN = int(os.environ.get("FUZZ_FILES", "10000"))
CASE = st.tuples(st.sampled_from(SEEDS), st.sampled_from([1, 1, 3]), st.lists(EDIT, max_size=8))
TABLES = [parquet("none"), parquet("zstd"), xlsx()]
BINARY = st.tuples(st.sampled_from(TABLES), st.just(1), st.lists(EDIT, min_size=1, max_size=5))


def spoiled(seed: bytes, times: int, edits) -> bytes:
    data = bytearray(seed * times)
    for place, token, length in edits:
        at = int(place * len(data))
        if token is None:
            del data[at : at + length]
        else:
            data[at:at] = token
    return bytes(data)


def check(path, case) -> None:
    path.write_bytes(spoiled(*case))
    began = time.process_time()
    try:
        raw = parse(path)
    except BadInput:
        pass  # said in words
    else:
        assert raw.records == raw.table.num_rows + raw.rejects.num_rows
        assert len(raw.lines) == raw.table.num_rows
        assert all(line >= 1 for line in raw.rejects[Reject.LINE].to_pylist())
        assert all(raw.rejects[Reject.REASON].to_pylist())
    try:
        done = ingest(path)
    except BadInput:
        pass  # said in words
    else:
        assert done.accepted + done.rejected + done.skipped == done.physical
        assert done.accepted == done.events.num_rows > 0
    try:
        table = take_in(recognise_side(path, "items"))
    except BadInput:
        pass  # said in words, or it is a log
    else:
        assert table.accepted + table.rejected + table.skipped == table.physical
        assert table.accepted == table.table.num_rows
    assert time.process_time() - began < 5


QUIET = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@given(CASE)
@settings(max_examples=300, deadline=None, suppress_health_check=QUIET)
def test_300_spoiled_files(tmp_path, case):
    check(tmp_path / "upload", case)


@given(BINARY)
@settings(max_examples=100, deadline=None, suppress_health_check=QUIET)
def test_100_spoiled_tables_of_other_programs(tmp_path, case):
    check(tmp_path / "upload", case)


@pytest.mark.slow
@given(CASE)
@settings(max_examples=LONG_RUN, deadline=None, suppress_health_check=QUIET)
def test_10_000_spoiled_files(tmp_path, case):
    check(tmp_path / "upload", case)


@pytest.mark.slow
@given(BINARY)
@settings(max_examples=LONG_RUN // 5, deadline=None, suppress_health_check=QUIET)
def test_2_000_spoiled_tables_of_other_programs(tmp_path, case):
    check(tmp_path / "upload", case)


@pytest.mark.parametrize("name", [".price", "a[0]", "a.b", "$", "rejected line", "rejected log", "line", "0", "user_id ", "`x`", '"'])
def test_column_names_that_mean_something_elsewhere(tmp_path, name):
    """Two equal rows, so that they are compared cell by cell, and a row to be rejected."""
    header = ",".join(("user_id", "item_id", "timestamp", '"' + name.replace('"', '""') + '"'))
    (tmp_path / "log.csv").write_text(f"{header}\nu1,i1,1700000000,x\nu1,i1,1700000000,x\nu2,i2,1700000100,y\n,i3,1700000200,z\n")
    done = ingest(tmp_path / "log.csv")
    assert (done.accepted, done.rejected, done.skipped, done.quality.duplicates) == (3, 1, 0, 1)
    kept = rows_to_mend(done.recognition.raw, done.outcome)
    assert kept["rejected line"].to_pylist() == [5]
