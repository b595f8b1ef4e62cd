"""A waiting file beside its bytes, and what a person may say about how it is read."""

from __future__ import annotations

import gc
import gzip
import weakref

import pytest

from recengine.errors import BadInput, NotFound
from recengine.workspace import Workspace

ROWS = "Kunde;Artikel;Datum;Name\n" + "".join(f"k{n % 7};a{n % 5};2026-01-{n % 28 + 1:02d};Tasse größer {n}\n" for n in range(40))


@pytest.fixture
def ws(tmp_path):
    return Workspace(tmp_path / "ws")


def staged(ws, tmp_path, data: bytes, name: str = "log.csv") -> str:
    path = tmp_path / name
    path.write_bytes(data)
    return ws.datasets.stage_path(path)


def test_the_table_stands_beside_its_bytes(ws, tmp_path):
    upload = staged(ws, tmp_path, ROWS.encode("cp1252"))
    view, lines = ws.reading.view(upload), ws.reading.lines(upload)
    assert (view.encoding, view.delimiter, view.header_line, view.records) == ("cp1252", ";", 1, 40)
    assert view.names == ("Kunde", "Artikel", "Datum", "Name")
    assert view.rows[0].cells == ("k0", "a0", "2026-01-01", "Tasse größer 0")
    assert [row.line for row in view.rows] == list(range(2, 22))
    assert lines[1].text == r"k0;a0;2026-01-01;Tasse gr\xf6\xdfer 0"
    assert [line.line for line in lines] == list(range(1, 21))
    assert not any(line.cut for line in lines)


def test_what_a_person_says_is_followed_and_the_columns_are_guessed_anew(ws, tmp_path):
    upload = staged(ws, tmp_path, ROWS.encode("cp1252"))
    asked = {"reading": {"encoding": "cp1251", "header": None, "delimiter": None}}
    assert ws.reading.view(upload, asked).rows[0].cells[3] == "Tasse grцЯer 0"
    by_comma = {"reading": {"delimiter": ","}}
    with pytest.raises(BadInput, match="one column"):
        ws.reading.view(upload, by_comma)
    headless = {"reading": {"header": False}}
    assert ws.reading.view(upload, headless).names[0] == "column 1"
    view = ws.datasets.preview(upload, headless)
    assert view.columns[0].column == "column 1"
    assert view.mapping["reading"]["header"] is False
    roles = {"column 1": "user", "column 2": "item", "column 3": "time"}
    report = ws.datasets.import_now(upload, "Headless", {**headless, "roles": roles})
    assert report.rows.physical == 41  # the header is a record now
    assert report.rows.rejected == 1


def test_a_way_of_reading_that_makes_no_sense_is_refused(ws, tmp_path):
    upload = staged(ws, tmp_path, ROWS.encode())
    with pytest.raises(BadInput, match="no encoding called"):
        ws.reading.view(upload, {"reading": {"encoding": "klingon"}})
    with pytest.raises(BadInput, match="cannot be read that way"):
        ws.reading.view(upload, {"reading": {"colour": "red"}})
    assert ws.reading.view(upload).records == 40
    with pytest.raises(NotFound):
        ws.reading.lines("up-gone")


def test_packed_and_hostile_bytes_are_shown_as_plain_text(ws, tmp_path):
    data = b"user,item\n<script>,\x1b[31m\x00" + b"x" * 400 + b"\n"
    lines = ws.reading.lines(staged(ws, tmp_path, gzip.compress(data), "log.csv.gz"))
    assert lines[0].text == "user,item"
    assert lines[1].text.startswith(r"<script>,\x1b[31m\x00xxx")
    assert lines[1].cut
    assert ws.reading.lines(staged(ws, tmp_path, b"\x89PNG\r\n", "picture.csv")) == ()


def test_every_choice_is_one_that_can_be_read(ws, tmp_path):
    choices = ws.reading.choices()
    upload = staged(ws, tmp_path, b"user,item,time\n" + b"u1,i1,2026-01-01\nu2,i2,2026-01-02\n" * 8)
    for codec, name in choices.encodings:
        assert name
        if not codec.startswith("utf-16"):
            assert ws.reading.view(upload, {"reading": {"encoding": codec}}).rows[0].cells == ("u1", "i1", "2026-01-01")
    assert len({name for _, name in choices.encodings}) == len(choices.encodings)


def test_a_queued_import_leaves_nothing_of_the_file_in_memory(ws, tmp_path):
    upload = staged(ws, tmp_path, ROWS.encode())
    read = weakref.ref(ws.datasets.recognition(upload).raw)
    gc.collect()
    assert read() is not None  # read once, whoever asks
    ws.jobs.cancel(ws.versions.submit(upload))
    gc.collect()
    assert read() is None
    assert ws.reading.view(upload).records == 40
