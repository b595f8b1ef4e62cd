"""The best products beyond a million items, without looking at all of them: an index that is asked first, and measured before it is.

An inverted file (Jégou et al. 2011, as FAISS has it): items stand in lists by their nearest centre, a shopper reads the lists whose
centres have the highest products. What it finds is scored again exactly. Masks are kept, and a row with too few finds is made exactly.
Needs the optional package faiss-cpu.
"""

from __future__ import annotations

import importlib.util
from typing import Any

import numpy as np
import torch
from torch import Tensor

from recengine.errors import BadInput
from recengine.scoring.streaming_topk import BestSoFar, best_first, best_products, pair_products

PACKAGE = "faiss"
SWEEPS, POINTS_A_LIST = 5, 48  # of k-means, and what it sees
PROBED = (16, 32, 64, 128, 256, 512, 1024)  # lists read for one shopper; the first that is good enough
GOOD_ENOUGH = 0.98  # of the exact list, on the shoppers it is chosen with
SPARE = 2  # times as many finds as places
ADDED = 65_536  # items handed over at once
WIDTH = 8  # numbers a vector is padded to a multiple of
CHECKED = 64  # items whose vectors tell whether an index is of these items


def package_is_here() -> bool:
    """Whether faiss can be imported; it is not."""
    return importlib.util.find_spec(PACKAGE) is not None


class ApproximateIndex:
    """Items by their vectors; lists of shoppers are found in a small share of them.

    Args:
        items: float32 [n, d] on the CPU.
        offsets: float32 [n], added to every product; or None.
        scored: bool [n], False = never listed.
        seed: of the centres.

    Raises:
        BadInput: faiss is not installed.

    Cost: 5 sweeps of k-means over 48 vectors a list, 2√n lists; then one product of every item with every centre. Memory: 2 bytes a
    number of every item. The same vectors, seed and threads give the same index.
    """

    def __init__(self, items: Tensor, offsets: Tensor | None, scored: Tensor, seed: int = 0) -> None:
        if not package_is_here():
            raise BadInput(
                "Approximate lists need the package faiss-cpu.",
                "It is optional and not installed here.",
                "Install it with: pip install faiss-cpu. Or search exactly.",
            )
        import faiss

        self._faiss: Any = faiss
        self.n_items, self.probed = len(items), PROBED[0]
        self._codes = np.flatnonzero(scored.cpu().numpy()).astype(np.int64)  # of the items in the index
        self._checked = np.unique(np.linspace(0, max(self.n_items - 1, 0), CHECKED).astype(np.int64))
        self._check = items[torch.from_numpy(self._checked)].clone()
        faiss.omp_set_num_threads(torch.get_num_threads())
        n = len(self._codes)
        self._padded = -(-(items.shape[1] + (offsets is not None)) // WIDTH) * WIDTH
        self._lists = max(1, min(int(2 * np.sqrt(n)), n))
        draw = np.random.default_rng(seed)
        shown = self._codes if n <= POINTS_A_LIST * self._lists else np.sort(draw.choice(self._codes, POINTS_A_LIST * self._lists, False))
        centres: Any = faiss.Kmeans(self._padded, self._lists, niter=SWEEPS, seed=seed + 1, min_points_per_centroid=1)
        centres.train(self._wide(items, offsets, shown))
        # Centres are near in space, and the lists of a shopper are those with the highest products: better than products for both.
        by_product = faiss.IndexFlatIP(self._padded)
        by_product.add(centres.centroids)
        half = faiss.ScalarQuantizer.QT_fp16
        self._index = faiss.IndexIVFScalarQuantizer(by_product, self._padded, self._lists, half, faiss.METRIC_INNER_PRODUCT, False)
        self._index.is_trained = True
        for first in range(0, n, ADDED):
            codes = self._codes[first : first + ADDED]
            vectors = self._wide(items, offsets, codes)
            nearest = np.ascontiguousarray(centres.index.search(vectors, 1)[1].ravel())
            pointer = faiss.swig_ptr
            self._index.add_core(len(codes), pointer(vectors), pointer(codes), pointer(nearest))

    def _wide(self, items: Tensor, offsets: Tensor | None, codes: np.ndarray) -> np.ndarray:
        wide = np.zeros((len(codes), self._padded), dtype=np.float32)
        wide[:, : items.shape[1]] = items.numpy()[codes]
        if offsets is not None:
            wide[:, items.shape[1]] = offsets.numpy()[codes]
        return wide

    def is_of(self, items: Tensor) -> bool:
        """Whether these are the items it was made of, by a few of their vectors."""
        return len(items) == self.n_items and torch.equal(items[torch.from_numpy(self._checked)], self._check)

    def show(self, shoppers: Tensor, items: Tensor, offsets: Tensor | None, best: BestSoFar) -> int:
        """Fill `best` with the best finds of everybody; returns the number of rows that were made exactly, for want of finds.

        Args:
            shoppers: float32 [B, d] on the CPU.
            items, offsets: what it was made of.
            best: its blocked and excluded items are left out.
        """
        n_rows, k = best.codes.shape
        if n_rows == 0:
            return 0
        faiss = self._faiss
        wide = np.zeros((n_rows, self._padded), dtype=np.float32)
        wide[:, : shoppers.shape[1]] = shoppers.numpy()
        if offsets is not None:
            wide[:, shoppers.shape[1]] = 1.0
        allowed = faiss.IDSelectorBitmap(np.packbits(~best.blocked, bitorder="little"))
        owned, _ = best.owned(0, n_rows)
        most = int(np.quantile(np.bincount(owned, minlength=n_rows), 0.95))  # rows that own more may be made exactly
        asked = max(1, min(SPARE * k + most, len(self._codes)))
        how = faiss.SearchParametersIVF(nprobe=min(self.probed, self._lists), sel=allowed)
        codes = np.full((n_rows, max(asked, k)), -1, dtype=np.int32)  # -1 = nothing
        codes[:, :asked] = self._index.search(wide, asked, params=how)[1]
        best.drop(codes)
        scores = pair_products(shoppers, items, offsets, codes)
        scores[~(scores > -np.inf)] = -np.inf
        codes[scores == -np.inf] = -1
        best_first(codes, scores)
        best.codes[:], best.values[:] = codes[:, :k], np.where(codes[:, :k] >= 0, scores[:, :k], -np.inf)
        few = np.flatnonzero(best.codes[:, -1] < 0)
        if len(few):
            exact = best.of_rows(few)
            best_products(shoppers[torch.from_numpy(few)], items, offsets, exact)
            best.codes[few], best.values[few] = exact.codes, exact.values
        return len(few)

    def choose(self, shoppers: Tensor, items: Tensor, offsets: Tensor | None, k: int) -> float:
        """Read as few lists as give GOOD_ENOUGH of the exact lists of one half of these shoppers; returns the recall on the other.

        Args:
            shoppers: float32 [B, d], at least 2.
            items, offsets: what it was made of.
            k: length of the lists that are compared.

        Returns:
            Share of the exact lists that was found, 0 to 1.
        """
        k = min(k, len(self._codes))
        blocked = np.ones(self.n_items, dtype=bool)
        blocked[self._codes] = False
        exact = BestSoFar(len(shoppers), k, blocked, None)
        best_products(shoppers, items, offsets, exact)
        own, other = np.arange(len(shoppers)) % 2 == 0, np.arange(len(shoppers)) % 2 == 1

        def recall(rows: np.ndarray) -> float:
            found = BestSoFar(int(rows.sum()), k, blocked, None)
            self.show(shoppers[torch.from_numpy(rows)], items, offsets, found)
            pairs = zip(found.codes, exact.codes[rows], strict=True)
            return float(np.mean([len(np.intersect1d(a, b)) / max(len(b), 1) for a, b in pairs]))

        for self.probed in PROBED:
            if recall(own) >= GOOD_ENOUGH:
                break
        return recall(other)
