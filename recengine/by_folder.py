"""Finds the parts of a folder: one file each, no list to keep. Models, metrics, health checks and rerankers come this way."""

from __future__ import annotations

import importlib
import pkgutil
from typing import TypeVar

T = TypeVar("T")


def classes_by_folder(package: str, base: type[T], key: str) -> dict[str, type[T]]:
    """Classes that the modules of a package define, by their own name, in alphabetical order.

    Args:
        package: dotted name; its subfolders are not looked into.
        base: what the classes derive from.
        key: attribute that holds the name; a class that only inherits it is no part of its own.

    Raises:
        ValueError: two classes have one name.
    """
    found: dict[str, type[T]] = {}
    for module in pkgutil.iter_modules(importlib.import_module(package).__path__):
        if module.ispkg:
            continue
        for value in vars(importlib.import_module(f"{package}.{module.name}")).values():
            if isinstance(value, type) and issubclass(value, base) and key in vars(value):
                name = vars(value)[key]
                if found.setdefault(name, value) is not value:
                    raise ValueError(f"{found[name].__module__} and {value.__module__} both define {name}")
    return dict(sorted(found.items()))


def one_of_each(package: str, base: type[T], key: str, order: tuple[str, ...]) -> dict[str, T]:
    """One object of each such class, in a wanted order; what is not named there comes last."""
    place = {name: i for i, name in enumerate(order)}
    made = {name: kind() for name, kind in classes_by_folder(package, base, key).items()}
    return dict(sorted(made.items(), key=lambda row: (place.get(row[0], len(place)), row[0])))
