"""Versions of one dataset: what people save for a shop holds for every version of its data."""

from __future__ import annotations

from recengine.errors import NotFound
from recengine.workspace.context import Context


def family(context: Context, dataset: str) -> frozenset[str]:
    """Ids of the versions that came from the same first file, deleted ancestors and the version itself among them.

    Cost: one look at every version's summary.
    """
    try:
        ancestors = _line(context.datasets.info(dataset).info, dataset)
    except NotFound:
        return frozenset((dataset,))
    related = [_line(info.info, info.id) for info in context.datasets.list()]
    return frozenset(ancestors).union(*(line for line in related if line[0] == ancestors[0]))


def heir(context: Context, dataset: str) -> str:
    """The newest other version of the family that is there; empty where none is."""
    ids = family(context, dataset) - {dataset}
    return next((info.id for info in context.datasets.list() if info.id in ids), "")


def _line(info: dict, dataset: str) -> list[str]:  # type: ignore[type-arg]
    """From the first version to this one."""
    return [*(info.get("ancestors") or []), dataset]
