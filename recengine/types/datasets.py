"""Views of files, imports and dataset versions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from recengine.types.base import said


@dataclass(frozen=True)
class ColumnView:
    column: str = said("The column's name in the file.")
    role: str = said("What the column means.")
    confidence: float = said("How sure the guess is, 0 to 1.")
    reason: str = said("Why the guess was made.")
    samples: tuple[str, ...] = said("Some of its values, as in the file.")
    empty_share: float = said("Share of rows without a value, 0 to 1.")


@dataclass(frozen=True)
class QuestionView:
    id: str = said("Name of the question.")
    text: str = said("What only a person can know.")
    options: tuple[tuple[str, str], ...] = said("The possible answers: value for the mapping, and words.")
    default: str = said("Value that is assumed without an answer.")
    note: str = said("Why it is assumed.")


@dataclass(frozen=True)
class VerdictView:
    level: str = said("ok, warn or no.")
    topic: str = said("What it is about.")
    text: str = said("What this data can or cannot carry.")


@dataclass(frozen=True)
class SampleRow:
    line: int = said("Line in the file; the first line is 1.")
    shopper: str = said("Shopper id as in the file.")
    item: str = said("Item id as in the file.")
    title: str = said("Item title.")
    time: str = said("Time as understood, UTC.")
    behaviour: str = said("What the shopper did.")
    price: str = said("Price a piece as in the file.")
    result: str = said("accepted, or why not.")


@dataclass(frozen=True)
class EventWordView:
    word: str = said("A word of the event column as in the file; empty for empty cells.")
    rows: int = said("Records that have it.")
    behaviour: str = said("What it counts as.")
    key: str = said("Equal for spellings of one word: case, blanks and hyphens do not count.")
    source: str = said("known: by the program; format: by the format of the file; chosen: by a person; unknown: nobody said yet.")


@dataclass(frozen=True)
class ImportPreview:
    upload: str = said("Handle of the file that waits for its import.")
    file_name: str = said("Name of the file.")
    size_bytes: int = said("Size as uploaded.")
    compression: str = said("gzip or none.")
    encoding: str = said("How the bytes were read as text.")
    dialect: str = said("How the text was read as a table, in words.")
    recognised: str = said("Name of the known format, or generic.")
    recognised_title: str = said("The format in words.")
    confidence: float = said("How sure the recognition is, 0 to 1.")
    columns: tuple[ColumnView, ...] = said("Every column with its meaning.")
    questions: tuple[QuestionView, ...] = said("What only a person can know.")
    rows: tuple[SampleRow, ...] = said("First rows as understood.")
    mapping: dict[str, Any] = said("The mapping that an import would use; JSON, may be edited.")
    physical_rows: int = said("Records in the file.", default=0)
    notes: tuple[str, ...] = said("Remarks on how the file was read.", default=())
    words: tuple[EventWordView, ...] = said("Words of the event column, most frequent first.", default=())


@dataclass(frozen=True)
class RowCounts:
    physical: int = said("Records in the file.")
    accepted: int = said("Records that became events.")
    rejected: int = said("Records refused, with a reason each.")
    skipped: int = said("Records left out by a stated rule, such as cancellations.")


@dataclass(frozen=True)
class ImportCheck:
    rows: RowCounts = said("Where every record of the file would go.")
    reasons: tuple[tuple[str, str, int], ...] = said("Kind (rejected or skipped), reason and number of records.")
    shoppers: int = said("Distinct shoppers.")
    items: int = said("Distinct items.")
    verdicts: tuple[VerdictView, ...] = said("What this data could and could not train.")
    models: tuple[VerdictView, ...] = said("One verdict a family of models.", default=())
    quality: dict[str, Any] = said("The quality report.", default_factory=dict)


@dataclass(frozen=True)
class ImportReport:
    dataset: str = said("Id of the new dataset version.")
    name: str = said("Its display name.")
    fingerprint: str = said("SHA-256 of its content; the same rows in any order give the same one.")
    recognised: str = said("Name of the known format, or generic.")
    rows: RowCounts = said("Where every record of the file went.")
    shoppers: int = said("Distinct shoppers.")
    items: int = said("Distinct items.")
    behaviours: dict[str, int] = said("Events by behaviour.")
    first: str = said("First event, ISO, UTC.")
    last: str = said("Last event, ISO, UTC.")
    mapping: dict[str, Any] = said("The mapping that was used.")
    rejects_file: str = said("CSV of every record that was not accepted, with line, column, value and reason.")
    reasons: tuple[tuple[str, str, int], ...] = said("Kind (rejected or skipped), reason and number of records.")
    quality: dict[str, Any] = said("The quality report.")
    verdicts: tuple[VerdictView, ...] = said("What this data can and cannot train.")
    seconds: float = said("Time the import took, seconds.")
    already: bool = said("The same content was imported before; that version is shown.", default=False)


@dataclass(frozen=True)
class DatasetRow:
    id: str = said("Id of the dataset version.")
    name: str = said("Display name.")
    created: str = said("When it was imported, ISO, UTC.")
    events: int = said("Accepted events.")
    shoppers: int = said("Distinct shoppers.")
    items: int = said("Distinct items.")
    first: str = said("First event, ISO, UTC.")
    last: str = said("Last event, ISO, UTC.")
    fingerprint: str = said("SHA-256 of its content.")
    variants: int = said("Variants trained on it.", default=0)
    currency: str = said("Sign before prices.", default="")
    synthetic: bool = said("Made by the demo generator, not by a shop.", default=False)


@dataclass(frozen=True, eq=False)
class DatasetOverview:
    dataset: DatasetRow = said("The dataset version.")
    weeks: np.ndarray = said("Start of each whole week, datetime64[D] [W].")
    weekly_events: dict[str, np.ndarray] = said("Events a week by behaviour, int64 [W] each.")
    weekly_shoppers: np.ndarray = said("Active shoppers a week, int64 [W].")
    funnel: tuple[tuple[str, int, int], ...] = said("Stage, shoppers, events: view, cart, purchase where the data has them.")
    rank_share: np.ndarray = said("Cumulative share of events by item rank, float64 [<= 400 points].")
    rank_items: np.ndarray = said("Item rank of each point, int64.")
    items_for_80: int = said("Items that make 80% of the events.")
    density: float = said("Share of shopper-item pairs with an event, 0 to 1.")
    events_per_shopper_edges: np.ndarray = said("Edges of the histogram of events per shopper, int64 [n + 1].")
    events_per_shopper_counts: np.ndarray = said("Shoppers in each bin, int64 [n].")
