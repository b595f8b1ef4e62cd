"""Training variants: as a job that outlives the browser, or in this process for the command line."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from recengine.artefacts import plain
from recengine.errors import BadInput
from recengine.types import ModelCard
from recengine.workspace.context import Context
from recengine.workspace.doctor import library_versions
from recengine.workspace.variants import variant_row

if TYPE_CHECKING:
    import pyarrow as pa
    from torch import Tensor

    from recengine.data.dataset import Dataset
    from recengine.data.split import Split
    from recengine.jobs.runner import JobContext
    from recengine.models.base import EpochReport, TopK
    from recengine.training.loop import Trained

SPLITS = ("time", "leave-last")
DEVICES = ("auto", "cpu", "cuda")


class Training:
    """Models, their settings, and trainings."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def models(self) -> list[ModelCard]:
        """Every model that can be trained, the funnel last."""
        from recengine.workspace.models import all_models, model_card

        return [model_card(model) for model in all_models().values()]

    def presets(self, model: str) -> dict[str, dict[str, Any]]:
        """Settings of quick, balanced and thorough that differ from the defaults."""
        from recengine.workspace.models import PRESETS, class_of

        return {preset: class_of(model).presets.get(preset, {}) for preset in PRESETS}

    def expected_seconds(self, dataset: str, model: str) -> float | None:
        """Seconds the newest finished training of this model on this dataset took here; None before the first."""
        return next((record.seconds for record in self._context.variants.list(dataset) if record.model == model), None)

    def submit(
        self,
        dataset: str,
        model: str,
        config: dict[str, Any] | None = None,
        preset: str = "balanced",
        seed: int = 0,
        device: str = "auto",
        split: str = "time",
        name: str = "",
        weights: dict[str, float] | None = None,
    ) -> str:
        """Queue a training; returns the job's id. Everything that can be refused is refused here.

        Args:
            weights: behaviour → strength as evidence of interest, -2 to 5, where it differs from the default.

        Raises:
            BadInput, NotFound: an unknown dataset, model, setting, device, split or behaviour.
        """
        arguments = self.arguments(dataset, model, config or {}, preset, seed, device, split, name, weights)
        return self._context.jobs.submit("train", arguments, self.title(arguments))

    def arguments(
        self,
        dataset: str,
        model: str,
        config: dict[str, Any],
        preset: str,
        seed: int,
        device: str,
        split: str,
        name: str,
        weights: dict[str, float] | None = None,
    ) -> dict[str, Any]:
        """What a training job is told, checked. Raises as `submit` does."""
        from recengine.data.standing import weight_table
        from recengine.workspace.models import make_config

        self._context.datasets.info(dataset)
        if split not in SPLITS:
            raise BadInput(f"There is no split called {split}.", "", f"Choose one of: {', '.join(SPLITS)}.")
        pick_device(device)
        make_config(model, config, preset)
        weight_table(weights or {})
        if not 0 <= seed < 2**31:
            raise BadInput(f"The seed cannot be {seed}.", "", "Choose a whole number from 0 to 2,147,483,647.")
        return {
            "dataset": dataset,
            "model": model,
            "config": config,
            "preset": preset,
            "seed": seed,
            "device": device,
            "split": split,
            "name": name,
            "weights": dict(weights or {}),
        }

    def title(self, arguments: dict[str, Any]) -> str:
        """What a training is called in the list of jobs."""
        from recengine.workspace.models import class_of

        return f"{arguments['name'] or class_of(arguments['model']).title} on {self._context.datasets.info(arguments['dataset']).name}"

    def run(self, job: JobContext, arguments: dict[str, Any]) -> dict[str, Any]:
        """The job: train, judge and publish one variant; returns its id and figures."""
        from recengine.data.split import leave_last_out, time_split
        from recengine.training.loop import Loop
        from recengine.workspace.models import class_of, make_config

        reserved, started = job.reserve("va"), time.monotonic()
        if self._context.variants.exists(reserved):
            return self._result(reserved)  # an earlier attempt of this job was killed after it had published
        model = class_of(arguments["model"])
        config = make_config(arguments["model"], arguments.get("config", {}), arguments.get("preset", "balanced"))
        device = pick_device(arguments.get("device", "auto"))
        job.progress(0.0, "Loading the events")
        dataset = self._context.dataset(arguments["dataset"]).weighted(arguments.get("weights", {}))
        by_time = arguments.get("split", "time") == "time"
        log = dataset.products_log
        split = time_split(log, dataset.catalogue.sellable) if by_time else leave_last_out(log)
        vectors = self._context.item_vectors(dataset.id)
        watcher = JobObserver(job)
        trained = Loop(model, config, dataset, split, vectors, watcher, int(arguments.get("seed", 0)), device).run()
        self._publish(reserved, trained, dataset, split, arguments, device, time.monotonic() - started, job)
        return self._result(reserved)

    def _result(self, variant: str) -> dict[str, Any]:
        row = variant_row(self._context.variants.info(variant), {})
        metrics = {name: [e.value, e.low, e.high] for name, e in row.metrics.items()}
        return plain({"variant": variant, "metrics": metrics, "seconds": row.seconds, "device": row.device})

    def _publish(
        self,
        variant: str,
        trained: Trained,
        dataset: Dataset,
        split: Split,
        arguments: dict[str, Any],
        device: str,
        seconds: float,
        job: JobContext,
    ) -> None:
        from recengine.data.standing import all_weights
        from recengine.variants.record import VariantRecord
        from recengine.workspace.models import class_of

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
            },
            weights=all_weights(arguments.get("weights", {})),
            seed=int(arguments.get("seed", 0)),
            device=device,
            versions=library_versions(),
            seconds=seconds,
            epochs=trained.history,
            metrics=plain({name: [e.value, e.low, e.high, e.n] for name, e in evaluation.estimates.items()}),
        )
        tables = {"shoppers": shoppers, "summary": summary, "pool": _pool_table(trained.pool)}
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
