"""What is told before a file is taken in is what happens then; rules are tried on remembered events."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from recengine.errors import BadInput, NotFound
from recengine.workspace import Workspace

HEADER = "mail,artikel,wann,preis,was\n"


def week(month: int, seed: int, n: int = 400) -> str:
    pick = random.Random(seed)
    rows = []
    for _ in range(n):
        who = min(int(pick.expovariate(0.08)), 60)
        when = f"2025-{month:02d}-{pick.randint(1, 28):02d} {pick.randint(8, 20):02d}:{pick.randint(0, 59):02d}:00"
        rows.append(f"m{who}@example.org,a{min(int(pick.expovariate(0.15)), 30)},{when},{pick.randint(1, 9)}.50,buy")
    rows += pick.sample(rows, 30)
    rows += [f"bot@example.org,a{k % 9},2025-{month:02d}-05 10:{k % 60:02d}:{k // 60:02d},1.50,buy" for k in range(260)]
    return HEADER + "\n".join(rows) + "\n"


@pytest.fixture
def shop(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "workspace")


def put(shop: Workspace, tmp_path: Path, text: str, name: str = "week.csv") -> str:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return shop.datasets.stage_path(path)


RULES = [
    {},
    {"first_day": "2025-01-10", "last_day": "2025-01-20"},
    {"merge_seconds": 0},
    {"max_events_a_day": 200, "bots": "drop"},
    {"max_events_a_day": 3, "bots": "cut"},
    {"min_shopper_events": 6, "min_item_events": 12},
    {"min_shopper_events": 6, "min_item_events": 12, "repeat_until_stable": False},
    {"merge_seconds": 600, "max_events_a_day": 200, "min_shopper_events": 3, "min_item_events": 9},
]


@pytest.mark.parametrize("rules", RULES, ids=["-".join(rules) or "none" for rules in RULES])
def test_what_is_told_is_what_a_first_version_gets(shop, tmp_path, rules):
    upload = put(shop, tmp_path, week(1, 1))
    trial = shop.versions.try_cleaning(rules, upload)
    made = shop.versions.take_in(upload, cleaning=rules)
    assert (trial.added, trial.after.events, trial.after.shoppers, trial.after.items) == (
        made.rows.accepted,
        made.rows.accepted,
        made.shoppers,
        made.items,
    )
    assert sum(n for _, n in trial.left_out) == trial.before.events - trial.after.events == made.rows.skipped
    assert [row for row in made.reasons if row[0] == "skipped"] == [
        ("skipped", *row) for row in sorted(trial.left_out, key=lambda r: -r[1])
    ]


@pytest.mark.parametrize(("overlap", "rules"), [("skip", RULES[0]), ("skip", RULES[7]), ("skip", RULES[4]), ("keep", RULES[5])])
def test_what_is_told_is_what_appending_does(shop, tmp_path, rules, overlap):
    base = shop.versions.take_in(put(shop, tmp_path, week(1, 1), "w1.csv"), "Laden").dataset
    half = week(1, 1).splitlines(keepends=True)
    upload = put(shop, tmp_path, HEADER + "".join(half[-200:]) + week(2, 2).removeprefix(HEADER), "w2.csv")
    look = shop.versions.look(upload, base=base, overlap=overlap)
    trial = shop.versions.try_cleaning(rules, upload, base=base, overlap=overlap)
    if trial.after.events:
        made = shop.versions.take_in(upload, base=base, cleaning=rules, overlap=overlap)
        assert (trial.after.events, trial.after.shoppers, trial.after.items) == (made.rows.accepted, made.shoppers, made.items)
    assert look.check.rows.accepted == trial.added + sum(n for _, n in trial.left_out)
    assert look.check.rows.skipped == (200 if overlap == "skip" else 0)
    assert look.append is not None
    assert look.append.overlap == look.check.rows.skipped


def test_another_answer_on_the_overlap_is_counted_anew(shop, tmp_path):
    base = shop.versions.take_in(put(shop, tmp_path, week(1, 1), "w1.csv"), "Laden").dataset
    upload = put(shop, tmp_path, week(1, 1) + week(2, 2).removeprefix(HEADER), "w2.csv")
    added = [shop.versions.try_cleaning({}, upload, base=base, overlap=wish).added for wish in ("skip", "keep", "skip")]
    assert added == [690, 1380, 690]


def test_a_file_with_nothing_new_adds_nothing(shop, tmp_path):
    base = shop.versions.take_in(put(shop, tmp_path, week(1, 1), "w1.csv"), "Laden").dataset
    upload = put(shop, tmp_path, week(1, 1).replace("\n", "\r\n"), "again.csv")
    look = shop.versions.look(upload, base=base)
    assert (look.check.rows.accepted, look.findings) == (0, ())
    assert shop.versions.try_cleaning({}, upload, base=base).added == 0


def test_devices_that_are_one_account_count_as_one_shopper(shop, tmp_path):
    first = shop.versions.take_in(put(shop, tmp_path, week(1, 1), "w1.csv"), "Laden").dataset
    ids = "device_id,account_id\n" + "".join(f"m{k}@example.org,acc{k % 5}\n" for k in range(40))
    fields = {"device_id": "id", "account_id": "account"}
    joined = shop.versions.add_table(first, put(shop, tmp_path, ids, "ids.csv"), kind="id_map", fields=fields)
    rules = {"min_shopper_events": 40}
    trial = shop.versions.try_cleaning(rules, dataset=joined.dataset)
    made = shop.versions.clean(joined.dataset, rules)
    assert (trial.after.events, trial.after.shoppers) == (made.rows.accepted, made.shoppers)
    assert trial.after.shoppers >= 5


def test_own_rules_of_a_version_do_not_count_when_others_are_tried(shop, tmp_path):
    made = shop.versions.take_in(put(shop, tmp_path, week(1, 1)), cleaning={"max_events_a_day": 200, "bots": "drop"})
    assert shop.versions.try_cleaning({}, dataset=made.dataset).after.events == 690
    assert made.rows.accepted == 430


def test_offers_say_what_each_rule_alone_would_do(shop, tmp_path):
    upload = put(shop, tmp_path, week(1, 1))
    offers = {offer.rule: offer for offer in shop.versions.cleaning_offers(upload)}
    assert list(offers) == ["first_day", "last_day", "merge_seconds", "max_events_a_day", "min_shopper_events", "min_item_events"]
    assert offers["max_events_a_day"].left_out == 260
    for offer in offers.values():
        trial = shop.versions.try_cleaning(offer.rules, upload)
        assert offer.left_out == trial.before.events - trial.after.events
    assert offers["first_day"].left_out == offers["last_day"].left_out == 0


def test_hashed_columns_are_hashed_in_everything_that_is_told(shop, tmp_path):
    upload = put(shop, tmp_path, week(1, 1) + "x1@example.org,a1,neulich,1.50,buy\n")
    edits = {"hashed": ["mail"]}
    look = shop.versions.look(upload, edits)
    assert [(p.column, p.hashed) for p in look.personal] == [("mail", True)]
    bots = next(finding for finding in look.findings if finding.code == "bots")
    assert len(bots.rows[0][1]) == 32
    view, seen = shop.datasets.preview(upload, edits), shop.reading.view(upload, edits)
    told = [look, view, seen, shop.reading.lines(upload, hide=True), shop.datasets.check(upload, edits)]
    assert all("@example" not in repr(one) for one in told)
    assert view.rows[0].shopper == seen.rows[0].cells[0] == next(c for c in view.columns if c.column == "mail").samples[0]
    made = shop.versions.take_in(upload, mapping=edits)
    assert view.rows[0].shopper in shop._context.dataset(made.dataset).users.ids
    plain = shop.versions.look(put(shop, tmp_path, week(1, 1), "plain.csv"))
    assert next(finding for finding in plain.findings if finding.code == "bots").rows[0][1] == "bo…rg"


def test_ids_that_look_alike_are_told_though_their_hashes_do_not(shop, tmp_path):
    text = week(1, 1) + "".join(f" m3@example.org,a{k},2025-01-09 09:00:00,1.50,buy\nM4@EXAMPLE.org,a1,,1.50,buy\n" for k in range(3))
    (plain, hashed) = (shop.versions.look(put(shop, tmp_path, text), edits) for edits in ({}, {"hashed": ["mail"]}))
    for look, ids in ((plain, [" m3…rg", "m3…rg"]), (hashed, None)):
        (twins,) = [finding for finding in look.findings if finding.code == "similar_shoppers"]
        assert (twins.things, twins.rows[0][3]) == (1, 3)
        assert ids is None or list(twins.rows[0][1:3]) == ids
        assert "example" not in repr(twins)


def test_another_meaning_of_a_column_is_looked_at_anew_and_what_is_gone_is_not_told(shop, tmp_path):
    upload = put(shop, tmp_path, week(1, 1))
    assert shop.versions.look(upload).check.shoppers == len({line.split(",")[0] for line in week(1, 1).splitlines()[1:]})
    turned = {"roles": {"mail": "item", "artikel": "user", "wann": "time", "preis": "price", "was": "behaviour"}}
    assert shop.versions.look(upload, turned).check.items == shop.versions.look(upload).check.shoppers
    shop.datasets.discard(upload)
    for ask in (shop.versions.look, shop.versions.cleaning_offers):
        with pytest.raises(NotFound):
            ask(upload)
    with pytest.raises(NotFound):
        shop.versions.try_cleaning({}, upload)
    with pytest.raises(NotFound):
        shop.versions.try_cleaning({}, dataset="ds-aaaaaaaaaa-bbbb")


def test_rules_that_are_not_understood_are_refused(shop, tmp_path):
    upload = put(shop, tmp_path, week(1, 1))
    with pytest.raises(BadInput, match="mistake in merge_seconds"):
        shop.versions.try_cleaning({"merge_seconds": -1}, upload)
    with pytest.raises(BadInput, match="leave no event"):
        shop.versions.check_cleaning({"min_item_events": 10_000}, upload)
    assert shop.versions.try_cleaning({"min_item_events": 10_000}, upload).after.events == 0


def test_moving_a_switch_does_not_read_the_file_again(shop, tmp_path, monkeypatch):
    upload = put(shop, tmp_path, week(1, 1))
    shop.versions.look(upload)
    monkeypatch.setattr("recengine.workspace.version_files.log_of", None)
    started = time.process_time()
    for k in range(2, 12):
        shop.versions.try_cleaning({"min_shopper_events": k}, upload)
    assert time.process_time() - started < 1
    shop.versions.forget(upload)
    with pytest.raises(TypeError):
        shop.versions.look(upload)


def test_models_are_judged_on_what_the_rules_leave(shop, tmp_path):
    upload = put(shop, tmp_path, week(1, 1))
    plain = {v.code.partition(".")[0]: v for v in shop.versions.carries({}, upload)}
    assert [v.code for v in plain.values()] == [row["code"] for row in shop.versions.look(upload).check.quality["models"]]
    assert (plain["neighbours"].level, plain["neighbours"].have["shoppers"]) == ("ok", shop.versions.look(upload).check.shoppers)
    left = {v.code.partition(".")[0]: v for v in shop.versions.carries({"min_shopper_events": 30}, upload)}
    trial = shop.versions.try_cleaning({"min_shopper_events": 30}, upload)
    assert left["neighbours"].have == {
        "shoppers": trial.after.shoppers,
        "items": trial.after.items,
        "mean": trial.after.events / trial.after.shoppers,
    }
    assert left["neighbours"].level == "no"
    assert left["neighbours"].figures == {"shoppers": 20.0}
    base = shop.versions.take_in(put(shop, tmp_path, week(2, 5), "w2.csv"), "Laden").dataset
    whole = {v.code.partition(".")[0]: v for v in shop.versions.carries({}, upload, base=base)}
    assert whole["neighbours"].have["shoppers"] >= plain["neighbours"].have["shoppers"]
    assert whole["neighbours"].have["mean"] > plain["neighbours"].have["mean"]


def test_merged_repeats_are_no_longer_told_of_the_version(shop, tmp_path):
    assert shop.versions.take_in(put(shop, tmp_path, week(1, 1)), "Laden").quality["duplicates"] == 30
    made = shop.versions.take_in(put(shop, tmp_path, week(1, 1)), "Laden", cleaning={"merge_seconds": 0})
    assert made.quality["duplicates"] == 0
    assert not any(verdict.topic == "Repeated lines" for verdict in made.verdicts)
