"""Scores of a row of candidates on a common scale."""

from __future__ import annotations

import numpy as np
from numba import njit, prange

from recengine.algebra.threads import threads_for


def relevance_of(item_codes: np.ndarray, scores: np.ndarray, offered: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Scores of each row (float [B, C]) scaled to 0 … 1 between its lowest and highest candidate.

    Args:
        item_codes: int [B, C], -1 = no candidate.
        scores: float [B, C].
        offered: the first columns, which alone make the scale, where a row has a candidate among them; None = all.

    Returns:
        float64 [B, C] with NaN where there is no candidate (code -1, score not finite) and 1 for all where they are equal; what makes
        no scale may lie outside 0 … 1. float64 [B] distance from lowest to highest, 1 where it would be 0.

    Cost: about 0.01 s for 10,000 rows of 200.
    """
    codes, values = np.ascontiguousarray(item_codes, dtype=np.int32), np.ascontiguousarray(scores, dtype=np.float64)
    out, unit = np.empty(values.shape), np.ones(len(values))
    if values.size:
        with threads_for(len(values), 64):
            _scale(codes, values, values.shape[1] if offered is None else offered, out, unit)
    return out, unit


@njit(cache=True, parallel=True)
def _scale(codes, scores, offered, out, unit):  # type: ignore[no-untyped-def]
    for row in prange(len(codes)):
        low, high = np.inf, -np.inf
        for c in range(codes.shape[1]):
            if c >= offered and high >= low:
                break
            if codes[row, c] >= 0 and np.isfinite(scores[row, c]):
                low, high = min(low, scores[row, c]), max(high, scores[row, c])
        if high > low:
            unit[row] = high - low
        for c in range(codes.shape[1]):
            if codes[row, c] >= 0 and np.isfinite(scores[row, c]):
                out[row, c] = (scores[row, c] - low) / unit[row] if high > low else 1.0 + (scores[row, c] - low)
            else:
                out[row, c] = np.nan
