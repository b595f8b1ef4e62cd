"""xQuAD: every interest of the shopper is met once before any is met twice."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from recengine.policy.rerankers.base import Candidates, RerankedLists, Reranker, RerankerConfig
from recengine.policy.rerankers.greedy import ASPECT, Formula, choose_greedily


class XquadConfig(RerankerConfig):
    """Settings of xQuAD."""

    strength: float = Field(default=0.5, ge=0, le=1)
    """Weight of unmet interests against relevance: 0 keeps the order of the scores, 1 looks at interests alone."""
    by: Literal["category", "brand", "price"] = "category"
    """What an interest is: a category, a brand or a price band of the shopper's history."""
    satisfied: float = Field(default=0.5, ge=0.05, le=1)
    """Share of an interest that one item of it satisfies; 1 = a second item of it brings nothing."""


class Xquad(Reranker):
    """(1 - s) x relevance + s x p x (1 - c)^n.

    p is the interest's share of the shopper's history, n its items in the list so far, c the satisfaction. Shoppers without a history
    keep the order of the scores.
    """

    name: ClassVar[str] = "xquad"
    title: ClassVar[str] = "Every interest in turn"
    summary: ClassVar[str] = "What the shopper cares for comes first, and counts less each time it has been served."
    source: ClassVar[str] = "Santos, Macdonald and Ounis, WWW 2010, with one chance of satisfaction for all items"
    Config: ClassVar[type[RerankerConfig]] = XquadConfig
    strength: ClassVar[str] = "strength"
    config: XquadConfig

    def choose(self, candidates: Candidates, k: int) -> RerankedLists:
        """See the base class."""
        group = candidates.items.group(self.config.by)
        formula = Formula(ASPECT, self.config.strength, self.config.satisfied, group=group, taste=candidates.taste(self.config.by))
        return choose_greedily(candidates, k, formula)
