"""Why items stand elsewhere in another variant's list: the two explanations of each move, taken from each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from recengine.errors import BadInput
from recengine.explain.titles import item_title
from recengine.types import VariantRow
from recengine.types.policies import PolicyUse
from recengine.types.runs import Move, Moves, MoveTerm, ReasonShift, ReasonShifts
from recengine.workspace.comparison_words import move_sentence, shift_sentence
from recengine.workspace.context import Context, LoadedVariant
from recengine.workspace.judged import refuse_unlike
from recengine.workspace.lists import Lists, asked_at, history_of, score_kind
from recengine.workspace.shaped_lists import resolved
from recengine.workspace.tuning import answers

if TYPE_CHECKING:
    from recengine.data.histories import Histories
    from recengine.explain.said_lists import SaidPlace

DEPTH = 500  # places that are searched for an item
TERMS = 4  # of a move; the others are one together
EXPLAINED = 24  # shoppers of a kind whose lists are explained
MOST_EXPLAINED = 500
SHOWN = 8
ALL = 10**6
Key = tuple[str, str]
Policies = tuple[PolicyUse | None, PolicyUse | None]


class ListMoves:
    """Reads the lists as they are shown now, and asks both variants why."""

    def __init__(self, context: Context, lists: Lists) -> None:
        self._context, self._lists = context, lists

    def moves(self, a: str, b: str, shopper: str, k: int = 10, policies: Policies = (None, None)) -> Moves:
        """What entered, left or moved when variant b takes the place of a for one shopper, with the difference of the explanations.

        Args:
            a, b: ids of two variants of one dataset; the same one twice to see what a policy does.
            shopper: id as in the file.
            k: length of the lists, 1 to 50.
            policies: of either side, None = by score alone. What a policy does is a term like any other. A side without one is asked
                on the day and at the hour of the other's.

        Returns:
            Where both scores are chances, or those of one variant, the terms of a move are taken from each other: they add up to the
            change of the score, the base among them. Otherwise scores are not on one scale: each term is its share of its own side.

        Raises:
            NotFound: an unknown variant or shopper.
            BadInput: variants of two datasets, or another length.

        Cost: 0.2 s with two funnels, 0.03 s with linear models.
        """
        if not 1 <= k <= 50:
            raise BadInput(f"Lists of {k} items cannot be explained side by side.", "", "Choose 1 to 50.")
        records = [self._context.variants.info(v) for v in (a, b)]
        names = tuple(record.name for record in records)  # in the sentences
        policies = (
            resolved(self._context, records[0].dataset_id, policies[0]),
            resolved(self._context, records[1].dataset_id, policies[1]),
        )
        return self._context.views.get(("moves", a, b, shopper, k, policies, names), lambda: self._moves(a, b, shopper, k, policies))

    def shifts(self, a: str, b: str, k: int = 10, segment: str = "all", shoppers: int = EXPLAINED) -> ReasonShifts:
        """Which reasons carry the lists of b and which carried those of a, over some held-out shoppers drawn at random.

        Args:
            a, b: ids of two variants that were judged alike.
            k: length of the lists.
            segment: all, cold, warm or hot.
            shoppers: how many are drawn at most, 1 to 500.

        Raises:
            NotFound, BadInput: as `moves`, an unknown segment, or another number of shoppers.

        Cost: as `moves`, times the shoppers.
        """
        if not 1 <= shoppers <= MOST_EXPLAINED:
            raise BadInput(f"The lists of {shoppers} shoppers cannot be explained.", "", f"Choose 1 to {MOST_EXPLAINED}.")
        return self._context.views.get(("shifts", a, b, k, segment, shoppers), lambda: self._shifts(a, b, k, segment, shoppers))

    def _moves(self, a: str, b: str, shopper: str, k: int, policies: Policies) -> Moves:
        one, two = self._pair(a, b)
        moments = (policies[0] or policies[1], policies[1] or policies[0])
        sides = list(zip((a, b), policies, moments, strict=True))
        orders = [self._lists.order(v, shopper, DEPTH, use, k=k, moment=at) for v, use, at in sides]
        union = np.array(list(dict.fromkeys([*orders[1][:k].tolist(), *orders[0][:k].tolist()])), dtype=np.int64)
        ids = one.dataset.catalogue.vocabulary.ids
        said = []
        for loaded, (_, use, at) in zip((one, two), sides, strict=True):
            found = _said(loaded, asked_at(history_of(loaded, shopper, (), None), at), shopper, union)
            said.append(
                found if use is None else self._shaped(loaded.record.id, shopper, k, use, found, {int(c): str(ids[c]) for c in union})
            )
        places = [{int(code): place + 1 for place, code in enumerate(order.tolist())} for order in orders]
        chance = score_kind(one) == score_kind(two) == "probability"
        names = (one.record.name, two.record.name) if a != b else _sides(policies)
        rows = []
        for code in union.tolist():
            old, new = places[0].get(code), places[1].get(code)
            change = _change(old, new, k)
            if not change:
                continue
            before, after = said[0].get(code), said[1].get(code)
            terms = move_terms(before, after, chance or a == b)
            scores = (before.score if before else None, after.score if after else None)
            sentence = move_sentence(change, old, new, terms, chance or a == b, *names, *scores, chance)
            rows.append(Move(str(ids[code]), item_title(one.dataset.catalogue, code), old, new, change, *scores, terms, sentence))
        return Moves(a, b, shopper, k, chance or a == b, chance, tuple(rows))

    def _shaped(
        self, variant: str, shopper: str, k: int, use: PolicyUse, said: dict[int, SaidPlace], items: dict[int, str]
    ) -> dict[int, SaidPlace]:
        """The explanations with what the policy did to each item: its terms, and the number that gave the item its place."""
        from recengine.explain.said_lists import SaidPlace, SaidTerm

        listed = {row.item: (row.policy, row.shown) for row in self._lists.recommend(variant, shopper, k, use).items}
        found = {}
        for code, item in items.items():
            place = said.get(code)
            if place is None:  # no score of the variant's own: only a pin can have brought it in
                if item in listed:
                    card = self._lists.explain(variant, shopper, item, policy=use, k=k)
                    terms = tuple(SaidTerm("policy", t.key, t.name, t.value, t.contribution) for t in card.policy)
                    found[code] = SaidPlace(0, 0, item, card.title, card.shown or card.score, card.base, terms, (), "", "")
                continue
            if item in listed:
                done, shown = listed[item]
            else:
                card = self._lists.explain(variant, shopper, item, policy=use, k=k)
                done, shown = card.policy, card.shown
            terms = (*place.terms, *(SaidTerm("policy", t.key, t.name, t.value, t.contribution) for t in done))
            found[code] = replace(place, score=place.score if shown is None else shown, terms=terms)
        return found

    def _shifts(self, a: str, b: str, k: int, segment: str, shoppers: int) -> ReasonShifts:
        from recengine.evaluation.segments import SEGMENTS, shopper_segment

        one, two = self._pair(a, b)
        refuse_unlike([_row(self._context, v) for v in (a, b)])
        targets, _ = answers(self._context, one.record.dataset_id, one.record.split_kind)
        users = targets.histories.user_codes
        if segment != "all":
            if segment not in SEGMENTS:
                raise BadInput(f"There is no kind of shopper called {segment}.", "", f"Choose all, {', '.join(SEGMENTS)}.")
            users = users[shopper_segment(targets.histories.sign_counts) == SEGMENTS.index(segment)]
        drawn = np.sort(np.random.default_rng(0).permutation(users)[:shoppers])
        whole, part = [_Tally(), _Tally()], [_Tally(), _Tally()]
        ids = one.dataset.users.ids
        for user in drawn.tolist():
            shopper = str(ids[user])
            lists = [self._lists.order(v, shopper, DEPTH)[:k] for v in (a, b)]
            for side, (loaded, own, other) in enumerate(((one, lists[0], lists[1]), (two, lists[1], lists[0]))):
                for code, place in _said(loaded, history_of(loaded, shopper, (), None), shopper, own).items():
                    named = [(_named(loaded, term), term.adds) for term in place.terms]
                    whole[side].take(named)
                    if code not in other:
                        part[side].take(named)
        shares = [tally.shares() for tally in whole]
        keys = sorted(shares[0].keys() | shares[1].keys(), key=lambda n: (-abs(shares[1].get(n, 0.0) - shares[0].get(n, 0.0)), n))
        rows = tuple(ReasonShift(n, shares[0].get(n, 0.0), shares[1].get(n, 0.0)) for n in keys[:SHOWN])
        left, entered = (tuple(sorted(tally.shares().items(), key=lambda row: (-row[1], row[0]))[:3]) for tally in part)
        sentence = shift_sentence(rows, entered, left, one.record.name, two.record.name)
        return ReasonShifts(a, b, segment, len(drawn), rows, entered, left, sentence)

    def _pair(self, a: str, b: str) -> tuple[LoadedVariant, LoadedVariant]:
        one, two = self._context.loaded(a), self._context.loaded(b)
        if one.record.dataset_id != two.record.dataset_id:
            raise BadInput("These variants know different items.", "They learned from two dataset versions.", "Choose two of one dataset.")
        return one, two


class _Tally:
    """Sizes of terms by name, over many places."""

    def __init__(self) -> None:
        self._size: dict[str, float] = {}

    def take(self, terms: Sequence[tuple[str, float]]) -> None:
        """One place counts as much as any other, whatever the scale of its score."""
        total = sum(abs(adds) for _, adds in terms) or 1.0
        for name, adds in terms:
            self._size[name] = self._size.get(name, 0.0) + abs(adds) / total

    def shares(self) -> dict[str, float]:
        total = sum(self._size.values()) or 1.0
        return {name: size / total for name, size in self._size.items()}


def move_terms(before: SaidPlace | None, after: SaidPlace | None, comparable: bool) -> tuple[MoveTerm, ...]:
    """The terms that differ most between two explanations of one item, the others as one.

    With `comparable` the terms are those of the scores, the base among them: Σ after - Σ before is the change of the score. Otherwise each
    is a signed share of Σ |terms| of its own side.
    """
    sides: list[dict[Key, float]] = []
    names: dict[Key, str] = {}
    for place in (before, after):
        if place is None:
            sides.append({})
            continue
        scale = 1.0 if comparable else sum(abs(t.adds) for t in place.terms) or 1.0
        found: dict[Key, float] = {("base", ""): place.base} if comparable else {}
        names.setdefault(("base", ""), "Start, before anything is known")
        for term in place.terms:
            key = (term.kind, term.key or term.name)
            names.setdefault(key, term.name)
            found[key] = found.get(key, 0.0) + term.adds / scale
        sides.append(found)
    old, new = sides
    order = sorted(old.keys() | new.keys(), key=lambda key: (-abs(new.get(key, 0.0) - old.get(key, 0.0)), key))
    told = [MoveTerm(names[key], old.get(key, 0.0), new.get(key, 0.0)) for key in order[:TERMS]]
    rest = order[TERMS:]
    if rest and comparable:
        told.append(MoveTerm(f"{len(rest)} smaller terms", sum(old.get(key, 0.0) for key in rest), sum(new.get(key, 0.0) for key in rest)))
    return tuple(told)


def _change(old: int | None, new: int | None, k: int) -> str:
    was, now = old is not None and old <= k, new is not None and new <= k
    if was and now:
        return "" if old == new else "rose" if new < old else "fell"  # type: ignore[operator]
    return "entered" if now else "left"


def _said(loaded: LoadedVariant, histories: Histories, shopper: str, codes: np.ndarray) -> dict[int, SaidPlace]:
    """Code → its whole explanation; items that the variant cannot score are left out."""
    from recengine.explain.said_lists import said_list

    if not len(codes):
        return {}
    scored = np.isfinite(loaded.model.score(histories, codes[None].astype(np.int64)).numpy()[0])
    codes = codes[scored]
    said = said_list(loaded.model, loaded.dataset, histories, shopper, codes, np.arange(len(codes)), ALL)
    return {int(code): place for code, place in zip(codes.tolist(), said.places, strict=True)}


def _named(loaded: LoadedVariant, term: object) -> str:
    """Past items of one category are one reason: over many shoppers single items would scatter."""
    from recengine.explain.said_lists import SaidTerm

    assert isinstance(term, SaidTerm)
    if term.kind != "past":
        return term.name
    catalogue = loaded.dataset.catalogue
    code = catalogue.vocabulary.code(term.key)
    category = str(catalogue.categories[code]) if code >= 0 else ""
    return f"Past items: {category}" if category else "Past items"


def _sides(policies: Policies) -> tuple[str, str]:
    """What two lists of one variant are called."""
    return tuple("the score alone" if use is None else f"the policy {use.name}".strip() for use in policies)  # type: ignore[return-value]


def _row(context: Context, variant: str) -> VariantRow:
    from recengine.workspace.variants import dataset_names, variant_row

    return variant_row(context.variants.info(variant), dataset_names(context))
