"""Finds known formats by folder: every module here with a FORMAT."""

from __future__ import annotations

import importlib
import pkgutil
from functools import lru_cache

from recengine.ingest.formats.base import KnownFormat, key


@lru_cache(maxsize=1)
def known_formats() -> dict[str, KnownFormat]:
    """Name → format, in alphabetical order."""
    package = importlib.import_module("recengine.ingest.formats")
    found = {}
    for module in pkgutil.iter_modules(package.__path__):
        value = getattr(importlib.import_module(f"recengine.ingest.formats.{module.name}"), "FORMAT", None)
        if isinstance(value, KnownFormat):
            found[value.name] = value
    return dict(sorted(found.items()))


def match(names: list[str], has_header: bool, first_rows: list[list[str]], delimiter: str) -> tuple[KnownFormat, float] | None:
    """The format that fits best and how sure it is, or None when none reaches 0.7."""
    best: tuple[KnownFormat, float] | None = None
    for form in known_formats().values():
        by_rows = form.recognise_rows or (lambda _rows, _delimiter: 0.0)
        sure = form.confidence(names) if has_header else by_rows(first_rows, delimiter)
        if sure >= 0.7 and (best is None or sure > best[1]):
            best = (form, sure)
    return best


def header_keys() -> frozenset[str]:
    """Every header name of every known format, for telling a header from a record."""
    return frozenset(key(name) for form in known_formats().values() for name in form.columns)
