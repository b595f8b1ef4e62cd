"""A whole list explained in words and numbers, ready to be written: per item a sentence and the terms that add up to its score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from recengine.data.dataset import Dataset
from recengine.data.histories import Histories
from recengine.explain.explanation import TOLERANCE, attribute
from recengine.explain.history import Attribution
from recengine.explain.past import Past
from recengine.explain.policy import card_without_score, policy_terms
from recengine.explain.sentence_parts import parts_of
from recengine.explain.titles import item_title
from recengine.explain.wording import render
from recengine.models.base import Recommender
from recengine.types.policies import PolicyPlace

MOST_TERMS = 8  # told one by one; the others are one term together, so that the sum stays
MOST_PAST = 3  # past items inside the signals


@dataclass(frozen=True)
class SaidTerm:
    """One summand of a score."""

    kind: str  # signal, past, rest or policy
    key: str  # name of the signal, id of the past item or step of the policy
    name: str
    value: str
    adds: float
    error: float = 0.0  # standard error; 0 where exact, -1 where too little was asked to tell


@dataclass(frozen=True)
class SaidPlace:
    """One item of a list: base + terms = score, score + policy = shown."""

    rank: int
    rank_by_score: int  # before the policy; 0 where only a pin brought the item in
    item: str
    title: str
    score: float
    base: float
    terms: tuple[SaidTerm, ...]  # largest first, the rest last
    past: tuple[SaidTerm, ...]  # past items inside the signals; empty where the terms are past items themselves
    sentence: str
    sentence_zh: str
    policy: tuple[SaidTerm, ...] = ()
    shown: float | None = None  # what gave the item its place; None without a policy


@dataclass(frozen=True)
class SaidList:
    """One shopper's list."""

    shopper: str
    places: tuple[SaidPlace, ...]


def said_list(
    model: Recommender,
    dataset: Dataset,
    histories: Histories,
    shopper: str,
    item_codes: np.ndarray,
    by_score: np.ndarray,
    most: int = MOST_TERMS,
    placed: Sequence[PolicyPlace | None] = (),
) -> SaidList:
    """Explain every item of one shopper's list.

    Args:
        model: fitted.
        dataset: titles.
        histories: one row.
        shopper: id to carry through.
        item_codes: int [n], the list, best first.
        by_score: int [n], place of each by score alone, from 0.
        most: terms told one by one; the others are one together.
        placed: what a policy did at each place; empty without one.

    Raises:
        ArithmeticError: the parts of a score do not add up, or an item that no pin brought in has no score; a fault of the program.

    Cost: for 10 items about 55 ms with the funnel, 6 ms with linear models, one sampled estimate of past items with the others.
    """
    past, places = Past(dataset, histories), []
    for place, (code, parts) in enumerate(zip(item_codes.tolist(), attribute(model, histories, item_codes), strict=True)):
        at = placed[place] if placed else None
        if at is not None and at.added:
            places.append(_without_score(dataset, histories, code, at, place))
            continue
        terms = _terms(past, parts)
        gap = abs(parts.base + sum(term.adds for term in terms) - parts.score)
        if not gap <= TOLERANCE * max(1.0, abs(parts.score)):
            raise ArithmeticError(f"the parts of item {code} miss its score {parts.score} by {gap}")
        said = parts_of(past, code, parts)
        places.append(
            SaidPlace(
                rank=place + 1,
                rank_by_score=int(by_score[place]) + 1,
                item=str(dataset.catalogue.vocabulary.ids[code]),
                title=item_title(dataset.catalogue, code),
                score=parts.score,
                base=parts.base,
                terms=_folded(terms, most),
                past=tuple(_past_terms(past, parts, MOST_PAST)) if parts.terms else (),
                sentence=render(said),
                sentence_zh=render(said, "zh"),
                policy=_policy(at),
                shown=_shown(at, parts.score),
            )
        )
    return SaidList(shopper, tuple(places))


def _policy(at: PolicyPlace | None) -> tuple[SaidTerm, ...]:
    return tuple(SaidTerm("policy", t.key, t.name, t.value, t.contribution) for t in policy_terms(at)) if at else ()


def _shown(at: PolicyPlace | None, score: float) -> float | None:
    """What gave the place. Raises ArithmeticError when score and policy do not add up to it; a fault of the program."""
    if at is None:
        return None
    gap = abs(score + sum(t.contribution for t in at.terms) - at.final)
    if not gap <= TOLERANCE * max(1.0, abs(score), abs(at.final)):
        raise ArithmeticError(f"the policy of item {at.item} misses {at.final} by {gap}")
    return at.final


def _without_score(dataset: Dataset, histories: Histories, code: int, at: PolicyPlace, place: int) -> SaidPlace:
    """An item that a pin brought in although the variant has no score for it."""
    card = card_without_score(dataset, histories, code, at, "", "", "score")
    said, shown = (card.sentence, card.sentence_zh), _shown(at, at.score)
    return SaidPlace(place + 1, 0, at.item, card.title, at.score, at.score, (), (), *said, _policy(at), shown)


def _terms(past: Past, parts: Attribution) -> list[SaidTerm]:
    """Everything that is added to the base, largest first."""
    if not parts.terms:
        return _past_terms(past, parts)
    signals = [SaidTerm("signal", t.key, t.name, t.value, t.contribution, t.error) for t in parts.terms]
    return sorted(signals, key=lambda t: (-abs(t.adds), t.key))


def _past_terms(past: Past, parts: Attribution, n: int | None = None) -> list[SaidTerm]:
    """Past items that add anything, largest first; the first n. The errors of one item's events are parts of one error: they add up."""
    ids, codes = past.dataset.catalogue.vocabulary.ids, past.histories.item_codes
    found = []
    for item in past.items(parts.events, n, by_size=True):
        if item.contribution == 0.0:
            continue
        error = 0.0 if parts.errors is None else float(parts.errors[codes == item.code].sum())
        error = error if np.isfinite(error) else -1.0
        key = str(ids[item.code]) if 0 <= item.code < len(ids) else ""
        found.append(SaidTerm("past", key, item.title, f"{item.did} {item.when()}", item.contribution, error))
    return found


def _folded(terms: list[SaidTerm], most: int) -> tuple[SaidTerm, ...]:
    if len(terms) <= most + 1:
        return tuple(terms)
    rest = terms[most:]
    unknown = any(t.error < 0 for t in rest)
    error = -1.0 if unknown else float(np.sqrt(sum(t.error**2 for t in rest)))
    return (*terms[:most], SaidTerm("rest", "", f"{len(rest)} smaller terms", "", float(sum(t.adds for t in rest)), error))


@dataclass
class Tally:
    """What all lists have in common, added up as they pass by. Memory: a few numbers an item and a term."""

    shoppers: int = 0
    places: int = 0
    sampled: bool = False
    worst_gap: float = 0.0
    titles: dict[str, str] = field(default_factory=dict)  # item → title
    listed: dict[str, int] = field(default_factory=dict)  # item → lists
    names: dict[tuple[str, str], str] = field(default_factory=dict)  # kind and key of a term → its name
    size: dict[tuple[str, str], float] = field(default_factory=dict)  # Σ |adds|
    sums: dict[tuple[str, str], float] = field(default_factory=dict)  # Σ adds
    times: dict[tuple[str, str], int] = field(default_factory=dict)  # places it is told at

    def take(self, one: SaidList) -> None:
        """Count one list in."""
        self.shoppers += bool(one.places)
        for place in one.places:
            self.places += 1
            self.titles[place.item] = place.title
            self.listed[place.item] = self.listed.get(place.item, 0) + 1
            gap = abs(place.base + sum(t.adds for t in place.terms) - place.score) / max(1.0, abs(place.score))
            self.worst_gap = max(self.worst_gap, gap)
            for term in place.terms:
                self.sampled = self.sampled or term.error != 0.0
                key = (term.kind, term.key)
                self.names.setdefault(key, term.name if term.kind != "rest" else "Smaller terms")
                self.size[key] = self.size.get(key, 0.0) + abs(term.adds)
                self.sums[key] = self.sums.get(key, 0.0) + term.adds
                self.times[key] = self.times.get(key, 0) + 1

    def movers(self, n: int) -> list[tuple[str, float, float, int]]:
        """Name, share of all movement, mean over the places it is told at, and how many; the largest share first, without the rest."""
        total = sum(self.size.values()) or 1.0
        order = sorted((k for k in self.size if k[0] != "rest"), key=lambda k: (-self.size[k], k))[:n]
        return [(self.names[k], self.size[k] / total, self.sums[k] / self.times[k], self.times[k]) for k in order]

    def most_listed(self, n: int) -> list[tuple[str, str, int]]:
        """Item, title and number of lists, the most listed first."""
        order = sorted(self.listed, key=lambda item: (-self.listed[item], item))[:n]
        return [(item, self.titles[item], self.listed[item]) for item in order]
