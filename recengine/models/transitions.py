"""Transitions: what shoppers took next, counted within a window and evened out by popularity."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Any

import numpy as np
import scipy.sparse as sp
import torch
from pydantic import Field
from torch import Tensor

from recengine.data.events import EventLog
from recengine.data.histories import Histories
from recengine.models.base import Capabilities, EpochReport, FitContext, ModelConfig, check_trainable
from recengine.models.parts.holdout import Holdout, coordinate_search, hold_out_last
from recengine.models.parts.linear import ItemLinear, steps_from_end
from recengine.models.parts.pair_counts import Reach, both_ways, damped, degrees, pair_counts, strengths

ASKED = 3000  # shoppers whose last moment chooses the settings
KEPT = 3  # counts held at once while choosing
COUNTS = 7  # times that pairs are counted anew while choosing
HALF_LIVES = (0.0, 3.0, 10.0, 30.0, 100.0, 365.0)


class Step(StrEnum):
    """What one step of distance is."""

    EVENT = "event"
    MOMENT = "moment"


class TransitionsConfig(ModelConfig):
    """How far a purchase reaches forward, and how much of a history is read.

    The defaults are the best on the validation window of a shop with orders of many items, where distance in moments and pairs
    of the same order count most. For streams of single events a window of 10 and a target damping of .35 are better.
    """

    choose: bool = False
    """Let the data choose: hides the last moment of some shoppers and keeps what guesses it best. Takes ten to fifteen times as long."""
    step: Step = Step.MOMENT
    """Distance in events, or in distinct moments: everything bought at one time is then one step."""
    window: int = Field(default=5, ge=1, le=100)
    """Steps ahead that still count as "next"."""
    distance_decay: float = Field(default=0.7, ge=0.0, le=5.0)
    """An item d steps ahead counts d^-decay."""
    backward: float = Field(default=0.0, ge=0.0, le=1.0)
    """How much a pair counts the other way round as well: 0 is strictly "next", 1 ignores the direction."""
    together: float = Field(default=2.0, ge=0.0, le=5.0)
    """Weight of two items of the same moment, in either direction. No effect when a step is an event."""
    basket_damping: float = Field(default=0.5, ge=0.0, le=2.0)
    """Divides by the number of items of the moment, to this power: large orders tell less of each pair."""
    gap_half_life_days: float = Field(default=0.0, ge=0.0, le=3650.0)
    """Days between two events after which their pair counts half. 0 ignores how much time lies between."""
    behaviour_power: float = Field(default=1.0, ge=0.0, le=4.0)
    """Strength of each behaviour to this power: 0 counts views like purchases, above 1 purchases stand out more."""
    source_damping: float = Field(default=0.7, ge=0.0, le=2.0)
    """Divides by the popularity of the item before, to this power."""
    target_damping: float = Field(default=0.5, ge=0.0, le=2.0)
    """Divides by the popularity of the item after, to this power."""
    recent_steps: int = Field(default=20, ge=1, le=500)
    """Newest steps of a history that are read."""
    rank_decay: float = Field(default=1.0, ge=0.0, le=5.0)
    """The r-th newest step counts r^-decay."""

    def reach(self) -> Reach:
        """The part of the settings that the counts depend on. Pairs of one moment are counted both ways already."""
        return Reach(
            self.step is Step.MOMENT,
            self.window,
            self.distance_decay,
            self.together / (1.0 + self.backward),
            self.basket_damping,
            self.gap_half_life_days,
            self.behaviour_power,
        )


# In the order in which they are tried: what costs no counting comes first and once more at the end.
READING = (
    ("rank_decay", (0.0, 0.2, 0.4, 0.6, 0.8, 1.0, 1.2, 1.5, 2.0)),
    ("source_damping", (0.0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)),
    ("target_damping", (0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)),
    ("recent_steps", (1, 2, 3, 5, 10, 20, 40, 80)),
)
COUNTING = (
    ("window", (1, 2, 3, 5, 10, 20, 30)),
    ("distance_decay", (0.0, 0.3, 0.5, 0.7, 1.0, 1.5)),
)
MOMENTS = (("together", (0.0, 0.5, 1.0, 2.0, 4.0)), ("basket_damping", (0.0, 0.5, 1.0)))


class Transitions(ItemLinear):
    """Next-item counts in closed form. Fit: 1 s on a million events with a window of 10, two cores; 10 to 15 times that if it chooses."""

    name = "transitions"
    title = "Transitions"
    summary = "What shoppers took next after the latest things in this history."
    source = "M[i, j] = Σ weight × d^-a over pairs i, then j within the window, × count(i)^-b × count(j)^-c; newest events first, r^-p"
    Config = TransitionsConfig
    can = Capabilities(order=True, linear=True)
    config: TransitionsConfig
    _used: TransitionsConfig | None = None  # what was chosen, where it differs from `config`

    @property
    def used(self) -> TransitionsConfig:
        """The settings that were fitted: those given, or those that the data chose."""
        return self._used or self.config

    @property
    def chosen(self) -> dict[str, Any]:
        """Settings that the data chose and that differ from the ones given; empty where nothing was chosen."""
        given, used = self.config.model_dump(mode="json"), self.used.model_dump(mode="json")
        return {name: value for name, value in used.items() if value != given[name]}

    @classmethod
    def memory_bytes(cls, config: ModelConfig, n_users: int, n_items: int, n_events: int, device: str = "cpu") -> int:
        """See the base; pairs within the window, once as they are counted and once as the matrix."""
        pairs = float(n_events) * int(getattr(config, "window", 1))
        matrix = 24 * min(pairs, float(n_items) ** 2)
        return int(super().memory_bytes(config, n_users, n_items, n_events, device) + 24 * pairs + matrix)

    def event_values(self, histories: Histories) -> np.ndarray:
        return _event_values(histories, self.used, self.n_items)

    def fit(self, train: EventLog, ctx: FitContext) -> Iterator[EpochReport]:
        ctx.stop_if_asked()
        check_trainable(train)
        self.n_items = train.n_items
        self._used, figures = None, dict[str, float]()
        if self.config.choose:
            held = hold_out_last(train, ASKED, ctx.seed)
            if held is None or len(held) == 0:
                ctx.note("Nobody's last moment can be hidden; the settings stand as given")
            else:
                ctx.note(f"Choosing settings on the last moment of {len(held):,} shoppers")
                self._used, ndcg = choose(self.config, held, ctx)
                figures = {"ndcg@10 of the hidden moments": ndcg}
                ctx.note(f"Chosen: {', '.join(f'{name} {value}' for name, value in self.chosen.items()) or 'the settings as given'}")
        used = self.used
        counts = both_ways(pair_counts(train, used.reach(), ctx), used.backward)
        matrix = damped(counts, degrees(train, used.behaviour_power), used.source_damping, used.target_damping)
        self._become(matrix, np.bincount(train.item_codes[train.weights > 0], minlength=train.n_items) > 0)
        yield EpochReport(1, 1, metrics=figures)

    def state(self) -> dict[str, Tensor]:
        found = super().state()
        if self._used is not None:
            found["used"] = torch.from_numpy(np.frombuffer(self._used.model_dump_json().encode(), dtype=np.uint8).copy())
        return found

    def load_state(self, state: dict[str, Tensor]) -> None:
        super().load_state(state)
        self._used = TransitionsConfig.model_validate_json(state["used"].numpy().tobytes()) if "used" in state else None


def choose(given: TransitionsConfig, held: Holdout, ctx: FitContext) -> tuple[TransitionsConfig, float]:
    """The settings that rank the hidden moments best, by a search along one setting after the other.

    Args:
        given: where the search begins.
        held: hidden moments.
        ctx: stop.

    Returns:
        The settings, and their NDCG@10 on the hidden moments. Cost: at most `COUNTS` fits and some 40 rankings.
    """
    rest, n = held.rest, held.rest.n_items
    raw: dict[Reach, sp.csr_matrix] = {}
    counted = 0

    def judge(settings: dict[str, Any]) -> float:
        nonlocal counted
        ctx.stop_if_asked()
        config = given.model_copy(update=settings)
        reach = config.reach()
        if reach not in raw:
            if counted == COUNTS:
                return -np.inf
            raw[reach] = pair_counts(rest, reach, ctx)
            counted += 1
            if len(raw) > KEPT:
                del raw[next(iter(raw))]
        raw[reach] = raw.pop(reach)  # used last, dropped last
        degree = degrees(rest, config.behaviour_power)
        values = _event_values(held.questions, config, n)
        values = values * degree[np.maximum(held.questions.item_codes, 0)] ** -config.source_damping
        return held.ndcg_of_product(values, both_ways(raw[reach], config.backward), degree**-config.target_damping)

    steps = [*READING, *COUNTING, ("backward", (0.0, 0.1, 0.2, 0.4, 0.7, 1.0))]
    if given.step is Step.MOMENT:
        steps += MOMENTS
    if len(np.unique(rest.behaviours[rest.weights > 0])) > 1:
        steps.append(("behaviour_power", (0.0, 0.5, 1.0, 2.0)))
    steps += READING[1:3]
    start = {name: getattr(given, name) for name, _ in steps}
    best, figure = coordinate_search(start, steps, judge)
    return given.model_copy(update=best), figure


def _event_values(histories: Histories, config: TransitionsConfig, n_items: int) -> np.ndarray:
    """float64 [E]: strength × r^-decay for events of the r-th newest step, 0 beyond the newest `recent_steps`."""
    rank = steps_from_end(histories, n_items, moments=config.step is Step.MOMENT)
    values = strengths(histories.weights, config.behaviour_power) / np.maximum(rank, 1).astype(np.float64) ** config.rank_decay
    codes = histories.item_codes
    return np.where((rank <= config.recent_steps) & (codes >= 0) & (codes < n_items), values, 0.0)
