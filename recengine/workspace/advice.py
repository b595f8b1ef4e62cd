"""Before a training: which models suit a dataset, how long they take here, and what this machine has."""

from __future__ import annotations

import os
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from recengine.errors import NotFound
from recengine.types import DatasetAdvice, Machine, ModelAdvice
from recengine.workspace.context import Context
from recengine.workspace.probes import Probes
from recengine.workspace.training import Training, pick_device

if TYPE_CHECKING:
    from recengine.data.store import DatasetInfo
    from recengine.models.base import ModelConfig, Recommender
    from recengine.variants.record import VariantRecord


class Advice:
    """Verdicts and estimates, nothing guessed: times come from finished trainings or samples, memory from the model's arrays."""

    def __init__(self, context: Context, training: Training) -> None:
        self._context, self._training, self._probes = context, training, Probes(context.settings)
        self.in_background = False  # whether `models` has missing times measured; the process that starts jobs does

    def models(self, dataset: str, preset: str = "balanced", device: str = "auto") -> DatasetAdvice:
        """Every model with a verdict, why, its memory and its time, the best advised first; and the preset that suits.

        Raises:
            BadInput, NotFound: an unknown dataset, preset or device.
        """
        from recengine.training.adviser import advise
        from recengine.training.memory import plan_memory
        from recengine.training.presets import suggested_preset
        from recengine.workspace.models import all_models, make_config

        used, data, info = pick_device(device), self._training.figures(dataset), self._context.datasets.info(dataset)
        models = all_models()
        configs = {name: make_config(name, self._training.settings(name, preset, dataset, device), preset) for name in models}
        records = self._context.variants.list()
        sizes: dict[str, DatasetInfo | None] = {}
        rows = []
        for advice in advise(models, configs, data, used):
            config = configs[advice.model]
            plan = plan_memory(models[advice.model], config, info.n_users, info.n_items, info.n_events, used)
            mine = [record for record in records if record.model == advice.model]
            seconds, measured_on = self._seconds(models[advice.model], config, info, mine, sizes, used)
            rows.append(
                ModelAdvice(advice.model, advice.level, advice.reason, plan.needed_bytes, plan.free_bytes, plan.level, seconds, measured_on)
            )
        if self.in_background and any(row.seconds is None for row in rows) and not self._context.jobs.running():
            self._probes.measure_later(dataset, preset, device)  # beside a running training it would measure too much
        return DatasetAdvice(tuple(rows), suggested_preset(data, used), asdict(data))

    def measure(self, dataset: str, preset: str = "balanced", device: str = "auto") -> None:
        """Measure on samples, now, how long each model without a finished training would take; about 2 s a model.

        Raises:
            BadInput, NotFound: an unknown dataset or device.
        """
        pick_device(device)
        self._context.datasets.info(dataset)
        self._probes.measure(dataset, preset, device)

    def _seconds(
        self,
        model: type[Recommender],
        config: ModelConfig,
        info: DatasetInfo,
        records: list[VariantRecord],
        sizes: dict[str, DatasetInfo | None],
        device: str = "cpu",
    ) -> tuple[float | None, str]:
        """Seconds of the finished training that is most like this one, times the work there is now over the work there was.

        Where none was finished on this dataset, a sample of it tells more than another dataset.
        """
        here = [record for record in records if record.dataset_id == info.id]
        probed = None if here else self._probes.seconds(info, model.name, config, device)
        if probed is not None:
            return probed, "most" if model.can.epochs else "probe"  # tuning stops before the last epoch
        for record in here or records:
            if record.dataset_id not in sizes:
                sizes[record.dataset_id] = self._size(record.dataset_id)
            size = sizes[record.dataset_id]
            if size is None or record.protocol.get("swept"):  # a sweep's time is that of all its trials
                continue
            then = model.Config.model_validate({**record.config, **_planned_epochs(record)})
            before = model.work(then, size.n_users, size.n_items, size.n_events)
            return record.seconds * model.work(config, info.n_users, info.n_items, info.n_events) / before, "this" if here else "other"
        return None, ""

    def _size(self, dataset: str) -> DatasetInfo | None:
        try:
            return self._context.datasets.info(dataset)
        except NotFound:  # deleted since; its variants remain
            return None

    def machine(self) -> Machine:
        """Threads and memory, now."""
        import torch

        from recengine.training.memory import free_bytes, free_gpu_bytes

        gpu = torch.cuda.is_available()
        return Machine(
            threads=self._context.settings.threads or len(os.sched_getaffinity(0)),
            memory_bytes=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
            free_bytes=free_bytes(),
            gpu=torch.cuda.get_device_name(0) if gpu else "",
            gpu_bytes=torch.cuda.get_device_properties(0).total_memory if gpu else 0,
            gpu_free_bytes=free_gpu_bytes(),
        )


def _planned_epochs(record: VariantRecord) -> dict[str, Any]:
    """The epochs a training set out with; its settings name those that tuning kept."""
    planned = next((entry["of"] for entry in record.epochs if entry.get("phase") == "tune"), None)
    return {} if planned is None else {"epochs": planned}
