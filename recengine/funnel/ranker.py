"""A ranker with its calibration: signal rows to the chance of an interaction in the next window."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recengine.funnel.rankers.base import RankerCore
from recengine.funnel.rankers.trees import TreeRanker
from recengine.funnel.trees import TreeEnsemble

BINS = 10  # equal-sized groups of the calibration error


@dataclass(frozen=True, eq=False)
class Ranker:
    """A fitted core and the straight line that turns its raw sum into log-odds."""

    core: RankerCore
    slope: float
    offset: float
    rate: float = float("nan")  # share of the candidates that were chosen where it was calibrated: the chance of any candidate

    def log_odds(self, rows: np.ndarray) -> np.ndarray:
        """float64 [n] of signal rows (float64 [n, n_signals])."""
        return self.slope * self.core.predict(rows) + self.offset

    def shap(self, rows: np.ndarray) -> np.ndarray:
        """float64 [n, n_signals]: Shapley values in log-odds; `expected` + the sum of a row = its log-odds."""
        return self.shap_with_error(rows)[0]

    def shap_with_error(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The values of `shap` and their standard errors, both float64 [n, n_signals]; errors of exact values are 0."""
        values, errors = self.core.shap(rows)
        return self.slope * values, abs(self.slope) * errors

    @property
    def exact(self) -> bool:
        """Whether `shap` is exact; else it is sampled."""
        return self.core.exact

    @property
    def expected(self) -> float:
        """Mean log-odds over the candidates that are usual: where Shapley values start."""
        return self.slope * self.core.expected + self.offset

    @property
    def trees(self) -> TreeEnsemble:
        """The trees of a ranker that has them. Raises TypeError for the others."""
        if not isinstance(self.core, TreeRanker):
            raise TypeError(f"a ranker of kind {self.core.kind} has no trees")
        return self.core.trees


def sigmoid(log_odds: np.ndarray) -> np.ndarray:
    """Probability of log-odds, without overflow."""
    return 0.5 * (1.0 + np.tanh(0.5 * np.asarray(log_odds, dtype=np.float64)))


def platt(raw: np.ndarray, label: np.ndarray) -> tuple[float, float]:
    """Slope and offset of the logistic line through (raw, label), by Newton's method; the slope never turns the order round.

    Source: Platt 1999, with the targets as they are.
    """
    design = np.column_stack([raw, np.ones(len(raw))])  # [n, 2]
    line = np.array([1.0, 0.0])
    for _ in range(50):
        chance = sigmoid(design @ line)
        slope = design.T @ (label - chance) - np.array([1e-6, 0.0]) * (line - np.array([1.0, 0.0]))
        curve = (design * (chance * (1.0 - chance))[:, None]).T @ design + 1e-9 * np.eye(2)
        step = np.linalg.solve(curve, slope)
        line = line + np.clip(step, -2.0, 2.0)
        if np.abs(step).max() < 1e-10:
            break
    return (float(line[0]), float(line[1])) if line[0] > 0.05 and np.isfinite(line).all() else (1.0, 0.0)


def equal_groups(chance: np.ndarray, bins: int = BINS) -> list[np.ndarray]:
    """Places of each of the equal-sized groups, from the lowest chance to the highest; groups without a row are left out."""
    return [group for group in np.array_split(np.argsort(chance, kind="stable"), bins) if len(group)]


def calibration_error(chance: np.ndarray, label: np.ndarray, bins: int = BINS) -> float:
    """Expected calibration error: mean |predicted - observed| over groups of equal size, NaN without rows.

    Source: Naeini et al., AAAI 2015, with equal-mass groups.
    """
    if len(chance) == 0:
        return float("nan")
    groups = equal_groups(chance, bins)
    return float(sum(len(g) * abs(chance[g].mean() - label[g].mean()) for g in groups) / len(chance))
