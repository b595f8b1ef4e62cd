"""What a workspace keeps and what it lets go: deletions, renames, uploads, jobs whose process is gone."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from recengine.errors import BadInput, Corrupt, NotFound
from recengine.testing.demo_store import make_demo_store
from recengine.types import TrainingRequest
from recengine.workspace import Workspace


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, str]:
    folder = tmp_path_factory.mktemp("upkeep")
    make_demo_store(folder / "demo", seed=5, shoppers=200, days=90)
    workspace = Workspace(folder / "workspace")
    with (folder / "demo" / "events.csv").open("rb") as file:
        upload = workspace.datasets.stage(file, "events.csv")
    report = workspace.datasets.import_now(upload, "Demo")
    return workspace, report.dataset


def train(workspace: Workspace, dataset: str, model: str = "popularity", **more) -> str:
    arguments = workspace.training.arguments(TrainingRequest(dataset, model, **{"preset": "quick", "device": "cpu", **more}))
    return workspace.run_attached("train", arguments, "test")["variant"]


def test_an_import_leaves_no_upload_behind(shop: tuple[Workspace, str]):
    assert not list((shop[0].root / "uploads").iterdir())


def test_a_refused_file_can_be_discarded(shop: tuple[Workspace, str]):
    workspace, _ = shop
    upload = workspace.datasets.stage(io.BytesIO(b"user_id,item_id\n"), "empty.csv")
    with pytest.raises(BadInput, match="no rows"):
        workspace.datasets.preview(upload)
    workspace.datasets.discard(upload)
    with pytest.raises(NotFound, match="upload is gone"):
        workspace.datasets.preview(upload)


def test_check_counts_what_the_import_will_do(shop: tuple[Workspace, str]):
    workspace, _ = shop
    rows = (
        b"user_id,item_id,timestamp\n" + b"".join(b"u%d,i%d,%d\n" % (k % 5, k, 1_700_000_000 + k) for k in range(40)) + b",i1,1700000100\n"
    )
    upload = workspace.datasets.stage(io.BytesIO(rows), "week.csv")
    check = workspace.datasets.check(upload)
    report = workspace.datasets.import_now(upload, "Week")
    assert check.rows == report.rows
    assert (check.rows.physical, check.rows.accepted, check.rows.rejected) == (41, 40, 1)
    assert check.reasons == report.reasons
    workspace.datasets.delete(report.dataset)


def test_a_deleted_variant_answers_nothing_even_in_another_process(shop: tuple[Workspace, str]):
    workspace, dataset = shop
    variant = train(workspace, dataset)
    shopper = workspace.shoppers.list(dataset, limit=1)[0].shopper
    assert workspace.lists.recommend(variant, shopper).items
    Workspace(workspace.root).variants.delete(variant)  # as the command line would
    with pytest.raises(NotFound):
        workspace.lists.recommend(variant, shopper)
    with pytest.raises(NotFound):
        workspace.lists.explain(variant, shopper, "P1001")


def test_a_new_name_is_seen_at_once(shop: tuple[Workspace, str]):
    workspace, dataset = shop
    assert workspace.datasets.overview(dataset).dataset.name == "Demo"
    workspace.datasets.rename(dataset, "Renamed")
    assert workspace.datasets.overview(dataset).dataset.name == "Renamed"
    workspace.datasets.rename(dataset, "Demo")


def test_a_dataset_with_work_on_it_stays(shop: tuple[Workspace, str]):
    workspace, dataset = shop
    for variant in workspace.variants.list(dataset):
        workspace.variants.delete(variant.id)
    job = workspace.training.submit(TrainingRequest(dataset, "popularity"))
    with pytest.raises(BadInput, match="A job works on this dataset"):
        workspace.datasets.delete(dataset)
    workspace.jobs.cancel(job)


def test_leave_last_says_what_it_leaks(shop: tuple[Workspace, str]):
    workspace, dataset = shop
    row = workspace.variants.get(train(workspace, dataset, split="leave-last"))
    assert "Compare with published figures only" in row.protocol


@pytest.mark.parametrize("seed", [-1, 2**31])
def test_a_seed_outside_the_range_is_refused(shop: tuple[Workspace, str], seed: int):
    with pytest.raises(BadInput, match="seed"):
        train(*shop, seed=seed)


@pytest.mark.parametrize("edits", [{"roles": ["a"]}, {"answers": "x"}, ["user"], {"answers": {"weather": "fine"}}, {"nonsense": 1}])
def test_a_mapping_that_is_no_mapping_is_refused(shop: tuple[Workspace, str], edits):
    workspace, _ = shop
    upload = workspace.datasets.stage(io.BytesIO(b"user_id,item_id,timestamp\nu,i,1700000000\n"), "one.csv")
    with pytest.raises(BadInput):
        workspace.datasets.preview(upload, edits)


def test_policies_are_kept_by_dataset(shop: tuple[Workspace, str]):
    workspace, dataset = shop
    saved = workspace.tuning.save_policy(dataset, " Home page ", 0.3)
    assert [(row.name, row.diversity) for row in workspace.tuning.policies(dataset)] == [("Home page", 0.3)]
    for name, diversity in (("", 0.3), ("x", 1.5)):
        with pytest.raises(BadInput):
            workspace.tuning.save_policy(dataset, name, diversity)
    workspace.tuning.delete_policy(saved.id)
    assert workspace.tuning.policies(dataset) == []


def test_a_missing_folder_name_is_not_the_current_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MERCHLENS_WORKSPACE", "")
    assert Workspace().root == Path("workspace")


def test_a_variant_of_another_version_is_told_and_the_others_answer(shop: tuple[Workspace, str], monkeypatch: pytest.MonkeyPatch):
    from recengine.workspace import models

    workspace, dataset = shop
    old, good = train(workspace, dataset, seed=41), train(workspace, dataset, seed=42)
    real = models.make_model
    with monkeypatch.context() as patch:
        patch.setattr(models, "make_model", lambda name, config: real("item-knn", {}))  # whose state has other names
        with pytest.raises(Corrupt, match="cannot be opened any more") as raised:
            Workspace(workspace.root).lists.recommend(old, None, events=[])
    assert "Train it again" in raised.value.fix
    assert Workspace(workspace.root).variants.get(old).metrics
    assert Workspace(workspace.root).lists.recommend(good, None, events=[]).items
