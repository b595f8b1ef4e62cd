"""Sweeps and bad configurations through the real job path: what is published, what is said, and that nothing else changes."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from recengine.errors import BadInput, MerchlensError, TrainingFailed
from recengine.testing.demo_store import make_demo_store
from recengine.training import memory
from recengine.types import TrainingRequest
from recengine.workspace import Workspace
from recengine.workspace.models import class_of
from recengine.workspace.training import Training


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, str]:
    folder = tmp_path_factory.mktemp("sweeps")
    make_demo_store(folder, shoppers=120, days=45)
    ws = Workspace(folder / "ws")
    return ws, ws.datasets.import_now(ws.datasets.stage_path(folder / "events.csv"), "Shop", None).dataset


def asked(ws: Workspace, dataset: str, model: str, config: dict[str, Any] | None = None, **options: Any) -> dict[str, Any]:
    return ws.training.arguments(TrainingRequest(dataset, model, config or {}, "quick", device="cpu", **options))


def swept(ws: Workspace, dataset: str, model: str, trials: int, fields: tuple[str, ...] = (), **config: Any) -> dict[str, Any]:
    return ws.sweeps.arguments(TrainingRequest(dataset, model, config, "quick", device="cpu"), trials, fields)


def test_the_best_trial_becomes_a_variant_and_its_sweep_is_kept(shop):
    ws, dataset = shop
    done = ws.run_attached("sweep", swept(ws, dataset, "item-knn", 9, ("neighbours", "similarity")), "x")
    assert done["trials"] == 9
    row, view = ws.variants.get(done["variant"]), ws.sweeps.of_variant(done["variant"])
    assert row.swept
    assert view is not None
    assert [trial.number for trial in view.trials] == list(range(9))
    assert view.trials[0].settings == {"neighbours": 10, "similarity": "bm25"}
    best = max(view.trials, key=lambda trial: (trial.value or 0.0, -trial.number))
    assert view.best == best.number
    assert {name: row.config[name] for name in best.settings} == best.settings
    assert view.ended == "All 9 trials are done."
    assert [field.name for field in view.fields] == ["neighbours", "similarity"]
    job = next(job for job in ws.jobs.list() if job.result.get("variant") == row.id)
    assert ws.sweeps.get(job.id) == view
    # The variant is what an ordinary training of the same settings makes.
    alone = ws.run_attached("train", asked(ws, dataset, "item-knn", {**best.settings}), "x")["variant"]
    assert ws.variants.get(alone).model_hash == row.model_hash
    assert ws.variants.get(alone).metrics == row.metrics
    assert ws.sweeps.of_variant(alone) is None


def test_a_sweep_of_a_model_with_epochs_is_served_with_the_epochs_of_the_trial(shop):
    ws, dataset = shop
    done = ws.run_attached("sweep", swept(ws, dataset, "als", 3, ("regularisation",), factors=4, epochs=4), "x")
    view = ws.sweeps.of_variant(done["variant"])
    assert view is not None
    assert view.best is not None
    assert ws.variants.get(done["variant"]).config["epochs"] == view.trials[view.best].epochs


def test_a_cancelled_sweep_keeps_its_trials_and_goes_on(shop, monkeypatch: pytest.MonkeyPatch):
    ws, dataset = shop
    from recengine.workspace import sweeps

    whole = sweeps._Watcher.tried

    def cancel_after_two(self, trials):
        whole(self, trials)
        if len(trials) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(sweeps._Watcher, "tried", cancel_after_two)
    with pytest.raises(MerchlensError, match="cancelled"):
        ws.run_attached("sweep", swept(ws, dataset, "popularity", 4), "stopped")
    job = next(job for job in ws.jobs.list() if job.title == "stopped")
    view = ws.sweeps.get(job.id)
    assert job.state == "cancelled"
    assert job.can_resume
    assert view is not None
    assert len(view.trials) == 2


def test_sweeps_that_cannot_be_are_refused_before_they_start(shop):
    ws, dataset = shop
    for trials in (0, 501):
        with pytest.raises(BadInput, match=f"cannot have {trials} trials"):
            swept(ws, dataset, "item-knn", trials)
    with pytest.raises(BadInput, match="no setting colour to try"):
        swept(ws, dataset, "item-knn", 3, ("colour",))
    assert ws.sweeps.fields("item-knn")


# Bad configurations: words, not traces, and what serves goes on serving


def failing(ws: Workspace, kind: str, arguments: dict[str, Any]) -> MerchlensError:
    """Run a job that must fail; the variants are as before, and the job says what, why and what to do."""
    before = [(row.id, row.model_hash) for row in ws.variants.list()]
    with pytest.raises(MerchlensError) as refused:
        ws.run_attached(kind, arguments, "bad")
    job = ws.jobs.list()[0]
    assert job.state == "failed"
    assert job.error == (refused.value.what, refused.value.why, refused.value.fix)
    assert [(row.id, row.model_hash) for row in ws.variants.list()] == before
    text = " ".join(job.error)
    assert "Traceback" not in text
    assert "unexpectedly" not in text
    assert refused.value.what
    assert refused.value.fix
    return refused.value


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1.0, "much"], ids=["nan", "inf", "negative", "word"])
def test_values_that_are_no_numbers_are_refused_at_once(shop, value):
    ws, dataset = shop
    with pytest.raises(BadInput, match="regularisation cannot be"):
        ws.training.submit(TrainingRequest(dataset, "ease", {"regularisation": value}))


@pytest.mark.parametrize("minutes", [0.0, -1.0, float("nan"), float("inf")], ids=str)
def test_a_time_budget_that_is_none_is_refused(shop, minutes):
    ws, dataset = shop
    with pytest.raises(BadInput, match="time budget cannot be"):
        ws.training.submit(TrainingRequest(dataset, "popularity", minutes=minutes))


def test_weights_that_are_no_numbers_are_refused(shop):
    ws, dataset = shop
    with pytest.raises(BadInput, match="weight of view cannot be"):
        ws.training.submit(TrainingRequest(dataset, "popularity", weights={"view": float("nan")}))


def test_more_neighbours_than_items_train_all_the_same(shop):
    ws, dataset = shop
    done = ws.run_attached("train", asked(ws, dataset, "item-knn", {"neighbours": 2000}), "x")
    assert 0 <= done["metrics"]["ndcg@10"][0] <= 1


def test_a_learning_rate_that_diverges_fails_in_words(shop, monkeypatch: pytest.MonkeyPatch):
    """The parameters are blown up as a step that is far too large does; the loss that is then no number ends the job."""
    from recengine.neural.descent import Descent

    ws, dataset = shop
    step = Descent._learn

    def explode(self, batch):
        step(self, batch)
        for parameter in self.network.parameters():
            parameter.data.mul_(1e38)

    monkeypatch.setattr(Descent, "_learn", explode)
    error = failing(ws, "train", asked(ws, dataset, "bpr", {"learning_rate": 1.0, "epochs": 3}))
    assert "not a number in epoch 1, batch 2" in error.what
    assert "learning rate" in error.fix
    assert "untouched" in error.fix
    error = failing(ws, "sweep", swept(ws, dataset, "bpr", 10, ("factors",), epochs=2))
    assert error.what == "No trial of the sweep worked."
    assert "not a number" in error.why


def test_a_training_that_cannot_fit_is_refused_before_it_starts(shop, monkeypatch: pytest.MonkeyPatch):
    ws, dataset = shop
    arguments = asked(ws, dataset, "item-knn")
    monkeypatch.setattr(memory, "free_bytes", lambda: 1000)
    with pytest.raises(TrainingFailed, match="does not fit into the memory"):
        ws.training.submit(TrainingRequest(dataset, "item-knn"))
    assert "are free" in failing(ws, "train", arguments).why


def written(path: Path, rows: list[tuple[str, str, str]]) -> tuple[Workspace, str]:
    with (path / "events.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("user_id", "item_id", "timestamp"), *rows])
    ws = Workspace(path / "ws")
    return ws, ws.datasets.import_now(ws.datasets.stage_path(path / "events.csv"), "Odd", None).dataset


SAME = [(f"u{n % 40}", "same", "2025-03-01 10:00:00") for n in range(200)]


def outcome(ws: Workspace, arguments: dict[str, Any]) -> tuple[dict[str, Any] | None, MerchlensError | None]:
    """What a training came to: a variant, or words. Fails on a trace."""
    try:
        return ws.run_attached("train", arguments, "x"), None
    except MerchlensError as failure:
        found = failure
    assert found.what
    assert found.fix
    assert "unexpectedly" not in found.what
    return None, found


@pytest.mark.parametrize("model", ["item-knn", "als", "popularity"])
@pytest.mark.parametrize("split", ["time", "leave-last"])
def test_one_shopper_is_refused_or_trained_but_never_a_trace(tmp_path: Path, model: str, split: str):
    ws, dataset = written(tmp_path, [("only", f"i{day % 9}", f"2025-03-{1 + day:02d} 10:00:00") for day in range(28)])
    arguments = asked(ws, dataset, model, split=split)
    done, error = outcome(ws, arguments)
    assert (done is None) != (error is None)
    levels = {advice.level for advice in ws.advice.models(dataset).models}
    assert levels == {"cannot"}


def test_identical_rows_are_refused_in_words(tmp_path: Path):
    """Every shopper buys the one item at the one moment: nothing new is ever chosen, so nothing can be judged over time."""
    ws, dataset = written(tmp_path, SAME)
    for model in ("item-knn", "als"):
        assert "cannot be split over time" in failing(ws, "train", asked(ws, dataset, model)).what


@pytest.mark.parametrize("model", ["item-knn", "als", "popularity", "bpr"])
def test_a_catalogue_of_one_item_trains_without_a_trace(tmp_path: Path, model: str):
    ws, dataset = written(tmp_path, SAME)
    done, error = outcome(ws, asked(ws, dataset, model, {}, split="leave-last"))
    assert (done is None) != (error is None)


def test_an_empty_validation_part_keeps_the_epochs_of_the_settings(tmp_path: Path):
    """New items are chosen in the last days alone: tuning has nobody to ask, and a sweep says so."""
    rows = [(f"u{n}", f"i{(n + day) % 6}", f"2025-03-{1 + day:02d} 10:00:00") for n in range(30) for day in range(6)]
    rows += [(f"u{n}", f"i{n % 6}", "2025-03-20 10:00:00") for n in range(30)]
    rows += [(f"u{n}", f"new{n % 3}", "2025-03-30 10:00:00") for n in range(30)]
    ws, dataset = written(tmp_path, rows)
    done = ws.run_attached("train", asked(ws, dataset, "als", {"epochs": 3, "factors": 4}), "x")
    row = ws.variants.get(done["variant"])
    assert row.config["epochs"] == 3
    assert row.notes == ("Nobody could be validated on, so the number of epochs is the one of the settings.",)
    assert "nobody to choose settings by" in failing(ws, "sweep", swept(ws, dataset, "als", 2, factors=4, epochs=3)).what


@pytest.fixture
def timed(shop) -> tuple[Workspace, str]:
    """The shop with one training of item-knn whose time was measured."""
    ws, dataset = shop
    ws.run_attached("train", asked(ws, dataset, "item-knn"), "x")
    return shop


def test_the_time_a_training_takes_is_measured_and_scaled(timed):
    ws, dataset = timed
    rows = {row.model: row for row in ws.advice.models(dataset, "quick").models}
    assert rows["item-knn"].measured_on == "this"
    assert (rows["item-knn"].seconds or 0) > 0
    assert rows["transitions"].seconds is None
    assert rows["transitions"].measured_on == ""
    machine = ws.advice.machine()
    assert machine.threads >= 1
    assert machine.memory_bytes > 0


def test_a_time_of_another_dataset_is_scaled_by_the_work(timed):
    from dataclasses import replace

    ws, dataset = timed
    record = next(r for r in ws._context.variants.list(dataset) if r.model == "item-knn" and not r.protocol.get("swept"))
    elsewhere = replace(record, dataset_id="ds-elsewhere", seconds=10.0)
    info = ws._context.datasets.info(dataset)
    big = replace(info, id="ds-elsewhere", n_events=10 * info.n_events)
    config = class_of("item-knn").Config()
    sizes = {"ds-elsewhere": big}
    found = ws.advice._seconds(class_of("item-knn"), config, info, [elsewhere], sizes)
    assert found == (pytest.approx(1.0), "other")
    assert ws.advice._seconds(class_of("item-knn"), config, info, [elsewhere], {"ds-elsewhere": None}) == (None, "")


def test_presets_of_a_dataset_are_what_a_job_is_told(shop):
    ws, dataset = shop
    arguments = asked(ws, dataset, "sasrec")
    assert arguments["settings"] == ws.training.settings("sasrec", "quick", dataset)
    assert isinstance(ws.training, Training)
    assert ws.training.figures(dataset) is ws.training.figures(dataset)
