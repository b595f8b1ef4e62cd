"""Applies what a person changed to the guessed mapping of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from recengine.columns import Role
from recengine.errors import BadInput

if TYPE_CHECKING:
    from recengine.ingest.importer import Recognition
    from recengine.ingest.mapping import Mapping, Reading

SAMPLE_CELLS = 4_000
OF_THE_FILE = frozenset({"reading", "kind"})  # what says nothing about columns


def reading_of(edits: dict[str, Any] | None) -> Reading | None:
    """How a person wants the bytes to be read; None where nothing was said. Raises BadInput."""
    from recengine.ingest.mapping import Reading

    said = edits.get("reading") if isinstance(edits, dict) else None  # what is no object at all is refused by `edited`
    asked = {name: value for name, value in (said or {}).items() if value is not None}
    if not asked:
        return None
    try:
        return Reading.model_validate(asked)
    except ValidationError as error:
        raise BadInput("The file cannot be read that way.", error.errors()[0]["msg"] + ".", "Choose them again.") from None


def edited(known: Recognition, edits: dict[str, Any]) -> Mapping:
    """The guess with edits: "roles" {column: role} or role → column, "answers" {question id: value}, other mapping fields.

    A new time column gets its format from its cells.

    Raises:
        BadInput: an edit that is not understood, or does not fit the file.
    """
    from recengine.ingest.mapping import Mapping
    from recengine.ingest.questions import answered
    from recengine.ingest.times import TimeFormat, guess_time

    if not isinstance(edits, dict):
        raise BadInput("The mapping is not understood.", "It is no JSON object.", 'Write it as {"user": "column", "item": "column"}.')
    for name in ("roles", "answers"):
        if not isinstance(edits.get(name) or {}, dict):
            raise BadInput("The mapping is not understood.", f"{name} is no JSON object.", f'Write it as {{"{name}": {{"…": "…"}}}}.')
    fields = known.mapping.model_dump(mode="json")
    given = {
        name: value for name, value in edits.items() if name not in ("answers", "roles", "kind") and name not in Role.__members__.values()
    }
    by_role = {name: value for name, value in edits.items() if name in Role.__members__.values()}
    roles = dict(edits.get("roles") or fields["roles"])
    for role, column in by_role.items():
        roles = {name: found for name, found in roles.items() if found != role}
        roles[str(column)] = role
    try:
        mapping = Mapping.model_validate({**fields, **given, "roles": roles})
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise BadInput(
            f"The mapping has a mistake in {field}.", first["msg"] + ".", "Correct it, or leave it out to use the guess."
        ) from None
    mapping = answered(mapping, edits.get("answers") or {})
    column = mapping.column(Role.TIME)
    if column != known.mapping.column(Role.TIME) and "time_format" not in edits:
        found = None
        if column is not None and column in known.raw.names:
            cells = [cell for cell in known.raw.some(column, 0, SAMPLE_CELLS).to_pylist() if cell and cell.strip()]
            found = guess_time(cells)
            if found is None:
                raise BadInput(
                    f"Column {column} holds no times.",
                    f"Its first cell is {cells[0][:40]!r}." if cells else "It is empty.",
                    "Choose another.",
                )
        told: dict[str, Any] = {"time_format": found.format if found else TimeFormat.ROW_ORDER}
        if "day_first" not in (edits.get("answers") or {}):
            told["day_first"] = found.day_first if found else None
        mapping = mapping.model_copy(update=told)
    mapping.check(known.raw.names)
    return mapping
