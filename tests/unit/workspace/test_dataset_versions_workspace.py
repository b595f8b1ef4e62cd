"""A dataset through its life: a first file, next week's, the same once more, rules, tables beside it, mended rows, deletion."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import numpy as np
import pytest

from recengine.errors import BadInput, Cancelled, NotFound
from recengine.workspace import Workspace

HEADER = "kunde,artikel,wann,preis,was\n"
WEEK_1 = HEADER + "".join(f"k{k % 9},a{k % 7},2025-01-{k % 7 + 1:02d} 10:{k:02d}:00,{k % 5 + 1}.50,buy\n" for k in range(50))
BROKEN = WEEK_1 + "k1,a1,neulich,2.50,buy\n,a2,2025-01-03 10:00:00,2.50,buy\nk1,a1\n"
WEEK_2 = HEADER + "".join(f"k{k % 11},a{k % 8},2025-01-{k % 7 + 8:02d} 11:{k:02d}:00,{k % 5 + 1}.50,buy\n" for k in range(40))


@pytest.fixture
def shop(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "workspace")


def put(shop: Workspace, tmp_path: Path, text: str, name: str = "week.csv") -> str:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return shop.datasets.stage_path(path)


def adds_up(report) -> bool:
    return report.rows.accepted + report.rows.rejected + report.rows.skipped == report.rows.physical


def test_next_weeks_file_is_known_and_appended(shop, tmp_path):
    first = shop.datasets.import_now(put(shop, tmp_path, BROKEN, "w1.csv"), "Laden")
    upload = put(shop, tmp_path, WEEK_2, "w2.csv")
    assert shop.versions.kind(upload).kind == "events"
    known = shop.versions.remembered(upload)
    assert (known.dataset, known.dataset_name, known.file_name) == (first.dataset, "Laden", "w1.csv")
    check = shop.versions.check_append(first.dataset, upload, known.mapping)
    assert (check.rows.physical, check.rows.accepted, check.overlap, check.seen) == (40, 40, 0, ())
    assert (check.new_shoppers, check.new_items, check.first[:10], check.same_shape) == (2, 1, "2025-01-08", True)
    second = shop.versions.take_in(upload, mapping=known.mapping, base=first.dataset)
    assert (second.rows.physical, second.rows.accepted, second.rows.rejected, second.rows.skipped) == (93, 90, 3, 0)
    assert (second.shoppers, second.items, second.last[:10]) == (11, 8, "2025-01-14")
    assert second.quality["events"] == 90
    assert ("rejected", "time not understood", 1) in second.reasons
    rows = shop.versions.list(second.dataset)
    assert [(r.change, r.events, r.shoppers, r.items, r.logs) for r in rows] == [("appended", 40, 2, 1, 2), ("imported", 50, 9, 7, 1)]
    assert rows[0].parent == first.dataset
    assert 0 < rows[0].shared_bytes < rows[0].bytes
    old = shop.root / "datasets" / first.dataset / "events.parquet"
    assert os.stat(old).st_ino == os.stat(shop.root / "datasets" / second.dataset / "log-1-events.parquet").st_ino
    assert shop.versions.latest(first.dataset) == second.dataset
    assert shop.versions.remembered(put(shop, tmp_path, WEEK_2, "w3.csv")).dataset == second.dataset
    whole = shop.datasets.import_now(put(shop, tmp_path, WEEK_1 + WEEK_2.removeprefix(HEADER)))
    assert whole.fingerprint == second.fingerprint  # in one file or in two


def test_the_same_bytes_and_overlapping_days_are_noticed(shop, tmp_path):
    first = shop.datasets.import_now(put(shop, tmp_path, WEEK_1))
    again = put(shop, tmp_path, WEEK_1, "other name.csv")
    assert shop.versions.seen(again) == (first.dataset,)
    report = shop.versions.take_in(again, base=first.dataset)
    assert (report.dataset, report.already) == (first.dataset, True)
    last_day = HEADER + "".join(line + "\n" for line in WEEK_1.splitlines()[-4:])
    upload = put(shop, tmp_path, last_day + WEEK_2.removeprefix(HEADER), "w2.csv")
    assert shop.versions.check_append(first.dataset, upload).overlap == 4
    second = shop.versions.take_in(upload, base=first.dataset)
    assert (second.rows.physical, second.rows.accepted, second.rows.skipped) == (94, 90, 4)
    assert ("skipped", "already in the dataset", 4) in second.reasons
    kept = shop.versions.take_in(put(shop, tmp_path, last_day, "w4.csv"), base=second.dataset, overlap="keep")
    assert kept.rows.accepted == 94
    nothing = shop.versions.take_in(put(shop, tmp_path, last_day.replace("\n", "\r\n"), "w5.csv"), base=kept.dataset)
    assert (nothing.dataset, nothing.already) == (kept.dataset, True)
    with pytest.raises(BadInput, match="overlap"):
        shop.versions.take_in(put(shop, tmp_path, WEEK_2, "w6.csv"), base=kept.dataset, overlap="maybe")


def test_cleaning_is_told_kept_and_undone(shop, tmp_path):
    upload = put(shop, tmp_path, BROKEN)
    rules = {"min_item_events": 8}
    table = shop.versions.check_cleaning(rules, upload=upload)
    assert [(row.rows_before, row.rows_after, row.items_before, row.items_after) for row in table] == [(50, 8, 7, 1)]
    clean = shop.versions.take_in(upload, "Laden", cleaning=rules)
    assert adds_up(clean)
    assert (clean.rows.physical, clean.rows.accepted, clean.rows.rejected, clean.rows.skipped) == (53, 8, 3, 42)
    assert ("skipped", "item with fewer than 8 events", 42) in clean.reasons
    left = list(csv.DictReader(Path(clean.rejects_file).read_text(encoding="utf-8-sig").splitlines()))
    assert len(left) == 45
    assert {row["line"] for row in left} >= {"3", "4", "5"}
    assert shop.versions.cleaning(clean.dataset)["min_item_events"] == 8
    assert shop.versions.cleaned(clean.dataset) == table
    undone = shop.versions.clean(clean.dataset, {})
    assert (undone.rows.accepted, undone.rows.skipped) == (50, 0)
    appended = shop.versions.take_in(put(shop, tmp_path, WEEK_2, "w2.csv"), base=clean.dataset)
    assert shop.versions.cleaning(appended.dataset)["min_item_events"] == 8  # the rules stay on
    assert adds_up(appended)
    with pytest.raises(BadInput, match="mistake in min_item_events"):
        shop.versions.clean(clean.dataset, {"min_item_events": "many"})
    with pytest.raises(BadInput, match="leave no event"):
        shop.versions.clean(clean.dataset, {"min_item_events": 10_000})


def test_tables_beside_the_log(shop, tmp_path):
    log = put(shop, tmp_path, WEEK_1)
    goods = put(shop, tmp_path, "artikel,name,stock,price,colour\na1,Mug,0,9.50,blue\na2,Cup,5,,red\nzz,Old,1,,\n,x,1,,\n", "goods.csv")
    assert shop.versions.kind(goods).kind == "items"
    first = shop.versions.take_in(log, "Laden", tables=[{"upload": goods}])
    (table,) = shop.versions.tables(first.dataset)
    assert (table.kind, table.rows.accepted, table.rows.rejected, table.rows.physical) == ("items", 3, 1, 4)
    assert (table.coverage[0].matched, table.coverage[0].in_log, table.coverage[0].only_table) == (2, 7, ("zz",))
    data = shop._context.dataset(first.dataset)
    assert data.catalogue.titles.tolist() == ["", "Mug", "Cup", "", "", "", ""]
    assert data.catalogue.attributes["stock"][1] == 0
    assert data.catalogue.attributes["colour"][2] == "red"
    assert data.catalogue.prices[1] == np.float32(9.5)
    people = put(shop, tmp_path, "kunde,city\nk1,Rome\nk2,Oslo\n", "people.csv")
    check = shop.versions.check_table(people, first.dataset)
    assert (check.kind.kind, check.fields, check.coverage[0].matched) == ("shoppers", {"kunde": "id", "city": "attribute"}, 2)
    second = shop.versions.add_table(first.dataset, people)
    assert shop._context.dataset(second.dataset).user_attributes["city"].tolist()[1] == "Rome"
    reviews = put(shop, tmp_path, "artikel,kunde,review_text,stars\na1,k1,Lovely,5\na9,k1,Hm,2\n", "reviews.csv")
    third = shop.versions.add_table(second.dataset, reviews)
    assert shop.versions.table(third.dataset, 2).to_pylist()[0] == {"item": "a1", "shopper": "k1", "text": "Lovely", "rating": 5.0}
    assert shop._context.dataset(third.dataset).fingerprint == shop._context.dataset(second.dataset).fingerprint
    plain = shop.versions.remove_table(third.dataset, 0)
    assert [t.kind for t in shop.versions.tables(plain.dataset)] == ["shoppers", "reviews"]
    assert "stock" not in shop._context.dataset(plain.dataset).catalogue.attributes
    with pytest.raises(BadInput, match="no such table"):
        shop.versions.remove_table(plain.dataset, 7)


def test_rules_on_stock_work_with_a_joined_table(shop, tmp_path):
    from datetime import date

    from recengine.policy.rules.conditions import Condition
    from recengine.policy.shop import PolicyShop

    first = shop.versions.take_in(
        put(shop, tmp_path, WEEK_1), tables=[{"upload": put(shop, tmp_path, "artikel,name,stock\na1,Mug,0\na2,Cup,5\n", "goods.csv")}]
    )
    data = shop._context.dataset(first.dataset)
    policy_shop = PolicyShop.of(data, np.eye(len(data.catalogue)))
    sold_out = Condition(field="stock", op="at_most", number=0)
    assert sold_out.exists(policy_shop)
    assert sold_out.mask(policy_shop, date(2025, 1, 1)).tolist() == [False, True, False, False, False, False, False]


def test_mended_rows_complete_the_version(shop, tmp_path):
    first = shop.datasets.import_now(put(shop, tmp_path, BROKEN))
    assert first.rows.rejected == 3
    path = shop.versions.rows_to_mend(first.dataset)
    text = path.read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(text.splitlines()))
    assert [(row["rejected line"], row["rejected reason"]) for row in rows] == [
        ("52", "time not understood"),
        ("53", "no shopper id"),
        ("54", "2 cells instead of 5"),
    ]
    assert rows[2]["rejected row as read"] == "k1,a1"
    rows[0]["wann"] = "2025-01-09 10:00:00"
    rows[1]["kunde"] = "k3"
    mended = tmp_path / "mended.csv"
    with mended.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    upload = shop.datasets.stage_path(mended)
    assert shop.versions.kind(upload).kind == "mended"
    whole = shop.versions.take_in(upload, base=first.dataset)
    assert (whole.rows.physical, whole.rows.accepted, whole.rows.rejected) == (53, 52, 1)
    assert shop.versions.list(whole.dataset)[0].change == "mended"
    assert [reason for _, reason, _ in whole.reasons] == ["2 cells instead of 5"]
    with pytest.raises(BadInput, match="No mended row"):
        shop.versions.take_in(shop.datasets.stage_path(mended), base=whole.dataset)
    right = WEEK_1 + "k1,a1,2025-01-09 10:00:00,2.50,buy\nk3,a2,2025-01-03 10:00:00,2.50,buy\n"
    assert shop.datasets.import_now(put(shop, tmp_path, right, "right.csv")).fingerprint == whole.fingerprint


def test_personal_columns_are_hashed_everywhere(shop, tmp_path):
    text = "email,sku,time\n" + "".join(f"u{k % 5}@example.org,i{k % 3},2025-01-{k % 20 + 1:02d}\n" for k in range(40)) + ",i1,2025-01-01\n"
    upload = put(shop, tmp_path, text)
    (found,) = shop.versions.personal_data(upload)
    assert (found.column, found.kind, found.hashed) == ("email", "email", False)
    report = shop.datasets.import_now(upload, mapping={"hashed": ["email"]})
    people = put(shop, tmp_path, "email,city\nu1@example.org,Rome\n", "people.csv")
    joined = shop.versions.add_table(report.dataset, people, fields={"email": "id"}, kind="shoppers")
    assert shop.versions.tables(joined.dataset)[0].coverage[0].matched == 1
    more = put(shop, tmp_path, text.replace("2025-01", "2025-02"), "more.csv")
    appended = shop.versions.take_in(more, base=joined.dataset)  # the mapping of the shape hashes the column too
    assert appended.shoppers == 5
    for path in (shop.root / "datasets").rglob("*"):
        assert path.is_dir() or b"example.org" not in path.read_bytes()
    ids = shop._context.dataset(appended.dataset).users.ids
    assert all(len(i) == 32 and set(i) <= set("0123456789abcdef") for i in ids)


def test_versions_are_deleted_but_not_what_others_share(shop, tmp_path):
    first = shop.datasets.import_now(put(shop, tmp_path, WEEK_1))
    second = shop.versions.take_in(put(shop, tmp_path, WEEK_2, "w2.csv"), base=first.dataset)
    shop.datasets.delete(first.dataset)
    assert shop.datasets.get(second.dataset).events == 90
    assert len(shop._context.dataset(second.dataset).log) == 90
    (row,) = shop.versions.list(second.dataset)
    assert (row.events, row.parent) == (40, first.dataset)
    third = shop.versions.take_in(put(shop, tmp_path, WEEK_2.replace("2025-01", "2025-02"), "w3.csv"), base=second.dataset)
    assert len(shop.versions.list(third.dataset)) == 2
    with pytest.raises(NotFound):
        shop.datasets.delete(first.dataset)


def test_jobs_make_versions_too(shop, tmp_path):
    first = shop.datasets.import_now(put(shop, tmp_path, WEEK_1))
    upload = put(shop, tmp_path, WEEK_2, "w2.csv")
    arguments = {"upload": upload, "base": first.dataset}
    done = shop.run_attached("import", arguments, "Append")
    assert shop.datasets.get(done["dataset"]).events == 90
    job = shop.versions.submit(put(shop, tmp_path, WEEK_2, "w3.csv"), base=first.dataset, cleaning={"min_shopper_events": 2})
    assert shop.jobs.get(job).kind == "import"
    with pytest.raises(BadInput):
        shop.versions.submit(put(shop, tmp_path, WEEK_2, "w4.csv"), cleaning={"bots": "maybe"})


def test_reviews_that_are_ratings_too(shop, tmp_path):
    text = "reviewerID,asin,reviewText,overall,unixReviewTime\n" + "".join(
        f"A{k % 9},B{k % 5},Fine {k},{k % 5 + 1}.0,{1_370_131_200 + k}\n" for k in range(40)
    )
    upload = put(shop, tmp_path, text)
    assert shop.versions.kind(upload).kind == "events"
    first = shop.datasets.import_now(upload)
    kept = shop.versions.add_table(first.dataset, put(shop, tmp_path, text))
    assert shop.versions.table(kept.dataset, 0)["text"].to_pylist()[:2] == ["Fine 0", "Fine 1"]


def test_deleting_with_variants_is_said_twice(shop, tmp_path):
    from recengine.types import TrainingRequest

    first = shop.datasets.import_now(put(shop, tmp_path, WEEK_1.replace("2025-01-0", "2025-0")))
    arguments = shop.training.arguments(TrainingRequest(first.dataset, "popularity", {}, "quick", 0, "cpu", "leave-last", ""))
    shop.run_attached("train", arguments, "Popularity")
    with pytest.raises(BadInput, match="1 variants need"):
        shop.datasets.delete(first.dataset)
    shop.datasets.delete(first.dataset, with_variants=True)
    assert (shop.datasets.list(), shop.variants.list()) == ([], [])


GOODS = "artikel,name,stock,price,colour\na1,Mug,0,9.50,blue\na2,Cup,5,,red\nzz,Old,1,,\n,x,1,,\na1,Mug 2,0,9.50,blue\n"


def run_next(shop: Workspace, job: str) -> dict:
    """Run a queued job in this process, as a worker would."""
    view = shop.jobs.get(job)
    shop.jobs.cancel(job)
    return shop.run_attached(view.kind, view.arguments, view.title)


def test_rules_and_tables_are_jobs(shop, tmp_path):
    first = shop.datasets.import_now(put(shop, tmp_path, WEEK_1), "Laden")
    job = shop.versions.submit_table(first.dataset, put(shop, tmp_path, GOODS, "goods.csv"))
    assert (shop.jobs.get(job).kind, shop.jobs.get(job).title) == ("version", "Table for Laden")
    joined = run_next(shop, job)["dataset"]
    assert [table.kind for table in shop.versions.tables(joined)] == ["items"]
    cleaned = run_next(shop, shop.versions.submit_clean(joined, {"min_item_events": 8}, "Clean"))["dataset"]
    assert (shop.datasets.get(cleaned).name, shop.datasets.get(cleaned).events) == ("Clean", 8)
    plain = run_next(shop, shop.versions.submit_removal(cleaned, 0))["dataset"]
    assert shop.versions.tables(plain) == ()
    rows = shop.versions.list(plain)
    assert [row.change for row in rows] == ["removed", "cleaned", "joined", "imported"]
    assert {row.root for row in rows} == {first.dataset}
    assert rows[2].files == ("week.csv", "goods.csv")
    for wrong in (
        lambda: shop.versions.submit_clean(joined, {"bots": "maybe"}),
        lambda: shop.versions.submit_removal(joined, 3),
        lambda: shop.versions.submit_table(joined, put(shop, tmp_path, GOODS, "goods.csv"), fields={"artikel": "unused"}),
    ):
        with pytest.raises(BadInput):
            wrong()
    with pytest.raises(NotFound):
        shop.versions.submit_clean("ds-aaaaaaaaaa-bbbb", {})


def test_a_change_that_was_published_before_its_worker_died_is_not_made_twice(shop, tmp_path):
    first = shop.datasets.import_now(put(shop, tmp_path, WEEK_1))

    class Again:
        """A job whose earlier attempt got as far as the publication."""

        def __init__(self, made: str):
            self.made = made

        def reserve(self, prefix):
            return self.made

        def should_stop(self):
            return False

    made = shop.versions.clean(first.dataset, {"min_item_events": 8}).dataset
    for arguments in (
        {"operation": "clean", "dataset": first.dataset, "rules": {"min_item_events": 8}},
        {"operation": "remove", "dataset": first.dataset, "place": 0},
        {"operation": "join", "dataset": first.dataset, "upload": "up-aaaaaaaaaa-bbbb"},
    ):
        assert shop.versions.run_change(Again(made), arguments) == {"dataset": made}
    assert len(shop.versions.list(first.dataset)) == 2


def test_a_cancelled_import_stops_and_leaves_nothing(shop, tmp_path):
    first = shop.datasets.import_now(put(shop, tmp_path, WEEK_1))

    class Stopped:
        def __init__(self, after: int):
            self.left, self.said = after, []

        def reserve(self, prefix):
            return "ds-aaaaaaaaaa-bbbb"

        def should_stop(self):
            self.left -= 1
            return self.left < 0

        def progress(self, share, phase, eta_s=None):
            self.said.append((share, phase))

        def fence(self):
            from contextlib import nullcontext

            return nullcontext()

    upload = put(shop, tmp_path, WEEK_2, "w2.csv")
    whole = Stopped(10**6)
    arguments = {"upload": upload, "base": first.dataset}
    for after in range(3):
        with pytest.raises(Cancelled):
            shop.versions.run(Stopped(after), arguments)
        assert len(shop.datasets.list()) == 1
        assert shop.datasets.path(upload)[0].is_file()  # it can be tried again
    shop.versions.run(whole, arguments)
    shares = [share for share, _ in whole.said]
    assert shares == sorted(shares)
    assert 0 <= shares[0] <= shares[-1] < 1
    assert whole.said[-1][1] == "Storing the version"


def test_rows_of_a_table_that_were_not_taken_are_kept(shop, tmp_path):
    first = shop.datasets.import_now(put(shop, tmp_path, WEEK_1))
    joined = shop.versions.add_table(first.dataset, put(shop, tmp_path, GOODS, "goods.csv"))
    (table,) = shop.versions.tables(joined.dataset)
    assert (table.rows.accepted, table.rows.rejected, table.rows.skipped, table.has_rejects) == (3, 1, 1, True)
    check = shop.versions.check_table(put(shop, tmp_path, GOODS, "goods.csv"), first.dataset)
    assert check.coverage == table.coverage
    assert check.reasons == (("rejected", "no id", 1), ("skipped", "a later row has the same id", 1))
    assert check.raw[0] == {"artikel": "a1", "name": "Mug", "stock": "0", "price": "9.50", "colour": "blue"}
    log = put(shop, tmp_path, WEEK_2, "w2.csv")
    alone = shop.versions.check_table(put(shop, tmp_path, GOODS, "goods.csv"), log=log)
    assert (alone.coverage[0].in_log, alone.coverage[0].matched) == (8, 2)  # of a log that waits
    both = shop.versions.check_table(put(shop, tmp_path, GOODS.replace("zz", "a7"), "goods.csv"), first.dataset, log=log)
    assert (both.coverage[0].in_log, both.coverage[0].matched) == (8, 3)
    assert shop.versions.check_table(put(shop, tmp_path, GOODS, "goods.csv")).coverage == ()
    rows = list(csv.DictReader(shop.versions.table_rejects(joined.dataset, 0).read_text(encoding="utf-8-sig").splitlines()))
    assert [(row["line"], row["kind"], row["value"]) for row in rows] == [("2", "skipped", "a1"), ("5", "rejected", "")]
    later = shop.versions.take_in(put(shop, tmp_path, WEEK_2, "w2.csv"), base=joined.dataset)
    assert shop.versions.table_rejects(later.dataset, 0).read_bytes().count(b"\n") == 3  # a second name of the same bytes
    kept = list(csv.reader(shop.versions.table_csv(later.dataset, 0).read_text(encoding="utf-8-sig").splitlines()))
    assert kept[0] == ["id", "title", "stock", "price", "colour"]
    assert sorted(row[0] for row in kept[1:]) == ["a1", "a2", "zz"]
    assert [shop.versions.tables(v)[0].coverage[0].in_log for v in (joined.dataset, later.dataset)] == [7, 8]  # the log has grown
    whole = shop.versions.add_table(first.dataset, put(shop, tmp_path, "kunde,city\nk1,Rome\n", "people.csv"))
    assert shop.versions.table_rejects(whole.dataset, 0) is None


def test_rows_that_were_not_taken_hide_ids_that_are_hashed(shop, tmp_path):
    text = "email,sku,time\n" + "".join(f"u{k % 5}@example.org,i{k % 3},2025-01-{k % 20 + 1:02d}\n" for k in range(40))
    first = shop.datasets.import_now(put(shop, tmp_path, text), mapping={"hashed": ["email"]})
    people = put(shop, tmp_path, "email,city\nu1@example.org,Rome\nu1@example.org,Oslo\n", "people.csv")
    joined = shop.versions.add_table(first.dataset, people, "shoppers", {"email": "id"})
    told = shop.versions.table_rejects(joined.dataset, 0).read_text(encoding="utf-8-sig")
    assert "a later row has the same id" in told
    assert "example.org" not in told


def test_a_mended_file_is_told_before_it_is_taken_in(shop, tmp_path):
    first = shop.datasets.import_now(put(shop, tmp_path, BROKEN), "Laden")
    other = shop.datasets.import_now(put(shop, tmp_path, WEEK_1.replace("a1", "b1"), "x.csv"), "Other")
    rows = list(csv.reader(shop.versions.rows_to_mend(first.dataset).read_text(encoding="utf-8-sig").splitlines()))
    rows[1][rows[0].index("wann")] = "2025-01-09 10:00:00"
    strange = list(rows[1])
    strange[rows[0].index("rejected log")] = "7"
    mended = tmp_path / "mended.csv"
    with mended.open("w", newline="") as file:
        csv.writer(file).writerows([*rows, rows[1], strange])
    upload = shop.datasets.stage_path(mended)
    assert shop.versions.mended_for(upload) == (first.dataset,)
    check = shop.versions.check_mended(upload, first.dataset)
    assert (check.dataset_name, check.rows, check.good, check.done, check.left) == ("Laden", 5, 1, 1, 2)
    assert dict(check.wrong) == {"no shopper id": 2, "the version has no such file": 1}  # uncut rows come back without cells
    assert {reason for _, reason, _ in check.examples} == {"no shopper id"}
    assert check.good + check.done + sum(n for _, n in check.wrong) == check.rows
    assert shop.versions.check_mended(upload, other.dataset).good == 0
    whole = shop.versions.take_in(upload, base=first.dataset)
    assert (whole.rows.accepted, whole.rows.rejected) == (51, check.left)
    later = shop.datasets.stage_path(mended)
    assert shop.versions.check_mended(later, whole.dataset).good == 0
    assert shop.versions.mended_for(later) == (first.dataset, whole.dataset)  # the first still misses all three


def test_files_that_wait_are_listed_until_a_job_takes_them(shop, tmp_path):
    log, goods = put(shop, tmp_path, WEEK_1, "w1.csv"), put(shop, tmp_path, GOODS, "goods.csv")
    assert {file.file_name for file in shop.versions.waiting()} == {"w1.csv", "goods.csv"}
    assert {file.size_bytes for file in shop.versions.waiting()} == {len(WEEK_1), len(GOODS)}
    job = shop.versions.submit(log, tables=[{"upload": goods}])
    assert shop.versions.waiting() == []
    shop.jobs.cancel(job)
    assert {file.upload for file in shop.versions.waiting()} == {log, goods}
    shop.datasets.discard(log)
    assert [file.upload for file in shop.versions.waiting()] == [goods]


def test_items_that_nobody_bought_stay_through_later_versions(shop, tmp_path):
    first = shop.datasets.import_now(put(shop, tmp_path, WEEK_1))
    joined = shop.versions.add_table(first.dataset, put(shop, tmp_path, GOODS, "goods.csv"), unsold=True)
    assert (joined.items, shop.versions.tables(joined.dataset)[0].unsold) == (8, True)
    data = shop._context.dataset(joined.dataset)
    assert data.catalogue.titles[data.catalogue.vocabulary.encode(["zz"])[0]] == "Old"
    assert not (data.log.item_codes == data.catalogue.vocabulary.encode(["zz"])[0]).any()
    later = shop.versions.take_in(put(shop, tmp_path, WEEK_2, "w2.csv"), base=joined.dataset)
    assert later.items == 9
    whole = shop.versions.take_in(put(shop, tmp_path, WEEK_1), tables=[{"upload": put(shop, tmp_path, GOODS, "goods.csv"), "unsold": True}])
    assert whole.fingerprint == joined.fingerprint
    assert shop.versions.remove_table(joined.dataset, 0).items == 7
