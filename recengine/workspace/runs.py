"""What variants cost and how they learned: time, size, speed of a list, curves of several trainings together."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np

from recengine.types.runs import RunCost, RunCurve
from recengine.workspace.context import Context
from recengine.workspace.kept import keep_json, kept_json

SPEED = "list-speed"
ASKED, LENGTH, ROUNDS = 64, 10, 3
PHASES = ("tune", "judge", "serve")


class Runs:
    """Read from the manifests; only the speed of a list is measured, once, and kept with the variant."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def costs(self, variants: Sequence[str]) -> tuple[RunCost, ...]:
        """Time, size and speed of each variant, in the order asked for; about 1 ms a variant. Raises NotFound."""
        return tuple(self._cost(variant) for variant in variants)

    def measure(self, variant: str) -> float:
        """Milliseconds that one list of 10 takes on this machine, in a batch of 64 shoppers: the median of three rounds. It is kept.

        Raises:
            NotFound: an unknown variant. Corrupt: it cannot be opened any more.
        """
        loaded = self._context.loaded(variant)
        users = np.unique(np.linspace(0, len(loaded.dataset.users) - 1, ASKED).astype(np.int64))
        histories = loaded.dataset.histories(users)
        seen, allowed = histories.had(len(loaded.dataset.catalogue)), loaded.dataset.catalogue.sellable
        taken = []
        for _ in range(ROUNDS + 1):  # the first round warms up
            started = time.perf_counter()
            loaded.model.recommend(histories, LENGTH, exclude=seen, allow=allowed)
            taken.append(1e3 * (time.perf_counter() - started) / len(users))
        found = float(np.median(taken[1:]))
        keep_json(self._context, variant, SPEED, {"ms": found, "shoppers": len(users), "measured": time.time()})
        return found

    def curves(self, variants: Sequence[str]) -> tuple[RunCurve, ...]:
        """Every figure that changed from epoch to epoch, by variant and phase; nothing for models that learn in one pass."""
        found = []
        for variant in variants:
            epochs = self._context.variants.info(variant).epochs
            for phase in PHASES:
                rows = [row for row in epochs if row.get("phase") == phase]
                figures = list(dict.fromkeys(name for row in rows for name in ("loss", *row.get("metrics", {}))))
                for figure in figures:
                    points = [(int(row["epoch"]), _value(row, figure)) for row in rows]
                    points = [(epoch, value) for epoch, value in points if value is not None]
                    if len({epoch for epoch, _ in points}) > 1 and len({value for _, value in points}) > 1:
                        found.append(RunCurve(variant, phase, figure, *(tuple(column) for column in zip(*points, strict=True))))
        return tuple(found)

    def _cost(self, variant: str) -> RunCost:
        record = self._context.variants.info(variant)
        model_bytes, parameters = self._context.variants.model_size(variant)
        done = {row.get("phase"): int(row["epoch"]) for row in record.epochs if row.get("loss") is not None}  # the last of each phase
        epochs = next((done[phase] for phase in reversed(PHASES) if phase in done), 0)
        kept = kept_json(self._context, variant, SPEED)
        speed = float(kept["ms"]) if kept else None
        return RunCost(variant, record.seconds, record.device, record.bytes, model_bytes, parameters, epochs, speed)


def _value(row: dict, figure: str) -> float | None:
    value = row.get("loss") if figure == "loss" else row.get("metrics", {}).get(figure)
    return None if value is None or not np.isfinite(value) else float(value)
