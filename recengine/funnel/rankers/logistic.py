"""Logistic regression over the scaled signals: one weight each, whose sign obeys the signal's direction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from recengine.funnel.rankers.base import Lesson, RankerCore
from recengine.funnel.rankers.scaled import Scale

if TYPE_CHECKING:
    from recengine.funnel.model import FunnelConfig

STEPS = 200


@dataclass(frozen=True, eq=False)
class LogisticRanker(RankerCore):
    """Log-odds = offset + Σ weight × scaled value + Σ (weight of not knowing) × unknown."""

    scale: Scale
    weight: np.ndarray  # float64 [2 n_signals], of the values, then of the flags
    offset: float
    middle: np.ndarray  # float64 [2 n_signals], weighted mean of the inputs: where Shapley values start
    kind: ClassVar[str] = "logistic"

    @classmethod
    def fit(cls, lesson: Lesson, config: FunnelConfig, seed: int, stop_if_asked: Callable[[], None]) -> LogisticRanker:
        """See the base. L-BFGS-B with bounds on the signs; penalty l2 / 2 × |weight|², l2 as in the settings of the trees.

        Source: Byrd et al., SIAM J. Sci. Comput. 1995.
        """
        from scipy.optimize import minimize

        del seed
        scale = Scale.of(lesson.rows)
        inputs = np.concatenate(scale(lesson.rows), axis=1)  # [n, 2 n_signals]
        w, y = lesson.weight, lesson.label.astype(np.float64)
        total, n = float(w.sum()), inputs.shape[1]

        def loss(parameters: np.ndarray) -> tuple[float, np.ndarray]:
            stop_if_asked()
            weight, offset = parameters[:n], parameters[n]
            odds = inputs @ weight + offset
            off = w * (0.5 * (1.0 + np.tanh(0.5 * odds)) - y)
            value = float((w * (np.logaddexp(0.0, odds) - y * odds)).sum() + 0.5 * config.l2 * weight @ weight)
            return value / total, np.append(inputs.T @ off + config.l2 * weight, off.sum()) / total

        base = float(np.clip((w * y).sum() / total, 1e-9, 1 - 1e-9))
        start = np.append(np.zeros(n), np.log(base / (1.0 - base)))
        signs = [(0.0 if d > 0 else None, 0.0 if d < 0 else None) for d in lesson.directions.tolist()]
        bounds = [*signs, *[(None, None)] * len(signs), (None, None)]
        found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": STEPS}).x
        return cls(scale, found[:n], float(found[n]), (w @ inputs) / total)

    def _parts(self, rows: np.ndarray) -> np.ndarray:
        """float64 [n, n_signals]: what each signal adds beyond its usual."""
        inputs = np.concatenate(self.scale(rows), axis=1)
        each = (inputs - self.middle) * self.weight
        half = each.shape[1] // 2
        return each[:, :half] + each[:, half:]

    def predict(self, rows: np.ndarray) -> np.ndarray:
        return self.expected + self._parts(rows).sum(axis=1)

    def shap(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """See the base. Exact: weight × (value - mean), Lundberg, Lee, NeurIPS 2017, corollary 1."""
        parts = self._parts(rows)
        return parts, np.zeros_like(parts)

    @property
    def expected(self) -> float:
        return self.offset + float(self.middle @ self.weight)

    def arrays(self) -> dict[str, np.ndarray]:
        return {"knots": self.scale.knots, "weight": self.weight, "offset": np.array([self.offset]), "middle": self.middle}

    @classmethod
    def from_arrays(cls, arrays: dict[str, np.ndarray]) -> LogisticRanker:
        return cls(Scale(arrays["knots"]), arrays["weight"], float(arrays["offset"][0]), arrays["middle"])
