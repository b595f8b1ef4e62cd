"""Whole imports: the real file, the rules, conservation, and files that cannot be used."""

from __future__ import annotations

import csv
import gzip
import io
from pathlib import Path

import pyarrow.compute as pc
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recengine.columns import Role
from recengine.errors import BadInput
from recengine.ingest.convert import EVENT_SCHEMA
from recengine.ingest.importer import ingest, recognise
from recengine.ingest.mapping import Mapping
from recengine.ingest.reader import REJECT_SCHEMA, read
from recengine.ingest.times import TimeFormat

UCI = Path(__file__).parents[3] / "sample_data" / "online_retail.csv.gz"


@pytest.fixture(scope="module")
def retail():
    return ingest(UCI)


def write(tmp_path, text: str | bytes, name: str = "upload.csv"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_the_real_file_gives_the_published_figures(retail):
    assert (retail.physical, retail.accepted, retail.skipped, retail.rejected) == (541_909, 397_884, 8_905, 135_120)
    assert (retail.quality.shoppers, retail.quality.items) == (4_338, 3_665)
    reasons = {row["values"]: row["counts"] for row in pc.value_counts(retail.rejects["reason"]).to_pylist()}
    assert reasons == {"no shopper id": 135_080, "cancellation or return": 8_905, "price is zero": 40}
    assert retail.unsellable_item_ids == ["BANK CHARGES", "C2", "DOT", "M", "PADS", "POST"]


def test_the_real_file_row_by_row_against_the_csv_module(retail):
    texts = ["basket_id", "item_id", "title", "user_id", "user_feature"]
    events = zip(*(retail.events[name].to_pylist() for name in [*texts, "quantity", "price", "line"]), strict=True)
    with gzip.open(UCI, "rt", newline="", encoding="utf-8") as file:
        rows = csv.reader(file)
        next(rows)
        for row in rows:
            if row[6] and row[0][0] not in "Cc" and float(row[5]) > 0:
                *found, quantity, price, line = next(events)
                assert found == [row[0], row[1], row[2], row[6], row[7]]
                assert (quantity, line) == (float(row[3]), rows.line_num)
                assert abs(price - float(row[5])) < 1e-3
    assert next(events, None) is None


def test_the_columns_are_the_agreed_ones(retail):
    ids = {"user_id", "item_id"}  # kept as dictionaries of the same texts
    kinds = [(field.name, field.type.value_type if field.name in ids else field.type) for field in retail.events.schema]
    assert kinds == [(field.name, field.type) for field in EVENT_SCHEMA]
    assert retail.rejects.schema == REJECT_SCHEMA
    assert retail.events.column_names == [
        *("user_id", "item_id", "behaviour", "time_s", "quantity", "price", "rating"),
        *("basket_id", "title", "category", "brand", "user_feature", "line"),
    ]


def test_recognition_of_the_real_file(retail):
    seen = retail.recognition
    assert (seen.file_name, seen.compression, seen.encoding) == ("online_retail.csv.gz", "gzip", "UTF-8")
    assert seen.dialect_words == "comma-separated, header in line 1"
    assert (seen.format_title, seen.rows) == ("UCI Online Retail", 541_909)
    assert [q.id for q in seen.questions] == ["cancellations"]
    assert "10,624" in seen.questions[0].text
    assert len(seen.preview) == 20
    first = seen.preview[0]
    assert (first.line, first.shopper, first.item, first.time, first.price) == (2, "17850", "85123A", "2010-12-01 08:26:00", "2.55")
    assert {row.result for row in seen.preview} == {"accepted"}


def test_quality_and_verdicts_of_the_real_file(retail):
    report = retail.quality
    assert report.duplicates == 5_192
    assert report.empty_shares["CustomerID"] == pytest.approx(135_080 / 541_909)
    assert report.behaviours == {"purchase": 397_884}
    assert report.density == pytest.approx(0.01678, abs=1e-5)
    levels = {verdict.topic: verdict.level for verdict in report.verdicts}
    assert levels["Item-to-item, matrix and sequence models"] == "ok"
    assert levels["Comparison over time"] == "ok"
    assert levels["New shoppers"] == "warn"
    assert levels["Views and carts"] == "no"


def test_the_preview_and_the_import_agree(tmp_path):
    path = write(tmp_path, "user,item,time\n1,2,2020-01-01\n,2,2020-01-01\n\n1,2\n1,2,never\n")
    seen = recognise(path)
    assert [(row.line, row.result) for row in seen.preview] == [
        (2, "accepted"),
        (3, "rejected: no shopper id"),
        (4, "skipped: blank line"),
        (5, "rejected: 2 cells instead of 3"),
        (6, "rejected: time not understood"),
    ]
    done = ingest(path, recognition=seen)
    assert [(r["line"], r["reason"]) for r in done.rejects.to_pylist()] == [
        (3, "no shopper id"),
        (4, "blank line"),
        (5, "2 cells instead of 3"),
        (6, "time not understood"),
    ]
    assert (done.physical, done.accepted, done.rejected, done.skipped) == (5, 1, 3, 1)


def test_rules_apply_in_their_order(tmp_path):
    text = """user,item,time,action,quantity,price
,,never,buy,x,y
1,,never,buy,x,y
1,2,never,buy,x,y
1,2,2020-01-01,buy,x,y
1,2,2020-01-01,buy,x,1
1,2,2020-01-01,buy,-1,0
1,2,2020-01-01,refund,1,1
1,2,2020-01-01,buy,0,0
1,2,2020-01-01,buy,1,-1
1,2,2020-01-01,buy,0,1
1,2,2020-01-01,view,0,0
1,2,2020-01-01,buy,,
1,2,2200-01-01,buy,1,1
"""
    done = ingest(write(tmp_path, text))
    assert [(r["line"], r["column"], r["value"], r["reason"], r["kind"]) for r in done.rejects.to_pylist()] == [
        (2, "user", "", "no shopper id", "rejected"),
        (3, "item", "", "no item id", "rejected"),
        (4, "time", "never", "time not understood", "rejected"),
        (5, "price", "y", "price is not a number", "rejected"),
        (6, "quantity", "x", "quantity is not a number", "rejected"),
        (7, "quantity", "-1", "cancellation or return", "skipped"),
        (8, "quantity", "1", "cancellation or return", "skipped"),
        (9, "price", "0", "price is zero", "rejected"),
        (10, "price", "-1", "price is below zero", "rejected"),
        (11, "quantity", "0", "quantity is zero", "rejected"),
        (14, "time", "2200-01-01", "time not understood", "rejected"),
    ]
    assert done.events["line"].to_pylist() == [12, 13]


def test_ids_are_never_touched(tmp_path):
    ids = ["007", "7", "7.0", "NA", "null", "None", "nan", " x", "x ", "X", "x", "9223372036854775808123"]
    ids += ["1E+05", "TRUE", "=1+1", "é", "e\u0301", "\u200b7"]
    done = ingest(write(tmp_path, "user,item,time\n" + "".join(f"{cell},{cell},2020-01-01\n" for cell in ids)))
    assert done.events["user_id"].to_pylist() == ids
    assert done.events["item_id"].to_pylist() == ids
    assert ("X", "x", "x ") not in done.quality.similar_items
    assert (" x", "X", "x", "x ") in done.quality.similar_items


def test_white_space_is_no_id(tmp_path):
    done = ingest(write(tmp_path, "user,item,time\n  ,1,2020-01-01\n1,\t,2020-01-01\n\u3000,1,2020-01-01\n1,1,2020-01-01\n"))
    assert [r["reason"] for r in done.rejects.to_pylist()] == ["no shopper id", "no item id", "no shopper id"]


def test_exact_duplicates_stay_and_are_counted(tmp_path):
    done = ingest(write(tmp_path, "user,item,time\n" + "1,2,2020-01-01\n" * 3 + "1,3,2020-01-01\n"))
    assert done.accepted == 4
    assert done.quality.duplicates == 2


def test_a_quoted_line_break_is_one_record(tmp_path):
    done = ingest(write(tmp_path, 'user,item,title\n1,2,"two\nlines"\n3,4,plain\n'))
    assert done.physical == 2
    assert done.events["title"].to_pylist() == ["two\nlines", "plain"]
    assert done.events["line"].to_pylist() == [2, 4]


def test_progress_rises_to_one(tmp_path):
    seen = []
    ingest(write(tmp_path, "user,item,time\n1,2,2020-01-01\n"), progress=lambda share, words: seen.append((share, words)))
    assert [share for share, _ in seen] == sorted(share for share, _ in seen)
    assert seen[-1] == (1.0, "Done")


def test_one_row_is_taken_and_called_too_little(tmp_path):
    done = ingest(write(tmp_path, "user,item,time\n1,2,2020-01-01\n"))
    assert done.accepted == 1
    assert done.quality.verdicts[0].level == "no"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("user,item,time\n", "has no rows"),
        ("user,item,time", "has no rows"),
        ("alpha,beta\n,\n,\n", "No column holds the item"),
        ("\x89PNG", "not a table"),
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 50, "PNG picture"),
        (gzip.compress(b"user,item,time\n1,2,2020-01-01\n" * 50, mtime=0)[:-9], "not complete"),
        ("user,item,time\n,1,2020-01-01\n,2,2020-01-01\n", "None of the 2 rows"),
        (",".join(f"c{k}" for k in range(5_001)) + "\n1\n", "5,001 columns"),
    ],
)
def test_files_that_cannot_be_used_say_why(tmp_path, text, message):
    data = text.encode("latin-1") if isinstance(text, str) else text
    with pytest.raises(BadInput, match=message) as caught:
        ingest(write(tmp_path, data))
    assert caught.value.fix
    assert len(caught.value.what.split()) <= 20


def test_a_column_of_garbage_dates_is_named_with_examples(tmp_path):
    with pytest.raises(BadInput) as caught:
        ingest(write(tmp_path, "user,item,time\n" + "".join(f"{k},{k},soon{k}\n" for k in range(30))))
    assert "Column time" in caught.value.why
    assert "“soon0” (line 2), “soon1” (line 3), “soon2” (line 4)" in caught.value.why


def test_a_failed_import_leaves_the_file_as_it_was(tmp_path):
    path = write(tmp_path, "user,item,time\n1,2,never\n")
    before = path.read_bytes()
    with pytest.raises(BadInput):
        ingest(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


ODD = [
    "",
    " ",
    "007",
    "NA",
    "null",
    "=1+1",
    '"',
    '""',
    ",",
    "\n",
    "\r\n",
    "-1",
    "1e309",
    "2020-01-01",
    "C1",
    "buy",
    "０",
    "\u200b",
    "\ufeff",
]
HOSTILE = st.one_of(st.sampled_from(ODD), st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\x00"), max_size=8))
ROW = st.tuples(HOSTILE, HOSTILE, st.one_of(HOSTILE, st.just("2020-01-01 10:00")), HOSTILE, HOSTILE, HOSTILE)
MAPPING = Mapping(
    roles={"u": Role.USER, "i": Role.ITEM, "t": Role.TIME, "b": Role.BEHAVIOUR, "q": Role.QUANTITY, "p": Role.PRICE},
    time_format=TimeFormat.TEXT,
    reading={"encoding": "utf-8", "delimiter": ",", "header": True},
)


@given(table=st.lists(ROW, min_size=1, max_size=15))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_row_is_lost_and_no_id_changed_whatever_the_cells(tmp_path, table):
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow("uitbqp")
    writer.writerows([*table, ("user", "item", "2020-01-01", "view", "1", "1")])  # one good row, so that there is something to take
    path = write(tmp_path, text.getvalue())
    raw = read(path, encoding="utf-8", delimiter=",", header=True)
    assert raw.records == raw.table.num_rows == len(table) + 1
    done = ingest(path, mapping=MAPPING)
    assert done.accepted + done.rejected + done.skipped == done.physical == len(table) + 1
    row_of_line = {int(line): k for k, line in enumerate(raw.lines)}
    rows = [*table, ("user", "item")]
    for event in done.events.to_pylist():
        row = rows[row_of_line[event["line"]]]
        assert (event["user_id"], event["item_id"]) == (row[0], row[1])
    lines = done.events["line"].to_pylist() + done.rejects["line"].to_pylist()
    assert sorted(lines) == sorted(int(line) for line in raw.lines)
