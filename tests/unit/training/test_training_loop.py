"""The training loop: what it learns from, and that an interrupted training ends like an undisturbed one, bit for bit."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from recengine.data.dataset import Dataset
from recengine.data.events import EventLog
from recengine.data.split import Targets, leave_last_out, time_split
from recengine.errors import Cancelled, TrainingFailed
from recengine.models.base import EpochReport, FitContext
from recengine.models.registry import model_class
from recengine.training import loop as training_loop
from recengine.training.loop import Loop
from recengine.variants.record import state_hash


class Memory:
    """An observer that keeps everything, and may stop the training after some reports."""

    def __init__(self, stop_after: int | None = None, kept: tuple[dict[str, Any], dict[str, Tensor]] | None = None) -> None:
        self.stop_after, self.kept = stop_after, kept
        self.reports: list[EpochReport] = []
        self.phases: list[tuple[float, str]] = []

    def should_stop(self) -> bool:
        return self.stop_after is not None and len(self.reports) >= self.stop_after

    def phase(self, fraction: float, text: str) -> None:
        self.phases.append((fraction, text))

    def report(self, report: EpochReport) -> None:
        self.reports.append(report)

    def save(self, meta: dict[str, Any], tensors: dict[str, Tensor]) -> None:
        self.kept = (dict(meta), {name: tensor.clone() for name, tensor in tensors.items()})

    def saved(self) -> tuple[dict[str, Any], dict[str, Tensor]] | None:
        return self.kept


def train(shop: Dataset, model: str, observer: Memory, split: str = "time", **config: Any):
    kind = model_class(model)
    made = time_split(shop.log, shop.catalogue.sellable) if split == "time" else leave_last_out(shop.log)
    return Loop(kind, kind.Config(**config), shop, made, None, observer).run()


@pytest.fixture(autouse=True)
def _checkpoint_always(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(training_loop, "CHECKPOINT_EVERY_S", 0.0)


ALS = {"factors": 4, "epochs": 8, "unobserved_weight": 0.001}  # keeps four epochs of seven tried: every phase has some to lose


@pytest.fixture(scope="module")
def undisturbed(shop: Dataset):
    observer = Memory()
    return train(shop, "als", observer, **ALS), observer


@pytest.mark.parametrize("cut", [1, 4, 7, 9, 11, 13, 15])
def test_an_interrupted_training_ends_bit_equal(shop: Dataset, undisturbed, cut: int):
    whole, observer = undisturbed
    assert len(observer.reports) == 15  # 7 tuning, 4 judging, 4 serving: the cuts below fall into each
    stopped = Memory(stop_after=cut)
    with pytest.raises(Cancelled):
        train(shop, "als", stopped, **ALS)
    again = train(shop, "als", Memory(kept=stopped.kept), **ALS)
    assert state_hash(again.model.state()) == state_hash(whole.model.state())
    assert again.evaluation.estimates == whole.evaluation.estimates
    assert np.array_equal(again.pool.item_codes, whole.pool.item_codes)


def test_tuning_reports_validation_figures_and_progress_never_goes_back(undisturbed):
    whole, observer = undisturbed
    tuned = [entry for entry in whole.history if entry["phase"] == "tune"]
    assert tuned
    assert all(0 <= entry["metrics"]["ndcg@10"] <= 1 for entry in tuned)
    fractions = [fraction for fraction, _ in observer.phases]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0


def test_the_judged_model_sees_nothing_after_the_cut(shop: Dataset):
    """What happens after the cut may change the serving model and the answers, never the judged lists' scores."""
    split = time_split(shop.log, shop.catalogue.sellable)
    late = shop.log.times_s >= split.cut_s
    swapped = shop.log.item_codes.copy()
    swapped[late] = swapped[late][::-1]
    other = EventLog.build(shop.log.user_codes, swapped, shop.log.times_s, shop.log.n_users, shop.log.n_items)
    changed = Dataset("ds2", "Shop", "g", other, shop.catalogue, shop.users, shop.user_features)
    first, second = (train(data, "transitions", Memory()) for data in (shop, changed))
    of_first = dict(zip(first.evaluation.user_codes.tolist(), first.pool.scores.tolist(), strict=True))
    common = [code for code in second.evaluation.user_codes.tolist() if code in of_first]
    assert len(common) > 5
    of_second = dict(zip(second.evaluation.user_codes.tolist(), second.pool.scores.tolist(), strict=True))
    for code in common:
        np.testing.assert_array_equal(of_first[code], of_second[code])
    assert state_hash(first.model.state()) != state_hash(second.model.state())


def test_leave_last_out_keeps_the_judged_model(shop: Dataset):
    trained = train(shop, "item-knn", Memory(), split="leave-last")
    assert [entry["phase"] for entry in trained.history] == ["judge"]


def test_a_loss_that_is_no_number_fails_the_training(shop: Dataset, monkeypatch: pytest.MonkeyPatch):
    kind = model_class("als")
    whole = kind.fit

    def poisoned(self, train, ctx):
        for report in whole(self, train, ctx):
            yield EpochReport(report.epoch, report.of, float("nan") if report.epoch == 2 else report.loss)

    monkeypatch.setattr(kind, "fit", poisoned)
    with pytest.raises(TrainingFailed, match="after epoch 2"):
        train(shop, "als", Memory(), epochs=4)


def test_the_same_seed_gives_the_same_model(shop: Dataset, undisturbed):
    torch.rand(3)  # whatever was drawn before must not matter
    again = train(shop, "als", Memory(), **ALS)
    assert state_hash(again.model.state()) == state_hash(undisturbed[0].model.state())


def test_a_resume_after_the_last_epoch_can_itself_be_checkpointed(shop: Dataset):
    kind, log = model_class("als"), shop.log
    first = kind(kind.Config(factors=4, epochs=3))
    first.fit_all(log, FitContext(shop.catalogue))
    second = kind(kind.Config(factors=4, epochs=3))
    second.fit_all(log, FitContext(shop.catalogue, resume=(3, first.checkpoint())))
    assert state_hash(second.checkpoint()) == state_hash(first.checkpoint())


def test_without_validation_answers_the_epochs_stand(shop: Dataset):
    split = time_split(shop.log, shop.catalogue.sellable)
    nobody = Targets(split.valid.histories.rows(np.zeros(0, dtype=np.int64)), np.zeros(1, np.int64), np.zeros(0, np.int32))
    kind = model_class("als")
    trained = Loop(kind, kind.Config(factors=4, epochs=5), shop, replace(split, valid=nobody), None, Memory()).run()
    assert trained.model.config.epochs == 5
