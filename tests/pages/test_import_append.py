"""Next week's file, the same file once more, tables beside the log, rows that come back mended: what the page shows and starts."""

from __future__ import annotations

import csv
import io

import pytest
from page_shops import Shop

from recengine.workspace import Workspace
from ui.words import W, numbers

HEADER = "who,what,when,did\n"
WEEK_1 = HEADER + "".join(f"s{k % 9},i{k % 7},2025-01-{k % 7 + 1:02d} 10:{k:02d}:00,buy\n" for k in range(50))
BROKEN = WEEK_1 + "s1,i1,neulich,buy\n,i2,2025-01-03 10:00:00,buy\ns1,i1\n"
WEEK_2 = HEADER + "".join(f"s{k % 11},i{k % 8},2025-01-{k % 7 + 8:02d} 11:{k:02d}:00,buy\n" for k in range(40))
GOODS = "item,title,price\ni1,<b>Mug</b>,9.50\ni2,*Cup*,\nzz,Old,\n,x,\ni1,Mug 2,9.50\n"


@pytest.fixture(autouse=True)
def no_workers(monkeypatch):
    """Jobs stay queued; the tests run them."""
    monkeypatch.setattr(Workspace, "start_supervisor", lambda _: None)


@pytest.fixture
def own(tmp_path) -> Shop:
    """A workspace with one dataset of one file."""
    ws = Workspace(tmp_path)
    first = ws.datasets.import_now(ws.datasets.stage(io.BytesIO(BROKEN.encode()), "week-1.csv"), "Laden *1*", None)
    return Shop(tmp_path, ws, first.dataset)


def put(shop: Shop, text: str, name: str = "week-2.csv") -> str:
    return shop.ws.datasets.stage(io.BytesIO(text.encode()), name)


def newest_job(shop: Shop):
    return shop.ws.jobs.list()[0]


def run_job(shop: Shop) -> dict:
    job = newest_job(shop)
    shop.ws.jobs.cancel(job.id)
    return shop.ws.run_attached(job.kind, job.arguments, job.title)


def said(at) -> str:
    return " ".join(str(part.value) for part in (*at.markdown, *at.caption)).replace("\\", "").replace("\u2060", "")


def test_next_weeks_file_is_appended_with_one_click(own, open_page):
    at = open_page("data", own, upload=put(own, WEEK_2))
    assert not at.exception
    assert "This looks like week-1.csv" in said(at)
    assert "8 Jan 2025 to 14 Jan 2025 · 2 new shoppers and 1 new items" in said(at)
    primary = [button for button in at.button if button.proto.type == "primary"]
    assert [button.key for button in primary] == ["known.append"]
    assert primary[0].label.replace("\\", "").startswith("Append 40 events to Laden")
    primary[0].click().run()
    assert not at.exception
    job = newest_job(own)
    assert (job.kind, job.arguments["base"], job.arguments["cleaning"]) == ("import", own.dataset, None)
    assert at.query_params["importing"] in (job.id, [job.id])
    made = own.ws.datasets.get(run_job(own)["dataset"])
    assert (made.events, made.name) == (90, "Laden *1*")


def test_what_was_said_of_the_last_file_holds_for_this_one(tmp_path, open_page):
    ws = Workspace(tmp_path)
    edits = {"roles": {"who": "item", "what": "user", "when": "time", "did": "unused"}, "default_behaviour": "view"}
    first = ws.datasets.import_now(ws.datasets.stage(io.BytesIO(WEEK_1.encode()), "w.csv"), "Turned", edits)
    shop = Shop(tmp_path, ws, first.dataset)
    upload = put(shop, WEEK_2)
    at = open_page("data", shop, upload=upload)
    assert at.dataframe[-1].value["shopper"][0] == "i0"
    assert ws.reading.edits(upload)["roles"]["who"] == "item"
    at.button(key="known.append").click().run()
    report = ws.datasets.report(run_job(shop)["dataset"])
    assert report.behaviours == {"view": 90}


def test_what_a_person_said_is_not_written_over(own, open_page):
    upload = put(own, WEEK_2)
    roles = {"who": "user", "what": "item", "when": "time", "did": "unused"}
    own.ws.reading.keep_edits(upload, {"roles": roles})
    open_page("data", own, upload=upload)
    assert own.ws.reading.edits(upload) == {"roles": roles}


def test_review_first_leads_through_the_steps_with_the_dataset_chosen(own, open_page):
    upload = put(own, WEEK_2)
    at = open_page("data", own, upload=upload)
    at.button(key="known.review").click().run()
    assert not at.exception
    at.button(key="next").click().run()
    assert own.ws.reading.plan(upload)["base"] == own.dataset
    chosen = next(box for box in at.selectbox if box.label == W("append.to"))
    assert chosen.value == own.dataset
    chosen.select("").run()
    assert own.ws.reading.plan(upload)["base"] == ""
    at.button(key="add").click().run()
    assert newest_job(own).arguments["base"] == ""


def test_it_can_become_a_dataset_of_its_own(own, open_page):
    upload = put(own, WEEK_2)
    at = open_page("data", own, upload=upload)
    at.button(key="known.new").click().run()
    assert not at.exception
    at.button(key="add").click().run()
    assert newest_job(own).arguments["base"] == ""


def test_days_that_overlap_are_told_and_can_be_kept(own, open_page):
    twice = HEADER + "".join(line + "\n" for line in WEEK_1.splitlines()[-4:]) + WEEK_2.removeprefix(HEADER)
    at = open_page("data", own, upload=put(own, twice))
    assert W("append.overlap", n=4) in said(at)
    assert at.button(key="known.append").label.startswith("Append 40 ")
    at.button_group[-1].set_value("keep").run()
    assert not at.exception
    assert at.button(key="known.append").label.startswith("Append 44 ")
    at.button(key="known.append").click().run()
    assert newest_job(own).arguments["overlap"] == "keep"


def test_the_same_bytes_are_noticed(own, open_page):
    upload = put(own, BROKEN, "another name.csv")
    at = open_page("data", own, upload=upload)
    assert not at.exception
    assert "This very file is in Laden *1* already" in said(at)
    at.button(key="known.open").click().run()
    assert not at.exception
    assert at.query_params["report"] in (own.dataset, [own.dataset])
    assert own.ws.versions.waiting() == []
    again = open_page("data", own, upload=put(own, BROKEN))
    again.button(key="known.review").click().run()
    assert again.button(key="next")


def test_a_shape_whose_dataset_is_gone_is_still_known(own, open_page):
    own.ws.datasets.delete(own.dataset)
    at = open_page("data", own, upload=put(own, WEEK_2))
    assert not at.exception
    assert "This looks like week-1.csv" in said(at)
    at.button(key="known.add").click().run()
    assert newest_job(own).arguments["base"] == ""


def test_a_table_is_reviewed_and_joined(own, open_page):
    upload = put(own, GOODS, "goods.csv")
    at = open_page("data", own, upload=upload)
    assert not at.exception
    assert "2 of 7 items of the log are described (28.6%)" in said(at)
    assert "1 id is only in the table: zz." in said(at)
    assert "No id: 1" in said(at)
    assert dict(zip(at.dataframe[0].value["column"], at.dataframe[0].value["field"], strict=True)) == {
        "item": "id",
        "title": "title",
        "price": "price",
    }
    assert at.dataframe[-1].value["1"][1] == "Old"
    at.button(key="table.join").click().run()
    job = newest_job(own)
    assert (job.kind, job.arguments["operation"], job.arguments["dataset"]) == ("version", "join", own.dataset)
    made = run_job(own)["dataset"]
    done = open_page("data", own, dataset=made, report=made)
    assert not done.exception
    assert "goods.csv" in said(done)
    assert done.get("download_button")[-1]


def test_a_table_taken_for_something_else_is_read_anew(own, open_page):
    upload = put(own, GOODS, "goods.csv")
    at = open_page("data", own, upload=upload)
    kind = next(box for box in at.selectbox if box.label == W("table.kind"))
    kind.select("campaigns").run()
    assert not at.exception
    assert own.ws.reading.edits(upload)["kind"] == "campaigns"
    kind = next(box for box in at.selectbox if box.label == W("table.kind"))
    kind.select("reviews").run()
    assert not at.exception
    assert any(":material/error:" in m.value for m in at.markdown)  # it has no text
    at.button(key="table.guess").click().run()
    assert at.button(key="table.join")


def test_a_table_without_a_dataset_waits(tmp_path, open_page):
    shop = Shop(tmp_path, Workspace(tmp_path))
    upload = put(shop, GOODS, "goods.csv")
    at = open_page("data", shop, upload=upload)
    assert not at.exception
    assert W("table.waits") in said(at)
    at.button(key="table.keep").click().run()
    assert not at.exception
    assert at.button(key=f"waiting.{upload}.go")
    at.button(key=f"waiting.{upload}.discard").click().run()
    assert shop.ws.versions.waiting() == []


def test_tables_that_come_with_a_log_are_told_and_can_be_taken_out(tmp_path, open_page):
    shop = Shop(tmp_path, Workspace(tmp_path))
    log, goods = put(shop, WEEK_1, "week-1.csv"), put(shop, GOODS, "goods.csv")
    shop.ws.reading.keep_plan(log, {**shop.ws.reading.plan(log), "tables": [{"upload": goods, "kind": "items", "fields": None}]})
    assert [file.upload for file in shop.ws.versions.waiting()] == [log]
    at = open_page("data", shop, upload=log, step="check")
    assert not at.exception
    assert "2 of 7 items of the log are described" in said(at)
    at.button(key="table.out.0").click().run()
    assert shop.ws.reading.plan(log)["tables"] == []
    assert {file.upload for file in shop.ws.versions.waiting()} == {log, goods}


def test_mended_rows_complete_their_version(own, open_page):
    rows = list(csv.reader(own.ws.versions.rows_to_mend(own.dataset).read_text(encoding="utf-8-sig").splitlines()))
    rows[1][rows[0].index("when")] = "2025-01-09 10:00:00"
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    at = open_page("data", own, upload=put(own, text.getvalue(), "mended.csv"))
    assert not at.exception
    assert W("mended.good", n=1) in said(at)
    assert W("mended.left", n=2) in said(at)
    assert at.dataframe[0].value["n"].tolist() == [2]
    at.button(key="mended.add").click().run()
    whole = own.ws.datasets.report(run_job(own)["dataset"])
    assert (whole.rows.accepted, whole.rows.rejected) == (51, 2)


def test_mended_rows_that_nobody_misses_say_so(own, open_page):
    text = own.ws.versions.rows_to_mend(own.dataset).read_text(encoding="utf-8-sig")
    own.ws.datasets.delete(own.dataset)
    at = open_page("data", own, upload=put(own, text, "mended.csv"))
    assert not at.exception
    assert W("mended.none") in said(at)


def test_the_last_step_offers_every_record_and_what_is_missing(own, open_page):
    at = open_page("data", own, dataset=own.dataset, report=own.dataset)
    assert not at.exception
    labels = [button.label for button in at.get("download_button")]
    assert labels == [W("report.download", n=3), W("done.mend", n=3), W("done.mapping"), W("done.report")]
    assert "Of 7 items, 7 have no title · 7 no category · 7 no price." in said(at)
    assert numbers.count(50) in said(at)


def test_items_that_nobody_bought_are_taken_in_where_that_is_said(own, open_page):
    upload = put(own, GOODS, "goods.csv")
    at = open_page("data", own, upload=upload)
    switch = next(toggle for toggle in at.toggle if toggle.key == f"unsold.{upload}")
    assert (switch.label, switch.value) == (W("unsold.switch", n=1), False)
    switch.set_value(True).run()
    assert not at.exception
    assert W("unsold.on") in said(at)
    at.button(key="table.join").click().run()
    made = run_job(own)["dataset"]
    assert own.ws.datasets.get(made).items == 8
    at = open_page("data", own, dataset=made, report=made)
    assert any(W("unsold.in") in c.value for c in at.caption)


def test_the_cleaning_rules_of_the_version_count_before_the_click(own, open_page):
    cleaned = own.ws.versions.clean(own.dataset, {"min_item_events": 8}).dataset
    assert own.ws.datasets.get(cleaned).events == 8  # of item 0 alone
    at = open_page("data", own, upload=put(own, WEEK_2))
    assert not at.exception
    button = at.button(key="known.append")
    assert button.label.startswith("Append 35 ")  # together all items have enough but item 7, which has 5
    assert "items with at least 8 events · the cleaning rules leave 5 of them out" in said(at)
    button.click().run()
    assert newest_job(own).arguments["base"] == cleaned
    assert own.ws.datasets.report(run_job(own)["dataset"]).rows.accepted == 85
