"""Text columns that hold the delimiter without quotes, as in exports separated by spaces: which column takes in the extra cells."""

from __future__ import annotations

from recengine.ingest.header import is_value
from recengine.ingest.records import Record

LEAST_EVEN = 0.95
LEAST_VALUED = 2  # columns of numbers or times that must hold the row in place


def loose_column(cut: list[Record]) -> tuple[int, int, float] | None:
    """(width, loose column, share of rows that fit), or None when no single column explains the extra cells.

    The first record must read as a header. Every other record has at least as many cells; those before the loose column are
    counted from the left, those behind it from the right, and columns of numbers and times must stay such in every row.

    Args:
        cut: Records of a sample.
    """
    if len(cut) < 4 or not (header := cut[0].cells) or any(not cell.strip() or is_value(cell) for cell in header):
        return None
    width = len(header)
    rows = [record.cells for record in cut[1:] if record.cells and len(record.cells) >= width]
    if width < 3 or len(set(header)) < width or len(rows) < LEAST_EVEN * (len(cut) - 1) or all(len(row) == width for row in rows):
        return None
    best: tuple[float, int] = (0.0, -1)
    for column in range(width):
        joined = [join_loose(row, width, column, " ") for row in rows]
        flags = [[is_value(row[k]) for row in joined if row[k].strip()] for k in range(width)]
        shares = [sum(flag) / len(flag) for flag in flags if flag]
        even = [share for share in shares if share >= LEAST_EVEN or share <= 1 - LEAST_EVEN]
        valued = sum(share >= LEAST_EVEN for share in shares)
        if valued >= LEAST_VALUED and len(even) == len(shares):
            best = max(best, (valued + sum(shares), column), key=lambda pair: (pair[0], -pair[1]))
    if best[1] < 0 or len([record for record in cut[1:] if record.cells]) == 0:
        return None
    return width, best[1], len(rows) / (len(cut) - 1)


def join_loose(cells: list[str], width: int, column: int, delimiter: str) -> list[str]:
    """A row of `width` cells: the extra ones are joined into the loose column."""
    extra = len(cells) - width
    if extra <= 0:
        return cells
    return [*cells[:column], delimiter.join(cells[column : column + extra + 1]), *cells[column + extra + 1 :]]
