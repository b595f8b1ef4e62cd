"""Losses that ask of each item alone whether it was taken."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional


def binary_cross_entropy(logits: Tensor, taken: Tensor, weights: Tensor | None = None) -> Tensor:
    """Sum of -w (y log σ(s) + (1 - y) log(1 - σ(s))), all of one shape.

    Source: He et al., Neural Collaborative Filtering, WWW 2017, equation 7.
    """
    return functional.binary_cross_entropy_with_logits(logits.float(), taken.float(), weights, reduction="sum")
