"""Teaching the ranker: candidates as of a past moment, labelled by what the shoppers chose in the window after it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp

from recengine.errors import TrainingFailed
from recengine.funnel.columns import table
from recengine.funnel.facts import ItemFacts
from recengine.funnel.ranker import Ranker, calibration_error, platt, sigmoid
from recengine.funnel.rankers.base import Lesson, ranker_class
from recengine.funnel.recall import batches, recall
from recengine.funnel.signals import Signal, signals_of
from recengine.funnel.windows import Window
from recengine.models.base import FitContext, Recommender

if TYPE_CHECKING:
    from recengine.funnel.model import FunnelConfig

LEARN_SHARE, CALIBRATE_SHARE = 0.8, 0.1  # of the shoppers; the rest checks what was learned
FEWEST_CHOICES = 30
NDCG_AT = 10


@dataclass(frozen=True, eq=False)
class Examples:
    """Labelled candidates of one window."""

    signals: tuple[Signal, ...]
    rows: np.ndarray  # float64 [P, n_signals]
    shopper: np.ndarray  # int64 [P], user code, ascending
    item: np.ndarray  # int64 [P]
    label: dict[str, np.ndarray]  # behaviour → bool [P], chosen in the window
    chosen: dict[str, np.ndarray]  # behaviour → int64 [n_users], new items each shopper chose, recalled or not

    def only(self, signals: tuple[Signal, ...]) -> Examples:
        """The same candidates with some of the columns."""
        if signals == self.signals:
            return self
        place = {s.key: i for i, s in enumerate(self.signals)}
        return replace(self, signals=signals, rows=self.rows[:, [place[s.key] for s in signals]])


@dataclass(frozen=True, eq=False)
class Checked:
    """Candidates of shoppers that no ranker learned from, for one behaviour."""

    rows: np.ndarray  # float64 [P, n_signals]
    label: np.ndarray  # bool [P]
    shopper: np.ndarray  # int64 [P], ascending; a shopper of two windows counts as two
    item: np.ndarray  # int64 [P]
    chosen: np.ndarray  # int64 [n], by number of the shopper


@dataclass(frozen=True, eq=False)
class Taught:
    """A head as it was learned, and what it was learned from and checked on."""

    ranker: Ranker
    lesson: Lesson
    held: Checked  # candidates of the shoppers it was calibrated and checked on
    figures: dict[str, float]


def examples_of(
    window: Window,
    generators: dict[str, Recommender],
    ctx: FitContext,
    quota: dict[str, int],
    max_shoppers: int,
    texts: sp.csr_matrix | None = None,
) -> Examples:
    """Recall candidates as of the window's start, compute their signals, look up the choices.

    Args:
        window: past and choices.
        generators: fitted on `window.past`.
        ctx: catalogue, seed, stop.
        quota: candidates of each generator.
        max_shoppers: drawn at random where there are more.
        texts: `word_vectors` of the catalogue, where they are at hand.
    """
    picked = np.arange(len(window))
    if len(picked) > max_shoppers:
        picked = np.sort(np.random.default_rng(ctx.seed).choice(picked, max_shoppers, replace=False))
    facts = ItemFacts.of(window.past, ctx.catalogue, texts)
    signals = signals_of(tuple(generators), facts)
    n_items = window.past.n_items
    parts: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
    for part in batches(len(picked), n_items, len(generators)):
        ctx.stop_if_asked()
        histories = window.histories.rows(picked[part])
        recalled = recall(generators, histories, quota, facts.sellable)
        rows, items = recalled.pairs()
        parts.append((table(signals, recalled, facts, histories, rows, items), picked[part][rows], items))
    values, row, item = (np.concatenate([p[i] for p in parts]) for i in range(3))
    users = window.histories.user_codes
    chosen: dict[str, np.ndarray] = {}
    for name in window.answers:
        chosen[name] = np.zeros(window.past.n_users, dtype=np.int64)
        chosen[name][users[picked]] = window.chosen(name)[picked]
    label = {name: window.labels(name, row, item) for name in window.answers}
    return Examples(signals, values, users[row].astype(np.int64), item, label, chosen)


def learn(examples: list[Examples], behaviour: str, config: FunnelConfig, seed: int, n_users: int, stop: Callable[[], None]) -> Taught:
    """Fit one head's ranker on most shoppers, calibrate on a tenth, check on another tenth.

    Candidates without a choice are thinned to `config.negatives` a shopper for the ranker and weighted back up; calibration and
    check use every candidate, so no correction is left to be made.

    Returns:
        The head; its figures, of the checked shoppers, are calibration_error, ndcg@10 and that of the best single generator.

    Raises:
        TrainingFailed: too few choices to learn from.
    """
    rng = np.random.default_rng(seed)
    draw = rng.random(n_users)
    learning, calibrating, checking = [], [], []
    for e in examples:
        u = draw[e.shopper]
        learning.append((u < LEARN_SHARE) & _kept(e, behaviour, config.negatives, rng))
        calibrating.append((u >= LEARN_SHARE) & (u < LEARN_SHARE + CALIBRATE_SHARE))
        checking.append(u >= LEARN_SHARE + CALIBRATE_SHARE)
    label = _together([e.label[behaviour] for e in examples], learning) if examples else np.zeros(0, bool)
    held = sum(int(e.label[behaviour][m].sum()) for e, m in zip(examples, calibrating, strict=True))
    if label.sum() < FEWEST_CHOICES or (~label).sum() < FEWEST_CHOICES or held < FEWEST_CHOICES // 6:
        raise TrainingFailed(
            "There is too little to train the ranker.",
            f"Only {int(label.sum()) + held:,} recalled items were chosen in the last window; about {2 * FEWEST_CHOICES} are needed.",
            "Train a single model such as transitions, or import a longer period.",
        )
    signals = examples[0].signals
    weight = np.concatenate([_weights(e, behaviour, m) for e, m in zip(examples, learning, strict=True)])
    directions = np.array([s.direction for s in signals], dtype=np.int64)
    lesson = Lesson(_together([e.rows for e in examples], learning), label, weight, directions)
    core = ranker_class(config.ranker).fit(lesson, config, seed, stop)
    raw = core.predict(_together([e.rows for e in examples], calibrating))
    chosen = _together([e.label[behaviour] for e in examples], calibrating).astype(np.float64)
    slope, offset = platt(raw, chosen)
    ranker, checked = Ranker(core, slope, offset, float(chosen.mean())), _checked(examples, behaviour, checking, n_users)
    odds = ranker.log_odds(checked.rows)
    singles = [np.mean(ndcg_values(checked, checked.rows[:, i])[1]) for i, s in enumerate(signals) if s.key.endswith(".score")]
    figures = {
        "calibration_error": calibration_error(sigmoid(odds), checked.label.astype(np.float64)),
        "ndcg@10": float(np.mean(ndcg_values(checked, odds)[1])),
        "best_generator_ndcg@10": float(max(singles, default=np.nan)),
    }
    held_out = [a | b for a, b in zip(calibrating, checking, strict=True)]
    return Taught(ranker, lesson, _checked(examples, behaviour, held_out, n_users), figures)


def ndcg_values(checked: Checked, score: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """NDCG@10 of every checked shopper who chose something, against everything they chose, recalled or not.

    Args:
        checked: candidates.
        score: float64 [P], NaN = not on the list.

    Returns:
        Numbers of the shoppers (int64 [S]) and their NDCG (float64 [S]); one NaN where there is no shopper.
    """
    order = np.lexsort((checked.item, -np.nan_to_num(score, nan=-np.inf), checked.shopper))
    users, starts = np.unique(checked.shopper[order], return_index=True)
    if not len(users) or not checked.chosen[users].any():
        return np.zeros(1, dtype=np.int64), np.full(1, np.nan)
    place = np.arange(len(order)) - np.repeat(starts, np.diff(np.append(starts, len(order))))
    hit = checked.label[order] & (place < NDCG_AT) & ~np.isnan(score[order])
    gained = np.add.reduceat(np.where(hit, 1.0 / np.log2(place + 2.0), 0.0), starts)
    some = checked.chosen[users] > 0
    ideal = np.cumsum(1.0 / np.log2(np.arange(NDCG_AT) + 2.0))
    return users[some], gained[some] / ideal[np.minimum(checked.chosen[users[some]], NDCG_AT) - 1]


def _together(values: list[np.ndarray], masks: list[np.ndarray]) -> np.ndarray:
    return np.concatenate([value[mask] for value, mask in zip(values, masks, strict=True)])


def _checked(examples: list[Examples], behaviour: str, masks: list[np.ndarray], n_users: int) -> Checked:
    return Checked(
        _together([e.rows for e in examples], masks),
        _together([e.label[behaviour] for e in examples], masks),
        _together([e.shopper + place * n_users for place, e in enumerate(examples)], masks),
        _together([e.item for e in examples], masks),
        np.concatenate([e.chosen[behaviour] for e in examples]),
    )


def _kept(e: Examples, behaviour: str, negatives: int, rng: np.random.Generator) -> np.ndarray:
    """bool [P]: every choice and at most `negatives` other candidates of each shopper."""
    label = e.label[behaviour]
    luck = np.where(label, -1.0, rng.random(len(label)))
    order = np.lexsort((luck, e.shopper))
    starts = np.flatnonzero(np.concatenate([[True], np.diff(e.shopper[order]) > 0]))
    place = np.arange(len(order)) - np.repeat(starts, np.diff(np.append(starts, len(order))))
    allowed = np.bincount(e.shopper, label, minlength=len(e.chosen[behaviour])) + negatives
    kept = np.zeros(len(order), dtype=bool)
    kept[order] = place < allowed[e.shopper[order]]
    return kept


def _weights(e: Examples, behaviour: str, mask: np.ndarray) -> np.ndarray:
    """float64: 1 for a choice; a kept candidate without one stands for all of its shopper's."""
    label, n_users = e.label[behaviour], len(e.chosen[behaviour])
    had = np.bincount(e.shopper[~label], minlength=n_users)
    kept = np.bincount(e.shopper[~label & mask], minlength=n_users)
    ratio = np.divide(had, kept, out=np.ones(len(had)), where=kept > 0)
    return np.where(label[mask], 1.0, ratio[e.shopper[mask]])
