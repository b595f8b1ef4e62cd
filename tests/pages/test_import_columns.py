"""The first two steps of an import: what a file is, several at once, sheets, reasons, what is missing, dates, event words."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
from page_shops import HOSTILE, Shop

from recengine.columns import Role
from recengine.workspace import Workspace
from ui.parts.import_columns import moved
from ui.parts.import_event_words import answers_with
from ui.parts.import_missing import missing
from ui.words import WT, W

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "unit" / "ingest"))
from test_ingest_kinds import cells, workbook


@pytest.fixture(autouse=True)
def no_workers(monkeypatch):
    monkeypatch.setattr(Workspace, "start_supervisor", lambda _: None)


@pytest.fixture
def own(tmp_path) -> Shop:
    return Shop(tmp_path, Workspace(tmp_path))


def log(day: int = 1, header: str = "shopper,product,day,what") -> bytes:
    words = ("view", "zap", "Buy", "")
    rows = (f"u{k % 7},i{k % 5},2026-03-{day:02d} {k % 24:02d}:00,{words[k % 4]}" for k in range(40))
    return "\n".join([header, *rows]).encode()


def unescaped(text: str) -> str:
    return text.replace("\\", "").replace("\u2060", "")


def said(at) -> str:
    return unescaped(" ".join([m.value for m in at.markdown] + [c.value for c in at.caption]))


def table(at, column: str):
    """The first table of the page with this column."""
    return next(frame.value for frame in at.dataframe if column in frame.value.columns)


def labelled(boxes, key: str):
    return next(box for box in boxes if box.label == W(key))


# ---- columns


def test_every_column_has_a_reason(own, open_page):
    upload = own.ws.datasets.stage(io.BytesIO(log()), "log.csv")
    at = open_page("data", own, upload=upload, step="columns")
    assert not at.exception
    frame = table(at, "reason")
    view = own.ws.datasets.preview(upload)
    assert list(frame["column"]) == [c.column for c in view.columns]
    assert [reason.casefold() for reason in frame["reason"]] == [c.reason.casefold() for c in view.columns]
    assert all(frame["reason"])


def test_words_of_events_stand_in_one_table_with_their_records(own, open_page):
    upload = own.ws.datasets.stage(io.BytesIO(log(header="user_id,item_id,event_time,event")), "log.csv")
    at = open_page("data", own, upload=upload, step="columns")
    assert not at.exception
    frame = table(at, "word")
    assert dict(zip(frame["word"], frame["rows"], strict=True)) == {"zap": 10, WT("import.empty_cell"): 10, "view": 10, "Buy": 10}
    assert dict(zip(frame["word"], frame["behaviour"], strict=True))["Buy"] == "purchase"
    assert set(frame["word"][:2]) == {"zap", WT("import.empty_cell")}, "what nobody said stands first"
    assert not any(W("data.ask") in s.value for s in at.subheader), "no question is asked for each word"
    own.ws.reading.keep_edits(upload, {"answers": {"behaviour:zap": "cart", "behaviour:": "view"}})
    at = open_page("data", own, upload=upload, step="columns")
    frame = table(at, "word")
    assert dict(zip(frame["word"], frame["behaviour"], strict=True)) == {
        "zap": "cart",
        WT("import.empty_cell"): "view",
        "view": "view",
        "Buy": "purchase",
    }
    assert set(table(at, "shopper")["behaviour"]) == {WT("behaviour.view"), WT("behaviour.cart"), WT("behaviour.purchase")}


def test_a_day_that_could_be_either_is_shown_both_ways(own, open_page):
    rows = "".join(f"u{k % 7},i{k % 5},0{1 + k % 4}/{5 + k % 5:02d}/2025\n" for k in range(40))
    upload = own.ws.datasets.stage(io.BytesIO(("user_id,item_id,date\n" + rows).encode()), "log.csv")
    at = open_page("data", own, upload=upload, step="columns")
    assert not at.exception
    [pills] = [group for group in at.button_group if "01/05/2025" in unescaped(group.label)]
    assert [unescaped(option.content) for option in pills.proto.options] == ["01/05/2025 → 1 May 2025", "01/05/2025 → 5 January 2025"]
    assert table(at, "shopper")["time"][0].startswith("2025-05-01")
    pills.set_value("false").run()
    assert not at.exception
    assert table(at, "shopper")["time"][0].startswith("2025-01-05")


def test_what_is_missing_is_said_with_a_way_to_have_it(own, open_page):
    upload = own.ws.datasets.stage(io.BytesIO(b"user_id,item_id\n" + b"u1,i1\nu2,i2\n" * 9), "log.csv")
    at = open_page("data", own, upload=upload, step="columns")
    assert not at.exception
    for role in ("time", "title", "category", "price"):
        assert unescaped(W(f"missing.{role}")) in said(at)
        assert unescaped(W(f"missing.{role}.fix")) in said(at)
    assert W("missing.user") not in said(at)
    assert W("missing.behaviour") not in said(at), "a question asks for it"


def test_without_an_item_the_table_stays_and_nothing_can_be_added(own, open_page):
    upload = own.ws.datasets.stage(io.BytesIO(log()), "log.csv")
    roles = {"shopper": "user", "product": "unused", "day": "time", "what": "behaviour"}
    own.ws.reading.keep_edits(upload, {"roles": roles})
    at = open_page("data", own, upload=upload, step="check")
    assert not at.exception
    frame = table(at, "reason")
    assert dict(zip(frame["column"], frame["role"], strict=True)) == roles
    assert unescaped(W("missing.item.fix")) in said(at)
    assert "add" not in {button.key for button in at.button}
    at.button(key="review.guess").click().run()
    assert not at.exception
    assert at.button(key="add")


def test_a_meaning_given_twice_moves():
    roles = {"a": "user", "b": "item", "c": "user_feature", "d": "unused"}
    assert moved(roles, "d", "user") == {"a": "unused", "b": "item", "c": "user_feature", "d": "user"}
    assert moved(roles, "d", "user_feature") == {**roles, "d": "user_feature"}
    assert moved(roles, "a", "unused") == {**roles, "a": "unused"}


def test_another_spelling_of_a_word_takes_the_new_meaning():
    answers = {"behaviour:zap": "cart", "behaviour:Zap-": "view", "day_first": "true"}
    keys = {"zap": "zap", "Zap-": "zap", "ZAP": "zap", "buy": "buy"}
    assert answers_with(answers, {"ZAP": "purchase"}, keys) == {"day_first": "true", "behaviour:ZAP": "purchase"}
    assert answers_with(answers, {"buy": "cart"}, keys) == {**answers, "behaviour:buy": "cart"}


def test_an_items_file_beside_it_tells_titles(own):
    view = own.ws.datasets.preview(own.ws.datasets.stage(io.BytesIO(log()), "log.csv"))
    assert missing(view) == [Role.TITLE, Role.CATEGORY, Role.PRICE]
    assert missing(view, frozenset({Role.TITLE, Role.CATEGORY, Role.PRICE})) == []


@pytest.mark.parametrize("step", ["file", "columns"])
def test_hostile_names_and_cells_stay_text(own, open_page, step):
    names = ",".join('"' + text.replace('"', '""') + '"' for text in HOSTILE[:3])
    rows = "".join(f'u{k % 7},i{k % 5},2026-03-{1 + k % 28:02d},"{HOSTILE[k % 6]}","{HOSTILE[3]}","x{k}"\n' for k in range(40))
    file = f"user_id,item_id,event_time,{names}\n{rows}".encode()
    upload = own.ws.datasets.stage(io.BytesIO(file), HOSTILE[1] + ".csv")
    own.ws.reading.keep_edits(upload, {"roles": {"user_id": "user", "item_id": "item", "event_time": "time", HOSTILE[0]: "behaviour"}})
    at = open_page("data", own, upload=upload, step=step)
    assert not at.exception
    for text in [m.value for m in at.markdown] + [c.value for c in at.caption]:
        assert "<script>" not in text
        assert "**bold** $" not in text


# ---- files


def test_daily_logs_are_one_and_the_rest_is_told(own, open_page):
    stage = own.ws.datasets.stage
    days = [stage(io.BytesIO(log(n, "user_id,item_id,event_time,event")), f"log-{n}.csv") for n in (1, 2, 3)]
    items = stage(io.BytesIO(b"item_id,title,category\n" + b"i1,Cup,Kitchen\ni2,Pot,Kitchen\n"), "items.csv")
    other = stage(io.BytesIO(log(4, "user_id,item_id,event_time,channel")), "other.csv")
    arrival = own.ws.arrivals.sort([items, other, *days])
    at = open_page("data", own, upload=arrival.upload, step="file")
    assert not at.exception
    assert "other.csv" in said(at)
    assert unescaped(W("files.has_more", columns="channel")) in said(at)
    assert unescaped(W("files.lacks", columns="event")) in said(at)
    assert unescaped(W("files.wait", n=1, names="other.csv")) in said(at)
    assert unescaped(W("files.beside", name="items.csv", kind=WT("kind.items"))) in said(at)
    at.button(key="files.out.1").click().run()
    assert not at.exception
    assert [file.name for file in own.ws.datasets.files(arrival.upload)] == ["log-1.csv", "log-3.csv"]
    assert unescaped(W("files.wait", n=2, names="log-2.csv, other.csv")) in said(at)
    at.button(key="files.next").click().run()
    assert not at.exception
    assert "log-2.csv" in said(at)


def test_another_sheet_is_read_when_it_is_chosen(own, open_page, tmp_path):
    orders = cells(1, "user_id", "item_id", "event_time") + "".join(cells(k, f"u{k % 5}", f"i{k % 3}", 45_292.0 + k) for k in range(2, 30))
    returns = cells(1, "user_id", "item_id", "event_time") + "".join(cells(k, f"r{k % 5}", f"i{k % 3}", 45_292.0 + k) for k in range(2, 12))
    upload = own.ws.datasets.stage_path(workbook(tmp_path / "shop.xlsx", {"Orders": orders, "Returns": returns}))
    at = open_page("data", own, upload=upload, step="file")
    assert not at.exception
    sheets = table(at, "read")
    assert list(zip(sheets["name"], sheets["rows"], sheets["read"], strict=True)) == [("Orders", 29, True), ("Returns", 11, False)]
    assert not any(box.label == W("read.encoding") for box in at.selectbox)
    labelled(at.selectbox, "read.sheet").select("Returns").run()
    assert not at.exception
    assert table(at, "1")["0"][0] == "r2"
    at.button(key="next").click().run()
    assert not at.exception
    assert at.button(key="add").label == W("data.add", n=10)


def test_another_sheet_of_the_workbook_is_joined_or_waits(own, open_page, tmp_path):
    orders = cells(1, "user_id", "item_id", "event_time") + "".join(cells(k, f"u{k % 5}", f"i{k % 3}", 45_292.0 + k) for k in range(2, 30))
    goods = cells(1, "item_id", "title", "category") + "".join(cells(k + 2, f"i{k}", f"Cup {k}", "Cups") for k in range(3))
    past = cells(1, "user_id", "item_id", "event_time") + "".join(cells(k, f"r{k % 5}", f"i{k % 3}", 45_292.0 + k) for k in range(2, 12))
    book = workbook(tmp_path / "shop.xlsx", {"Orders": orders, "Goods": goods, "Past": past})
    upload = own.ws.datasets.stage_path(book)
    at = open_page("data", own, upload=upload, step="file")
    at.button(key="read.take.Goods").click().run()
    assert not at.exception
    assert unescaped(W("files.beside", name="shop.xlsx (Goods)", kind=WT("kind.items"))) in said(at)
    at.button(key="read.take.Past").click().run()
    assert unescaped(W("files.wait", n=1, names="shop.xlsx (Past)")) in said(at)
    report = own.ws.versions.take_in(upload, **own.ws.reading.plan(upload))
    assert report.rows.accepted == 28
    assert own.ws.versions.tables(report.dataset)[0].coverage[0].matched == 3
    [past_upload] = [row.upload for row in own.ws.datasets.waiting()]
    assert own.ws.datasets.preview(past_upload, own.ws.reading.edits(past_upload)).physical_rows == 10


def test_reading_otherwise_keeps_what_was_said_of_columns_that_are_still_there(own, open_page):
    upload = own.ws.datasets.stage(io.BytesIO(log()), "log.csv")
    roles = {"shopper": "item", "product": "user", "day": "time", "what": "behaviour"}
    own.ws.reading.keep_edits(upload, {"roles": roles, "answers": {"behaviour:zap": "cart"}, "hashed": ["product"]})
    at = open_page("data", own, upload=upload, step="file")
    labelled(at.selectbox, "read.encoding").select("cp1252").run()
    assert not at.exception
    edits = own.ws.reading.edits(upload)
    assert (edits["roles"], edits["answers"], edits["reading"]) == (roles, {"behaviour:zap": "cart"}, {"encoding": "cp1252"})
    labelled(at.selectbox, "read.header").select(False).run()
    edits = own.ws.reading.edits(upload)
    assert "roles" not in edits
    assert "hashed" not in edits
    assert edits["answers"] == {"behaviour:zap": "cart"}


def test_a_file_is_something_else_when_a_person_says_so(own, open_page):
    upload = own.ws.datasets.stage(io.BytesIO(b"item_id,title,category\n" + b"i1,Cup,Kitchen\ni2,Pot,Kitchen\n" * 9), "items.csv")
    at = open_page("data", own, upload=upload, step="file")
    assert not at.exception
    assert WT("kind.items") in said(at)
    labelled(at.selectbox, "files.kind").select("events").run()
    assert not at.exception
    assert own.ws.reading.edits(upload)["kind"] == "events"
    assert unescaped(W("files.said")) in said(at)


# ---- files on the server


def test_a_file_on_the_server_is_picked(own, open_page):
    own.ws.server_files.folders()
    inbox = own.path / "inbox"
    for day in (1, 2):
        (inbox / f"log-{day}.csv").write_bytes(log(day))
    at = open_page("data", own)
    assert not at.exception
    assert at.button(key="server.read.first").disabled
    at.multiselect[0].set_value([file.path for file in own.ws.server_files.list(str(inbox.resolve()))]).run()
    at.button(key="server.read.first").click().run()
    assert not at.exception
    [waiting] = own.ws.datasets.waiting()
    assert (waiting.files, waiting.size_bytes) == (2, 2 * len(log()))


@pytest.mark.parametrize("typed", ["/etc/passwd", "../secret.csv", "<script>alert(1)</script>", "no such file.csv"])
def test_a_path_that_may_not_be_read_is_refused_in_words(own, open_page, typed):
    (own.path.parent / "secret.csv").write_bytes(log())
    at = open_page("data", own)
    at.text_input(key="server.path.first").input(typed).run()
    at.button(key="server.read.first").click().run()
    assert not at.exception
    assert any(":material/error:" in m.value for m in at.markdown)
    assert own.ws.datasets.waiting() == []
