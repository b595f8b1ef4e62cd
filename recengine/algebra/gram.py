"""XᵀX of a sparse shopper-by-item matrix, by whichever product is cheaper."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
import torch
from torch import Tensor

from recengine.algebra.sparse_products import spread

SPARSE_MACS_PER_S = 1e9  # the compiled sparse product, two cores
DENSE_MACS_PER_S = 4e10  # float32 matrix product, two cores
ROWS = 2048  # shoppers made dense at once


def gram(rows: sp.csr_matrix, device: str = "cpu") -> Tensor:
    """float32 [n, n] on `device`: XᵀX of float32 X [m, n]; exact where X holds small whole numbers.

    Cost: the smaller of Σ row length² sparse and m × n² dense multiply-adds.
    """
    m, n = rows.shape
    lengths = np.diff(rows.indptr).astype(np.float64)
    sparse_s, dense_s = float((lengths**2).sum()) / SPARSE_MACS_PER_S, m * float(n) ** 2 / DENSE_MACS_PER_S
    if device == "cpu" and sparse_s <= dense_s:
        columns = rows.T.tocsr()
        return torch.from_numpy(spread(columns.indptr, columns.indices, columns.data, rows))
    total = torch.zeros(n, n, device=device)
    for start in range(0, m, ROWS):
        block = torch.from_numpy(rows[start : start + ROWS].toarray()).to(device)  # [r, n]
        total.addmm_(block.T, block)
    return total
