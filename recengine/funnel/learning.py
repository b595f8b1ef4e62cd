"""Teaching the ranker: candidates as of a past moment, labelled by what the shoppers chose in the window after it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from recengine.data.events import EventLog
from recengine.data.split import Targets, window_targets
from recengine.errors import TrainingFailed
from recengine.funnel.facts import ItemFacts
from recengine.funnel.ranker import Ranker, calibration_error, fit_trees, platt, sigmoid
from recengine.funnel.recall import batches, recall
from recengine.funnel.signals import Signal, signals_of, table
from recengine.models.base import FitContext, Recommender

if TYPE_CHECKING:
    from recengine.funnel.model import FunnelConfig

LEARN_SHARE, CALIBRATE_SHARE = 0.8, 0.1  # of the shoppers; the rest checks what was learned
FEWEST_CHOICES = 30
NDCG_AT = 10


@dataclass(frozen=True, eq=False)
class Window:
    """A past moment: everything before it, and what shoppers newly chose after it."""

    past: EventLog
    targets: Targets


@dataclass(frozen=True, eq=False)
class Examples:
    """Labelled candidates of one window."""

    signals: tuple[Signal, ...]
    rows: np.ndarray  # float64 [P, n_signals]
    label: np.ndarray  # bool [P], chosen in the window
    shopper: np.ndarray  # int64 [P], user code
    item: np.ndarray  # int64 [P]
    chosen: np.ndarray  # int64 [n_users], new items each shopper chose, recalled or not


def windows_before(train: EventLog, sellable: np.ndarray, share: float, n: int, choices: int) -> list[Window]:
    """The newest windows in which somebody known chose something new, newest first: at most `n`, until there are enough choices."""
    if len(train) == 0:
        return []
    first, last = int(train.times_s.min()), int(train.times_s.max()) + 1
    length = max(1, round((last - first) * share))
    found: list[Window] = []
    for k in range(1, n + 1):
        if sum(len(window.targets.truth_items) for window in found) >= choices:
            break
        cut = last - k * length
        targets = window_targets(train, cut, cut + length, sellable)
        if len(targets):
            found.append(Window(train.keep(train.times_s < cut), targets))
    return found


def examples_of(window: Window, generators: dict[str, Recommender], ctx: FitContext, n: int, max_shoppers: int) -> Examples:
    """Recall candidates as of the window's start, compute their signals, look up the choices.

    Args:
        window: past and choices.
        generators: fitted on `window.past`.
        ctx: catalogue, seed, stop.
        n: candidates a generator.
        max_shoppers: drawn at random where there are more.
    """
    targets = window.targets
    picked = np.arange(len(targets))
    if len(picked) > max_shoppers:
        picked = np.sort(np.random.default_rng(ctx.seed).choice(picked, max_shoppers, replace=False))
    facts = ItemFacts.of(window.past, ctx.catalogue)
    signals = signals_of(tuple(generators), facts)
    n_items = window.past.n_items
    answer_row = np.repeat(np.arange(len(targets)), np.diff(targets.truth_indptr))
    answers = answer_row * np.int64(n_items) + targets.truth_items
    parts: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
    for part in batches(len(picked), n_items, len(generators)):
        ctx.stop_if_asked()
        histories = targets.histories.rows(picked[part])
        recalled = recall(generators, histories, n, facts.sellable)
        rows, items = recalled.pairs()
        parts.append((table(signals, recalled, facts, histories, rows, items), picked[part][rows], items))
    values, row, item = (np.concatenate([p[i] for p in parts]) for i in range(3))
    chosen = np.zeros(window.past.n_users, dtype=np.int64)
    chosen[targets.histories.user_codes[picked]] = np.diff(targets.truth_indptr)[picked]
    label = np.isin(row * np.int64(n_items) + item, answers)
    return Examples(signals, values, label, targets.histories.user_codes[row].astype(np.int64), item, chosen)


def learn(examples: list[Examples], config: FunnelConfig, seed: int, n_users: int) -> tuple[Ranker, dict[str, float]]:
    """Grow the trees on most shoppers, calibrate on a tenth, check on another tenth.

    Candidates without a choice are thinned to `config.negatives` a shopper for the trees and weighted back up; calibration and
    check use every candidate, so no correction is left to be made.

    Returns:
        The ranker, and its figures on the checked shoppers: calibration_error, ndcg@10 and that of the best single generator.

    Raises:
        TrainingFailed: too few choices to learn from.
    """
    rng = np.random.default_rng(seed)
    draw = rng.random(n_users)
    learning, calibrating, checking = [], [], []
    for e in examples:
        u = draw[e.shopper]
        learning.append((u < LEARN_SHARE) & _kept(e, config.negatives, rng))
        calibrating.append((u >= LEARN_SHARE) & (u < LEARN_SHARE + CALIBRATE_SHARE))
        checking.append(u >= LEARN_SHARE + CALIBRATE_SHARE)
    label = np.concatenate([e.label[m] for e, m in zip(examples, learning, strict=True)]) if examples else np.zeros(0, bool)
    held = sum(int(e.label[m].sum()) for e, m in zip(examples, calibrating, strict=True))
    if label.sum() < FEWEST_CHOICES or (~label).sum() < FEWEST_CHOICES or held < FEWEST_CHOICES // 6:
        raise TrainingFailed(
            "There is too little to train the ranker.",
            f"Only {int(label.sum()) + held:,} recalled items were chosen in the last window; about {2 * FEWEST_CHOICES} are needed.",
            "Train a single model such as transitions, or import a longer period.",
        )
    rows = np.concatenate([e.rows[m] for e, m in zip(examples, learning, strict=True)])
    weight = np.concatenate([_weights(e, m) for e, m in zip(examples, learning, strict=True)])
    signals = examples[0].signals
    trees = fit_trees(rows, label, weight, [s.direction for s in signals], config, seed)
    raw = np.concatenate([trees.predict(e.rows[m]) for e, m in zip(examples, calibrating, strict=True)])
    truth = np.concatenate([e.label[m] for e, m in zip(examples, calibrating, strict=True)])
    slope, offset = platt(raw, truth.astype(np.float64))
    ranker = Ranker(trees, slope, offset)
    odds = [ranker.log_odds(e.rows[m]) for e, m in zip(examples, checking, strict=True)]
    checked = np.concatenate([e.label[m] for e, m in zip(examples, checking, strict=True)]).astype(np.float64)
    newest, mask = examples[0], checking[0]
    singles = [_ndcg(newest, mask, newest.rows[mask, i]) for i, s in enumerate(signals) if s.key.endswith(".score")]
    return ranker, {
        "calibration_error": calibration_error(sigmoid(np.concatenate(odds)), checked),
        "ndcg@10": _ndcg(newest, mask, odds[0]),
        "best_generator_ndcg@10": max(singles, default=float("nan")),
    }


def _kept(e: Examples, negatives: int, rng: np.random.Generator) -> np.ndarray:
    """bool [P]: every choice and at most `negatives` other candidates of each shopper."""
    luck = np.where(e.label, -1.0, rng.random(len(e.label)))
    order = np.lexsort((luck, e.shopper))
    starts = np.flatnonzero(np.concatenate([[True], np.diff(e.shopper[order]) > 0]))
    place = np.arange(len(order)) - np.repeat(starts, np.diff(np.append(starts, len(order))))
    allowed = np.bincount(e.shopper, e.label, minlength=len(e.chosen)) + negatives
    kept = np.zeros(len(order), dtype=bool)
    kept[order] = place < allowed[e.shopper[order]]
    return kept


def _weights(e: Examples, mask: np.ndarray) -> np.ndarray:
    """float64: 1 for a choice; a kept candidate without one stands for all of its shopper's."""
    other = ~e.label
    had = np.bincount(e.shopper[other], minlength=len(e.chosen))
    kept = np.bincount(e.shopper[other & mask], minlength=len(e.chosen))
    ratio = np.divide(had, kept, out=np.ones(len(had)), where=kept > 0)
    return np.where(e.label[mask], 1.0, ratio[e.shopper[mask]])


def _ndcg(e: Examples, mask: np.ndarray, score: np.ndarray) -> float:
    """Mean NDCG@10 over the shoppers of `mask`, against everything they chose; NaN without shoppers."""
    shopper, label = e.shopper[mask], e.label[mask]
    order = np.lexsort((e.item[mask], -np.nan_to_num(score, nan=-np.inf), shopper))
    users, starts = np.unique(shopper[order], return_index=True)
    if len(users) == 0:
        return float("nan")
    place = np.arange(len(order)) - np.repeat(starts, np.diff(np.append(starts, len(order))))
    gain = np.where(label[order] & (place < NDCG_AT), 1.0 / np.log2(place + 2.0), 0.0)
    ideal = np.cumsum(1.0 / np.log2(np.arange(NDCG_AT) + 2.0))
    return float((np.add.reduceat(gain, starts) / ideal[np.minimum(e.chosen[users], NDCG_AT) - 1]).mean())
