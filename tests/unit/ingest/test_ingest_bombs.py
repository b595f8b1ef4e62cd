"""Files made to hurt: refused or read within seconds and within a quarter of a gigabyte, in a process of their own."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from recengine.columns import Reject
from recengine.errors import BadInput
from recengine.ingest.importer import ingest
from recengine.ingest.parse import parse
from recengine.ingest.reader import read

SECONDS, MEGABYTES = 5, 256
WATCHED = """
import json, resource, sys
from pathlib import Path
import pandas, pyarrow.parquet, python_calamine, zstandard, charset_normalizer
from recengine.ingest import importer, parse
from recengine.errors import BadInput
used = lambda: resource.getrusage(resource.RUSAGE_SELF)
before, said = used(), []
for name in sys.argv[1:]:
    began = used()
    try:
        raw = parse.parse(Path(name))
        words = f"read {raw.table.num_rows} {raw.rejects.num_rows}"
    except BadInput as error:
        words = str(error)
    now = used()
    grown = (now.ru_maxrss - before.ru_maxrss) / (2**20 if sys.platform == "darwin" else 2**10)
    said.append([words, now.ru_utime + now.ru_stime - began.ru_utime - began.ru_stime, grown])
print(json.dumps(said))
"""


def watched(*paths: Path) -> list[str]:
    """What reading each file says; fails beyond 5 processor seconds for one, or 256 MB more than at the start for all."""
    done = subprocess.run([sys.executable, "-c", WATCHED, *map(str, paths)], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-2_000:]
    for (words, seconds, grown), path in zip(said := json.loads(done.stdout), paths, strict=True):
        assert seconds < SECONDS, (path.name, words)
        assert grown < MEGABYTES, (path.name, words)
    return [words for words, _, _ in said]


def packed(size: int, start: bytes = b"user,item,time\n") -> bytes:
    """A gzip file of `size` zeros behind a header, made without holding them."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, 31)
    out = [deflate.compress(start)]
    block = b"0" * 2**20
    out += [deflate.compress(block) for _ in range(size // 2**20)]
    return b"".join([*out, deflate.flush()])


def hostile(folder: Path, large: bool) -> dict[Path, str]:
    """Files and a word of their refusal; the large ones take a while to write."""
    files: dict[Path, str] = {}

    def new(name: str, word: str) -> Path:
        files[folder / name] = word
        return folder / name

    if large:
        rows = b"1,2,3\n" * 175_000
        with new("bomb.zst", "too much data").open("wb") as file, zstandard.ZstdCompressor().stream_writer(file) as writer:
            for _ in range(300):
                writer.write(rows)
        with zipfile.ZipFile(new("bomb.xlsx", "too much data"), "w", zipfile.ZIP_DEFLATED) as file:
            file.writestr("xl/workbook.xml", "<workbook/>")
            with file.open("xl/worksheets/sheet1.xml", "w") as member:
                for _ in range(100):
                    member.write(b'<row><c t="s"><v>0</v></c></row>' * 32_768)
        with new("hole.csv", "not a text file").open("wb") as file:
            file.write(b"user,item,time\n")
            file.truncate(2**30)
        with new("line.csv", "no line ends").open("wb") as file:
            file.write(b"user,item,time\n1,2,")
            for _ in range(64):
                file.write(b"x" * 2**24)
        return files
    new("bomb.csv.gz", "too much data").write_bytes(packed(500 * 2**20))
    lying = packed(40 * 2**20)[:-4] + b"\1\0\0\0"
    new("lying.csv.gz", "").write_bytes(lying)
    rows = b"1,2,3\n" * 175_000
    with zipfile.ZipFile(new("bomb.zip", "too much data"), "w", zipfile.ZIP_DEFLATED) as file, file.open("log.csv", "w") as member:
        for _ in range(300):
            member.write(rows)
    new("wide.csv", "100,000 columns").write_text(",".join(f"c{k}" for k in range(100_000)) + "\n" + ",".join(["1"] * 100_000) + "\n")
    new("wide.json", "At most 5,000").write_text(json.dumps({f"c{k}": 1 for k in range(100_000)}))
    new("quotes.csv", "read ").write_text("user,item,time\n" + '"' * 1_000_000 + "\n" + '1,"2,3\n' * 20_000)
    same = pa.DictionaryArray.from_arrays(pa.Array.from_buffers(pa.int32(), 2**22, [None, pa.py_buffer(bytes(2**24))]), pa.array(["1"]))
    run = pa.table({"user_id": same, "item_id": same, "time": same})
    with pq.ParquetWriter(new("bomb.parquet", "too much data"), run.schema) as writer:
        for _ in range(4):  # 17 million rows in 120 kB
            writer.write_table(run)
    new("deep.json", "").write_text('{"a":' * 100_000)
    return files


@pytest.mark.parametrize("large", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_bombs_long_lines_and_wide_files(tmp_path, large):
    files = hostile(tmp_path, large)
    for (path, word), said in zip(files.items(), watched(*files), strict=True):
        assert word in said, path.name


def test_entries_that_lie_inside_each_other(tmp_path):
    path = tmp_path / "overlap.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("a.csv", "user,item\n" + "1,2\n" * 50_000)
        first = file.infolist()[0]
        for k in range(40):  # the directory points at the same bytes again and again
            info = zipfile.ZipInfo(f"b{k}.csv")
            for name in ("header_offset", "CRC", "compress_size", "file_size", "compress_type"):
                setattr(info, name, getattr(first, name))
            file.filelist.append(info)
    with pytest.raises(BadInput, match="inside each other"):
        read(path)


def test_parquet_that_is_no_text_or_names_a_column_twice(tmp_path):
    path = tmp_path / "log.parquet"
    good = {"user_id": pa.array(["u1", "u2"]), "item_id": pa.array(["i1", "i2"])}
    raw = pa.array([b"ok", b"\xe9\xe9"]).cast(pa.binary())
    broken = pa.StringArray.from_buffers(2, raw.buffers()[1], raw.buffers()[2])  # Parquet itself takes any bytes for text
    pq.write_table(pa.table({**good, "title": broken, "blob": raw}), path)
    done = ingest(path)
    assert done.accepted == 2
    assert "Column title holds text that is not UTF-8; it is left out." in done.recognition.notes
    assert any(note.startswith("Column blob holds binary") for note in done.recognition.notes)
    pq.write_table(pa.Table.from_arrays([*good.values(), good["user_id"]], names=["user_id", "item_id", "item_id"]), path)
    assert read(path).names == ["user_id", "item_id", "item_id (2)"]
    path.write_bytes(path.read_bytes().replace(b"user_id", b"user_\xff\xff"))
    with pytest.raises(BadInput, match="damaged"):
        read(path)


NAMES = [
    '"; DROP TABLE events; --',
    "<script>alert(1)</script>",
    "' OR 1=1",
    "=cmd|'/C calc'!A0",
    "a\x00b".replace("\x00", ""),
    "${jndi:x}",
]


def test_header_names_that_are_code_stay_names(tmp_path):
    path = tmp_path / "names.csv"
    header = ",".join('"' + name.replace('"', '""') + '"' for name in [*NAMES, "user_id", "item_id"])
    path.write_text(header + "\n" + ",".join(["x"] * len(NAMES)) + ",u1,i1\n" + ",".join(["y"] * len(NAMES)) + ",u2,i2\n")
    raw = parse(path)
    assert raw.names == [*NAMES, "user_id", "item_id"]
    assert ingest(path).accepted == 2


@pytest.mark.parametrize("name", ["../../etc/passwd", "C:\\x\\y.csv", "CON", "nul.csv", "商" * 85, "<b>.csv", "a\nb.csv", ""])
def test_names_are_shown_and_never_opened(tmp_path, name):
    path = tmp_path / "data"
    path.write_text("user_id,item_id\nu1,i1\nu2,\n")
    done = ingest(path, name or None)
    assert done.accepted == 1
    assert done.rejects[Reject.FILE].to_pylist() == [name or "data"]
    assert sorted(each.name for each in tmp_path.iterdir()) == ["data"]


def test_zero_bytes_are_refused_with_their_line(tmp_path):
    path = tmp_path / "zero.csv.gz"
    path.write_bytes(gzip.compress(b"user,item,time\n" + b"1,2,2020-01-01\n" * 100_000 + b"1,\x002,3\n"))
    with pytest.raises(BadInput, match="Line 100,002"):
        read(path)
