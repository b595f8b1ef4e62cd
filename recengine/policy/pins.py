"""Pins: which candidate stands at which place of whose list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from recengine.policy.rules.rule import Rule

MAX_ADDED = 20  # items that one pin may bring in although the model did not offer them


@dataclass(frozen=True, eq=False)
class Pins:
    """Columns that pins put somewhere."""

    at_place: np.ndarray  # int32 [B, k], column at this place, -1 = free
    rule_of: np.ndarray  # int16 [B, C], number of the rule that pins this column, -1 = none
    unplaced: dict[str, int]  # rule → lists in its scope that hold nothing for it


def with_pinned(codes: np.ndarray, pins: Sequence[tuple[np.ndarray, np.ndarray | None]]) -> np.ndarray:
    """int32 [B, C + A]: candidates and, behind them, items that pins name and the model did not offer.

    Args:
        codes: int32 [B, C].
        pins: for every pin the items it means (bool [n_items]) and its rows (bool [B], None = all); pins that mean more than
            `MAX_ADDED` items choose among the candidates and bring in none.
    """
    more: list[np.ndarray] = []
    for mask, rows in pins:
        items = np.flatnonzero(mask)
        for item in items if len(items) <= MAX_ADDED else []:
            there = (codes == item).any(axis=1)
            for column in more:
                there |= column == item
            lacking = ~there if rows is None else ~there & rows
            if lacking.any():
                more.append(np.where(lacking, item, -1).astype(np.int32))
    return np.concatenate([codes, *(column[:, None] for column in more)], axis=1) if more else codes


def place_pins(
    rules: Sequence[Rule],
    means: Sequence[np.ndarray],
    inside: Sequence[np.ndarray | None],
    codes: np.ndarray,
    values: np.ndarray,
    allowed: np.ndarray,
    k: int,
    had: np.ndarray | None = None,
) -> Pins:
    """Give every pin in force its best candidate: the one with the highest score, then the lowest code.

    Pins choose in the order of their priority, then of the policy. A place that is taken sends the next pin to the free place below.

    Args:
        rules: all rules in force; those that are no pins are passed over.
        means: bool [n_items] of each.
        inside: bool [B] of each, None = all rows.
        codes: int32 [B, C].
        values: float64 [B, C].
        allowed: bool [B, C], what may be shown at all.
        k: length of the lists.
        had: bool [B, C], what the shopper has already: a pin takes it only where nothing else fits; None = nothing.
    """
    n_rows = len(codes)
    at_place, rule_of = np.full((n_rows, k), -1, np.int32), np.full(codes.shape, -1, np.int16)
    unplaced: dict[str, int] = {}
    numbers = [n for n, rule in enumerate(rules) if rule.action == "pin" and rule.position is not None and rule.position <= k]
    row = np.arange(n_rows)
    for n in sorted(numbers, key=lambda n: -rules[n].priority):
        scope = inside[n]
        asked = np.ones(n_rows, dtype=bool) if scope is None else scope
        fits = means[n][codes] & (codes >= 0) & allowed & (rule_of < 0) & asked[:, None]
        found = fits.any(axis=1)
        if had is not None:
            unlike = fits & ~had
            fits = np.where(unlike.any(axis=1, keepdims=True), unlike, fits)
        best = np.where(fits, values, -np.inf).max(axis=1, initial=-np.inf)
        tied = fits & (values == best[:, None])
        column = np.where(tied, codes, np.iinfo(np.int32).max).argmin(axis=1) if codes.shape[1] else np.zeros(n_rows, np.int64)
        place = np.full(n_rows, (rules[n].position or 1) - 1)
        while (busy := found & (place < k) & (at_place[row, np.minimum(place, k - 1)] >= 0)).any():
            place[busy] += 1
        found &= place < k
        at_place[row[found], place[found]] = column[found]
        rule_of[row[found], column[found]] = n
        unplaced[rules[n].id] = int((asked & ~found).sum())
    return Pins(at_place, rule_of, unplaced)
