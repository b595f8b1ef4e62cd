"""The learned ranker: boosted trees over the signals, calibrated to the chance of an interaction in the next window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from recengine.funnel.trees import TreeEnsemble

if TYPE_CHECKING:
    from recengine.funnel.model import FunnelConfig

MAX_BINS = 64  # thresholds tried a signal; 255 take seconds longer to find and rank no better
BINS = 10  # equal-sized groups of the calibration error


@dataclass(frozen=True, eq=False)
class Ranker:
    """Trees and the straight line that turns their raw sum into log-odds."""

    trees: TreeEnsemble
    slope: float
    offset: float

    def log_odds(self, rows: np.ndarray) -> np.ndarray:
        """float64 [n] of signal rows (float64 [n, n_signals])."""
        return self.slope * self.trees.predict(rows) + self.offset

    def shap(self, rows: np.ndarray) -> np.ndarray:
        """float64 [n, n_signals]: exact Shapley values in log-odds; `expected` + the sum of a row = its log-odds."""
        return self.slope * self.trees.shap(rows)

    @property
    def expected(self) -> float:
        """Mean log-odds over the candidates the trees were grown on."""
        return self.slope * self.trees.expected + self.offset


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


def calibration_error(chance: np.ndarray, label: np.ndarray, bins: int = BINS) -> float:
    """Expected calibration error: mean |predicted - observed| over groups of equal size, NaN without rows.

    Source: Naeini et al., AAAI 2015, with equal-mass groups.
    """
    if len(chance) == 0:
        return float("nan")
    order = np.argsort(chance, kind="stable")
    groups = [g for g in np.array_split(order, bins) if len(g)]
    return float(sum(len(g) * abs(chance[g].mean() - label[g].mean()) for g in groups) / len(chance))


def fit_trees(
    rows: np.ndarray, label: np.ndarray, weight: np.ndarray, directions: list[int], config: FunnelConfig, seed: int
) -> TreeEnsemble:
    """Boosted histogram trees (log loss) that obey the direction of each signal.

    Args:
        rows: float64 [n, n_signals].
        label: 0 or 1 [n].
        weight: float64 [n], how many candidates a row stands for.
        directions: per signal 1, -1 or 0.
        config: trees, depth, learning rate, smallest leaf, regularisation.
        seed: of the bins.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier
    from threadpoolctl import threadpool_limits

    model = HistGradientBoostingClassifier(
        learning_rate=config.learning_rate,
        max_iter=config.trees,
        max_depth=config.depth,
        max_leaf_nodes=2**config.depth,
        min_samples_leaf=config.min_rows,
        l2_regularization=config.l2,
        monotonic_cst=directions,
        max_bins=MAX_BINS,
        early_stopping=False,
        random_state=seed,
    )
    # One thread: OpenMP threads that wait for a busy core spin, and a shared machine then takes ten times as long.
    with threadpool_limits(1, user_api="openmp"):
        model.fit(rows, label, sample_weight=weight)
    return TreeEnsemble.of(model)
