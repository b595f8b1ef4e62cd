"""Sweeps: many settings of one model tried as one job; the best becomes a variant."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from recengine.errors import BadInput
from recengine.types import SweepView, SweptField, TrainingRequest, TrialView
from recengine.workspace.context import Context
from recengine.workspace.training import JobObserver, Prepared, Training

if TYPE_CHECKING:
    from recengine.jobs.runner import JobContext
    from recengine.models.base import EpochReport
    from recengine.training.space import Dimension
    from recengine.training.sweep import Limits
    from recengine.training.trials import Trial

DEFAULT_TRIALS = 20
TRIALS_SHARE = 0.8  # of the bar; the rest is the training of the best one
TABLE = "sweep"


class Sweeps:
    """Tries settings on the validation part; the test part judges the best one alone, as in any training."""

    def __init__(self, context: Context, training: Training) -> None:
        self._context, self._training = context, training

    def submit(self, request: TrainingRequest, trials: int = DEFAULT_TRIALS, fields: tuple[str, ...] = ()) -> str:
        """Queue a sweep; returns the job's id.

        Args:
            request: as for a training; its settings are those of the first trial, its minutes those of all trials and the last training.
            trials: settings tried at most.
            fields: names of the settings to vary; all that have a range where empty.

        Raises:
            BadInput, NotFound, TrainingFailed: as for a training, and a field or number of trials that cannot be.
        """
        arguments = self.arguments(request, trials, fields)
        return self._context.jobs.submit("sweep", arguments, self.title(arguments))

    def arguments(self, request: TrainingRequest, trials: int = DEFAULT_TRIALS, fields: tuple[str, ...] = ()) -> dict[str, Any]:
        """What a sweep job is told, checked. Raises as `submit` does."""
        from recengine.training.sweep import MAX_TRIALS

        if not 1 <= trials <= MAX_TRIALS:
            raise BadInput(f"A sweep cannot have {trials} trials.", "", f"Choose 1 to {MAX_TRIALS}.")
        arguments = self._training.arguments(request) | {"trials": trials, "fields": list(fields)}
        self._space(arguments)
        return arguments

    def title(self, arguments: dict[str, Any]) -> str:
        """What a sweep is called in the list of jobs."""
        return f"Sweep of {self._training.title(arguments)}"

    def fields(self, model: str, config: dict[str, Any] | None = None, preset: str = "balanced") -> tuple[SweptField, ...]:
        """What a sweep of a model can vary, and how far; empty where there is nothing."""
        try:
            return tuple(_field(d) for d in self._space({"model": model, "config": config or {}, "preset": preset}))
        except BadInput:
            return ()

    def run(self, job: JobContext, arguments: dict[str, Any]) -> dict[str, Any]:
        """The job: try, then train the best as any training; returns the variant's id and figures."""
        from recengine.training.loop import Loop, Tuned
        from recengine.training.sweep import Limits, Sweep
        from recengine.training.trials import best_trial, read_trials

        reserved, started = job.reserve("va"), time.monotonic()
        if self._context.variants.exists(reserved):
            return self._training.result(reserved)
        p = self._training.prepare(job, arguments)
        space = self._space(arguments)
        limits = Limits(int(arguments.get("trials", DEFAULT_TRIALS)), p.budget_s, _later_share(p))
        watcher = _Watcher(job, limits)
        sweep = Sweep(
            p.model, p.config, space, p.dataset, p.split, limits, job.checkpoint_dir, job.should_stop, watcher.trying, watcher.tried,
            p.seed, p.device,
        )  # fmt: skip
        best = best_trial(sweep.run())
        if best is None:
            raise AssertionError("a sweep ends with a best trial or an error")
        config = type(p.config).model_validate({**p.config.model_dump(), **best.settings})
        tuned = Tuned(best.epochs, best.curve) if p.model.can.epochs else None
        trained = Loop(p.model, config, p.dataset, p.split, p.vectors, watcher, p.seed, p.device, None, tuned).run()
        trials, spent_s, ended = read_trials(job.checkpoint_dir)
        table = {"trials": [asdict(trial) for trial in trials], "spent_s": spent_s, "ended": ended, "space": [asdict(d) for d in space]}
        # Earlier attempts are counted by the trials they kept.
        seconds = max(time.monotonic() - started, spent_s)
        self._training.publish(reserved, trained, p, {**arguments, "swept": len(trials)}, seconds, job, {TABLE: table})
        return self._training.result(reserved) | {"trials": len(trials)}

    def get(self, job: str) -> SweepView | None:
        """The trials of a sweep job, also while it runs; None where its variant was deleted. Raises NotFound."""
        from recengine.training.trials import read_trials

        found = self._context.jobs.get(job)
        variant = (found.result or {}).get("variant")
        if variant:
            return self.of_variant(variant) if self._context.variants.exists(variant) else None
        trials, _, ended = read_trials(self._context.settings.jobs_dir / found.id)
        return _view(found.arguments["model"], trials, self._space(found.arguments), ended)

    def of_variant(self, variant: str) -> SweepView | None:
        """The sweep a variant is the best trial of; None for one that was trained alone. Raises NotFound."""
        return self._context.views.get(("sweep", variant), lambda: self._read(variant))

    def _read(self, variant: str) -> SweepView | None:
        from recengine.training.space import Dimension
        from recengine.training.trials import trials_of

        table = self._context.variants.read_evaluation(variant).get(TABLE)
        if table is None:
            return None
        rows: list[dict[str, Any]] = [{**row, "choices": tuple(row["choices"])} for row in table["space"]]
        space = [Dimension(**row) for row in rows]
        return _view(self._context.variants.info(variant).model, trials_of(table["trials"]), space, table["ended"])

    def _space(self, arguments: dict[str, Any]) -> list[Dimension]:
        from recengine.training.space import search_space
        from recengine.workspace.models import class_of, make_config

        changes = {**arguments.get("settings", {}), **arguments.get("config", {})}
        config = make_config(arguments["model"], changes, arguments.get("preset", "balanced"))
        return search_space(class_of(arguments["model"]), config, tuple(arguments.get("fields", ())))


class _Watcher(JobObserver):
    """Lets a job watch a sweep: the trials fill most of the bar and the curve, the training of the best one the rest of the bar."""

    def __init__(self, job: JobContext, limits: Limits) -> None:
        super().__init__(job)
        self._limits = limits
        self._best = 0.0

    def trying(self, fraction: float, text: str) -> None:
        """Progress of the trials."""
        super().phase(TRIALS_SHARE * fraction, text)

    def tried(self, trials: list[Trial]) -> None:
        """One point of the live curve a trial: its figure, and the best so far."""
        last = trials[-1]
        if last.value is not None:
            self._best = max(self._best, *(t.value for t in trials if t.value is not None))
            self._job.report(last.number + 1, self._limits.trials, None, {"ndcg@10": last.value, "best": self._best})

    def phase(self, fraction: float, text: str) -> None:
        super().phase(TRIALS_SHARE + (1 - TRIALS_SHARE) * fraction, f"Training the best one. {text}")

    def report(self, report: EpochReport) -> None:
        """The curve is that of the trials."""


def _later_share(p: Prepared) -> float:
    serving = len(p.dataset.products_log) if p.split.kind == "time" else 0
    return (len(p.split.past) + serving) / max(1, len(p.split.train))


def _view(model: str, trials: list[Trial], space: list[Dimension], ended: str) -> SweepView:
    from recengine.training.sweep import importance
    from recengine.training.trials import best_trial

    rows = tuple(TrialView(t.number, t.state, t.settings, t.value, t.epochs, t.seconds, t.reason) for t in trials)
    best = best_trial(trials)
    return SweepView(model, rows, tuple(_field(d) for d in space), importance(trials, space), best.number if best else None, ended)


def _field(dimension: Dimension) -> SweptField:
    choice = dimension.kind == "choice"
    low, high = (None, None) if choice else (float(dimension.low), float(dimension.high))
    return SweptField(dimension.name, low, high, dimension.log, dimension.choices, dimension.default)
