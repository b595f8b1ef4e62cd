"""Fairness: figures of groups of shoppers side by side, and the exposure of suppliers against what they sell and what is wanted of them.

A largest gap is never 0, so that a plain interval of it would always call groups different. Here all pairs are looked at at once: the
interval of the largest gap is as wide as the largest of all pairs' gaps is when shoppers are dealt anew to the groups (Tukey's range, by
permutation; with gaps in units of their own spread it holds for groups that vary unlike each other too: Janssen, 1997).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from recengine.evaluation.bootstrap import CELLS, RESAMPLES, resample_weights
from recengine.types import Estimate

LEVEL = 0.975  # of all intervals of one table together; a null difference is called one in at most 1 of 40 tables
FEWEST = 10  # shoppers of a group that is compared
FEWEST_CHOSEN = 8  # shoppers who took from a supplier, or would have by its exposure: nobody of eight is e^-8, below the level of 24 rows
PRIOR = 5  # shoppers of the common spread that are added to each group's own: a group without hits has none, but is not certain
NAN = float("nan")


@dataclass(frozen=True)
class Gap:
    """The two groups that are furthest apart."""

    best: int
    worst: int
    gap: Estimate  # mean of the best group minus that of the worst
    ratio: float  # mean of the worst group over that of the best; NaN where the best is not above 0
    differs: bool  # the interval of the gap lies above 0


@dataclass(frozen=True, eq=False)
class GroupMeans:
    """One figure in every group of shoppers."""

    means: tuple[Estimate, ...]  # a group; NaN without shoppers
    gap: Gap | None  # None where fewer than two groups can be compared


@dataclass(frozen=True, eq=False)
class Shares:
    """Exposure of groups of items against another share that they have."""

    exposure: tuple[Estimate, ...]
    other: tuple[Estimate, ...]
    difference: tuple[Estimate, ...]  # exposure minus the other, with intervals that hold for all groups at once
    judged: np.ndarray  # bool [G], enough shoppers took from it, or should have, for a verdict
    differs: np.ndarray  # bool [G], judged, and the interval of the difference leaves 0 out


def group_means(values: np.ndarray, group: np.ndarray, n_groups: int, seed: int = 0, resamples: int = RESAMPLES) -> GroupMeans:
    """One figure of each shopper, averaged by group, and the largest gap between two groups.

    Args:
        values: float64 [B], NaN = not judged.
        group: int [B], -1 = in no group.
        n_groups: groups, numbered from 0.
        seed: of the resampling, within groups.
        resamples: times each group's shoppers are drawn anew.

    Cost: 10,000 shoppers in about 0.6 s.
    """
    found = [values[(group == g) & np.isfinite(values)] for g in range(n_groups)]
    draws = np.full((resamples, n_groups), NAN)
    for g, own in enumerate(found):
        if len(own) > 1:
            drawn = [weights @ own / len(own) for weights in resample_weights(len(own), resamples, seed + g)]
            draws[:, g] = np.concatenate(drawn)
    means = np.array([own.mean() if len(own) else NAN for own in found])
    tail = 100 * (1 - LEVEL) / 2
    estimates = []
    for g, own in enumerate(found):
        low, high = np.percentile(draws[:, g], [tail, 100 - tail]) if len(own) > 1 else (NAN, NAN)
        estimates.append(Estimate(float(means[g]), float(low), float(high), len(own)))
    usable = [g for g, own in enumerate(found) if len(own) >= FEWEST]
    return GroupMeans(tuple(estimates), _largest_gap([found[g] for g in usable], usable, seed, resamples))


def _largest_gap(found: list[np.ndarray], usable: list[int], seed: int, resamples: int) -> Gap | None:
    if len(found) < 2:
        return None
    sizes, values = np.array([len(own) for own in found]), np.concatenate(found)
    pairs = np.array(list(combinations(range(len(found)), 2)))
    means, errors = (part[0] for part in _pair_errors(values[None], sizes, pairs))
    best, worst = int(means.argmax()), int(means.argmin())
    if best == worst:  # all equal
        best, worst = 0, 1
    rng, largest = np.random.default_rng(seed), []
    step = max(1, CELLS // len(values))
    for start in range(0, resamples, step):
        dealt = rng.permuted(np.broadcast_to(values, (min(step, resamples - start), len(values))), axis=1)
        drawn, spread = _pair_errors(dealt, sizes, pairs)
        gaps = np.abs(drawn[:, pairs[:, 0]] - drawn[:, pairs[:, 1]])
        largest.append(np.divide(gaps, spread, out=np.zeros_like(gaps), where=spread > 0).max(axis=1))
    limit = float(np.quantile(np.concatenate(largest), LEVEL, method="higher")) * (1 + 1e-9)
    pair = int(np.flatnonzero((pairs == sorted((best, worst))).all(axis=1))[0])
    gap, reach = float(means[best] - means[worst]), limit * float(errors[pair])
    ratio = float(means[worst] / means[best]) if means[best] > 0 else NAN
    estimate = Estimate(gap, gap - reach, gap + reach, int(sizes[best] + sizes[worst]))
    return Gap(usable[best], usable[worst], estimate, ratio, gap - reach > 0)


def _pair_errors(values: np.ndarray, sizes: np.ndarray, pairs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Means float64 [r, G] of groups that stand one after the other in float64 [r, n], and standard errors [r, P] of pairs' gaps."""
    starts = np.cumsum(sizes) - sizes
    means = np.add.reduceat(values, starts, axis=1) / sizes
    left = np.maximum(np.add.reduceat(values**2, starts, axis=1) - sizes * means**2, 0.0)
    common = left.sum(axis=1, keepdims=True) / sizes.sum()
    variance = (left + PRIOR * common) / (sizes - 1 + PRIOR) / sizes  # [r, G]
    return means, np.sqrt(variance[:, pairs[:, 0]] + variance[:, pairs[:, 1]])


def attention(k: int) -> np.ndarray:
    """float64 [k]: what each place is worth to an item, 1 / log2(1 + place), as NDCG counts it."""
    return 1.0 / np.log2(np.arange(2, k + 2))


def exposure_of(lists: np.ndarray, group: np.ndarray, n_groups: int) -> np.ndarray:
    """float64 [B, G]: attention that each shopper's list gives to each group of items.

    Args:
        lists: int [B, k], -1 = no item.
        group: int [n_items], -1 = in no group.
        n_groups: groups, numbered from 0.
    """
    owner = np.where(lists >= 0, group[np.maximum(lists, 0)], -1)
    worth = np.broadcast_to(attention(lists.shape[1]), lists.shape)
    rows = np.broadcast_to(np.arange(len(lists))[:, None], lists.shape)
    use = owner >= 0
    flat = np.bincount(rows[use] * n_groups + owner[use], worth[use], minlength=len(lists) * n_groups)
    return flat.reshape(len(lists), n_groups)


def shown_of(lists: np.ndarray, group: np.ndarray, n_groups: int) -> np.ndarray:
    """float64 [G]: attention that all lists together give to each group; `exposure_of` summed, for any number of groups."""
    owner = np.where(lists >= 0, group[np.maximum(lists, 0)], -1)
    use = owner >= 0
    return np.bincount(owner[use], np.broadcast_to(attention(lists.shape[1]), lists.shape)[use], minlength=n_groups)


def chosen_by(indptr: np.ndarray, items: np.ndarray, group: np.ndarray, n_groups: int) -> np.ndarray:
    """float64 [G]: shoppers' answers in each group; `answers_of` summed, for any number of groups."""
    sizes, owner = np.diff(indptr), group[items]
    weight = np.repeat(1.0 / np.maximum(sizes, 1), sizes)
    return np.bincount(owner[owner >= 0], weight[owner >= 0], minlength=n_groups)


def answers_of(indptr: np.ndarray, items: np.ndarray, group: np.ndarray, n_groups: int) -> np.ndarray:
    """float64 [B, G]: held-out answers of each shopper in each group; every shopper counts as much as every other.

    Args:
        indptr, items: int [B + 1], int [E], the answers.
        group: int [n_items], -1 = in no group.
        n_groups: groups, numbered from 0.
    """
    sizes = np.diff(indptr)
    rows, owner = np.repeat(np.arange(len(sizes)), sizes), group[items]
    use = owner >= 0
    weight = np.repeat(np.divide(1.0, sizes, out=np.zeros(len(sizes)), where=sizes > 0), sizes)
    flat = np.bincount(rows[use] * n_groups + owner[use], weight[use], minlength=len(sizes) * n_groups)
    return flat.reshape(len(sizes), n_groups)


def shares(exposure: np.ndarray, other: np.ndarray, seed: int = 0, resamples: int = RESAMPLES) -> Shares:
    """Shares of exposure against another share, by resampling shoppers.

    Args:
        exposure: float64 [B, G], see `exposure_of`.
        other: float64 [B, G] (`answers_of`), or float64 [G] where it is the same whoever the shoppers are (the catalogue's).
        seed: of the resampling.
        resamples: times the shoppers are drawn anew.

    Nobody who took from a supplier in the sample means no spread in any resample of it: the spread is at least that of shares drawn
    from one law, half-way between the two (the pooled test of two proportions), and rare suppliers get no verdict.

    Cost: 10,000 shoppers and 30 groups in about 0.5 s.
    """
    n = len(exposure)
    fixed = other.ndim == 1
    mine, theirs = _share(exposure.sum(axis=0)), _share(other if fixed else other.sum(axis=0))
    draws, others = [], []
    for weights in resample_weights(n, resamples, seed) if n else []:
        draws.append(_share(weights @ exposure))
        others.append(np.broadcast_to(theirs, draws[-1].shape) if fixed else _share(weights @ other))
    drawn = np.concatenate(draws) if draws else np.full((1, exposure.shape[1]), NAN)
    compared = np.concatenate(others) if others else drawn
    difference = mine - theirs
    moved = (drawn - compared) - difference
    pooled, taken = (mine + theirs) / 2, n if fixed else int((other.sum(axis=1) > 0).sum())
    judged = np.maximum(mine, theirs) * taken >= FEWEST_CHOSEN
    own = moved.std(axis=0)
    width = np.maximum(own, np.sqrt(pooled * (1 - pooled) * (_per_draw(exposure) + (0.0 if fixed else _per_draw(other)))))
    use = judged & (own > 0)
    scaled = np.abs(moved[:, use]) / own[use]
    reach = float(np.quantile(scaled.max(axis=1, initial=0.0), LEVEL)) * width
    low, high = difference - reach, difference + reach
    told = tuple(Estimate(float(d), float(lo), float(hi), n) for d, lo, hi in zip(difference, low, high, strict=True))
    return Shares(_estimates(mine, drawn, n), _estimates(theirs, compared, n), told, judged, judged & ((low > 0) | (high < 0)))


def coverage_of_groups(
    lists: np.ndarray, group: np.ndarray, n_groups: int, sellable: np.ndarray, seed: int = 0, draws: int = 50
) -> tuple[tuple[Estimate, ...], int]:
    """Share of the catalogue that each group's lists show, for equally many shoppers of each, and how many that is.

    More shoppers see more items: groups are compared by drawing as many shoppers of each as the smallest group has.
    Intervals span the draws; a group that is the smallest itself has none.
    """
    rows = [np.flatnonzero(group == g) for g in range(n_groups)]
    n = min((len(own) for own in rows if len(own) >= FEWEST), default=0)
    rng, total = np.random.default_rng(seed), max(int(sellable.sum()), 1)
    out = []
    for own in rows:
        if len(own) < FEWEST:
            out.append(Estimate(NAN, NAN, NAN, len(own)))
            continue
        found = []
        for _ in range(draws if len(own) > n else 1):
            shown = lists[rng.choice(own, n, replace=False)]
            found.append(len(np.unique(shown[shown >= 0])) / total)
        low, high = np.percentile(found, [2.5, 97.5])
        out.append(Estimate(float(np.mean(found)), float(low), float(high), len(own)))
    return tuple(out), n


def _per_draw(table: np.ndarray) -> float:
    """One over the number of independent draws that vary as much as a table (float64 [B, G]) does, over all its groups together."""
    total, share = table.sum(), _share(table.sum(axis=0))
    possible = float((share * (1 - share)).sum())
    if total <= 0 or possible <= 0:
        return 0.0
    return float(((table - table.sum(axis=1, keepdims=True) * share) ** 2).sum() / (total**2 * possible))


def _share(sums: np.ndarray) -> np.ndarray:
    total = sums.sum(axis=-1, keepdims=True)
    return np.divide(sums, total, out=np.zeros_like(sums, dtype=np.float64), where=total > 0)


def _estimates(values: np.ndarray, draws: np.ndarray, n: int) -> tuple[Estimate, ...]:
    tail = 100 * (1 - LEVEL) / 2
    low, high = np.percentile(draws, [tail, 100 - tail], axis=0)
    return tuple(Estimate(float(v), float(lo), float(hi), n) for v, lo, hi in zip(values, low, high, strict=True))
