"""What each column of a file means: the saved, editable answer that an import follows."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from recengine.columns import Behaviour, Role
from recengine.errors import BadInput
from recengine.ingest.times import TimeFormat


class Reading(BaseModel):
    """How to read the bytes; None means: find out."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    encoding: str | None = None
    """A codec name such as utf-8, gb18030 or cp1252."""
    delimiter: str | None = None
    """What stands between two cells."""
    header: bool | None = None
    """Whether the first row names the columns."""
    sheet: str | None = None
    """Sheet of a workbook; by default the one with the most rows."""


class Mapping(BaseModel):
    """Roles of the columns and the choices an import needs; as JSON it serves next week's file of the same shape."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: str = "generic"
    """Name of the known format, or generic."""
    roles: dict[str, Role] = Field(default_factory=dict)
    """Column name → role; columns that are not named are unused."""
    time_format: TimeFormat = TimeFormat.ROW_ORDER
    """How the time column is written; row_order when there is none."""
    day_first: bool | None = None
    """Whether 01/12/2010 is the first of December; None where it does not matter."""
    decimal: Literal[".", ","] = "."
    """The mark before the fraction of a number."""
    behaviours: dict[str, Behaviour] = Field(default_factory=dict)
    """Words of the behaviour column → behaviour; other words go by the built-in list."""
    default_behaviour: Behaviour = Behaviour.PURCHASE
    """What a line is when there is no behaviour column."""
    cancellations: Literal["skip", "keep"] = "skip"
    """Cancellations and returns: leave them out, or keep them as return events."""
    cancellation_prefix: str = ""
    """A basket id that starts with this (either case) is a cancellation."""
    not_products: tuple[str, ...] = ()
    """Regular expressions of item ids that are never recommended (whole id, either case)."""
    currency: str = ""
    """Sign before prices."""
    hashed: tuple[str, ...] = ()
    """Columns whose cells are replaced by a keyed hash before anything is kept."""
    reading: Reading = Reading()
    """How to read the bytes."""

    def column(self, role: Role) -> str | None:
        """The column with this role, or None."""
        return next((name for name, r in self.roles.items() if r is role), None)

    def check(self, names: list[str]) -> None:
        """Refuse a mapping that this file cannot follow.

        Raises:
            BadInput: a column that is not there, a role given twice, or no shopper or item; the message lists the columns.
        """
        present = "Columns of the file: " + ", ".join(names[:40]) + (", …" if len(names) > 40 else "") + "."
        missing = [name for name, role in self.roles.items() if role is not Role.UNUSED and name not in names]
        if missing:
            raise BadInput(f"The file has no column {', '.join(missing)}.", present, "Choose the columns again.")
        used = [role for role in self.roles.values() if role is not Role.UNUSED]
        twice = sorted({role.value for role in used if used.count(role) > 1})
        if twice:
            raise BadInput(f"Two columns have the meaning {', '.join(twice)}.", present, "Give each meaning to one column.")
        for role, word in ((Role.ITEM, "item"), (Role.USER, "shopper")):
            if role not in used:
                raise BadInput(f"No column holds the {word}.", present, f"Choose the column with the {word} ids.")
        if (self.time_format is TimeFormat.ROW_ORDER) != (Role.TIME not in used):
            raise BadInput(
                "The time column and its format do not fit.",
                "One is set and the other is not." if Role.TIME in used else "A time format is set, but no time column.",
                "Choose the time column again.",
            )
