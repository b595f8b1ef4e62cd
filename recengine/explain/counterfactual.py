"""Lists side by side before and after an edit, and the fewest past items without which an item leaves the list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations, islice

import numpy as np
import scipy.sparse as sp

from recengine.data.histories import Histories
from recengine.explain.game import game_of, scorer
from recengine.explain.shapley import FIRST, history_shapley
from recengine.models.base import Recommender

DEPTH = 500  # places told; items further down have place 0
PROVABLE = 3  # past items up to which it is checked that no smaller set will do
CHECKS = 2000  # parts of a history whose lists are made for that
AT_ONCE = 256


@dataclass(frozen=True, eq=False)
class SideBySide:
    """The new list in its order, then what left the old one."""

    item_codes: np.ndarray  # int64 [m]
    old_place: np.ndarray  # int64 [m], from 1; 0 = not among the first 500, or not listed at all
    new_place: np.ndarray  # int64 [m]
    old_score: np.ndarray  # float64 [m], NaN = no score
    new_score: np.ndarray  # float64 [m]


@dataclass(frozen=True)
class SmallestSet:
    """Past items without which an item is no longer among the first k."""

    items: tuple[int, ...]  # codes; empty where no set was found, or where the item is not among the first k to begin with
    proof: str  # proved: no smaller set exists. greedy: one may. none: the item stays, even without any history
    checked_up_to: int  # all sets of up to so many items were tried
    lists: int  # parts of the history whose lists were made


def side_by_side(
    before: tuple[Recommender, Histories],
    after: tuple[Recommender, Histories],
    old_order: np.ndarray,
    new_order: np.ndarray,
    k: int,
    also: tuple[int, ...] = (),
) -> SideBySide:
    """Old and new place and score of every item that is on one of the two lists of k, and of the items of `also`.

    Args:
        before: model and history (one row).
        after: the same after the edits.
        old_order: int [n], items in the order of the list before, at least its first k; see `in_order`.
        new_order: int [n], of the list after.
        k: list length.
        also: codes of further items.

    Cost: one call of `score` each.
    """
    shown = list(dict.fromkeys([*new_order[:k].tolist(), *old_order[:k].tolist(), *also]))
    codes = np.array(shown, dtype=np.int64)
    places = [np.array([place_in(ranked, code) for code in shown], dtype=np.int64) for ranked in (old_order, new_order)]
    scores = [scorer(model, histories, codes)(histories)[0] for model, histories in (before, after)]
    return SideBySide(codes, places[0], places[1], scores[0], scores[1])


def in_order(model: Recommender, histories: Histories, sellable: np.ndarray) -> np.ndarray:
    """int64 [n]: the first 500 items by score that may be shown (histories: one row)."""
    listed = model.recommend(histories, DEPTH, exclude=histories.had(len(sellable)), allow=sellable).item_codes[0]
    return listed[listed >= 0].astype(np.int64)


def place_in(ranked: np.ndarray, code: int) -> int:
    """Place of an item in an order (int [n]), from 1; 0 when it is not in it."""
    found = np.flatnonzero(ranked == code)
    return int(found[0]) + 1 if len(found) else 0


def smallest_removal(
    model: Recommender,
    histories: Histories,
    item_code: int,
    sellable: np.ndarray,
    k: int,
    checks: int = CHECKS,
    listed: Callable[[Histories, sp.csr_matrix], np.ndarray] | None = None,
) -> SmallestSet:
    """The fewest past items (with all their events) whose removal takes an item out of the first k.

    Past items leave in the order of their Shapley values until the item is out, then each one comes back that need not be gone. After
    that all smaller sets of up to three items are tried, as long as no more than `checks` lists are made.

    Args:
        model: fitted; any.
        histories: one row.
        item_code: the item.
        sellable: bool [n_items].
        k: list length.
        checks: lists that are made at most to prove that no smaller set exists.
        listed: B histories, and what stays off each list (B x n_items) → int [B, k] lists, where they are not simply the k best;
            -1 = its list ended.

    Cost: Shapley values once, and one list a check.
    """
    game = game_of(model, histories, np.array([item_code]))
    n, made = len(game.players), 0
    # What the shopper really has stays off the lists: a past item that could be offered again would push the item out by itself.
    owned = histories.had(len(sellable))

    def best(parts: Histories, exclude: sp.csr_matrix) -> np.ndarray:
        return model.recommend(parts, k, exclude=exclude, allow=sellable).item_codes

    make = listed or best

    def is_out(gone: np.ndarray) -> np.ndarray:
        """bool [c] of bool [c, n]."""
        nonlocal made
        made += len(gone)
        found = np.zeros(len(gone), dtype=bool)
        for start in range(0, len(gone), AT_ONCE):
            part = ~gone[start : start + AT_ONCE]
            rows = histories.rows(np.zeros(len(part), dtype=np.int64)).keep_events(part[:, game.player_of].ravel())
            found[start : start + len(part)] = ~(make(rows, owned[np.zeros(len(part), dtype=np.int64)]) == item_code).any(axis=1)
        return found

    if n == 0 or is_out(np.zeros((1, n), dtype=bool))[0]:
        return SmallestSet((), "none", 0, made)
    order = np.argsort(-np.nan_to_num(history_shapley(model, histories, np.array([item_code]), FIRST, FIRST).values[0]), kind="stable")
    gone = _greedy(is_out, order)
    size, checked = n + 1 if gone is None else int(gone.sum()), 0
    most = n if gone is None else min(size - 1, PROVABLE)  # where that order finds none, every set is tried that the checks allow
    for smaller in range(1, most + 1):
        sets = (subset for subset in combinations(order.tolist(), smaller))
        while part := list(islice(sets, max(min(AT_ONCE, checks - made), 0))):
            tried = np.zeros((len(part), n), dtype=bool)
            tried[np.arange(len(part))[:, None], np.array(part)] = True
            out = np.flatnonzero(is_out(tried))
            if len(out):
                return SmallestSet(_codes(game.players, tried[out[0]]), "proved", smaller - 1, made)
        if next(sets, None) is not None:
            break
        checked = smaller
    if gone is None:
        return SmallestSet((), "none", checked, made)
    return SmallestSet(_codes(game.players, gone), "proved" if checked >= size - 1 else "greedy", checked, made)


def _codes(players: np.ndarray, gone: np.ndarray) -> tuple[int, ...]:
    return tuple(int(code) for code in players[gone])


def _greedy(is_out: Callable[[np.ndarray], np.ndarray], order: np.ndarray) -> np.ndarray | None:
    """bool [n], a set no member of which may come back; None where the item stays however many leave in this order."""
    n = len(order)
    step = 8
    for start in range(0, n, step):
        prefixes = np.zeros((min(step, n - start), n), dtype=bool)
        for row in range(len(prefixes)):
            prefixes[row, order[: start + row + 1]] = True
        out = np.flatnonzero(is_out(prefixes))
        if len(out):
            gone = prefixes[out[0]]
            break
    else:
        return None
    for player in order[gone[order]][::-1]:  # the least important first
        without = gone.copy()
        without[player] = False
        if without.any() and is_out(without[None])[0]:
            gone = without
    return gone
