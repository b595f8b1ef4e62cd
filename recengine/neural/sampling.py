"""Items that a shopper did not take, drawn to be told apart from those they did."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
import torch
from torch import Tensor


class Draw(StrEnum):
    """How the items to be told apart are drawn."""

    UNIFORM = "uniform"  # every item that somebody took alike
    POPULAR = "popular"  # by popularity to the power 0.75: harder to tell apart


POWER = 0.75


class NegativeSampler:
    """Draws items with replacement, among those that occur in training.

    Args:
        counts: [n_items] events of each item; items without any are never drawn.
        draw: uniform, or count^0.75 (Mikolov et al., Distributed Representations of Words and Phrases, NIPS 2013).

    Cost: a binary search a draw, about 10 million a second.
    """

    def __init__(self, counts: np.ndarray, draw: Draw) -> None:
        chance = np.where(counts > 0, counts.astype(np.float64) ** (POWER if draw is Draw.POPULAR else 0.0), 0.0)
        if chance.sum() == 0:
            raise ValueError("no item occurs")
        self.chance = torch.from_numpy(chance / chance.sum())  # float64 [n_items]
        self._items = torch.from_numpy(np.flatnonzero(chance))
        self._upto = torch.cumsum(self.chance[self._items], 0)
        self._upto[-1] = 1.0

    def draw(self, shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
        """int64 of `shape`, item codes."""
        luck = torch.rand(shape, generator=generator, dtype=torch.float64)  # in [0, 1)
        return self._items[torch.searchsorted(self._upto, luck, right=True)]
