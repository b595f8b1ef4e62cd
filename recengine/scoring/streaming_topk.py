"""The k best items of many shoppers where the score is a product of vectors, without holding all scores at once.

Products are made in blocks of shoppers and items. Each block is read once, while it is fresh: 64 scores at a time are compared with the
shopper's k-th best so far, and only the few that pass are looked at one by one. Masks are asked there too, so nothing is written
into the block.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
import torch
from numba import njit, prange
from torch import Tensor

BLOCK_BYTES = 1 << 26  # of scores held at once
BLOCK_ROWS = 1024
BLOCK_ITEMS = 4096  # 16 MiB of scores: what was made is still in the cache when it is read
CHUNK = 64
CACHED_VALUES = 250_000  # float64 at once: 2 MB


class BestSoFar:
    """The k best codes of B rows among the scores shown so far; blocks come in rising order of their codes.

    Args:
        n_rows: B.
        k: length of the lists.
        blocked: bool [n_items], True = never return.
        exclude: [B, n_items], non-zero = never return for this row; None = nothing.
    """

    def __init__(self, n_rows: int, k: int, blocked: np.ndarray, exclude: sp.csr_matrix | None) -> None:
        self.codes = np.full((n_rows, k), -1, dtype=np.int32)  # [B, k], best first, ties by the lower code, -1 = none
        self.values = np.full((n_rows, k), -np.inf, dtype=np.float32)
        self._blocked = np.ascontiguousarray(blocked, dtype=np.bool_)
        owned = sp.csr_matrix((n_rows, len(blocked)), dtype=np.float32) if exclude is None else sp.csr_matrix(exclude)
        if exclude is not None and not (owned.has_sorted_indices and owned.has_canonical_format and (owned.data != 0).all()):
            owned = owned.copy()  # the caller's matrix is not sorted under their hands
            owned.sum_duplicates()
            owned.eliminate_zeros()
        self._starts, self._owned = owned.indptr.astype(np.int64), owned.indices.astype(np.int32)

    @property
    def blocked(self) -> np.ndarray:
        """bool [n_items], True = never returned."""
        return self._blocked

    def owned(self, first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
        """int64 [e], int64 [e]: rows (from 0) and codes that rows first … last - 1 must not get."""
        starts = self._starts[first : last + 1]
        return np.repeat(np.arange(last - first), np.diff(starts)), self._owned[starts[0] : starts[-1]].astype(np.int64)

    def block(self, items: np.ndarray) -> None:
        """Never keep the items where bool [n_items] holds; before anything is shown."""
        self._blocked = self._blocked | items

    def forget(self, rows: np.ndarray) -> None:
        """Empty the lists of `rows` (int [m])."""
        self.codes[rows], self.values[rows] = -1, -np.inf

    def of_rows(self, rows: np.ndarray) -> BestSoFar:
        """Empty lists of `rows` (int [m]) with the same masks."""
        owned = [self._owned[self._starts[row] : self._starts[row + 1]] for row in rows.tolist()]
        some = BestSoFar(len(rows), self.codes.shape[1], self._blocked, None)
        some._starts = np.concatenate([[0], np.cumsum([len(codes) for codes in owned])]).astype(np.int64)
        some._owned = np.concatenate([*owned, np.zeros(0, dtype=np.int32)])
        return some

    def drop(self, codes: np.ndarray) -> None:
        """Write -1 over the codes of int32 [B, C] that are blocked or excluded for their row."""
        _drop(codes, self._blocked, self._starts, self._owned)

    def show(self, scores: Tensor, first_row: int = 0, first_code: int = 0) -> None:
        """Take in float32 [b, w]: scores of rows from `first_row` and items from `first_code`. NaN and -inf are never kept."""
        _scan(scores.contiguous().numpy(), first_row, first_code, self._blocked, self._starts, self._owned, self.codes, self.values)


def best_products(shoppers: Tensor, items: Tensor, offsets: Tensor | None, best: BestSoFar) -> None:
    """Show `best` the scores shoppers · item + offset of everybody and everything, block by block.

    Args:
        shoppers: float32 [B, d] on the CPU.
        items: float32 [n, d] on the CPU; may be mapped from a file, each block of rows is read once a block of shoppers.
        offsets: float32 [n] or None.

    Memory: 16 MiB. Cost: the matrix product, and a fifth of it for reading the scores at 64 numbers an item.
    """
    n_rows, n_items = len(shoppers), len(items)
    height = max(1, min(n_rows, BLOCK_ROWS))
    width = max(1, min(n_items, max(CHUNK, BLOCK_BYTES // (4 * height)), BLOCK_ITEMS))
    held = torch.empty(height * width)
    for top in range(0, n_rows, height):
        rows = shoppers[top : top + height]
        for left in range(0, n_items, width):
            block = items[left : left + width]
            scores = held[: len(rows) * len(block)].view(len(rows), len(block))
            if offsets is None:
                torch.mm(rows, block.T, out=scores)
            else:
                torch.addmm(offsets[left : left + width], rows, block.T, out=scores)
            best.show(scores, top, left)


def pair_products(shoppers: Tensor, items: Tensor, offsets: Tensor | None, codes: np.ndarray) -> np.ndarray:
    """float64 [B, C]: shoppers [B, d] · items [n, d] of int [B, C] codes, + offset; a code of -1 is read as 0.

    Pair by pair, not a matrix product: items with equal vectors get equal bits, whatever stands beside them.
    """
    if items.device.type == "cpu":
        out_np = np.zeros(codes.shape)
        added = np.zeros(0, dtype=np.float32) if offsets is None else offsets.numpy()
        _pairs(shoppers.numpy(), items.numpy(), added, np.maximum(codes, 0), out_np)
        return out_np
    chosen = torch.from_numpy(np.maximum(codes, 0).astype(np.int64)).to(items.device)
    step = max(1, CACHED_VALUES // max(chosen.shape[1] * items.shape[1], 1))
    out = torch.empty(chosen.shape, dtype=torch.float64, device=items.device)
    for start in range(0, len(chosen), step):
        part = slice(start, start + step)
        out[part] = (items[chosen[part]].double() * shoppers[part].double().unsqueeze(1)).sum(2)  # [b, C, d] → [b, C]
    if offsets is not None:
        out += offsets[chosen].double()
    return out.cpu().numpy()


@njit(cache=True, parallel=True)
def _scan(scores, first_row, first_code, blocked, starts, owned, codes, values):  # pragma: no cover - compiled
    n_rows, width = scores.shape
    k = codes.shape[1]
    for r in prange(n_rows):
        row, line = first_row + r, scores[r]
        best, listed = values[row], codes[row]
        begin, end = starts[row], starts[row + 1]
        least = best[k - 1]
        for chunk in range(0, width, CHUNK):
            stop = min(chunk + CHUNK, width)
            passing = 0
            for place in range(chunk, stop):
                passing += line[place] > least
            if passing == 0:
                continue
            for place in range(chunk, stop):
                value = line[place]
                # Codes rise, so an item as good as the k-th best stands behind it.
                if not value > least:
                    continue
                code = first_code + place
                if blocked[code]:
                    continue
                low, high = begin, end
                while low < high:
                    middle = (low + high) >> 1
                    if owned[middle] < code:
                        low = middle + 1
                    else:
                        high = middle
                if low < end and owned[low] == code:
                    continue
                at = k - 1
                while at > 0 and best[at - 1] < value:
                    best[at], listed[at] = best[at - 1], listed[at - 1]
                    at -= 1
                best[at], listed[at] = value, code
                least = best[k - 1]


@njit(cache=True, parallel=True)
def _drop(codes, blocked, starts, owned):  # pragma: no cover - compiled
    for row in prange(codes.shape[0]):
        mine = owned[starts[row] : starts[row + 1]]
        for place in range(codes.shape[1]):
            code = codes[row, place]
            if code < 0:
                continue
            at = np.searchsorted(mine, code)
            if blocked[code] or (at < len(mine) and mine[at] == code):
                codes[row, place] = -1


@njit(cache=True, parallel=True, fastmath={"reassoc", "contract"})
def _pairs(shoppers, items, offsets, codes, out):  # pragma: no cover - compiled
    d = items.shape[1]
    for row in prange(codes.shape[0]):
        shopper = shoppers[row]
        for place in range(codes.shape[1]):
            item, total = items[codes[row, place]], 0.0
            for a in range(d):
                total += np.float64(shopper[a]) * np.float64(item[a])
            out[row, place] = total if len(offsets) == 0 else total + np.float64(offsets[codes[row, place]])


@njit(cache=True, parallel=True)
def best_first(codes, scores):  # pragma: no cover - compiled
    """Sort each row of int32 [B, C] codes and float64 [B, C] scores in place: best first, ties by the lower code, codes of -1 last."""
    for row in prange(codes.shape[0]):
        for place in range(1, codes.shape[1]):
            code, score, at = codes[row, place], scores[row, place], place
            while (
                code >= 0
                and at > 0
                and (codes[row, at - 1] < 0 or scores[row, at - 1] < score or (scores[row, at - 1] == score and codes[row, at - 1] > code))
            ):
                codes[row, at], scores[row, at] = codes[row, at - 1], scores[row, at - 1]
                at -= 1
            codes[row, at], scores[row, at] = code, score
