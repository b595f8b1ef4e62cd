"""Sweeps, advice and time budgets on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from recengine.cli import app
from recengine.testing.demo_store import make_demo_store
from recengine.workspace import Workspace


def run(workspace: Path, *words: str) -> Result:
    done = CliRunner().invoke(app, ["--workspace", str(workspace), *words])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("cli")
    make_demo_store(folder / "demo", seed=3, shoppers=120, days=45)
    made = run(folder / "workspace", "import", str(folder / "demo" / "events.csv"), "--json")
    return folder / "workspace", json.loads(made.stdout)["dataset"]


def test_advice_names_every_model(shop: tuple[Path, str]):
    workspace, dataset = shop
    found = json.loads(run(workspace, "advise", dataset, "--json").stdout)
    known = json.loads(run(workspace, "models", "--json").stdout)["models"]
    assert {row["model"] for row in found["models"]} == {row["name"] for row in known}
    assert found["preset"] == "thorough"
    words = run(workspace, "advise", dataset).stdout
    assert "not measured here yet" in words
    assert run(workspace, "advise", "ds-none").exit_code == 2


def test_a_training_learns_what_behaviours_count_and_keeps_it(shop: tuple[Path, str]):
    workspace, dataset = shop
    asked = ("train", "--dataset", dataset, "--model", "item-knn", "--learn-weights", "--weight", "view=0.5", "--json")
    made = json.loads(run(workspace, *asked).stdout)
    assert any(note.startswith("Learned: ") and "purchase 1." in note for note in made["notes"]), made["notes"]
    ws = Workspace(workspace)
    kept = ws.variants.get(made["variant"]).weights
    assert kept["view"] != 0.5
    assert f"view {kept['view']:g}, " in made["notes"][0]
    # The same strengths given by hand make the same variant.
    given = [word for name, weight in kept.items() for word in ("--weight", f"{name}={weight}")]
    again = json.loads(run(workspace, "train", "--dataset", dataset, "--model", "item-knn", *given, "--json").stdout)
    assert ws.variants.get(again["variant"]).model_hash == ws.variants.get(made["variant"]).model_hash
    assert again["metrics"] == made["metrics"]


def test_a_sweep_answers_with_its_best_trial(shop: tuple[Path, str]):
    workspace, dataset = shop
    done = run(
        workspace,
        "sweep",
        "--dataset",
        dataset,
        "--model",
        "item-knn",
        "--trials",
        "3",
        "--vary",
        "neighbours",
        "--minutes",
        "30",
        "--json",
    )
    found = json.loads(done.stdout)
    assert len(found["sweep"]["trials"]) == 3
    assert found["sweep"]["trials"][0]["settings"] == {"neighbours": 10}
    assert set(found["metrics"]) >= {"ndcg@10"}
    words = run(workspace, "sweep", "--dataset", dataset, "--model", "popularity", "--trials", "2").stdout
    assert "trial 0: done" in words
    assert ", the best" in words


@pytest.mark.parametrize(
    "words",
    [
        ("sweep", "--model", "item-knn", "--trials", "0"),
        ("sweep", "--model", "item-knn", "--vary", "colour"),
        ("train", "--model", "popularity", "--minutes", "0"),
        ("train", "--model", "popularity", "--minutes", "nan"),
    ],
    ids=["no trials", "unknown setting", "no time", "no number"],
)
def test_what_cannot_be_exits_2_with_words(shop: tuple[Path, str], words: tuple[str, ...]):
    done = run(shop[0], *words, "--dataset", shop[1])
    assert done.exit_code == 2
    assert "Traceback" not in done.stderr
    assert "cannot" in done.stderr or "no setting" in done.stderr


def test_a_budget_is_kept_with_the_variant(shop: tuple[Path, str]):
    workspace, dataset = shop
    done = run(workspace, "train", "--dataset", dataset, "--model", "als", "--preset", "quick", "--minutes", "0.0001", "--json")
    notes = json.loads(done.stdout)["notes"]
    assert len(notes) == 1
    assert notes[0].startswith("Tuning ended after 1 of 8 epochs, to fit into 0.0001 min.")
