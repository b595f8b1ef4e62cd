"""95 % intervals by resampling shoppers (Efron & Tibshirani, 1993)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from recengine.types import Estimate

RESAMPLES = 1_000
LEVEL = 0.95
Z = 1.959963984540054  # 97.5 % point of the normal distribution
CLT_FROM = 50_000  # shoppers beyond which the resampled and the normal interval of a mean agree to three digits
CELLS = 4_000_000  # weights held at once: 32 MB


def resample_weights(n: int, resamples: int, seed: int) -> Iterator[np.ndarray]:
    """Chunks of float64 [r, n]: how often each of n shoppers is drawn when n are drawn with replacement."""
    rng = np.random.default_rng(seed)
    step = max(1, CELLS // max(n, 1))
    for start in range(0, resamples, step):
        r = min(step, resamples - start)
        drawn = rng.integers(0, n, size=(r, n), dtype=np.int32) + np.arange(r, dtype=np.int64)[:, None] * n
        yield np.bincount(drawn.ravel(), minlength=r * n).reshape(r, n).astype(np.float64)


def mean_estimates(
    values: np.ndarray, seed: int = 0, resamples: int = RESAMPLES, drawn_already: Sequence[np.ndarray] | None = None
) -> list[Estimate]:
    """The mean of each column over its shoppers, with a percentile bootstrap interval.

    Args:
        values: float64 [B, M], one row a shopper; NaN = not judged, left out of its column.
        seed: of the resampling; the same rows and seed give the same interval.
        resamples: times the shoppers are drawn anew.
        drawn_already: chunks of `resample_weights` for as many shoppers, where several tables share them.

    Returns:
        M estimates; value and interval are NaN where a column has no figure, the interval is NaN for a single shopper.
        From 50,000 rows on the interval is mean ± 1.96 standard errors, which no longer differs.

    Cost: 2,000 shoppers and 100 columns in about 0.3 s.
    """
    known = np.isfinite(values)
    filled, counts = np.where(known, values, 0.0), known.sum(axis=0)
    n = len(values)
    if n == 0:
        return [Estimate(np.nan, np.nan, np.nan, 0)] * values.shape[1]
    means = np.divide(filled.sum(axis=0), counts, out=np.full(values.shape[1], np.nan), where=counts > 0)
    if n >= CLT_FROM:
        spread = np.where(known, values - means, 0.0)
        error = np.sqrt(np.divide((spread**2).sum(axis=0), counts * (counts - 1.0), out=np.full(len(means), np.nan), where=counts > 1))
        low, high = means - Z * error, means + Z * error
    else:
        patterns, column = _patterns(known)
        draws = []
        for weights in drawn_already or resample_weights(n, resamples, seed):
            drawn = (weights @ patterns)[:, column]
            draws.append(np.divide(weights @ filled, drawn, out=np.full(drawn.shape, np.nan), where=drawn > 0))
        low, high = _percentiles(np.concatenate(draws))
    single = counts < 2
    return [
        Estimate(float(means[i]), np.nan if single[i] else float(low[i]), np.nan if single[i] else float(high[i]), int(counts[i]))
        for i in range(len(means))
    ]


def spread_estimate(value: float, draws: np.ndarray, n: int, floor: float = 0.0, ceiling: float = 1.0) -> Estimate:
    """A shop-level figure with value ± 1.96 standard deviations of its resampled values, kept within its range.

    Percentiles would not do: a resample holds only 63 % of the shoppers, so resampled coverage lies below coverage itself.
    Its spread is right all the same.
    """
    if n < 2 or not np.isfinite(value):
        return Estimate(float(value), np.nan, np.nan, n)
    half = Z * float(np.nanstd(draws, ddof=1))
    return Estimate(float(value), max(floor, value - half), min(ceiling, value + half), n)


def bootstrap_interval(values: np.ndarray, seed: int = 0, resamples: int = RESAMPLES) -> Estimate:
    """The mean of `values` (float64 [n], NaN left out) with its 95 % interval."""
    return mean_estimates(np.asarray(values, dtype=np.float64)[:, None], seed, resamples)[0]


def _patterns(known: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distinct columns of a bool table (few: one a segment) as float64 [n, p], and for each column which one it is, int64 [M]."""
    places: dict[bytes, int] = {}
    column = np.array([places.setdefault(row.tobytes(), len(places)) for row in np.packbits(known.T, axis=1)], dtype=np.int64)
    _, first = np.unique(column, return_index=True)
    return known[:, first].astype(np.float64), column


def _percentiles(draws: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    tail = (1 - LEVEL) / 2
    empty = np.isnan(draws).all(axis=0)
    low, high = np.nanquantile(np.where(empty, 0.0, draws), [tail, 1 - tail], axis=0)
    return np.where(empty, np.nan, low), np.where(empty, np.nan, high)
