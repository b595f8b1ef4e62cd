"""Items: whose lists each is on, and why; worked out for all shoppers in a job and kept beside the variant."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from recengine.errors import NotFound
from recengine.explain.titles import item_title
from recengine.types.items import ItemPlace, ItemRow, ItemSurvey, ItemView, MeanTerm
from recengine.workspace.context import Context
from recengine.workspace.explanation_report import drawn, listed_blocks
from recengine.workspace.kept import keep_json, keep_table, kept_json, kept_table
from recengine.workspace.lists import score_kind
from recengine.workspace.text import iso, known

if TYPE_CHECKING:
    import pyarrow as pa

    from recengine.data.dataset import Dataset
    from recengine.data.histories import Histories
    from recengine.explain.item_places import ItemPlaces
    from recengine.jobs.runner import JobContext

ABOUT, PLACES, TERMS = "items-about", "items-places", "items-terms"
MOST_SHOPPERS = 20_000  # drawn at random where there are more: 400,000 places, about 60 MB while they are looked at
MOST_PLACES, MOST_ROWS = 500, 200
COUNTS = ("listed", "near", "ranks", "base", "score", "gap")


@dataclass(frozen=True, eq=False)
class _Found:
    """What a survey found, in memory."""

    about: dict[str, Any]
    starts: np.ndarray  # int64 [n_items + 1], where each item's places begin
    ranks: np.ndarray  # int16 [P], by item, then best first
    users: np.ndarray  # int32 [P]
    scores: np.ndarray  # float64 [P]
    counts: dict[str, np.ndarray]  # each of COUNTS → float64 [n_items]
    terms: dict[int, list[tuple[str, str, float, int]]]  # item → kind, key, sum, lists
    owners: np.ndarray  # int64 [n_items], shoppers who have it
    events: np.ndarray  # int64 [n_items]


class Items:
    """The catalogue as a variant's lists show it."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def submit(self, variant: str) -> str:
        """Queue a look at all lists of a variant; returns the job's id."""
        info = self._context.variants.info(variant)
        return self._context.jobs.submit("item-lists", {"variant": variant}, f"All lists of {info.name}")

    def run(self, job: JobContext, arguments: dict[str, Any]) -> dict[str, Any]:
        """The job of `submit`."""
        found = self.look(arguments["variant"], job)
        return {"shoppers": found.shoppers, "listed": found.listed, "seconds": found.seconds, "looked_at": found.variant}

    def look(self, variant: str, job: JobContext | None = None) -> ItemSurvey:
        """Make and explain the lists of all shoppers (20,000 at most, drawn at random), and keep what they say of each item.

        Raises:
            NotFound: unknown variant.
            Cancelled: the job was asked to stop; what was kept before stays.

        Cost: see `item_places.survey`; 2 to 3 minutes for 4,300 shoppers and the funnel, 20 s for linear models.
        """
        from recengine.explain.item_places import DEEP, LIST, survey

        start, loaded = time.monotonic(), self._context.loaded(variant)
        users = drawn(len(loaded.dataset.users), MOST_SHOPPERS)

        def lists() -> Iterator[tuple[int, Histories, np.ndarray]]:
            for user, histories, items, *_ in listed_blocks(loaded, users, DEEP, None, job, "Looked at the lists of"):
                yield user, histories, items

        found = survey(loaded.model, lists())
        about = {
            "made": iso(time.time()),
            "shoppers": len(users),
            "k": LIST,
            "seconds": time.monotonic() - start,
            "names": found.names,
            "score_kind": score_kind(loaded),
        }
        if job is not None:
            with job.fence():
                self._keep(variant, about, found)
        else:
            self._keep(variant, about, found)
        self._context.views.forget(variant)
        made = self.survey(variant)
        assert made is not None
        return made

    def survey(self, variant: str) -> ItemSurvey | None:
        """What is kept of a look at all lists; None when nobody had one yet. Raises NotFound."""
        about = kept_json(self._context, variant, ABOUT)
        if about is None:
            return None
        dataset, found = self._read(variant)
        listed, near = found.counts["listed"] > 0, found.counts["near"] > 0
        return ItemSurvey(
            variant=variant,
            made=str(about["made"]),
            shoppers=int(about["shoppers"]),
            all_shoppers=len(dataset.users),
            k=int(about["k"]),
            listed=int(listed.sum()),
            near=int((near & ~listed).sum()),
            sellable=int(dataset.catalogue.sellable.sum()),
            seconds=float(about["seconds"]),
        )

    def has(self, variant: str, item: str) -> bool:
        """Whether the dataset of a variant has an item. Raises NotFound for an unknown variant."""
        dataset = self._context.dataset(self._context.variants.info(variant).dataset_id)
        return int(dataset.catalogue.vocabulary.code(item)) >= 0

    def list(self, variant: str, search: str = "", limit: int = MOST_ROWS) -> list[ItemRow]:
        """Items whose title, id or category contains `search`, those on most lists first, then those that just miss most."""
        dataset, found = self._read(variant)
        catalogue, codes = dataset.catalogue, np.arange(len(dataset.catalogue))
        if wanted := search.strip().casefold():
            texts = (catalogue.titles, catalogue.vocabulary.ids, catalogue.categories)
            codes = np.array([c for c in codes.tolist() if any(wanted in str(text[c]).casefold() for text in texts)], dtype=np.int64)
        order = np.lexsort((codes, -found.events[codes], -found.counts["near"][codes], -found.counts["listed"][codes]))[:limit]
        return [_row(dataset, found, int(code)) for code in codes[order]]

    def get(self, variant: str, item: str) -> ItemView:
        """Whose lists an item is on, what brings it there, and what holds it back where it just misses.

        Raises:
            NotFound: unknown variant or item, or nobody looked at the lists yet.
        """
        from recengine.explain.item_places import PAST_AN_ITEM

        dataset, found = self._read(variant)
        catalogue = dataset.catalogue
        code = int(catalogue.vocabulary.code(item))
        if code < 0:
            raise NotFound("There is no such item.", f"{item} is not in {dataset.name}.", "Choose an item of this dataset.")
        own = slice(int(found.starts[code]), int(found.starts[code + 1]))
        lists, near = (float(found.counts[name][code]) for name in ("listed", "near"))
        named = found.about["names"]

        def means(kind: str, over: float) -> list[MeanTerm]:
            rows = [(key, total, n) for k, key, total, n in found.terms.get(code, ()) if k == kind]
            return [MeanTerm("signal", key, str(named.get(key, key)), total / over, n) for key, total, n in rows]

        past = [(int(key), total, n) for kind, key, total, n in found.terms.get(code, ()) if kind == "past"]
        speaking = sorted(past, key=lambda p: (-p[1], p[0]))[:PAST_AN_ITEM]
        shopper_ids, ids = dataset.users.ids, catalogue.vocabulary.ids
        shown = zip(found.users[own][:MOST_PLACES].tolist(), found.ranks[own].tolist(), found.scores[own].tolist(), strict=False)
        deepest = 2 * int(found.about["k"])
        return ItemView(
            row=_row(dataset, found, code),
            brand=str(catalogue.brands[code]),
            price=known(float(catalogue.prices[code])),
            events=int(found.events[code]),
            sellable=bool(catalogue.sellable[code]),
            score_kind=str(found.about["score_kind"]),
            shoppers=int(found.about["shoppers"]),
            k=int(found.about["k"]),
            ranks=tuple(np.bincount(found.ranks[own], minlength=deepest + 1)[1 : deepest + 1].tolist()),
            places=tuple(ItemPlace(str(shopper_ids[user]), rank, score) for user, rank, score in shown),
            base=found.counts["base"][code] / lists if lists else None,
            score=found.counts["score"][code] / lists if lists else None,
            brings=tuple(sorted(means("brings", lists), key=lambda t: (-abs(t.mean), t.key))) if lists else (),
            past=tuple(MeanTerm("past", str(ids[gone]), item_title(catalogue, gone), total / n, n) for gone, total, n in speaking),
            gap=found.counts["gap"][code] / near if near else None,
            holds=tuple(sorted(means("holds", near), key=lambda t: (t.mean, t.key))) if near else (),
        )

    def _keep(self, variant: str, about: dict[str, Any], found: ItemPlaces) -> None:
        """The description last: without it nothing counts as kept."""
        keep_table(self._context, variant, PLACES, _places_table(found))
        keep_table(self._context, variant, TERMS, _terms_table(found))
        keep_json(self._context, variant, ABOUT, about)

    def _read(self, variant: str) -> tuple[Dataset, _Found]:
        """Needs the dataset and what was kept, not the model."""
        record = self._context.variants.info(variant)  # one that was deleted elsewhere answers nothing, whatever is remembered
        about = kept_json(self._context, variant, ABOUT)
        if about is None:
            raise NotFound("Nobody looked at all lists yet.", "Whose lists an item is on is not known.", "Have the lists looked at.")
        dataset = self._context.dataset(record.dataset_id)
        return dataset, self._context.views.get(("items", variant, about["made"]), lambda: self._load(variant, about, dataset))

    def _load(self, variant: str, about: dict[str, Any], dataset: Dataset) -> _Found:
        places, kept = kept_table(self._context, variant, PLACES), kept_table(self._context, variant, TERMS)
        if places is None or kept is None:
            raise NotFound("Nobody looked at all lists yet.", "A part of what was kept is gone.", "Have the lists looked at again.")
        log, n_items = dataset.products_log, len(dataset.catalogue)
        owners = np.repeat(np.arange(log.n_users), np.diff(log.indptr)) * np.int64(n_items) + log.item_codes
        counts = {name: np.zeros(n_items) for name in COUNTS}
        terms: dict[int, list[tuple[str, str, float, int]]] = {}
        for item, kind, key, total, n in zip(*(kept.column(name).to_pylist() for name in kept.column_names), strict=True):
            if kind == "count":
                counts[key][item] = total
            else:
                terms.setdefault(item, []).append((kind, key, total, n))
        return _Found(
            about=about,
            starts=np.searchsorted(places.column("item").to_numpy(), np.arange(n_items + 1)),
            ranks=places.column("rank").to_numpy(),
            users=places.column("user").to_numpy(),
            scores=places.column("score").to_numpy(),
            counts=counts,
            terms=terms,
            owners=np.bincount(np.unique(owners) % n_items, minlength=n_items),
            events=np.bincount(log.item_codes, minlength=n_items),
        )


def _row(dataset: Dataset, found: _Found, code: int) -> ItemRow:
    catalogue, lists = dataset.catalogue, int(found.counts["listed"][code])
    return ItemRow(
        item=str(catalogue.vocabulary.ids[code]),
        title=item_title(catalogue, code),
        category=str(catalogue.categories[code]),
        lists=lists,
        place=float(found.counts["ranks"][code]) / lists if lists else None,
        near=int(found.counts["near"][code]),
        owners=int(found.owners[code]),
    )


def _places_table(found: ItemPlaces) -> pa.Table:
    import pyarrow as pa

    def joined(parts: list[np.ndarray], kind: type) -> np.ndarray:
        return np.concatenate(parts) if parts else np.zeros(0, dtype=kind)

    items, ranks = joined(found.items, np.int32), joined(found.ranks, np.int16)
    users, scores = joined(found.users, np.int32), joined(found.scores, np.float64)
    order = np.lexsort((users, -scores, ranks, items))
    return pa.table({"item": items[order], "rank": ranks[order], "user": users[order], "score": scores[order]})


def _terms_table(found: ItemPlaces) -> pa.Table:
    import pyarrow as pa

    from recengine.explain.item_places import PAST_AN_ITEM

    rows: list[tuple[int, str, str, float, int]] = []
    for code in sorted(found.terms):
        sums = found.terms[code]
        counted = asdict(sums)
        rows += [(code, "count", name, float(counted[name]), 0) for name in COUNTS]
        for kind, table in (("brings", sums.brings), ("holds", sums.holds)):
            rows += [(code, kind, key, total, int(n)) for key, (total, n) in sorted(table.items())]
        most = sorted(sums.past.items(), key=lambda entry: (-entry[1][0], entry[0]))[:PAST_AN_ITEM]
        rows += [(code, "past", str(past), total, int(n)) for past, (total, n) in most]
    columns = list(zip(*rows, strict=True)) if rows else [()] * 5
    kinds = {"item": pa.int32(), "kind": pa.string(), "key": pa.string(), "sum": pa.float64(), "lists": pa.int32()}
    return pa.table({name: pa.array(column, kind) for (name, kind), column in zip(kinds.items(), columns, strict=True)})
