"""How alike two items are: their texts, their category, brand and price band, or a mix of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from pydantic import Field, model_validator

from recengine.policy.rerankers.base import RerankerConfig, ShopItems


class LikenessConfig(RerankerConfig):
    """What makes two items alike. The four parts count in proportion; an item without a category, brand or price is like no other in it."""

    text: float = Field(default=1.0, ge=0, le=1)
    """How much alike texts count (the cosine of the item vectors)."""
    category: float = Field(default=0.0, ge=0, le=1)
    """How much the same category counts."""
    brand: float = Field(default=0.0, ge=0, le=1)
    """How much the same brand counts."""
    price: float = Field(default=0.0, ge=0, le=1)
    """How much the same price band counts; bands are fifths of the shop's prices."""

    @model_validator(mode="after")
    def _something_counts(self) -> LikenessConfig:
        if self.text + self.category + self.brand + self.price <= 0:
            raise ValueError("at least one part of the likeness must count")
        return self


@dataclass(frozen=True, eq=False)
class Likeness:
    """The mix as arrays: likeness(a, b) = mix[0] x vectors[a]·vectors[b] + sum over g of mix[g + 1] x [same group g]; 1 for a = b."""

    vectors: np.ndarray  # float32 [n_items, d]
    groups: np.ndarray  # int32 [n_items, G], -1 = unknown
    mix: np.ndarray  # float32 [1 + G], >= 0, 1 in sum

    @staticmethod
    def of(items: ShopItems, config: LikenessConfig) -> Likeness:
        """The arrays of one setting; parts that do not count are left out."""
        total = config.text + config.category + config.brand + config.price
        parts = [(items.group(name), getattr(config, name)) for name in ("category", "brand", "price") if getattr(config, name) > 0]
        groups = np.stack([group for group, _ in parts], axis=1) if parts else np.zeros((len(items), 0), np.int32)
        mix = np.array([config.text, *(weight for _, weight in parts)], dtype=np.float64) / total
        vectors = items.vectors if config.text > 0 else np.zeros((len(items), 0), np.float32)
        return Likeness(
            np.ascontiguousarray(vectors, dtype=np.float32), np.ascontiguousarray(groups, dtype=np.int32), mix.astype(np.float32)
        )

    def matrix(self, item_codes: np.ndarray) -> np.ndarray:
        """float64 [n, n]: likeness of every pair of some items (int [n]); for figures and checks, not for the inner loop."""
        vectors = self.vectors[item_codes].astype(np.float64)
        out = self.mix[0] * (vectors @ vectors.T)
        for g, weight in enumerate(self.mix[1:]):
            group = self.groups[item_codes, g]
            out = out + weight * ((group[:, None] == group[None, :]) & (group >= 0)[:, None])
        np.fill_diagonal(out, 1.0)
        return out
