"""Finds known formats by folder: every module here with a FORMAT for event logs, or TABLES for files beside one."""

from __future__ import annotations

import importlib
import pkgutil
from functools import lru_cache

from recengine.ingest.formats.base import KnownFormat, key
from recengine.ingest.formats.tables import KnownTable


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


@lru_cache(maxsize=1)
def known_tables() -> dict[str, KnownTable]:
    """Name → table beside an event log, in alphabetical order."""
    package = importlib.import_module("recengine.ingest.formats")
    modules = [importlib.import_module(f"recengine.ingest.formats.{module.name}") for module in pkgutil.iter_modules(package.__path__)]
    return {table.name: table for table in sorted((t for m in modules for t in getattr(m, "TABLES", ())), key=lambda t: t.name)}


def match_table(names: list[str]) -> tuple[KnownTable, float] | None:
    """The known table that fits best and how sure it is, or None when none reaches 0.75."""
    scored = [(table.confidence(names), table) for table in known_tables().values()]
    sure, best = max(scored, key=lambda pair: pair[0], default=(0.0, None))
    return (best, sure) if best is not None and sure >= 0.75 else None


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
    names = [name for form in known_formats().values() for name in form.columns]
    names += [name for table in known_tables().values() for name in (*table.columns, *table.required)]
    return frozenset(key(name) for name in names)
