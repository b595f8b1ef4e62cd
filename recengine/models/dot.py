"""Models whose score is a dot product: a vector made of the history, against a vector of each item."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np
import torch
from torch import Tensor

from recengine.data.histories import Histories
from recengine.models.base import Recommender, gather_candidates


class DotProduct(Recommender):
    """score(j) = shopper vector · item vector j + offset j. Lists of such models are found without keeping all scores."""

    @abstractmethod
    def shopper_vectors(self, histories: Histories) -> tuple[Tensor, Tensor]:
        """float32 [B, d] on the device of the items, and bool [B]: False where the history says nothing (scores are NaN)."""

    @abstractmethod
    def item_vectors(self) -> tuple[Tensor, Tensor | None, Tensor]:
        """float32 [n_items, d], float32 [n_items] offsets or None, bool [n_items] on the CPU: False = cannot be scored (NaN)."""

    def score(self, histories: Histories, candidates: np.ndarray | None = None) -> Tensor:
        """See the base. Cost: one matrix product."""
        with torch.no_grad():
            shoppers, informed = self.shopper_vectors(histories)
            items, offsets, scored = self.item_vectors()
            scores = shoppers @ items.T  # [B, n_items]
            if offsets is not None:
                scores = scores + offsets
            scores = scores.float().cpu()
            scores[:, ~scored] = torch.nan
            scores[~informed.cpu()] = torch.nan
        return gather_candidates(scores, candidates)
