"""What is odd about a waiting file, and what cleaning rules would do to it or to a stored version; remembered while a person tries them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import ValidationError

from recengine.columns import BEHAVIOUR_CODE, Behaviour, Role
from recengine.errors import BadInput
from recengine.types import RowCounts
from recengine.types.versions import AppendCheck, CleaningRow, PersonalColumn
from recengine.types.waiting import CleaningOffer, CleaningTrial, ModelVerdict, Size, WaitingCheck
from recengine.workspace.context import Cache, Context
from recengine.workspace.freed_memory import give_back
from recengine.workspace.intake import hash_key, recalled, versions_with
from recengine.workspace.text import day, iso
from recengine.workspace.waiting_told import carried, told

if TYPE_CHECKING:
    import pyarrow as pa

    from recengine.data.assembly import Cleanable
    from recengine.ingest.cleaning import Cleaning
    from recengine.workspace.datasets import Datasets
    from recengine.workspace.version_files import NewFile

KEPT = 1  # file or version whose events are remembered for trying rules, 26 bytes an event
ANSWERS = 64
OFFERED = 2_000_000  # events up to which it is counted what each rule would do
DAY_S = 86_400
MERGE_S, SHOPPER_EVENTS, ITEM_EVENTS = 2, 2, 5  # offered where nothing in the data says otherwise


@dataclass(frozen=True, eq=False)
class _Tried:
    """Events on which rules are tried."""

    cleanable: Cleanable
    new: int  # place of the waiting file among the logs; -1 for a stored version
    dated: bool


class WaitingChecks:
    """Questions whose answers a person changes by moving a switch."""

    def __init__(self, context: Context, datasets: Datasets) -> None:
        self._context, self._datasets = context, datasets
        self._tried, self._looked = Cache(KEPT), Cache(ANSWERS)

    def look(self, upload: str, mapping: dict[str, Any] | None = None, base: str = "", overlap: str = "skip") -> WaitingCheck:
        """Everything that is to be known before a staged log is taken in; nothing is stored.

        Args:
            upload: a handle.
            mapping: edits of the guess, as for `take_in`; columns that it hashes are hashed here too.
            base: version to append to; "" = a new dataset.
            overlap: as for `take_in`.

        Raises:
            BadInput: the file cannot be taken in so.
            NotFound: the upload or the version is gone.

        Cost: as an import without writing, 2 s for 540,000 records; the answer is remembered.
        """
        self._datasets.path(upload)
        return self._looked.get(_key(upload, mapping, base, overlap), lambda: self._look(upload, mapping, base, overlap))

    def try_cleaning(
        self,
        rules: dict[str, Any],
        upload: str = "",
        mapping: dict[str, Any] | None = None,
        base: str = "",
        overlap: str = "skip",
        dataset: str = "",
    ) -> CleaningTrial:
        """What cleaning rules would do to a staged file, to the version it is appended to, or to a stored version; nothing is stored.

        Args:
            rules: fields of `ingest.cleaning.Cleaning`.
            upload: a handle, with its mapping, base and overlap as for `take_in`; or
            dataset: id of a version, whose own rules do not count.

        Returns:
            Sizes and steps; rules that leave nothing give an `after` of zeros.

        Raises:
            BadInput: a rule is not understood.

        Cost: the first call reads the file, later ones take 0.15 s for 400,000 events and all rules.
        """
        from recengine.ingest.cleaning import clean

        chosen = cleaning_of(rules)
        tried = self._events(upload, mapping, base, overlap, dataset)

        def trial() -> CleaningTrial:
            cleaned = clean(tried.cleanable.events, chosen)
            mine = cleaned.reason if tried.new < 0 else cleaned.reason[tried.cleanable.segment == tried.new]
            left = np.bincount(mine, minlength=1 + len(cleaned.reasons)).tolist()
            return CleaningTrial(
                _size(tried.cleanable, None),
                _size(tried.cleanable, cleaned.keep),
                cleaning_rows(cleaned.steps),
                left[0],
                tuple((reason, n) for reason, n in zip(cleaned.reasons, left[1:], strict=True) if n),
            )

        return self._looked.get(("trial", chosen.model_dump_json(), *_key(upload or dataset, mapping, base, overlap)), trial)

    def carries(
        self, rules: dict[str, Any], upload: str, mapping: dict[str, Any] | None = None, base: str = "", overlap: str = "skip"
    ) -> tuple[ModelVerdict, ...]:
        """Which families of models the data could carry with these rules; with the version it is appended to, the whole of it.

        Args and errors as `try_cleaning`. Cost: as that; the answer is remembered.
        """
        chosen = cleaning_of(rules)
        quality = self.look(upload, mapping, base, overlap).check.quality
        tried = self._events(upload, mapping, base, overlap, "")
        key = ("carries", chosen.model_dump_json(), *_key(upload, mapping, base, overlap))
        return self._looked.get(key, lambda: carried(tried.cleanable, chosen, quality, tried.dated))

    def check_cleaning(
        self, rules: dict[str, Any], upload: str = "", mapping: dict[str, Any] | None = None, dataset: str = ""
    ) -> tuple[CleaningRow, ...]:
        """The steps of `try_cleaning`. Raises BadInput where a rule is not understood, or they leave nothing."""
        trial = self.try_cleaning(rules, upload, mapping, dataset=dataset)
        if not trial.after.events:
            raise BadInput("The cleaning rules leave no event.", f"All {trial.before.events:,} are left out.", "Loosen the rules.")
        return trial.steps

    def cleaning_offers(
        self, upload: str = "", mapping: dict[str, Any] | None = None, base: str = "", overlap: str = "skip", dataset: str = ""
    ) -> tuple[CleaningOffer, ...]:
        """What switching each rule on would set, and what it would leave out by itself.

        Cost: as `try_cleaning` once; the answer is remembered.
        """
        self._known(upload, dataset)
        key = ("offers", *_key(upload or dataset, mapping, base, overlap))
        return self._looked.get(key, lambda: self._offers(self._events(upload, mapping, base, overlap, dataset)))

    def seen(self, upload: str) -> tuple[str, ...]:
        """Ids of the versions that hold files of exactly these bytes, newest first. Cost: 1 s a GB."""
        first, *others = (versions_with(self._context, sha256) for sha256 in self._datasets.sha256(upload))
        return tuple(version for version in first if all(version in other for other in others))

    def forget(self, upload: str) -> None:
        """Let go of what was remembered of a file."""
        self._tried.forget(upload)
        self._looked.forget(upload)
        self._datasets.let_go(upload)
        give_back()

    def _known(self, upload: str, dataset: str) -> None:
        """Raises NotFound for what was discarded since it was remembered."""
        if dataset:
            self._context.datasets.info(dataset)
        else:
            self._datasets.path(upload)

    def _events(self, upload: str, mapping: dict[str, Any] | None, base: str, overlap: str, dataset: str) -> _Tried:
        self._known(upload, dataset)
        if dataset:
            return self._tried.get(("of", dataset), lambda: self._stored(dataset))
        key = _key(upload, mapping, base, overlap)

        def read() -> _Tried:
            file = self._file(upload, mapping, base, overlap)
            self._looked.get(key, lambda: self._told(upload, mapping, base, file))
            return self._of_file(file, base)

        return self._tried.get(key, read)

    def _stored(self, dataset: str) -> _Tried:
        from recengine.data.assembly import cleanable

        mapping = self._context.datasets.info(dataset).info.get("mapping") or {}
        logs = self._context.datasets.logs(dataset)
        return _Tried(cleanable(logs, self._id_maps(dataset)), -1, mapping.get("time_format") != "row_order")

    def _of_file(self, file: NewFile, base: str) -> _Tried:
        from recengine.data.assembly import cleanable

        logs = self._context.datasets.logs(base) if base else []
        segment = file.log.segment
        new = len(logs) if segment is not None else len(logs) + 1  # nothing new: no event is of the file
        dated = file.known.mapping.time_format.value != "row_order"
        return _Tried(cleanable([*logs, *([segment] if segment is not None else [])], self._id_maps(base) if base else ()), new, dated)

    def _id_maps(self, dataset: str) -> list[pa.Table]:
        recipe = self._context.datasets.recipe(dataset)
        return [self._context.datasets.side_table(dataset, k) for k, entry in enumerate(recipe.tables) if entry["kind"] == "id_map"]

    def _file(self, upload: str, mapping: dict[str, Any] | None, base: str, overlap: str) -> NewFile:
        from recengine.workspace.version_files import log_of

        return log_of(self._context, self._datasets, upload, mapping, base, overlap)

    def _look(self, upload: str, mapping: dict[str, Any] | None, base: str, overlap: str) -> WaitingCheck:
        file = self._file(upload, mapping, base, overlap)
        self._tried.get(_key(upload, mapping, base, overlap), lambda: self._of_file(file, base))
        return self._told(upload, mapping, base, file)

    def _told(self, upload: str, mapping: dict[str, Any] | None, base: str, file: NewFile) -> WaitingCheck:
        quality = file.info["quality"] | self._hidden_twins(upload, mapping, file)
        return told(file, quality, self.personal_data(upload, mapping), self._append(file, base, upload) if base else None)

    def _hidden_twins(self, upload: str, mapping: dict[str, Any] | None, file: NewFile) -> dict[str, Any]:
        """Ids that look alike, as their hashes: once hashed nothing about them looks alike."""
        import pyarrow as pa
        import pyarrow.compute as pc

        from recengine.ingest.privacy import hashed_cells
        from recengine.ingest.quality import similar

        out: dict[str, Any] = {}
        used, segment = file.known.mapping, file.log.segment
        for word, role, table in (("shopper", Role.USER, "users"), ("item", Role.ITEM, "items")):
            name = used.column(role)
            if segment is None or name not in used.hashed:
                continue
            ids = pc.unique(self._datasets.recognition(upload, mapping).raw.column(str(name))).drop_null()
            kept = set(getattr(segment, table)[f"{'user' if word == 'shopper' else 'item'}_id"].to_pylist())
            hashes = [hashed_cells(pa.chunked_array([pa.array(group)]), hash_key(self._context)).to_pylist() for group in similar(ids)]
            groups = [group for group in ([one for one in hashed if one in kept] for hashed in hashes) if len(group) > 1]
            out |= {f"similar_{word}s": groups[:20], f"similar_{word}_groups": len(groups)}
        return out

    def personal_data(self, upload: str, mapping: dict[str, Any] | None = None) -> tuple[PersonalColumn, ...]:
        """Columns that seem to hold e-mail addresses, telephone or card numbers; `hashed` in the mapping replaces them."""
        from recengine.ingest.privacy import find_personal_data

        known = self._datasets.recognition(upload, mapping)
        chosen = known.mapping.hashed
        return tuple(
            PersonalColumn(f.column, f.kind, f.words, f.share, f.example, f.column in chosen) for f in find_personal_data(known.raw)
        )

    def check_append(self, dataset: str, upload: str, mapping: dict[str, Any] | None = None) -> AppendCheck:
        """What appending a staged file to a version would do; nothing is stored. Raises BadInput or NotFound."""
        return self._append(self._file(upload, mapping, dataset, "skip"), dataset, upload)

    def _append(self, file: NewFile, base: str, upload: str) -> AppendCheck:
        from recengine.ingest.rejects import reasons

        info = self._context.datasets.info(base)
        data = self._context.dataset(base)
        segment = file.log.segment
        shapes = info.info.get("shapes", [])
        times = segment.events["time_s"].to_numpy() if segment is not None else np.zeros(0, np.int64)
        return AppendCheck(
            rows=RowCounts(**file.log.told["rows"]),
            reasons=tuple(reasons(file.log.rejects)),
            overlap=file.overlap,
            seen=self.seen(upload),
            new_shoppers=int((data.users.encode(segment.users["user_id"].to_pylist()) < 0).sum()) if segment is not None else 0,
            new_items=int((data.catalogue.vocabulary.encode(segment.items["item_id"].to_pylist()) < 0).sum()) if segment is not None else 0,
            first=iso(int(times.min())) if len(times) else "",
            last=iso(int(times.max())) if len(times) else "",
            same_shape=file.shape in shapes or recalled(self._context, file.known) is not None,
        )

    def _offers(self, tried: _Tried) -> tuple[CleaningOffer, ...]:
        from recengine.ingest.cleaning import clean
        from recengine.ingest.oddities import bot_limit, usual_days

        events = tried.cleanable.events
        first, last = usual_days(events.times_s) if tried.dated and len(events) else (0, 0)
        limit = bot_limit(events.users, events.times_s) if tried.dated and len(events) else 200
        kept_returns = bool((events.behaviours == BEHAVIOUR_CODE[Behaviour.RETURN]).any())
        wishes: list[tuple[str, dict[str, Any], bool]] = [
            ("first_day", {"first_day": day(first * DAY_S)}, tried.dated),
            ("last_day", {"last_day": day(last * DAY_S)}, tried.dated),
            ("drop_returns", {"drop_returns": True}, kept_returns),
            ("drop_returned", {"drop_returned": True}, kept_returns),
            ("merge_seconds", {"merge_seconds": MERGE_S}, tried.dated),
            ("max_events_a_day", {"max_events_a_day": limit, "bots": "drop"}, tried.dated),
            ("min_shopper_events", {"min_shopper_events": SHOPPER_EVENTS}, True),
            ("min_item_events", {"min_item_events": ITEM_EVENTS}, True),
        ]
        counted = len(events) <= OFFERED
        return tuple(
            CleaningOffer(rule, set_to, int((~clean(events, cleaning_of(set_to)).keep).sum()) if counted else -1)
            for rule, set_to, possible in wishes
            if possible
        )


def _key(what: str, mapping: dict[str, Any] | None, base: str, overlap: str) -> tuple[str, ...]:
    return what, json.dumps(mapping or None, sort_keys=True), base, overlap if base else ""


def _size(tried: Cleanable, keep: np.ndarray | None) -> Size:
    e = tried.events
    users, items = (e.users, e.items) if keep is None else (e.users[keep], e.items[keep])
    return Size(len(users), int((np.bincount(users) > 0).sum()), int((np.bincount(items) > 0).sum()))


def cleaning_of(rules: dict[str, Any]) -> Cleaning:
    """Rules from JSON. Raises BadInput."""
    from recengine.ingest.cleaning import Cleaning

    try:
        return Cleaning.model_validate(rules)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise BadInput(f"The cleaning rules have a mistake in {field}.", first["msg"] + ".", "Correct it, or leave it out.") from None


def cleaning_rows(steps: Sequence[Any]) -> tuple[CleaningRow, ...]:
    """What each rule did, for people."""
    return tuple(CleaningRow(**vars(step)) for step in steps)
