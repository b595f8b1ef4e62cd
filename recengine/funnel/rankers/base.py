"""What a ranker is: rows of signals in, log-odds out, and exact or sampled Shapley values of them."""

from __future__ import annotations

import importlib
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

if TYPE_CHECKING:
    from recengine.funnel.model import FunnelConfig

RANKERS = {"trees": "TreeRanker", "logistic": "LogisticRanker", "mlp": "MlpRanker"}


@dataclass(frozen=True, eq=False)
class Lesson:
    """What a ranker learns from."""

    rows: np.ndarray  # float64 [n, n_signals], NaN = unknown
    label: np.ndarray  # bool [n]
    weight: np.ndarray  # float64 [n], how many candidates a row stands for
    directions: np.ndarray  # int64 [n_signals], 1, -1 or 0: more can only help, only hurt, or either


class RankerCore(ABC):
    """A fitted ranker before its calibration; instances are read-only."""

    kind: ClassVar[str]
    exact: ClassVar[bool] = True  # Shapley values are exact
    monotone: ClassVar[bool] = True  # obeys the directions of the signals

    @classmethod
    @abstractmethod
    def fit(cls, lesson: Lesson, config: FunnelConfig, seed: int, stop_if_asked: Callable[[], None]) -> RankerCore:
        """Learn; equal arguments give equal bits on the CPU."""

    @abstractmethod
    def predict(self, rows: np.ndarray) -> np.ndarray:
        """float64 [n]: log-odds of rows (float64 [n, n_signals]); a row's value does not depend on the others."""

    @abstractmethod
    def shap(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Shapley values of `predict` and their standard errors, both float64 [n, n_signals]; errors of exact values are 0.

        `expected` + the sum of a row's values = its prediction, to rounding, for sampled values too.
        """

    @property
    @abstractmethod
    def expected(self) -> float:
        """Where the Shapley values start: the mean prediction over what the ranker knows as usual."""

    @abstractmethod
    def arrays(self) -> dict[str, np.ndarray]:
        """All that is needed to build the ranker again."""

    @classmethod
    @abstractmethod
    def from_arrays(cls, arrays: dict[str, np.ndarray]) -> RankerCore:
        """The ranker that `arrays` came from."""


def ranker_class(kind: str) -> type[RankerCore]:
    """The class of one kind of ranker: one file each in this folder."""
    return getattr(importlib.import_module(f"recengine.funnel.rankers.{kind}"), RANKERS[kind])
