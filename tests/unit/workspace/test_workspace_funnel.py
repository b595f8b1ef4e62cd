"""What a trained funnel tells of itself, through the workspace and the command line."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from typer.testing import CliRunner

from recengine.artefacts import plain
from recengine.errors import BadInput, NotFound
from recengine.testing.demo_store import make_demo_store
from recengine.types import Estimate, TrainingRequest
from recengine.workspace import Workspace
from recengine.workspace.funnel import from_json


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, Path, dict[str, str]]:
    folder = tmp_path_factory.mktemp("funnel")
    make_demo_store(folder / "demo", seed=5, shoppers=350, days=90)
    workspace = Workspace(folder / "workspace")
    with (folder / "demo" / "events.csv").open("rb") as file:
        upload = workspace.datasets.stage(file, "events.csv")
    dataset = workspace.datasets.import_now(upload, "Demo").dataset
    config = {"generators": ["transitions", "popularity"], "trees": 30, "window_share": 0.12, "ablation": True}
    variants = {}
    for model, changes in (("popularity", {}), ("funnel", config)):
        arguments = workspace.training.arguments(TrainingRequest(dataset, model, changes, "quick", device="cpu"))
        variants[model] = workspace.run_attached("train", arguments, "test")["variant"]
    return workspace, folder / "workspace", variants


def test_a_trained_funnel_is_known_without_computing(trained: tuple[Workspace, Path, dict[str, str]]):
    workspace, _, variants = trained
    view = workspace.funnel.insight(variants["funnel"])
    assert view.target == "purchase"
    assert view.signals[0].importance >= view.signals[-1].importance
    assert all(isinstance(f.adds, Estimate) for f in view.families)
    judged = view.judgement
    assert judged is not None
    assert judged.later
    assert {g.name for g in judged.generators} == {"transitions", "popularity"}
    assert judged.heads[0].ranks
    assert judged.heads[0].shoppers > 0
    assert judged.ndcg.value == pytest.approx(workspace.variants.get(variants["funnel"]).metrics["ndcg@10"].value, abs=1e-9)
    assert from_json(type(view), json.loads(json.dumps(plain(_dict(view))))) == view


def test_other_variants_and_unknown_ids_are_answered_in_words(trained: tuple[Workspace, Path, dict[str, str]]):
    workspace, _, variants = trained
    with pytest.raises(BadInput, match="Nothing is known"):
        workspace.funnel.insight(variants["popularity"])
    with pytest.raises(NotFound):
        workspace.funnel.insight("va-nothing")


def test_the_command_line_tells_it_as_json(trained: tuple[Workspace, Path, dict[str, str]]):
    from recengine.cli import app

    _, folder, variants = trained
    result = CliRunner().invoke(app, ["--workspace", str(folder), "funnel", variants["funnel"], "--json"])
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    assert {"signals", "families", "judgement", "interactions"} <= set(answer)


def test_a_missing_number_of_an_estimate_is_nan():
    assert math.isnan(from_json(Estimate, {"value": None, "low": None, "high": None, "n": 0}).value)


def _dict(view: object) -> dict[str, object]:
    from dataclasses import asdict

    return asdict(view)  # type: ignore[call-overload]
