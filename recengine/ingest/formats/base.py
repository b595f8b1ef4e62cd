"""What one known file format says about itself."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from recengine.columns import Behaviour, Role
from recengine.ingest.times import TimeFormat


def key(name: str) -> str:
    """A column name without case, spaces and punctuation, for comparing."""
    return re.sub(r"[\W_]+", "", name.casefold())


@dataclass(frozen=True)
class KnownFormat:
    """One export that is recognised by its columns: one file in this folder, found by the registry.

    `columns` maps header names to roles; `required` are those without which it is something else. A format without a header
    gives `recognise_rows`, which looks at the first records and returns how sure it is, and `order`, the roles from left to right.
    """

    name: str
    title: str
    columns: dict[str, Role]
    required: tuple[str, ...]
    notes: str = ""
    currency: str = ""
    default_behaviour: Behaviour = Behaviour.PURCHASE
    behaviours: dict[str, Behaviour] = field(default_factory=dict)
    time_format: TimeFormat | None = None  # None: found from the values
    cancellation_prefix: str = ""
    not_products: tuple[str, ...] = ()
    order: tuple[Role, ...] = ()
    recognise_rows: Callable[[list[list[str]], str], float] | None = None

    def confidence(self, names: list[str]) -> float:
        """0 to 1: how sure it is that a file with these column names is this format."""
        if not self.required:
            return 0.0
        have = {key(name) for name in names}
        if not {key(name) for name in self.required} <= have:
            return 0.0
        known = {key(name) for name in self.columns}
        return round(0.70 + 0.29 * len(known & have) / len(have), 2)

    def roles(self, names: list[str]) -> dict[str, Role]:
        """Role of every column that this format knows; other columns are unused."""
        by_key = {key(name): role for name, role in self.columns.items()}
        out, taken = {}, set()
        for name in names:
            role = by_key.get(key(name), Role.UNUSED)
            out[name] = Role.UNUSED if role in taken else role
            if role is not Role.UNUSED:
                taken.add(role)
        return out
