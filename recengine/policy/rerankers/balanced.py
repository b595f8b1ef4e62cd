"""Category-balanced lists: every category gets its turn."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from recengine.policy.rerankers.base import Candidates, RerankedLists, Reranker, RerankerConfig
from recengine.policy.rerankers.greedy import TURN, Formula, choose_greedily


class BalancedConfig(RerankerConfig):
    """Settings of balanced lists."""

    by: Literal["category", "brand", "price"] = "category"
    """What takes turns: categories, brands or price bands."""
    a_turn: int = Field(default=1, ge=1, le=20)
    """Items of one group before the next turn begins."""


class Balanced(Reranker):
    """Round robin: nobody gets a second turn before everybody had one; inside a turn the best item comes first."""

    name: ClassVar[str] = "balanced"
    title: ClassVar[str] = "Taking turns"
    summary: ClassVar[str] = "Categories take turns; inside a turn the scores decide. Items without a category are a group each."
    source: ClassVar[str] = "relevance - M x floor(items of the group so far / items a turn), M above the range of the relevance"
    Config: ClassVar[type[RerankerConfig]] = BalancedConfig
    config: BalancedConfig

    def choose(self, candidates: Candidates, k: int) -> RerankedLists:
        """See the base class."""
        group = candidates.items.group(self.config.by)
        return choose_greedily(candidates, k, Formula(TURN, 0.0, self.config.a_turn, group=group))
