"""Symmetric matrices of which one triangle is known."""

from __future__ import annotations

import numpy as np
from numba import njit, prange

BLOCK = 64  # rows and columns at once: both triangles' blocks stay in the cache


def mirror_upper(matrix: np.ndarray) -> np.ndarray:
    """Copy the upper triangle of a C-ordered [n, n] float matrix over the lower one, in place; returns it. Cost: one pass."""
    _mirror(matrix)
    return matrix


@njit(cache=True, parallel=True)
def _mirror(matrix):  # pragma: no cover - compiled
    n = len(matrix)
    blocks = (n + BLOCK - 1) // BLOCK
    for block in prange(blocks):
        for other in range(block + 1):
            for row in range(block * BLOCK, min(n, (block + 1) * BLOCK)):
                for column in range(other * BLOCK, min(row, (other + 1) * BLOCK)):
                    matrix[row, column] = matrix[column, row]
