"""Views of dataset versions: what a file is, what rules and joins did, what changed from version to version."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from recengine.types.base import said
from recengine.types.datasets import DatasetRow, RowCounts


@dataclass(frozen=True)
class FileKind:
    kind: str = said("events, items, shoppers, reviews, searches, id_map, campaigns, faq, or mended for rejected rows that come back.")
    title: str = said("The file in words.")
    confidence: float = said("How sure it is, 0 to 1.")
    reason: str = said("Why.")


@dataclass(frozen=True)
class PersonalColumn:
    column: str = said("The column's name in the file.")
    kind: str = said("email, phone or card.")
    words: str = said("What it holds, in words.")
    share: float = said("Share of its different cells, 0 to 1.")
    example: str = said("One cell with its middle hidden.")
    hashed: bool = said("Whether the mapping replaces it by a keyed hash.")


@dataclass(frozen=True)
class Remembered:
    mapping: dict[str, Any] = said("The mapping that the last file of this shape was imported with; JSON.")
    cleaning: dict[str, Any] = said("The cleaning rules it was imported with; empty without any.")
    dataset: str = said("The version it went into, or a later version of it; empty when it is gone.")
    dataset_name: str = said("Its display name.")
    file_name: str = said("Name of that file.")
    when: str = said("When it was imported, ISO, UTC.")


@dataclass(frozen=True)
class CleaningRow:
    rule: str = said("Name of the rule.")
    reason: str = said("Why rows leave, as in the report of rows.")
    rows_before: int = said("Events before the rule.")
    rows_after: int = said("Events after it.")
    shoppers_before: int = said("Shoppers before the rule.")
    shoppers_after: int = said("Shoppers after it.")
    items_before: int = said("Items before the rule.")
    items_after: int = said("Items after it.")
    passes: int = said("How often the rule was repeated until nothing changed.")


@dataclass(frozen=True)
class CoverageView:
    of: str = said("item or shopper.")
    in_table: int = said("Different ids of the table.")
    in_log: int = said("Different ids of the log.")
    matched: int = said("Ids that both have.")
    only_table: tuple[str, ...] = said("Ids that only the table has: some examples.")
    only_log: tuple[str, ...] = said("Ids that only the log has: some examples.")
    hint: str = said("What may be wrong where little meets; empty where nothing is.")


@dataclass(frozen=True)
class TableCheck:
    kind: FileKind = said("What the file is.")
    fields: dict[str, str] = said("What each column means; may be edited.")
    choices: tuple[str, ...] = said("What a column of this kind of file may mean.")
    rows: RowCounts = said("Where every record of the file would go.")
    coverage: tuple[CoverageView, ...] = said("How its ids meet those of the log.")
    first: tuple[dict[str, Any], ...] = said("First rows as understood.")
    notes: tuple[str, ...] = said("Remarks.")
    raw: tuple[dict[str, Any], ...] = said("First rows as in the file; none where the log hides ids.", default=())
    reasons: tuple[tuple[str, str, int], ...] = said("Kind (rejected or skipped), reason and number of records.", default=())


@dataclass(frozen=True)
class TableView:
    place: int = said("Place among the tables of the version.")
    kind: str = said("items, shoppers, reviews, searches, id_map, campaigns or faq.")
    file_name: str = said("Name of the file.")
    rows: RowCounts = said("Where every record of the file went.")
    columns: tuple[str, ...] = said("Columns that were kept.")
    coverage: tuple[CoverageView, ...] = said("How its ids meet those of the logs of the version.")
    has_rejects: bool = said("Whether the rows that were not taken are kept.", default=False)
    unsold: bool = said("Whether items that no event names are in the catalogue as well.", default=False)


@dataclass(frozen=True)
class AppendCheck:
    rows: RowCounts = said("Where every record of the file would go; events that are there already are skipped.")
    reasons: tuple[tuple[str, str, int], ...] = said("Kind (rejected or skipped), reason and number of records.")
    overlap: int = said("Events that the version holds already.")
    seen: tuple[str, ...] = said("Versions that hold a file of exactly these bytes.")
    new_shoppers: int = said("Shoppers that the version does not know yet.")
    new_items: int = said("Items that it does not know yet.")
    first: str = said("First event of the file, ISO, UTC.")
    last: str = said("Last event of the file, ISO, UTC.")
    same_shape: bool = said("Whether the file has the shape of a file of the version.")


@dataclass(frozen=True)
class VersionRow:
    dataset: DatasetRow = said("The version.")
    parent: str = said("The version it comes from; empty for the first.")
    change: str = said("imported, appended, cleaned, joined, removed or mended.")
    words: str = said("What changed, in one sentence.")
    logs: int = said("Files of events it is made of.")
    tables: int = said("Files beside them.")
    events: int = said("Events more or fewer than the version it comes from.")
    shoppers: int = said("Shoppers more or fewer.")
    items: int = said("Items more or fewer.")
    bytes: int = said("Size on disk.")
    shared_bytes: int = said("Bytes of it that another version holds as well.")
    cleaning: dict[str, Any] = said("Its cleaning rules; empty without any.")
    root: str = said("The first version of its family; the same for all versions that come from one file.", default="")
    files: tuple[str, ...] = said("Names of its files: logs, then tables beside them.", default=())


@dataclass(frozen=True)
class MendedCheck:
    dataset: str = said("The version that the rows would complete.")
    dataset_name: str = said("Its display name.")
    rows: int = said("Rows of the file.")
    good: int = said("Rows that can be used now.")
    done: int = said("Rows that were mended before, or that the version does not miss.")
    wrong: tuple[tuple[str, int], ...] = said("What is still wrong with the others: reason and number of rows.")
    left: int = said("Rejected rows of the version that stay rejected.")
    examples: tuple[tuple[int, str, str], ...] = said("Some rows that are still wrong: line in the mended file, reason, cell.")
