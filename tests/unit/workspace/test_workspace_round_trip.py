"""Ids are the same bytes from the file through training, lists, filters and every export to the next import; shoppers' and items' alike."""

from __future__ import annotations

import csv
import html
import io
import json
import re
import unicodedata
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from recengine.cli import app
from recengine.data.dataset import Dataset
from recengine.ingest.safe_csv import read_csv_back
from recengine.types.policies import PolicyUse
from recengine.types.training import TrainingRequest
from recengine.workspace import Workspace

HAZARDS = ["007", "7", "0000000000000000001", "1234567890123456789", "12345678901234567890123", "1e5", "1E+05", "100000", "1.0", "0.10"]
HAZARDS += ["NA", "nan", "NaN", "None", "null", "TRUE", "true", "-5", "+7", "=1+1", "'=1+1", "@x", "-0", "inf", "#N/A", "\\N"]
HAZARDS += [unicodedata.normalize(form, "café") for form in ("NFC", "NFD")]
HAZARDS += [
    "商品①",
    "２",
    "👩\u200d👩\u200d👧",
    "a b",
    "a\u00a0b",
    'q"q',
    "it's",
]
HAZARDS += ["a,b", "a;=b", "a|b", "<b>x</b>", "&amp;", "item_id", "2020-01-01"]
N = len(HAZARDS)
DAY, START = 86_400, 1_700_000_000
HEADER = ("user_id", "item_id", "event", "timestamp", "title")


def log(week: int = 0) -> list[tuple[str, ...]]:
    """Every shopper with seven items, every item with seven shoppers, on seven days."""
    rows = []
    for k in range(7):
        for at, shopper in enumerate(HAZARDS):
            item = HAZARDS[(at + k * k + week) % N]
            rows.append((shopper, item, "purchase", str(START + (7 * week + k) * DAY + at), f"Title of {item}"))
    return rows


def text(rows, header=HEADER, quoting=csv.QUOTE_ALL, delimiter=",") -> bytes:
    out = io.StringIO()
    csv.writer(out, quoting=quoting, delimiter=delimiter).writerows([header, *rows])
    return out.getvalue().encode()


def saved_again(data: list[list[str]]) -> bytes:
    """As a spreadsheet writes what it has read: quotes only where they are needed, semicolons."""
    return text(data[1:], data[0], csv.QUOTE_MINIMAL, ";")


def shown(path: Path) -> list[list[str]]:
    """The cells of a CSV as a spreadsheet shows them: with the marks."""
    return list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"))))


def objects(rows) -> bytes:
    return "\n".join(json.dumps(dict(zip(HEADER, row, strict=True)), ensure_ascii=False) for row in rows).encode()


def parquet(rows) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table({name: pa.array(cells) for name, cells in zip(HEADER, zip(*rows, strict=True), strict=True)}), out)
    return out.getvalue()


def workbook(rows) -> bytes:
    """The smallest workbook of texts."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    rels = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    lines = []
    for n, row in enumerate([HEADER, *rows], 1):
        cells = (f'<c r="{chr(65 + k)}{n}" t="inlineStr"><is><t xml:space="preserve">{escape(v)}</t></is></c>' for k, v in enumerate(row))
        lines.append(f'<row r="{n}">{"".join(cells)}</row>')
    sheets = '<sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets>'
    members = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "_rels/.rels": f'{rels}<Relationship Id="a" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}">{sheets}</workbook>',
        "xl/_rels/workbook.xml.rels": f'{rels}<Relationship Id="r1" Type="{office}/worksheet" Target="worksheets/s1.xml"/></Relationships>',
        "xl/worksheets/s1.xml": f'<worksheet xmlns="{main}"><sheetData>{"".join(lines)}</sheetData></worksheet>',
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return out.getvalue()


def put(workspace: Workspace, folder: Path, data: bytes, name: str) -> str:
    (folder / name).write_bytes(data)
    return workspace.datasets.stage_path(folder / name)


def ids(workspace: Workspace, dataset: str) -> tuple[list[str], list[str]]:
    data = loaded(workspace, dataset)
    return sorted(data.users.ids.tolist()), sorted(data.catalogue.vocabulary.ids.tolist())


def loaded(workspace: Workspace, dataset: str) -> Dataset:
    return workspace.datasets._context.dataset(dataset)


EVERY = (sorted(HAZARDS), sorted(HAZARDS))


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, str, str]:
    """The log with a variant trained on it."""
    folder = tmp_path_factory.mktemp("ids")
    workspace = Workspace(folder / "workspace")
    dataset = workspace.datasets.import_now(put(workspace, folder, text(log()), "log.csv"), "Ids").dataset
    arguments = workspace.training.arguments(TrainingRequest(dataset, "item-knn", {}, "quick", 0, "cpu", "leave-last", ""))
    return workspace, dataset, workspace.run_attached("train", arguments, "test")["variant"]


# ---- in


@pytest.mark.parametrize(("write", "name"), [(text, "a.csv"), (workbook, "a.xlsx"), (parquet, "a.parquet"), (objects, "a.jsonl")])
def test_every_kind_of_file_holds_the_same_ids(shop, tmp_path, write, name):
    workspace, dataset, _ = shop
    made = workspace.datasets.import_now(put(workspace, tmp_path, write(log()), name), "Again")
    assert (made.rows.accepted, made.rows.physical) == (7 * N, 7 * N)
    assert ids(workspace, made.dataset) == EVERY
    assert made.fingerprint == workspace.datasets.get(dataset).fingerprint


def test_next_week_meets_the_same_shoppers_and_items(shop, tmp_path):
    workspace, dataset, _ = shop
    for write, name in ((text, "w2.csv"), (workbook, "w2.xlsx")):
        upload = put(workspace, tmp_path, write(log(week=1)), name)
        check = workspace.versions.check_append(dataset, upload)
        assert (check.new_shoppers, check.new_items, check.overlap) == (0, 0, 0)
        made = workspace.versions.take_in(upload, base=dataset)
        assert made.rows.accepted == 14 * N
        assert ids(workspace, made.dataset) == EVERY


def test_files_beside_the_log_meet_byte_for_byte(shop, tmp_path):
    workspace, dataset, _ = shop
    items = text([(item, f"New {at}") for at, item in enumerate(HAZARDS)], ("item_id", "title"))
    made = workspace.versions.add_table(dataset, put(workspace, tmp_path, items, "items.csv"), "items").dataset
    (view,) = workspace.versions.tables(made)
    assert {c.matched for c in view.coverage} == {N}
    catalogue = loaded(workspace, made).catalogue
    at = catalogue.vocabulary.encode(HAZARDS)
    assert [catalogue.titles[code] for code in at] == [f"New {k}" for k in range(N)]
    shoppers = text([(one, f"Group {at}") for at, one in enumerate(HAZARDS)], ("user_id", "segment"))
    made = workspace.versions.add_table(dataset, put(workspace, tmp_path, shoppers, "shoppers.csv"), "shoppers").dataset
    table = workspace.versions.table(made, 0)
    assert dict(zip(table["id"].to_pylist(), table["segment"].to_pylist(), strict=True)) == {x: f"Group {k}" for k, x in enumerate(HAZARDS)}


# ---- through


def test_lists_and_pages_name_the_ids_of_the_file(shop):
    workspace, dataset, variant = shop
    for shopper in HAZARDS:
        made = workspace.lists.recommend(variant, shopper, 5)
        assert {item.item for item in made.items} <= set(HAZARDS)
        why = workspace.lists.explain(variant, shopper, made.items[0].item)
        assert (why.shopper, why.item) == (shopper, made.items[0].item)
        assert workspace.shoppers.get(dataset, shopper).row.shopper == shopper
        assert shopper in {row.shopper for row in workspace.shoppers.list(dataset, shopper, N)}
    assert set(workspace.datasets.items(dataset)) == set(HAZARDS)
    session = workspace.lists.recommend(variant, None, 5, events=[{"item": "=1+1"}, {"item": "007"}])
    assert session.items


def test_rules_reach_the_one_item_they_name(shop):
    workspace, _, variant = shop
    for shopper, twin in (("1e5", "100000"), ("7", "007"), (HAZARDS[26], HAZARDS[27]), ("=1+1", "'=1+1"), ("TRUE", "true")):
        plain = [item.item for item in workspace.lists.recommend(variant, shopper, N).items]
        for item in (plain[0], twin):
            if item not in plain:
                continue
            rule = {"action": "block", "conditions": [{"field": "id", "op": "is", "values": [item]}]}
            left = [row.item for row in workspace.lists.recommend(variant, shopper, N, PolicyUse.of({"rules": [rule]})).items]
            assert set(plain) - set(left) == {item}


# ---- out


def places(workspace: Workspace, variant: str, k: int = 5) -> list[tuple[str, str]]:
    """(shopper, item) of every list of the page."""
    return sorted((one, row.item) for one in HAZARDS for row in workspace.lists.recommend(variant, one, k).items)


@pytest.mark.parametrize("kind", ["csv", "resaved csv", "parquet"])
def test_exported_lists_come_back_as_a_log(shop, tmp_path, kind):
    workspace, _, variant = shop
    out = tmp_path / f"lists.{kind.split()[-1]}"
    workspace.lists.export(variant, out, 5)
    table = pq.read_table(out) if kind == "parquet" else read_csv_back(out)
    expected = places(workspace, variant)
    assert sorted(zip(table["shopper_id"].to_pylist(), table["item_id"].to_pylist(), strict=True)) == expected
    if kind == "resaved csv":
        out.write_bytes(saved_again(shown(out)))
    upload = workspace.datasets.stage_path(out)
    assert workspace.versions.kind(upload).kind == "events"
    again = loaded(workspace, workspace.datasets.import_now(upload, "Lists").dataset)
    users, codes = again.users.ids, again.catalogue.vocabulary.ids
    pairs = [(str(users[u]), str(codes[i])) for u, i in zip(again.log.user_codes, again.log.item_codes, strict=True)]
    assert sorted(pairs) == expected


@pytest.mark.parametrize("kind", ["csv", "parquet", "html"])
def test_explained_lists_name_the_same_ids(shop, tmp_path, kind):
    workspace, _, variant = shop
    out = tmp_path / f"why.{kind}"
    workspace.explained.write(variant, out, None, 3)
    expected = places(workspace, variant, 3)
    if kind == "html":
        page = html.unescape(re.sub(r"<(?!/?b>x)[^>]*>", "\n", out.read_text(encoding="utf-8")))
        for one in HAZARDS:
            assert " ".join(one.split()) in page, one  # a page to be read, where blanks of all kinds look alike
        assert "<b>x</b>" not in out.read_text(encoding="utf-8")
        return
    table = read_csv_back(out) if kind == "csv" else pq.read_table(out)
    assert sorted(zip(table["shopper_id"].to_pylist(), table["item_id"].to_pylist(), strict=True)) == expected
    again = workspace.datasets.import_now(workspace.datasets.stage_path(out), "Why").dataset
    assert ids(workspace, again) == (sorted({one for one, _ in expected}), sorted({item for _, item in expected}))


@pytest.mark.parametrize("save", [lambda cells: text(cells[1:], cells[0]), saved_again], ids=["as written", "saved again"])
def test_rejected_rows_show_and_complete_the_same_ids(tmp_path, save):
    workspace = Workspace(tmp_path / "workspace")
    rows = log()
    broken = [(one, item, event, "some day" if k < N else when, title) for k, (one, item, event, when, title) in enumerate(rows)]
    swapped = [*broken, *(("", one, "purchase", str(START), "") for one in HAZARDS)]
    made = workspace.datasets.import_now(put(workspace, tmp_path, text(swapped), "broken.csv"), "Broken")
    assert (made.rows.accepted, made.rows.rejected) == (6 * N, 2 * N)
    rejects = read_csv_back(Path(made.rejects_file)).to_pylist()
    assert len(rejects) == 2 * N
    assert {row["value"] for row in rejects} == {"some day", ""}
    path = workspace.versions.rows_to_mend(made.dataset)
    assert path is not None
    kept = read_csv_back(path).to_pylist()
    assert sorted(row["user_id"] for row in kept if row["user_id"]) == sorted(HAZARDS)
    lines = {row["rejected line"]: row for row in kept}
    cells = shown(path)
    for cell in cells[1:]:  # a person types in what is missing
        at = int(lines[cell[1]]["rejected line"]) - 2
        if at < N:
            cell[cells[0].index("timestamp")] = rows[at][3]
        else:
            cell[cells[0].index("user_id")] = cell[cells[0].index("item_id")]
    mended = workspace.versions.take_in(put(workspace, tmp_path, save(cells), "mended.csv"), base=made.dataset)
    assert (mended.rows.accepted, mended.rows.rejected, mended.rows.physical) == (8 * N, 0, 8 * N)
    assert ids(workspace, mended.dataset) == EVERY


def test_the_command_line_takes_and_gives_the_same_ids(shop):
    workspace, _, variant = shop
    for shopper in HAZARDS:
        given = CliRunner().invoke(
            app, ["--workspace", str(workspace.root), "recommend", "--variant", variant, f"--user={shopper}", "-k", "3", "--json"]
        )
        assert given.exit_code == 0, (shopper, given.output)
        told = json.loads(given.stdout)
        assert told["shopper"] == shopper
        assert [row["item"] for row in told["items"]] == [row.item for row in workspace.lists.recommend(variant, shopper, 3).items]
