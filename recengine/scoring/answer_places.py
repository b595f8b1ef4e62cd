"""Places of known answers under an item-to-item matrix, without keeping any scores: what a search over settings asks again and again."""

from __future__ import annotations

import numpy as np
from numba import njit, prange

UNRANKED = 1 << 30  # place of an answer without a score


@njit(cache=True, parallel=True)
def places_under(
    row_ptr: np.ndarray,
    row_items: np.ndarray,
    row_values: np.ndarray,
    ptr: np.ndarray,
    columns: np.ndarray,
    weights: np.ndarray,
    target: np.ndarray,
    seen_ptr: np.ndarray,
    seen_items: np.ndarray,
    answer_ptr: np.ndarray,
    answers: np.ndarray,
) -> np.ndarray:
    """Items that stand before each answer; ties by the lower code, items of the history left out.

    Args:
        row_ptr, row_items, row_values: histories as CSR: int [B + 1], int [E], float32 [E].
        ptr, columns, weights: the matrix as CSR, row = item of the history.
        target: float32 [n_items], factor of every scored item.
        seen_ptr, seen_items: what each history holds.
        answer_ptr, answers: int [B + 1], int [T].

    Returns:
        int64 [T], from 0; `UNRANKED` where the answer's score is not above 0. Cost: one multiply-add a stored pair, all cores.
    """
    places = np.full(len(answers), UNRANKED, dtype=np.int64)
    n = len(target)
    for row in prange(len(row_ptr) - 1):
        scores = np.zeros(n, dtype=np.float32)
        for event in range(row_ptr[row], row_ptr[row + 1]):
            value = row_values[event]
            for place in range(ptr[row_items[event]], ptr[row_items[event] + 1]):
                scores[columns[place]] += value * weights[place]
        scores *= target
        for place in range(seen_ptr[row], seen_ptr[row + 1]):
            scores[seen_items[place]] = -1.0
        for answer in range(answer_ptr[row], answer_ptr[row + 1]):
            item = answers[answer]
            own = scores[item]
            if own > 0.0:
                before = 0
                for other in range(n):
                    if scores[other] > own or (scores[other] == own and other < item):
                        before += 1
                places[answer] = before
    return places
