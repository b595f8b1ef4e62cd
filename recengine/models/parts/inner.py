"""Models inside a model: how they are made, fitted, stored and found again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from pydantic import ValidationError
from torch import Tensor

from recengine.data.events import EventLog
from recengine.errors import BadInput, TrainingFailed
from recengine.models.base import FitContext, Recommender
from recengine.models.registry import model_class


def new_part(name: str, settings: dict[str, dict[str, Any]], whole: str) -> Recommender:
    """A fresh model of one name.

    Args:
        name: of a single model.
        settings: by model name; defaults where nothing is said.
        whole: title of the model that it is a part of, for the message.

    Raises:
        BadInput: a setting that the model does not take.
        NotFound: no model has this name.
    """
    kind = model_class(name)
    try:
        return kind(kind.Config.model_validate(settings.get(name, {})))
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise BadInput(
            f"{kind.title} cannot use its setting {field}.", f"{first['msg']}.", f"Change it in the settings of {whole}."
        ) from None


def fit_part(model: Recommender, log: EventLog, ctx: FitContext) -> bool:
    """Fit one part to its end; False where it refuses the data, which is noted."""
    ctx.stop_if_asked()
    ctx.note(f"Fitting {model.title}")
    try:
        # Reports and checkpoints are the whole's: a part neither resumes from them nor writes them.
        model.fit_all(log, replace(ctx, resume=None, checkpoint=lambda epoch, make: None))
    except TrainingFailed as failure:
        ctx.note(f"{model.title} is left out: {failure.what}")
        return False
    return True


def nested(models: dict[str, Recommender]) -> dict[str, Tensor]:
    """States of all parts in one dictionary: part.<name>.<key>."""
    return {f"part.{name}.{key}": value for name, model in models.items() for key, value in model.state().items()}


def unnested(names: Iterable[str], settings: dict[str, dict[str, Any]], state: dict[str, Tensor], whole: str) -> dict[str, Recommender]:
    """The parts that `nested` wrote, in the order of `names`; parts that were left out at the time are missing."""
    found: dict[str, Recommender] = {}
    for name in dict.fromkeys(names):
        prefix = f"part.{name}."
        inside = {key[len(prefix) :]: value for key, value in state.items() if key.startswith(prefix)}
        if inside:
            found[name] = new_part(name, settings, whole)
            found[name].load_state(inside)
    return found
