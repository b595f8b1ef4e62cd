"""Cross-entropy over the whole catalogue (softmax), and over the target and sampled items with logQ correction."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional


def full_cross_entropy(states: Tensor, items: Tensor, targets: Tensor) -> Tensor:
    """Sum over rows of -log softmax(states · itemsᵀ)[target].

    Args:
        states: [T, d].
        items: [n_items, d].
        targets: int64 [T].

    Cost: T × n_items numbers at once; split T where that does not fit.
    Source: Klenitskiy, Vasilev, Turning Dross Into Gold Loss, RecSys 2023 (SASRec+).
    """
    return functional.cross_entropy((states @ items.T).float(), targets, reduction="sum")


def sampled_cross_entropy(
    states: Tensor, items: Tensor, targets: Tensor, negatives: Tensor, log_q: Tensor | None = None, weights: Tensor | None = None
) -> Tensor:
    """Sum over rows of -log softmax over {target} ∪ negatives of s - log Q; a negative that is the row's target does not count.

    Args:
        states: [T, d].
        items: [n_items, d].
        targets: int64 [T].
        negatives: int64 [N], shared by all rows.
        log_q: float32 [n_items], log of the chance that an item is drawn; None = uniform, where the correction cancels
            but for the target (left out, as Klenitskiy and Vasilev do).
        weights: float32 [T], how much each row counts; None = 1.

    Source: Bengio, Senécal, IEEE TNN 2008 (importance sampling); Yi et al., RecSys 2019 (logQ correction).
    """
    own = (states * items[targets]).sum(1).float()  # [T]
    others = (states @ items[negatives].T).float()  # [T, N]
    if log_q is not None:
        own, others = own - log_q[targets], others - log_q[negatives]
    others = others.masked_fill(negatives.unsqueeze(0) == targets.unsqueeze(1), -torch.inf)
    losses = torch.logsumexp(torch.cat([own.unsqueeze(1), others], 1), 1) - own  # [T]
    return losses.sum() if weights is None else (losses * weights).sum()
