"""The strongest right singular vectors of a large sparse matrix, by randomised subspace iteration."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import scipy.sparse as sp
import torch
from torch import Tensor

from recengine.algebra.sparse_products import times_dense

SPARE_DIRECTIONS = 16
SMALL = 256  # directions that cost nothing: matrices up to this width are decomposed whole
SMALLEST_SHARE = 1e-3  # directions weaker than this part of the strongest are rounding noise in float32


def right_singular_vectors(
    matrix: sp.csr_matrix, rank: int, seed: int = 0, device: str = "cpu", step: Callable[[], None] = lambda: None, passes: int = 3
) -> tuple[Tensor, Tensor]:
    """Singular values (float32 [r], falling) and right singular vectors (float32 [n, r]) of a [m, n] matrix; r <= rank.

    Args:
        matrix: float32.
        rank: how many are wanted; fewer come back where the matrix has fewer.
        seed: of the random start.
        device: where the dense algebra runs; on the CPU the sparse products are compiled loops.
        step: called before every pass, may raise to stop.
        passes: each raises the accuracy; 3 leave the filter of a catalogue of 41,000 items unchanged to three digits.

    Cost: passes × 4 × non-zeros × rank + 3 × n × rank² multiply-adds.
    Source: Halko, Martinsson, Tropp, SIAM Review 2011, algorithm 4.4; orthonormal bases by Cholesky of the Gram matrix.
    """
    n = matrix.shape[1]
    width = min(max(rank + SPARE_DIRECTIONS, SMALL), n, matrix.shape[0])
    forward, backward = _product(matrix, device), _product(matrix.T.tocsr(), device)
    basis = torch.randn(n, width, generator=torch.Generator().manual_seed(seed)).to(device)
    for _ in range(passes):
        step()
        basis = _orthonormal(backward(forward(basis)))  # [n, w]
    step()
    basis = _orthonormal(basis)  # once more: one Cholesky leaves errors of the square of the condition
    image = forward(basis).double()  # [m, w]
    energy, turn = torch.linalg.eigh(image.T @ image)  # rising
    strength = energy.flip(0).clamp(min=0).sqrt()
    kept = min(rank, int((strength > SMALLEST_SHARE * strength[0]).sum()))
    vectors = basis @ turn.flip(1)[:, :kept].float()
    return strength[:kept].float().cpu(), vectors.cpu().contiguous()


def _orthonormal(columns: Tensor) -> Tensor:
    """A basis of the columns of float32 [n, w]: X (chol XᵀX)⁻ᵀ in a float64 factor; five times faster than QR."""
    gram = (columns.T @ columns).double()
    scale = gram.diagonal().sqrt().clamp(min=1e-30)  # columns of one length: the factor then works on correlations
    gram = gram / scale / scale.unsqueeze(1)
    gram.diagonal().add_(1e-6)
    factor = torch.linalg.cholesky(gram)
    return torch.linalg.solve_triangular(factor.float(), (columns / scale.float()).T, upper=False).T.contiguous()


def _product(matrix: sp.csr_matrix, device: str) -> Callable[[Tensor], Tensor]:
    if device == "cpu":
        return lambda dense: torch.from_numpy(times_dense(matrix, dense.numpy()))
    indptr, indices = torch.from_numpy(matrix.indptr.astype(np.int64)), torch.from_numpy(matrix.indices.astype(np.int64))
    sparse = torch.sparse_csr_tensor(indptr, indices, torch.from_numpy(matrix.data), matrix.shape).to(device)
    return lambda dense: sparse @ dense
