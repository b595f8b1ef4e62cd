"""Quick, balanced and thorough: settings that follow the size of the data and the device, where the model leaves room."""

from __future__ import annotations

import math
from typing import Any

from recengine.models.base import Recommender
from recengine.training.figures import DataFigures

PRESETS = ("quick", "balanced", "thorough")
EPOCHS = {"quick": 1 / 3, "balanced": 1.0, "thorough": 2.0}  # of the default, where a model's presets do not say
SMALL_EVENTS, LARGE_EVENTS = 200_000, 5_000_000
STEPS_AN_EPOCH = 50  # at least so many where the data is small, so that a network moves at all
LARGEST_BATCH = 4096
FROM_DATA = frozenset({"max_length", "batch_size"})  # fields whose value follows the data


def suggested_preset(data: DataFigures, device: str) -> str:
    """Small data is done thoroughly, data that takes hours quickly; a GPU moves the border."""
    faster = 10 if device.startswith("cuda") else 1
    if data.events <= SMALL_EVENTS * faster:
        return "thorough"
    return "balanced" if data.events <= LARGE_EVENTS * faster else "quick"


def preset_settings(model: type[Recommender], preset: str, data: DataFigures | None, device: str = "cpu") -> dict[str, Any]:
    """Settings of a preset that differ from the defaults.

    Args:
        model: its own `presets` come first and are never changed.
        preset: quick, balanced or thorough.
        data: of the log; None leaves out what depends on it.
        device: cpu or cuda.

    Returns:
        Field → value, inside the bounds of the field:
        epochs      a third or twice the default, where the model learns in epochs and its presets do not say
        max_length  no longer than nine in ten histories, as the rest is padding or never read
        batch_size  doubled on a GPU or for millions of events, halved where an epoch would have too few steps
    """
    own = dict(model.presets.get(preset, {}))
    fields = model.Config.model_fields
    found: dict[str, Any] = {}
    if model.can.epochs and "epochs" in fields:
        found["epochs"] = max(1, round(int(fields["epochs"].default) * EPOCHS[preset]))
    if data is not None and data.events:
        if "max_length" in fields:
            found["max_length"] = min(int(fields["max_length"].default), max(10, _round_up(data.long_events)))
        if "batch_size" in fields and model.can.epochs:
            found["batch_size"] = _batch(int(fields["batch_size"].default), data, device, "max_length" in fields)
    found = {name: value for name, value in found.items() if name not in own and value != fields[name].default}
    return own | {name: _inside(model, name, value) for name, value in found.items()}


def _round_up(length: float) -> int:
    """The next of 10, 20, 50, 100, 200, 500, …"""
    power = 10 ** math.floor(math.log10(max(length, 1.0)))
    return int(next(step * power for step in (1, 2, 5, 10) if step * power >= length))


def _batch(default: int, data: DataFigures, device: str, per_history: bool) -> int:
    """Per history where an example is a whole history, else per event."""
    examples = data.shoppers if per_history else data.events
    size = default * (4 if device.startswith("cuda") else 2 if data.events >= LARGE_EVENTS else 1)
    while size > 16 and examples / size < STEPS_AN_EPOCH:
        size //= 2
    return min(size, max(default, LARGEST_BATCH))


def _inside(model: type[Recommender], name: str, value: int) -> int:
    for rule in model.Config.model_fields[name].metadata:
        value = max(value, getattr(rule, "ge", value))
        value = min(value, getattr(rule, "le", value))
    return value
