"""What stands behind a list: past items, what-ifs, why not, second opinions, and how true explanations are of a variant."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from recengine.errors import BadInput
from recengine.explain.history import ASKED, MOST_ALONE
from recengine.types import Estimate, EventTerm
from recengine.types.explanations import (
    FaithfulnessView,
    HistoryTerms,
    ListHistory,
    MovedItem,
    OpinionView,
    PastTerm,
    SmallestSetView,
    WhatIf,
    WhatIfChoices,
    WholeList,
    WhyNotView,
)
from recengine.types.policies import PolicyUse
from recengine.workspace.context import Context, LoadedVariant
from recengine.workspace.edits import choices, edited, edits_key, item_code
from recengine.workspace.lists import Lists, asked_at, history_of, score_kind
from recengine.workspace.shaped_lists import deep_order, policy_of, resolved, shaped
from recengine.workspace.text import known

if TYPE_CHECKING:
    from recengine.data.histories import Histories
    from recengine.explain.shapley import HistoryShapley

Edits = Sequence[dict[str, Any]]
FIRST, MOST_COALITIONS, MOST_ITEMS = ASKED, 16_384, 100


class Explanations:
    """Deeper answers than the card's own; every one is worked out by really asking the variant."""

    def __init__(self, context: Context, lists: Lists) -> None:
        self._context, self._lists = context, lists

    def history(
        self,
        variant: str,
        shopper: str | None,
        items: Sequence[str] | None = None,
        k: int = 20,
        coalitions: int = FIRST,
        without: Sequence[int] = (),
        events: Any = None,
        edits: Edits = (),
        policy: PolicyUse | None = None,
    ) -> ListHistory:
        """What each past item adds to the score of each item of a list: Shapley values.

        Args:
            variant: id of a variant.
            shopper: id as in the file, or None with `events`.
            items: ids; None for the first `k` of the shopper's list by score.
            k: length of that list.
            coalitions: parts of the history to score. Asking again with twice as many goes on from there. Up to 128, past items older
                than the newest 48 move together.
            without: places (0 = oldest) of past events to leave out.
            events: of a live session.
            edits: what-ifs that are made before anything is asked, see `what_if`.
            policy: says day and hour; what it does to places is no part of a score.

        Raises:
            NotFound: unknown variant, shopper or item.
            BadInput: more than 100 items, or coalitions outside 64 … 16,384.
        """
        if not 64 <= coalitions <= MOST_COALITIONS:
            raise BadInput(f"{coalitions} parts of a history cannot be asked.", "", f"Choose 64 to {MOST_COALITIONS:,}.")
        if len(items or ()) > MOST_ITEMS or not 1 <= k <= MOST_ITEMS:
            raise BadInput("So many items cannot be explained at once.", "", f"Choose 1 to {MOST_ITEMS} items.")
        loaded, histories = self._asked(variant, shopper, without, events, edits, policy)
        if items is None:
            codes = shaped(loaded, histories, k, None).item_codes[0].astype(np.int64)
            codes = codes[codes >= 0]
        else:
            codes = np.array([item_code(loaded, item) for item in items], dtype=np.int64)
        moment = (policy.day, policy.hour) if policy else None
        asked = (shopper if events is None else None, tuple(without), f"{edits_key(edits)} {moment}")
        found = self._shapley(loaded, variant, asked, histories, codes, coalitions)
        return _list_history(loaded, histories, found, variant, shopper or "")

    def whole_list(
        self,
        variant: str,
        shopper: str | None,
        k: int = 10,
        policy: PolicyUse | None = None,
        coalitions: int = FIRST,
        events: Any = None,
        edits: Edits = (),
    ) -> WholeList:
        """Which signals and which past items made a whole list.

        Args:
            variant: id of a variant.
            shopper: id as in the file, or None with `events`.
            k: length of the list, 1 to 100.
            policy: what decides the list after the scores, see `Lists.recommend`.
            coalitions: parts of the history to score, see `history`.
            events: of a live session.
            edits: what-ifs that the list is made with.

        Raises:
            NotFound: unknown variant or shopper.
            BadInput: k or coalitions outside their range, a policy that makes no sense, or an edit that cannot be made.
        """
        from recengine.workspace.whole_list import whole_list

        _check(k)
        listed = self._lists.recommend(variant, shopper, k, policy, (), events, edits)
        items = [row.item for row in listed.items]
        past = self.history(variant, shopper, items, k, coalitions, (), events, edits, listed.use) if items else None
        return whole_list(*self._asked(variant, shopper, (), events, edits, listed.use), listed, past)

    def what_if(
        self,
        variant: str,
        shopper: str | None,
        edits: Edits,
        k: int = 10,
        item: str = "",
        events: Any = None,
        policy: PolicyUse | None = None,
    ) -> WhatIf:
        """The list before and after some edits, side by side.

        Args:
            variant: id of a variant.
            shopper: id as in the file, or None with `events`.
            edits: dicts with "kind": remove ("place"), change ("place", "behaviour", "time"), add ("item", "behaviour", "time"),
                price ("item", "price") or category ("item", "category"). Places are those of the history before the edits.
            k: length of the list, 1 to 100.
            item: is shown whether it is on a list or not, and explained as it is after the edits.
            events: of a live session.
            policy: what decides both lists after the scores, see `Lists.recommend`.

        Raises:
            NotFound: unknown variant, shopper or item.
            BadInput: an edit that cannot be made.
        """
        from recengine.explain.counterfactual import DEPTH, side_by_side

        _check(k)
        use = self._use(variant, policy)
        before, after = (self._asked(variant, shopper, (), events, made, use) for made in ((), edits))
        code = item_code(before[0], item) if item else -1
        also = (code,) if code >= 0 else ()
        old_order, new_order = (self._lists.order(variant, shopper, DEPTH, use, (), events, made, k) for made in ((), edits))
        found = side_by_side((before[0].model, before[1]), (after[0].model, after[1]), old_order, new_order, k, also)
        rows = tuple(
            MovedItem(*_named(before[0], int(c)), int(old), int(new), known(float(was)), known(float(now)))
            for c, old, new, was, now in zip(
                found.item_codes, found.old_place, found.new_place, found.old_score, found.new_score, strict=True
            )
        )
        old, new = ((place > 0) & (place <= k) for place in (found.old_place, found.new_place))
        scored = code >= 0 and bool(np.isfinite(found.new_score[found.item_codes.tolist().index(code)]))
        card = self._lists.explain(variant, shopper, item, (), events, edits, use, k) if scored else None
        moved = int((old & new & (found.old_place != found.new_place)).sum())
        counts = (int((new & ~old).sum()), int((old & ~new).sum()))
        return WhatIf(variant, shopper or "", rows, *counts, score_kind(before[0]), card, moved, use)

    def events(self, variant: str, shopper: str) -> tuple[EventTerm, ...]:
        """The shopper's past events as what-ifs name them, newest first; nothing is scored. Raises NotFound."""
        from recengine.explain.explanation import past_events

        loaded, histories = self._asked(variant, shopper, (), None)
        return past_events(loaded.dataset, histories)

    def choices(self, variant: str) -> WhatIfChoices:
        """What a what-if of this variant may change. Raises NotFound."""
        self._context.variants.info(variant)
        return self._context.views.get(("choices", variant), lambda: choices(self._context.loaded(variant)))

    def smallest_set(
        self,
        variant: str,
        shopper: str | None,
        item: str,
        k: int = 10,
        events: Any = None,
        edits: Edits = (),
        policy: PolicyUse | None = None,
    ) -> SmallestSetView:
        """The fewest past items without which an item is no longer among the first k of a list under a policy."""
        from recengine.explain.counterfactual import DEPTH, place_in, smallest_removal
        from recengine.workspace.explanation_words import smallest_sentence

        _check(k)
        loaded, histories = self._asked(variant, shopper, (), events, edits, self._use(variant, policy))
        code, sellable = item_code(loaded, item), loaded.dataset.catalogue.sellable
        ready = policy_of(self._context, loaded, self._use(variant, policy))
        listed = None if ready is None else lambda parts, off: shaped(loaded, parts, k, ready, off).item_codes
        found = smallest_removal(loaded.model, histories, code, sellable, k, listed=listed)
        rest = histories.keep_events(~np.isin(histories.item_codes, list(found.items)))
        orders = [deep_order(loaded, h, k, DEPTH, ready) for h in (histories, rest)]
        before, after = (place_in(order[~np.isin(order, histories.item_codes[histories.signs])], code) for order in orders)
        ids = {str(loaded.dataset.catalogue.vocabulary.ids[gone]) if gone >= 0 else "" for gone in found.items}
        gone = tuple(term for term in _past_terms(loaded, histories, np.zeros(0), np.zeros(0)) if term.item in ids)
        title = _named(loaded, code)[1]
        text = smallest_sentence(title, [term.title for term in gone], found.proof, k, before)
        return SmallestSetView(item, k, before, after, gone, found.proof, found.checked_up_to, found.lists, text)

    def why_not(
        self,
        variant: str,
        shopper: str | None,
        item: str,
        k: int = 10,
        policy: PolicyUse | None = None,
        events: Any = None,
        edits: Edits = (),
    ) -> WhyNotView:
        """The stage at which an item of the catalogue dropped out of a list, and what would bring it in.

        Every change of the history, of the item or of the policy that is told was tried: the list was made again.
        """
        from recengine.workspace.why_not import why_not

        _check(k)
        use = self._use(variant, policy)
        loaded, histories = self._asked(variant, shopper, (), events, edits, use)
        return why_not(self._context, loaded, histories, item_code(loaded, item), k, use, shopper or "")

    def second_opinions(
        self, variant: str, shopper: str | None, item: str, events: Any = None, edits: Edits = ()
    ) -> tuple[OpinionView, ...]:
        """LIME, and attention where the model pays any, beside the Shapley values of one item; empty where it has no score."""
        from recengine.explain.second_opinions import attention_beside, lime

        loaded, histories = self._asked(variant, shopper, (), events, edits)
        codes = np.array([item_code(loaded, item)], dtype=np.int64)
        asked = (shopper if events is None else None, (), edits_key(edits))
        found = self._shapley(loaded, variant, asked, histories, codes, FIRST)
        if np.isnan(found.scores[0]):
            return ()
        opinions = []
        made = {"attention": attention_beside(loaded.model, histories, found), "lime": lime(loaded.model, histories, found)}
        for kind, opinion in made.items():
            if opinion is None:
                continue
            order = np.argsort(-np.abs(opinion.weights), kind="stable").tolist()
            rows = tuple((_named(loaded, int(opinion.players[i]))[1], float(opinion.weights[i])) for i in order)
            opinions.append(OpinionView(kind, rows, known(opinion.kendall), known(opinion.spearman), known(opinion.fit)))
        return tuple(opinions)

    def faithfulness(
        self, variant: str, shoppers: int = 60, seed: int = 0, tell: Callable[[int, int], None] | None = None
    ) -> FaithfulnessView:
        """Deletion and insertion curves, agreement, sampling error and stability of a variant's explanations, on some shoppers.

        Cost: some 300 scores a shopper; a minute or more for large models.
        """
        from recengine.explain.faithfulness import SHARES, faithfulness

        loaded = self._context.loaded(variant)
        log, catalogue = loaded.dataset.log, loaded.dataset.catalogue
        users = np.flatnonzero(np.diff(log.indptr) > 0)
        users = np.random.default_rng(seed).permutation(users)[: max(1, shoppers)]
        popularity = np.bincount(log.item_codes[log.weights > 0], minlength=len(catalogue)).astype(np.float64)
        found = faithfulness(loaded.model, loaded.dataset.histories(users), catalogue.sellable, popularity, seed=seed, tell=tell)

        def curves(rows: dict[str, np.ndarray]) -> dict[str, tuple[float, ...]]:
            return {name: tuple(float(x) for x in row) for name, row in rows.items()}

        gains = [{name: Estimate(g.value, g.low, g.high, g.n) for name, g in side.items()} for side in (found.deletion, found.insertion)]
        return FaithfulnessView(
            variant=variant,
            shoppers=found.shoppers,
            shares=tuple(float(x) for x in SHARES),
            deletion=curves(found.curves.deletion),
            insertion=curves(found.curves.insertion),
            deletion_gain=gains[0],
            insertion_gain=gains[1],
            removal_agreement=known(found.removal_agreement),
            sampled_error=known(found.sampled_error),
            within_four=known(found.within_four),
            changed=known(found.changed),
            changed_others=known(found.changed_others),
            changed_apart=known(found.changed_apart),
            enumerated=found.enumerated,
            sampled=found.sampled,
            shaken=found.shaken,
        )

    def _use(self, variant: str, policy: PolicyUse | None) -> PolicyUse | None:
        """The policy that is meant."""
        return resolved(self._context, self._context.variants.info(variant).dataset_id, policy)

    def _asked(
        self, variant: str, shopper: str | None, without: Sequence[int], events: Any, edits: Edits = (), use: PolicyUse | None = None
    ) -> tuple[LoadedVariant, Histories]:
        self._context.variants.info(variant)  # one that was deleted elsewhere answers nothing, whatever is remembered
        loaded = self._context.loaded(variant)
        return edited(loaded, asked_at(history_of(loaded, shopper, without, events), use), edits)

    def _shapley(
        self,
        loaded: LoadedVariant,
        variant: str,
        asked: tuple[str | None, tuple[int, ...], str],
        histories: Histories,
        codes: np.ndarray,
        coalitions: int,
    ) -> HistoryShapley:
        """Goes on from half as many coalitions where they were asked before; `asked` is what the history was made from."""
        from recengine.explain.history import past_shares
        from recengine.explain.shapley import EXACT, history_shapley, refine

        def make(wanted: int) -> HistoryShapley:
            if wanted <= FIRST:
                return past_shares(loaded.model, histories, codes)
            if 1 << min(len(np.unique(histories.item_codes)), 31) <= EXACT:
                return history_shapley(loaded.model, histories, codes, wanted)  # few enough past items to ask for every part
            before = kept(wanted // 2)
            if wanted // 2 <= FIRST and len(before.players) > MOST_ALONE and before.runs:
                return history_shapley(loaded.model, histories, codes, wanted)  # now every past item for itself
            return refine(before, wanted - wanted // 2, EXACT)

        def kept(wanted: int) -> HistoryShapley:
            if asked[0] is None:
                return make(wanted)
            return self._context.views.get(("shapley", variant, *asked, codes.tobytes(), wanted), lambda: make(wanted))

        return kept(coalitions)


def _check(k: int) -> None:
    if not 1 <= k <= MOST_ITEMS:
        raise BadInput(f"A list cannot have {k} items here.", "", f"Choose a length from 1 to {MOST_ITEMS}.")


def _named(loaded: LoadedVariant, code: int) -> tuple[str, str]:
    from recengine.explain.titles import item_title

    catalogue = loaded.dataset.catalogue
    return str(catalogue.vocabulary.ids[code]) if 0 <= code < len(catalogue) else "", item_title(catalogue, code)


def _past_terms(loaded: LoadedVariant, histories: Histories, events: np.ndarray, errors: np.ndarray) -> tuple[PastTerm, ...]:
    """Past items, the largest contribution first. Events and errors are float64 [E], or empty for zeros."""
    from recengine.explain.past import Past
    from recengine.explain.titles import moment

    n = len(histories.item_codes)
    events, errors = (values if len(values) else np.zeros(n) for values in (events, errors))
    made = []
    for item in Past(loaded.dataset, histories).items(events, by_size=True):
        at = np.flatnonzero(histories.item_codes == item.code)
        error = float(errors[at].sum())
        named = (_named(loaded, item.code)[0], item.title, item.did, item.times, moment(item.last_s), tuple(at.tolist()))
        made.append(PastTerm(*named, item.contribution, error if np.isfinite(error) else -1.0))
    return tuple(made)


def _list_history(loaded: LoadedVariant, histories: Histories, found: HistoryShapley, variant: str, shopper: str) -> ListHistory:
    events = found.events()
    errors = found.event_errors()
    scored = np.flatnonzero(~np.isnan(found.scores)).tolist()
    rows = tuple(
        HistoryTerms(
            *_named(loaded, int(found.item_codes[j])),
            float(found.scores[j]),
            float(found.base[j]),
            _past_terms(loaded, histories, events[j], errors[j]),
        )
        for j in scored
    )
    mean = events[scored].mean(axis=0) if scored else np.zeros(events.shape[1])
    spread = np.sqrt((errors[scored] ** 2).mean(axis=0)) if scored else np.zeros(events.shape[1])
    worst = float(found.errors[scored].max(initial=0.0)) if scored else 0.0
    whole = _past_terms(loaded, histories, mean, spread)
    return ListHistory(variant, shopper, rows, whole, found.method, found.coalitions, worst if np.isfinite(worst) else -1.0)
