"""Losses that ask an item the shopper took to stand above one they did not."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional


def bpr_loss(taken: Tensor, left: Tensor, weights: Tensor | None = None) -> Tensor:
    """Sum of -w log σ(taken - left), [T] and [T] or [T, N], w [T] or 1; a `left` of -inf does not count.

    Source: Rendle et al., BPR: Bayesian Personalized Ranking from Implicit Feedback, UAI 2009.
    """
    if left.dim() > taken.dim():
        taken = taken.unsqueeze(-1)
    each = functional.softplus(left - taken)
    if weights is None:
        return each.sum()
    return (each * (weights.unsqueeze(-1) if each.dim() > 1 else weights)).sum()
