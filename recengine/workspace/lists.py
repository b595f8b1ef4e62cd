"""Recommendation lists, their explanations and their export; one path makes the list that all of them show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from recengine.errors import BadInput, NotFound
from recengine.explain.titles import item_title
from recengine.types import Explanation, ExportReport, ListItem, RankedList
from recengine.types.policies import PUBLISHED, PolicyPlace, PolicyUse
from recengine.workspace.context import Context, LoadedVariant
from recengine.workspace.edits import edited, edits_key, item_code
from recengine.workspace.list_search import list_recall
from recengine.workspace.policy_lists import POOL
from recengine.workspace.shaped_lists import ShapedLists, chosen_policy, deep_order, policy_of, resolved, shaped
from recengine.workspace.text import known

if TYPE_CHECKING:
    from recengine.data.histories import Histories
    from recengine.jobs.runner import JobContext
    from recengine.types.scenes import SceneList

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
        policy: PolicyUse | None = None,
        without: Sequence[int] = (),
        events: Sequence[dict[str, Any]] | None = None,
        edits: Sequence[dict[str, Any]] = (),
    ) -> RankedList:
        """The k best items for a shopper of the dataset, or for a live session.

        Args:
            variant: id of a variant.
            shopper: id as in the file.
            k: list length, 1 to 500.
            policy: what decides the list after the scores; None = by score alone, `PUBLISHED` = what is live.
            without: places (0 = oldest) of past events to leave out of the history.
            events: instead of a shopper: dicts with "item", and "behaviour", "time" where known, oldest first.
            edits: what-ifs as `Explanations.what_if` takes them; their places are those of the history after `without`.

        Raises:
            NotFound: unknown variant, shopper or item.
            BadInput: k outside its range, a policy that makes no sense, no known item in the events, or an edit that cannot be made.
        """
        use = self._checked(variant, k, policy)
        key = ("list", variant, shopper, k, use, tuple(without), edits_key(edits))
        if events is None:
            return self._context.views.get(key, lambda: self._make(variant, shopper, k, use, without, None, edits))
        return self._make(variant, shopper, k, use, without, events, edits)

    def explain(
        self,
        variant: str,
        shopper: str | None,
        item: str,
        without: Sequence[int] = (),
        events: Any = None,
        edits: Sequence[dict[str, Any]] = (),
        policy: PolicyUse | None = None,
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
            policy: of the list in which the item stands, see `recommend`.
            k: length of that list; a policy chooses from the first 200 by score, or from the first k where that is more.

        Raises:
            NotFound: unknown variant, shopper or item.
            BadInput: the variant cannot score this item for this shopper, or an edit that cannot be made.
        """
        use = self._checked(variant, k, policy)
        key = ("why", variant, shopper, item, tuple(without), edits_key(edits), use, k if use else 0)
        if events is None:
            return self._context.views.get(key, lambda: self._explain(variant, shopper, item, without, None, edits, use, k))
        return self._explain(variant, shopper, item, without, events, edits, use, k)

    def for_scene(
        self,
        variant: str,
        scene: str,
        anchors: Sequence[str] = (),
        shopper: str | None = None,
        relation: str = "",
        k: int = 10,
        policy: PolicyUse | None = PUBLISHED,
    ) -> SceneList:
        """The list of a place of the shop, ready to be shown, with rules of that scene in force.

        Args:
            variant: id of a variant.
            scene: home and email list what the shopper may like; product and cart start from anchors.
            anchors: the item of a product page, or what is in the cart.
            shopper: id as in the file; None for a visitor whom nobody knows (not for home and email).
            relation: similar or goes; default similar on a product page, goes in the cart.
            k: length of the list.
            policy: what decides the list after the scores; default: what is live.

        Raises:
            NotFound: unknown variant, shopper or item.
            BadInput: no anchor or no shopper where one is needed, or an unknown scene or relation.
        """
        from recengine.types.scenes import SceneList
        from recengine.workspace.scenes import RELATIONS, related_list
        from recengine.workspace.sessions import session_history

        use = self._checked(variant, k, replace(policy, scene=scene) if policy else None)
        if scene not in RELATIONS:
            if shopper is None:
                raise BadInput("Nobody is named.", f"The {scene[:30]} scene lists what a shopper may like.", "Name a shopper.")
            made = self.recommend(variant, shopper, k, use)
            return SceneList(variant, scene, "shopper", (), made.shopper, made.items, made.score_kind, made.use)
        loaded = self._context.loaded(variant)
        events = [{"item": anchor} for anchor in anchors]
        histories = history_of(loaded, shopper, (), None) if shopper else session_history(loaded.dataset, events)
        chosen = relation or RELATIONS[scene][0]
        return related_list(self._context, loaded, histories, use, scene, chosen, anchors, shopper or "", k)

    def policy(self, variant: str, text: str, scene: str = "home", day: date | None = None) -> PolicyUse | None:
        """A policy as people name it: published, none, the id of a saved one (or id@version), or JSON; see `chosen_policy`."""
        return chosen_policy(self._context, self._context.variants.info(variant).dataset_id, text, scene, day)

    def order(
        self,
        variant: str,
        shopper: str | None,
        depth: int,
        policy: PolicyUse | None = None,
        without: Sequence[int] = (),
        events: Any = None,
        edits: Sequence[dict[str, Any]] = (),
        k: int = 10,
        moment: PolicyUse | None = None,
    ) -> np.ndarray:
        """int64 [n]: codes of a list of k and of what follows it, kept for the next question; see `deep_order`. Raises as `recommend`.

        `moment` says day and hour where `policy` does not.
        """
        use = self._checked(variant, k, policy)
        at = use or moment

        def make() -> np.ndarray:
            loaded = self._context.loaded(variant)
            loaded, histories = edited(loaded, asked_at(history_of(loaded, shopper, without, events), at), edits)
            return deep_order(loaded, histories, k, depth, policy_of(self._context, loaded, use))

        if events is not None:
            return make()
        asked = (at.day, at.hour) if at else None
        key = ("order", variant, shopper, depth, use, k if use else 0, asked, tuple(without), edits_key(edits))
        return self._context.views.get(key, make)

    def export(
        self, variant: str, out: Path, k: int = 10, policy: PolicyUse | None = PUBLISHED, job: JobContext | None = None
    ) -> ExportReport:
        """Write the lists of all shoppers as .csv or .parquet: shopper, rank, item, title, score; by default under the live policy.

        Raises:
            BadInput: another file ending, or a folder that is not there.
        """
        from recengine.workspace.export import write_lists

        return write_lists(self._context, variant, out, k, self._checked(variant, k, policy), job)

    def submit_export(self, variant: str, file_format: str, k: int = 10, policy: PolicyUse | None = PUBLISHED) -> str:
        """Queue an export of all shoppers' lists into the workspace; returns the job's id. What is live now is what is exported."""
        use = self._checked(variant, k, policy)
        if file_format not in ("csv", "parquet"):
            raise BadInput(f"Lists cannot be written as {file_format}.", "", "Choose csv or parquet.")
        info = self._context.variants.info(variant)
        arguments = {"variant": variant, "format": file_format, "k": k, "policy": use_arguments(use)}
        return self._context.jobs.submit("export", arguments, f"Lists of {info.name} for all shoppers")

    def run_export(self, job: JobContext, arguments: dict[str, Any]) -> dict[str, Any]:
        """The job of `submit_export`."""
        folder = self._context.settings.exports_dir
        folder.mkdir(parents=True, exist_ok=True)
        out = folder / f"lists-{job.id}.{arguments['format']}"
        report = self.export(arguments["variant"], out, arguments["k"], use_of_arguments(arguments), job)
        told = {"path": report.path, "rows": report.rows, "sha256": report.sha256, "size_bytes": report.size_bytes}
        return told | {"policy": use_arguments(report.use)}

    def _checked(self, variant: str, k: int, policy: PolicyUse | None) -> PolicyUse | None:
        """The policy that is meant. A variant that was deleted elsewhere answers nothing, whatever is remembered."""
        check_length(k)
        return resolved(self._context, self._context.variants.info(variant).dataset_id, policy)

    def _shaped(
        self, variant: str, shopper: str | None, k: int, use: PolicyUse | None, without: Sequence[int], events: Any, edits: Any
    ) -> ShapedLists:
        """One list, kept for the cards of its items."""

        def make() -> ShapedLists:
            loaded = self._context.loaded(variant)
            loaded, histories = edited(loaded, asked_at(history_of(loaded, shopper, without, events), use), edits)
            return shaped(loaded, histories, k, policy_of(self._context, loaded, use))

        if events is not None:
            return make()
        return self._context.views.get(("shaped", variant, shopper, k, use, tuple(without), edits_key(edits)), make)

    def _make(
        self,
        variant: str,
        shopper: str | None,
        k: int,
        use: PolicyUse | None,
        without: Sequence[int],
        events: Any,
        edits: Sequence[dict[str, Any]],
    ) -> RankedList:
        from recengine.explain.explanation import attribute
        from recengine.explain.policy import policy_terms
        from recengine.explain.reasons import reasons_for_list

        loaded = self._context.loaded(variant)
        loaded, histories = edited(loaded, asked_at(history_of(loaded, shopper, without, events), use), edits)
        made = self._shaped(variant, shopper, k, use, without, events, edits)
        items, scores, by_score = made.item_codes[0], made.scores[0], made.by_score[0]
        listed = items >= 0
        items, scores, by_score = items[listed], scores[listed], by_score[listed]
        reasons = reasons_for_list(loaded.dataset, histories, items, attribute(loaded.model, histories, items))
        catalogue = loaded.dataset.catalogue
        found = [made.placed(place) for place in range(len(items))]
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
                shown=placed.final if placed else float(scores[place]),
                policy=policy_terms(placed) if placed else (),
            )
            for place, (code, placed) in enumerate(zip(items.tolist(), found, strict=True))
        )
        return RankedList(
            variant=variant,
            shopper=shopper or "",
            items=rows,
            use=use,
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
        use: PolicyUse | None,
        k: int,
    ) -> Explanation:
        from recengine.explain.counterfactual import DEPTH
        from recengine.explain.explanation import explain
        from recengine.explain.policy import card_without_score, with_policy

        loaded = self._context.loaded(variant)
        code = item_code(loaded, item)
        loaded, histories = edited(loaded, asked_at(history_of(loaded, shopper, without, events), use), edits)
        placed, place = self._placed(code, variant, shopper, k, use, without, events, edits) if use else (None, 0)
        if placed is not None and placed.added:
            card = card_without_score(loaded.dataset, histories, code, placed, variant, shopper or "", score_kind(loaded))
            return with_policy(card, placed, place)
        order = self.order(variant, shopper, DEPTH, None, without, events, edits, moment=use)
        card = explain(loaded.model, loaded.dataset, histories, code, variant=variant, shopper=shopper or "", order=order)
        return with_policy(card, placed, place) if use else replace(card, place=card.rank)

    def _placed(
        self, code: int, variant: str, shopper: str | None, k: int, use: PolicyUse, without: Sequence[int], events: Any, edits: Any
    ) -> tuple[PolicyPlace | None, int]:
        """What the policy did to an item: on the list, else on a longer one; and its place, 0 where a longer list has it further up."""
        for length in dict.fromkeys((k, max(POOL, k))):
            made = self._shaped(variant, shopper, length, use, without, events, edits)
            at = np.flatnonzero(made.item_codes[0] == code)
            if len(at):
                place = int(at[0]) + 1
                return made.placed(place - 1), place if length == k or place > k else 0
        return None, 0


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


def asked_at(histories: Histories, use: PolicyUse | None) -> Histories:
    """The same shoppers asking on the day and at the hour of a policy, for models that look at the calendar and the clock."""
    from recengine.workspace.policy_lists import shown_at

    return histories if use is None else shown_at(histories, use.day, use.hour)


def score_kind(loaded: LoadedVariant) -> str:
    """probability for variants whose score is a chance, else score."""
    return "probability" if getattr(loaded.model, "calibrated", False) else "score"


def use_arguments(use: PolicyUse | None) -> dict[str, Any] | None:
    """A policy as a job carries it."""
    from dataclasses import asdict

    return None if use is None else asdict(use) | {"day": use.day.isoformat() if use.day else None}


def use_of_arguments(arguments: dict[str, Any]) -> PolicyUse | None:
    """The policy of a job; jobs that were queued before there were policies carry a setting of the diversity slider."""
    found = arguments.get("policy")
    if found is None:
        return PolicyUse.of_diversity(float(arguments.get("diversity", 0.0)))
    fields: dict[str, Any] = {**found, "day": date.fromisoformat(found["day"]) if found["day"] else None}
    return PolicyUse(**fields)


def check_length(k: int) -> None:
    """Raises BadInput for a list that is empty or longer than 500."""
    if not 1 <= k <= MAX_LENGTH:
        raise BadInput(f"A list cannot have {k} items.", "", f"Choose a length from 1 to {MAX_LENGTH}.")
