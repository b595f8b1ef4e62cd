"""Finds the delimiter, the header line and the number of columns from the first lines of a text."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass

from recengine.errors import BadInput

MAX_COLUMNS = 5_000
DELIMITERS = (",", "\t", ";", "|", "::", " ")
UNIT = "\x1f"  # stands for a delimiter of two characters while a block is parsed
DELIMITER_WORDS = {
    ",": "comma-separated",
    "\t": "tab-separated",
    ";": "semicolon-separated",
    "|": "pipe-separated",
    "::": "separated by ::",
    " ": "space-separated",
}
NUMBER = re.compile(r"^\s*[-+]?[£$€¥]?\s*[\d.,]+(e[-+]?\d+)?\s*%?\s*$", re.IGNORECASE)
TIME = re.compile(r"^\s*\d{1,4}[-/.年]\d{1,2}[-/.月]\d{1,4}")


@dataclass(frozen=True)
class Dialect:
    """How the text is cut into records and cells."""

    delimiter: str
    quoted: bool  # double quotes group a cell
    header_line: int  # physical line of the header, 0 when there is none
    first_line: int  # physical line of the first record
    names: tuple[str, ...]  # distinct, never blank
    written_names: tuple[str, ...]  # as in the file, () without a header

    @property
    def lines_above(self) -> int:
        """Lines before the header that are neither it nor records, 0 without a header."""
        return max(self.header_line - 1, 0)

    @property
    def words(self) -> str:
        head = f"header in line {self.header_line}" if self.header_line else "no header"
        return f"{DELIMITER_WORDS.get(self.delimiter, 'separated by ' + self.delimiter)}, {head}"


def rows_of(lines: list[str], delimiter: str, quoted: bool = True) -> list[tuple[int, list[str]]]:
    """(index of the first line, cells) of every record of a sample."""
    quoting = csv.QUOTE_MINIMAL if quoted and delimiter != "::" else csv.QUOTE_NONE
    sep = UNIT if delimiter == "::" else delimiter
    reader = csv.reader((line.replace("::", UNIT) if delimiter == "::" else line for line in lines), delimiter=sep, quoting=quoting)
    rows, start = [], 0
    try:
        for cells in reader:
            rows.append((start, cells))
            start = reader.line_num
    except csv.Error:  # a runaway quote: the reader deals with it line by line
        pass
    return rows


def detect_dialect(
    text: str, *, delimiter: str | None = None, header: bool | None = None, known_header: frozenset[str] = frozenset()
) -> Dialect:
    """Delimiter by the steadiest number of cells, header by names and by the difference between the first row and the rest.

    Args:
        text: The first lines, decoded; the last line may be cut.
        delimiter: Chosen by the reader of the file, or None to find it.
        header: Whether there is a header, or None to find out.
        known_header: Lower-case names that mark a header beyond doubt.

    Raises:
        BadInput: nothing but blank lines, a single column, or more than 5,000 columns.
    """
    lines = list(io.StringIO(text, newline=""))[:1_000]
    skipped = 0
    if lines and (match := re.fullmatch(r"sep=(.)\s*", lines[0])):
        delimiter, skipped = delimiter or match.group(1), 1
        lines = lines[1:]
    if not any(line.strip() for line in lines):
        raise BadInput("The file has no rows.", "It holds only blank lines.", "Export it again and check that it has rows.")
    delimiter = delimiter or _best_delimiter(lines)
    quoted = _quotes_group(lines, delimiter)
    rows = [(start, cells) for start, cells in rows_of(lines, delimiter, quoted) if any(cell.strip() for cell in cells)]
    widest = max((len(cells) for _, cells in rows), default=0)
    if widest > MAX_COLUMNS:
        raise BadInput(
            f"The file has {widest:,} columns.", f"At most {MAX_COLUMNS:,} can be read.", "Export one row an event, not one column an item."
        )
    width = _width(rows)
    if width < 2:
        raise BadInput(
            "The file has one column only.",
            "No comma, tab, semicolon, pipe or :: splits its lines.",
            "Export it with a shopper and an item column.",
        )
    at = next(
        k for k, (_, cells) in enumerate(rows) if len(cells) == width or _names_known(cells, known_header) >= 2 or (k == 0 and header)
    )
    start, first = rows[at]
    if header is None:
        header = looks_like_header(first, [cells for _, cells in rows[at + 1 :] if len(cells) == width], known_header)
    if not header:
        line = rows[0][0] + 1 + skipped  # without a header nothing can be told to be a preamble
        return Dialect(delimiter, quoted, 0, line, tuple(f"column {k + 1}" for k in range(width)), ())
    width = max(width, len(first))
    next_start = next((s for s, _ in rows_of(lines, delimiter, quoted) if s > start), len(lines))
    names = distinct_names([*first, *[""] * (width - len(first))])
    return Dialect(delimiter, quoted, start + 1 + skipped, next_start + 1 + skipped, names, tuple(first))


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


def _best_delimiter(lines: list[str]) -> str:
    best, best_score = ",", 0.0
    for delimiter in DELIMITERS:
        if not any(delimiter in line for line in lines[:50]):
            continue
        counts = Counter(len(cells) for _, cells in rows_of(lines, delimiter) if cells)
        width, n = max(((w, c) for w, c in counts.items() if w > 1), key=lambda pair: pair[1], default=(1, 0))
        if width < 2:
            continue
        steadiness = n / sum(counts.values())
        # A space or a comma can also be prose: steadiness decides first, then the number of columns.
        score = steadiness**2 * (1 - 1 / width) * (0.5 if delimiter == " " else 1.0)
        if score > best_score + 1e-9:
            best, best_score = delimiter, score
    return best


def _quotes_group(lines: list[str], delimiter: str) -> bool:
    """Whether double quotes group cells: not when more lines have the usual number of cells without that (inch marks, say)."""
    if delimiter == "::":
        return False
    with_quotes, without = rows_of(lines, delimiter), rows_of(lines, delimiter, quoted=False)
    steady = [sum(len(cells) == _width(rows) for _, cells in rows) for rows in (with_quotes, without)]
    return steady[0] >= steady[1] or _width(without) < _width(with_quotes)


def _width(rows: list[tuple[int, list[str]]]) -> int:
    counts = Counter(len(cells) for _, cells in rows)
    top = max(counts.values(), default=0)
    return max((width for width, n in counts.items() if n == top), default=0)


def _names_known(cells: list[str], known: frozenset[str]) -> int:
    return len({key for cell in cells if (key := re.sub(r"[\W_]+", "", cell.split(":")[0].casefold())) in known})


def looks_like_header(first: list[str], rest: list[list[str]], known: frozenset[str]) -> bool:
    """Whether the first row names the columns: by known names, else because it holds no number or time while the rows below do."""
    if _names_known(first, known) >= min(2, len(first)):
        return True
    if any(NUMBER.match(cell) or TIME.match(cell) for cell in first):
        return False
    if not rest:
        return True
    for k in range(len(first)):
        column = [cells[k] for cells in rest if k < len(cells) and cells[k].strip()]
        if column and sum(bool(NUMBER.match(c) or TIME.match(c)) for c in column) > 0.8 * len(column):
            return True
    repeated = any(first[k] in {cells[k] for cells in rest} for k in range(len(first)) if first[k].strip())
    return not repeated and not any(char.isdigit() for cell in first for char in cell)
