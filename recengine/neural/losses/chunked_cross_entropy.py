"""Cross-entropy over a large catalogue in chunks: the matrix of all logits never exists, and no logit is computed twice."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

CHUNK_NUMBERS = 1 << 19  # logits at once, 2 MB: they stay in the processor's cache between the passes
CHUNK_NUMBERS_GPU = 1 << 28
UNDERFLOW = 1e-30  # of smaller chances float32 loses digits: their loss is made from the logits again
FEWEST_ROWS = 64  # of a chunk: with fewer, matrix products are slow


def chunked_cross_entropy(states: Tensor, items: Tensor, targets: Tensor, weights: Tensor | None = None) -> Tensor:
    """Sum over rows of -weight × log softmax(states · itemsᵀ)[target].

    The gradient is computed together with the loss, chunk by chunk, while the logits are in the cache: three matrix products and a
    softmax in the cache in all. Equals `full_cross_entropy`.

    Args:
        states: [T, d].
        items: [n_items, d].
        targets: int64 [T].
        weights: float32 [T], None = 1.

    Source: the gradient of a softmax, (p - 1[target]) × weight; in chunks after Hsu et al., Liger Kernel, arXiv 2410.10989.
    """
    if weights is None:
        weights = torch.ones(len(targets), device=states.device)
    dtype = torch.get_autocast_dtype(states.device.type) if torch.is_autocast_enabled(states.device.type) else states.dtype
    return _Chunked.apply(states, items, targets, weights, dtype)  # type: ignore[return-value]


class _Chunked(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, states: Tensor, items: Tensor, targets: Tensor, weights: Tensor, dtype: torch.dtype) -> Tensor:
        on_cpu = states.device.type == "cpu"
        with torch.autocast(states.device.type, enabled=False):
            rows = max(FEWEST_ROWS, (CHUNK_NUMBERS if on_cpu else CHUNK_NUMBERS_GPU) // max(len(items), 1))
            cast, items_cast = states.to(dtype), items.to(dtype)
            total = torch.zeros((), dtype=torch.float64, device=states.device)
            of_states = torch.empty_like(states, dtype=torch.float32)
            of_items = torch.zeros_like(items, dtype=torch.float32)
            room = torch.empty(min(rows, len(states)), len(items), dtype=torch.float32, device=states.device) if on_cpu else None
            for start in range(0, len(states), rows):
                part = slice(start, start + rows)
                target, weight = targets[part].unsqueeze(1), weights[part].float().unsqueeze(1)
                if room is not None and dtype == torch.float32:
                    logits = torch.mm(cast[part], items_cast.T, out=room[: len(target)])  # [C, n_items]
                else:
                    logits = (cast[part] @ items_cast.T).float()
                chances = torch.softmax(logits, 1, out=logits)  # in place, row by row
                certainty = chances.gather(1, target)  # [C, 1]
                losses = -certainty.log()
                hopeless = (certainty < UNDERFLOW).squeeze(1)
                if bool(hopeless.any()):
                    again = cast[part][hopeless].float() @ items_cast.float().T
                    losses[hopeless] = torch.logsumexp(again, 1, keepdim=True) - again.gather(1, target[hopeless])
                total += (weight * losses).sum(dtype=torch.float64)
                slope = chances.scatter_(1, target, certainty - 1.0).to(dtype)  # [C, n_items]
                of_states[part] = (slope @ items_cast).float().mul_(weight)
                weighted = states[part].float() * weight
                if dtype == torch.float32:
                    of_items.addmm_(slope.T, weighted)
                else:
                    of_items.add_((slope.T @ weighted.to(dtype)).float())
        ctx.save_for_backward(of_states.to(states.dtype), of_items.to(items.dtype))
        return total.to(torch.float32)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        of_states, of_items = ctx.saved_tensors
        grad = grads[0]
        return of_states * grad, of_items * grad, None, None, None
