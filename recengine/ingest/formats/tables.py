"""What one known file beside an event log says about itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from recengine.ingest.formats.base import key
from recengine.ingest.raw import RawTable
from recengine.ingest.side.kinds import SEVERAL, Field, TableKind


@dataclass(frozen=True)
class KnownTable:
    """A table of items, shoppers and so on that is recognised by its columns; stands in the file of its source.

    Args:
        name: Key in saved mappings.
        title: As shown.
        kind: What a row is about.
        columns: Header name → field; columns that are not named are kept as attributes of items and shoppers.
        required: Names without which it is something else.
        notes: Traps, for people.
        typed_names: Header cells are `name:type`.
        reshape: Rows of the file → one row an id; None where they are that already.
    """

    name: str
    title: str
    kind: TableKind
    columns: dict[str, Field]
    required: tuple[str, ...]
    notes: str = ""
    typed_names: bool = False
    reshape: Callable[[RawTable], RawTable] | None = None

    def _key(self, name: str) -> str:
        if self.typed_names:
            base, colon, _ = name.partition(":")
            return key(base) if colon else f"{name} without a type"
        return key(name)

    def confidence(self, names: list[str]) -> float:
        """0 to 1: how sure it is that a file with these column names is this table."""
        have, required = {self._key(name) for name in names}, {key(name) for name in self.required}
        if not required <= have:
            return 0.0
        return round(0.70 + 0.29 * len(({key(name) for name in self.columns} | required) & have) / len(have), 2)

    def fields(self, names: list[str]) -> dict[str, Field]:
        """Field of every column; the first name of a field that the file has gets it."""
        by_key = {self._key(name): name for name in reversed(names)}
        rest = Field.ATTRIBUTE if self.kind in (TableKind.ITEMS, TableKind.SHOPPERS) else Field.UNUSED
        out = dict.fromkeys(names, rest)
        for wanted, field in self.columns.items():
            column = by_key.get(key(wanted))
            if column is not None:
                out[column] = field if field in SEVERAL or field not in out.values() else Field.UNUSED
        return out
