"""What stands between and below the records: another table, totals, a line that says who exported the file."""

from __future__ import annotations

import re

from recengine.ingest.blocks import BLANK, RecordCutter
from recengine.ingest.header import is_value

TOTAL = re.compile(
    r"^\W*(grand ?total|total|totals|sub-?total|sum|summe|gesamt(summe)?|somme|totale|suma|итого|всего"
    r"|合计|总计|小计|总数|合計|総計|합계|총계)\b",
    re.IGNORECASE,
)
CELLS = re.compile(r"^([\d,]+) cells? instead of")
TOTALS, BELOW = "totals row", "line below the last record"
MOST_TOTALS = 5


def settle(cutter: RecordCutter) -> None:
    """Tell rows that belong to no record of this table from rows that are broken.

    Rows of another width under a header of their own belong to another table. Short lines behind the last record stand below
    it. The last rows whose first cell says "total" and whose other cells are mostly blank are totals. All of them are skipped.
    Broken rows that another delimiter would cut are told to be such.
    """
    cutter.bad.sort(key=lambda row: row[0])
    _another_table(cutter)
    _below(cutter)
    _totals(cutter)
    _other_delimiter(cutter)


def _cells_of(reason: str) -> int:
    found = CELLS.match(reason)
    return int(found.group(1).replace(",", "")) if found else 0


def _another_table(cutter: RecordCutter) -> None:
    names = {name.strip().casefold() for row in cutter.dialect.header_rows for name in row if name.strip()}
    width, began, before = 0, 0, ("", 0)
    for k, (line, value, reason, _) in enumerate(cutter.bad):
        n = _cells_of(reason)
        if n > 1 and n != width:
            cells = [cell.strip().strip("\"'") for cell in value.split(cutter.dialect.delimiter)]
            known = sum(cell.casefold() in names for cell in cells)
            apart = before == (BLANK, line - 1)
            words = all(cell and not is_value(cell) for cell in cells) and len(set(cells)) == len(cells)
            more = next((_cells_of(row[2]) == n and row[0] == line + 1 for row in cutter.bad[k + 1 : k + 2]), False)
            if more and (2 * known >= min(len(cells), len(names)) > 1 or (apart and words)):
                width, began = n, line
        if n and n == width:
            cutter.bad[k] = (line, value, f"part of another table that begins in line {began:,}", "skipped")
            cutter.cells.pop(line, None)
        before = (reason, line)


def _below(cutter: RecordCutter) -> None:
    last = max((int(lines[-1]) for lines in cutter.lines if len(lines)), default=0)
    if not last or len(cutter.dialect.names) < 3:
        return
    behind = [k for k, row in enumerate(cutter.bad) if row[0] > last]
    apart = any(cutter.bad[k][2] == BLANK for k in behind)
    for k in behind:
        line, value, reason, kind = cutter.bad[k]
        if kind == "rejected" and _cells_of(reason) and (TOTAL.match(value) or (apart and _cells_of(reason) == 1)):
            cutter.bad[k] = (line, value, TOTALS if TOTAL.match(value) else BELOW, "skipped")
            cutter.cells.pop(line, None)


def _totals(cutter: RecordCutter) -> None:
    width = len(cutter.dialect.names)
    if width < 3:
        return
    for _ in range(MOST_TOTALS):
        while cutter.batches and not cutter.batches[-1].num_rows:
            cutter.batches.pop()
            cutter.lines.pop()
        if not cutter.batches:
            return
        table, lines = cutter.batches[-1], cutter.lines[-1]
        cells = [str(value) for value in table.slice(table.num_rows - 1).to_pylist()[0].values()]
        filled = [cell for cell in cells if cell.strip()]
        if not filled or not TOTAL.match(filled[0]) or len(filled) > width - max(1, width // 3):
            return
        text = cutter.dialect.delimiter.join(cells)
        cutter.bad.append((int(lines[-1]), text, TOTALS, "skipped"))
        cutter.batches[-1], cutter.lines[-1] = table.slice(0, table.num_rows - 1), lines[:-1]


def _other_delimiter(cutter: RecordCutter) -> None:
    mine, wanted = cutter.dialect.delimiter, len(cutter.dialect.names) - 1
    others = [mark for mark in ",;\t|" if mark != mine]
    if wanted < 2:
        return
    for k, (line, value, reason, kind) in enumerate(cutter.bad):
        if kind == "rejected" and _cells_of(reason) and (mark := next((m for m in others if value.count(m) == wanted), "")):
            words = {"\t": "tab", ",": "comma", ";": "semicolon", "|": "pipe"}
            cutter.bad[k] = (line, value, f"{reason}: separated by {words[mark]} here", kind)
