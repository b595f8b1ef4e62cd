"""Losses that ask an item the shopper took to stand above one they did not."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional


def bpr_loss(taken: Tensor, left: Tensor) -> Tensor:
    """Sum of -log σ(taken - left), [T] and [T] or [T, N].

    Source: Rendle et al., BPR: Bayesian Personalized Ranking from Implicit Feedback, UAI 2009.
    """
    if left.dim() > taken.dim():
        taken = taken.unsqueeze(-1)
    return functional.softplus(left - taken).sum()
