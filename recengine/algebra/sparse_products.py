"""Compiled products of sparse rows: with a dense matrix, with another sparse matrix, and with chosen columns of one.

Every row is summed by one core in the order of its entries, so a result depends neither on the threads nor on the rows beside it.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numba import njit, prange

ROWS_A_CORE = 32  # rows that share one accumulator


def times_dense(rows: sp.csr_matrix, dense: np.ndarray) -> np.ndarray:
    """float32 [m, d]: rows [m, n] times dense [n, d]. Cost: non-zeros × d multiply-adds, all cores."""
    out = np.zeros((rows.shape[0], dense.shape[1]), dtype=np.float32)
    _times_dense(rows.indptr, rows.indices, rows.data.astype(np.float32, copy=False), np.ascontiguousarray(dense, dtype=np.float32), out)
    return out


def spread(indptr: np.ndarray, items: np.ndarray, values: np.ndarray, matrix: sp.csr_matrix) -> np.ndarray:
    """float32 [B, n]: Σ values[e] × matrix[items[e]] over the events of each row.

    Args:
        indptr: int [B + 1], the events of row b are indptr[b] to indptr[b + 1].
        items: int [E], rows of the matrix.
        values: float [E].
        matrix: float32 [n, n].
    """
    out = np.zeros((len(indptr) - 1, matrix.shape[1]), dtype=np.float32)
    _spread(indptr, items, values.astype(np.float32), matrix.indptr, matrix.indices, matrix.data, out)
    return out


def picked(indptr: np.ndarray, items: np.ndarray, values: np.ndarray, matrix: sp.csr_matrix, columns: np.ndarray) -> np.ndarray:
    """float64 [B, C]: the same sums in float64 for chosen columns (int [B, C]) only; the matrix has sorted indices."""
    out = np.zeros(columns.shape)
    _picked(indptr, items, values.astype(np.float64), matrix.indptr, matrix.indices, matrix.data, columns.astype(np.int64), out)
    return out


def strongest_products(left: sp.csr_matrix, right: sp.csr_matrix, width: int, first: int, last: int) -> sp.csr_matrix:
    """float32 CSR [last - first, n]: rows first … last - 1 of left [n, m] @ right [m, n], each cut to its `width` largest entries.

    Ties fall to the lower column; indices are sorted; non-negative entries only. Memory: (last - first) × width × 8 bytes.
    """
    n = right.shape[1]
    width = min(width, n)
    counts = np.zeros(last - first, dtype=np.int64)
    columns, values = np.empty((last - first, width), dtype=np.int32), np.empty((last - first, width), dtype=np.float32)
    _strongest(
        left.indptr, left.indices, left.data, right.indptr, right.indices, right.data, n, width, first, last, counts, columns, values
    )
    kept = np.arange(width) < counts[:, None]
    indptr = np.concatenate([[0], np.cumsum(counts)])
    return sp.csr_matrix((values[kept], columns[kept], indptr), shape=(last - first, n))


def compressed(dense: np.ndarray) -> sp.csr_matrix:
    """CSR of a dense float32 [m, n], zeros left out, indices sorted; several times as fast as scipy's conversion."""
    counts = np.zeros(len(dense), dtype=np.int64)
    _count_nonzeros(dense, counts)
    indptr = np.concatenate([[0], np.cumsum(counts)])
    columns, values = np.empty(indptr[-1], dtype=np.int32), np.empty(indptr[-1], dtype=np.float32)
    _keep_nonzeros(dense, indptr, columns, values)
    return sp.csr_matrix((values, columns, indptr), shape=dense.shape)


@njit(cache=True, parallel=True)
def _count_nonzeros(dense, counts):  # pragma: no cover - compiled
    for row in prange(len(dense)):
        found = 0
        for column in range(dense.shape[1]):
            found += dense[row, column] != 0.0
        counts[row] = found


@njit(cache=True, parallel=True)
def _keep_nonzeros(dense, indptr, columns, values):  # pragma: no cover - compiled
    for row in prange(len(dense)):
        place = indptr[row]
        for column in range(dense.shape[1]):
            if dense[row, column] != 0.0:
                columns[place], values[place] = column, dense[row, column]
                place += 1


@njit(cache=True, parallel=True, fastmath={"contract", "nsz"})
def _times_dense(indptr, indices, data, dense, out):  # pragma: no cover - compiled
    d = dense.shape[1]
    for row in prange(len(indptr) - 1):
        target = out[row]
        for e in range(indptr[row], indptr[row + 1]):
            source, value = dense[np.uint32(indices[e])], data[e]
            for a in range(d):
                target[a] += value * source[a]


@njit(cache=True, parallel=True)
def _spread(indptr, items, values, m_indptr, m_indices, m_data, out):  # pragma: no cover - compiled
    for row in prange(len(indptr) - 1):
        target = out[row]
        for e in range(indptr[row], indptr[row + 1]):
            item, value = items[e], values[e]
            if value != 0.0:
                for place in range(m_indptr[item], m_indptr[item + 1]):
                    target[np.uint32(m_indices[place])] += value * m_data[place]


@njit(cache=True, parallel=True)
def _picked(indptr, items, values, m_indptr, m_indices, m_data, columns, out):  # pragma: no cover - compiled
    for row in prange(len(indptr) - 1):
        for e in range(indptr[row], indptr[row + 1]):
            item, value = items[e], values[e]
            if value == 0.0:
                continue
            begin, end = m_indptr[item], m_indptr[item + 1]
            for c in range(columns.shape[1]):
                wanted, low, high = columns[row, c], begin, end
                while low < high:
                    middle = (low + high) >> 1
                    if m_indices[middle] < wanted:
                        low = middle + 1
                    else:
                        high = middle
                if low < end and m_indices[low] == wanted:
                    out[row, c] += value * np.float64(m_data[low])


@njit(cache=True, parallel=True)
def _strongest(
    l_indptr, l_indices, l_data, r_indptr, r_indices, r_data, n, width, first, last, counts, columns, values
):  # pragma: no cover - compiled
    blocks = (last - first + ROWS_A_CORE - 1) // ROWS_A_CORE
    for block in prange(blocks):
        total, touched = np.zeros(n, np.float32), np.empty(n, np.int32)
        for row in range(first + block * ROWS_A_CORE, min(last, first + (block + 1) * ROWS_A_CORE)):
            found = 0
            for e in range(l_indptr[row], l_indptr[row + 1]):
                value, middle = l_data[e], np.uint32(l_indices[e])
                for place in range(r_indptr[middle], r_indptr[middle + 1]):
                    column = np.uint32(r_indices[place])
                    if total[column] == 0.0:
                        touched[found] = column
                        found += 1
                    total[column] += value * r_data[place]
            least, ties = np.float32(0.0), found
            if found > width:
                reached = total[touched[:found]]
                least = np.partition(reached, found - width)[found - width]
                above = 0
                for place in range(found):
                    if reached[place] > least:
                        above += 1
                ties = width - above
            order = np.sort(touched[:found])
            kept = 0
            for place in range(found):
                column = order[place]
                value = total[column]
                total[column] = 0.0
                if value < least or (value == least and ties == 0):
                    continue
                if value == least:
                    ties -= 1
                columns[row - first, kept], values[row - first, kept] = column, value
                kept += 1
            counts[row - first] = kept
