"""How long a training will take here, measured on samples: fits of growing size, and lists of a few shoppers."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from recengine.data.dataset import Catalogue
from recengine.data.events import EventLog
from recengine.data.histories import Histories
from recengine.data.split import Split
from recengine.data.vocabulary import Vocabulary
from recengine.errors import Cancelled, TrainingFailed
from recengine.models.base import FitContext, ModelConfig, Recommender
from recengine.training.loop import POOL
from recengine.training.validation import VALIDATION_SHOPPERS

SECONDS, WHOLE_SECONDS = (
    3.0,
    12.0,
)  # of fits of growing size; more where the model does not learn in epochs, so that most logs are seen whole
WARM_S = 45.0  # more, for what the first fit imports and compiles; on a new machine that is half a minute
HOPELESS_S = 10.0  # a first fit that takes longer tells too little for what it costs; any later one may take so long
FIRST_EVENTS, FIRST_ITEMS = 1000, 300
GROWTH = 4  # at least, between two fits
LISTED = 256  # shoppers whose lists are timed


@dataclass(frozen=True)
class Probe:
    """What was measured, and what follows from it."""

    seconds: float  # of the whole training: tuning to the last epoch, judging, serving
    sample_events: int  # of the largest fit
    sample_seconds: float  # that it took


@dataclass(frozen=True)
class _Fit:
    work: float
    seconds: float
    events: int


class _Clock:
    def __init__(self, seconds: float) -> None:
        self.again(seconds)

    def again(self, seconds: float) -> None:
        self._until = time.monotonic() + seconds

    def over(self, more: float = 0.0) -> bool:
        return time.monotonic() + more > self._until

    def patient(self, seconds: float) -> Callable[[], bool]:
        """Over, and `seconds` from now gone too: a fit that is slower than those before tells most."""
        until = time.monotonic() + seconds
        return lambda: self.over() and time.monotonic() > until


def probe(
    model: type[Recommender],
    config: ModelConfig,
    catalogue: Catalogue,
    split: Split,
    everything: EventLog,
    device: str = "cpu",
    seconds: float | None = None,
) -> Probe | None:
    """Measure a model on samples of a log and scale by its own count of work.

    Args:
        model, config: what would be trained.
        catalogue: of the log.
        split: what a training would learn from and be judged on.
        everything: the events that the serving model learns from.
        device: cpu or cuda.
        seconds: that the fits may take together, after a first one that is not counted; None chooses by the kind of model.

    Returns:
        None where nothing could be measured: a sample too small to learn from, or a first fit that takes longer than `seconds`.

    Two fits of different size tell a fixed part and a part that grows. A fit that takes longer than those before it let expect may still
    end: they were too small for something the model does. Models that stop at so many items grow with the catalogue, so
    their samples are cut to a part of the items too. The number of epochs is taken to be the planned one; tuning may stop earlier.
    """
    if seconds is None:
        seconds = SECONDS if model.can.epochs else WHOLE_SECONDS
    once = config.model_copy(update={"epochs": 1}) if model.can.epochs else config
    fits, fitted, share = list[_Fit](), None, 1.0
    clock = _Clock(seconds + WARM_S)
    while True:
        items = int(FIRST_ITEMS * share) if model.can.max_items is not None else len(catalogue)
        log, part = _sample(split.past, catalogue, int(FIRST_EVENTS * share), items)
        whole = len(log) == len(split.past)
        ctx = FitContext(part, device=device, should_stop=clock.patient(HOPELESS_S))
        try:
            if fitted is None:  # libraries are imported and code is compiled, which no larger fit does again
                fitted, _ = _fit(model, once, log, ctx)
                clock.again(seconds)
            fitted, took = _fit(model, once, log, ctx)
        except Cancelled:
            break
        except TrainingFailed:
            if whole or clock.over():
                return None
            share *= GROWTH  # too little to learn from
            continue
        fits.append(_Fit(_work(model, once, log), took, len(log)))
        if len(fits) == 1:
            clock.again(max(seconds, 3 * took))
        fixed, slope = _line(fits)
        growth = next((g for g in (4 * GROWTH, 2 * GROWTH, GROWTH) if not clock.over(fixed + 1.5 * g * slope * fits[-1].work)), 0)
        if whole or (len(fits) > 1 and not growth) or took > HOPELESS_S:
            break
        share *= growth if len(fits) > 1 else GROWTH
    if fitted is None or not fits or not (whole or len(fits) > 1):
        return None
    larger = len(catalogue) / max(fitted.n_items, 1)
    short, long = (larger * _seconds_a_list(fitted, split.test.histories, places) for places in (10, POOL))
    return Probe(_training(model, config, split, everything, fits, short, long), fits[-1].events, fits[-1].seconds)


def _training(
    model: type[Recommender], config: ModelConfig, split: Split, everything: EventLog, fits: list[_Fit], short_s: float, long_s: float
) -> float:
    """Seconds of what the loop does: tune to the last epoch, judge, serve; `short_s` and `long_s` are those of one list."""
    fixed, slope = _line(fits)
    judge, serve = (fixed + slope * _work(model, config, log) for log in (split.past, everything))
    seconds = judge + len(split.test) * long_s + (serve if split.kind == "time" else 0.0)
    if model.can.epochs:
        epochs, asked = int(getattr(config, "epochs", 1)), min(len(split.valid), VALIDATION_SHOPPERS)
        seconds += fixed + slope * _work(model, config, split.train) + epochs * asked * short_s
    return seconds


def _line(fits: list[_Fit]) -> tuple[float, float]:
    """Seconds that do not grow, and seconds a unit of work, from the smallest and the largest fit."""
    first, last = fits[0], fits[-1]
    slope = last.seconds / last.work
    if last.work > first.work:
        slope = max(0.0, last.seconds - first.seconds) / (last.work - first.work)
    return max(0.0, last.seconds - slope * last.work), slope


def _work(model: type[Recommender], config: ModelConfig, log: EventLog) -> float:
    return model.work(config, len(np.unique(log.user_codes)), log.n_items, len(log))


def _fit(model: type[Recommender], config: ModelConfig, log: EventLog, ctx: FitContext) -> tuple[Recommender, float]:
    made = model(config)
    begun = time.monotonic()
    made.fit_all(log, ctx)
    return made, time.monotonic() - begun


def _seconds_a_list(model: Recommender, histories: Histories, places: int) -> float:
    """Seconds of one shopper's list, seen items left out."""
    if len(histories) == 0:
        return 0.0
    rows = histories.rows(slice(0, LISTED))
    seen = rows.had(model.n_items)
    model.recommend(rows.rows(slice(0, 1)), places, exclude=seen[:1])  # compiles
    begun = time.monotonic()
    model.recommend(rows, places, exclude=seen)
    return (time.monotonic() - begun) / len(rows)


def _sample(log: EventLog, catalogue: Catalogue, n_events: int, n_items: int) -> tuple[EventLog, Catalogue]:
    """Whole shoppers drawn at random up to about so many events, on so many items drawn by how often they occur."""
    draw = np.random.default_rng(0)
    if n_items < len(catalogue):
        counts = np.bincount(log.item_codes, minlength=len(catalogue))
        chosen = np.sort(np.argsort(-counts * draw.random(len(counts)), kind="stable")[:n_items])
        new_code = np.full(len(catalogue), -1, dtype=log.item_codes.dtype)
        new_code[chosen] = np.arange(n_items)
        log = log.keep(new_code[log.item_codes] >= 0)
        log = replace(log, item_codes=new_code[log.item_codes], n_items=n_items)
        catalogue = Catalogue(
            Vocabulary.build(catalogue.vocabulary.ids[chosen]),
            catalogue.titles[chosen],
            catalogue.categories[chosen],
            catalogue.brands[chosen],
            catalogue.prices[chosen],
            catalogue.sellable[chosen],
            catalogue.category_source,
        )
    lengths = np.bincount(log.user_codes, minlength=log.n_users)
    order = draw.permutation(log.n_users)
    taken = np.zeros(log.n_users, dtype=bool)
    taken[order[: int(np.searchsorted(np.cumsum(lengths[order]), n_events)) + 1]] = True
    return log.keep(taken[log.user_codes]), catalogue
