"""A comparison that leaves the program: one file that runs nothing and asks for nothing, tables that no spreadsheet runs, charts alone."""

from __future__ import annotations

import csv
import io
import re
import xml.etree.ElementTree as ElementTree
import zipfile
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pyarrow as pa
import pytest

from recengine.errors import BadInput
from recengine.explain.report_charts import DASHES, Axis, alone, interval_dots, lines, named_dots
from recengine.explain.report_html import policy_of
from recengine.ingest.safe_csv import read_csv_back
from recengine.testing.demo_store import make_demo_store
from recengine.types import TrainingRequest
from recengine.types.runs import RunCurve
from recengine.workspace import Workspace
from recengine.workspace.comparison_html import main_curves, page

HOSTILE = '<script>alert(1)</script>" onload="x\' & \u202egnp.exe =HYPERLINK(1)'


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, list[str]]:
    folder = tmp_path_factory.mktemp("report")
    make_demo_store(folder / "demo", seed=5, shoppers=150, days=60)
    ws = Workspace(folder / "ws")
    report = ws.datasets.import_now(ws.datasets.stage_path(folder / "demo" / "events.csv", "demo"))
    ids = []
    for model in ("popularity", "item-knn", "als"):
        asked = TrainingRequest(report.dataset, model, preset="quick", device="cpu")
        ids.append(ws.run_attached("train", ws.training.arguments(asked), model)["variant"])
    ws.variants.rename(ids[1], HOSTILE)
    ws.marks.note(ids[1], HOSTILE, HOSTILE[:40])
    ws.marks.tag(ids[1], [HOSTILE[:30]])
    return ws, ids


class Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.said: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.said.append(data)


def test_the_report_runs_nothing_asks_for_nothing_and_says_everything(shop):
    ws, ids = shop
    html = ws.comparison_report.html(ws.comparison_report.gather(ids))
    seen = Seen()
    seen.feed(html)
    tags = {tag for tag, _ in seen.elements}
    assert not tags & {"script", "img", "iframe", "link", "object", "embed", "form", "base", "input", "a", "foreignobject", "use", "image"}
    given = {name for _, attributes in seen.elements for name in attributes}
    assert not [name for name in given if name.startswith("on") or name in ("style", "src", "href", "srcset", "action", "xlink:href")]
    style = re.search(r"<style>(.*?)</style>", html, re.DOTALL)
    assert style
    assert policy_of(style[1]) in html.replace("&#x27;", "'")
    assert "url(" not in style[1]
    assert "@import" not in style[1]
    assert "http" not in re.sub(r'http-equiv="[^"]*"', "", html)
    assert not any(ord(sign) in range(0x202A, 0x202F) for sign in html)
    text = " ".join(seen.said)
    view = ws.comparison.compare(ids)
    assert view.sentence.split(" ")[-1] in text
    for variant in view.variants:
        assert f"{variant.metrics['ndcg@10'].value:.3f}" in text
    assert sum(tag == "svg" and a.get("class") == "chart" for tag, a in seen.elements) >= 7


def test_hostile_names_are_shown_as_what_they_are(shop):
    ws, ids = shop
    seen = Seen()
    seen.feed(ws.comparison_report.html(ws.comparison_report.gather(ids)))
    assert any("<script>alert(1)</script>" in said for said in seen.said)


def test_the_bundle_holds_every_table_and_chart(shop, tmp_path: Path):
    ws, ids = shop
    found = ws.comparison_report.gather(ids, "ndcg@10", [ids[1], ids[0]])
    with zipfile.ZipFile(io.BytesIO(ws.comparison_report.bundle(found))) as bundle:
        names = bundle.namelist()
        assert {f"{name}.csv" for name in ws.comparison_report.tables(found)} < set(names)
        assert set(ws.comparison_report.tables(found)) == set(ws.comparison_report.NAMES)
        for name in names:
            if name.endswith(".svg"):
                root = ElementTree.fromstring(bundle.read(name))
                assert root.tag == "{http://www.w3.org/2000/svg}svg"
                assert not [e for e in root.iter() if e.tag.rpartition("}")[2] in ("script", "image", "foreignObject", "use")]
        bundle.extract("variants.csv", tmp_path)
    back = read_csv_back(tmp_path / "variants.csv").to_pylist()
    view = ws.comparison.compare(ids)
    assert [row["id"] for row in back] == [v.id for v in view.variants]
    assert [float(row["ndcg@10"]) for row in back] == pytest.approx([v.metrics["ndcg@10"].value for v in view.variants])
    assert [row["best"] for row in back].count("true") == 1


def test_no_cell_of_a_table_is_run_by_a_spreadsheet(shop):
    ws, ids = shop
    ws.variants.rename(ids[0], "=1+1")
    try:
        found = ws.comparison_report.gather(ids)
        for name in ws.comparison_report.tables(found):
            for row in csv.reader(io.StringIO(ws.comparison_report.csv(found, name).decode("utf-8-sig"))):
                assert not [cell for cell in row if cell.startswith(("=", "+", "@")) or (cell.startswith("-") and not is_number(cell))]
    finally:
        ws.variants.rename(ids[0], "Popularity")
    with pytest.raises(BadInput, match="no table called"):
        ws.comparison_report.csv(found, "nothing")


def is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def test_files_are_written_whole_or_not_at_all(shop, tmp_path: Path):
    ws, ids = shop
    out = ws.comparison_report.write(tmp_path / "report.html", ids)
    assert out.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert zipfile.is_zipfile(ws.comparison_report.write(tmp_path / "report.zip", ids))
    with pytest.raises(BadInput, match="cannot be written"):
        ws.comparison_report.write(tmp_path / "report.pdf", ids)
    with pytest.raises(BadInput, match="does not exist"):
        ws.comparison_report.write(tmp_path / "none" / "report.html", ids)
    with pytest.raises(BadInput, match="among the others"):
        ws.comparison_report.write(tmp_path / "other.html", ids[:2], "ndcg@10", [ids[0], ids[2]])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["report.html", "report.zip"]


def test_one_variant_alone_and_a_figure_of_the_whole_shop_have_a_report_too(shop):
    ws, ids = shop
    alone_found = ws.comparison_report.gather(ids[:1])
    assert alone_found.gains is alone_found.agreement is None
    assert "Comparison of 1 variants" not in page(alone_found)
    whole = ws.comparison_report.gather(ids, "coverage@10")
    assert whole.gains is None
    assert "is better than" not in page(whole)


def test_equal_names_stay_two_columns(shop):
    ws, ids = shop
    found = ws.comparison_report.gather(ids)
    same = replace(found.view, variants=tuple(replace(v, name="Same") for v in found.view.variants))
    table: pa.Table = ws.comparison_report.tables(replace(found, view=same))["settings"]()
    assert table.column_names[2:] == ["Same", "Same (2)", "Same (3)"]


def test_ticks_are_round_numbers_inside_the_scale():
    assert Axis(0.0, 1.0, 0, 100).ticks(5) == [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    assert Axis(-0.05, 0.05, 0, 100).ticks(4) == [-0.05, 0.0, 0.05]
    assert Axis(3.0, 3.0, 0, 100).ticks() == [3.0]
    assert Axis(0.0, 10.0, 50, 150).at(5.0) == 100.0
    assert Axis(2.0, 2.0, 50, 150).at(2.0) == 50.0


def test_charts_without_a_figure_are_left_out_and_odd_ones_are_drawn():
    nan = float("nan")
    assert interval_dots(["a"], [nan], [nan], [nan]) == ""
    assert lines([("a", [1.0], [nan])], "x", "y") == ""
    assert named_dots(["a"], [nan], [1.0], "x", "y", 0) == ""
    for chart in (
        interval_dots(["a", HOSTILE], [0.1, 0.1], [0.1, nan], [0.1, nan], zero=True, verdicts=["worse", "better"]),
        lines([(HOSTILE, [1.0, 2.0], [0.5, 0.5])] * 8, "x", "y"),
        named_dots([HOSTILE, "b"], [1.0, 1.0], [2.0, 2.0], "x", "y", 1),
    ):
        ElementTree.fromstring(alone(chart))
    assert lines([("a", [1.0, 2.0], [0.5, 0.6])] * 8, "x", "y").count('<path class="s') == 2 * len(DASHES)


def test_the_figure_that_most_variants_have_is_drawn():
    curves = [
        RunCurve("a", "tune", "loss", (1, 2), (3.0, 2.0)),
        RunCurve("a", "tune", "ndcg@10", (1, 2), (0.1, 0.2)),
        RunCurve("b", "judge", "loss", (1, 2), (3.0, 2.0)),
        RunCurve("c", "judge", "loss", (1, 2), (3.0, 2.0)),
    ]
    assert {(c.variant, c.phase) for c in main_curves(curves)} == {("b", "judge"), ("c", "judge")}
    assert [c.figure for c in main_curves(curves[:2])] == ["ndcg@10"]
    assert main_curves(()) == []


def test_the_star_of_a_figure_that_should_be_low_stands_by_the_lowest(shop):
    ws, ids = shop
    for metric in ("gini@10", "popularity_bias@10", "coverage@10"):
        found = ws.comparison_report.gather(ids, metric)
        rows = re.findall(r"<tr>(.*?)</tr>", ws.comparison_report.html(found).partition("<tbody>")[2].partition("</tbody>")[0])
        starred = [n for n, row in enumerate(rows) if "★" in re.findall(r"<td[^>]*>(.*?)</td>", row)[1]]
        values = [v.metrics[metric].value for v in found.view.variants]
        best = max(values) if metric == "coverage@10" else min(values)
        assert starred == [n for n, value in enumerate(values) if value == best], metric
