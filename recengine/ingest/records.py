"""Lines → records, one by one and exactly: what the fast way of `blocks` leaves over, and every sample."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass

from recengine.ingest.marks import Marks
from recengine.ingest.mend import mend

SPAN_LIMIT = 1_000  # lines one quoted record may span
CELL_LIMIT = 131_072

NEVER_CLOSED = "a quote is opened and never closed"
MISPLACED = "a quote stands where none may"
TOO_LONG = f"a cell is longer than {CELL_LIMIT:,} characters"


@dataclass(frozen=True)
class Record:
    """One record of a list of lines."""

    start: int  # index of its first line
    span: int  # lines
    cells: list[str] | None  # None: it cannot be cut
    problem: str = ""  # why not
    open: bool = False  # the lines ended inside a quoted cell that later lines may close
    mended: bool = False  # stray quotes were taken as text


def records(lines: list[str], marks: Marks, width: int | None = None, ends_whole: bool = True) -> Iterator[Record]:
    """Cut flat lines into records by the rule book of `blocks`.

    Args:
        lines: With their line ends, already made flat by `marks`.
        marks: Delimiter, quote and escape.
        width: Cells a record should have; None does without mending.
        ends_whole: The last line has its line end, or the text ends there as a record should.

    Yields:
        Every record in order. After one that cannot be cut, reading resumes on its second line.
    """
    sep, quote = marks.sep, marks.quote
    at = 0
    while at < len(lines):
        feed = _Lines(lines, at)
        if quote:
            reader = csv.reader(feed, delimiter=sep, quotechar=quote, strict=True)
        else:
            reader = csv.reader(feed, delimiter=sep, quoting=csv.QUOTE_NONE)
        while True:
            start, problem, cells = feed.at, "", None
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                problem = TOO_LONG if "field limit" in str(error) else NEVER_CLOSED if feed.ended else MISPLACED
            span = feed.at - start
            stopped = feed.ended and cells is None and problem == NEVER_CLOSED
            if cells is not None and span > SPAN_LIMIT:
                cells, problem = None, NEVER_CLOSED
            elif cells is not None and span > 1 and width is not None and len(cells) != width:
                problem, cells = f"{len(cells):,} cells instead of {width:,}", None
            if cells is not None:
                yield Record(start, span, cells)
                continue
            last = start == len(lines) - 1 and not ends_whole
            found = None
            if width and quote and not last and problem in (NEVER_CLOSED, MISPLACED):
                found = mend(lines[start].rstrip("\r\n"), sep, quote, width)
            if stopped and span <= SPAN_LIMIT:
                yield Record(start, span, found, problem, open=True, mended=found is not None)
            else:
                yield Record(start, 1, found, problem, mended=found is not None)
            at = start + 1
            break


class _Lines(Iterator[str]):
    """The lines from `at` on; `ended` tells that one more was asked for than there are."""

    def __init__(self, lines: list[str], at: int) -> None:
        self.lines, self.at, self.ended = lines, at, False

    def __next__(self) -> str:
        if self.at >= len(self.lines):
            self.ended = True
            raise StopIteration
        self.at += 1
        return self.lines[self.at - 1]
