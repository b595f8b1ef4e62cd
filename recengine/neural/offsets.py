"""What is added to the score of each item, whoever asks: demand that is known from counting, and what is learned beyond it."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn


class Offsets(nn.Module):
    """What is added to the score of each item: its share of the examples, and what is learned beyond that.

    For scoring the share of the examples gives way to the share of what is wanted at the end of the log.
    """

    examples: Tensor  # float32 [n_items]
    demand: Tensor  # float32 [n_items]

    def __init__(self, n_items: int) -> None:
        super().__init__()
        self.beyond = nn.Embedding(n_items, 1)
        nn.init.zeros_(self.beyond.weight)
        self.register_buffer("examples", torch.zeros(n_items))
        self.register_buffer("demand", torch.zeros(n_items))

    def begin(self, examples: np.ndarray, demand: np.ndarray) -> None:
        """Take in `log_shares`, float32 [n_items], of the examples and of the end of the log."""
        self.examples.copy_(torch.from_numpy(examples))
        self.demand.copy_(torch.from_numpy(demand))

    def forward(self, items: Tensor) -> Tensor:
        """Of int64 items while learning; the same shape."""
        return self.beyond(items).squeeze(-1) + self.examples[items]

    def of_all(self) -> Tensor:
        """[n_items] while learning."""
        return self.beyond.weight.squeeze(1) + self.examples

    def now(self) -> Tensor:
        """[n_items] for scoring."""
        return self.beyond.weight.detach().squeeze(1) + self.demand
