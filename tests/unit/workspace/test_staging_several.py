"""Files that wait for their import: several as one, taken apart again, never more than was allowed."""

from __future__ import annotations

import csv
import io

import pytest

from recengine.errors import BadInput, NotFound
from recengine.workspace import Workspace


@pytest.fixture
def ws(tmp_path):
    return Workspace(tmp_path / "ws")


def day(n: int, rows: int = 30) -> bytes:
    return b"user_id,item_id,event_time,event\n" + b"".join(
        b"u%d,i%d,2026-03-%02d %02d:00:00,view\n" % (k % 7, (k + n) % 11, n, k % 24) for k in range(rows)
    )


def staged(ws, *days: int) -> list[str]:
    return [ws.datasets.stage(io.BytesIO(day(n)), f"log-{n}.csv") for n in days]


def test_several_files_become_one_upload_in_natural_order(ws):
    singles = staged(ws, 10, 2, 1)
    upload = ws.datasets.together(singles)
    assert [file.name for file in ws.datasets.files(upload)] == ["log-1.csv", "log-2.csv", "log-10.csv"]
    assert ws.datasets.title(upload) == "log-1.csv + 2 more"
    assert ws.datasets.size(upload) == sum(len(day(n)) for n in (10, 2, 1))
    assert ws.datasets.preview(upload).physical_rows == 90
    assert len(set(ws.datasets.sha256(upload))) == 3
    for gone in singles:
        with pytest.raises(NotFound):
            ws.datasets.files(gone)
    [row] = ws.datasets.waiting()
    assert (row.upload, row.files, row.file_name) == (upload, 3, "log-1.csv")


def test_files_of_one_name_are_told_apart(ws):
    upload = ws.datasets.together([ws.datasets.stage(io.BytesIO(day(n)), "log.csv.gz.csv") for n in (1, 2, 3)])
    assert [file.name for file in ws.datasets.files(upload)] == ["log.csv.gz.csv", "log (2).csv.gz.csv", "log (3).csv.gz.csv"]


def test_one_file_alone_stays_what_it_is(ws):
    [single] = staged(ws, 4)
    assert ws.datasets.together([single]) == single
    with pytest.raises(BadInput):
        ws.datasets.together([])


def test_one_of_several_is_taken_out_again(ws, tmp_path):
    mine = tmp_path / "log-3.csv"
    mine.write_bytes(day(3))
    upload = ws.datasets.together([*staged(ws, 1, 2), ws.datasets.stage_path(mine)])
    alone = ws.datasets.apart(upload, 1)
    assert [file.name for file in ws.datasets.files(upload)] == ["log-1.csv", "log-3.csv"]
    assert ws.datasets.preview(upload).physical_rows == 60
    assert ws.datasets.preview(alone).rows[0].time.startswith("2026-03-02")
    last = ws.datasets.apart(upload, 1)
    assert ws.datasets.files(last)[0].path == mine
    assert ws.datasets.title(upload) == "log-1.csv"
    with pytest.raises(BadInput):
        ws.datasets.apart(upload, 0)
    ws.datasets.discard(last)
    assert mine.read_bytes() == day(3)  # a file that lies elsewhere stays where it is


def test_files_with_other_columns_are_refused_and_kept(ws):
    other = ws.datasets.stage(io.BytesIO(b"shopper,product,day\n" + b"s1,p1,2026-03-01\ns2,p2,2026-03-02\n" * 9), "other.csv")
    upload = ws.datasets.together([*staged(ws, 1), other])
    with pytest.raises(BadInput, match="different columns"):
        ws.datasets.preview(upload)
    assert len(ws.datasets.files(upload)) == 2


def test_a_confined_file_is_not_read_through_a_link(ws, tmp_path):
    mine, secret = tmp_path / "log.csv", tmp_path / "secret.csv"
    mine.write_bytes(day(1))
    secret.write_bytes(day(2))
    upload = ws.datasets.stage_path(mine, confined=True)
    assert ws.datasets.preview(upload).physical_rows == 30
    mine.unlink()
    mine.symlink_to(secret)
    with pytest.raises(NotFound, match="link"):
        ws.datasets.files(upload)


ITEMS = b"item_id,title,category,price\n" + b"".join(b"i%d,Cup %d,Kitchen,%d.50\n" % (k, k, k) for k in range(11))


def test_logs_of_one_shape_become_one_and_items_stand_beside_it(ws):
    items = ws.datasets.stage(io.BytesIO(ITEMS), "items.csv")
    arrival = ws.arrivals.sort([items, *staged(ws, 2, 1)])
    assert [file.name for file in ws.datasets.files(arrival.upload)] == ["log-1.csv", "log-2.csv"]
    assert ws.reading.plan(arrival.upload)["tables"] == [{"upload": items, "kind": "items", "fields": None}]
    assert arrival.waiting == ()
    assert [row.upload for row in ws.datasets.waiting()] == [arrival.upload], "a table beside a log does not wait by itself"


def test_logs_of_another_shape_wait_and_the_difference_is_told(ws):
    other = ws.datasets.stage(
        io.BytesIO(b"user_id,item_id,event_time,price\n" + b"u1,i1,2026-03-01,2.5\nu2,i2,2026-03-02,3\n" * 9), "other.csv"
    )
    broken = ws.datasets.stage(io.BytesIO(b"\x89PNG\r\n"), "picture.csv")
    arrival = ws.arrivals.sort([other, broken, *staged(ws, 1, 2)])
    assert ws.datasets.title(arrival.upload) == "log-1.csv + 1 more"
    assert arrival.waiting == (other, broken)
    [differ] = arrival.differ
    assert (differ.file, differ.missing, differ.more) == ("other.csv", ("event",), ("price",))
    assert ws.arrivals.of(arrival.upload) == arrival
    ws.datasets.discard(broken)
    assert ws.arrivals.of(arrival.upload).waiting == (other,)


def test_without_a_log_each_file_opens_by_itself(ws):
    uploads = [ws.datasets.stage(io.BytesIO(ITEMS), name) for name in ("a.csv", "b.csv")]
    arrival = ws.arrivals.sort(uploads)
    assert (arrival.upload, arrival.waiting) == (uploads[0], (uploads[1],))


def test_a_person_says_what_a_file_is(ws):
    upload = ws.datasets.stage(io.BytesIO(ITEMS), "a.csv")
    assert ws.versions.kind(upload).kind == "items"
    ws.reading.keep_edits(upload, {"kind": "events"})
    assert ws.versions.kind(upload).kind == "events"
    ws.datasets.preview(upload, {"kind": "events"})


def broken_day(n: int) -> bytes:
    """Line 3 has no item, line 5 a cell too many, line 6 is blank."""
    lines = day(n).splitlines()
    lines[2], lines[4], lines[5] = b"u1,,2026-03-01 01:00:00,view", b"u1,i1,2026-03-01 01:00:00,view,more", b""
    return b"\n".join(lines) + b"\n"


def test_every_record_of_every_file_is_accounted_for(ws):
    upload = ws.datasets.together([ws.datasets.stage(io.BytesIO(broken_day(n)), f"log-{n}.csv") for n in (1, 2)] + staged(ws, 3))
    shas = ws.datasets.sha256(upload)
    report = ws.versions.take_in(upload)
    assert (report.rows.physical, report.rows.accepted, report.rows.rejected, report.rows.skipped) == (90, 84, 4, 2)
    logs = ws.versions._context.datasets.recipe(report.dataset).logs
    assert [(log["file_name"], log["rows"]["physical"], log["rows"]["accepted"], log["sha256"]) for log in logs] == [
        ("log-1.csv", 30, 27, shas[0]),
        ("log-2.csv", 30, 27, shas[1]),
        ("log-3.csv", 30, 30, shas[2]),
    ]
    again = ws.datasets.stage(io.BytesIO(day(3)), "other name.csv")
    assert ws.versions.seen(again) == (report.dataset,)
    both = ws.datasets.together([again, *staged(ws, 4)])
    assert ws.versions.seen(both) == (), "one of its files is new"
    appended = ws.versions.take_in(both, base=report.dataset)
    assert (appended.rows.accepted, appended.rows.physical) == (114, 150)


def test_the_same_line_of_two_files_is_mended_one_by_one(ws):
    upload = ws.datasets.together([ws.datasets.stage(io.BytesIO(broken_day(n)), f"log-{n}.csv") for n in (1, 2)])
    report = ws.versions.take_in(upload)
    lines = ws.versions.rows_to_mend(report.dataset).read_text("utf-8-sig").splitlines()
    assert len(lines) == 5  # the header, and lines 3 and 5 of either file
    header, *rows = csv.reader(lines)
    chosen = next(row for row in rows if (row[0], row[1]) == ("2", "3"))
    place = header.index("item_id")
    chosen[place] = "i9"
    mended = ws.datasets.stage(io.BytesIO("\n".join([lines[0], ",".join(chosen)]).encode()), "mended.csv")
    done = ws.versions.take_in(mended, base=report.dataset)
    assert (done.rows.accepted, done.rows.rejected) == (report.rows.accepted + 1, report.rows.rejected - 1)
    assert ws.versions.rows_to_mend(done.dataset).read_text("utf-8-sig").count("\n") == 4


def test_several_files_hold_the_same_events_as_one_file_of_all_rows(ws):
    whole = day(1) + day(2).split(b"\n", 1)[1] + day(3).split(b"\n", 1)[1]
    one = ws.versions.take_in(ws.datasets.stage(io.BytesIO(whole), "whole.csv"))
    three = ws.versions.take_in(ws.datasets.together(staged(ws, 3, 1, 2)))
    assert three.fingerprint == one.fingerprint


def test_a_file_without_a_usable_row_still_counts(ws):
    empty = b"user_id,item_id,event_time,event\n" + b",,,\n,i1,x,y\n" * 3
    upload = ws.datasets.together([*staged(ws, 1), ws.datasets.stage(io.BytesIO(empty), "log-9.csv")])
    report = ws.versions.take_in(upload)
    assert (report.rows.accepted, report.rows.physical) == (30, 36)
