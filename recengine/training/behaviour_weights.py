"""Learned strengths of behaviours: what a view or a cart counts, found by trial on the validation shoppers of a split."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from recengine.columns import BEHAVIOUR_CODE, BEHAVIOUR_WEIGHT, BEHAVIOURS, Behaviour
from recengine.data.dataset import Catalogue
from recengine.data.events import EventLog
from recengine.data.split import Split
from recengine.data.standing import all_weights, weight_table
from recengine.errors import TrainingFailed
from recengine.evaluation.metrics.accuracy import Ndcg
from recengine.evaluation.metrics.base import Judged, Shop
from recengine.models.base import FitContext, ModelConfig, Recommender
from recengine.models.registry import model_class
from recengine.training.validation import sample_of

LEVELS = (0.0, 0.03, 0.1, 0.2, 0.4, 0.7, 1.0, 2.0)
SHOPPERS = 1_500  # judged on
MAX_EVENTS = 1_000_000  # learned from; of more, some shoppers are drawn
MAX_ITEMS = 5_000  # up to here EASE and other dense models are tried themselves
STAND_IN = "item-knn"
PASSES = 2
GUARD = 1.0  # standard errors of the paired difference that a change must exceed
TAKES_BACK = (Behaviour.RETURN, Behaviour.REMOVE, Behaviour.DISLIKE)
LEAST_SHARE = 0.001  # of the events; of rarer kinds nothing can be learned


@dataclass(frozen=True)
class LearnedWeights:
    """Strengths that rank best on the validation shoppers."""

    weights: dict[str, float]  # every behaviour
    learned: tuple[str, ...]  # behaviours that were tried
    model: str  # title of the model that they were tried with
    shoppers: int  # judged on
    judgements: int
    ndcg: float  # NDCG@10 of these strengths
    before: float  # NDCG@10 of the strengths that the search began with
    whole: bool  # False: the time was over before everything was tried

    def note(self) -> str:
        """One sentence for people."""
        if not self.learned:
            return "Strengths of behaviours were not learned: there is only one kind of event that could be weighed."
        reference = [name for name in (Behaviour.PURCHASE.value,) if name not in self.learned]
        said = ", ".join(f"{name} {self.weights[name]:g}" for name in (*self.learned, *reference))
        end = "" if self.whole else " The time was over before everything was tried."
        return (
            f"Learned: {said}. Tried with {self.model} on {self.shoppers:,} validation shoppers: "
            f"NDCG@10 {self.ndcg:.4f}, {self.before:.4f} before.{end}"
        )


def learn_weights(
    split: Split,
    catalogue: Catalogue,
    model: type[Recommender],
    config: ModelConfig,
    start: dict[str, float],
    seed: int = 0,
    should_stop: Callable[[], bool] = lambda: False,
    note: Callable[[str], None] = lambda text: None,
    seconds: float | None = None,
) -> LearnedWeights:
    """Try other strengths, one behaviour at a time, and keep what ranks the validation answers better.

    Every kind of event that tells of interest, or of nothing, is given each of `LEVELS` in turn, twice round; what tells of no
    interest, and a purchase, which is 1, stay. A change counts where it is better by more than one standard error of the difference
    between the same shoppers, so that strengths do not follow chance. The test part is never read.

    Args:
        split: `train` is learned from, `valid` judged on.
        catalogue: items.
        model, config: tried themselves where the model is linear and quick, else item-kNN stands in for it.
        start: behaviour → strength where it differs from the default; where the search begins.
        seed: of the shoppers drawn.
        should_stop: True raises Cancelled.
        note: told in words what is tried.
        seconds: no further trial begins after these; None tries everything.

    Returns:
        The strengths; those it began with where nobody can be judged on.

    Raises:
        Cancelled: `should_stop` said so.
        TrainingFailed: the log tells of no interest at all.

    Cost: at most 2 × behaviours × 7 fits of a linear model on a million events; 300,000 events and three behaviours in 20 s.
    """
    ended = None if seconds is None else time.monotonic() + seconds
    log = _drawn(split.train, seed)
    targets = sample_of(split.valid, SHOPPERS, seed)
    shop = Shop.of(log, catalogue.sellable)
    seen = targets.histories.had(log.n_items)
    kind, settings = _trial_model(model, config, log)
    context = FitContext(catalogue, seed=seed, should_stop=should_stop)
    names = learnable(log)
    found = all_weights(start)
    tried: dict[tuple[float, ...], np.ndarray] = {}

    def judge(weights: dict[str, float]) -> np.ndarray:
        """float64 [B]: NDCG@10 of each shopper."""
        key = tuple(weights[name] for name in names)
        if key not in tried:
            context.stop_if_asked()
            table = weight_table(weights)
            fitted = kind(settings)
            try:
                fitted.fit_all(log.weighted(table), context)
            except TrainingFailed:
                tried[key] = np.zeros(len(targets))  # nothing is left to learn from with these strengths
                return tried[key]
            lists = fitted.recommend(replace(targets.histories, weight_of_code=table), 10, exclude=seen, allow=shop.sellable)
            tried[key] = np.nan_to_num(Ndcg().values(Judged(lists.item_codes, targets, shop), 10))
        return tried[key]

    if len(targets) == 0 or not names:
        return LearnedWeights(found, (), kind.title, len(targets), 0, float("nan"), float("nan"), True)
    values = before = judge(found)
    whole, planned = True, PASSES * sum(level != found[name] for name in names for level in LEVELS)
    done = 0
    for _ in range(PASSES):
        moved = False
        for name in names:
            best, best_values = found, values
            for level in LEVELS:
                if level == found[name]:
                    continue
                if ended is not None and time.monotonic() > ended:
                    whole = False
                    break
                done += 1
                note(f"Learning what behaviours count: {name} {level:g} ({done} of at most {planned})")
                other = {**found, name: level}
                other_values = judge(other)
                if other_values.mean() > best_values.mean() and _better(other_values, values):
                    best, best_values = other, other_values
            moved = moved or best is not found
            found, values = best, best_values
        if not moved or not whole:
            break
    return LearnedWeights(found, names, kind.title, len(targets), len(tried), float(values.mean()), float(before.mean()), whole)


def learnable(log: EventLog) -> tuple[str, ...]:
    """Behaviours whose strength can be learned from this log, the commonest first.

    A purchase is the measure of the others; where nobody bought, the strongest behaviour of the log is.
    """
    counts = np.bincount(log.behaviours, minlength=len(BEHAVIOURS))
    kinds = [b for b in BEHAVIOURS if counts[BEHAVIOUR_CODE[b]] > LEAST_SHARE * len(log) and b not in TAKES_BACK]
    if Behaviour.PURCHASE not in kinds and kinds:
        kinds.remove(max(kinds, key=lambda b: (BEHAVIOUR_WEIGHT[b], counts[BEHAVIOUR_CODE[b]])))
    return tuple(b.value for b in sorted(kinds, key=lambda b: -counts[BEHAVIOUR_CODE[b]]) if b is not Behaviour.PURCHASE)


def _better(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether `one` is better by more than chance between the same shoppers."""
    difference = one - other
    error = difference.std(ddof=1) / np.sqrt(len(difference)) if len(difference) > 1 else 0.0
    return bool(difference.mean() > GUARD * error)


def _trial_model(model: type[Recommender], config: ModelConfig, log: EventLog) -> tuple[type[Recommender], ModelConfig]:
    """The model itself where a fit takes seconds, which its kind and the sizes decide and no clock does."""
    quick = model.can.linear and not model.can.epochs and not model.can.features and model.family != "combined"
    if quick and log.n_items <= MAX_ITEMS:
        return model, config.model_copy(update={"choose": False}) if "choose" in model.Config.model_fields else config
    stand_in = model_class(STAND_IN)
    return stand_in, stand_in.Config()


def _drawn(log: EventLog, seed: int) -> EventLog:
    """The log, or the events of so many shoppers that about `MAX_EVENTS` remain."""
    if len(log) <= MAX_EVENTS:
        return log
    chosen = np.random.default_rng(seed).random(log.n_users) < MAX_EVENTS / len(log)
    return log.keep(chosen[log.user_codes])
