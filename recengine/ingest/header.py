"""Finds the header among the first records: lines above it, names in several lines, none at all."""

from __future__ import annotations

import re

NUMBER = re.compile(r"^\s*[-+]?\s*[£$€¥]?\s*[\d.,]+(e[-+]?\d+)?\s*[%£$€¥]?\s*$", re.IGNORECASE)
TIME = re.compile(r"^\s*\d{1,4}[-/.年]\d{1,2}[-/.月]\d{1,4}|^\s*\d{1,2}:\d{2}")
MOST_HEADER_ROWS = 5
MOST_ABOVE = 100  # records that may stand above the header


def find_header(rows: list[list[str]], width: int, known: frozenset[str]) -> tuple[int, int] | None:
    """(index of the first header row, number of header rows), or None when the records begin without one.

    Args:
        rows: The first records, blank lines left out.
        width: Cells of most records.
        known: Header names of known formats, lower case without punctuation.
    """
    at = _first_full(rows, width, known)
    if at is None:
        return None
    rest = [cells for cells in rows[at + 1 :] if len(cells) == width]
    if not looks_like_header(rows[at], rest, known):
        return None
    n = 1
    while n < MOST_HEADER_ROWS and _names_go_on(rows[at : at + n], rows[at + n :], width):
        n += 1
    return at, n


def names_of(header: list[list[str]], width: int) -> tuple[str, ...]:
    """Distinct, never blank names from one or several header rows: parts joined by a space, repeated parts once."""
    header = [fitted(row, width) for row in header]
    return distinct_names([" ".join(dict.fromkeys(row[k].strip() for row in header if row[k].strip())) for k in range(width)])


def fitted(row: list[str], width: int) -> list[str]:
    """A header row with as many cells as the records have: blank cells go first, then the last ones; missing ones are blank."""
    spare = len(row) - width
    if spare > 0:
        blanks = [k for k, cell in enumerate(row) if not cell.strip()][::-1][:spare]
        row = [cell for k, cell in enumerate(row) if k not in blanks][:width]
    return [*row, *[""] * (width - len(row))]


def distinct_names(cells: list[str]) -> tuple[str, ...]:
    """Header cells as distinct, non-blank names: blanks become `column 3`, repeats get ` (2)`; other names stay as written."""
    taken: set[str] = set()
    names = []
    for k, cell in enumerate(cells):
        base = cell.strip() or f"column {k + 1}"
        name, repeat = base, 1
        while name in taken:
            repeat += 1
            name = f"{base} ({repeat})"
        taken.add(name)
        names.append(name)
    return tuple(names)


def looks_like_header(first: list[str], rest: list[list[str]], known: frozenset[str]) -> bool:
    """Whether a row names the columns: by known names, else because it holds no number or time while the rows below do."""
    if names_known(first, known) >= min(2, len(first)):
        return True
    if any(is_value(cell) for cell in first):
        return False
    if not rest:
        return True
    for k in range(len(first)):
        column = [cells[k] for cells in rest if k < len(cells) and cells[k].strip()]
        if column and sum(map(is_value, column)) > 0.8 * len(column):
            return True
    repeated = any(first[k] in {cells[k] for cells in rest if k < len(cells)} for k in range(len(first)) if first[k].strip())
    return not repeated and not any(char.isdigit() for cell in first for char in cell)


def names_known(cells: list[str], known: frozenset[str]) -> int:
    """How many different cells are header names of known formats."""
    return len({key for cell in cells if (key := re.sub(r"[\W_]+", "", cell.split(":")[0].casefold())) in known})


def is_value(cell: str) -> bool:
    """Whether a cell is a number or a time, which no column is called."""
    return bool(NUMBER.match(cell) or TIME.match(cell))


def is_sparse(cells: list[str], width: int) -> bool:
    """Whether most cells of a row are blank, as in titles above a table and totals below it."""
    return sum(bool(cell.strip()) for cell in cells) <= max(1, width // 3) < width


def _first_full(rows: list[list[str]], width: int, known: frozenset[str]) -> int | None:
    for k, cells in enumerate(rows[:MOST_ABOVE]):
        if names_known(cells, known) >= 2:
            return k
        if is_sparse(cells, width) and width > 1 and any(not is_sparse(other, width) for other in rows[k + 1 : k + 20]):
            continue
        if len(cells) == width:
            return k
        near = abs(len(cells) - width) <= max(1, width // 4) and len(cells) > 1
        below = rows[k + 1 : k + 4]
        if near and not any(map(is_value, cells)) and below and all(len(other) == width and any(map(is_value, other)) for other in below):
            return k  # a header with a name too few or too many
    return None


def _names_go_on(header: list[list[str]], below: list[list[str]], width: int) -> bool:
    """Whether the row under the header belongs to it: the same names again, or words where all rows below hold numbers and times."""
    if not below or len(below[0]) != width or len(header[0]) != width:
        return False
    row, rest = below[0], [cells for cells in below[1:] if len(cells) == width]
    if [cell.strip() for cell in row] == [cell.strip() for cell in header[-1]]:
        return True
    if len(rest) < 5 or not all(cell.strip() for cell in row) or any(map(is_value, row)):
        return False
    columns = [[cells[k] for cells in rest if cells[k].strip()] for k in range(width)]
    valued = [column for column in columns if len(column) >= 0.8 * len(rest) and all(map(is_value, column))]
    return len(valued) >= 2
