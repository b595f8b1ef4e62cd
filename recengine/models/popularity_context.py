"""Popularity in context: what is chosen at this hour, on this weekday, in this season, and by shoppers with this favourite category."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from pydantic import Field
from torch import Tensor

from recengine.data.dataset import Catalogue
from recengine.data.events import EventLog
from recengine.data.histories import Histories
from recengine.models.base import Capabilities, EpochReport, FitContext, ModelConfig, Recommender, check_trainable, gather_candidates

DAY_S = 86_400
YEAR_S = 365 * DAY_S
MOST_SEGMENTS = 60  # favourite categories told apart, the largest ones
EVENTS_AT_ONCE = 1 << 16


class PopularityContextConfig(ModelConfig):
    """Which circumstances change what is popular, and how many events it takes to believe them."""

    half_life_days: float = Field(default=14.0, ge=0.0, le=3650.0)
    """Days after which an event counts half for the popularity itself. 0 counts all events alike."""
    hours: bool = True
    """Tell the hours of the day apart, by the clock of the file."""
    weekdays: bool = True
    """Tell the days of the week apart."""
    seasons: bool = True
    """Tell the months apart, where the events cover at least a year."""
    segments: bool = True
    """Tell shoppers apart by the category they take most from."""
    shrinkage: float = Field(default=5.0, ge=0.1, le=10_000.0)
    """Events that speak for "no difference" in every comparison. Higher trusts rare items less."""


class PopularityContext(Recommender):
    """Share of the recent events × how much more often than usual an item is chosen in each circumstance of the question."""

    name = "popularity-context"
    title = "Popularity in context"
    summary = "What is chosen most at this time of day, week and year, by shoppers with the same favourite category."
    source = "score(j) = popularity(j) × Π over circumstances c of (n(j, c) + s) / (n(j) n(c) / n + s)"
    Config = PopularityContextConfig
    can = Capabilities(cold_users=True, time=True, features=True, dislikes=False)
    config: PopularityContextConfig

    _share: Tensor  # float32 [n_items], NaN for items without an event
    _ratios: dict[str, Tensor]  # circumstance → float32 [values, n_items]
    _segment_of: Tensor  # int64 [n_items], segment of an item's category, -1 = none

    def fit(self, train: EventLog, ctx: FitContext) -> Iterator[EpochReport]:
        ctx.stop_if_asked()
        check_trainable(train)
        self.n_items = n = train.n_items
        weights = train.weights.astype(np.float64)
        telling = np.flatnonzero(weights > 0)
        users, items, times, weights = train.user_codes[telling], train.item_codes[telling], train.times_s[telling], weights[telling]
        fading = weights
        if self.config.half_life_days > 0:
            fading = weights * np.exp2(-((times.max() - times) / DAY_S) / self.config.half_life_days)
        total = np.bincount(items, fading, minlength=n)
        seen = np.bincount(items, minlength=n) > 0
        self._share = torch.from_numpy(np.where(seen, total / total.sum(), np.nan).astype(np.float32))
        values = {"hour": _hour(times), "weekday": _weekday(times)}
        wanted = {"hour": self.config.hours, "weekday": self.config.weekdays}
        if self.config.seasons and times.max() - times.min() >= YEAR_S:
            values["month"], wanted["month"] = _month(times), True
        self._segment_of = torch.from_numpy(_segments(ctx.catalogue, items, weights) if self.config.segments else np.full(n, -1))
        if (self._segment_of >= 0).any():
            values["segment"] = _favourite_without(self._segment_of.numpy(), users, items, weights, ctx)
            wanted["segment"] = True
        chosen = [name for name in CIRCUMSTANCES if wanted.get(name)]
        self._ratios = {name: self._ratio(values[name], items, weights, SIZES.get(name)) for name in chosen}
        yield EpochReport(1, 1)

    def _ratio(self, value: np.ndarray, items: np.ndarray, weights: np.ndarray, size: int | None) -> Tensor:
        """float32 [size, n_items]: how much more often than usual; events of value -1 do not count."""
        use = value >= 0
        value, items, weights = value[use], items[use], weights[use]
        size = size or int(value.max(initial=0)) + 1
        n, s = self.n_items, self.config.shrinkage
        inside = np.bincount(value * np.int64(n) + items, weights, minlength=size * n).reshape(size, n)
        if size == SIZES["hour"]:  # a clock has no edges: neighbouring hours help
            inside = 0.5 * inside + 0.25 * (np.roll(inside, 1, axis=0) + np.roll(inside, -1, axis=0))
        expected = inside.sum(1, keepdims=True) * inside.sum(0, keepdims=True) / max(inside.sum(), 1e-12)
        return torch.from_numpy(((inside + s) / (expected + s)).astype(np.float32))

    def score(self, histories: Histories, candidates: np.ndarray | None = None) -> Tensor:
        """See the base. Cost: one row of each table a shopper."""
        scores = self._share.repeat(len(histories), 1)  # [B, n_items]
        values = {"hour": _hour(histories.now_s), "weekday": _weekday(histories.now_s), "month": _month(histories.now_s)}
        if "segment" in self._ratios:
            values["segment"] = self._favourites(histories)
        for name, ratio in self._ratios.items():
            value = torch.from_numpy(values[name])
            rows = torch.where((value >= 0).unsqueeze(1), ratio[value.clamp(min=0)], 1.0)  # [B, n_items]
            scores = scores * rows
        return gather_candidates(scores, candidates)

    def _favourites(self, histories: Histories) -> np.ndarray:
        """int64 [B]: the segment each history takes most from, the lower one of equals, -1 where nothing tells."""
        known = (histories.item_codes >= 0) & (histories.item_codes < self.n_items) & (histories.weights > 0)
        segment = np.append(self._segment_of.numpy(), -1)[np.where(known, histories.item_codes, -1)]
        use = segment >= 0
        size = self._ratios["segment"].shape[0]
        key = histories.row_of_event[use] * size + segment[use]
        mass = np.bincount(key, histories.weights[use], minlength=len(histories) * size).reshape(-1, size)
        return np.where(mass.sum(1) > 0, mass.argmax(1), -1)

    def state(self) -> dict[str, Tensor]:
        return {"share": self._share, "segment_of": self._segment_of, **{f"ratio.{name}": t for name, t in self._ratios.items()}}

    def load_state(self, state: dict[str, Tensor]) -> None:
        self._share, self._segment_of = state["share"], state["segment_of"]
        self._ratios = {name: state[f"ratio.{name}"] for name in CIRCUMSTANCES if f"ratio.{name}" in state}
        self.n_items = len(self._share)


CIRCUMSTANCES = ("hour", "weekday", "month", "segment")
SIZES = {"hour": 24, "weekday": 7, "month": 12}


def _hour(times_s: np.ndarray) -> np.ndarray:
    return times_s % DAY_S // 3600


def _weekday(times_s: np.ndarray) -> np.ndarray:
    return (times_s // DAY_S + 3) % 7  # 0 = Monday: 1970-01-01 was a Thursday


def _month(times_s: np.ndarray) -> np.ndarray:
    return times_s.astype("datetime64[s]").astype("datetime64[M]").astype(np.int64) % 12


def _segments(catalogue: Catalogue, items: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """int64 [n_items]: number of the item's category among the largest ones, -1 for the others; all -1 with fewer than two."""
    names, code = np.unique(np.array([str(name) for name in catalogue.categories], dtype=object).astype(str), return_inverse=True)
    mass = np.bincount(code[items], weights, minlength=len(names))
    mass[names == ""] = 0.0
    largest = np.sort(np.argsort(-mass, kind="stable")[:MOST_SEGMENTS])
    largest = largest[mass[largest] > 0]
    number = np.full(len(names), -1, dtype=np.int64)
    if len(largest) >= 2:
        number[largest] = np.arange(len(largest))
    return number[code]


def _favourite_without(segment_of: np.ndarray, users: np.ndarray, items: np.ndarray, weights: np.ndarray, ctx: FitContext) -> np.ndarray:
    """int64 [n]: for every event the favourite segment of its shopper without that event, -1 where nothing else tells."""
    people, person = np.unique(users, return_inverse=True)
    size, segment = int(segment_of.max()) + 1, segment_of[items]
    told = segment >= 0
    mass = np.bincount(person[told] * np.int64(size) + segment[told], weights[told], minlength=len(people) * size).reshape(-1, size)
    found = np.full(len(users), -1, dtype=np.int64)
    for start in range(0, len(users), EVENTS_AT_ONCE):
        ctx.stop_if_asked()
        part = slice(start, start + EVENTS_AT_ONCE)
        left = mass[person[part]]  # [e, size], a copy
        inside = np.flatnonzero(told[part])
        left[inside, segment[part][inside]] -= weights[part][inside]
        best = left.argmax(1)
        found[part] = np.where(left.max(1) > 1e-9, best, -1)
    return found
