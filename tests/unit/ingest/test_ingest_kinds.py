"""JSON, Excel, zip and Zstandard files, and several files at once."""

from __future__ import annotations

import gzip
import json
import zipfile
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from recengine.columns import Reject
from recengine.errors import BadInput
from recengine.ingest.importer import ingest
from recengine.ingest.json_events import JsonCutter, flattened
from recengine.ingest.reader import read

DAY = "user_id,item_id,event_type,timestamp\n"


def rows(raw) -> list[dict[str, str | None]]:
    return raw.table.to_pylist()


def write(path: Path, data: bytes | str) -> Path:
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


# ---- JSON

EVENTS = [
    {"user": {"id": 12345678901234567890123}, "item": "007", "ts": 1.50, "new": True, "none": None, "tags": ["a", 1]},
    {"user": {"id": 5}, "item": "商品\n2", "ts": 2, "extra": "x"},
]
WANT = [
    {"user.id": "12345678901234567890123", "item": "007", "ts": "1.5", "new": "true", "none": None, "tags": '["a", "1"]', "extra": None},
    {"user.id": "5", "item": "商品\n2", "ts": "2", "new": None, "none": None, "tags": None, "extra": "x"},
]


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(json.dumps(event) for event in EVENTS),
        "\n\n".join(json.dumps(event, ensure_ascii=False) for event in EVENTS) + "\n",
        json.dumps(EVENTS),
        json.dumps(EVENTS, indent=2),
        "\ufeff" + json.dumps(EVENTS, indent=4, ensure_ascii=False) + "\n",
        "\r\n".join(json.dumps(event, indent=1) for event in EVENTS),
    ],
)
def test_lines_arrays_and_indented_objects_give_the_same_rows(tmp_path, text):
    raw = read(write(tmp_path / "events.json", text))
    assert rows(raw) == WANT
    assert raw.dialect.words == "JSON events"
    assert rows(read(write(tmp_path / "events.json.gz", gzip.compress(text.encode())))) == WANT


@given(st.integers(1, 60), st.sampled_from([None, 1, 4]))
@settings(max_examples=40, deadline=None)
def test_blocks_of_any_size_give_the_same_events(size, indent):
    text = json.dumps(EVENTS * 3, indent=indent, ensure_ascii=False)
    cutter = JsonCutter()
    for at in range(0, len(text), size):
        cutter.feed(text[at : at + size])
    cutter.feed("", final=True)
    assert cutter.table().to_pylist() == WANT * 3
    assert cutter.bad == []


def test_a_list_of_objects_gives_one_row_each():
    session = {"session": 42, "events": [{"aid": 1, "type": "clicks"}, {"aid": 2, "type": "orders"}]}
    assert flattened(session) == [
        {"session": 42, "events.aid": "1", "events.type": "clicks"} | {"session": "42"},
        {"session": "42", "events.aid": "2", "events.type": "orders"},
    ]
    analytics = {
        "event_name": "purchase",
        "event_params": [{"key": "page", "value": {"string_value": "/a", "int_value": None}}, {"key": "n", "value": {"int_value": "3"}}],
        "items": [{"item_id": "SKU_1", "quantity": 2}, {"item_id": "SKU_2", "quantity": 1}],
    }
    assert flattened(analytics) == [
        {"event_name": "purchase", "event_params.page": "/a", "event_params.n": "3", "items.item_id": "SKU_1", "items.quantity": "2"},
        {"event_name": "purchase", "event_params.page": "/a", "event_params.n": "3", "items.item_id": "SKU_2", "items.quantity": "1"},
    ]


def test_broken_events_are_told_with_their_place(tmp_path):
    text = '{"u": 1, "i": 2}\n{"u": 1, "i": \n{"u": 3, "i": 4}\nnot json\n[1, 2]\n{"u": 5, "i": 6}\n{"u": 7, "i"'
    raw = read(write(tmp_path / "events.jsonl", text))
    assert [row["u"] for row in rows(raw)] == ["1", "3", "5"]
    assert raw.lines.tolist() == [1, 3, 6]
    bad = raw.rejects.to_pylist()
    assert [row[Reject.LINE] for row in bad] == [2, 4, 7]
    assert [row[Reject.REASON] for row in bad] == ["no JSON object", "no JSON object", "the file ends in the middle of this event"]
    assert [text.encode()[row[Reject.OFFSET] :][:8] for row in bad] == [b'{"u": 1,', b"not json", b'{"u": 7,']
    assert raw.records == 6


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 50_000, '{"a": "' + "x" * 100_000, "{}", '[{"a": 1}' + "]" * 99_999])
def test_hostile_json_ends(tmp_path, text):
    try:
        raw = read(write(tmp_path / "x.json", text))
    except BadInput:
        return
    assert raw.records == raw.table.num_rows + raw.rejects.num_rows


def test_json_is_imported(tmp_path):
    lines = [{"user_id": f"u{k % 3}", "item_id": f"00{k}", "event_type": "view", "timestamp": 1_700_000_000 + k} for k in range(20)]
    done = ingest(write(tmp_path / "log.jsonl", "\n".join(map(json.dumps, lines))))
    assert (done.accepted, done.physical) == (20, 20)
    assert set(done.events["item_id"].to_pylist()) == {f"00{k}" for k in range(20)}


# ---- archives


def archive(path: Path, members: dict[str, bytes | str], **options) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, **options) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return path


def test_a_zip_with_one_table(tmp_path):
    path = archive(
        tmp_path / "a.zip", {"export/": "", "export/log.csv": DAY + "1,2,view,1700000000\n", "__MACOSX/x": "junk", ".DS_Store": "j"}
    )
    raw = read(path)
    assert rows(raw) == [{"user_id": "1", "item_id": "2", "event_type": "view", "timestamp": "1700000000"}]
    assert raw.source.file_name == "a.zip/export/log.csv"


def test_daily_logs_in_a_zip_are_one_table_and_rejects_name_their_file(tmp_path):
    days = {f"2024-01-0{day}.csv": DAY + f"u{day},i1,view,170000000{day}\nbroken\n" for day in (1, 2, 3)}
    done = ingest(archive(tmp_path / "days.zip", days))
    assert (done.accepted, done.rejected, done.physical) == (3, 3, 6)
    assert [(row[Reject.FILE], row[Reject.LINE], row[Reject.OFFSET]) for row in done.rejects.to_pylist()] == [
        (f"days.zip/2024-01-0{day}.csv", 3, len(DAY) + 22) for day in (1, 2, 3)
    ]


def test_several_files_at_once_in_any_order_of_columns(tmp_path):
    first = write(tmp_path / "a.csv", DAY + "u1,i1,view,1700000000\n,i2,view,1700000000\n")
    second = write(tmp_path / "b.csv", "item_id;user_id;timestamp;event_type\ni3;u3;1700000001;buy\n")
    raw = read([first, second], ["Monday.csv", "Tuesday.csv"])
    assert [row["user_id"] for row in rows(raw)] == ["u1", "", "u3"]
    assert raw.places([1, 2])[0].to_pylist() == ["Monday.csv", "Tuesday.csv"]
    assert raw.places([0, 1, 2])[2].tolist() == [len(DAY), len(DAY) + 22, 37]
    done = ingest([first, second], ["Monday.csv", "Tuesday.csv"])
    assert (done.accepted, done.rejected) == (2, 1)
    assert done.rejects[Reject.FILE].to_pylist() == ["Monday.csv"]
    with pytest.raises(BadInput, match="different columns"):
        read([first, write(tmp_path / "c.csv", "user_id,item_id,event_type,when\n1,2,view,1700000000\n")])


def link(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as file:
        info = zipfile.ZipInfo("link.csv")
        info.external_attr = 0o120777 << 16
        file.writestr(info, "/etc/passwd")
    return path


@pytest.mark.parametrize("name", ["../../etc/cron.csv", "/etc/passwd.csv", "C:/x.csv", "a/../../b.csv", "..\\..\\x.csv"])
def test_paths_that_leave_the_archive_are_refused(tmp_path, name):
    with pytest.raises(BadInput, match="leaves it"):
        read(archive(tmp_path / "slip.zip", {name: DAY + "1,2,view,1\n"}))


def test_links_nested_archives_other_shapes_and_empty_archives_are_refused(tmp_path):
    with pytest.raises(BadInput, match="link"):
        read(link(tmp_path / "link.zip"))
    inner = archive(tmp_path / "inner.zip", {"a.csv": DAY}).read_bytes()
    for packed in (inner, gzip.compress(b"a,b\n"), zstandard.compress(b"a,b\n")):
        with pytest.raises(BadInput, match="archive inside an archive"):
            read(archive(tmp_path / "outer.zip", {"inner.zip": packed}))
        with pytest.raises(BadInput, match="archive inside an archive"):
            read(write(tmp_path / "outer.gz", gzip.compress(packed)))
    with pytest.raises(BadInput, match="different columns"):
        read(archive(tmp_path / "two.zip", {"a.csv": "a,b\n1,2\n", "b.csv": "c,d\n1,2\n"}))
    with pytest.raises(BadInput, match="no file"):
        read(archive(tmp_path / "none.zip", {"x/": ""}))
    with pytest.raises(BadInput, match="files"):
        read(archive(tmp_path / "many.zip", {f"{k}.csv": "a,b\n" for k in range(1_001)}))
    data = archive(tmp_path / "cut.zip", {"a.csv": DAY + "1,2,view,1700000000\n" * 500}).read_bytes()
    with pytest.raises(BadInput, match="damaged"):
        read(write(tmp_path / "cut.zip", data[: len(data) // 2]))
    with pytest.raises(BadInput, match="damaged"):
        read(write(tmp_path / "cut.zip", data[:60] + b"\xff\xff\xff" + data[63:]))


def test_zstandard(tmp_path):
    text = (DAY + "1,2,view,1700000000\n" * 1_000).encode()
    half = len(text) // 2
    for data in (zstandard.compress(text), zstandard.compress(text[:half]) + zstandard.compress(text[half:])):
        raw = read(write(tmp_path / "log.csv.zst", data))
        assert raw.table.num_rows == 1_000
        with pytest.raises(BadInput, match="not complete"):
            read(write(tmp_path / "cut.zst", data[:-9]))
    with pytest.raises(BadInput, match="damaged"):
        read(write(tmp_path / "bad.zst", zstandard.ZstdCompressor(write_checksum=True).compress(text)[:-4] + b"abcd"))


# ---- Excel

SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'
NS = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
RELS = 'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def workbook(path: Path, sheets: dict[str, str]) -> Path:
    """The smallest workbook: cells as given in XML."""
    names = list(sheets)
    tabs = "".join(f'<sheet name="{name}" sheetId="{k + 1}" r:id="r{k + 1}"/>' for k, name in enumerate(names))
    rels = "".join(f'<Relationship Id="r{k + 1}" Type="{OFFICE}/worksheet" Target="worksheets/s{k + 1}.xml"/>' for k in range(len(names)))
    members: dict[str, bytes | str] = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "_rels/.rels": f'<Relationships {RELS}><Relationship Id="a" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
        "</Relationships>",
        "xl/workbook.xml": f'<workbook {NS} xmlns:r="{OFFICE}"><sheets>{tabs}</sheets></workbook>',
        "xl/styles.xml": f'<styleSheet {NS}><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="22"/></cellXfs></styleSheet>',
    }
    members |= {f"xl/worksheets/s{k + 1}.xml": SHEET.format(body) for k, body in enumerate(sheets.values())}
    styles = f'<Relationship Id="st" Type="{OFFICE}/styles" Target="styles.xml"/>'
    members["xl/_rels/workbook.xml.rels"] = f"<Relationships {RELS}>{rels}{styles}</Relationships>"
    return archive(path, members)


def cells(row: int, *values: str | float) -> str:
    out = []
    for k, value in enumerate(values):
        place = f'r="{chr(65 + k)}{row}"'
        if isinstance(value, str):
            out.append(f'<c {place} t="inlineStr"><is><t xml:space="preserve">{value}</t></is></c>')
        else:
            out.append(f'<c {place} s="{1 if 40_000 < value < 50_000 else 0}"><v>{value!r}</v></c>')
    return f'<row r="{row}">{"".join(out)}</row>'


def test_a_workbook_with_a_title_totals_dates_and_codes(tmp_path):
    body = cells(1, "Sales of March") + cells(3, "order_date", "customer_id", "sku", "quantity", "price")
    body += cells(4, 45292.5, "0017", 85123.0, 2.0, 2.55) + cells(5, 45293.0, "=1+1", "1e5", 3.0, 9.5)
    body += cells(6, "Total", "", "", 5.0, 12.05)
    path = workbook(tmp_path / "sales.xlsx", {"Notes": cells(1, "made by hand"), "Sales": body})
    raw = read(path)
    assert raw.names == ["order_date", "customer_id", "sku", "quantity", "price"]
    assert [list(row.values()) for row in rows(raw)] == [
        ["2024-01-01 12:00:00", "0017", "85123", "2", "2.55"],
        ["2024-01-02", "=1+1", "1e5", "3", "9.5"],
    ]
    assert raw.lines.tolist() == [4, 5]
    assert [(row[Reject.LINE], row[Reject.REASON]) for row in raw.rejects.to_pylist()] == [
        (1, "line above the header"),
        (2, "line above the header"),
        (6, "totals row"),
    ]
    assert "Sales" in raw.notes[0]
    done = ingest(path)
    assert (done.accepted, done.skipped, done.physical) == (2, 3, 5)
    assert sorted(done.events["user_id"].to_pylist()) == ["0017", "=1+1"]


def test_a_workbook_that_spans_everything_with_two_cells_is_refused(tmp_path):
    body = cells(1, "a", "b") + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    with pytest.raises(BadInput, match="spans"):
        read(workbook(tmp_path / "far.xlsx", {"S": body}))
    data = workbook(tmp_path / "ok.xlsx", {"S": cells(1, "a", "b")}).read_bytes()
    with pytest.raises(BadInput, match="damaged"):
        read(write(tmp_path / "cut.xlsx", data[: len(data) - 30]))
    with pytest.raises(BadInput, match="no rows"):
        read(workbook(tmp_path / "empty.xlsx", {"S": ""}))
