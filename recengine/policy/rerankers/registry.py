"""Finds rerankers by folder: every module here that defines a named Reranker."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from pydantic import ValidationError

from recengine.by_folder import classes_by_folder
from recengine.errors import BadInput, NotFound
from recengine.policy.rerankers.base import Reranker


@lru_cache(maxsize=1)
def rerankers() -> dict[str, type[Reranker]]:
    """Name → class of every reranker file in this folder, in alphabetical order of their names."""
    return classes_by_folder("recengine.policy.rerankers", Reranker, "name")


def reranker_class(name: str) -> type[Reranker]:
    """The class of one reranker.

    Raises:
        NotFound: no reranker has this name; the message lists those that exist.
    """
    known = rerankers()
    if name not in known:
        raise NotFound(f"There is no way to rerank called {name[:60]}.", "", f"Choose one of: {', '.join(known)}.")
    return known[name]


def make_reranker(name: str, config: dict[str, Any]) -> Reranker:
    """A reranker from its stored settings.

    Raises:
        NotFound: no reranker has this name.
        BadInput: an unknown setting, or a value outside its range; the message names it.
    """
    kind = reranker_class(name)
    try:
        return kind(kind.Config.model_validate(config))
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "settings"
        raise BadInput(f"{kind.title}: {field} cannot be {str(first.get('input'))[:60]}.", first["msg"] + ".", "Change it.") from None
