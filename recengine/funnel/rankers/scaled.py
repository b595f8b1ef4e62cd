"""Signals on one scale, for rankers that multiply: the share of the learned rows below a value, and whether it is unknown."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

KNOTS = 33  # quantiles kept a signal


@dataclass(frozen=True, eq=False)
class Scale:
    """A rising broken line a signal from its values to -1 … 1; unknown values become 0 and raise a flag."""

    knots: np.ndarray  # float64 [n_signals, KNOTS], quantiles of the known values, ascending; zeros where none is known

    @staticmethod
    def of(rows: np.ndarray) -> Scale:
        """The quantiles of float64 [n, n_signals]."""
        at, found = np.linspace(0.0, 1.0, KNOTS), np.zeros((rows.shape[1], KNOTS))
        for column in range(rows.shape[1]):
            known = rows[:, column][~np.isnan(rows[:, column])]
            if len(known):
                found[column] = np.quantile(known, at)
        return Scale(found)

    def __call__(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Values in -1 … 1 and flags of the unknown (0 or 1), both float64 [n, n_signals]."""
        rows = np.asarray(rows, dtype=np.float64)
        unknown = np.isnan(rows)
        scaled = np.zeros(rows.shape)
        for column in range(rows.shape[1]):
            # Equal quantiles stand for one value: its place is the middle of their shares
            knots, first, count = np.unique(self.knots[column], return_index=True, return_counts=True)
            share = (first + (count - 1) / 2.0) / (KNOTS - 1)
            scaled[:, column] = 2.0 * np.interp(np.where(unknown[:, column], knots[0], rows[:, column]), knots, share) - 1.0
        return np.where(unknown, 0.0, scaled), unknown.astype(np.float64)
