"""Dataset versions on disk: Parquet in immutable folders, each with a fingerprint of what it holds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from recengine import artefacts
from recengine.columns import BEHAVIOURS, Event, Item, User
from recengine.data.assembly import Assembled
from recengine.data.canonical import canonical_tables
from recengine.data.dataset import Catalogue, Dataset
from recengine.data.events import EventLog
from recengine.data.segments import ITEMS, MEND, USERS, Segment, read_segment, write_segment
from recengine.data.versions import NewLog, NewTable, Recipe, all_rejects, fill, read_assembled, shared_bytes
from recengine.data.vocabulary import Vocabulary
from recengine.errors import Corrupt, NotFound
from recengine.ingest.cleaning import Cleaning
from recengine.ingest.to_mend import LINE as MEND_LINE

PREFIX = "ds"


@dataclass(frozen=True)
class DatasetInfo:
    """What lists and the data page say about a dataset version, without reading its events."""

    id: str
    name: str
    fingerprint: str  # SHA-256 of the canonical rows
    created_s: float  # seconds since 1970 UTC
    n_events: int
    n_users: int
    n_items: int
    n_sellable: int
    n_rejects: int  # rows of the reject report
    first_s: int  # oldest event, seconds since 1970 UTC
    last_s: int  # newest event
    behaviours: dict[str, int]  # behaviour → events
    has: dict[str, bool]  # title, category, brand, price, user_feature, basket, quantity, rating: whether any row has one
    currency: str
    bytes: int  # size on disk
    info: dict[str, Any]  # what the importer recorded: file, mapping, counts, quality, recognised
    recipe: dict[str, Any] = field(default_factory=dict)  # of a version that is put together, see data.versions; {} for one plain log


class DatasetStore:
    """The dataset versions in one folder. A version never changes; only its display name does."""

    def __init__(self, root: Path) -> None:
        self.root = Path(root)

    def publish(
        self,
        name: str,
        events: pa.Table,
        rejects: pa.Table,
        unsellable_item_ids: set[str],
        currency: str,
        info: dict[str, Any],
        dataset_id: str | None = None,
        fence: AbstractContextManager[Any] | None = None,
        reuse: bool = False,
        mend: pa.Table | None = None,
    ) -> DatasetInfo:
        """Store accepted events as a new version.

        Args:
            name: display name.
            events: the columns of `canonical.EVENT_COLUMNS`, in any row order.
            rejects: the columns of `columns.Reject`.
            unsellable_item_ids: items that are no products.
            currency: sign put before prices, "" where unknown.
            info: JSON fields kept with the version.
            dataset_id: an id reserved with `artefacts.new_id("ds")`, None = a new one.
            fence: entered around the moment of publication, see `artefacts.publish`.
            mend: rejected rows with all their cells, for mending.
            reuse: give back the version that holds exactly these rows already, if there is one, and store nothing.

        Raises:
            BadInput: no events.
            StorageFailed: the disk is full; nothing was stored.

        Cost: about 1 s for 400,000 rows.
        """
        canonical = canonical_tables(events, unsellable_item_ids)
        if reuse and (same := self.find_by_fingerprint(canonical.fingerprint)) is not None:
            return same
        dataset_id = dataset_id or artefacts.new_id(PREFIX)
        summary = _summary(canonical.events, canonical.items, canonical.users)
        manifest = {
            "name": artefacts.clean_name(name),
            "fingerprint": canonical.fingerprint,
            "currency": currency,
            "n_rejects": rejects.num_rows,
            **summary,
            "info": info,
        }
        with artefacts.publish(self.root, dataset_id, manifest, fence) as folder:
            write_segment(folder, "", Segment.of(canonical), rejects, mend)
        return self.info(dataset_id)

    def publish_version(
        self,
        name: str,
        base: str | None,
        info: dict[str, Any],
        logs: Sequence[NewLog] = (),
        tables: Sequence[NewTable] = (),
        cleaning: Cleaning | None = None,
        dropped: Sequence[int] = (),
        mended: Sequence[tuple[int, int]] = (),
        currency: str = "",
        dataset_id: str | None = None,
        fence: AbstractContextManager[Any] | None = None,
        complete: Callable[[Assembled, Recipe], None] | None = None,
    ) -> DatasetInfo:
        """Store a version that shares the files of another one.

        Args:
            name: display name.
            base: the version it comes from; None = it begins with `logs`.
            info: JSON fields kept with the version.
            logs, tables, cleaning, dropped, mended: see `versions.fill`.
            currency: sign put before prices, where there is no base.
            dataset_id: an id reserved with `artefacts.new_id("ds")`, None = a new one.
            fence: entered around the moment of publication, see `artefacts.publish`.
            complete: called with the version as it will be loaded and its recipe, to write into `info` what was found.

        Raises:
            BadInput: the rules leave no event.
            NotFound, Corrupt: of the base.
            StorageFailed: the disk is full; nothing was stored.

        Cost: as `assembly.assemble`; shared files cost nothing.
        """
        dataset_id = dataset_id or artefacts.new_id(PREFIX)
        before = None
        if base is not None:
            old_folder = artefacts.find(self.root, base)
            old = artefacts.open_verified(old_folder)
            before, currency = (old_folder, Recipe.of(old.info)), old.info["currency"]
        manifest: dict[str, Any] = {"name": artefacts.clean_name(name), "currency": currency, "info": info}
        with artefacts.publish(self.root, dataset_id, manifest, fence) as folder:
            recipe, made = fill(folder, before, logs, tables, cleaning, dropped, mended)
            tables_of = made.canonical
            manifest |= {"fingerprint": made.fingerprint, "recipe": recipe.as_json()}
            manifest |= {"n_rejects": all_rejects(folder, recipe).num_rows}
            manifest |= _summary(tables_of.events, tables_of.items, tables_of.users)
            manifest["has"] |= {key: key in made.item_attributes for key in ("description", "stock", "picture")}
            if complete is not None:
                complete(made, recipe)
        return self.info(dataset_id)

    def recipe(self, dataset_id: str) -> Recipe:
        """What a version is made of. Raises NotFound."""
        return Recipe.of(artefacts.read_manifest(artefacts.find(self.root, dataset_id)).info)

    def assembled(self, dataset_id: str) -> Assembled:
        """A version put together from its files, also one of one plain log. Raises NotFound or Corrupt."""
        folder = artefacts.find(self.root, dataset_id)
        return read_assembled(folder, Recipe.of(artefacts.open_verified(folder).info))

    def side_table(self, dataset_id: str, place: int) -> pa.Table:
        """A table beside the log, by its place in the recipe. Raises NotFound or Corrupt."""
        recipe = self.recipe(dataset_id)
        if not 0 <= place < len(recipe.tables):
            raise NotFound("There is no such table.", f"The version has {len(recipe.tables)}.", "Choose another.")
        return self._table(dataset_id, recipe.tables[place]["file"])

    def side_rejects(self, dataset_id: str, place: int) -> pa.Table | None:
        """Rows of a table beside the log that were not taken; None where all were, or none are kept. Raises NotFound or Corrupt."""
        recipe = self.recipe(dataset_id)
        if not 0 <= place < len(recipe.tables):
            raise NotFound("There is no such table.", f"The version has {len(recipe.tables)}.", "Choose another.")
        file = recipe.tables[place].get("rejects")
        return self._table(dataset_id, file) if file else None

    def logs(self, dataset_id: str) -> list[Segment]:
        """The logs of a version as they were imported, before cleaning. Raises NotFound or Corrupt."""
        folder = artefacts.find(self.root, dataset_id)
        recipe = Recipe.of(artefacts.open_verified(folder).info)
        return [read_segment(folder, entry["prefix"]) for entry in recipe.logs]

    def log_ids(self, dataset_id: str) -> tuple[pa.ChunkedArray, pa.ChunkedArray]:
        """Ids of items and of shoppers in the logs of a version, before cleaning and id maps; an id may come twice. Raises as `logs`."""
        folder = artefacts.find(self.root, dataset_id)
        prefixes = [entry["prefix"] for entry in Recipe.of(artefacts.open_verified(folder).info).logs]

        def ids(file: str, column: str) -> pa.ChunkedArray:
            tables = [pq.read_table(folder / f"{prefix}{file}.parquet", columns=[column]) for prefix in prefixes]
            return pa.chunked_array([chunk for table in tables for chunk in table[column].chunks], pa.string())

        return ids(ITEMS, Item.ID), ids(USERS, User.ID)

    def mend_tables(self, dataset_id: str) -> list[tuple[int, pa.Table]]:
        """Rejected rows with all their cells that nobody mended yet, of each log that has some: (place of the log, rows)."""
        folder = artefacts.find(self.root, dataset_id)
        recipe = Recipe.of(artefacts.open_verified(folder).info)
        found = [(place, folder / f"{entry['prefix']}{MEND}.parquet") for place, entry in enumerate(recipe.logs)]
        tables = [(place, pq.read_table(path)) for place, path in found if path.is_file()]
        done = {place: [line for k, line in recipe.mended if k == place] for place, _ in tables}
        left = [(place, t.filter(pc.invert(pc.is_in(t[MEND_LINE], value_set=pa.array(done[place], pa.int64()))))) for place, t in tables]
        return [(place, table) for place, table in left if table.num_rows]

    def shared_bytes(self, dataset_id: str) -> int:
        """Bytes on disk that another version holds as well. Raises NotFound."""
        return shared_bytes(artefacts.find(self.root, dataset_id))

    def load(self, dataset_id: str) -> Dataset:
        """Read a version into memory as read-only arrays. Raises NotFound or Corrupt. Cost: 0.2 s for 400,000 rows."""
        folder = artefacts.find(self.root, dataset_id)
        manifest = artefacts.open_verified(folder)
        item_attributes: dict[str, np.ndarray] = {}
        user_attributes: dict[str, np.ndarray] = {}
        if manifest.info.get("recipe"):
            made = read_assembled(folder, Recipe.of(manifest.info))
            events, items, users = made.canonical.events, made.canonical.items, made.canonical.users
            item_attributes, user_attributes = made.item_attributes, made.user_attributes
        else:
            columns = [Event.USER, Event.ITEM, Event.BEHAVIOUR, Event.TIME, Event.PRICE]
            events = pq.read_table(folder / "events.parquet", columns=columns)
            items = pq.read_table(folder / "items.parquet")
            users = pq.read_table(folder / "users.parquet")
        log = EventLog(
            user_codes=_array(events, Event.USER, np.int32),
            item_codes=_array(events, Event.ITEM, np.int32),
            behaviours=_array(events, Event.BEHAVIOUR, np.int8),
            times_s=_array(events, Event.TIME, np.int64),
            prices=_array(events, Event.PRICE, np.float32),
            n_users=users.num_rows,
            n_items=items.num_rows,
        )
        titles, categories = _array(items, Item.TITLE, object), _array(items, Item.CATEGORY, object)
        source = "file" if (categories != "").any() else "none"
        if source == "none" and (titles != "").any():
            from recengine.text.kinds import derive_kinds

            categories, source = _read_only(derive_kinds(titles)), "title"
        catalogue = Catalogue(
            vocabulary=Vocabulary(_array(items, Item.ID, object)),
            titles=titles,
            categories=categories,
            brands=_array(items, Item.BRAND, object),
            prices=_array(items, Item.PRICE, np.float32),
            sellable=_array(items, Item.SELLABLE, bool),
            category_source=source,
            attributes={name: _read_only(values) for name, values in item_attributes.items()},
        )
        return Dataset(
            id=manifest.id,
            name=artefacts.read_label(folder, manifest.info["name"]),
            fingerprint=manifest.info["fingerprint"],
            log=log,
            catalogue=catalogue,
            users=Vocabulary(_array(users, User.ID, object)),
            user_features=_array(users, User.FEATURE, object),
            currency=manifest.info["currency"],
            user_attributes={name: _read_only(values) for name, values in user_attributes.items()},
        )

    def info(self, dataset_id: str) -> DatasetInfo:
        """The summary of one version. Raises NotFound or Corrupt."""
        folder = artefacts.find(self.root, dataset_id)
        manifest = artefacts.read_manifest(folder)
        fields = dict(manifest.info)
        name = artefacts.read_label(folder, fields.pop("name"))
        return DatasetInfo(id=manifest.id, name=name, created_s=manifest.created_s, bytes=manifest.bytes, **fields)

    def list(self) -> list[DatasetInfo]:
        """All versions whose manifest is whole, newest first; `damaged` names the others."""
        found = []
        for dataset_id in reversed(self.ids()):
            try:
                found.append(self.info(dataset_id))
            except (NotFound, Corrupt):  # deleted meanwhile, or for `damaged` to tell
                continue
        return found

    def damaged(self) -> dict[str, str]:
        """Versions that cannot even be listed: id → why. Their files are checked when they are loaded."""
        return artefacts.damaged(self.root)

    def ids(self) -> list[str]:
        """Ids of all versions, oldest first."""
        return artefacts.list_artefacts(self.root)

    def find_by_fingerprint(self, fingerprint: str) -> DatasetInfo | None:
        """The oldest version that holds exactly these rows, None when there is none."""
        return next((info for info in reversed(self.list()) if info.fingerprint == fingerprint), None)

    def exists(self, dataset_id: str) -> bool:
        """Whether the version is published, for a job that was resumed. Raises NotFound for text that is no id."""
        return artefacts.exists(self.root, dataset_id)

    def delete(self, dataset_id: str) -> None:
        """Remove a version. Raises NotFound."""
        artefacts.delete(self.root, dataset_id)

    def rename(self, dataset_id: str, name: str) -> None:
        """Give a version another display name. Raises NotFound or BadInput."""
        artefacts.write_label(artefacts.find(self.root, dataset_id), name)

    def rejects(self, dataset_id: str) -> pa.Table:
        """The reject report: columns of `columns.Reject`."""
        folder = artefacts.find(self.root, dataset_id)
        return all_rejects(folder, Recipe.of(artefacts.open_verified(folder).info))

    def events_table(self, dataset_id: str) -> pa.Table:
        """All columns of `columns.Event`, in the row order of `load(…).log`."""
        if self.info(dataset_id).recipe:
            return self.assembled(dataset_id).canonical.events
        return self._table(dataset_id, "events.parquet")

    def sweep(self) -> list[str]:
        """Remove what killed imports and deletions left behind."""
        return artefacts.sweep(self.root)

    def _table(self, dataset_id: str, file: str) -> pa.Table:
        folder = artefacts.find(self.root, dataset_id)
        artefacts.open_verified(folder)
        return pq.read_table(folder / file)


def _summary(events: pa.Table, items: pa.Table, users: pa.Table) -> dict[str, Any]:
    counts = np.bincount(events[Event.BEHAVIOUR].to_numpy(), minlength=len(BEHAVIOURS))
    times = events[Event.TIME].to_numpy()
    return {
        "n_events": events.num_rows,
        "n_users": users.num_rows,
        "n_items": items.num_rows,
        "n_sellable": int(pc.sum(items[Item.SELLABLE]).as_py()),
        "first_s": int(times.min()),
        "last_s": int(times.max()),
        "behaviours": {b.value: int(counts[code]) for code, b in enumerate(BEHAVIOURS) if counts[code]},
        "has": {
            "title": _any_text(items[Item.TITLE]),
            "category": _any_text(items[Item.CATEGORY]),
            "brand": _any_text(items[Item.BRAND]),
            "user_feature": _any_text(users[User.FEATURE]),
            "price": _any_number(items[Item.PRICE]),
            "quantity": _any_number(events[Event.QUANTITY]),
            "rating": _any_number(events[Event.RATING]),
            "basket": events[Event.BASKET].null_count < events.num_rows,
        },
    }


def _any_text(column: pa.ChunkedArray) -> bool:
    return bool(pc.any(pc.not_equal(column, "")).as_py())


def _any_number(column: pa.ChunkedArray) -> bool:
    return bool(pc.any(pc.is_finite(column)).as_py())


def _array(table: pa.Table, name: str, kind: type) -> np.ndarray:
    return _read_only(table[name].to_numpy().astype(kind, copy=False))


def _read_only(values: np.ndarray) -> np.ndarray:
    values.flags.writeable = False
    return values
