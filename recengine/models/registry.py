"""Finds models by folder: every module of `recengine.models` (and the funnel) that defines a named Recommender."""

from __future__ import annotations

import importlib
import pkgutil
from functools import lru_cache

from recengine.errors import NotFound
from recengine.models.base import Recommender


@lru_cache(maxsize=1)
def single_models() -> dict[str, type[Recommender]]:
    """Name → class of every model file in this folder, in alphabetical order of their names."""
    package = importlib.import_module("recengine.models")
    found: dict[str, type[Recommender]] = {}
    for module in pkgutil.iter_modules(package.__path__):
        if module.ispkg:
            continue
        for value in vars(importlib.import_module(f"recengine.models.{module.name}")).values():
            if isinstance(value, type) and issubclass(value, Recommender) and "name" in vars(value):
                found[value.name] = value
    return dict(sorted(found.items()))


def model_class(name: str) -> type[Recommender]:
    """The class of one single model.

    Raises:
        NotFound: no model has this name; the message lists those that exist.
    """
    models = single_models()
    if name not in models:
        raise NotFound(f"There is no model called {name}.", "", f"Choose one of: {', '.join(models)}.")
    return models[name]
