"""How much two sets of lists agree: what entered, left and moved, and the overlap with the top counting most."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

PERSISTENCE = 0.9  # chance that a reader of a list looks at one more place: the first ten carry 86 % of the weight


@dataclass(frozen=True, eq=False)
class Agreement:
    """Row b compares two lists of shopper b."""

    common: np.ndarray  # int64 [B], items in both
    entered: np.ndarray  # int64 [B], only in the second
    left: np.ndarray  # int64 [B], only in the first
    moved: np.ndarray  # int64 [B], in both at another place
    jaccard: np.ndarray  # float64 [B], common / items in either; NaN where both lists are empty
    rbo: np.ndarray  # float64 [B], rank-biased overlap, 1 = the same order; NaN where a list is empty


def agreement(first: np.ndarray, second: np.ndarray, persistence: float = PERSISTENCE) -> Agreement:
    """Compare two lists a shopper.

    Args:
        first, second: int [B, k], items best first, distinct in a row, -1 beyond the end of a list.
        persistence: p of rank-biased overlap, between 0 and 1; higher looks deeper.

    Cost: 10,000 lists of 10 in 0.05 s; memory 16 B k² bytes.
    Source: Webber, Moffat, Zobel, A similarity measure for indefinite rankings, TOIS 2010, equation 32 (RBO_ext).
    """
    if first.shape != second.shape or first.ndim != 2:
        raise ValueError("both must be [B, k]")
    if not 0 < persistence < 1:
        raise ValueError("persistence must lie between 0 and 1")
    same = (first[:, :, None] == second[:, None, :]) & (first[:, :, None] >= 0)  # [B, k, k]
    common = same.sum(axis=(1, 2))
    sizes = np.stack([(first >= 0).sum(axis=1), (second >= 0).sum(axis=1)])  # [2, B]
    either = sizes.sum(axis=0) - common
    jaccard = np.divide(common, either, out=np.full(len(first), np.nan), where=either > 0)
    in_place = np.diagonal(same, axis1=1, axis2=2).sum(axis=1)
    rbo = _rank_biased(same, sizes, persistence)
    return Agreement(common, sizes[1] - common, sizes[0] - common, common - in_place, jaccard, rbo)


def _rank_biased(same: np.ndarray, sizes: np.ndarray, p: float) -> np.ndarray:
    """float64 [B] from bool [B, k, k] and the lengths of both lists."""
    n_rows, k = len(same), same.shape[1]
    if k == 0:
        return np.full(n_rows, np.nan)
    depth = np.arange(1, k + 1)
    overlap = np.diagonal(same.cumsum(axis=1).cumsum(axis=2), axis1=1, axis2=2).astype(np.float64)  # X_d, [B, k]
    short, long = sizes.min(axis=0)[:, None], sizes.max(axis=0)[:, None]
    rows = np.arange(n_rows)
    at_short, at_long = (overlap[rows, np.maximum(n[:, 0], 1) - 1][:, None] for n in (short, long))
    filled = np.maximum(short, 1)
    agreed = overlap / depth  # X_d / d
    # beyond the end of the shorter list, its agreement there is taken to go on
    beyond = at_short * (depth - short) / (filled * depth)
    weight = p**depth
    inside = np.where(depth <= long, agreed, 0.0) + np.where((depth > short) & (depth <= long), beyond, 0.0)
    last = ((at_long - at_short) / np.maximum(long, 1) + at_short / filled) * p**long
    found = ((1 - p) / p * (inside * weight).sum(axis=1, keepdims=True) + last)[:, 0]
    return np.where(short[:, 0] > 0, found, np.nan)
