"""Measures how long trainings of a dataset would take: `python -m recengine.workspace.probe_process --workspace DIR --dataset ID`."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path

from recengine.errors import BadInput
from recengine.settings import Settings
from recengine.workspace.probes import Probes, probe_key

log = logging.getLogger(__name__)
HARD_S = 60  # of one model; the process is ended then, whatever it does
NICENESS = 10


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure every model of a dataset that has no row yet."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workspace", type=Path, required=True)
    parser.add_argument("--dataset", required=True)
    parser.add_argument("--preset", default="balanced")
    parser.add_argument("--device", default="auto")
    given = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    settings = Settings(workspace=given.workspace)
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    if settings.threads:
        os.environ["NUMBA_NUM_THREADS"] = str(settings.threads)
        import torch

        torch.set_num_threads(settings.threads)
    _measure_all(settings, given.dataset, given.preset, given.device)
    return 0


def _measure_all(settings: Settings, dataset_id: str, preset: str, device: str) -> None:
    from recengine.data.split import leave_last_out, time_split
    from recengine.training.probe import probe
    from recengine.workspace.context import Context
    from recengine.workspace.models import all_models, make_config
    from recengine.workspace.training import Training, pick_device

    context = Context(settings.workspace, settings)
    training, probes, used = Training(context), Probes(settings), pick_device(device)
    info, known = context.datasets.info(dataset_id), probes.known(dataset_id)
    begun = time.monotonic()
    dataset = context.dataset(dataset_id)
    try:
        split = time_split(dataset.products_log, dataset.catalogue.sellable)
    except BadInput:  # too short for a split over time, which a training would be told too
        split = leave_last_out(dataset.products_log)
    context.item_vectors(dataset_id)
    loading = time.monotonic() - begun  # every training does it too
    for name, model in all_models().items():
        config = make_config(name, training.settings(name, preset, dataset_id, device), preset)
        key = probe_key(settings, info, name, config, used)
        if key in known:
            continue
        probes.keep(dataset_id, key, {"model": name, "seconds": None})  # what ends this process is not tried again
        if hasattr(signal, "alarm"):
            signal.alarm(HARD_S)
        try:
            found = probe(model, config, dataset.catalogue, split, dataset.products_log, used)
        except Exception:
            log.exception("%s could not be measured", name)
            continue
        finally:
            if hasattr(signal, "alarm"):
                signal.alarm(0)
        if found is not None:
            row = {"seconds": loading + found.seconds, "sample_events": found.sample_events, "sample_seconds": found.sample_seconds}
            probes.keep(dataset_id, key, {"model": name, **row})


if __name__ == "__main__":
    raise SystemExit(main())
