"""All models by name: the single ones found by folder, and the funnel over them."""

from __future__ import annotations

import types
import typing
from dataclasses import asdict, replace
from enum import Enum
from typing import Any, Literal

from annotated_types import Ge, Gt, Le, Lt
from pydantic import ValidationError
from pydantic.fields import FieldInfo

from recengine.errors import BadInput, NotFound
from recengine.models.base import ModelConfig, Recommender
from recengine.models.registry import single_models
from recengine.training.adviser import family_of
from recengine.types import ConfigField, ModelCard

MAIN_FIELDS = 4
PRESETS = ("quick", "balanced", "thorough")


def all_models() -> dict[str, type[Recommender]]:
    """Name → class, single models in alphabetical order, the funnel last."""
    from recengine.funnel.model import Funnel

    return {**single_models(), Funnel.name: Funnel}


def class_of(name: str) -> type[Recommender]:
    """The class of one model.

    Raises:
        NotFound: no model has this name; the message lists those that exist.
    """
    if name in single_models():
        return single_models()[name]  # without the funnel, which takes seconds to import
    models = all_models()
    if name not in models:
        raise NotFound(f"There is no model called {name}.", "", f"Choose one of: {', '.join(models)}.")
    return models[name]


def make_config(name: str, changes: dict[str, Any], preset: str = "balanced") -> ModelConfig:
    """The preset of a model with some fields changed; values may be text, as typed on a command line.

    Raises:
        BadInput: an unknown field or preset, or a value outside its range; the message names the field.
    """
    model = class_of(name)
    if preset not in PRESETS:
        raise BadInput(f"There is no preset called {preset}.", "", f"Choose one of: {', '.join(PRESETS)}.")
    unknown = sorted(set(changes) - set(model.Config.model_fields))
    if unknown:
        known = ", ".join(model.Config.model_fields) or "none"
        raise BadInput(f"{model.title} has no setting called {unknown[0]}.", "", f"Its settings are: {known}.")
    try:
        return model.Config.model_validate({**model.presets.get(preset, {}), **changes})
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise BadInput(f"The setting {field} cannot be {first.get('input')!r}.", first["msg"] + ".", "Choose another value.") from None


def make_model(name: str, config: dict[str, Any]) -> Recommender:
    """An unfitted model from a stored config."""
    model = class_of(name)
    return model(model.Config.model_validate(config))


def model_card(model: type[Recommender]) -> ModelCard:
    """The row of one model for people, with its settings as form fields."""
    can = {name: value for name, value in asdict(model.can).items() if isinstance(value, bool)}
    main = main_fields(model)
    fields = tuple(replace(config_field(name, info), advanced=name not in main) for name, info in model.Config.model_fields.items())
    return ModelCard(model.name, model.title, model.summary, model.source, can, fields, family_of(model), model.can.epochs)


def main_fields(model: type[Recommender]) -> set[str]:
    """Settings that a form shows at once: those of the presets, the epochs, and the first that the model itself declares."""
    own = [name for name in model.Config.model_fields if name in vars(model.Config).get("__annotations__", {})]
    of_presets = {name for settings in model.presets.values() for name in settings}
    return of_presets | {"epochs"} | set((own or list(model.Config.model_fields))[:MAIN_FIELDS])


def config_field(name: str, info: FieldInfo) -> ConfigField:
    """One hyper-parameter as a form field: type, range and help come from its declaration."""
    kind, choices = _kind(info.annotation)
    low = next((float(rule.ge if isinstance(rule, Ge) else rule.gt) for rule in info.metadata if isinstance(rule, (Ge, Gt))), None)  # type: ignore[arg-type]
    high = next((float(rule.le if isinstance(rule, Le) else rule.lt) for rule in info.metadata if isinstance(rule, (Le, Lt))), None)  # type: ignore[arg-type]
    default = info.get_default(call_default_factory=True)  # type: ignore[call-arg]
    return ConfigField(name, info.description or "", kind, default, low, high, choices)


def _kind(annotation: Any) -> tuple[str, tuple[str, ...]]:
    origin = typing.get_origin(annotation)
    if origin is Literal:
        return "choice", tuple(str(value) for value in typing.get_args(annotation))
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return "choice", tuple(str(member.value) for member in annotation)
    if origin in (typing.Union, types.UnionType):
        return _kind(next(part for part in typing.get_args(annotation) if part is not type(None)))
    if origin in (tuple, list):
        return "list", ()
    return {bool: "bool", int: "int", float: "float"}.get(annotation, "text"), ()
