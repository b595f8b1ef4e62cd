"""Other ways to say how much past items count, beside Shapley values: attention weights and LIME, each with its agreement."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recengine.data.histories import Histories
from recengine.explain.game import game_of
from recengine.explain.shapley import HistoryShapley
from recengine.models.base import Recommender

PARTS = 256
WIDTH = 0.25  # of the kernel, in shares of the history that are missing
RIDGE = 1e-3


@dataclass(frozen=True, eq=False)
class SecondOpinion:
    """One number a past item; comparable in order, not in size."""

    players: np.ndarray  # int64 [n], item codes in the order of the Shapley values
    weights: np.ndarray  # float64 [n]
    kendall: float  # agreement in order with the Shapley values, -1 to 1; NaN with fewer than two different values
    spearman: float
    fit: float = float("nan")  # LIME: share of the variance of the scores that the straight line explains


def rank_agreement(a: np.ndarray, b: np.ndarray) -> tuple[float, float]:
    """Kendall's tau-b and Spearman's rho of two rows of numbers; NaN where one of them is constant or has fewer than two."""
    from scipy.stats import kendalltau, spearmanr

    if len(a) < 2 or np.ptp(a) == 0 or np.ptp(b) == 0 or np.isnan(a).any() or np.isnan(b).any():
        return float("nan"), float("nan")
    return float(kendalltau(a, b).statistic), float(spearmanr(a, b).statistic)


def attention_beside(model: Recommender, histories: Histories, found: HistoryShapley, place: int = 0) -> SecondOpinion | None:
    """How much attention each past item gets for one item, beside the size of its Shapley value; None for models without attention.

    Attention says where a model looks, not which way that moves the score, so it is compared with absolute values.
    """
    if not model.can.attention:
        return None
    weights = np.asarray(model.attention_weights(histories, found.item_codes[place : place + 1]), dtype=np.float64)
    by_player = np.bincount(found.player_of, weights, minlength=len(found.players))
    return SecondOpinion(found.players, by_player, *rank_agreement(by_player, np.abs(found.values[place])))


def lime(
    model: Recommender, histories: Histories, found: HistoryShapley, place: int = 0, parts: int = PARTS, seed: int = 0
) -> SecondOpinion | None:
    """A straight line through the scores of random parts of the history, those near the whole counting most; None without a score.

    Weighted ridge regression on which past items are there; the weight of a part is exp(-(share missing / 0.25)²).

    Cost: `parts` scores.
    Source: Ribeiro, Singh, Guestrin, KDD 2016, on the events of a history.
    """
    n = len(found.players)
    if n == 0 or np.isnan(found.scores[place]):
        return None
    game = game_of(model, histories, found.item_codes[place : place + 1])
    rng = np.random.default_rng([seed, n])
    missing = rng.integers(0, n + 1, parts)
    there = rng.random((parts, n)).argsort(axis=1).argsort(axis=1) >= missing[:, None]
    there[0] = True
    worth = game.worth(there)[:, 0]
    worth = np.where(np.isnan(worth), found.base[place], worth)
    weight = np.exp(-(((~there).mean(axis=1) / WIDTH) ** 2))
    design = there - np.average(there, axis=0, weights=weight)
    target = worth - np.average(worth, weights=weight)
    gram = (design * weight[:, None]).T @ design
    line = np.linalg.solve(gram + RIDGE * np.trace(gram) / n * np.eye(n) + 1e-12 * np.eye(n), (design * weight[:, None]).T @ target)
    spread = float((weight * target**2).sum())
    fit = 1.0 - float((weight * (target - design @ line) ** 2).sum()) / spread if spread > 0 else float("nan")
    return SecondOpinion(found.players, line, *rank_agreement(line, found.values[place]), fit)
