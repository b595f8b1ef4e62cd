"""Finds delimiter, quote and escape of a text: the marks that cut most lines into the same number of clean cells."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from recengine.ingest.loose import loose_column
from recengine.ingest.marks import STAND_INS, Marks
from recengine.ingest.records import Record, records

SAMPLE_LINES = 300
USUAL = ",;\t|"
# How likely a mark is a delimiter before any line is read; what is not named here: 0.5. Letters and digits never are.
PRIOR = {**dict.fromkeys(USUAL, 1.0), "::": 1.0, ", ": 1.0, "; ": 1.0, " ": 0.5, ":": 0.3, ".": 0.05, "-": 0.05, "/": 0.05, "_": 0.05}
PRIOR |= dict.fromkeys("^~\x01\x02\x03\x14\x1f\xa6\xac§¶‖│｜、；，", 0.9) | dict.fromkeys("()[]{}<>+=%$€£*?!@&", 0.1) | {"'": 0.0, '"': 0.0}
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
NEVER = frozenset("\r\n'\"\ufeff")
OPENED = re.compile(r'\s"[^"]*$')
GUARDED = re.compile(r"'+[\s\"']*[=+\-@＝＋－＠](.*[^'])?$", re.DOTALL)  # an apostrophe that keeps a spreadsheet from running the cell
RUN = re.compile(r"[^\w\s'\"\ud800-\udfff]{2,4}|\t\t")


@dataclass(frozen=True)
class Found:
    """Marks and what their search has shown."""

    marks: Marks
    width: int | None = None  # cells of a record where the most frequent number does not tell
    loose: int | None = None  # the column that may hold the delimiter without quotes


def find_marks(lines: list[str], delimiter: str | None = None) -> Found:
    """Delimiter, quote and escape of the first lines of a text.

    Args:
        lines: With their line ends; the last may be cut.
        delimiter: Chosen by a person, or None to find it.

    Returns:
        The best marks; a comma and double quotes when nothing splits the lines.

    Cost: about 30 ms for 300 lines.
    """
    sample = lines[:SAMPLE_LINES]
    best, best_score = Found(Marks(delimiter or ",")), 0.0
    for candidate in _candidates(sample) if delimiter is None else (delimiter,):
        for quote, escape in _quotings(sample, candidate):
            found, score = _tried(sample, Marks(candidate, quote, escape))
            prior = 1.0 if delimiter is not None or len(candidate) > 1 else PRIOR.get(candidate, 0.5)
            score *= prior * (1.0 if quote == '"' else 0.98)
            if score > best_score * 1.0001:
                best, best_score = found, score
    return best


def _candidates(lines: list[str]) -> Iterator[str]:
    """Possible delimiters, longer ones first, so that an equal score of a shorter one does not win."""
    filled = [line for line in lines if line.strip()]
    having: Counter[str] = Counter()
    for line in filled:
        having.update({char for char in line if not char.isalnum()})
    least = max(1, len(filled) // 4)
    never = NEVER | set(STAND_INS[1:])
    single = [char for char, n in having.items() if n >= least and char not in never and not "\ud800" <= char <= "\udfff"]
    text = "".join(filled)
    runs = Counter(found for line in filled for found in RUN.findall(line))
    for run, _ in runs.most_common(6):
        # a run is a delimiter when its characters hardly occur without it; a repeated pair inside a run is taken for the shorter
        unit = run[: len(run) // 2] if len(run) % 2 == 0 and run[: len(run) // 2] * 2 == run and len(run) > 2 else run
        if len(unit) > 1 and text.count(unit) * len(unit) >= 0.75 * sum(text.count(char) for char in set(unit)):
            yield unit
    for char in single:
        if char in USUAL and char != "\t" and text.count(char + " ") >= 0.3 * text.count(char):
            yield char + " "
    yield from (char for char in USUAL if char in single)
    yield from sorted(char for char in single if char not in USUAL)


def _quotings(lines: list[str], delimiter: str) -> Iterator[tuple[str, str]]:
    text = "".join(lines)
    yield '"', ""
    if '\\"' in text:
        yield '"', "\\"
    if delimiter != "'" and (delimiter + "'" in text or "\n'" in text or text.startswith("'")):
        yield "'", ""
        if "\\'" in text:
            yield "'", "\\"
    if '"' in text:
        yield "", ""


def _tried(lines: list[str], marks: Marks) -> tuple[Found, float]:
    """The marks, and from 0 to 1 how evenly the marks cut the lines. Records that need mending count 0.9, those that cannot be cut 0."""
    flat = [marks.flat_text(line) for line in lines]
    cut = [record for record in records(flat, marks) if record.cells is None or any(cell.strip() for cell in record.cells)]
    if len(cut) > 1 and cut[-1].open:  # the sample ends inside a quoted cell
        cut.pop()
    width = usual_width(cut)
    if marks.delimiter == " " and (spaced := loose_column(cut)) is not None:
        width, loose, share = spaced
        return Found(marks, width, loose), (0.95 * share) ** 2 * (1 - 1 / width)
    if width < 2:
        return Found(marks), 0.0
    exact = sum(record.cells is not None and len(record.cells) == width for record in cut)
    mended = 0
    if exact < len(cut) and marks.quote:
        mended = sum(record.cells is not None for record in records(flat, marks, width) if record.mended)
    total = max(len(cut), exact + mended)
    other = Counter(len(record.cells) for record in cut if record.cells and len(record.cells) not in (1, width))
    second = max(other.values(), default=0)  # a second table below the first one
    steadiness = (exact + 0.9 * mended + (0.6 * second if second >= 0.2 * total else 0.0)) / total
    rows = [record.cells for record in cut if record.cells is not None and len(record.cells) == width]
    told = sum(any(char.isalnum() for row in rows for char in row[k]) for k in range(width))  # columns that hold anything
    cells = sum(len(record.cells or ()) for record in cut)
    torn = sum(_torn(cell, marks.quote) for record in cut for cell in record.cells or ())
    return Found(marks), min(steadiness, 1.0) ** 2 * max(0.0, 1 - 1 / max(told, 1)) * (1 - min(0.9, 2 * torn / max(cells, 1)))


def _torn(cell: str, quote: str) -> bool:
    """Whether a cell seems to be a piece of a quoted one: a quote that opens and does not close, or an unused quote around it."""
    text = cell.strip()
    if len(text) < 2 or ('"' not in text and "'" not in text):
        return False
    edge = text[0] in "\"'" and (text[-1] != text[0] or text[0] != quote) and not GUARDED.match(text)
    return edge or OPENED.search(text) is not None


def usual_width(cut: list[Record]) -> int:
    """The most frequent number of cells; among equals that of the first record if it is one of them, else the larger; 0 for none."""
    counts = Counter(len(record.cells) for record in cut if record.cells)
    top = max(counts.values(), default=0)
    equals = [width for width, n in counts.items() if n == top]
    return equals[0] if cut and cut[0].cells and len(cut[0].cells) == equals[0] else max(equals, default=0)
