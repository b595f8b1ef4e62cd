"""Explained lists as files: whole or not at all, the same numbers in every format, stopped when asked."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from recengine.errors import BadInput, Cancelled, NotFound
from recengine.ingest.safe_csv import read_csv_back
from recengine.testing.demo_store import make_demo_store
from recengine.types.policies import PolicyUse
from recengine.workspace import Workspace
from recengine.workspace.explanation_report import drawn


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, str]:
    folder = tmp_path_factory.mktemp("explained")
    make_demo_store(folder / "demo", seed=5, shoppers=90, days=60)
    text = (folder / "demo" / "events.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    title = text[0].rstrip().split(",").index("title") if "title" in text[0] else None
    if title is not None:  # formulas of a spreadsheet, in a title that comes often
        cells = text[1].split(",")
        text = [line.replace(cells[title].strip(), "=1+1 tin") for line in text]
        (folder / "demo" / "events.csv").write_text("".join(text), encoding="utf-8")
    workspace = Workspace(folder / "workspace")
    dataset = workspace.datasets.import_now(workspace.datasets.stage_path(folder / "demo" / "events.csv"), "Demo", None).dataset
    from recengine.types.training import TrainingRequest

    arguments = workspace.training.arguments(TrainingRequest(dataset, "item-knn", {}, "quick", 0, "cpu", "time", ""))
    return workspace, workspace.run_attached("train", arguments, "test")["variant"]


class Stopping:
    """A job that is cancelled after so many questions."""

    id = "jb-test"

    def __init__(self, after: int) -> None:
        self.left, self.said = after, list[float]()

    def check(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise Cancelled

    def progress(self, fraction: float, phase: str = "", eta_s: float | None = None) -> None:
        self.said.append(fraction)


def test_both_tables_hold_the_same_sums_and_the_list_of_the_page(shop, tmp_path):
    workspace, variant = shop
    for kind in ("csv", "parquet"):
        report = workspace.explained.write(variant, tmp_path / f"out.{kind}", 7, 5)
        assert (report.shoppers, report.places) == (7, 35)
        assert report.worst_gap < 1e-6
    rows = pq.read_table(tmp_path / "out.parquet").to_pylist()
    wide = read_csv_back(tmp_path / "out.csv").to_pylist()
    assert len(rows) == len(wide) == 35
    for row, flat in zip(rows, wide, strict=True):
        assert row["base"] + sum(t["adds"] for t in row["terms"]) == pytest.approx(row["score"], abs=1e-9)
        adds = [float(flat[f"adds_{i}"] or 0) for i in range(1, 9)]
        assert float(flat["base"]) + sum(adds) + float(flat["adds_rest"]) == pytest.approx(float(flat["score"]), abs=1e-6)
        assert (flat["item_id"], flat["title"], flat["sentence"]) == (row["item_id"], row["title"], row["sentence"])
    first = workspace.lists.recommend(variant, rows[0]["shopper_id"], 5)
    assert [r["item_id"] for r in rows[:5]] == [item.item for item in first.items]
    assert [r["score"] for r in rows[:5]] == pytest.approx([item.score for item in first.items], rel=1e-6)
    why = workspace.lists.explain(variant, rows[0]["shopper_id"], rows[0]["item_id"])
    assert rows[0]["sentence"] == why.sentence
    assert rows[0]["sentence_zh"] == why.sentence_zh


def test_formulas_are_marked_in_the_csv(shop, tmp_path):
    workspace, variant = shop
    workspace.explained.write(variant, tmp_path / "out.csv", None, 10)
    raw = (tmp_path / "out.csv").read_text(encoding="utf-8-sig")
    assert "=1+1 tin" in raw
    assert not [cell for line in raw.splitlines() for cell in line.split(",") if cell.startswith(('"=', "="))]


def test_the_same_draw_gives_the_same_shoppers_in_order():
    assert drawn(5, None).tolist() == drawn(5, 9).tolist() == [0, 1, 2, 3, 4]
    some = drawn(100, 10, 3)
    assert some.tolist() == sorted(set(some.tolist())) == drawn(100, 10, 3).tolist()
    assert some.tolist() != drawn(100, 10, 4).tolist()


@pytest.mark.parametrize("kind", ["html", "csv", "parquet"])
def test_a_cancelled_report_leaves_nothing(shop, tmp_path, kind):
    workspace, variant = shop
    job = Stopping(after=3)
    with pytest.raises(Cancelled):
        workspace.explained.write(variant, tmp_path / f"out.{kind}", 20, job=job)
    assert list(tmp_path.iterdir()) == []
    assert job.said == sorted(job.said)
    assert len(job.said) == 3


@pytest.mark.parametrize(
    ("name", "shoppers", "k", "policy"),
    [
        *[("a.txt", 5, 10, None), ("a.html", 2_001, 10, None), ("a.csv", 0, 10, None), ("a.csv", 5, 0, None)],
        ("a.csv", 5, 10, PolicyUse.of_diversity(1.5)),
        ("a.csv", 5, 10, PolicyUse.of({}, scene="moon")),
    ],
)
def test_what_cannot_be_written_is_said(shop, tmp_path, name, shoppers, k, policy):
    workspace, variant = shop
    with pytest.raises(BadInput):
        workspace.explained.write(variant, tmp_path / name, shoppers, k, policy)
    assert list(tmp_path.iterdir()) == []


def test_a_job_writes_into_the_workspace_and_tells_its_size(shop):
    workspace, variant = shop
    arguments = {"variant": variant, "format": "html", "shoppers": 4, "k": 3, "diversity": 0.5}
    done = workspace.run_attached("explain-lists", arguments, "test")
    page = Path(done["path"])
    assert page.stat().st_size == done["size_bytes"]
    assert done["rows"] == 12
    text = page.read_text(encoding="utf-8")
    assert text.startswith("<!doctype html>")
    assert text.endswith("</html>\n")
    assert text.count("<section") == 4
    assert "A policy that is not saved decided the order, as on the home page" in text
    assert "For its place" in text
    with pytest.raises(BadInput):
        workspace.explained.submit(variant, "xlsx")
    with pytest.raises(NotFound):
        workspace.explained.submit("va-nothing", "csv")
    job = workspace.explained.submit(variant, "csv", None)
    assert workspace.jobs.get(job).kind == "explain-lists"
    workspace.jobs.cancel(job)


def test_the_command_writes_a_page(shop, tmp_path):
    from recengine.cli import app

    workspace, variant = shop
    where = ["--workspace", str(workspace.root), "explain-lists", "--variant", variant]
    given = CliRunner().invoke(app, [*where, "--out", str(tmp_path / "a.html"), "--shoppers", "3", "--json"])
    assert given.exit_code == 0, given.output
    assert json.loads(given.stdout)["shoppers"] == 3
    refused = CliRunner().invoke(app, [*where, "--out", str(tmp_path / "a.doc")])
    assert refused.exit_code == 2
    assert "End the name with" in refused.stderr


def test_commands_tell_of_an_item_and_of_a_check(shop):
    from recengine.cli import app

    workspace, variant = shop
    where = ["--workspace", str(workspace.root)]
    listed = workspace.lists.recommend(variant, workspace.shoppers.examples(workspace.datasets.list()[0].id, 1)[0].shopper, 1).items[0]
    given = CliRunner().invoke(app, [*where, "item", "--variant", variant, "--item", listed.item, "--json"])
    assert given.exit_code == 0, given.output
    view = json.loads(given.stdout)
    assert view["row"]["lists"] == sum(view["ranks"][:10]) > 0
    assert (
        "Holds it back" in CliRunner().invoke(app, [*where, "item", "--variant", variant, "--item", listed.item]).stdout
        or not view["holds"]
    )
    unknown = CliRunner().invoke(app, [*where, "item", "--variant", variant, "--item", "no such"])
    assert unknown.exit_code == 2
    assert "There is no such item" in unknown.stderr
    checked = CliRunner().invoke(app, [*where, "check-explanations", "--variant", variant, "--shoppers", "8", "--json"])
    assert checked.exit_code == 0, checked.output
    assert json.loads(checked.stdout)["sampled"] is False
    assert CliRunner().invoke(app, [*where, "check-explanations", "--variant", variant, "--shoppers", "0"]).exit_code == 2
