"""Several files at once on the command line: one log of daily files, tables beside it, what does not belong together."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from recengine.cli import app

HEADER = "user,item,time,price\n"


@pytest.fixture
def folder(tmp_path):
    for day in (1, 2, 10):
        rows = "".join(f"u{k % 9},i{k % 7},2025-01-{day:02d},{k % 5 + 1}.50\n" for k in range(20))
        (tmp_path / f"day-{day}.csv").write_text(HEADER + rows)
    (tmp_path / "goods.csv").write_text("item,title,stock\ni1,Mug,3\ni2,Cup,0\n")
    (tmp_path / "other.csv").write_text("user,item,time,channel\n" + "u1,i1,2025-01-01,app\n" * 9)
    return tmp_path


def invoked(folder, *arguments: str):
    return CliRunner().invoke(app, ["--workspace", str(folder / "workspace"), *arguments])


def test_daily_files_and_a_table_of_items_are_one_import(folder):
    files = [str(folder / name) for name in ("day-10.csv", "goods.csv", "day-1.csv", "day-2.csv")]
    done = invoked(folder, "import", *files, "--name", "January", "--json")
    assert done.exit_code == 0, done.output
    report = json.loads(done.stdout)
    assert (report["rows"]["physical"], report["rows"]["accepted"], report["name"]) == (60, 60, "January")
    tables = json.loads(invoked(folder, "versions", report["dataset"], "--json").stdout)["versions"]
    assert [(row["logs"], row["tables"]) for row in tables] == [(3, 1)]
    assert list((folder / "workspace" / "uploads").iterdir()) == []
    assert (folder / "day-1.csv").is_file()


def test_files_of_other_columns_are_refused_with_the_difference(folder):
    done = invoked(folder, "import", str(folder / "day-1.csv"), str(folder / "other.csv"), str(folder / "day-2.csv"))
    assert done.exit_code == 2
    said = " ".join(done.output.split())
    assert "other.csv cannot be read together with day-1.csv + 1 more" in said
    assert "lacks price and has channel more" in said
    assert list((folder / "workspace" / "uploads").iterdir()) == []
    assert json.loads(invoked(folder, "datasets", "--json").stdout)["datasets"] == []
