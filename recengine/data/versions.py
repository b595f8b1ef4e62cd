"""Versions that are put together: logs shared with other versions, tables beside them, cleaning rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from recengine.columns import Reject
from recengine.data.assembly import Assembled, LeftOut, assemble
from recengine.data.segments import FILES, REJECTS, Segment, read_segment, share, write_segment, write_table
from recengine.errors import BadInput
from recengine.ingest.cleaning import Cleaning
from recengine.ingest.raw import REJECT_SCHEMA

TOLD = ("file_name", "sha256", "bytes", "rows", "mapping", "added_s")  # of each log
LEFT_OUT = "left-out.parquet"
JOINED = ("items", "shoppers", "id_map")  # kinds of tables that change what is loaded; others are kept for later use
MOST_NAMED = 1_000_000  # rows that cleaning left out which are named one by one; all are counted


@dataclass(frozen=True, eq=False)
class NewLog:
    """A log that a version adds."""

    segment: Segment
    rejects: pa.Table  # columns of columns.Reject
    told: dict[str, Any]  # JSON: file_name, sha256, rows and so on
    mend: pa.Table | None = None  # rejected rows with all their cells


@dataclass(frozen=True, eq=False)
class NewTable:
    """A table beside the log that a version adds."""

    kind: str  # ingest.side.kinds.TableKind
    table: pa.Table
    told: dict[str, Any]  # JSON: file_name, sha256, rows, coverage
    rejects: pa.Table | None = None  # rows that were not taken, columns of columns.Reject


@dataclass(frozen=True, eq=False)
class Recipe:
    """What a version is made of, as kept in its manifest."""

    logs: list[dict[str, Any]] = field(default_factory=list)  # "prefix" and what was told of each
    tables: list[dict[str, Any]] = field(default_factory=list)  # "file", "kind" and what was told
    cleaning: dict[str, Any] = field(default_factory=dict)
    mended: list[list[Any]] = field(default_factory=list)  # [place in logs, line] of rejects that a later log holds mended

    @staticmethod
    def of(info: dict[str, Any]) -> Recipe:
        """From a manifest; a version of one plain log has no recipe written."""
        if info.get("recipe"):
            return Recipe(**info["recipe"])
        imported = info.get("info") or {}
        return Recipe(logs=[{"prefix": ""} | {name: imported[name] for name in TOLD if name in imported}])

    def as_json(self) -> dict[str, Any]:
        """For the manifest."""
        return {"logs": self.logs, "tables": self.tables, "cleaning": self.cleaning, "mended": self.mended}


def read_assembled(folder: Path, recipe: Recipe) -> Assembled:
    """Put a stored version together. Cost: as `assemble`, and reading the files."""
    joined = [(entry, pq.read_table(folder / entry["file"])) for entry in recipe.tables if entry["kind"] in JOINED]
    tables = [(entry["kind"], table) for entry, table in joined]
    return assemble(
        [read_segment(folder, entry["prefix"]) for entry in recipe.logs],
        Cleaning.model_validate(recipe.cleaning) if recipe.cleaning else None,
        *([table for kind, table in tables if kind == wanted] for wanted in JOINED),
        unsold=[table["id"] for entry, table in joined if entry["kind"] == "items" and entry.get("unsold")],
    )


def fill(
    folder: Path,
    base: tuple[Path, Recipe] | None,
    logs: Sequence[NewLog],
    tables: Sequence[NewTable],
    cleaning: Cleaning | None,
    dropped: Sequence[int] = (),
    mended: Sequence[tuple[int, int]] = (),
) -> tuple[Recipe, Assembled]:
    """Write the files of a new version into its folder: old ones by a second name, new ones as they are.

    Args:
        folder: of the version, empty.
        base: folder and recipe of the version it comes from, or None.
        logs: to add.
        tables: to add.
        cleaning: rules of the new version, None = none.
        dropped: places in the base's tables that the new version leaves away.
        mended: (place in logs, line) of rejects that one of the new logs holds mended.

    Returns:
        The recipe, and the version as it will be loaded.

    Raises:
        BadInput: nothing to make a version of, or the rules leave nothing.
    """
    old_folder, old = base if base is not None else (folder, Recipe())
    recipe = Recipe(cleaning=cleaning.model_dump(mode="json") if cleaning is not None and cleaning.active else {})
    for entry in old.logs:
        prefix = f"log-{len(recipe.logs) + 1}-"
        for name in FILES:
            source = old_folder / f"{entry['prefix']}{name}.parquet"
            if source.is_file():
                share(source, folder / f"{prefix}{name}.parquet")
        recipe.logs.append({**entry, "prefix": prefix})
    for place, entry in enumerate(old.tables):
        if place not in dropped:
            file = f"table-{len(recipe.tables) + 1}.parquet"
            share(old_folder / entry["file"], folder / file)
            entry = {**entry, "file": file}
            if entry.get("rejects"):
                share(old_folder / entry["rejects"], folder / rejects_file(file))
                entry["rejects"] = rejects_file(file)
            recipe.tables.append(entry)
    for log in logs:
        prefix = f"log-{len(recipe.logs) + 1}-"
        write_segment(folder, prefix, log.segment, log.rejects, log.mend)
        recipe.logs.append({**log.told, "prefix": prefix})
    for table in tables:
        file = f"table-{len(recipe.tables) + 1}.parquet"
        write_table(folder / file, table.table)
        entry = {**table.told, "file": file, "kind": table.kind}
        if table.rejects is not None and table.rejects.num_rows:
            write_table(folder / rejects_file(file), table.rejects)
            entry["rejects"] = rejects_file(file)
        recipe.tables.append(entry)
    recipe.mended.extend([list(pair) for pair in (*old.mended, *mended)])
    if not recipe.logs:
        raise BadInput("There is no log.", "A version needs at least one.", "Choose a file of events.")
    made = read_assembled(folder, recipe)
    if made.left_out is not None and made.cleaned is not None:
        names = [str(entry.get("file_name", "")) for entry in recipe.logs]
        write_table(folder / LEFT_OUT, left_out_table(made.left_out, made.cleaned.reasons, names))
    return recipe, made


def rejects_file(table: str) -> str:
    """Name of the file that holds the rows of a table that were not taken."""
    return f"{table.removesuffix('.parquet')}-{REJECTS}.parquet"


def left_out_table(rows: LeftOut, reasons: tuple[str, ...], names: list[str]) -> pa.Table:
    """What cleaning left out as rows of the reject report; the value names shopper, item and second."""
    m = min(len(rows.lines), MOST_NAMED)
    times = pa.array(rows.times_s[:m]).cast(pa.string())
    values = pc.binary_join_element_wise(rows.users.slice(0, m), rows.items.slice(0, m), times, " · ")
    reason = pa.array(reasons, pa.string()).take(pa.array(rows.reasons[:m].astype(np.int64) - 1))
    kind = pa.array(["skipped"]).take(pa.array(np.zeros(m, dtype=np.int8)))
    blank = pa.array([""]).take(pa.array(np.zeros(m, dtype=np.int8)))
    files = pa.array(names, pa.string()).take(pa.array(rows.segment[:m].astype(np.int64)))
    return pa.table(
        [files, pa.array(rows.lines[:m].astype(np.int64)), pa.array(np.full(m, -1, dtype=np.int64)), blank, values, reason, kind],
        schema=REJECT_SCHEMA,
    )


def all_rejects(folder: Path, recipe: Recipe) -> pa.Table:
    """Every row that is not in the version: of each log, less those that were mended since, and what cleaning left out."""
    pieces = []
    for place, entry in enumerate(recipe.logs):
        table = pq.read_table(folder / f"{entry['prefix']}{REJECTS}.parquet")
        lines = [line for k, line in recipe.mended if k == place]
        if lines:
            again = pc.is_in(table[Reject.LINE], value_set=pa.array(lines, pa.int64()))
            table = table.filter(pc.invert(again))
        pieces.append(table)
    if (folder / LEFT_OUT).is_file():
        pieces.append(pq.read_table(folder / LEFT_OUT))
    return pa.concat_tables(pieces, promote_options="default") if len(pieces) > 1 else pieces[0]


def shared_bytes(folder: Path) -> int:
    """Bytes of the files that another version holds as well."""
    return sum(path.stat().st_size for path in folder.iterdir() if path.is_file() and path.stat().st_nlink > 1)
