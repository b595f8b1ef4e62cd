"""Recommendation lists, their explanations and their export; one path makes the list that all of them show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from recengine.errors import BadInput, NotFound
from recengine.explain.titles import item_title
from recengine.types import Explanation, ExportReport, ListItem, RankedList
from recengine.workspace.context import Context, LoadedVariant
from recengine.workspace.edits import edited, edits_key, item_code
from recengine.workspace.list_search import list_recall
from recengine.workspace.text import known

if TYPE_CHECKING:
    from recengine.data.histories import Histories
    from recengine.explain.policy import Placed
    from recengine.jobs.runner import JobContext
    from recengine.policy.rerankers.mmr import MmrLists

POOL = 200  # places by score that diversity may choose from
MAX_LENGTH = 500


class Lists:
    """What shoppers would see, and why."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def recommend(
        self,
        variant: str,
        shopper: str | None = None,
        k: int = 10,
        diversity: float = 0.0,
        without: Sequence[int] = (),
        events: Sequence[dict[str, Any]] | None = None,
        edits: Sequence[dict[str, Any]] = (),
    ) -> RankedList:
        """The k best items for a shopper of the dataset, or for a live session.

        Args:
            variant: id of a variant.
            shopper: id as in the file.
            k: list length, 1 to 500.
            diversity: 0 = by score alone, 1 = as different from each other as possible.
            without: places (0 = oldest) of past events to leave out of the history.
            events: instead of a shopper: dicts with "item", and "behaviour", "time" where known, oldest first.
            edits: what-ifs as `Explanations.what_if` takes them; their places are those of the history after `without`.

        Raises:
            NotFound: unknown variant, shopper or item.
            BadInput: k or diversity outside their range, no known item in the events, or an edit that cannot be made.
        """
        _check(k, diversity)
        self._context.variants.info(variant)  # one that was deleted elsewhere answers nothing, whatever is remembered
        key = ("list", variant, shopper, k, round(diversity, 4), tuple(without), edits_key(edits))
        if events is None:
            return self._context.views.get(key, lambda: self._make(variant, shopper, k, diversity, without, None, edits))
        return self._make(variant, shopper, k, diversity, without, events, edits)

    def explain(
        self,
        variant: str,
        shopper: str | None,
        item: str,
        without: Sequence[int] = (),
        events: Any = None,
        edits: Sequence[dict[str, Any]] = (),
        diversity: float = 0.0,
        k: int = 10,
    ) -> Explanation:
        """Why an item has its score for a shopper, and its place in a list: base, terms and what the policy did add up to the shown score.

        Args:
            variant: id of a variant.
            shopper: id as in the file, or None with `events`.
            item: id as in the file.
            without: places (0 = oldest) of past events to leave out.
            events: of a live session.
            edits: what-ifs, see `recommend`.
            diversity: setting of the list in which the item stands, 0 to 1.
            k: length of that list; diversity chooses from the first 200 by score, or from the first k where that is more.

        Raises:
            NotFound: unknown variant, shopper or item.
            BadInput: the variant cannot score this item for this shopper, or an edit that cannot be made.
        """
        _check(k, diversity)
        self._context.variants.info(variant)
        key = ("why", variant, shopper, item, tuple(without), edits_key(edits), round(diversity, 4), max(POOL, k) if diversity else 0)
        if events is None:
            return self._context.views.get(key, lambda: self._explain(variant, shopper, item, without, None, edits, diversity, k))
        return self._explain(variant, shopper, item, without, events, edits, diversity, k)

    def order(
        self,
        variant: str,
        shopper: str | None,
        depth: int,
        diversity: float = 0.0,
        without: Sequence[int] = (),
        events: Any = None,
        edits: Sequence[dict[str, Any]] = (),
    ) -> np.ndarray:
        """int64 [n]: codes of the first `depth` items of a list, kept for the next question about it. Raises as `recommend`."""

        def make() -> np.ndarray:
            loaded = self._context.loaded(variant)
            loaded, histories = edited(loaded, history_of(loaded, shopper, without, events), edits)
            codes = ranked(self._context, loaded, histories, depth, diversity)[0][0]
            return codes[codes >= 0].astype(np.int64)

        if events is not None:
            return make()
        key = ("order", variant, shopper, depth, round(diversity, 4), tuple(without), edits_key(edits))
        return self._context.views.get(key, make)

    def export(self, variant: str, out: Path, k: int = 10, diversity: float = 0.0, job: JobContext | None = None) -> ExportReport:
        """Write the lists of all shoppers as .csv or .parquet: shopper, rank, item, title, score.

        Raises:
            BadInput: another file ending, or a folder that is not there.
        """
        from recengine.workspace.export import write_lists

        _check(k, diversity)
        return write_lists(self._context, variant, out, k, diversity, job)

    def submit_export(self, variant: str, file_format: str, k: int = 10, diversity: float = 0.0) -> str:
        """Queue an export of all shoppers' lists into the workspace; returns the job's id."""
        _check(k, diversity)
        if file_format not in ("csv", "parquet"):
            raise BadInput(f"Lists cannot be written as {file_format}.", "", "Choose csv or parquet.")
        info = self._context.variants.info(variant)
        arguments = {"variant": variant, "format": file_format, "k": k, "diversity": diversity}
        return self._context.jobs.submit("export", arguments, f"Lists of {info.name} for all shoppers")

    def run_export(self, job: JobContext, arguments: dict[str, Any]) -> dict[str, Any]:
        """The job of `submit_export`."""
        folder = self._context.settings.exports_dir
        folder.mkdir(parents=True, exist_ok=True)
        out = folder / f"lists-{job.id}.{arguments['format']}"
        report = self.export(arguments["variant"], out, arguments["k"], arguments["diversity"], job)
        return {"path": report.path, "rows": report.rows, "sha256": report.sha256, "size_bytes": report.size_bytes}

    def _make(
        self,
        variant: str,
        shopper: str | None,
        k: int,
        diversity: float,
        without: Sequence[int],
        events: Any,
        edits: Sequence[dict[str, Any]],
    ) -> RankedList:
        from recengine.explain.reasons import reasons_for_list

        loaded = self._context.loaded(variant)
        loaded, histories = edited(loaded, history_of(loaded, shopper, without, events), edits)
        made = varied(self._context, loaded, histories, k, diversity)
        items, scores, by_score = made.item_codes[0], made.scores[0], made.by_score[0]
        listed = items >= 0
        items, scores, by_score = items[listed], scores[listed], by_score[listed]
        reasons = reasons_for_list(loaded.model, loaded.dataset, histories, items)
        catalogue = loaded.dataset.catalogue
        found = [made.placed(loaded, place) for place in range(len(items))]
        rows = tuple(
            ListItem(
                rank=place + 1,
                item=str(catalogue.vocabulary.ids[code]),
                title=item_title(catalogue, code),
                category=str(catalogue.categories[code]),
                brand=str(catalogue.brands[code]),
                price=known(float(catalogue.prices[code])),
                score=float(scores[place]),
                reason=reasons[place],
                rank_by_score=int(by_score[place]) + 1,
                shown=policy.shown if policy else float(scores[place]),
                policy=policy.terms if policy else (),
            )
            for place, (code, policy) in enumerate(zip(items.tolist(), found, strict=True))
        )
        return RankedList(
            variant=variant,
            shopper=shopper or "",
            items=rows,
            diversity=diversity,
            score_kind=score_kind(loaded),
            catalogue_size=int(catalogue.sellable.sum()),
            dropped=tuple(sorted(set(without))),
            recall=list_recall(loaded.model),
            edits=tuple(edits),
        )

    def _explain(
        self,
        variant: str,
        shopper: str | None,
        item: str,
        without: Sequence[int],
        events: Any,
        edits: Sequence[dict[str, Any]],
        diversity: float,
        k: int,
    ) -> Explanation:
        from recengine.explain.counterfactual import DEPTH
        from recengine.explain.explanation import explain

        loaded = self._context.loaded(variant)
        code = item_code(loaded, item)
        loaded, histories = edited(loaded, history_of(loaded, shopper, without, events), edits)
        order = self.order(variant, shopper, DEPTH, 0.0, without, events, edits)
        card = explain(loaded.model, loaded.dataset, histories, code, variant=variant, shopper=shopper or "", order=order)
        if diversity == 0:
            return replace(card, place=card.rank)
        from recengine.explain.policy import with_policy

        made = varied(self._context, loaded, histories, max(POOL, k), diversity)
        at = np.flatnonzero(made.item_codes[0] == code)
        return with_policy(card, made.placed(loaded, int(at[0])) if len(at) else None)


@dataclass(frozen=True, eq=False)
class VariedLists:
    """Lists of a batch; -1 and NaN padded."""

    item_codes: np.ndarray  # int32 [B, k]
    scores: np.ndarray  # float64 [B, k]
    by_score: np.ndarray  # int32 [B, k], place by score alone from 0, -1 = none
    diversity: float
    pool: np.ndarray  # float64 [B, C], scores of the candidates that diversity chose from; NaN = none
    trail: MmrLists | None = None  # None without diversity

    def placed(self, loaded: LoadedVariant, place: int) -> Placed | None:
        """What diversity did to one place (from 0) of the first list; None without diversity."""
        if self.trail is None:
            return None
        from recengine.explain.policy import placed

        catalogue, nearest = loaded.dataset.catalogue, int(self.trail.nearest[0, place])
        name = (item_title(catalogue, nearest), str(catalogue.vocabulary.ids[nearest])) if nearest >= 0 else ("", "")
        return placed(self.pool[0], self.trail, place, self.diversity, *name)


def varied(context: Context, loaded: LoadedVariant, histories: Histories, k: int, diversity: float) -> VariedLists:
    """Lists of a batch, with what diversity did to each place.

    Items that a shopper already has are left out; so is what is no product.
    """
    catalogue = loaded.dataset.catalogue
    seen = histories.to_csr(len(catalogue), binary=True)
    pool = loaded.model.recommend(histories, k if diversity == 0 else max(POOL, k), exclude=seen, allow=catalogue.sellable)
    places = np.broadcast_to(np.arange(pool.item_codes.shape[1], dtype=np.int32), pool.item_codes.shape)
    if diversity == 0:
        return VariedLists(pool.item_codes, pool.scores, np.where(pool.item_codes >= 0, places, -1), 0.0, pool.scores)
    from recengine.policy.rerankers.mmr import mmr

    trail = mmr(pool.item_codes, pool.scores, context.item_vectors(loaded.dataset.id), k, diversity)
    order = trail.order  # [B, k], -1 padded
    chosen = np.maximum(order, 0)
    items = np.where(order >= 0, np.take_along_axis(pool.item_codes, chosen, axis=1), -1).astype(np.int32)
    scores = np.where(order >= 0, np.take_along_axis(pool.scores, chosen, axis=1), np.nan)
    return VariedLists(items, scores, order, diversity, np.where(pool.item_codes >= 0, pool.scores, np.nan), trail)


def ranked(
    context: Context, loaded: LoadedVariant, histories: Histories, k: int, diversity: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Lists of a batch: item codes int32 [B, k], scores float64 [B, k], place by score alone int32 [B, k]; -1 and NaN padded."""
    made = varied(context, loaded, histories, k, diversity)
    return made.item_codes, made.scores, made.by_score


def history_of(loaded: LoadedVariant, shopper: str | None, without: Sequence[int], events: Any) -> Histories:
    """One history: of a known shopper or of a live session, without the events at the places `without`.

    Raises:
        NotFound: unknown shopper.
        BadInput: a place outside the history, or a session without a known item.
    """
    from recengine.workspace.sessions import session_history

    if events is not None:
        histories = session_history(loaded.dataset, events)
    else:
        code = loaded.dataset.users.code(shopper or "")
        if code < 0:
            raise NotFound(
                "There is no such shopper.",
                f"{shopper} is not in {loaded.dataset.name}.",
                "Search for a shopper on the Shoppers page.",
            )
        histories = loaded.dataset.histories(np.array([code]))
    if not without:
        return histories
    n_events = len(histories.item_codes)
    if min(without) < 0 or max(without) >= n_events:
        raise BadInput("There is no such past event.", f"This history has {n_events} events.", "Choose events from the list.")
    keep = np.ones(n_events, dtype=bool)
    keep[list(without)] = False
    return histories.keep_events(keep)


def score_kind(loaded: LoadedVariant) -> str:
    """probability for variants whose score is a chance, else score."""
    return "probability" if getattr(loaded.model, "calibrated", False) else "score"


def _check(k: int, diversity: float) -> None:
    if not 1 <= k <= MAX_LENGTH:
        raise BadInput(f"A list cannot have {k} items.", "", f"Choose a length from 1 to {MAX_LENGTH}.")
    if not 0 <= diversity <= 1:
        raise BadInput(f"Diversity cannot be {diversity}.", "", "Choose a value from 0 to 1.")
