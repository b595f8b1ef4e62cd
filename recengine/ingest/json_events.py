"""Reads JSON lines and JSON arrays of events as text: nested objects become columns, a list of objects becomes rows."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from recengine.errors import BadInput
from recengine.ingest.dialect import MAX_COLUMNS

BEGINS = re.compile(r"\s*(\[\s*)?\{\s*(\"|\})")
BETWEEN = re.compile(r"[\s,]*")
RESUME = re.compile(r"\n\s*\{")
OBJECT_LIMIT = 16 * 2**20  # characters of one event
ROWS = 50_000  # of one piece of the table
VALUE_CUT = 200
NO_JSON, CUT_SHORT, NO_OBJECT = "no JSON object", "the file ends in the middle of this event", "a value that is no object"

# Numbers stay as they are written: a long id must not become a rounded one.
DECODER = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str)


def is_json(head: str) -> bool:
    """Whether a text begins as JSON lines or as an array of objects."""
    return BEGINS.match(head.lstrip("\ufeff")) is not None


@dataclass
class JsonCutter:
    """Collects the events of a text that arrives in blocks. A list of objects inside an event gives one row each."""

    line: int = 1  # of the next character
    rows: list[dict[str, str | None]] = field(default_factory=list)
    row_lines: list[int] = field(default_factory=list)
    batches: list[pa.Table] = field(default_factory=list)
    lines: list[np.ndarray] = field(default_factory=list)
    bad: list[tuple[int, str, str, str]] = field(default_factory=list)
    names: dict[str, None] = field(default_factory=dict)
    text: str = ""
    tried: int = 0  # characters of `text` that were too few for an event

    def feed(self, block: str, final: bool = False) -> None:
        """Take the next characters; `final` closes the text."""
        self.text += block
        if not final and len(self.text) < 2 * self.tried:
            return
        at = self._events(final)
        self.tried = len(self.text) - at
        self.text = self.text[at:]
        if final:
            self._flush()

    def _events(self, final: bool) -> int:
        """Take every whole event; where the rest begins."""
        text, at, end = self.text, 0, len(self.text)
        while True:
            begin = self._skip(at)
            if begin >= end:
                self.line += text.count("\n", at, begin)
                return begin
            self.line += text.count("\n", at, begin)
            at = begin
            try:
                value, after = DECODER.raw_decode(text, at)
            except (json.JSONDecodeError, RecursionError) as error:
                goes_on = not isinstance(error, RecursionError) and (error.pos >= end - 16 or error.msg.startswith("Unterminated string"))
                if goes_on and not final and end - at < OBJECT_LIMIT:
                    return at
                at = self._broken(at, CUT_SHORT if final and RESUME.search(text, at + 1) is None and text[at] == "{" else NO_JSON)
                continue
            if not final and after >= end - 1 and not isinstance(value, dict):
                return at
            if isinstance(value, dict):
                self._event(value)
            else:
                self.bad.append((self.line, str(value)[:VALUE_CUT], NO_OBJECT, "rejected"))
            self.line += text.count("\n", at, after)
            at = after

    def _skip(self, at: int) -> int:
        """Blanks and commas between events, and the brackets of an array around them."""
        while True:
            match = BETWEEN.match(self.text, at)
            at = match.end() if match else at
            if at < len(self.text) and self.text[at] in "[]\ufeff" and not self.text.startswith("[[", at):
                at += 1
                continue
            return at

    def _broken(self, at: int, reason: str) -> int:
        """Reject what cannot be decoded up to the next line that begins an object; where to go on."""
        found = RESUME.search(self.text, at + 1)
        after = found.start() + 1 if found else len(self.text)
        self.bad.append((self.line, self.text[at : min(after, at + VALUE_CUT)].split("\n")[0], reason, "rejected"))
        self.line += self.text.count("\n", at, after)
        return after

    def _event(self, value: dict[str, Any]) -> None:
        for row in flattened(value):
            for name in row:
                self.names.setdefault(name)
            self.rows.append(row)
            self.row_lines.append(self.line)
        if len(self.names) > MAX_COLUMNS:
            raise BadInput(
                f"The file has {len(self.names):,} columns.", f"At most {MAX_COLUMNS:,} can be read.", "Export one row an event."
            )
        if len(self.rows) >= ROWS:
            self._flush()

    def table(self) -> pa.Table:
        """All rows; a field that an event lacks is missing."""
        if not self.batches:
            return pa.table({name: pa.array([], pa.string()) for name in self.names})
        return pa.concat_tables(self.batches, promote_options="default")

    def _flush(self) -> None:
        if self.rows:
            names = list(self.names)
            self.batches.append(pa.table({name: pa.array([row.get(name) for row in self.rows], pa.string()) for name in names}))
            self.lines.append(np.array(self.row_lines, dtype=np.int64))
            self.rows, self.row_lines = [], []


def flattened(event: dict[str, Any]) -> list[dict[str, str | None]]:
    """The rows of one event: `{"user": {"id": 1}, "items": [{"sku": 2}, {"sku": 3}]}` gives `user.id` and `items.sku` in two rows.

    The first list of objects, at any depth, gives the rows; further ones, and lists of plain values, stay JSON text in their cell.
    Key–value lists as Google Analytics writes them (`[{"key": …, "value": {…: …}}]`) become columns instead.
    """
    flat: dict[str, str | None] = {}
    rows: list[tuple[str, list[dict[str, Any]]]] = []
    _flatten("", event, flat, rows)
    if not rows:
        return [flat]
    name, children = rows[0]
    for other, values in rows[1:]:
        flat[other] = json.dumps(values, ensure_ascii=False)
    out = []
    for child in children:
        cells = dict(flat)
        _flatten(name + ".", child, cells, None)
        out.append(cells)
    return out


def _flatten(prefix: str, value: dict[str, Any], flat: dict[str, str | None], rows: list[tuple[str, list[dict[str, Any]]]] | None) -> None:
    for key, cell in value.items():
        name = prefix + key
        if isinstance(cell, dict):
            _flatten(name + ".", cell, flat, rows)
        elif isinstance(cell, list) and cell and all(isinstance(entry, dict) for entry in cell):
            pairs = _pairs(cell)
            if pairs is not None:
                _flatten(name + ".", pairs, flat, rows)
            elif rows is not None:
                rows.append((name, cell))
            else:
                flat[name] = json.dumps(cell, ensure_ascii=False)
        else:
            flat[name] = _text(cell)


def _pairs(entries: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Entries of a key and a value as one object, or None when they are something else."""
    if not all(entry.keys() == {"key", "value"} and isinstance(entry["key"], str) for entry in entries):
        return None
    out: dict[str, Any] = {}
    for entry in entries:
        value = entry["value"]
        if isinstance(value, dict):
            known = [part for part in value.values() if part is not None]
            value = known[0] if len(known) == 1 else value if known else None
        out[entry["key"]] = value
    return out


def _text(cell: Any) -> str | None:
    if cell is None or isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return json.dumps(cell, ensure_ascii=False)
