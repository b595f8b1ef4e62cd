"""What one known file format says about itself."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field

from recengine.columns import Behaviour, Role
from recengine.ingest.raw import RawTable
from recengine.ingest.simplified import simplified
from recengine.ingest.times import TimeFormat


def key(name: str) -> str:
    """A column name without case, spaces and punctuation, full-width letters made plain, traditional characters simple, for comparing."""
    plain = name if name.isascii() else simplified(unicodedata.normalize("NFKC", name))
    return re.sub(r"[\W_]+", "", plain.casefold())


@dataclass(frozen=True)
class KnownFormat:
    """One export that is recognised by its columns: one file in this folder, found by the registry.

    Args:
        name: Key in mappings.
        title: As shown.
        columns: Header name → role. Where several names have one role the first one that a file has gets it.
        required: Names without which it is something else; () for a format that never has a header.
        notes: Traps of this format, for people.
        currency: Sign before prices.
        default_behaviour: What a line is without a behaviour column; None: a rating where there is one, else asked.
        behaviours: Words of this format that the built-in list does not know or knows otherwise.
        time_format: How times are written; None: found from the values.
        cancellation_prefix: Start of a basket id that cancels.
        not_products: Regular expressions of whole item ids that are never recommended.
        exact_names: Header names must be spelled as in `columns`, case included.
        typed_names: Header cells are `name:type`.
        order: Roles from left to right of a file without a header.
        recognise_rows: For files without a header: (first records, delimiter) → how sure it is, 0 to 1.
        reshape: What is done to the table before anything is guessed or mapped, row for row: cells filled down, signs of
            missing values made blank.
    """

    name: str
    title: str
    columns: dict[str, Role]
    required: tuple[str, ...]
    notes: str = ""
    currency: str = ""
    default_behaviour: Behaviour | None = Behaviour.PURCHASE
    behaviours: dict[str, Behaviour] = field(default_factory=dict)
    time_format: TimeFormat | None = None
    cancellation_prefix: str = ""
    not_products: tuple[str, ...] = ()
    exact_names: bool = False
    typed_names: bool = False
    order: tuple[Role, ...] = ()
    recognise_rows: Callable[[list[list[str]], str], float] | None = None
    reshape: Callable[[RawTable], RawTable] | None = None

    def _key(self, name: str) -> str:
        if self.typed_names:
            base, colon, _ = name.partition(":")
            return key(base) if colon else f"{name} without a type"
        return name.strip() if self.exact_names else key(name)

    def confidence(self, names: list[str]) -> float:
        """0 to 1: how sure it is that a file with these column names is this format."""
        have = {self._key(name) for name in names}
        plain = {name if self.exact_names else key(name) for name in self.columns}
        required = {name if self.exact_names else key(name) for name in self.required}
        if not required or not required <= have:
            return 0.0
        return round(0.70 + 0.29 * len(plain & have) / len(have), 2)

    def roles(self, names: list[str]) -> dict[str, Role]:
        """Role of every column; columns that this format does not know are unused."""
        by_key = {self._key(name): name for name in reversed(names)}
        out = dict.fromkeys(names, Role.UNUSED)
        for wanted, role in self.columns.items():
            column = by_key.get(wanted if self.exact_names else key(wanted))
            if column is not None and role not in out.values():
                out[column] = role
        return out


def digits(cells: list[str]) -> bool:
    """Whether every cell is a whole number; a building block of `recognise_rows`."""
    return all(cell.isascii() and cell.isdigit() for cell in cells)
