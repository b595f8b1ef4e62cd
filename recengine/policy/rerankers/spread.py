"""Sliding-window spread: no two alike items within a few places of each other."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from recengine.policy.rerankers.base import Candidates, RerankedLists, Reranker, RerankerConfig
from recengine.policy.rerankers.greedy import NEAR, Formula, choose_greedily
from recengine.policy.rerankers.likeness import Likeness, LikenessConfig


class SpreadConfig(LikenessConfig):
    """Settings of the spread."""

    text: float = Field(default=0.0, ge=0, le=1)
    """How much alike texts count (the cosine of the item vectors)."""
    category: float = Field(default=1.0, ge=0, le=1)
    """How much the same category counts."""
    window: int = Field(default=3, ge=1, le=50)
    """Places in a row that hold no two alike items; 1 changes nothing."""
    alike_from: float = Field(default=0.5, gt=0, le=1)
    """From which likeness on two items are alike, 0 to 1."""


class Spread(Reranker):
    """The best item that is alike to none of its neighbours; where every candidate is alike to one, the one with the fewest."""

    name: ClassVar[str] = "spread"
    title: ClassVar[str] = "Alike items apart"
    summary: ClassVar[str] = "No two alike items stand within a few places of each other; the rest follows the scores."
    source: ClassVar[str] = "relevance - M x (alike items fewer than w places away), M above the range of the relevance"
    Config: ClassVar[type[RerankerConfig]] = SpreadConfig
    config: SpreadConfig

    def choose(self, candidates: Candidates, k: int) -> RerankedLists:
        """See the base class."""
        likeness = Likeness.of(candidates.items, self.config)
        return choose_greedily(candidates, k, Formula(NEAR, 0.0, self.config.window, self.config.alike_from, likeness))
