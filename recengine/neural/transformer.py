"""A causal transformer over packed sequences, with the choices that recent recommenders differ in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import torch
from torch import Tensor, nn
from torch.nn import functional

from recengine.neural.dropout import ByteDropout
from recengine.neural.packing import Packing


class Residual(StrEnum):
    """How a layer is added to what it reads."""

    PLAIN = "plain"  # x + f(norm(x))
    GATED = "gated"  # x + f(norm(x)) × σ(W x + b)


class Positions(StrEnum):
    """How the network knows the order."""

    LEARNED = "learned"  # a vector for each place, added to the item
    ROTARY = "rotary"  # queries and keys are turned by their place, so that attention sees distances


@dataclass(frozen=True)
class Shape:
    """Sizes and choices of the network."""

    width: int
    layers: int
    heads: int
    max_length: int  # tokens of the longest sequence
    dropout: float
    residual: Residual
    positions: Positions
    hidden: int  # width inside the feed-forward part


class Transformer(nn.Module):
    """Vectors of tokens in, states of tokens out: a state knows its own token and those before it in its sequence.

    Source: Kang, McAuley, Self-Attentive Sequential Recommendation, ICDM 2018; normalised before each part (Xiong et al., ICML 2020);
    gates after Borisyuk et al., LiGR, arXiv 2502.03417; rotary places after Su et al., RoFormer, arXiv 2104.09864.
    """

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.layers = nn.ModuleList(Layer(shape) for _ in range(shape.layers))
        self.norm = nn.LayerNorm(shape.width)
        self.dropout = ByteDropout(shape.dropout)
        if shape.positions is Positions.LEARNED:
            self.places = nn.Embedding(shape.max_length, shape.width)
            nn.init.normal_(self.places.weight, std=0.02)
        else:
            half = shape.width // shape.heads // 2
            turns = torch.arange(shape.max_length).unsqueeze(1) * 10_000.0 ** (-torch.arange(half) / half)  # [max_length, half]
            self.register_buffer("turns", torch.stack([turns.cos(), turns.sin()]), persistent=False)  # [2, max_length, half]

    def forward(self, tokens: Tensor, packing: Packing) -> Tensor:
        """[n_places, width] → [n_places, width]."""
        turns = None
        if self.shape.positions is Positions.LEARNED:
            tokens = tokens + self.places(torch.from_numpy(packing.steps).to(tokens.device))
        else:
            turns = self.turns
        tokens = self.dropout(tokens)
        for layer in self.layers:
            tokens = layer(tokens, packing, turns)
        return self.norm(tokens)


class Layer(nn.Module):
    """Attention and feed-forward, each added to its input."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        width = shape.width
        self.attention = Attention(width, shape.heads)
        self.first_norm, self.second_norm = nn.LayerNorm(width), nn.LayerNorm(width)
        self.widen, self.narrow = nn.Linear(width, shape.hidden), nn.Linear(shape.hidden, width)
        self.dropout = ByteDropout(shape.dropout)
        self.gates = nn.ModuleList(nn.Linear(width, width) for _ in range(2)) if shape.residual is Residual.GATED else None

    def forward(self, tokens: Tensor, packing: Packing, turns: Tensor | None) -> Tensor:
        """[n_places, width] → [n_places, width]."""
        tokens = self._add(tokens, self.attention(self.first_norm(tokens), packing, turns), 0)
        widened = self.dropout(functional.relu(self.widen(self.second_norm(tokens))))
        return self._add(tokens, self.narrow(widened), 1)

    def _add(self, tokens: Tensor, change: Tensor, part: int) -> Tensor:
        if self.gates is not None:
            change = change * torch.sigmoid(self.gates[part](tokens))
        return self.dropout.added(tokens, change)


class Attention(nn.Module):
    """Causal attention inside each sequence, rectangle by rectangle."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.project, self.merge = nn.Linear(width, 3 * width), nn.Linear(width, width)

    def forward(self, tokens: Tensor, packing: Packing, turns: Tensor | None) -> Tensor:
        """[n_places, width] → [n_places, width]."""
        made = []
        parts = self.project(tokens).split([n * length for n, length in packing.rectangles])
        for part, (n, length) in zip(parts, packing.rectangles, strict=True):
            query, key, value = part.view(n, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4)  # each [n, heads, length, width / heads]
            if turns is not None:
                query, key = turned(query, turns[:, :length]), turned(key, turns[:, :length])
            mixed = functional.scaled_dot_product_attention(query, key, value, is_causal=True)
            made.append(mixed.transpose(1, 2).reshape(n * length, -1))
        return self.merge(torch.cat(made))


def turned(vectors: Tensor, turns: Tensor) -> Tensor:
    """Rotate pairs of coordinates of [..., length, d] by the angles whose cosines and sines are [2, length, d / 2]."""
    first, second = vectors.chunk(2, -1)
    cos, sin = turns.to(vectors.dtype)
    return torch.cat([first * cos - second * sin, first * sin + second * cos], -1)
