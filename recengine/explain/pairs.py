"""Which coalitions are asked, and how Shapley values follow from them: one fixed sequence of a coalition and its complement."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

GOLDEN = 0.6180339887498949
LEAST_FREEDOM = 0.05  # a pair that the fit follows closer than this would get an infinite error
LEAST_DRAWN = 8  # drawn pairs below which no error is told
BLOCK = 1024  # pairs drawn from one seed


@dataclass(frozen=True, eq=False)
class Estimate:
    """Shapley values of n players for m items."""

    values: np.ndarray  # float64 [m, n]
    errors: np.ndarray  # float64 [m, n], standard errors; infinite where there are too few pairs to tell


def coalition_pairs(n: int, first: int, count: int, seed: int = 0) -> np.ndarray:
    """Pairs number `first` … `first + count - 1` of the sequence for n players (at least 4).

    The first n are every player alone (with everybody else as complement), the others coalitions of 2 … n / 2 players: sizes by the
    golden ratio, players at random. Pair t depends on n, t and the seed alone, so a sequence can be continued.

    Returns:
        bool [count, n], the smaller coalition of each pair.
    """
    found = np.zeros((count, n), dtype=bool)
    alone = np.arange(first, min(first + count, n))
    found[alone - first, alone] = True
    sizes, shares = _sizes(n)
    upto = np.cumsum(shares)
    start = max(first, n)
    while start < first + count:
        block = (start - n) // BLOCK
        end = min(first + count, n + (block + 1) * BLOCK)
        luck = np.random.default_rng([seed, n, block]).random((BLOCK, n))
        within = np.arange(start, end) - n - block * BLOCK
        place = np.searchsorted(upto, np.modf((np.arange(start, end) - n + 0.5) * GOLDEN)[0] * upto[-1], side="right")
        size = sizes[np.minimum(place, len(sizes) - 1)]
        found[start - first : end - first] = luck[within].argsort(axis=1).argsort(axis=1) < size[:, None]
        start = end
    return found


def _sizes(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Sizes of the drawn coalitions, and how often each is drawn: in proportion to what they weigh in the Shapley value."""
    sizes = np.arange(2, n // 2 + 1)
    return sizes, _mass(n, sizes) / _mass(n, sizes).sum()


def _mass(n: int, sizes: np.ndarray) -> np.ndarray:
    """Shapley kernel of all pairs of a size together; a size that is its own complement counts once."""
    return np.where(2 * sizes == n, 1.0, 2.0) * (n - 1) / (sizes * (n - sizes))


def pair_weights(pairs: np.ndarray) -> np.ndarray:
    """float64 [p]: what each pair of a sequence that was asked from its beginning stands for in the Shapley kernel."""
    count, n = pairs.shape
    alone = _mass(n, np.ones(1))[0]
    if count <= n:
        return np.full(count, alone / max(count, 1))
    sizes, _ = _sizes(n)
    return np.concatenate([np.full(n, alone / n), np.full(count - n, _mass(n, sizes).sum() / (count - n))])


def estimate(pairs: np.ndarray, differences: np.ndarray, total: np.ndarray) -> Estimate:
    """Shapley values from paired coalitions, by least squares under the constraint that they add up.

    Args:
        pairs: bool [p, n], the first p >= n pairs of the sequence.
        differences: float64 [p, m], worth of each coalition minus that of its complement.
        total: float64 [m], worth of all players minus that of none.

    Returns:
        Values whose sum is the total to rounding, and their standard errors: sandwich estimate over the drawn pairs, leverages taken
        out (HC3), since the pairs of single players are the same in every sequence.

    Source: Lundberg and Lee, NeurIPS 2017; Covert and Lee, AISTATS 2021 (pairs, constraint); MacKinnon and White 1985 (HC3).
    For a pair the even part of the game cancels, so the regression is on ±1 with the differences alone. Measured at equal numbers of scores
    on the funnel, attention, SASRec and iALS: a third to a half of the error of antithetic permutations, less than stratified sampling.
    """
    n = pairs.shape[1]
    if n < 4:
        raise ValueError("fewer than four players are enumerated")
    if len(pairs) < n:
        raise ValueError(f"{len(pairs)} pairs tell nothing of {n} players")
    sign = np.where(pairs, 1.0, -1.0)  # [p, n]
    weight = pair_weights(pairs)
    gram = (sign * weight[:, None]).T @ sign
    inverse = np.linalg.inv(gram)  # the pairs of single players alone make it regular
    ones = inverse.sum(axis=1)
    inside = inverse - np.outer(ones, ones) / ones.sum()  # [n, n]; its columns add up to 0
    values = inside @ ((sign * weight[:, None]).T @ differences) + np.outer(ones / ones.sum(), total)  # [n, m]
    values += (total - values.sum(axis=0)) / n
    drawn = slice(n, None)
    reach = sign @ inside  # [p, n]
    freedom = 1.0 - weight * np.einsum("pn,pn->p", reach, sign)
    residual = (differences - sign @ values)[drawn] / np.maximum(freedom[drawn], LEAST_FREEDOM)[:, None]
    variance = ((reach[drawn] * weight[drawn, None]) ** 2).T @ residual**2  # [n, m]
    errors = np.sqrt(variance).T.copy() if len(pairs) >= n + LEAST_DRAWN else np.full(values.T.shape, np.inf)
    return Estimate(values.T.copy(), errors)


def enumerated(n: int) -> np.ndarray:
    """bool [2**n, n]: every coalition; player i is bit i of the row's number."""
    return ((np.arange(1 << n)[:, None] >> np.arange(n)) & 1).astype(bool)


def shapley_of_all(worth: np.ndarray) -> np.ndarray:
    """Shapley values from the worth of every coalition in the order of `enumerated`.

    Args:
        worth: float64 [2**n, m].

    Returns:
        float64 [m, n]; the definition: the mean gain of a player over all orders of arrival.
    """
    n = int(worth.shape[0]).bit_length() - 1
    size = enumerated(n).sum(axis=1)
    chance = np.ones(n)  # size! (n - size - 1)! / n!
    for s in range(n):
        chance[s] = 1.0 / (n * _choose(n - 1, s))
    values = np.zeros((worth.shape[1], n))
    numbers = np.arange(1 << n)
    for player in range(n):
        without = numbers[(numbers >> player) & 1 == 0]
        values[:, player] = chance[size[without]] @ (worth[without | (1 << player)] - worth[without])
    return values


def _choose(n: int, k: int) -> float:
    found = 1.0
    for i in range(min(k, n - k)):
        found = found * (n - i) / (i + 1)
    return found
