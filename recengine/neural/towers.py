"""Two towers: one makes a vector of an item's text, the other one of a history; their dot product is the score."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from recengine.neural.adapters import learned_state, load_learned_state


class Towers(nn.Module):
    """Both towers begin as one projection of the text vectors, so that the first score is the likeness of texts.

    Args:
        dim: numbers of a text vector.
        factors: numbers of a tower's vector; with `dim` of them the projection begins as no change at all.
        hidden: width of the layer that reads the history; 0 leaves it out.
        profiles: text vectors a history is described by (long, short).
        encoder: language model that learns, or None where text vectors are given.
        center, turn: float32 [dim] and [dim, dim], the whitening of what the encoder says.

    State: what learns. The language model as it was loaded is no part of it.
    """

    center: Tensor
    turn: Tensor

    def __init__(
        self,
        dim: int,
        factors: int,
        hidden: int,
        profiles: int = 2,
        temperature: float = 0.1,
        encoder: nn.Module | None = None,
        center: Tensor | None = None,
        turn: Tensor | None = None,
    ) -> None:
        super().__init__()
        start = torch.eye(dim) if factors == dim else nn.init.orthogonal_(torch.empty(factors, dim)) * (dim / factors) ** 0.5
        self.item = nn.Linear(dim, factors, bias=False)
        self.history = nn.Linear(profiles * dim, factors, bias=False)
        with torch.no_grad():
            self.item.weight.copy_(start)
            self.history.weight.copy_(torch.cat([start, *[torch.zeros(factors, dim)] * (profiles - 1)], 1))
        self.reader = None
        if hidden:
            last = nn.Linear(hidden, factors)
            nn.init.zeros_(last.weight)
            nn.init.zeros_(last.bias)
            self.reader = nn.Sequential(nn.Linear(profiles * dim, hidden), nn.GELU(), last)
        self.sharpness = nn.Parameter(torch.tensor(1.0 / temperature).log())
        self.encoder = encoder
        self.register_buffer("center", torch.zeros(dim) if center is None else center, persistent=False)
        self.register_buffer("turn", torch.eye(dim) if turn is None else turn, persistent=False)

    def items(self, texts: Tensor) -> Tensor:
        """[n, factors] of length 1 from text vectors [n, dim]."""
        return functional.normalize(self.item(texts).float(), dim=1)

    def shoppers(self, profiles: Tensor) -> Tensor:
        """[b, factors] of length 1 from the profiles of histories [b, profiles × dim]."""
        states = self.history(profiles)
        if self.reader is not None:
            states = states + self.reader(profiles)
        return functional.normalize(states.float(), dim=1)

    def whitened(self, vectors: Tensor) -> Tensor:
        """[n, dim] of length 1 from what the encoder says."""
        return functional.normalize((vectors.float() - self.center) @ self.turn, dim=1)

    def state_dict(self, *arguments: Any, **named: Any) -> dict[str, Any]:
        """See above."""
        own = super().state_dict(*arguments, **named)
        kept = {name: value for name, value in own.items() if not name.startswith("encoder.")}
        if self.encoder is not None:
            kept.update({f"encoder.{name}": value for name, value in learned_state(self.encoder).items()})
        return kept

    def load_state_dict(self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False) -> Any:
        """See above."""
        own = {name: value for name, value in state_dict.items() if not name.startswith("encoder.")}
        if self.encoder is not None:
            load_learned_state(self.encoder, {name[8:]: value for name, value in state_dict.items() if name.startswith("encoder.")})
            own.update({name: value for name, value in super().state_dict().items() if name.startswith("encoder.")})
        return super().load_state_dict(own, strict=strict, assign=assign)
