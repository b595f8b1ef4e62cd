"""What a shopper did not like, for models that learn from interest alone: it moves the answer away when the question is asked.

Source: the negative part of relevance feedback, Rocchio 1971: question - γ × Σ strength × what was not liked.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from recengine.data.histories import Histories

GAMMA = 1.0  # a dislike as strong as a purchase moves the question by its own length


def disliked(histories: Histories, seen: Tensor) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows int64 [e], items int64 [e] and strengths float32 [e] above 0 of what still stands as not liked.

    Args:
        histories: B rows.
        seen: bool [n_items], items the model knows; others are left out.
    """
    weights = histories.weights
    below = np.flatnonzero((weights < 0) & (histories.item_codes >= 0) & (histories.item_codes < len(seen)))
    below = below[seen.numpy()[histories.item_codes[below]]]
    return histories.row_of_event[below], histories.item_codes[below].astype(np.int64), -weights[below].astype(np.float32)


def turned_away(shoppers: Tensor, histories: Histories, items: Tensor, seen: Tensor) -> Tensor:
    """float32 [B, d]: shopper vectors less their length × Σ strength × direction of each disliked item.

    The score of a disliked item falls by strength × |shopper| × |item|; others fall as far as they point the same way.

    Args:
        shoppers: float32 [B, d].
        histories: B rows.
        items: float32 [n_items, d] on the device of the shoppers.
        seen: bool [n_items] on the CPU.
    """
    rows, codes, strengths = disliked(histories, seen)
    if len(rows) == 0:
        return shoppers
    row = torch.from_numpy(rows).to(shoppers.device)
    away = functional.normalize(items[torch.from_numpy(codes).to(items.device)], dim=1)  # [e, d]
    away = away * torch.from_numpy(strengths).to(away).unsqueeze(1) * shoppers.norm(dim=1)[row].unsqueeze(1)
    return shoppers.index_add(0, row, away, alpha=-GAMMA)


def lowered(scores: Tensor, histories: Histories, items: Tensor, seen: Tensor) -> Tensor:
    """float32 [B, n_items]: scores less the row's spread × Σ strength × cosine to each disliked item, where that is above 0.

    Args:
        scores: float32 [B, n_items] on the CPU.
        histories: B rows.
        items: float32 [n_items, d] on the CPU, nearer where items are more alike.
        seen: bool [n_items]; the spread is that of these items.
    """
    rows, codes, strengths = disliked(histories, seen)
    if len(rows) == 0:
        return scores
    some, place = np.unique(rows, return_inverse=True)
    direction = functional.normalize(items, dim=1)
    alike = (direction[torch.from_numpy(codes)] @ direction.T).clamp(min=0.0)  # [e, n_items]
    fall = torch.zeros(len(some), scores.shape[1]).index_add_(0, torch.from_numpy(place), alike * torch.from_numpy(strengths).unsqueeze(1))
    spread = scores[torch.from_numpy(some)][:, seen].std(dim=1, correction=0)  # [rows]
    return scores.index_add(0, torch.from_numpy(some), fall * spread.unsqueeze(1), alpha=-GAMMA)
