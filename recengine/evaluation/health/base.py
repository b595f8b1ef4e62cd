"""The contract of a health check: one question a shop person would ask of lists, its answer with an interval, and examples."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Literal

import numpy as np

from recengine.data.dataset import Catalogue
from recengine.data.events import EventLog
from recengine.data.histories import Histories
from recengine.data.split import Targets
from recengine.evaluation.bootstrap import Estimate, bootstrap_interval
from recengine.text.kinds import OTHER

Verdict = Literal["green", "amber", "red", "none"]
EXAMPLES = 6  # what a person looks at before believing
MADE_UP = -1  # row of an example that belongs to no shopper


@dataclass(frozen=True, eq=False)
class Examined:
    """The lists of one variant and everything that a check may look at."""

    lists: np.ndarray  # int32 [B, k], best first, -1 = the list ended
    targets: Targets  # row b: the history that list b answers, and what its shopper chose afterwards
    past: EventLog  # events before the lists were made
    catalogue: Catalogue
    vectors: np.ndarray | None = None  # float [n_items, d], rows of length 1; likeness of items
    ask: Callable[[Histories, int], np.ndarray] | None = None  # lists of the variant, int32 [B, k], without what a history holds
    reads_order: bool = False  # whether the order of the events may change its lists
    seed: int = 0
    sample: int = 200  # shoppers whose lists are asked for, at most

    @property
    def k(self) -> int:
        """Places of a list."""
        return self.lists.shape[1]

    @cached_property
    def n_items(self) -> int:
        """Items of the catalogue."""
        return len(self.catalogue)

    @cached_property
    def category(self) -> np.ndarray:
        """int64 [n_items]: category of each item, -1 = none; where categories were read from titles, what is left over is none either."""
        names, code = np.unique(self.catalogue.categories.astype(str), return_inverse=True)
        none = np.isin(names, ["", OTHER] if self.catalogue.category_source == "title" else [""])
        return np.where(none[code], -1, code).astype(np.int64)

    def some_rows(self, fewest_items: int = 1) -> np.ndarray:
        """int64 [<= sample]: rows drawn by the seed among those with so many different past items, ascending."""
        histories = self.targets.histories
        pairs = np.unique(histories.row_of_event * np.int64(self.n_items) + histories.item_codes)
        enough = np.flatnonzero(np.bincount(pairs // self.n_items, minlength=len(histories)) >= fewest_items)
        if len(enough) <= self.sample:
            return enough
        return np.sort(np.random.default_rng(self.seed).choice(enough, self.sample, replace=False))


@dataclass(frozen=True)
class Instance:
    """One place of one list that shows what a check means."""

    row: int  # of the examined lists, MADE_UP where nobody's
    item: int  # code of the listed item, -1 = the list as a whole
    other: int  # code of the past item it is about, -1 = none
    text: str  # what is seen, a short sentence


@dataclass(frozen=True, eq=False)
class Measured:
    """The answer of one check."""

    estimate: Estimate
    detail: str = ""  # figures behind it, in a sentence
    instances: tuple[Instance, ...] = ()


class Check(ABC):
    """One check. Class attributes are its row in the registry."""

    key: ClassVar[str]  # "same_for_all"
    title: ClassVar[str]  # "Same list for everyone"
    question: ClassVar[str]  # as a shop person asks it
    meaning: ClassVar[str]  # what the value counts, in a sentence
    unit: ClassVar[Literal["share", "points"]] = "share"  # points: a difference of two shares
    amber: ClassVar[float]  # a value beyond it is amber
    red: ClassVar[float]  # a value beyond it is red, where the interval is beyond amber too
    reason: ClassVar[str]  # why these thresholds
    higher_is_worse: ClassVar[bool] = True
    asks: ClassVar[bool] = False  # needs `Examined.ask`

    def obstacle(self, examined: Examined) -> str:
        """Why it cannot be measured here, "" where it can."""
        del examined
        return ""

    @abstractmethod
    def measure(self, examined: Examined) -> Measured:
        """The answer; a value of NaN says that nobody can be judged."""


def verdict_of(estimate: Estimate, amber: float, red: float, higher_is_worse: bool = True) -> Verdict:
    """Green, amber or red; "none" without a value.

    Red needs more than a value beyond red: the whole interval has to be beyond amber, so that a few shoppers cannot cause it.
    """
    if not math.isfinite(estimate.value):
        return "none"
    sign = 1.0 if higher_is_worse else -1.0
    value, amber, red = sign * estimate.value, sign * amber, sign * red
    if value <= amber:
        return "green"
    good_end = sign * (estimate.low if higher_is_worse else estimate.high)
    return "red" if value > red and good_end > amber else "amber"


def share_of_shoppers(values: np.ndarray, seed: int) -> Estimate:
    """Mean over shoppers of float64 [B], NaN = not judged, with its 95 % interval."""
    return bootstrap_interval(values, seed)


def worst_rows(values: np.ndarray, n: int = EXAMPLES) -> np.ndarray:
    """int64 [<= n]: rows with the highest values above 0, NaN left out; ties to the lower row."""
    filled = np.where(np.isfinite(values), values, -np.inf)
    order = np.lexsort((np.arange(len(filled)), -filled))[:n]
    return order[filled[order] > 0]


def percent(value: float) -> str:
    """38 % as it is said in a detail."""
    return f"{100 * value:.0f}%" if math.isfinite(value) else "–"
