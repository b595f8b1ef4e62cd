"""Sweeps: the default first, validation alone, failures recorded, and a killed sweep that goes on as if nothing had happened."""

from __future__ import annotations

import json
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from pydantic import Field

from recengine.data.dataset import Dataset
from recengine.data.split import Split, Targets, leave_last_out, time_split
from recengine.errors import BadInput, Cancelled, Corrupt, TrainingFailed
from recengine.models.base import Capabilities, EpochReport, ModelConfig, Recommender
from recengine.models.registry import model_class, single_models
from recengine.training import sweep as sweeping
from recengine.training.space import search_space
from recengine.training.sweep import Limits, Sweep, importance
from recengine.training.trials import Trial, best_trial, read_trials, write_trials


class PeakConfig(ModelConfig):
    place: float = Field(default=0.1, ge=0.0, le=1.0)
    """Best at 0.7."""
    noise: float = Field(default=0.5, ge=0.0, le=1.0)
    """Without effect."""
    epochs: int = Field(default=6, ge=1, le=100)
    """Passes."""
    patience: int = Field(default=6, ge=1, le=100)
    """Waits."""


class Peak(model_class("popularity")):  # type: ignore[misc]  (scores of a real model, a figure of our own)
    """Its validation figure is 1 - |place - 0.7|, reached in the fourth epoch."""

    title = "Peak"
    Config = PeakConfig
    can = Capabilities(epochs=True)
    search: ClassVar = {}
    now: ClassVar[float] = 0.0
    fitted: ClassVar[list[float]] = []

    def fit(self, train, ctx):
        for epoch in range(1, self.config.epochs + 1):
            ctx.stop_if_asked()
            Peak.now = (1 - abs(self.config.place - 0.7)) * min(epoch, 4) / 4 - 0.01 * max(0, epoch - 4)
            yield EpochReport(epoch, self.config.epochs, 1.0 / epoch)
        Peak.fitted.append(self.config.place)


@pytest.fixture(autouse=True)
def _own_figure(monkeypatch: pytest.MonkeyPatch):
    Peak.fitted = []
    monkeypatch.setattr(sweeping, "validation_ndcg", lambda *_: Peak.now)


def parts(shop: Dataset) -> Split:
    return time_split(shop.log, shop.catalogue.sellable)


def sweep(shop: Dataset, folder: Path, trials: int = 12, model: type[Recommender] = Peak, **options) -> Sweep:
    config = model.Config()
    space = search_space(model, config)
    return Sweep(model, config, space, shop, parts(shop), options.pop("limits", Limits(trials)), folder, **options)


def test_the_default_is_tried_first_and_the_peak_is_found(shop: Dataset, tmp_path: Path):
    trials = sweep(shop, tmp_path, 25).run()
    assert trials[0].settings == {"place": 0.1, "noise": 0.5}
    best = best_trial(trials)
    assert best is not None
    # The range is 0 to three times the default, so 0.3 is the nearest: 1 - 0.4.
    assert best.value == pytest.approx(1 - abs(best.settings["place"] - 0.7))
    assert 0.25 < best.settings["place"] <= 0.3
    assert best.epochs == 4
    assert len(best.curve) == 6
    assert [trial.number for trial in trials] == list(range(25))
    assert any(trial.state == "pruned" for trial in trials)
    found = importance(trials, search_space(Peak, PeakConfig()))
    assert next(iter(found)) == "place"
    assert sum(found.values()) == pytest.approx(1.0)


class Killed(BaseException):
    """The process is gone."""


@pytest.mark.parametrize("killed_after", [1, 6, 11])
def test_a_killed_sweep_ends_like_an_undisturbed_one(shop: Dataset, tmp_path: Path, killed_after: int):
    whole = sweep(shop, tmp_path / "whole", 14).run()

    def kill(trials: list[Trial]) -> None:
        if len(trials) == killed_after:
            raise Killed

    with pytest.raises(Killed):
        sweep(shop, tmp_path / "cut", 14, finished=kill).run()
    before = len(Peak.fitted)
    again = sweep(shop, tmp_path / "cut", 14).run()
    assert [(t.state, t.settings, t.value) for t in again] == [(t.state, t.settings, t.value) for t in whole]
    assert len(Peak.fitted) - before <= 14 - killed_after  # nothing is tried twice


def test_what_is_kept_is_json_without_anything_else(shop: Dataset, tmp_path: Path):
    sweep(shop, tmp_path, 3).run()
    assert [path.name for path in tmp_path.iterdir()] == ["trials.json"]
    assert len(json.loads((tmp_path / "trials.json").read_text())["trials"]) == 3
    (tmp_path / "trials.json").write_text("{")
    with pytest.raises(Corrupt, match="trials of this sweep are damaged"):
        read_trials(tmp_path)


def test_a_failing_trial_is_recorded_and_the_sweep_goes_on(shop: Dataset, tmp_path: Path):
    class Brittle(Peak):
        def fit(self, train, ctx):
            if self.config.noise > 0.5:
                raise TrainingFailed("Too noisy.", "Noise is above a half.")
            if 0.2 < self.config.noise < 0.3:
                yield EpochReport(1, 6, float("nan"))
            yield from super().fit(train, ctx)

    trials = sweep(shop, tmp_path, 15, Brittle).run()
    failed = [trial for trial in trials if trial.state == "failed"]
    assert failed
    assert {"Too noisy. Noise is above a half."} <= {trial.reason for trial in failed}
    assert all(trial.value is None for trial in failed)
    assert best_trial(trials) is not None
    assert len(trials) == 15


def test_when_nothing_works_the_reason_is_said(shop: Dataset, tmp_path: Path):
    class Broken(Peak):
        def fit(self, train, ctx):
            raise TrainingFailed("The data is wrong.", "All of it.")
            yield

    with pytest.raises(TrainingFailed, match=r"No trial of the sweep worked\. The data is wrong\. All of it\."):
        sweep(shop, tmp_path, 50, Broken).run()
    assert len(read_trials(tmp_path)[0]) == 3


def test_a_cancelled_sweep_keeps_what_is_done(shop: Dataset, tmp_path: Path):
    asked = iter([False] * 20 + [True] * 1000)
    with pytest.raises(Cancelled):
        sweep(shop, tmp_path, 12, should_stop=lambda: next(asked)).run()
    assert len(read_trials(tmp_path)[0]) == 3  # of 6 epochs each, cancelled in the fourth


def test_the_test_part_is_never_looked_at(shop: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.undo()  # the true figure
    split = parts(shop)
    hidden = Split("time", split.train, split.valid, None, None, 0, None, "")  # type: ignore[arg-type]
    model = model_class("item-knn")
    config = model.Config()
    trials = Sweep(model, config, search_space(model, config), shop, hidden, Limits(3), tmp_path).run()
    assert all(trial.value is not None for trial in trials)


def test_nobody_to_validate_on_is_said(shop: Dataset, tmp_path: Path):
    split = parts(shop)
    nobody = Targets(split.valid.histories.rows(np.arange(0)), np.zeros(1, np.int64), np.zeros(0, np.int32))
    empty = Split("time", split.train, nobody, split.past, split.test, split.cut_s, split.leakage, "")
    with pytest.raises(TrainingFailed, match="nobody to choose settings by"):
        Sweep(Peak, PeakConfig(), search_space(Peak, PeakConfig()), shop, empty, Limits(3), tmp_path).run()


def test_a_budget_leaves_time_for_the_best_one(shop: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    clock = iter(np.arange(0.0, 1e6, 1.0))  # a second passes whenever somebody looks
    monkeypatch.setattr(sweeping.time, "monotonic", lambda: float(next(clock)))
    trials = sweep(shop, tmp_path, limits=Limits(100, 200.0, later_share=2.0)).run()
    assert 1 < len(trials) < 40
    assert "has to fit into 3.33 min as well" in read_trials(tmp_path)[2]


def test_equal_values_choose_the_earlier_trial():
    made = [Trial(0, "done", {}, 0.5, 1), Trial(1, "done", {}, 0.5, 1), Trial(2, "failed", {}, 0.9, 1), Trial(3, "done", {}, None, 0)]
    assert best_trial(made) == made[0]
    assert best_trial([]) is None


def test_trials_survive_the_file(tmp_path: Path):
    made = [Trial(0, "done", {"a": 1, "b": "x", "c": False}, 0.25, 3, [{"epoch": 1, "metrics": {"ndcg@10": 0.25}}], 1.5, "why")]
    write_trials(tmp_path, made, 2.5, "over")
    assert read_trials(tmp_path) == (made, 2.5, "over")


@pytest.mark.parametrize("name", sorted(single_models()))
def test_every_model_has_a_space_around_its_defaults(name: str):
    model = single_models()[name]
    config = model.Config()
    for dimension in search_space(model, config):
        assert dimension.name not in ("epochs", "patience")
        if dimension.kind == "choice":
            assert dimension.default in dimension.choices
            tried = dimension.choices
        else:
            assert dimension.low <= dimension.default <= dimension.high
            assert not dimension.log or dimension.low > 0
            tried = (dimension.low, dimension.high)
        kind = int if dimension.kind == "int" else lambda value: value
        for value in tried:  # both ends are inside the bounds of the field
            model.Config.model_validate({dimension.name: kind(value)})


def test_ranges_follow_the_bounds_and_the_model():
    class Config(ModelConfig):
        rate: float = Field(default=0.001, gt=0.0, le=1.0)
        """Log."""
        share: float = Field(default=0.2, ge=0.0, le=1.0)
        """Linear."""
        layers: int = Field(default=2, ge=1, le=16)
        """Few."""
        width: int = Field(default=64, ge=2, le=1024)
        """Many."""
        heads: int = Field(default=8, ge=4, le=64, multiple_of=4)
        """Steps of four."""
        named: float = Field(default=0.5, ge=0.0, le=1.0, json_schema_extra={"search": {"low": 0.1, "high": 0.9}})
        """Its own range."""
        fixed: float = Field(default=0.5, ge=0.0, le=1.0)
        """Left alone."""
        off: int = Field(default=0, ge=0, le=10)
        """Off."""

    class Model(Peak):
        search: ClassVar = {"fixed": None}

    Model.Config = Config
    found = {d.name: (d.low, d.high, d.log, d.step) for d in search_space(Model, Config())}
    assert found["rate"] == pytest.approx((0.0001, 0.01, True, 1))
    assert found["share"] == pytest.approx((0.0, 0.6, False, 1))
    assert found["layers"] == (1, 4, False, 1)
    assert found["width"] == (16, 256, True, 1)
    assert found["heads"] == (4, 16, False, 4)
    assert found["named"] == (0.1, 0.9, False, 1)
    assert set(found) == {"rate", "share", "layers", "width", "heads", "named"}
    assert [d.name for d in search_space(Model, Config(), ("width", "rate"))] == ["width", "rate"]
    with pytest.raises(BadInput, match="no setting fixed to try"):
        search_space(Model, Config(), ("fixed",))


def test_leave_last_out_can_be_swept(shop: Dataset, tmp_path: Path):
    model = model_class("als")
    config = model.Config(factors=4, epochs=3)
    made = Sweep(model, config, search_space(model, config), shop, leave_last_out(shop.log), Limits(2), tmp_path).run()
    assert len(made) == 2
