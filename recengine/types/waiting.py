"""Views of a file that waits for its import: what is odd about it, and what cleaning rules would do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from recengine.types.base import said
from recengine.types.datasets import ImportCheck
from recengine.types.versions import AppendCheck, CleaningRow, PersonalColumn


@dataclass(frozen=True)
class FindingView:
    code: str = said("What was found, such as bots or duplicates.")
    events: int = said("Events that it concerns.")
    things: int = said("Shoppers, items, days, groups or columns that it concerns; 0 where it is about events alone.")
    columns: tuple[str, ...] = said("What the cells of its rows are, such as line, shopper, price or usual.")
    rows: tuple[tuple[Any, ...], ...] = said("Up to 50 of its rows, the most telling first.")
    cleaning: dict[str, Any] = said("Cleaning rules that do something about it; empty where none does.")
    not_products: tuple[str, ...] = said("Regular expressions of item ids that the mapping can mark as no products.")


@dataclass(frozen=True, eq=False)
class WaitingCheck:
    check: ImportCheck = said("Where every record would go, quality and verdicts, before any cleaning rule.")
    append: AppendCheck | None = said("What appending to the chosen version would do; None for a new dataset.")
    findings: tuple[FindingView, ...] = said("What is odd, the weightiest first.")
    personal: tuple[PersonalColumn, ...] = said("Columns that seem to hold personal data.")
    first: str = said("First day that is not far outside the others, ISO, UTC; empty without times.")
    last: str = said("Last such day.")
    shopper_edges: np.ndarray = said("Edges of the histogram of events per shopper, int64 [n + 1].")
    shopper_counts: np.ndarray = said("Shoppers in each bin, int64 [n].")
    returns_skipped: int = said("Cancellations and returns that the reading of the file leaves out already.")


@dataclass(frozen=True)
class Size:
    events: int = said("Events.")
    shoppers: int = said("Different shoppers.")
    items: int = said("Different items.")


@dataclass(frozen=True)
class CleaningTrial:
    before: Size = said("Without any rule; of the whole version where the file is appended to one.")
    after: Size = said("With the rules.")
    steps: tuple[CleaningRow, ...] = said("What each rule does, in the order in which they are applied.")
    added: int = said("Events of the waiting file that stay; of a stored version all that stay.")
    left_out: tuple[tuple[str, int], ...] = said("Reason and number of its events that leave.")


@dataclass(frozen=True)
class CleaningOffer:
    rule: str = said("A field of the cleaning rules.")
    rules: dict[str, Any] = said("What switching it on would set.")
    left_out: int = said("Events that it would leave out by itself; -1 where that is not counted.")


@dataclass(frozen=True)
class ModelVerdict:
    level: str = said("ok, warn (it trains, its figures are shaky) or no.")
    code: str = said("Family and what is said of it, such as factors.short.")
    figures: dict[str, float] = said("Numbers that stand in the sentence.")
    have: dict[str, float] = said("Shoppers, items and mean number of events a shopper that are here.")
