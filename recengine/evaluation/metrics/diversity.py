"""How different the items of one list are from one another."""

from __future__ import annotations

import numpy as np

from recengine.evaluation.metrics.base import Judged, ShopperMetric

CHUNK = 4_096  # lists gathered at once: 4,096 x 20 x 64 float64 is 42 MB


class IntraListDiversity(ShopperMetric):
    key = "diversity"
    title = "Diversity"
    help = "How different the items of one list are from one another: 0 = all alike, 1 = nothing in common."
    formula = "mean over all pairs of the list of 1 − cosine(item vectors); items without a vector are left out"
    higher_is_better = True
    needs_vectors = True

    def values(self, judged: Judged, k: int) -> np.ndarray:
        unit = judged.unit_vectors
        has = (unit != 0).any(axis=1)
        out = np.full(len(judged.lists), np.nan)
        for start in range(0, len(out), CHUNK):
            lists = judged.lists[start : start + CHUNK, :k]  # [b, k]
            vectors = unit[lists]  # [b, k, d]; -1 picks the last row, which is zero
            count = has[lists].sum(axis=1).astype(np.float64)
            # |Σ v|² = m + 2 Σ pairs, so the mean cosine needs no k x k table
            pairs = (vectors.sum(axis=1) ** 2).sum(axis=1) - count  # every vector there is has length 1
            ordered = count * (count - 1)
            out[start : start + CHUNK] = 1.0 - np.divide(pairs, ordered, out=np.full(len(lists), np.nan), where=ordered > 0)
        return out
