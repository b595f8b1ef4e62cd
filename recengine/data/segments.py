"""The files of one imported log: what versions share, and what a version is put together from."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from recengine import artefacts
from recengine.columns import Event, Item, User
from recengine.data.canonical import VOTES, Canonical

EVENTS, ITEMS, USERS, VOTES_FILE, LINES, REJECTS, MEND = "events", "items", "users", "votes", "lines", "rejects", "mend"
FILES = (EVENTS, ITEMS, USERS, VOTES_FILE, LINES, REJECTS, MEND)


@dataclass(frozen=True, eq=False)
class Segment:
    """One imported log, coded and in its canonical order."""

    events: pa.Table  # columns of columns.Event
    items: pa.Table  # columns of columns.Item
    users: pa.Table  # columns of columns.User
    votes: pa.Table  # canonical.VOTES
    lines: np.ndarray  # int32 [n], 0 where unknown

    @staticmethod
    def of(canonical: Canonical) -> Segment:
        """What `canonical_tables` made."""
        return Segment(canonical.events, canonical.items, canonical.users, canonical.votes, canonical.lines)


def write_segment(folder: Path, prefix: str, segment: Segment, rejects: pa.Table, mend: pa.Table | None = None) -> None:
    """Write the files of a segment: `<prefix>events.parquet` and so on.

    Args:
        folder: of the version.
        prefix: of the file names.
        segment: the events.
        rejects: columns of `columns.Reject`.
        mend: rejected rows with all their cells, see `ingest.to_mend`; None where they are not known.
    """
    # sorted codes and random times: these encodings cost two thirds of the default and take less space
    deltas = {Event.USER: "DELTA_BINARY_PACKED", Event.TIME: "DELTA_BINARY_PACKED"}
    packed = {"use_dictionary": [Event.BEHAVIOUR, Event.BASKET], "column_encoding": deltas}
    write_table(folder / f"{prefix}{EVENTS}.parquet", segment.events, (Event.TIME,), **packed)
    write_table(folder / f"{prefix}{ITEMS}.parquet", segment.items)
    write_table(folder / f"{prefix}{USERS}.parquet", segment.users)
    write_table(folder / f"{prefix}{VOTES_FILE}.parquet", segment.votes)
    write_table(
        folder / f"{prefix}{LINES}.parquet",
        pa.table({"line": segment.lines}),
        ("line",),
        use_dictionary=False,
        column_encoding={"line": "DELTA_BINARY_PACKED"},
    )
    write_table(folder / f"{prefix}{REJECTS}.parquet", rejects)
    if mend is not None and mend.num_rows:
        write_table(folder / f"{prefix}{MEND}.parquet", mend)


def read_segment(folder: Path, prefix: str) -> Segment:
    """Read a segment; versions stored before votes and lines were kept get votes from their items and shoppers, and lines of 0."""

    def table(name: str) -> pa.Table:
        return pq.read_table(folder / f"{prefix}{name}.parquet")

    events, items, users = table(EVENTS), table(ITEMS), table(USERS)
    votes = table(VOTES_FILE) if (folder / f"{prefix}{VOTES_FILE}.parquet").is_file() else _told_votes(events, items, users)
    has_lines = (folder / f"{prefix}{LINES}.parquet").is_file()
    lines = table(LINES)["line"].to_numpy() if has_lines else np.zeros(events.num_rows, dtype=np.int32)
    return Segment(events, items, users, votes, lines)


def _told_votes(events: pa.Table, items: pa.Table, users: pa.Table) -> pa.Table:
    """Every event of an item counts as a vote for the item's one known text."""
    pieces = []
    for owner, table, fields in (
        (Event.ITEM, items, {"title": Item.TITLE, "category": Item.CATEGORY, "brand": Item.BRAND}),
        (Event.USER, users, {"user_feature": User.FEATURE}),
    ):
        counts = np.bincount(events[owner].to_numpy(), minlength=table.num_rows)
        for field, column in fields.items():
            known = np.flatnonzero(np.asarray(pc.not_equal(table[column], "").to_numpy(), dtype=bool))
            fields_column = pa.array([field] * len(known), pa.string())
            texts = table[column].take(pa.array(known)).combine_chunks()
            pieces.append(pa.table([fields_column, pa.array(known.astype(np.int32)), texts, pa.array(counts[known])], schema=VOTES))
    return pa.concat_tables(pieces)


def share(source: Path, target: Path) -> None:
    """Give a file of a stored version a second name: the bytes stay once on disk, and as long as one name is left.

    Where the disk knows no second names the bytes are copied.
    """
    try:
        os.link(source, target)
    except OSError:
        with artefacts.open_new(target) as file, source.open("rb") as old:
            shutil.copyfileobj(old, file, 1 << 20)


def write_table(path: Path, table: pa.Table, loose: tuple[str, ...] = (), **encoding: Any) -> None:
    """Write a Parquet file of an artefact; `loose` columns hold nothing to compress."""
    packing = {name: "none" if name in loose else "zstd" for name in table.column_names}
    with artefacts.open_new(path) as file:
        pq.write_table(table, file, compression=packing, compression_level={name: 1 for name in packing if name not in loose}, **encoding)
