"""The command line on a real small shop: every command, its JSON, and its way of refusing."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

from recengine.cli import app
from recengine.testing.demo_store import make_demo_store
from recengine.types import TrainingRequest


def run(workspace: Path, *words: str, ok: bool = True) -> Result:
    """The command in this process: the same code as `python -m recengine`, without three seconds of imports each time."""
    done = CliRunner().invoke(app, ["--workspace", str(workspace), *words])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    assert (done.exit_code == 0) is ok, done.stderr
    return done


def answer(workspace: Path, *words: str) -> dict:
    done = run(workspace, *words, "--json")
    assert done.stdout.count("\n") == 1
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict]:
    folder = tmp_path_factory.mktemp("cli")
    make_demo_store(folder / "demo", seed=3, shoppers=250, days=90)
    return folder / "workspace", answer(folder / "workspace", "import", str(folder / "demo" / "events.csv"), "--name", "Demo")


@pytest.fixture(scope="module")
def variants(shop: tuple[Path, dict]) -> dict[str, dict]:
    workspace, report = shop
    return {
        model: answer(workspace, "train", "--dataset", report["dataset"], "--model", model, "--preset", "quick")
        for model in ("popularity", "transitions")
    }


def test_import_accounts_for_every_record(shop: tuple[Path, dict]):
    _, report = shop
    rows = report["rows"]
    assert rows["accepted"] + rows["rejected"] + rows["skipped"] == rows["physical"] > 0
    assert report["shoppers"] > 200
    assert set(report["behaviours"]) >= {"view", "cart", "purchase"}
    assert Path(report["rejects_file"]).is_file()
    assert {"dataset", "fingerprint", "recognised", "items", "first", "last", "mapping", "quality"} <= set(report)


def test_the_same_file_again_is_noticed(shop: tuple[Path, dict], tmp_path: Path):
    workspace, report = shop
    make_demo_store(tmp_path, seed=3, shoppers=250, days=90)
    again = answer(workspace, "import", str(tmp_path / "events.csv"))
    assert again["already"] is True
    assert again["dataset"] == report["dataset"]
    assert len(answer(workspace, "datasets")["datasets"]) == 1


def test_training_reports_estimates(variants: dict[str, dict]):
    for made in variants.values():
        estimate = made["metrics"]["ndcg@10"]
        assert 0 <= estimate["low"] <= estimate["value"] <= estimate["high"] <= 1
        assert made["device"] == "cpu" or made["device"] == "cuda"


def test_list_explanation_and_export_show_one_score(shop: tuple[Path, dict], variants: dict[str, dict], tmp_path: Path):
    workspace, _ = shop
    variant = variants["transitions"]["variant"]
    out = tmp_path / "lists.parquet"
    exported = answer(workspace, "export", "--variant", variant, "--out", str(out), "-k", "5")
    table = pq.read_table(out).to_pylist()
    assert exported["rows"] == len(table)
    shopper = table[0]["shopper_id"]
    made = answer(workspace, "recommend", "--variant", variant, "--user", shopper, "-k", "5")
    mine = [row for row in table if row["shopper_id"] == shopper]
    assert [row["item_id"] for row in mine] == [row["item"] for row in made["items"]]
    assert [row["score"] for row in mine] == [row["score"] for row in made["items"]]
    for row in made["items"]:
        why = answer(workspace, "explain", "--variant", variant, "--user", shopper, "--item", row["item"])
        assert why["score"] == pytest.approx(row["score"], abs=1e-12)
        assert why["base"] + sum(term["contribution"] for term in why["terms"]) == pytest.approx(why["score"], abs=1e-6)
        assert why["sum"] == pytest.approx(why["score"], abs=1e-6)
        assert why["sentence"]


def test_csv_export_has_the_same_rows(shop: tuple[Path, dict], variants: dict[str, dict], tmp_path: Path):
    workspace, _ = shop
    variant = variants["popularity"]["variant"]
    for name in ("a.csv", "a.parquet"):
        answer(workspace, "export", "--variant", variant, "--out", str(tmp_path / name), "-k", "3")
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == pq.read_table(tmp_path / "a.parquet").num_rows


def test_a_session_needs_no_shopper(shop: tuple[Path, dict], variants: dict[str, dict], tmp_path: Path):
    workspace, _ = shop
    variant = variants["transitions"]["variant"]
    popular = answer(workspace, "recommend", "--variant", variants["popularity"]["variant"], "--events", _events(tmp_path, []), "-k", "1")
    item = popular["items"][0]["item"]
    made = answer(workspace, "recommend", "--variant", variant, "--events", _events(tmp_path, [{"item": item}]))
    assert made["items"]
    assert item not in [row["item"] for row in made["items"]]


def test_diversity_changes_the_list_but_not_a_score(shop: tuple[Path, dict], variants: dict[str, dict]):
    workspace, _ = shop
    variant, words = variants["transitions"]["variant"], ("-k", "10")
    shopper = answer(workspace, "recommend", "--variant", variant, "--user", _shopper(workspace, shop), *words)
    varied = answer(workspace, "recommend", "--variant", variant, "--user", _shopper(workspace, shop), *words, "--diversity", "0.8")
    assert [r["item"] for r in shopper["items"]] != [r["item"] for r in varied["items"]]
    scores = {r["item"]: r["score"] for r in shopper["items"]}
    for row in varied["items"]:
        if row["item"] in scores:
            assert row["score"] == scores[row["item"]]


def test_compare_names_a_winner(shop: tuple[Path, dict], variants: dict[str, dict]):
    workspace, _ = shop
    found = answer(workspace, "compare", "--variants", ",".join(v["variant"] for v in variants.values()))
    assert found["best"] in {v["variant"] for v in variants.values()}
    assert found["pairs"][0]["verdict"] in {"better", "worse", "cannot tell"}
    assert found["who_gains"][0]["sentence"].endswith(".")
    assert found["who_gains"][0]["overall"]["n"] == found["pairs"][0]["n"]


def test_compare_writes_a_report_and_refuses_another_ending(shop: tuple[Path, dict], variants: dict[str, dict], tmp_path: Path):
    workspace, _ = shop
    chosen = ("compare", "--variants", ",".join(v["variant"] for v in variants.values()))
    done = run(workspace, *chosen, "--report", str(tmp_path / "report.html"))
    assert str(tmp_path / "report.html") in done.stdout
    assert "Content-Security-Policy" in (tmp_path / "report.html").read_text(encoding="utf-8")
    run(workspace, *chosen, "--report", str(tmp_path / "report.pdf"), ok=False)
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


@pytest.mark.parametrize(
    "words",
    [
        ("train", "--dataset", "ds-none", "--model", "ease"),
        ("recommend", "--variant", "../../etc/passwd", "--user", "1"),
        ("import", "no_such_file.csv"),
        ("compare", "--variants", ","),
        ("export", "--variant", "va-none", "--out", "lists.csv"),
    ],
)
def test_mistakes_exit_2_with_words(shop: tuple[Path, dict], words: tuple[str, ...]):
    done = run(shop[0], *words, "--json", ok=False)
    assert done.exit_code == 2
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) >= 1


def test_a_real_process_answers_and_refuses(shop: tuple[Path, dict]):
    start = [sys.executable, "-m", "recengine", "--workspace", str(shop[0])]
    listed = subprocess.run([*start, "--json", "datasets"], capture_output=True, text=True, timeout=120, check=True)
    assert json.loads(listed.stdout)["datasets"][0]["id"] == shop[1]["dataset"]
    refused = subprocess.run(
        [*start, "recommend", "--variant", "x", "--user", "1"], capture_output=True, text=True, timeout=120, check=False
    )
    assert refused.returncode == 2
    assert refused.stdout == ""
    assert "Traceback" not in refused.stderr
    unknown = subprocess.run([*start, "import"], capture_output=True, text=True, timeout=120, check=False)
    assert unknown.returncode == 2
    assert "Traceback" not in unknown.stderr


def test_a_wrong_setting_is_refused_before_any_work(shop: tuple[Path, dict]):
    workspace, report = shop
    before = len(answer(workspace, "jobs")["jobs"])
    done = run(workspace, "train", "--dataset", report["dataset"], "--model", "ease", "--set", "nonsense=1", ok=False)
    assert done.exit_code == 2
    assert "nonsense" in done.stderr
    assert len(answer(workspace, "jobs")["jobs"]) == before


def test_doctor_and_models_answer(shop: tuple[Path, dict]):
    found = answer(shop[0], "doctor")
    assert found["problems"] == []
    assert found["versions"]["torch"].startswith("2.13")
    names = {card["name"] for card in answer(shop[0], "models")["models"]}
    assert "funnel" in names


def _events(folder: Path, events: list) -> str:
    path = folder / "events.json"
    path.write_text(json.dumps(events), encoding="utf-8")
    return str(path)


def _shopper(workspace: Path, shop: tuple[Path, dict]) -> str:
    from recengine.workspace import Workspace

    return Workspace(workspace).shoppers.list(shop[1]["dataset"], limit=1)[0].shopper


def test_paths_that_cannot_be_used_are_told(shop: tuple[Path, dict], variants: dict[str, dict], tmp_path: Path):
    (tmp_path / "file").write_text("x")
    (tmp_path / "x.csv").mkdir()
    variant = variants["popularity"]["variant"]
    for workspace, words in (
        (tmp_path / "file", ("datasets",)),
        (shop[0], ("demo", "--out", str(tmp_path / "file"))),
        (shop[0], ("export", "--variant", variant, "--out", str(tmp_path / "x.csv"))),
    ):
        assert run(workspace, *words, ok=False).exit_code == 2


def test_a_setting_that_cannot_be_read_is_told(shop: tuple[Path, dict], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("MERCHLENS_LEASE_S", "soon")
    done = run(shop[0], "datasets", ok=False)
    assert done.exit_code == 2
    assert "lease_s" in done.stderr


def test_a_refused_import_leaves_the_workspace_as_it_was(shop: tuple[Path, dict], tmp_path: Path):
    bad = tmp_path / "header.csv"
    bad.write_text("user_id,item_id,timestamp\n")
    before = answer(shop[0], "datasets")
    assert run(shop[0], "import", str(bad), ok=False).exit_code == 2
    assert answer(shop[0], "datasets") == before
    assert not list((shop[0] / "uploads").iterdir())


def test_a_closer_look_at_data_and_shoppers(shop: tuple[Path, dict], tmp_path: Path):
    workspace, report = shop
    listed = answer(workspace, "shoppers", "--dataset", report["dataset"], "--limit", "3")["shoppers"]
    assert len(listed) == 3
    view = answer(workspace, "shopper", "--dataset", report["dataset"], "--user", listed[0]["shopper"])
    assert len(view["items"]) == len(view["times"]) == listed[0]["events"]
    assert answer(workspace, "overview", "--dataset", report["dataset"])["dataset"]["events"] == report["rows"]["accepted"]
    file = tmp_path / "week.csv"
    file.write_text("user_id,item_id,timestamp\nu1,i1,1700000000\n,i2,1700000001\n", encoding="utf-8")
    seen = answer(workspace, "preview", str(file))
    assert (seen["check"]["rows"]["accepted"], seen["check"]["rows"]["rejected"]) == (1, 1)
    assert len(answer(workspace, "datasets")["datasets"]) == 1


def test_tuning_and_differences(shop: tuple[Path, dict], variants: dict[str, dict]):
    workspace, report = shop
    ids = [made["variant"] for made in variants.values()]
    points = answer(workspace, "tradeoff", "--variant", ids[1], "-k", "5")["points"]
    assert points[0]["lists_changed"] == 0 < points[-1]["lists_changed"]
    found = answer(workspace, "diff", "--variants", ",".join(ids), "--user", _shopper(workspace, shop))
    assert found["common"] + len(found["entered"]) == len(found["b"]["items"])
    saved = answer(workspace, "policies", "--dataset", report["dataset"], "--save", "Home", "--diversity", "0.3")["policies"]
    assert [(row["name"], row["diversity"]) for row in saved] == [("Home", 0.3)]
    assert run(workspace, "diff", "--variants", ids[0], "--user", "x", ok=False).exit_code == 2


def test_rename_delete_and_job_control(shop: tuple[Path, dict]):
    workspace, report = shop
    variant = answer(workspace, "train", "--dataset", report["dataset"], "--model", "popularity")["variant"]
    answer(workspace, "rename", variant, "Baseline")
    assert "Baseline" in {row["name"] for row in answer(workspace, "variants")["variants"]}
    answer(workspace, "delete", variant)
    assert variant not in {row["id"] for row in answer(workspace, "variants")["variants"]}
    for words in (("delete", report["dataset"]), ("rename", "po-x", "y"), ("cancel", "jb-none"), ("resume", "jb-none")):
        assert run(workspace, *words, ok=False).exit_code == 2
    job = answer(workspace, "jobs")["jobs"][0]["id"]
    assert answer(workspace, "cancel", job)["state"] == "done"  # nothing happens to a job that ended
    assert "log" in answer(workspace, "log", job)
    assert run(workspace, "resume", job, ok=False).exit_code == 2


def test_a_cancelled_job_is_started_again(shop: tuple[Path, dict]):
    from recengine.workspace import Workspace

    workspace, report = shop
    job = Workspace(workspace).training.submit(TrainingRequest(report["dataset"], "popularity"))
    assert answer(workspace, "cancel", job)["state"] == "cancelled"
    assert answer(workspace, "resume", job, "--anew")["state"] == "done"
