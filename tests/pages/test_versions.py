"""Versions on the Data page: grouped by dataset, what changed in words, renamed, cleaned, tables, deleted after asking."""

from __future__ import annotations

import io

import pytest
from page_shops import Shop

from recengine.types import TrainingRequest
from recengine.workspace import Workspace
from ui.words import W

HEADER = "who,what,when,did\n"
WEEK_1 = HEADER + "".join(f"s{k % 9},i{k % 7},2025-0{k % 7 + 1}-01 10:{k:02d}:00,buy\n" for k in range(50))
WEEK_2 = HEADER + "".join(f"s{k % 11},i{k % 8},2025-01-{k % 7 + 8:02d} 11:{k:02d}:00,buy\n" for k in range(40))
GOODS = "item,title,price\ni1,<b>Mug</b>,9.50\ni2,*Cup*,\nzz,Old,\n,x,\n"


@pytest.fixture(autouse=True)
def no_workers(monkeypatch):
    """Jobs stay queued."""
    monkeypatch.setattr(Workspace, "start_supervisor", lambda _: None)


@pytest.fixture
def own(tmp_path) -> Shop:
    """A dataset of three versions, the last one cleaned, and a dataset of one."""
    ws = Workspace(tmp_path)

    def put(text: str, name: str) -> str:
        return ws.datasets.stage(io.BytesIO(text.encode()), name)

    first = ws.versions.take_in(put(WEEK_1, "week_*1*.csv"), "Laden", tables=[{"upload": put(GOODS, "goods.csv")}])
    second = ws.versions.take_in(put(WEEK_2, "week-2.csv"), base=first.dataset)
    third = ws.versions.clean(second.dataset, {"min_item_events": 7, "drop_returns": True})
    other = ws.datasets.import_now(put(WEEK_1.replace("i1", "x1"), "other.csv"), "Other")
    return Shop(tmp_path, ws, third.dataset, {"first": first.dataset, "second": second.dataset, "other": other.dataset})


def said(at) -> str:
    return " ".join(str(part.value) for part in (*at.markdown, *at.caption)).replace("\\", "").replace("\u2060", "")


def press(at, opener: str, key: str) -> None:
    """Press a button of a dialog: the whole page runs here, so the button that opens the dialog is pressed with it."""
    at.button(key=opener).click()
    at.button(key=key).click()
    at.run()


def test_versions_stand_in_groups_with_what_changed(own, open_page):
    at = open_page("data", own, dataset=own.dataset)
    assert not at.exception
    text = said(at)
    for words in ("Imported week_*1*.csv", "Appended week-2.csv", "+40 events", "+2 shoppers", "+1 items", "Cleaned"):
        assert words in text, words
    assert "items with at least 7 events · " not in text.split("without returns")[-1]
    assert "without returns · items with at least 7 events" in text
    assert "2 logs · 1 table" in text
    assert text.index("Imported week_*1*.csv") > text.index("Appended week-2.csv") > text.index(":material/mop: Cleaned")
    assert text.count(W("datasets.in_use")) == 1
    steps = [c.value for c in at.caption if "→" in c.value]
    assert len(steps) == 1
    assert [word for word in steps[0].split() if word.isalpha() and word.islower()] == ["imported", "appended", "cleaned"]


def test_a_version_is_opened_renamed_and_cleaned(own, open_page):
    at = open_page("data", own, dataset=own.dataset)
    at.button(key=f"open.{own.variants['second']}").click().run()
    assert at.query_params["dataset"] in (own.variants["second"], [own.variants["second"]])
    at.button(key=f"rename.{own.dataset}").click().run()
    at.text_input(key="rename.name").input("Spring **sale**")
    press(at, f"rename.{own.dataset}", "rename.yes")
    assert own.ws.datasets.get(own.dataset).name == "Spring **sale**"
    at.button(key=f"clean.{own.dataset}").click().run()
    assert not at.exception
    assert at.query_params["cleaning"] in (own.dataset, [own.dataset])


def test_tables_of_a_version_are_seen_and_one_is_taken_out(own, open_page):
    at = open_page("data", own, dataset=own.dataset)
    at.button(key=f"tables.{own.dataset}").click().run()
    assert not at.exception
    assert "goods.csv" in said(at)
    assert "3 of 4 records were taken." in said(at)
    at.button(key="remove.0").click().run()
    job = own.ws.jobs.list()[0]
    assert (job.kind, job.arguments["operation"], job.arguments["place"]) == ("version", "remove", 0)
    plain = own.ws.run_attached("version", job.arguments, job.title)["dataset"]
    assert own.ws.versions.tables(plain) == ()


def test_a_version_goes_and_what_it_shares_stays(own, open_page):
    at = open_page("data", own, dataset=own.dataset)
    at.button(key=f"delete.{own.variants['second']}").click().run()
    assert any("Files that other versions share stay" in c.value for c in at.caption)
    at.button(key="delete.yes").click().run()
    assert not at.exception
    assert {row.dataset.id for row in own.ws.versions.list()} == {own.dataset, own.variants["first"], own.variants["other"]}
    assert own.ws.datasets.get(own.dataset).events > 0
    assert len(own.ws.versions.list(own.dataset)) == 2


def test_a_version_that_variants_need_goes_when_that_is_said_twice(own, open_page):
    request = TrainingRequest(own.dataset, "popularity", {}, "quick", 0, "cpu", "leave-last", "Best *sellers*")
    own.ws.run_attached("train", own.ws.training.arguments(request), "Popularity")
    at = open_page("data", own, dataset=own.dataset)
    at.button(key=f"delete.{own.dataset}").click().run()
    assert "Best *sellers*" in said(at)
    assert not [button for button in at.button if button.key == "delete.yes"], "the first answer deletes nothing"
    press(at, f"delete.{own.dataset}", "delete.first")
    assert len(own.ws.datasets.list()) == 4
    assert W("versions.delete.twice", n=1) in said(at)
    press(at, f"delete.{own.dataset}", "delete.yes")
    assert not at.exception
    assert (len(own.ws.datasets.list()), own.ws.variants.list()) == (3, [])


def test_asking_again_begins_at_the_first_question(own, open_page):
    request = TrainingRequest(own.dataset, "popularity", {}, "quick", 0, "cpu", "leave-last", "")
    own.ws.run_attached("train", own.ws.training.arguments(request), "Popularity")
    at = open_page("data", own, dataset=own.dataset)
    at.button(key=f"delete.{own.dataset}").click().run()
    press(at, f"delete.{own.dataset}", "delete.first")
    press(at, f"delete.{own.dataset}", "delete.no")
    at.button(key=f"delete.{own.dataset}").click().run()
    assert at.button(key="delete.first")
    assert len(own.ws.datasets.list()) == 4


def test_an_import_that_runs_is_shown_wherever_the_page_is_opened(own, open_page):
    upload = own.ws.datasets.stage(io.BytesIO(WEEK_2.replace("2025-01", "2025-02").encode()), "week-3.csv")
    job = own.ws.versions.submit(upload, base=own.dataset)
    at = open_page("data", own, dataset=own.dataset)
    assert not at.exception
    assert at.button(key=f"cancel.data.{job}")
    at.button(key=f"cancel.data.{job}").click().run()
    assert own.ws.jobs.get(job).state == "cancelled"
    at = open_page("data", own, importing=job)
    at.button(key="importing.back").click().run()
    assert not at.exception
    assert at.query_params["upload"] in (upload, [upload])
