"""Sweeps: Optuna proposes settings, each is fitted on the training part and judged on the validation part alone.

The trials are kept as our own JSON and fed back to Optuna after a kill, so nothing is ever unpickled. What is proposed next depends
on the seed, the number of trials and their results alone, so a resumed sweep goes on as an undisturbed one would, as long as time
does not decide.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from recengine.data.dataset import Dataset
from recengine.data.split import Split
from recengine.errors import Cancelled, MerchlensError, TrainingFailed
from recengine.evaluation.metrics.base import Shop
from recengine.models.base import FitContext, ModelConfig, Recommender
from recengine.training.budget import CAUTION
from recengine.training.loop import PATIENCE
from recengine.training.space import Dimension
from recengine.training.trials import DONE, FAILED, PRUNED, Trial, best_trial, read_trials, write_trials
from recengine.training.validation import VALIDATION_SHOPPERS, sample_of, validation_ndcg

if TYPE_CHECKING:
    import optuna

STARTUP_TRIALS = 5  # drawn at random, the default among them, before results guide the choice; and before anything is pruned
PATIENT_EPOCHS = 2  # of a trial before it may be pruned
MAX_TRIALS = 500
ENOUGH_TO_EXPLAIN = 8  # finished trials
ALL_FAILED = 3  # trials from the start without one that worked: the data is at fault, not the settings
FAILURES = (MerchlensError, RuntimeError, ValueError, ArithmeticError, MemoryError, np.linalg.LinAlgError)
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Limits:
    """When a sweep ends; whichever comes first."""

    trials: int = 20
    seconds: float | None = None  # in all, the training of the best one included
    later_share: float = 2.0  # events that this training learns from, as a multiple of those of a trial


class Sweep:
    """Tries configurations of one model; `run` may be called once.

    Args:
        make: config → unfitted model.
        config: what the first trial uses, and all others for the settings that are not varied.
        space: what is varied.
        dataset, split: only `split.train` and `split.valid` are ever looked at.
        folder: where trials are kept; those already there are not tried again.
        should_stop: asked at least once a batch; True raises Cancelled out of `run`.
        progress: called with the share done and what happens now.
        finished: called after every trial with all trials so far.
    """

    def __init__(
        self,
        make: Callable[[ModelConfig], Recommender],
        config: ModelConfig,
        space: list[Dimension],
        dataset: Dataset,
        split: Split,
        limits: Limits,
        folder: Path,
        should_stop: Callable[[], bool] = lambda: False,
        progress: Callable[[float, str], None] = lambda fraction, text: None,
        finished: Callable[[list[Trial]], None] = lambda trials: None,
        seed: int = 0,
        device: str = "cpu",
    ) -> None:
        self._make, self._config, self._space, self._dataset, self._split = make, config, space, dataset, split
        self._limits, self._folder, self._stop, self._progress, self._finished = limits, folder, should_stop, progress, finished
        self._seed, self._device = seed, device
        self._trials: list[Trial] = []

    def run(self) -> list[Trial]:
        """Try until the limits are reached.

        Returns:
            Every trial; at least one has a value.

        Raises:
            TrainingFailed: no shopper to validate on, or no trial worked.
            Cancelled: `should_stop` was true; the trials so far are kept in the folder.
        """
        self._trials, spent_s, ended = read_trials(self._folder)
        if ended:
            return self._trials
        self._targets = sample_of(self._split.valid, VALIDATION_SHOPPERS, self._seed)
        if len(self._targets) == 0:
            raise TrainingFailed(
                "There is nobody to choose settings by.",
                "No shopper chooses a new item in the validation part of the period.",
                "Import a longer period, or train the model with its own settings.",
            )
        self._shop = Shop.of(self._split.train, self._dataset.catalogue.sellable)
        self._started = time.monotonic() - spent_s
        study = self._study()
        while not (ended := self._over()):
            number = len(self._trials)
            self._progress(self._share(), f"Trial {number + 1} of up to {self._limits.trials}")
            trial = self._next(study, number)
            self._trials.append(trial)
            self._tell(study, trial)
            write_trials(self._folder, self._trials, self._spent())
            self._finished(self._trials)
        if best_trial(self._trials) is None:
            reason = self._trials[-1].reason if self._trials else "None was tried."
            raise TrainingFailed("No trial of the sweep worked.", reason, "Change the settings, or train another model.")
        write_trials(self._folder, self._trials, self._spent(), ended)
        return self._trials

    def _spent(self) -> float:
        return time.monotonic() - self._started

    def _planned(self, trial_s: float = 0.0) -> float:
        """Seconds so far, and for the training of the best trial, which may be the one that runs since `trial_s`."""
        best = best_trial(self._trials)
        return self._spent() + max(best.seconds if best else 0.0, trial_s) * self._limits.later_share * CAUTION

    def _share(self) -> float:
        by_time = self._planned() / self._limits.seconds if self._limits.seconds else 0.0
        return min(1.0, max(len(self._trials) / self._limits.trials, by_time))

    def _over(self) -> str:
        """Why no more trials are made; "" while there are more."""
        if len(self._trials) >= self._limits.trials:
            return f"All {self._limits.trials} trials are done."
        if self._limits.seconds is not None and self._trials and self._planned() >= self._limits.seconds:
            return f"The best one has to fit into {self._limits.seconds / 60:.3g} min as well."
        if len(self._trials) >= ALL_FAILED and all(trial.state == FAILED for trial in self._trials):
            return f"The first {len(self._trials)} trials failed."
        return ""

    def _study(self) -> optuna.Study:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        study = optuna.create_study(direction="maximize", pruner=optuna.pruners.MedianPruner(STARTUP_TRIALS, PATIENT_EPOCHS))
        for trial in self._trials:
            self._tell(study, trial)
        return study

    def _tell(self, study: optuna.Study, trial: Trial) -> None:
        """Let Optuna know of a trial, whether it ended now or before a kill."""
        import optuna

        states = optuna.trial.TrialState
        curve = {entry["epoch"]: entry["metrics"]["ndcg@10"] for entry in trial.curve}
        # A trial that was pruned counts with what it had reached.
        state = states.FAIL if trial.value is None else states.PRUNED if trial.state == PRUNED else states.COMPLETE
        study.add_trial(
            optuna.trial.create_trial(
                state=state,
                value=trial.value if state is states.COMPLETE else None,
                params=trial.settings,
                distributions={dimension.name: distribution(dimension) for dimension in self._space},
                intermediate_values=curve,
            )
        )

    def _propose(self, study: optuna.Study, number: int) -> dict[str, Any]:
        """The settings of a trial: the first is the configuration as it is."""
        import optuna

        if number == 0:
            return {dimension.name: dimension.default for dimension in self._space}
        # A sampler of its own for each number, so that a resumed sweep proposes what an undisturbed one would.
        study.sampler = optuna.samplers.TPESampler(n_startup_trials=STARTUP_TRIALS, multivariate=True, seed=self._seed * 10_007 + number)
        asked = study.ask({dimension.name: distribution(dimension) for dimension in self._space})
        found = dict(asked.params)
        study.tell(asked, state=optuna.trial.TrialState.FAIL)  # only asked for its settings; `_tell` adds what became of it
        return {dimension.name: _readable(found[dimension.name], dimension) for dimension in self._space}

    def _next(self, study: optuna.Study, number: int) -> Trial:
        settings = self._propose(study, number)
        begun = time.monotonic()
        curve: list[dict[str, Any]] = []
        state, reason = DONE, ""
        try:
            config = type(self._config).model_validate({**self._config.model_dump(), **settings})
            state, reason = self._fit(config, study, curve)
        except Cancelled:
            raise
        except FAILURES as failure:
            state, reason = FAILED, _why(failure)
            log.warning("trial %s failed: %s", number, failure, exc_info=not isinstance(failure, MerchlensError))
        best = max(curve, key=lambda entry: entry["metrics"]["ndcg@10"], default=None) if state != FAILED else None
        value = None if best is None else float(best["metrics"]["ndcg@10"])
        if best is None and not reason:
            state, reason = FAILED, "It could not be judged."
        return Trial(number, state, settings, value, best["epoch"] if best else 0, curve, time.monotonic() - begun, reason)

    def _fit(self, config: ModelConfig, study: optuna.Study, curve: list[dict[str, Any]]) -> tuple[str, str]:
        """Fit one configuration; its curve is filled. Returns how it ended and why."""
        model = self._make(config)
        torch.manual_seed(self._seed)
        patience = int(getattr(config, "patience", PATIENCE))
        context = FitContext(self._dataset.catalogue, self._seed, self._device, self._stop)
        begun, best, best_epoch = time.monotonic(), -math.inf, 0
        loss: float | None = None
        report = None
        for report in model.fit(self._split.train, context):
            loss = report.loss
            if loss is not None and not math.isfinite(loss):
                raise TrainingFailed(f"The loss is not a number after epoch {report.epoch}.", "The numbers grew without bound.")
            if not model.can.epochs:
                continue  # such models may answer only after their last report
            value = self._judge(model, report.epoch, report.of, loss, curve)
            best, best_epoch = (value, report.epoch) if value > best else (best, best_epoch)
            if report.epoch - best_epoch >= patience:
                return DONE, ""
            if self._limits.seconds is not None and self._planned(time.monotonic() - begun) >= self._limits.seconds:
                return DONE, "Ended early: the time was over."
            if report.epoch < report.of and self._hopeless(study, curve):
                return PRUNED, f"Worse than the median of the other trials after epoch {report.epoch}."
        if report is not None and not model.can.epochs:
            self._judge(model, 1, 1, loss, curve)
        return DONE, ""

    def _judge(self, model: Recommender, epoch: int, of: int, loss: float | None, curve: list[dict[str, Any]]) -> float:
        value = validation_ndcg(model, self._targets, self._shop)
        curve.append({"phase": "tune", "epoch": epoch, "of": of, "loss": loss, "metrics": {"ndcg@10": value}})
        return value

    def _hopeless(self, study: optuna.Study, curve: list[dict[str, Any]]) -> bool:
        """What the pruner says of a curve so far."""
        import optuna

        values = {entry["epoch"]: entry["metrics"]["ndcg@10"] for entry in curve}
        so_far = optuna.trial.create_trial(state=optuna.trial.TrialState.RUNNING, intermediate_values=values)
        return study.pruner.prune(study, so_far)


def distribution(dimension: Dimension) -> optuna.distributions.BaseDistribution:
    """A dimension in Optuna's words."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    if dimension.kind == "choice":
        return CategoricalDistribution(dimension.choices)
    if dimension.kind == "int":
        return IntDistribution(int(dimension.low), int(dimension.high), log=dimension.log, step=dimension.step)
    return FloatDistribution(dimension.low, dimension.high, log=dimension.log)


def importance(trials: list[Trial], space: list[Dimension]) -> dict[str, float]:
    """Share of the differences between trials that each setting explains (PED-ANOVA), largest first; empty below 8 finished trials.

    Source: Watanabe, Bansal, Hutter, PED-ANOVA, IJCAI 2023.
    """
    import optuna

    finished = [trial for trial in trials if trial.state == DONE and trial.value is not None]
    if len(finished) < ENOUGH_TO_EXPLAIN or len({trial.value for trial in finished}) < 2:
        return {}
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(direction="maximize")
    kinds = {dimension.name: distribution(dimension) for dimension in space}
    for trial in finished:
        study.add_trial(optuna.trial.create_trial(value=trial.value, params=trial.settings, distributions=kinds))
    found = optuna.importance.get_param_importances(study, evaluator=optuna.importance.PedAnovaImportanceEvaluator())
    total = sum(found.values())
    return {name: float(value) / total for name, value in found.items()} if total > 0 else {}


def _readable(value: Any, dimension: Dimension) -> Any:
    """A float with four digits, inside the range."""
    return min(dimension.high, max(dimension.low, float(f"{value:.4g}"))) if dimension.kind == "float" else value


def _why(failure: BaseException) -> str:
    if isinstance(failure, MerchlensError):
        return " ".join(part for part in (failure.what, failure.why) if part)
    return f"{type(failure).__name__}: {failure}"[:300]
