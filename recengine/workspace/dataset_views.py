"""Dataset versions as people see them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from recengine.types import DatasetRow
from recengine.workspace.text import iso

if TYPE_CHECKING:
    from recengine.data.store import DatasetInfo


def dataset_row(info: DatasetInfo, variants: int) -> DatasetRow:
    """One version for people, from its manifest alone."""
    return DatasetRow(
        id=info.id,
        name=info.name,
        created=iso(info.created_s),
        events=info.n_events,
        shoppers=info.n_users,
        items=info.n_items,
        first=iso(info.first_s),
        last=iso(info.last_s),
        fingerprint=info.fingerprint,
        variants=variants,
        currency=info.currency,
        synthetic=bool(info.info.get("synthetic")),
    )


def quality_told(report: Any) -> dict[str, Any]:
    """A quality report as it is kept; verdicts are kept beside it."""
    from dataclasses import asdict

    return {name: value for name, value in asdict(report).items() if name != "verdicts"}
