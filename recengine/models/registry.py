"""Finds models by folder: every module of `recengine.models` (and the funnel) that defines a named Recommender."""

from __future__ import annotations

from functools import lru_cache

from recengine.by_folder import classes_by_folder
from recengine.errors import NotFound
from recengine.models.base import Recommender


@lru_cache(maxsize=1)
def single_models() -> dict[str, type[Recommender]]:
    """Name → class of every model file in this folder, in alphabetical order of their names."""
    return classes_by_folder("recengine.models", Recommender, "name")


def model_class(name: str) -> type[Recommender]:
    """The class of one single model.

    Raises:
        NotFound: no model has this name; the message lists those that exist.
    """
    models = single_models()
    if name not in models:
        raise NotFound(f"There is no model called {name}.", "", f"Choose one of: {', '.join(models)}.")
    return models[name]
