"""Why a whole list: what signals and past items add to each of its items, and on average."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from recengine.types import RankedList
from recengine.types.explanations import ListHistory, ListTerm, WholeList
from recengine.workspace.context import LoadedVariant

if TYPE_CHECKING:
    from recengine.data.histories import Histories
    from recengine.explain.history import Attribution


def whole_list(loaded: LoadedVariant, histories: Histories, listed: RankedList, past: ListHistory | None) -> WholeList:
    """Signals and past items of a list, each with what it adds to every item.

    Args:
        loaded: the variant.
        histories: one row.
        listed: its list.
        past: past items of the same items in the same order; None for an empty list.

    Returns:
        Terms by the mean size of what they add. Signal base + an item's signals = its score; so do its past base and its past items.
    """
    from recengine.explain.explanation import attribute

    codes = loaded.dataset.catalogue.vocabulary.encode([row.item for row in listed.items])
    parts = attribute(loaded.model, histories, codes) if len(codes) else []
    signals = _signals(parts)
    return WholeList(
        variant=listed.variant,
        shopper=listed.shopper,
        items=listed.items,
        score_kind=listed.score_kind,
        signals=signals,
        signal_base=parts[0].base if signals else 0.0,
        past=_past(past, [row.item for row in listed.items]) if past else (),
        past_base=_bases(past, [row.item for row in listed.items]) if past else (),
        method=past.method if past else "exact",
        coalitions=past.coalitions if past else 0,
        worst_error=past.worst_error if past else 0.0,
    )


def _signals(parts: list[Attribution]) -> tuple[ListTerm, ...]:
    names: dict[str, str] = {}
    adds: dict[str, np.ndarray] = {}
    squares: dict[str, float] = {}
    for place, part in enumerate(parts):
        for term in part.terms:
            names.setdefault(term.key, term.name)
            adds.setdefault(term.key, np.zeros(len(parts)))[place] = term.contribution
            squares[term.key] = squares.get(term.key, 0.0) + term.error**2
    made = [
        ListTerm("signal", key, names[key], float(row.mean()), float(np.sqrt(squares[key])) / len(parts), tuple(row.tolist()))
        for key, row in adds.items()
    ]
    return _largest_first(made)


def _past(past: ListHistory, items: list[str]) -> tuple[ListTerm, ...]:
    place = {item: i for i, item in enumerate(items)}
    adds: dict[str, np.ndarray] = {term.item: np.zeros(len(items)) for term in past.whole_list}
    for row in past.items:
        for term in row.terms:
            adds[term.item][place[row.item]] = term.contribution
    made = [
        ListTerm("event", term.item, term.title, float(adds[term.item].mean()), term.error, tuple(adds[term.item].tolist()))
        for term in past.whole_list
    ]
    return _largest_first(made)


def _bases(past: ListHistory, items: list[str]) -> tuple[float, ...]:
    known = {row.item: row.base for row in past.items}
    return tuple(known.get(item, 0.0) for item in items)


def _largest_first(terms: list[ListTerm]) -> tuple[ListTerm, ...]:
    moving = [term for term in terms if any(term.adds)]
    return tuple(sorted(moving, key=lambda term: (-float(np.abs(term.adds).mean()), term.key)))
