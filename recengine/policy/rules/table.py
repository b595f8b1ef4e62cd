"""Rules as a CSV that people edit in a spreadsheet, and back: one line a condition of a rule."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
from pydantic import ValidationError

from recengine.errors import BadInput
from recengine.ingest.safe_csv import read_csv_back, write_csv
from recengine.policy.rules.rule import Rule
from recengine.policy.rules.words import number, quoted

RULE = ("rule", "name", "action", "position", "strength", "match", "scenes", "segments", "start", "end", "priority", "enabled")
CONDITION = ("field", "op", "values", "number", "number_to", "day")
COLUMNS = (*RULE, *CONDITION)
YES, NO = "yes", "no"
MAX_BYTES = 20_000_000


def write_rules(rules: Sequence[Rule], out: Path) -> None:
    """Write rules so that no spreadsheet runs a cell; a rule with several conditions has several lines with one id.

    Lists of texts are written in quotes, “a” “b”; everything else is as in the form.
    """
    lines = [_line(rule, place) for rule in rules for place in range(len(rule.conditions))]
    columns = {name: pa.array([line.get(name, "") for line in lines], pa.string()) for name in COLUMNS}
    write_csv(pa.table(columns), out)


def read_rules(file: Path) -> tuple[list[Rule], list[str]]:
    """Rules of a CSV, and in words which of its rules could not be read and why; a rule is taken whole or not at all.

    Raises:
        BadInput: no CSV, too large, or without the columns `rule`, `action` and `field`.
    """
    if Path(file).stat().st_size > MAX_BYTES:
        raise BadInput("The file is too large for rules.", f"It has more than {MAX_BYTES // 1_000_000} MB.", "Choose a smaller file.")
    try:
        table = read_csv_back(file)
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        raise BadInput(
            "The file is no table of rules.", f"{str(error).splitlines()[0][:120]}.", "Choose a CSV written by this page."
        ) from None
    lacking = [name for name in ("rule", "action", "field") if name not in table.column_names]
    if lacking:
        raise BadInput(
            "The file is no table of rules.", f"It has no column called {lacking[0]}.", f"Its columns are: {', '.join(COLUMNS)}."
        )
    grouped: dict[str, list[tuple[int, dict[str, str]]]] = {}
    for place, line in enumerate(table.to_pylist()):
        cells = {name: (line.get(name) or "").strip() if name not in ("values", "segments") else line.get(name) or "" for name in COLUMNS}
        grouped.setdefault(cells["rule"] or f"line {place + 2}", []).append((place + 2, cells))
    rules: list[Rule] = []
    rejected: list[str] = []
    for lines in grouped.values():
        first = lines[0][0]
        try:
            rules.append(Rule.model_validate(_form([cells for _, cells in lines])))
        except (ValueError, ValidationError) as error:
            rejected.append(f"Line {first}: {_why(error)}")
    return rules, rejected


def _line(rule: Rule, place: int) -> dict[str, str]:
    condition = rule.conditions[place]
    own = {
        "rule": rule.id, "name": rule.name, "action": rule.action, "match": rule.match, "scenes": " ".join(rule.scenes),
        "position": str(rule.position or ""), "strength": str(rule.strength or ""), "segments": " ".join(map(quoted, rule.segments)),
        "start": rule.start.isoformat() if rule.start else "", "end": rule.end.isoformat() if rule.end else "",
        "priority": str(rule.priority), "enabled": YES if rule.enabled else NO,
    }  # fmt: skip
    own |= {"field": condition.field, "op": condition.op, "values": " ".join(map(quoted, condition.values))}
    own |= {name: number(value) for name in ("number", "number_to") if (value := getattr(condition, name)) is not None}
    return own | ({"day": condition.day.isoformat()} if condition.day else {})


def _form(lines: list[dict[str, str]]) -> dict[str, Any]:
    """The form of one rule from its lines; lines after the first may leave the cells of the rule empty."""
    head = lines[0]
    for line in lines[1:]:
        other = next((name for name in RULE if line[name] and line[name] != head[name]), None)
        if other:
            raise ValueError(f"the lines of rule {head['rule'][:40]} differ in {other}")
    if head["enabled"].casefold() not in ("", YES, NO):
        raise ValueError(f"enabled is {YES} or {NO}")
    form: dict[str, Any] = {
        name: head[name] for name in ("name", "action", "match", "start", "end", "position", "strength", "priority") if head[name]
    }
    form |= {"id": head["rule"], "scenes": head["scenes"].split(), "segments": _texts(head["segments"])}
    form |= {"enabled": head["enabled"].casefold() != NO}
    form["conditions"] = [
        {name: _texts(line[name]) if name == "values" else line[name] for name in CONDITION if line[name].strip()} for line in lines
    ]
    return form


def _texts(cell: str) -> list[str]:
    """Texts in quotes, “a” “b”; a cell without quotes is one text."""
    from recengine.policy.rules.grammar import QUOTED

    found = [next(group for group in match.groups() if group is not None).replace("””", "”") for match in QUOTED.finditer(cell)]
    return found or ([cell.strip()] if cell.strip() else [])


def _why(error: ValueError) -> str:
    if not isinstance(error, ValidationError):
        return f"{error}."
    first = error.errors()[0]
    part = " ".join(str(step) for step in first["loc"])
    return f"{part}: {first['msg'].removeprefix('Value error, ')}.".removeprefix(": ")
