"""What a policy did to each place of a list: named terms that add up from the model's score to the final one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Step:
    """One term of every place."""

    key: str  # novelty, long_tail, freshness, price_spread, exploration, rule:<id>, weight, like, share, turn, near, limit, order, pin
    values: np.ndarray  # float64 [B, k], in units of the model's score; NaN beyond the end of a list
    other: np.ndarray | None = None  # int32 [B, k]: the item, group, limit or rule it refers to, -1 = none
    amount: np.ndarray | None = None  # float64 [B, k]: likeness to that item, share or number of that group
    refers: str = ""  # what `other` holds: item, category, brand, price, limit or rule


@dataclass(frozen=True, eq=False)
class Trail:
    """score + the values of all steps = final, to rounding; `final` never rises from one place to the next."""

    score: np.ndarray  # float64 [B, k], the model's score; the lowest candidate's where it has none
    final: np.ndarray  # float64 [B, k], with what the list was put in order
    steps: tuple[Step, ...]
    added: np.ndarray  # bool [B, k]: only a pin brought the item in, and the model has no score of it
    unit: np.ndarray  # float64 [B], score units of one unit of relevance: from the lowest to the highest candidate

    @property
    def total(self) -> np.ndarray:
        """float64 [B, k]: score plus all steps."""
        return self.score + sum((step.values for step in self.steps), start=np.zeros_like(self.score))

    def at(self, row: int, place: int) -> list[tuple[Step, float]]:
        """The terms of one place that are not zero, largest first."""
        found = [(step, float(step.values[row, place])) for step in self.steps]
        return sorted(((step, value) for step, value in found if value), key=lambda pair: -abs(pair[1]))


def settled(value: np.ndarray, pinned: np.ndarray) -> np.ndarray:
    """float64 [B, k]: values that never rise, from the sums with which places were taken.

    A free place keeps its sum, or the one above it where that is smaller (it was held back before). A pin is lifted to the next
    free place below it, or held to the place above it.

    Args:
        value: float64 [B, k], NaN beyond the end of a list.
        pinned: bool [B, k].
    """
    free = np.minimum.accumulate(np.where(pinned | np.isnan(value), np.inf, value), axis=1)  # of the free places so far
    below = np.where(pinned | np.isnan(value), -np.inf, free)
    below = np.maximum.accumulate(below[:, ::-1], axis=1)[:, ::-1]  # the next free place from here on
    out = np.where(pinned, np.maximum(value, below), free)
    out = np.minimum.accumulate(np.where(np.isnan(value), np.inf, out), axis=1)
    return np.where(np.isnan(value), np.nan, out)
