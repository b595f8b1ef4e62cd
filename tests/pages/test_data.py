"""Data: a file is shown as understood, added as a job, reported; versions can be chosen and deleted after asking."""

from __future__ import annotations

import io

import pytest
from page_shops import Shop

from recengine.testing.demo_store import make_demo_store
from recengine.workspace import Workspace
from ui.words import WT, W, numbers


@pytest.fixture(autouse=True)
def no_workers(monkeypatch):
    """Imports stay queued; running them is the supervisor's test, not the page's."""
    monkeypatch.setattr(Workspace, "start_supervisor", lambda _: None)


LOG = b"who;what;when;paid\n" + b"".join(b"%d;item %d;2025-03-%02d 10:00;%d,50\n" % (i % 9, i % 7, 1 + i % 28, i % 5) for i in range(90))


def unescaped(text: str) -> str:
    return text.replace("\\", "").replace("\u2060", "")


def labelled(at, key: str):
    return next(box for box in at.selectbox if box.label == W(key))


def test_cold_page_offers_the_sample(empty_shop, open_page):
    at = open_page("data", empty_shop)
    assert not at.exception
    assert at.button(key="add.sample").proto.type == "primary"
    assert sum(b.proto.type == "primary" for b in at.button) == 1


def test_a_waiting_file_is_shown_as_understood(empty_shop, open_page):
    upload = empty_shop.ws.datasets.stage(io.BytesIO(LOG), "week_*12*.csv")
    at = open_page("data", empty_shop, upload=upload)
    assert not at.exception
    view = empty_shop.ws.datasets.preview(upload)
    assert any("week_*12*.csv" in unescaped(m.value) for m in at.markdown)
    assert len(at.dataframe[-1].value) == min(20, len(view.rows))
    assert at.button(key="add").proto.type == "primary"
    assert at.button(key="add").label == W("data.add", n=90)


def test_a_changed_meaning_is_read_again(empty_shop, open_page):
    upload = empty_shop.ws.datasets.stage(io.BytesIO(LOG), "week.csv")
    columns = {"who": "user", "what": "item", "when": "time", "paid": "unused"}
    at = open_page("data", empty_shop, upload=upload, state={f"edits.{upload}": {"roles": columns}})
    assert not at.exception
    assert dict(zip(at.dataframe[0].value["column"], at.dataframe[0].value["role"], strict=True)) == columns
    assert set(at.dataframe[-1].value["price"]) <= {"", "–"}


def test_a_mapping_that_does_not_fit_says_why_and_keeps_the_file(empty_shop, open_page):
    upload = empty_shop.ws.datasets.stage(io.BytesIO(LOG), "week.csv")
    roles = {"who": "unused", "what": "unused", "when": "unused", "paid": "unused"}
    at = open_page("data", empty_shop, upload=upload, state={f"edits.{upload}": {"roles": roles}})
    assert not at.exception
    assert any(":material/error:" in m.value for m in at.markdown)
    assert W("error.unchanged") in [c.value for c in at.caption]
    at.button(key="review.guess").click().run()
    assert at.button(key="add")


def test_the_file_stands_beside_its_bytes_and_can_be_read_otherwise(empty_shop, open_page):
    rows = "who;what;when\n" + "".join(f"u{i % 9};Größe {i % 7};2025-03-{1 + i % 28:02d} 10:00\n" for i in range(60))
    upload = empty_shop.ws.datasets.stage(io.BytesIO(rows.encode("cp1252")), "week.csv")
    at = open_page("data", empty_shop, upload=upload, step="file")
    assert not at.exception
    assert at.dataframe[0].value["1"][0] == "Größe 0"
    assert "Gr\\xf6\\xdfe 0" in at.code[0].value
    labelled(at, "read.encoding").select("cp1251").run()
    assert not at.exception
    assert at.dataframe[0].value["1"][0] == "GrцЯe 0"
    assert empty_shop.ws.reading.edits(upload) == {"reading": {"encoding": "cp1251"}}  # outlives the tab
    labelled(at, "read.delimiter").select("|").run()
    assert any(":material/error:" in m.value for m in at.markdown)
    assert at.button(key="next").disabled
    assert at.code
    at.button(key="read.again").click().run()
    assert at.dataframe[0].value["1"][0] == "Größe 0"
    assert empty_shop.ws.reading.edits(upload) == {}
    at.button(key="next").click().run()
    assert at.button(key="add").label == W("data.add", n=60)


def test_the_check_keeps_the_name_that_was_typed(tmp_path, open_page):
    own = Shop(tmp_path, Workspace(tmp_path), "", {}, "")  # a job stays in its workspace
    upload = own.ws.datasets.stage(io.BytesIO(LOG), "week.csv")
    at = open_page("data", own, upload=upload, step="check")
    assert not at.exception
    at.text_input[0].input("Spring").run()
    at.button(key="back").click().run()
    at.button(key="add").click().run()
    assert not at.exception
    assert own.ws.jobs.list()[0].arguments["name"] == "Spring"


def test_what_was_said_of_a_file_is_there_after_a_reload(empty_shop, open_page):
    upload = empty_shop.ws.datasets.stage(io.BytesIO(LOG), "week.csv")
    empty_shop.ws.reading.keep_edits(upload, {"roles": {"who": "user", "what": "item", "when": "time", "paid": "unused"}})
    at = open_page("data", empty_shop, upload=upload)
    assert not at.exception
    assert dict(zip(at.dataframe[0].value["column"], at.dataframe[0].value["role"], strict=True))["paid"] == "unused"


def test_an_upload_that_is_gone_is_said_once(empty_shop, open_page):
    at = open_page("data", empty_shop, upload="up-aaaaaaaaaa-bbbb")
    assert not at.exception
    assert any(":material/error:" in m.value for m in at.markdown)
    at.run()
    assert at.button(key="add.sample")


def test_the_report_counts_every_record(shop, open_page):
    at = open_page("data", shop, dataset=shop.dataset, report=shop.dataset)
    assert not at.exception
    report = shop.ws.datasets.report(shop.dataset)
    said = " ".join(unescaped(m.value) for m in at.markdown)
    assert (
        WT("report.part.accepted", n=numbers.count(report.rows.accepted), share=numbers.share(report.rows.accepted / report.rows.physical))
        in said
    )
    assert report.rows.accepted + report.rows.rejected + report.rows.skipped == report.rows.physical
    for line in report.verdicts:
        assert line.text in said


def test_four_charts_and_five_figures_of_the_dataset(shop, open_page):
    at = open_page("data", shop, dataset=shop.dataset)
    row = shop.ws.datasets.get(shop.dataset)
    shown = {m.label: m.value for m in at.metric}
    assert shown["Events"] == numbers.count(row.events)
    assert shown["Shoppers"] == numbers.count(row.shoppers)
    assert len(at.metric) == 5
    assert len(at.get("plotly_chart")) == 4
    assert all(len(chart.proto.alt) > 20 for chart in at.get("plotly_chart"))


def test_without_views_the_funnel_says_so(hostile_shop, open_page):
    at = open_page("data", hostile_shop)
    assert not at.exception
    assert any("one stage only" in m.value for m in at.markdown)
    assert len(at.get("plotly_chart")) == 3


@pytest.fixture
def two_versions(tmp_path) -> Shop:
    ws = Workspace(tmp_path / "ws")
    ids = []
    for seed in (1, 2):
        folder = tmp_path / f"demo{seed}"
        folder.mkdir()
        make_demo_store(folder, seed=seed, shoppers=15, days=14)
        ids.append(ws.datasets.import_now(ws.datasets.stage_path(folder / "events.csv"), f"Week *{seed}*", None).dataset)
    return Shop(tmp_path / "ws", ws, ids[0])


def test_another_version_is_opened_and_one_is_deleted_after_asking(two_versions, open_page):
    shop = two_versions
    other = next(d.id for d in shop.ws.datasets.list() if d.id != shop.dataset)
    at = open_page("data", shop, dataset=shop.dataset)
    at.button(key=f"open.{other}").click().run()
    assert not at.exception
    assert at.query_params["dataset"] in (other, [other])
    at.button(key=f"delete.{shop.dataset}").click().run()
    assert len(shop.ws.datasets.list()) == 2, "nothing goes before the answer"
    at.button(key="delete.yes").click().run()
    assert [d.id for d in shop.ws.datasets.list()] == [other]


def test_an_import_of_this_tab_leads_to_its_report(two_versions, open_page):
    job = two_versions.ws.versions.submit(two_versions.ws.datasets.stage(io.BytesIO(LOG), "week.csv"), "Week")
    at = open_page("data", two_versions, importing=job)
    assert not at.exception
    assert any(W(f"job.state.{state}") in m.value for m in at.markdown for state in ("queued", "running")) or "report" in at.query_params
    two_versions.ws.jobs.cancel(job)
