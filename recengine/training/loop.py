"""The one training loop: tune, fit on the past, judge on what came after, fit again on everything for serving.

tune    models that learn in epochs: fit before the validation window, keep the epoch with the best NDCG@10
judge   fit on everything before the test cut; its lists on the test shoppers give the reported figures
serve   under a time split the same settings are fitted once more on all events; this model answers
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
import scipy.sparse as sp
import torch
from torch import Tensor

from recengine.data.dataset import Dataset
from recengine.data.events import EventLog
from recengine.data.histories import Histories
from recengine.data.split import Split
from recengine.errors import Cancelled, TrainingFailed
from recengine.evaluation.metrics.base import Shop
from recengine.evaluation.protocol import Evaluation, evaluate
from recengine.models.base import EpochReport, FitContext, ModelConfig, Recommender, TopK
from recengine.training.budget import Budget
from recengine.training.validation import VALIDATION_SHOPPERS, sample_of, validation_ndcg

POOL = 200  # places kept for each test shopper
PATIENCE = 3  # epochs without a better validation NDCG before tuning stops
CHECKPOINT_EVERY_S = 2.0
SAVING_SHARE = 20  # and never sooner than this many times what the last one took


class Observer(Protocol):
    """Who watches a training: a job, or a test."""

    def should_stop(self) -> bool:
        """True when somebody asked for the end."""
        ...

    def phase(self, fraction: float, text: str) -> None:
        """Share of the steps that is done, and what happens now."""
        ...

    def report(self, report: EpochReport) -> None:
        """One more epoch is done."""
        ...

    def save(self, meta: dict[str, Any], tensors: dict[str, Tensor]) -> None:
        """Keep a checkpoint."""
        ...

    def saved(self) -> tuple[dict[str, Any], dict[str, Tensor]] | None:
        """The checkpoint of an earlier attempt, if this one goes on from it."""
        ...


@dataclass(frozen=True, eq=False)
class Trained:
    """A finished training."""

    model: Recommender  # answers from now on
    evaluation: Evaluation  # of the same settings, fitted before the test cut
    pool: TopK  # the best POOL places of every test shopper by the judged model, what diversity settings are measured on
    history: list[dict[str, Any]]  # one entry a report: phase, epoch, of, loss, metrics
    seconds: float
    notes: tuple[str, ...] = ()  # what people should know about how it went, such as tuning cut short by the time budget
    judged: Recommender | None = None  # the one behind `evaluation`, which has seen nothing after the test cut


@dataclass(frozen=True)
class Tuned:
    """How many epochs a configuration needs, when somebody found out before."""

    epochs: int
    history: list[dict[str, Any]]  # entries as `Trained.history` holds them


class Recorded:
    """A model that keeps the longer lists it was asked for, so that the test shoppers are scored once."""

    def __init__(self, model: Recommender) -> None:
        self._model, self._made = model, list[TopK]()

    def recommend(self, histories: Histories, k: int, exclude: sp.csr_matrix | None = None, allow: np.ndarray | None = None) -> TopK:
        """The first k of POOL places."""
        made = self._model.recommend(histories, max(POOL, k), exclude=exclude, allow=allow)
        self._made.append(made)
        return TopK(made.item_codes[:, :k], made.scores[:, :k])

    def pool(self) -> TopK:
        """All lists so far, in the order they were asked for."""
        return TopK(np.concatenate([m.item_codes for m in self._made]), np.concatenate([m.scores for m in self._made]))


class Loop:
    """Runs one training; `run` may be called once."""

    def __init__(
        self,
        make: Callable[[ModelConfig], Recommender],
        config: ModelConfig,
        dataset: Dataset,
        split: Split,
        item_vectors: np.ndarray | None,
        observer: Observer,
        seed: int = 0,
        device: str = "cpu",
        budget_s: float | None = None,
        tuned: Tuned | None = None,
    ) -> None:
        """See the fields of a training job.

        Args:
            budget_s: seconds the whole training may take; tuning ends in time for the rest. None = no limit.
            tuned: the outcome of tuning, where it is known; then nothing is tuned.
        """
        self._make, self._config, self._dataset, self._split = make, config, dataset, split
        self._vectors, self._observer, self._seed, self._device = item_vectors, observer, seed, device
        self._budget, self._tuned = Budget(budget_s), tuned
        self._history: list[dict[str, Any]] = []
        self._notes: list[str] = []
        self._judged: Recommender | None = None
        self._fitted: dict[str, Recommender] = {}
        self._in_epochs = False
        self._fraction = 0.0
        self._save_from = time.monotonic() + CHECKPOINT_EVERY_S

    def run(self) -> Trained:
        """Train, judge and train for serving.

        Raises:
            Cancelled: the observer asked for the end; nothing was published.
            TrainingFailed: the model refused the data, or a loss was not a number.
        """
        started = time.monotonic()
        torch.manual_seed(self._seed)
        meta: dict[str, Any]
        meta, tensors = self._observer.saved() or ({"phase": ""}, {})
        self._history = list(meta.get("history", self._tuned.history if self._tuned else []))
        self._notes, self._budget.before_s = list(meta.get("notes", [])), float(meta.get("spent_s", 0.0))
        learns_in_epochs = self._in_epochs = self._make(self._config).can.epochs
        serve = self._split.kind == "time"
        steps = (["tune"] if learns_in_epochs else []) + ["judge"] + (["serve"] if serve else [])
        config = self._config
        if learns_in_epochs and self._tuned is not None:
            steps.remove("tune")
        if "best_epoch" in meta:
            config = config.model_copy(update={"epochs": meta["best_epoch"]})
        elif learns_in_epochs and self._tuned is not None:
            config = config.model_copy(update={"epochs": self._tuned.epochs})
        elif learns_in_epochs:
            best = self._tune(steps, meta, tensors)
            config = config.model_copy(update={"epochs": best})
            self._keep({"phase": "judge", "epoch": 0, "best_epoch": best}, force=True)
        best_epoch = {"best_epoch": config.epochs} if learns_in_epochs else {}  # type: ignore[attr-defined]
        if meta.get("phase") == "serve":
            judged = self._make(config)
            judged.load_state({name[7:]: value for name, value in tensors.items() if name.startswith("judged.")})
        else:
            judged = self._fit(config, self._split.past, "judge", steps, meta, tensors, best_epoch)
        self._judged = judged
        self._observer.phase((steps.index("judge") + 0.8) / len(steps), f"Judging on {len(self._split.test):,} shoppers")
        recorded = Recorded(judged)
        evaluation = evaluate(recorded, self._split, self._dataset.catalogue, self._vectors)
        self._check_stop()
        model = judged
        if serve:
            self._keep({"phase": "serve", "epoch": 0, **best_epoch}, force=True)
            model = self._fit(config, self._dataset.products_log, "serve", steps, meta, tensors, best_epoch)
        self._observer.phase(1.0, "Saving")
        return Trained(model, evaluation, recorded.pool(), self._history, time.monotonic() - started, tuple(self._notes), judged)

    def _tune(self, steps: list[str], meta: dict[str, Any], tensors: dict[str, Tensor]) -> int:
        """The number of epochs with the best validation NDCG@10."""
        targets = sample_of(self._split.valid, VALIDATION_SHOPPERS, self._seed)
        if len(targets) == 0:
            self._notes.append("Nobody could be validated on, so the number of epochs is the one of the settings.")
            return int(self._config.epochs)  # type: ignore[attr-defined]
        shop = Shop.of(self._split.train, self._dataset.catalogue.sellable)
        best_value, best_epoch, waited = -1.0, 1, 0
        patience = int(getattr(self._config, "patience", PATIENCE))
        if meta.get("phase") == "tune":
            best_value, best_epoch, waited = meta["best_value"], meta["best_so_far"], meta["waited"]
            if waited >= patience:
                return best_epoch
        model = self._make(self._config)

        def so_far(epoch: int) -> dict[str, Any]:
            return {"phase": "tune", "epoch": epoch, "best_value": best_value, "best_so_far": best_epoch, "waited": waited}

        later, judging = self._later_share(), 2.0 * len(self._split.test) / len(targets)  # twice: longer lists, more figures
        begun = time.monotonic()
        for report in model.fit(self._split.train, self._context("tune", meta, tensors, so_far)):
            fitted = time.monotonic()
            value = validation_ndcg(model, targets, shop)
            self._budget.measured(fitted - begun, time.monotonic() - fitted)
            best_value, best_epoch, waited = (value, report.epoch, 0) if value > best_value else (best_value, best_epoch, waited + 1)
            self._note(replace(report, metrics={**report.metrics, "ndcg@10": value}), "tune", steps)
            self._keep(so_far(report.epoch), model.checkpoint)
            if waited >= patience:
                break
            # The next epoch may turn out to be the best, and then each later step repeats all of them.
            if report.epoch < report.of and not self._budget.fits(report.epoch + 1, later, judging, more_epochs=1):
                self._say_budget(report, best_epoch, self._budget.fits(best_epoch, later, judging))
                break
            begun = time.monotonic()
        return best_epoch

    def _later_share(self) -> float:
        """Events of judging and serving, as a multiple of those of tuning."""
        events = len(self._split.past) + (len(self._dataset.products_log) if self._split.kind == "time" else 0)
        return events / max(1, len(self._split.train))

    def _say_budget(self, report: EpochReport, best: int, fits: bool) -> None:
        minutes = f"{(self._budget.seconds or 0) / 60:.3g} min"
        text = f"Tuning ended after {report.epoch} of {report.of} epochs, to fit into {minutes}. Epoch {best} ranked best."
        if not fits:
            text += " The rest takes longer all the same: choose the preset Quick, or more minutes."
        self._notes.append(text)
        self._observer.phase(self._fraction, text)

    def _fit(
        self,
        config: ModelConfig,
        log: EventLog,
        phase: str,
        steps: list[str],
        meta: dict[str, Any],
        tensors: dict[str, Tensor],
        best_epoch: dict[str, int],
    ) -> Recommender:
        model = self._make(config)
        text = "Learning from the past" if phase == "judge" else "Learning from all events"
        self._fraction = steps.index(phase) / len(steps)
        self._observer.phase(self._fraction, text)

        def so_far(epoch: int) -> dict[str, Any]:
            return {"phase": phase, "epoch": epoch, **best_epoch}

        for report in model.fit(log, self._context(phase, meta, tensors, so_far)):
            self._note(report, phase, steps)
            if model.can.epochs:
                self._keep(so_far(report.epoch), model.checkpoint)
        return model

    def _context(self, phase: str, meta: dict[str, Any], tensors: dict[str, Tensor], so_far: Callable[[int], dict[str, Any]]) -> FitContext:
        resume = None
        if meta.get("phase") == phase and any(name.startswith("model.") for name in tensors):
            resume = (int(meta["epoch"]), {name[6:]: value for name, value in tensors.items() if name.startswith("model.")})
        return FitContext(
            catalogue=self._dataset.catalogue,
            seed=self._seed,
            device=self._device,
            should_stop=self._observer.should_stop,
            resume=resume,
            fitted=self._fitted,
            note=lambda text: self._observer.phase(self._fraction, text),
            checkpoint=lambda epoch, make: self._keep(so_far(epoch), make),
        )

    def _note(self, report: EpochReport, phase: str, steps: list[str]) -> None:
        if report.loss is not None and not math.isfinite(report.loss):
            raise TrainingFailed(
                f"The loss is not a number after epoch {report.epoch}.",
                "The numbers of the model grew without bound.",
                "Lower the learning rate or raise the regularisation. Variants in use are untouched.",
            )
        self._history.append({"phase": phase, "epoch": report.epoch, "of": report.of, "loss": report.loss, "metrics": report.metrics})
        self._observer.report(report)
        done = steps.index(phase) + (0.8 if phase == "judge" else 1.0) * min(1.0, report.epoch / max(1, report.of))
        self._fraction = done / len(steps)
        self._observer.phase(self._fraction, _words(phase, report, self._in_epochs))
        self._check_stop()

    def _keep(self, meta: dict[str, Any], make: Callable[[], dict[str, Tensor]] = dict, force: bool = False) -> None:
        begun = time.monotonic()
        if not force and begun < self._save_from:
            return
        tensors = {f"model.{name}": tensor for name, tensor in make().items()}
        if self._judged is not None:
            tensors = {**tensors, **{f"judged.{name}": tensor for name, tensor in self._judged.state().items()}}
        self._observer.save({**meta, "history": self._history, "notes": self._notes, "spent_s": self._budget.spent_s()}, tensors)
        done = time.monotonic()
        self._save_from = done + max(CHECKPOINT_EVERY_S, SAVING_SHARE * (done - begun))

    def _check_stop(self) -> None:
        if self._observer.should_stop():
            raise Cancelled


def _words(phase: str, report: EpochReport, in_epochs: bool) -> str:
    step = {"tune": "Tuning", "judge": "Learning from the past", "serve": "Learning from all events"}[phase]
    if report.of == 1:
        return step
    return f"{step}: epoch {report.epoch} of up to {report.of}" if in_epochs else f"{step}: part {report.epoch} of {report.of}"
