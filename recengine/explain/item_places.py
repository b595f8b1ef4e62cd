"""One item across the lists of all shoppers: where it stands, what brings it there on average, and what holds it back just below."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from recengine.data.histories import Histories
from recengine.explain.explanation import attribute
from recengine.explain.history import Attribution
from recengine.models.base import Recommender

LIST, DEEP = 10, 20  # places of a list, and places that are looked at
PAST_A_PLACE, PAST_AN_ITEM = 3, 12  # past items remembered of one place, and told of an item
BASE = "base"


@dataclass(eq=False)
class ItemTerms:
    """Sums over the places of one item."""

    listed: int = 0
    near: int = 0
    ranks: int = 0  # Σ of the places where it is listed
    base: float = 0.0
    score: float = 0.0
    gap: float = 0.0
    brings: dict[str, list[float]] = field(default_factory=dict)  # signal → [Σ adds, places]
    holds: dict[str, list[float]] = field(default_factory=dict)  # signal → [Σ (adds - adds of the last listed item), places]
    past: dict[int, list[float]] = field(default_factory=dict)  # code of a past item → [Σ adds, places]


@dataclass(eq=False)
class ItemPlaces:
    """All places that were looked at. Memory: 16 bytes a place, and some 40 sums an item that has one."""

    users: list[np.ndarray] = field(default_factory=list)  # int32
    ranks: list[np.ndarray] = field(default_factory=list)  # int16, from 1
    items: list[np.ndarray] = field(default_factory=list)  # int32
    scores: list[np.ndarray] = field(default_factory=list)  # float64
    terms: dict[int, ItemTerms] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)  # signal → its title

    def take(self, user: int, histories: Histories, item_codes: np.ndarray, parts: list[Attribution]) -> None:
        """Count one shopper's first `DEEP` places in.

        Args:
            user: code.
            histories: one row.
            item_codes: int [n], best first.
            parts: the score of each item taken apart.
        """
        n = len(item_codes)
        self.users.append(np.full(n, user, dtype=np.int32))
        self.ranks.append(np.arange(1, n + 1, dtype=np.int16))
        self.items.append(np.asarray(item_codes, dtype=np.int32))
        self.scores.append(np.array([part.score for part in parts], dtype=np.float64))
        last = parts[LIST - 1] if n > LIST else None
        for place, (code, part) in enumerate(zip(item_codes.tolist(), parts, strict=True)):
            sums = self.terms.setdefault(code, ItemTerms())
            if place < LIST:
                self._listed(sums, place, part, histories)
            elif last is not None:
                self._near(sums, part, last)

    def _listed(self, sums: ItemTerms, place: int, part: Attribution, histories: Histories) -> None:
        sums.listed, sums.ranks = sums.listed + 1, sums.ranks + place + 1
        sums.base, sums.score = sums.base + part.base, sums.score + part.score
        for term in part.terms:
            self.names.setdefault(term.key, term.name)
            _add(sums.brings, term.key, term.contribution)
        for code, adds in _speaking(histories, part.events):
            _add(sums.past, code, adds)

    def _near(self, sums: ItemTerms, part: Attribution, last: Attribution) -> None:
        sums.near += 1
        sums.gap += part.score - last.score
        here, there = ({term.key: term.contribution for term in side.terms} for side in (part, last))
        for term in (*part.terms, *last.terms):
            self.names.setdefault(term.key, term.name)
        for key in sorted(here.keys() | there.keys()):
            _add(sums.holds, key, here.get(key, 0.0) - there.get(key, 0.0))
        if not part.terms:  # models that have nothing but the history: how much less speaks for it
            _add(sums.holds, BASE, part.base - last.base)
            _add(sums.holds, "past", float(part.events.sum() - last.events.sum()))


def survey(model: Recommender, lists: Iterable[tuple[int, Histories, np.ndarray]]) -> ItemPlaces:
    """Look at many lists.

    Args:
        model: fitted.
        lists: shopper's code, history (one row) and the first `DEEP` items (int [n]) of each.

    Cost: one explanation of 20 items a list; for a funnel of five models about 35 ms.
    """
    found = ItemPlaces()
    for user, histories, items in lists:
        if len(items):
            found.take(user, histories, items, attribute(model, histories, items))
    return found


def _add(sums: dict, key: str | int, value: float) -> None:  # type: ignore[type-arg]
    entry = sums.setdefault(key, [0.0, 0])
    entry[0] += value
    entry[1] += 1


def _speaking(histories: Histories, events: np.ndarray) -> list[tuple[int, float]]:
    """The past items that add most, at most `PAST_A_PLACE`."""
    codes, of_event = np.unique(histories.item_codes, return_inverse=True)
    total = np.bincount(of_event, events, minlength=len(codes))
    order = np.lexsort((codes, -total))[:PAST_A_PLACE]
    return [(int(codes[i]), float(total[i])) for i in order if total[i] > 0 and codes[i] >= 0]
