"""Calibrated lists: categories in the proportions of the shopper's own history."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from recengine.policy.rerankers.base import Candidates, RerankedLists, Reranker, RerankerConfig
from recengine.policy.rerankers.greedy import SHARE, Formula, choose_greedily


class CalibratedConfig(RerankerConfig):
    """Settings of calibrated lists."""

    strength: float = Field(default=0.5, ge=0, le=1)
    """Weight of the shopper's own mix against relevance: 0 keeps the order of the scores, 1 looks at the mix alone."""
    by: Literal["category", "brand", "price"] = "category"
    """What the mix is made of: categories, brands or price bands."""
    smoothing: float = Field(default=0.01, ge=0.001, le=0.5)
    """How much of the shopper's own mix is added to the list's, so that a missing category costs much and not endlessly much."""


class Calibrated(Reranker):
    """(1 - s) x relevance + s x fall of the divergence between the shopper's own shares and the list's.

    The divergence is KL(p || (1 - a) q + a p), p the shares of the shopper's past events, q those of the list, a the smoothing.
    Shoppers without a history keep the order of the scores.
    """

    name: ClassVar[str] = "calibrated"
    title: ClassVar[str] = "Like the shopper's own mix"
    summary: ClassVar[str] = "A shopper who buys one third tea gets about one third tea."
    source: ClassVar[str] = "Steck, RecSys 2018"
    Config: ClassVar[type[RerankerConfig]] = CalibratedConfig
    strength: ClassVar[str] = "strength"
    config: CalibratedConfig

    def choose(self, candidates: Candidates, k: int) -> RerankedLists:
        """See the base class."""
        group = candidates.items.group(self.config.by)
        formula = Formula(SHARE, self.config.strength, self.config.smoothing, group=group, taste=candidates.taste(self.config.by))
        return choose_greedily(candidates, k, formula)
