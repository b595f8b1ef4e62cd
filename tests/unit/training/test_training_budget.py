"""The time budget: tuning ends while judging and serving still fit."""

from __future__ import annotations

import numpy as np
import pytest
from test_training_loop import Memory

from recengine.data.dataset import Dataset
from recengine.data.split import time_split
from recengine.models.base import EpochReport
from recengine.models.registry import model_class
from recengine.training import loop as training_loop
from recengine.training.budget import Budget
from recengine.training.loop import Loop, Tuned

ALS = {"factors": 4, "epochs": 30, "unobserved_weight": 0.001}


class Clock:
    """Time that passes only when told."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def monotonic(self) -> float:
        return self.now


def test_the_later_steps_are_planned_from_what_an_epoch_took():
    clock = Clock()
    budget = Budget(100.0, clock=clock)
    assert budget.fits(10_000, 2.0, 1.0)  # nothing measured yet
    budget.measured(5.0, 1.0)
    clock.now += 6.0
    # spent 6, one more epoch 5 + 1, then 2 epochs × 5 s × 2 and 1 s × 3, a tenth longer: 6 + 6 + 25.3
    assert Budget.fits(budget, 2, 2.0, 3.0, more_epochs=1)
    budget.seconds = 37.2
    assert not budget.fits(2, 2.0, 3.0, more_epochs=1)
    budget.seconds = 37.4
    assert budget.fits(2, 2.0, 3.0, more_epochs=1)


def test_earlier_attempts_count():
    budget = Budget(10.0, before_s=9.0, clock=Clock())
    budget.measured(1.0, 0.0)
    assert budget.spent_s() == 9.0
    assert not budget.fits(1, 1.0, 1.0)


def test_no_budget_never_ends_anything():
    budget = Budget(None, clock=Clock())
    budget.measured(1e9, 1e9)
    assert budget.fits(1000, 10.0, 10.0)


@pytest.fixture
def slow_als(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """iALS whose epochs take exactly ten seconds, and whose every epoch ranks better than the last."""
    clock = Clock()
    kind = model_class("als")
    whole = kind.fit

    def slowly(self, train, ctx):
        for report in whole(self, train, ctx):
            clock.now += 10.0
            yield EpochReport(report.epoch, report.of, report.loss)

    better = iter(np.linspace(0.1, 0.9, 100))
    monkeypatch.setattr(kind, "fit", slowly)
    monkeypatch.setattr(training_loop, "validation_ndcg", lambda *_: next(better))
    monkeypatch.setattr(training_loop.time, "monotonic", clock.monotonic)
    monkeypatch.setattr(training_loop, "Budget", lambda seconds: Budget(seconds, clock=clock))
    return clock


def run(shop: Dataset, observer: Memory, **options):
    kind = model_class("als")
    split = time_split(shop.log, shop.catalogue.sellable)
    return Loop(kind, kind.Config(**ALS), shop, split, None, observer, **options).run()


@pytest.mark.parametrize("budget_s", [100.0, 300.0])
def test_a_training_keeps_to_its_budget_and_says_so(shop: Dataset, slow_als: Clock, budget_s: float):
    before = slow_als.now
    trained = run(shop, Memory(), budget_s=budget_s)
    assert slow_als.now - before <= budget_s
    assert slow_als.now - before > budget_s / 2  # and makes use of it
    tuned = [entry for entry in trained.history if entry["phase"] == "tune"]
    assert 1 <= len(tuned) < 30
    assert f"Tuning ended after {len(tuned)} of 30 epochs" in trained.notes[0]
    assert trained.model.config.epochs == len(tuned)  # type: ignore[attr-defined]


@pytest.mark.usefixtures("slow_als")
def test_a_budget_that_is_too_short_trains_one_epoch_and_says_so(shop: Dataset):
    trained = run(shop, Memory(), budget_s=12.0)
    assert [entry["phase"] for entry in trained.history] == ["tune", "judge", "serve"]
    assert "takes longer all the same" in trained.notes[0]


def test_known_epochs_are_not_tuned_again(shop: Dataset):
    curve = [{"phase": "tune", "epoch": 1, "of": 30, "loss": 1.0, "metrics": {"ndcg@10": 0.5}}]
    trained = run(shop, Memory(), tuned=Tuned(3, curve))
    assert trained.history[0] == curve[0]
    assert [entry["phase"] for entry in trained.history[1:]] == ["judge"] * 3 + ["serve"] * 3
    assert trained.model.config.epochs == 3  # type: ignore[attr-defined]
