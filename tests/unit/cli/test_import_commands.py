"""The life of a dataset on the command line: import, append, join, clean, mend, list, delete."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from typer.testing import CliRunner

from recengine.cli import app

HEADER = "user,item,time,price\n"
WEEK_1 = HEADER + "".join(f"u{k % 9},i{k % 7},2025-01-{k % 7 + 1:02d},{k % 5 + 1}.50\n" for k in range(50)) + ",i1,2025-01-01,1\n"
WEEK_2 = HEADER + "".join(f"u{k % 11},i{k % 8},2025-02-{k % 7 + 1:02d},{k % 5 + 1}.50\n" for k in range(40))


def run(folder: Path, *arguments: str) -> dict:
    done = CliRunner().invoke(app, ["--workspace", str(folder / "workspace"), *arguments, "--json"])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def put(folder: Path, name: str, text: str) -> str:
    (folder / name).write_text(text)
    return str(folder / name)


def test_a_dataset_from_its_first_file_to_its_last(tmp_path):
    goods = put(tmp_path, "goods.csv", "item,title,stock\ni1,Mug,3\ni2,Cup,0\n")
    first = run(tmp_path, "import", put(tmp_path, "w1.csv", WEEK_1), "--name", "Shop", "--items", goods, "--hash", "user")
    assert first["rows"] == {"physical": 51, "accepted": 50, "rejected": 1, "skipped": 0}
    second = run(tmp_path, "import", put(tmp_path, "w2.csv", WEEK_2), "--append-to", first["dataset"], "--clean", "min_item_events=6")
    assert second["rows"]["physical"] == 91
    assert sum(second["rows"][name] for name in ("accepted", "rejected", "skipped")) == 91
    again = run(tmp_path, "import", str(tmp_path / "w2.csv"), "--append-to", second["dataset"])
    assert (again["dataset"], again["already"]) == (second["dataset"], True)
    clean = run(tmp_path, "clean", second["dataset"])
    assert (clean["report"]["rows"]["accepted"], clean["steps"]) == (90, [])
    texts = put(tmp_path, "r.csv", "item,user,review_text,stars\ni1,u1,Lovely,5\n")
    joined = run(tmp_path, "join", clean["report"]["dataset"], texts)
    assert [(t["kind"], t["coverage"][0]["matched"]) for t in joined["tables"]] == [("items", 2), ("reviews", 1)]
    assert joined["tables"][1]["coverage"][1]["matched"] == 1  # the shopper ids of the table are hashed as well
    words = [row["words"] for row in run(tmp_path, "versions", joined["report"]["dataset"])["versions"]]
    assert words == ["reviews of r.csv", "cleaning rules undone", "40 events of w2.csv", "w1.csv"]
    mend = Path(run(tmp_path, "to-mend", joined["report"]["dataset"])["file"])
    (row,) = csv.DictReader(mend.read_text(encoding="utf-8-sig").splitlines())
    with mend.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(row))
        writer.writeheader()
        writer.writerow(row | {"user": "u3"})
    whole = run(tmp_path, "import", str(mend), "--append-to", joined["report"]["dataset"])
    assert (whole["rows"]["accepted"], whole["rows"]["rejected"], whole["shoppers"]) == (91, 0, 11)
    run(tmp_path, "delete", first["dataset"])
    assert len(run(tmp_path, "datasets")["datasets"]) == 4


def test_options_that_are_not_understood(tmp_path):
    file = put(tmp_path, "w1.csv", WEEK_1)
    for extra in (["--clean", "bots"], ["--clean", "bots=maybe"], ["--table", "hats=x.csv"], ["--append-to", "ds_none"]):
        done = CliRunner().invoke(app, ["--workspace", str(tmp_path / "workspace"), "import", file, *extra])
        assert (done.exit_code, type(done.exception)) == (2, SystemExit)
    assert run(tmp_path, "datasets")["datasets"] == []


def test_words_for_people(tmp_path):
    file = put(tmp_path, "w1.csv", WEEK_1)
    first = run(tmp_path, "import", file)
    said = CliRunner().invoke(app, ["--workspace", str(tmp_path / "workspace"), "import", put(tmp_path, "w2.csv", WEEK_2)])
    assert "Read as w1.csv was; --new-shape guesses anew." in said.stdout
    for command in (["datasets"], ["versions", first["dataset"]]):
        said = CliRunner().invoke(app, ["--workspace", str(tmp_path / "workspace"), *command])
        assert "w1.csv" in said.stdout


def test_a_table_with_new_items_is_joined_and_taken_out(tmp_path):
    first = run(tmp_path, "import", put(tmp_path, "w1.csv", WEEK_1))
    goods = put(tmp_path, "goods.csv", "item_id,title,price\ni1,Mug,9.50\nnew,Cup,5\n")
    joined = run(tmp_path, "join", first["dataset"], goods, "--unsold")
    assert joined["report"]["items"] == first["items"] + 1
    assert joined["tables"][0]["unsold"]
    plain = run(tmp_path, "take-out", joined["report"]["dataset"], "1")
    assert plain["items"] == first["items"]
