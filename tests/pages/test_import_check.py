"""The check of an import: what is odd with one thing to do about it, personal data, models, cleaning rules and what they leave."""

from __future__ import annotations

import io
import random
import unicodedata
from pathlib import Path

import pytest
from page_shops import Shop

from recengine.workspace import Workspace
from ui.words import W


@pytest.fixture(autouse=True)
def no_workers(monkeypatch):
    monkeypatch.setattr(Workspace, "start_supervisor", lambda _: None)


@pytest.fixture
def own(tmp_path) -> Shop:
    return Shop(tmp_path, Workspace(tmp_path))


def odd_log() -> bytes:
    """30 shoppers named by e-mail, one bot, repeats, dates in 1970 and 2106, a price of a billion, twins of ids."""
    pick = random.Random(1)
    rows = []

    def row(who: str, item: str, when: str, price: float = 9.5) -> None:
        rows.append(f"{who},+49 30 {901000 + len(rows) % 30},{item},{when},view,{price:.2f}")

    items = [f"i{k}" for k in range(12)] + ["Caf\u00e9", unicodedata.normalize("NFD", "Caf\u00e9")]
    for _ in range(1500):
        when = f"2026-0{pick.randint(1, 3)}-{pick.randint(1, 28):02d} {pick.randint(8, 20):02d}:{pick.randint(0, 59):02d}:00"
        row(f"kunde{pick.randint(10, 39)}@example.org", pick.choice(items), when)
    for k in range(900):
        row("bot@example.org", pick.choice(items), f"2026-02-02 {k // 60:02d}:{k % 60:02d}:00")
    for _ in range(7):
        row("kunde11@example.org", "i1", "1970-01-01 00:00:00")
    for _ in range(3):
        row("kunde12@example.org", "i2", "2106-02-07 06:28:15")
    row("kunde13@example.org", "i3", "2026-02-03 10:00:00", 1e9)
    rows.extend(rows[:40])
    return ("email,phone,sku,when,event,price\n" + "\n".join(rows) + "\n").encode()


def staged(own: Shop) -> str:
    return own.ws.datasets.stage(io.BytesIO(odd_log()), "odd.csv")


def added(at) -> str:
    return at.button(key="add").label


def said(at) -> str:
    return " ".join(str(element.value) for element in (*at.markdown, *at.caption)).replace("\\", "").replace("\u2060", "")


def test_what_is_odd_is_told_with_examples_and_one_click_mends_it(own, open_page):
    upload = staged(own)
    at = open_page("data", own, upload=upload, step="check")
    assert not at.exception
    text = said(at)
    for code in ("early", "bots", "duplicates", "prices", "similar_items", "bad_times"):
        assert W(f"quality.{code}") in text, code
    assert "1970-01-01 00:00:00" in text
    assert "1,000,000,000" in text
    assert "2106-02-07 06:28:15" in text
    assert "Cafe‹U+0301›" in text
    assert "example.org" not in text
    assert added(at) == W("data.add", n="2,448")
    at.button(key=f"{upload}.bots.do").click().run()
    assert not at.exception
    assert own.ws.reading.plan(upload)["cleaning"] == {"max_events_a_day": 200, "bots": "drop"}
    trial = own.ws.versions.try_cleaning({"max_events_a_day": 200, "bots": "drop"}, upload)
    assert trial.added == 1_548
    assert added(at) == W("data.add", n="1,548")
    at.button(key=f"{upload}.early.do").click().run()
    assert added(at) == W("data.add", n="1,541")
    assert own.ws.reading.plan(upload)["cleaning"]["first_day"].startswith("2026-01-0")
    at.button(key=f"{upload}.bots.undo").click().run()
    assert added(at) == W("data.add", n="2,441")


def test_personal_columns_are_hashed_with_one_click_and_never_shown_then(own, open_page):
    upload = staged(own)
    at = open_page("data", own, upload=upload, step="check")
    assert "ku…rg" in said(at)
    at.button(key=f"{upload}.hash.all").click().run()
    assert not at.exception
    assert own.ws.reading.edits(upload)["hashed"] == ["email", "phone"]
    for step in ("check", "columns", "file"):
        at = open_page("data", own, upload=upload, step=step)
        assert not at.exception
        cells = " ".join(str(frame.value.to_dict()) for frame in at.dataframe) + " ".join(code.value for code in at.code)
        assert "@example" not in said(at) + cells, step
        assert "+49 30" not in said(at) + cells, step
    at = open_page("data", own, upload=upload, step="check")
    at.button(key=f"{upload}.readable.email").click().run()
    assert own.ws.reading.edits(upload)["hashed"] == ["phone"]


def test_switches_offer_sensible_values_and_say_what_they_do(own, open_page):
    upload = staged(own)
    at = open_page("data", own, upload=upload, step="check")
    place = f"clean.{upload}"
    assert not any(toggle.value for toggle in at.toggle)
    assert W("clean.would", n="900") in [c.value for c in at.caption]
    at.toggle(key=f"{place}.merge_seconds").set_value(True).run()
    assert not at.exception
    assert own.ws.reading.plan(upload)["cleaning"] == {"merge_seconds": 2}
    at.number_input(key=f"{place}.merge_seconds.value").set_value(3600).run()
    rows = own.ws.versions.try_cleaning({"merge_seconds": 3600}, upload)
    table = at.dataframe[-1].value
    assert table["events"].tolist() == [2448, rows.after.events]
    assert added(at) == W("data.add", n=f"{rows.added:,}")
    at.toggle(key=f"{place}.min_item_events").set_value(True).run()
    at.number_input(key=f"{place}.min_item_events.value").set_value(900_000).run()
    assert any(W("clean.nothing") in m.value for m in at.markdown)
    assert at.button(key="add").disabled
    at.button(key=f"{place}.reset").click().run()
    assert own.ws.reading.plan(upload)["cleaning"] == {}
    assert added(at) == W("data.add", n="2,448")


def test_what_the_button_says_is_what_is_added(own, open_page):
    upload = staged(own)
    at = open_page("data", own, upload=upload, step="check")
    at.button(key=f"{upload}.bots.do").click().run()
    at.button(key="back").click().run()
    assert added(at) == W("data.add", n="1,548"), "the columns step knows the rules too"
    at.button(key="add").click().run()
    assert not at.exception
    arguments = own.ws.jobs.list()[0].arguments
    report = own.ws.versions.take_in(**arguments)
    assert report.rows.accepted == 1_548
    assert report.rows.physical == report.rows.accepted + report.rows.rejected + report.rows.skipped


def test_appending_counts_what_the_version_keeps_of_this_file(own, open_page):
    week = b"who,what,when\n" + b"".join(b"u%d,i%d,2025-03-%02d 10:00:00\n" % (k % 9, k % 7, 1 + k % 20) for k in range(90))
    base = own.ws.versions.take_in(own.ws.datasets.stage(io.BytesIO(week), "w1.csv"), "Shop", cleaning={"min_shopper_events": 3}).dataset
    more = week + b"".join(b"u%d,i%d,2025-04-%02d 10:00:00\n" % (k, k % 7, 1 + k) for k in range(12))
    upload = own.ws.datasets.stage(io.BytesIO(more), "w2.csv")
    own.ws.reading.keep_plan(upload, own.ws.reading.plan(upload) | {"base": base})
    at = open_page("data", own, upload=upload, step="check")
    assert not at.exception
    assert at.toggle(key=f"clean.{upload}.min_shopper_events").value, "the rules of the version hold"
    assert added(at) == W("data.add", n="9"), "u9, u10 and u11 have one event each"
    at.toggle(key=f"clean.{upload}.min_shopper_events").set_value(False).run()
    assert added(at) == W("data.add", n="12")


def test_a_clean_log_gets_one_calm_line(own, open_page):
    log = b"who,what,when,event\n" + b"".join(
        b"u%d,i%d,2025-03-%02d 10:%02d:00,view\n" % (k % 9, k % 7, 1 + k % 28, k % 60) for k in range(120)
    )
    upload = own.ws.datasets.stage(io.BytesIO(log), "calm.csv")
    at = open_page("data", own, upload=upload, step="check")
    assert not at.exception
    assert W("quality.nothing") in said(at)
    assert W("personal.title") not in [s.value for s in at.subheader]
    assert W("models.no") in said(at), "nine shoppers carry no factors"


def test_cancellations_take_their_purchases_back_with_one_click(own, open_page):
    lines = ["InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"]
    lines += [
        f"{536000 + k},{20000 + k % 7},MUG {k % 7},6,2010-12-{1 + k % 20:02d} 10:{k % 60:02d}:00,2.55,{17000 + k % 9},France"
        for k in range(80)
    ]
    lines += [f"C{536900 + k},{20000 + k % 7},MUG {k % 7},-6,2010-12-25 11:00:00,2.55,{17000 + k % 9},France" for k in range(4)]
    upload = own.ws.datasets.stage(io.BytesIO("\n".join(lines).encode()), "retail.csv")
    at = open_page("data", own, upload=upload, step="check")
    assert added(at) == W("data.add", n="80")
    at.button(key=f"{upload}.returns").click().run()
    assert not at.exception
    assert own.ws.reading.edits(upload)["answers"]["cancellations"] == "keep"
    assert added(at) == W("data.add", n="76")
    assert at.toggle(key=f"clean.{upload}.drop_returns").disabled


def test_rules_of_a_stored_version_make_another_one(tmp_path, open_page):
    ws = Workspace(tmp_path)
    upload = ws.datasets.stage(io.BytesIO(odd_log()), "odd.csv")
    dataset = ws.versions.take_in(upload, "Shop", cleaning={"merge_seconds": 0}).dataset
    own = Shop(tmp_path, ws, dataset)
    at = open_page("data", own, dataset=dataset, cleaning=dataset)
    assert not at.exception
    assert at.toggle(key=f"clean.{dataset}.merge_seconds").value
    assert at.button(key="clean.make").disabled, "nothing is changed yet"
    at.toggle(key=f"clean.{dataset}.max_events_a_day").set_value(True).run()
    assert not at.button(key="clean.make").disabled
    at.button(key="clean.make").click().run()
    assert not at.exception
    arguments = ws.jobs.list()[0].arguments
    assert arguments["rules"] == {"merge_seconds": 0, "max_events_a_day": 200, "bots": "drop"}
    trial = ws.versions.try_cleaning(arguments["rules"], dataset=dataset)
    assert ws.versions.clean(dataset, arguments["rules"]).rows.accepted == trial.after.events


def test_hostile_texts_stay_text(own, open_page, tmp_path):
    from page_shops import write_hostile

    upload = own.ws.datasets.stage_path(Path(write_hostile(tmp_path / "hostile.csv")))
    at = open_page("data", own, upload=upload, step="check")
    assert not at.exception
    assert all("<script>" not in str(m.value).replace("\\<", "") for m in at.markdown)


def test_ids_that_look_like_no_products_are_marked_and_unmarked_after_a_reload(own, open_page):
    items = (b"i1", b"i2", b"POSTAGE")
    log = b"who,what,when\n" + b"".join(b"u%d,%s,2025-03-%02d 10:00:00\n" % (k % 9, items[k % 3], 1 + k % 28) for k in range(90))
    upload = own.ws.datasets.stage(io.BytesIO(log), "post.csv")
    at = open_page("data", own, upload=upload, step="check")
    at.button(key=f"{upload}.suspects.do").click().run()
    assert not at.exception
    assert own.ws.reading.edits(upload)["not_products"] == ["POSTAGE"]
    at = open_page("data", own, upload=upload, step="check")
    assert W("quality.suspects.done", n=1) in said(at)
    at.button(key=f"{upload}.suspects.undo").click().run()
    assert not at.exception
    assert "not_products" not in own.ws.reading.edits(upload)
    assert at.button(key=f"{upload}.suspects.do")


def test_rules_change_what_the_data_is_said_to_carry(own, open_page):
    upload = staged(own)
    own.ws.reading.keep_plan(upload, own.ws.reading.plan(upload) | {"cleaning": {"min_shopper_events": 100}})
    at = open_page("data", own, upload=upload, step="check")
    assert not at.exception
    assert W("models.short.shoppers", want="20", have="1") in said(at)


def test_a_file_with_nothing_new_says_so_and_adds_nothing(own, open_page):
    log = b"who,what,when\n" + b"".join(b"u%d,i%d,2025-03-%02d 10:00:00\n" % (k % 9, k % 7, 1 + k % 20) for k in range(90))
    base = own.ws.versions.take_in(own.ws.datasets.stage(io.BytesIO(log), "w1.csv"), "Shop").dataset
    upload = own.ws.datasets.stage(io.BytesIO(log.replace(b"\n", b"\r\n")), "again.csv")
    own.ws.reading.keep_plan(upload, own.ws.reading.plan(upload) | {"base": base})
    at = open_page("data", own, upload=upload, step="check")
    assert not at.exception
    assert W("quality.nothing_new") in [m.value.removeprefix(":material/info: ") for m in at.markdown]
    assert at.button(key="add").disabled
    assert W("quality.facts.undated") not in said(at)


def test_rows_that_are_cut_wrongly_are_shown_with_the_reason_in_the_language_of_the_page(own, open_page):
    log = b"who,what,when\n" + b"".join(b"u%d,i%d,2025-03-%02d 10:00:00\n" % (k % 9, k % 7, 1 + k % 20) for k in range(90)) + b"u1,i1\n"
    upload = own.ws.datasets.stage(io.BytesIO(log), "cut.csv")
    at = open_page("data", own, upload=upload, step="check")
    assert "2 cells instead of 3" in said(at)
    at.button(key=f"{upload}.bad_cells.show").click().run()
    assert not at.exception
    assert at.dataframe[-1].value.to_numpy().tolist() == [[92, "2 cells instead of 3", "u1,i1"]]
    at = open_page("data", own, upload=upload, step="check", lang="zh")
    assert not at.exception
    assert "2 cells instead of 3" not in said(at)
