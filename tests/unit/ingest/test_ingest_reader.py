"""Encodings, dialects and headers of whole files."""

from __future__ import annotations

import codecs

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from recengine.errors import BadInput
from recengine.ingest.formats.registry import header_keys
from recengine.ingest.importer import recognise
from recengine.ingest.reader import read

ZH = "用户,商品,标题\n1,2,白色心形茶灯架\n2,3,金属灯笼和木质相框\n3,5,复古咖啡杯\n"
WEST = "user,item,title\n1,2,café crème £5\n2,3,naïve façade\n3,4,plain\n"


def load(tmp_path, data: bytes | str, **options):
    path = tmp_path / "file.csv"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return read(path, known_header=header_keys(), **options)


def rows(raw):
    return [tuple(row.values()) for row in raw.table.to_pylist()]


@pytest.mark.parametrize(
    ("text", "codec", "name"),
    [
        (WEST, "utf-8", "UTF-8"),
        (WEST, "utf-8-sig", "UTF-8"),
        (WEST, "cp1252", "Windows-1252"),
        (WEST, "utf-16", "UTF-16"),
        (WEST, "utf-16-le", "UTF-16"),
        (WEST, "utf-16-be", "UTF-16"),
        (ZH, "utf-8", "UTF-8"),
        (ZH, "utf-8-sig", "UTF-8"),
        (ZH, "gb18030", "GB18030"),
        (ZH, "utf-16", "UTF-16"),
    ],
)
def test_every_encoding_gives_the_same_cells(tmp_path, text, codec, name):
    raw = load(tmp_path, text.encode(codec))
    assert raw.encoding.words == name
    assert raw.names == text.splitlines()[0].split(",")
    assert rows(raw) == [tuple(line.split(",")) for line in text.splitlines()[1:]]
    assert raw.lines.tolist() == [2, 3, 4]


def test_big_endian_with_a_mark_and_a_chosen_codec(tmp_path):
    raw = load(tmp_path, codecs.BOM_UTF16_BE + WEST.encode("utf-16-be"), encoding="utf-16")
    assert rows(raw)[0] == ("1", "2", "café crème £5")


def test_a_byte_far_behind_the_sample_changes_the_verdict(tmp_path):
    many = "user,item,title\n" + "1,2,plain text here\n" * 80_000
    raw = load(tmp_path, many.encode() + "2,3,café\n".encode("cp1252"))
    assert raw.encoding.words == "Windows-1252"
    assert rows(raw)[-1] == ("2", "3", "café")
    assert raw.records == 80_001


def test_a_few_damaged_lines_in_utf8_are_rejected_and_told(tmp_path):
    good = "".join(f"{k},{k},thé {k}\n" for k in range(40))
    raw = load(tmp_path, ("user,item,title\n" + good).encode() + b"9,9,th\xe9\n")
    assert raw.encoding.words == "UTF-8"
    assert raw.table.num_rows == 40
    want = {
        "file": "file.csv",
        "line": 42,
        "offset": 546,
        "column": "",
        "value": "9,9,th\\xe9",
        "reason": "bytes that are no UTF-8",
        "kind": "rejected",
    }
    assert raw.rejects.to_pylist() == [want]
    assert "no UTF-8" in raw.notes[0]


def test_an_encoding_that_cannot_be_is_refused(tmp_path):
    with pytest.raises(BadInput, match="no encoding called"):
        load(tmp_path, WEST, encoding="klingon")
    with pytest.raises(BadInput, match="not UTF-16"):
        load(tmp_path, b"\xd8\x00user,item,x\n1,2,3\n", encoding="utf-16-be")


@pytest.mark.parametrize("sep", [",", "\t", ";", "|", "::"])
def test_delimiters(tmp_path, sep):
    raw = load(tmp_path, "\n".join(sep.join(row) for row in [("user", "item", "price"), ("1", "a b", "2.5"), ("2", "c", "3.5")]) + "\n")
    assert raw.dialect.delimiter == sep
    assert rows(raw) == [("1", "a b", "2.5"), ("2", "c", "3.5")]


def test_semicolons_with_decimal_commas(tmp_path):
    raw = load(tmp_path, "user;item;price\n1;2;1,50\n2;3;2,75\n")
    assert raw.dialect.delimiter == ";"
    assert rows(raw)[0] == ("1", "2", "1,50")


def test_excel_says_which_delimiter(tmp_path):
    raw = load(tmp_path, "sep=;\nuser;item\n1;2\n")
    assert raw.names == ["user", "item"]
    assert raw.lines.tolist() == [3]
    assert raw.records == 1


def test_lines_above_the_header(tmp_path):
    raw = load(tmp_path, "Report of March\n\nuser_id,item_id,timestamp\n1,2,2020-01-01\n3,4,2020-01-02\n")
    assert raw.names == ["user_id", "item_id", "timestamp"]
    assert raw.dialect.header_line == 3
    assert raw.notes == ("2 lines above the header are left out.",)
    assert [(row["line"], row["offset"], row["value"], row["kind"]) for row in raw.rejects.to_pylist()] == [
        (1, 0, "Report of March", "skipped"),
        (2, 16, "", "skipped"),
    ]
    assert raw.records == 4


def test_no_header(tmp_path):
    raw = load(tmp_path, "1,2,2020-01-01\n3,4,2020-01-02\n")
    assert raw.dialect.header_line == 0
    assert raw.names == ["column 1", "column 2", "column 3"]
    assert raw.records == 2


def test_header_of_words_above_words(tmp_path):
    assert load(tmp_path, "who,what\nanna,lamp\nbob,cup\n").dialect.header_line == 1
    assert load(tmp_path, "u1,i1\nu1,i2\nu2,i1\n").dialect.header_line == 0


def test_the_reader_of_the_file_may_overrule(tmp_path):
    raw = load(tmp_path, "who,what\nanna,lamp\n", header=False)
    assert rows(raw) == [("who", "what"), ("anna", "lamp")]
    raw = load(tmp_path, "a|b,c\n1|2,3\n", delimiter="|")
    assert raw.names == ["a", "b,c"]


def test_repeated_and_blank_names_become_distinct(tmp_path):
    raw = load(tmp_path, "user,item,user,,item\n1,2,3,4,5\n")
    assert raw.names == ["user", "item", "user (2)", "column 4", "item (2)"]
    assert rows(raw) == [("1", "2", "3", "4", "5")]


def test_a_header_shorter_than_its_rows(tmp_path):
    raw = load(tmp_path, "user_id,item_id,time\n1,2,2020-01-01,\n3,4,2020-01-02,\n")
    assert raw.names == ["user_id", "item_id", "time", "column 4"]
    assert raw.records == 2


def test_old_mac_line_ends(tmp_path):
    raw = load(tmp_path, "user,item\r1,2\r3,4\r")
    assert rows(raw) == [("1", "2"), ("3", "4")]
    assert raw.lines.tolist() == [2, 3]


def test_a_header_with_a_line_break_in_it(tmp_path):
    raw = load(tmp_path, '"user\nid",item\n1,2\n')
    assert raw.names == ["user\nid", "item"]
    assert raw.lines.tolist() == [3]


def test_unbalanced_inch_marks_do_not_group(tmp_path):
    raw = load(tmp_path, 'user\titem\ttitle\n1\t2\t"5 inch\n2\t3\t"6 inch pipe\n3\t3\tx\n')
    assert rows(raw) == [("1", "2", '"5 inch'), ("2", "3", '"6 inch pipe'), ("3", "3", "x")]


def test_too_many_columns(tmp_path):
    with pytest.raises(BadInput, match="5,001 columns"):
        load(tmp_path, ",".join(f"c{k}" for k in range(5_001)) + "\n")


def test_one_column_and_blank_lines_only(tmp_path):
    with pytest.raises(BadInput, match="one column only"):
        recognise(tmp_path / "file.csv") if load(tmp_path, "user\n1\n2\n").records == 2 else None
    with pytest.raises(BadInput, match="no rows"):
        load(tmp_path, "\n\n \n")


def test_zero_bytes_are_refused(tmp_path):
    with pytest.raises(BadInput, match="not a text file"):
        load(tmp_path, b"user,item\n1,2\x00\n")
    late = b"user,item\n" + b"1,2\n" * 400_000 + b"1,2\x00\n"
    with pytest.raises(BadInput, match="Line 400,002"):
        load(tmp_path, late)


def test_parquet_by_its_bytes_with_missing_values_kept_apart(tmp_path):
    path = tmp_path / "events.csv"
    table = pa.table({"user": ["007", None, ""], "item": [1, 2, 3], "time": pa.array([0, 1, 2], pa.timestamp("s"))})
    pq.write_table(table, path)
    raw = read(path)
    assert [row[:2] for row in rows(raw)] == [("007", "1"), (None, "2"), ("", "3")]
    assert rows(raw)[2][2].startswith("1970-01-01 00:00:02")
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(BadInput, match="damaged"):
        read(path)
