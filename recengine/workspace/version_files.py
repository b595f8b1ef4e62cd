"""The files that a new version adds: logs, mended rows, tables beside the log."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from recengine.columns import Item, Reject, User
from recengine.errors import BadInput
from recengine.types import RowCounts
from recengine.types.versions import CoverageView, TableView
from recengine.workspace.dataset_views import quality_told
from recengine.workspace.intake import hash_key, recalled, sha256_of, shape_of, without_personal_data
from recengine.workspace.mapping_edits import reading_of
from recengine.workspace.several_files import bytes_of, file_by_file, nothing_of

if TYPE_CHECKING:
    import pyarrow as pa

    from recengine.data.assembly import Assembled
    from recengine.data.segments import Segment
    from recengine.data.versions import NewLog, Recipe
    from recengine.ingest.importer import Recognition
    from recengine.ingest.side.read import SideFile, SideTable
    from recengine.workspace.context import Context
    from recengine.workspace.datasets import Datasets

ALREADY = "already in the dataset"
NO_SUCH_LOG = "the version has no such file"
EXAMPLES = 5


@dataclass(frozen=True, eq=False)
class NewEvents:
    """A log that may have nothing new."""

    segment: Segment | None  # None where every event is there already
    rejects: pa.Table
    told: dict[str, Any]
    mend: pa.Table | None

    def whole(self) -> NewLog:
        """For the store. Raises BadInput where nothing is new."""
        from recengine.data.versions import NewLog

        if self.segment is None:
            raise BadInput("The file holds nothing new.", "All its events are in the dataset already.", "Choose another file.")
        return NewLog(self.segment, self.rejects, self.told, self.mend)


@dataclass(frozen=True, eq=False)
class NewFile:
    """A log with what an import says of it."""

    log: NewEvents
    known: Recognition
    info: dict[str, Any]
    shape: str
    overlap: int = 0
    mended: list[tuple[int, int]] = field(default_factory=list)
    keeps_mapping: bool = False  # the version keeps its own mapping: this file has another shape on purpose
    currency: str = ""
    parts: tuple[NewEvents, ...] = ()  # of a log of several files, one each; () where there is one

    def logs(self) -> list[NewLog]:
        """For the store. Raises BadInput where nothing is new."""
        return [part.whole() for part in self.parts] or [self.log.whole()]


def log_of(
    context: Context,
    datasets: Datasets,
    upload: str,
    mapping: dict[str, Any] | None,
    base: str = "",
    overlap: str = "skip",
    progress: Callable[[float, str], None] | None = None,
) -> NewFile:
    """A staged log, converted; events that the base holds already are told apart. Raises BadInput."""
    import pyarrow as pa

    from recengine.data.canonical import canonical_tables
    from recengine.data.overlap import overlapping
    from recengine.data.segments import Segment
    from recengine.ingest.importer import ingest
    from recengine.ingest.raw import REJECT_SCHEMA
    from recengine.ingest.rejects import reasons
    from recengine.ingest.to_mend import rows_to_mend

    if overlap not in ("skip", "keep"):
        raise BadInput(f"The overlap cannot be {overlap[:40]}.", "", "Choose skip or keep.")
    known = datasets.recognition(upload, mapping)
    if mapping is None and base and (told := recalled(context, known)) is not None:
        known = datasets.recognition(upload, told["mapping"])
    known = without_personal_data(context, known)
    path, name = datasets.path(upload)
    done = ingest(path, name, known.mapping, progress, known)
    events, rejects = done.events, done.rejects
    again = overlapping(context.datasets.logs(base), events) if base and overlap == "skip" else np.zeros(events.num_rows, dtype=bool)
    n_again = int(again.sum())
    if n_again:
        files, lines, offsets = known.raw.places(np.flatnonzero(done.outcome == 0)[again])
        m = pa.array(np.zeros(n_again, dtype=np.int8))
        blank = pa.array([""]).take(m)
        cells = [files, pa.array(lines), pa.array(offsets), blank, blank, pa.array([ALREADY]).take(m), pa.array(["skipped"]).take(m)]
        rejects = pa.concat_tables([rejects, pa.table(cells, schema=REJECT_SCHEMA)]).sort_by("line")
        events = events.filter(pa.array(~again))
    rows = {"physical": done.physical, "accepted": done.accepted - n_again, "rejected": done.rejected, "skipped": done.skipped + n_again}
    told = {
        "file_name": name,
        "sha256": "+".join(datasets.sha256(upload)),
        "bytes": datasets.size(upload),
        "rows": rows,
        "mapping": known.mapping.model_dump(mode="json"),
        "added_s": time.time(),
    }
    info = told | {
        "recognised": known.format,
        "quality": quality_told(done.quality),
        "verdicts": [[v.level, v.topic, v.text] for v in done.quality.verdicts],
        "reasons": reasons(rejects),
        "synthetic": False,
    }
    segment = Segment.of(canonical_tables(events, set(done.unsellable_item_ids))) if events.num_rows else None
    shape = shape_of(known.raw, known.guessed.mapping.format)
    if segment is None or len(known.raw.parts) < 2:
        log = NewEvents(segment, rejects, told, rows_to_mend(known.raw, done.outcome))
        return NewFile(log, known, info, shape, n_again, currency=done.currency)
    parts = file_by_file(known.raw, done.outcome, events, again, rejects)
    named = bytes_of(parts, datasets.files(upload), datasets.sha256(upload))
    unsellable = set(done.unsellable_item_ids)
    logs = [
        NewEvents(
            Segment.of(canonical_tables(part.events, unsellable)) if part.events.num_rows else nothing_of(segment),
            part.rejects,
            {**told, **of, "rows": part.rows},
            part.mend,
        )
        for part, of in zip(parts, named, strict=True)
    ]
    return NewFile(NewEvents(segment, rejects, told, None), known, info, shape, n_again, currency=done.currency, parts=tuple(logs))


@dataclass(frozen=True, eq=False)
class MendedRows:
    """What became of rejected rows that come back."""

    pieces: list[pa.Table]  # events that can be used now
    pairs: list[tuple[int, int]]  # place of the log, line, of each
    unsellable: set[str]
    rows: int
    done: int  # rows of lines that nobody misses, or that stand twice in the file
    wrong: dict[str, int]  # reason → rows
    examples: list[tuple[int, str, str]]  # line in the mended file, reason, cell
    open: int  # rejected rows of the version that can be mended


def mended_rows(context: Context, datasets: Datasets, upload: str, base: str) -> MendedRows:
    """Read the rows of a mended file by the mappings of the logs they came from. Raises NotFound, BadInput."""
    import pyarrow as pa

    from recengine.ingest.convert import RULES, convert, sellable_pattern
    from recengine.ingest.mapping import Mapping
    from recengine.ingest.privacy import hashed_cells
    from recengine.ingest.to_mend import LINE, mended

    known = datasets.recognition(upload)
    open_of: dict[int, set[int]] = {place: set(t[LINE].to_pylist()) for place, t in context.datasets.mend_tables(base)}
    found = MendedRows([], [], set(), known.raw.n_rows, 0, {}, [], sum(len(lines) for lines in open_of.values()))
    done, strange = 0, found.rows
    for place, entry in enumerate(context.datasets.recipe(base).logs):
        mapping = Mapping.model_validate(entry["mapping"])
        raw, lines = mended(known.raw, place, lambda cells: hashed_cells(cells, hash_key(context)), mapping.hashed)
        if not raw.n_rows:
            continue
        strange -= raw.n_rows
        result = convert(raw, mapping)
        fresh = np.isin(lines, np.fromiter(open_of.get(place, ()), np.int64))
        used = np.flatnonzero((result.outcome == 0) & fresh)
        used = np.sort(used[np.unique(lines[used], return_index=True)[1]])  # a line that comes back twice counts once
        wrong = np.flatnonzero((result.outcome != 0) & fresh & ~np.isin(lines, lines[used]))
        done += raw.n_rows - len(used) - len(wrong)
        for row in wrong.tolist():
            reason = RULES[int(result.outcome[row]) - 1].reason
            found.wrong[reason] = found.wrong.get(reason, 0) + 1
        if len(wrong) and len(found.examples) < EXAMPLES:
            told = {int(row[Reject.LINE]): row for row in result.rejects.slice(0, found.rows).to_pylist()}
            rows = [told[line] for line in raw.lines[wrong][: EXAMPLES - len(found.examples)].tolist() if line in told]
            found.examples.extend((int(row[Reject.LINE]), str(row[Reject.REASON]), str(row[Reject.VALUE])) for row in rows)
        if len(used):
            accepted = np.flatnonzero(result.outcome == 0)
            found.pieces.append(result.events.filter(pa.array(np.isin(accepted, used))))
            found.pairs.extend((place, int(line)) for line in lines[used])
            pattern = sellable_pattern(mapping.not_products)
            found.unsellable.update(i for i in found.pieces[-1]["item_id"].to_pylist() if pattern is not None and pattern.match(i))
    if strange:
        found.wrong[NO_SUCH_LOG] = strange
    return replace(found, done=done)


def mended_log(context: Context, datasets: Datasets, upload: str, base: str) -> NewFile:
    """Rejected rows of a version that come back mended: those that can be used now. Raises BadInput where none can."""
    import pyarrow as pa

    from recengine.data.canonical import canonical_tables
    from recengine.data.segments import Segment
    from recengine.ingest.raw import reject_table

    known = datasets.recognition(upload)
    path, name = datasets.path(upload)
    back = mended_rows(context, datasets, upload, base)
    pieces, pairs, unsellable = back.pieces, back.pairs, back.unsellable
    if not pieces:
        raise BadInput(
            "No mended row can be used.", "They are rejected as before, or were mended already.", "Look at the reasons beside them."
        )
    events = pa.concat_tables(pieces)
    rows = {"physical": 0, "accepted": len(pairs), "rejected": -len(pairs), "skipped": 0}  # no records of their own: the rejected ones
    told = {"file_name": name, "sha256": sha256_of(path), "bytes": known.size_bytes, "rows": rows, "added_s": time.time()}
    told["mapping"] = context.datasets.info(base).info["mapping"]
    log = NewEvents(Segment.of(canonical_tables(events, unsellable)), reject_table(name, [], None), told, None)
    return NewFile(log, known, {}, "", 0, pairs, keeps_mapping=True)


def ready_table(
    context: Context,
    datasets: Datasets,
    upload: str,
    dataset: str,
    kind: str = "",
    fields: dict[str, str] | None = None,
    mapping: dict[str, Any] | None = None,
) -> tuple[SideFile, SideTable]:
    """A staged table beside the log, read; ids are hashed where the log's are: by this mapping, or by that of the dataset.

    Raises:
        BadInput: the file cannot be read as such a table.
    """
    from recengine.ingest.formats.registry import match_table
    from recengine.ingest.privacy import hashed_cells
    from recengine.ingest.side.kinds import Field, TableKind
    from recengine.ingest.side.read import recognise_side, side_of, take_in

    path, name = datasets.path(upload)
    try:
        chosen = {column: Field(value) for column, value in (fields or {}).items()}
        kind = kind or str(datasets.said(upload).get("kind") or "")
        wanted = TableKind(kind) if kind else None
    except ValueError as error:
        raise BadInput("The meaning of a column is not understood.", f"{error}.", "Choose one of the list.") from None
    found = recognise_side(path, name, wanted, chosen, reading_of(datasets.said(upload)))
    if wanted is None and found.kind is TableKind.EVENTS and (known := match_table(found.raw.names)) is not None:
        found = side_of(found.raw, known[0].kind, chosen)  # a log of ratings may hold texts of reviews as well
    told: dict[str, Any] = mapping or {}
    if mapping is None and dataset:
        told = context.datasets.info(dataset).info["mapping"]
    hidden = {told.get("roles", {}).get(column) for column in told.get("hashed", ())}
    of_shopper = {Field.SHOPPER, Field.ACCOUNT} | ({Field.ID} if found.kind in (TableKind.SHOPPERS, TableKind.ID_MAP) else set())
    of_item = {Field.ITEM} | ({Field.ID} if found.kind is TableKind.ITEMS else set())

    def hashed(cells: pa.ChunkedArray, meant: Field) -> pa.ChunkedArray:
        secret = ("user" in hidden and meant in of_shopper) or ("item" in hidden and meant in of_item)
        return hashed_cells(cells, hash_key(context)) if secret else cells

    table = take_in(found, hashed)
    hides = ("user" in hidden and of_shopper & set(found.fields.values())) or ("item" in hidden and of_item & set(found.fields.values()))
    return found, replace(table, rejects=_without_cells(table.rejects)) if hides else table


def _without_cells(rejects: pa.Table) -> pa.Table:
    """Rows that were not taken without what they held: an id that is hashed elsewhere may be anywhere in it."""
    import pyarrow as pa

    blank = pa.array([""]).take(pa.array(np.zeros(rejects.num_rows, dtype=np.int8)))
    return rejects.set_column(rejects.column_names.index(Reject.VALUE), Reject.VALUE, blank)


@dataclass(frozen=True, eq=False)
class LogIds:
    """The ids of a log that tables are joined to."""

    items: pa.Array
    shoppers: pa.Array
    mapping: dict[str, Any]  # of the log; says which columns are hashed


def log_ids(context: Context, dataset: str, file: NewFile | None = None) -> LogIds | None:
    """Ids of a version, of a log that is about to become one or to be appended to it, or of both; None for neither. Raises NotFound."""
    import pyarrow as pa
    import pyarrow.compute as pc

    none = pa.chunked_array([], pa.string())
    items, shoppers = context.datasets.log_ids(dataset) if dataset else (none, none)
    if file is not None and file.log.segment is not None:
        items = pa.chunked_array([*items.chunks, *file.log.segment.items[Item.ID].chunks], pa.string())
        shoppers = pa.chunked_array([*shoppers.chunks, *file.log.segment.users[User.ID].chunks], pa.string())
    if not items.num_chunks:
        return None
    mapping = file.known.mapping.model_dump(mode="json") if file is not None else context.datasets.info(dataset).info["mapping"]
    return LogIds(pc.unique(items), pc.unique(shoppers), mapping)


def told_coverage(kind: str, table: pa.Table, log: LogIds | None) -> tuple[CoverageView, ...]:
    """How the ids of a table meet those of a log; () without one."""
    from recengine.ingest.side.coverage import coverage
    from recengine.ingest.side.kinds import JOINED_BY, TableKind

    views = []
    for meant, of in JOINED_BY[TableKind(kind)] if log is not None else ():
        if log is not None and meant.value in table.column_names:
            c = coverage(of, table[meant.value].combine_chunks(), log.items if of == "item" else log.shoppers)
            views.append(CoverageView(c.of, c.in_table, c.in_log, c.matched, c.only_table, c.only_log, c.hint))
    return tuple(views)


def table_views(context: Context, dataset: str) -> tuple[TableView, ...]:
    """The tables beside the log of a version; how they meet its logs is looked up, since those may have grown. Raises NotFound."""
    recipe, views = context.datasets.recipe(dataset), []
    log = log_ids(context, dataset) if recipe.tables else None
    for place, entry in enumerate(recipe.tables):
        rows, kept = RowCounts(**entry["rows"]), bool(entry.get("rejects"))
        coverage = told_coverage(entry["kind"], context.datasets.side_table(dataset, place), log)
        views.append(
            TableView(place, entry["kind"], entry["file_name"], rows, tuple(entry["columns"]), coverage, kept, bool(entry.get("unsold")))
        )
    return tuple(views)


def with_totals(told: dict[str, Any], made: Assembled, recipe: Recipe) -> None:
    """Write the row counts and the quality of the whole version; every physical record is accounted for, or it is a defect.

    Raises:
        RuntimeError: a row was lost.
    """
    from recengine.workspace.version_quality import measure

    rows = [entry["rows"] for entry in recipe.logs]
    total = {name: sum(row[name] for row in rows) for name in ("physical", "accepted", "rejected", "skipped")}
    left = int((made.cleaned.reason != 0).sum()) if made.cleaned is not None else 0
    accepted = made.canonical.events.num_rows
    if total["accepted"] - left != accepted or accepted + total["rejected"] + total["skipped"] + left != total["physical"]:
        raise RuntimeError(f"rows lost: {total}, {left} left out, {accepted} events")
    told["rows"] = total | {"accepted": accepted, "skipped": total["skipped"] + left}
    told["quality"], told["verdicts"] = measure(made, told["quality"], told["mapping"])
