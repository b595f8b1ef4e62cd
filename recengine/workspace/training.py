"""Training variants: as a job that outlives the browser, or in this process for the command line."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from recengine.artefacts import plain
from recengine.errors import BadInput
from recengine.types import ModelCard, TrainingRequest
from recengine.workspace.context import Cache, Context
from recengine.workspace.doctor import library_versions
from recengine.workspace.variants import variant_row

if TYPE_CHECKING:
    import pyarrow as pa
    from torch import Tensor

    from recengine.data.dataset import Dataset
    from recengine.data.events import EventLog
    from recengine.data.split import Split
    from recengine.jobs.runner import JobContext
    from recengine.models.base import EpochReport, ModelConfig, Recommender, TopK
    from recengine.training.behaviour_weights import LearnedWeights
    from recengine.training.figures import DataFigures
    from recengine.training.loop import Trained
    from recengine.training.memory import MemoryPlan

SPLITS = ("time", "leave-last")
DEVICES = ("auto", "cpu", "cuda")
MAX_MINUTES = 14 * 24 * 60
FIGURES_KEPT = 8
LEARNING_SHARE = 0.25  # of the time budget, for the strengths of behaviours


@dataclass(frozen=True, eq=False)
class Prepared:
    """A training job's arguments made into what a loop takes."""

    model: type[Recommender]
    config: ModelConfig
    device: str
    dataset: Dataset
    split: Split
    vectors: np.ndarray
    seed: int
    budget_s: float | None
    learned: LearnedWeights | None = None


class Training:
    """Models, their settings, and trainings."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._figures = Cache(FIGURES_KEPT)

    def models(self) -> list[ModelCard]:
        """Every model that can be trained, the funnel last."""
        from recengine.workspace.models import all_models, model_card

        return [model_card(model) for model in all_models().values()]

    def presets(self, model: str, dataset: str | None = None, device: str = "auto") -> dict[str, dict[str, Any]]:
        """Settings of quick, balanced and thorough that differ from the defaults; with a dataset, as its size asks for."""
        from recengine.workspace.models import PRESETS

        return {preset: self.settings(model, preset, dataset, device) for preset in PRESETS}

    def settings(self, model: str, preset: str = "balanced", dataset: str | None = None, device: str = "auto") -> dict[str, Any]:
        """Settings of one preset that differ from the defaults. Raises as `submit` does."""
        from recengine.training.presets import FROM_DATA, preset_settings
        from recengine.workspace.models import class_of, make_config

        kind = class_of(model)
        make_config(model, {}, preset)  # an unknown preset is told
        data = self.figures(dataset) if dataset is not None and FROM_DATA & set(kind.Config.model_fields) else None
        return preset_settings(kind, preset, data, pick_device(device))

    def figures(self, dataset: str) -> DataFigures:
        """What the log is like: events per shopper, density, repeats, order. About a second a million events, then kept."""
        from recengine.training.figures import figures_of

        return self._figures.get(dataset, lambda: figures_of(self._context.dataset(dataset)))

    def behaviours(self, dataset: str) -> dict[str, float]:
        """What each kind of event in this dataset counts by default, the most frequent first."""
        from recengine.columns import BEHAVIOUR_WEIGHT, Behaviour

        found = self._context.datasets.info(dataset).behaviours
        return {name: BEHAVIOUR_WEIGHT[Behaviour(name)] for name in sorted(found, key=lambda name: -found[name]) if found[name]}

    def memory(self, dataset: str, model: str, config: ModelConfig, device: str = "auto") -> MemoryPlan:
        """What a training needs beside what is free now."""
        from recengine.training.memory import plan_memory
        from recengine.workspace.models import class_of

        info = self._context.datasets.info(dataset)
        return plan_memory(class_of(model), config, info.n_users, info.n_items, info.n_events, pick_device(device))

    def submit(self, request: TrainingRequest) -> str:
        """Queue a training; returns the job's id. Everything that can be refused is refused here.

        Raises:
            BadInput, NotFound: an unknown dataset, model, setting, device, split or behaviour.
            TrainingFailed: the model cannot fit into the memory that is free.
        """
        arguments = self.arguments(request)
        return self._context.jobs.submit("train", arguments, self.title(arguments))

    def arguments(self, request: TrainingRequest) -> dict[str, Any]:
        """What a training job is told, checked. Raises as `submit` does."""
        from recengine.data.standing import weight_table
        from recengine.training.memory import refuse_hopeless
        from recengine.workspace.models import class_of, make_config

        r = request
        self._context.datasets.info(r.dataset)
        if r.split not in SPLITS:
            raise BadInput(f"There is no split called {r.split}.", "", f"Choose one of: {', '.join(SPLITS)}.")
        pick_device(r.device)
        settings = self.settings(r.model, r.preset, r.dataset, r.device)
        made = make_config(r.model, {**settings, **r.config}, r.preset)
        weight_table(r.weights)
        if r.minutes is not None and not 0 < r.minutes <= MAX_MINUTES:  # NaN is neither
            raise BadInput(f"The time budget cannot be {r.minutes} minutes.", "", f"Choose more than 0 and at most {MAX_MINUTES:,}.")
        refuse_hopeless(self.memory(r.dataset, r.model, made, r.device), class_of(r.model).title)
        if not 0 <= r.seed < 2**31:
            raise BadInput(f"The seed cannot be {r.seed}.", "", "Choose a whole number from 0 to 2,147,483,647.")
        return asdict(r) | {"settings": settings}

    def title(self, arguments: dict[str, Any]) -> str:
        """What a training is called in the list of jobs."""
        from recengine.workspace.models import class_of

        return f"{arguments['name'] or class_of(arguments['model']).title} on {self._context.datasets.info(arguments['dataset']).name}"

    def run(self, job: JobContext, arguments: dict[str, Any]) -> dict[str, Any]:
        """The job: train, judge and publish one variant; returns its id and figures."""
        from recengine.training.loop import Loop

        reserved, started = job.reserve("va"), time.monotonic()
        if self._context.variants.exists(reserved):
            return self.result(reserved)  # an earlier attempt of this job was killed after it had published
        p = self.prepare(job, arguments)
        loop = Loop(p.model, p.config, p.dataset, p.split, p.vectors, JobObserver(job), p.seed, p.device, p.budget_s)
        self.publish(reserved, loop.run(), p, arguments, time.monotonic() - started, job)
        return self.result(reserved)

    def prepare(self, job: JobContext, arguments: dict[str, Any]) -> Prepared:
        """Load what a training job names. Raises what `submit` raises, as things may have changed since."""
        from recengine.data.split import leave_last_out, time_split
        from recengine.training.memory import refuse_hopeless
        from recengine.workspace.models import class_of, make_config

        model = class_of(arguments["model"])
        changes = {**arguments.get("settings", {}), **arguments.get("config", {})}
        config = make_config(arguments["model"], changes, arguments.get("preset", "balanced"))
        device = pick_device(arguments.get("device", "auto"))
        refuse_hopeless(self.memory(arguments["dataset"], arguments["model"], config, device), model.title)
        job.progress(0.0, "Loading the events")
        dataset = self._context.dataset(arguments["dataset"]).weighted(arguments.get("weights", {}))
        by_time = arguments.get("split", "time") == "time"

        def split_of(log: EventLog) -> Split:
            return time_split(log, dataset.catalogue.sellable) if by_time else leave_last_out(log)

        split, seed, minutes = split_of(dataset.products_log), int(arguments.get("seed", 0)), arguments.get("minutes")
        budget_s, learned = 60.0 * minutes if minutes is not None else None, None
        if arguments.get("learn_weights"):
            from recengine.training.behaviour_weights import learn_weights

            begun, limit_s = time.monotonic(), None if budget_s is None else LEARNING_SHARE * budget_s
            start = arguments.get("weights", {})
            learned = learn_weights(
                split, dataset.catalogue, model, config, start, seed, job.should_stop, lambda text: job.progress(0.0, text), limit_s
            )
            dataset = dataset.weighted(learned.weights)
            split = split_of(dataset.products_log)
            budget_s = None if budget_s is None else max(1.0, budget_s - (time.monotonic() - begun))
        vectors = self._context.item_vectors(dataset.id)
        return Prepared(model, config, device, dataset, split, vectors, seed, budget_s, learned)

    def result(self, variant: str) -> dict[str, Any]:
        """What a training job leaves in its row."""
        row = variant_row(self._context.variants.info(variant), {})
        metrics = {name: [e.value, e.low, e.high] for name, e in row.metrics.items()}
        return plain({"variant": variant, "metrics": metrics, "seconds": row.seconds, "device": row.device})

    def publish(
        self,
        variant: str,
        trained: Trained,
        prepared: Prepared,
        arguments: dict[str, Any],
        seconds: float,
        job: JobContext,
        more: dict[str, Any] | None = None,
    ) -> None:
        """Keep a finished training as a variant; `more` are further tables of its evaluation."""
        from recengine.data.standing import all_weights
        from recengine.evaluation.judged_on import judged_on
        from recengine.variants.record import VariantRecord
        from recengine.workspace.funnel import funnel_tables
        from recengine.workspace.models import class_of

        dataset, split, learned = prepared.dataset, prepared.split, prepared.learned
        evaluation = trained.evaluation
        shoppers, summary = evaluation.to_tables()
        record = VariantRecord(
            id=variant,
            name=arguments.get("name") or class_of(arguments["model"]).title,
            model=arguments["model"],
            config=trained.model.config.model_dump(mode="json"),
            dataset_id=dataset.id,
            dataset_fingerprint=dataset.fingerprint,
            split_kind=split.kind,
            protocol={
                "text": f"{evaluation.protocol} {split.leakage.warning}".strip(),
                "shoppers": len(evaluation),
                "leakage": asdict(split.leakage),
                "model_title": trained.model.title,
                "notes": ([learned.note()] if learned else []) + list(trained.notes),
                "minutes": arguments.get("minutes"),
                "swept": arguments.get("swept", 0),
                "judged_on": judged_on(split, dataset.catalogue.sellable),
            },
            weights=all_weights(learned.weights if learned else arguments.get("weights", {})),
            seed=int(arguments.get("seed", 0)),
            device=prepared.device,
            versions=library_versions(),
            seconds=seconds,
            epochs=trained.history,
            metrics=plain({name: [e.value, e.low, e.high, e.n] for name, e in evaluation.estimates.items()}),
        )
        own: dict[str, Any] = {}
        if arguments["model"] == "funnel":
            job.progress(1.0, "Measuring what the signals add")
            own = funnel_tables(trained, dataset, split, prepared.seed)
        tables = {"shoppers": shoppers, "summary": summary, "pool": _pool_table(trained.pool), **own, **(more or {})}
        self._context.variants.publish(record, trained.model.state(), tables, fence=job.fence())


def _pool_table(pool: TopK) -> pa.Table:
    """One row a test shopper: the item codes and scores that diversity settings choose from."""
    import pyarrow as pa

    offsets = pa.array(np.arange(len(pool.item_codes) + 1) * pool.item_codes.shape[1], pa.int32())
    columns = {"items": pa.array(pool.item_codes.ravel(), pa.int32()), "scores": pa.array(pool.scores.ravel(), pa.float64())}
    return pa.table({name: pa.ListArray.from_arrays(offsets, values) for name, values in columns.items()})


class JobObserver:
    """Lets a job watch a training: progress, curves, cancel and checkpoints."""

    def __init__(self, job: JobContext) -> None:
        self._job, self._started = job, time.monotonic()
        self._first: float | None = None  # share that was done when this attempt began

    def should_stop(self) -> bool:
        """True once somebody cancelled the job."""
        return self._job.should_stop()

    def phase(self, fraction: float, text: str) -> None:
        """Progress, with the time left at the speed so far."""
        gone = time.monotonic() - self._started
        if self._first is None:
            self._first = fraction
        done = fraction - self._first
        eta = gone * (1 - fraction) / done if done > 0.1 and gone > 2 else None
        self._job.progress(fraction, text, eta)

    def report(self, report: EpochReport) -> None:
        """One point of the live curves."""
        self._job.report(report.epoch, report.of, report.loss, report.metrics)

    def save(self, meta: dict[str, Any], tensors: dict[str, Tensor]) -> None:
        """Keep a checkpoint in the job's folder."""
        from recengine.variants.checkpoint import save_checkpoint

        save_checkpoint(self._job.checkpoint_dir, tensors, meta)

    def saved(self) -> tuple[dict[str, Any], dict[str, Tensor]] | None:
        """The checkpoint to go on from, when the job was resumed."""
        from recengine.variants.checkpoint import load_checkpoint

        found = load_checkpoint(self._job.checkpoint_dir) if self._job.resumed else None
        return (found[1], found[0]) if found else None


def pick_device(wanted: str) -> str:
    """cpu or cuda; auto takes the GPU when there is one.

    Raises:
        BadInput: an unknown device, or a GPU that is not there.
    """
    if wanted not in DEVICES:
        raise BadInput(f"There is no device called {wanted}.", "", f"Choose one of: {', '.join(DEVICES)}.")
    if wanted == "cpu":
        return "cpu"
    import torch

    if torch.cuda.is_available():
        return "cuda"
    if wanted == "cuda":
        raise BadInput("This machine has no GPU that torch can use.", "", "Choose auto or cpu.")
    return "cpu"
