"""No reranking: the order of the relevance, with pins and limits."""

from __future__ import annotations

from typing import ClassVar

from recengine.policy.rerankers.base import Candidates, RerankedLists, Reranker, RerankerConfig
from recengine.policy.rerankers.greedy import NONE, Formula, choose_greedily


class ByScoreConfig(RerankerConfig):
    """No settings."""


class ByScore(Reranker):
    """The largest relevance takes the next place."""

    name: ClassVar[str] = "by-score"
    title: ClassVar[str] = "By score alone"
    summary: ClassVar[str] = "The order of the scores, with the controls and rules; nothing is done for variety."
    source: ClassVar[str] = "relevance"
    Config: ClassVar[type[RerankerConfig]] = ByScoreConfig
    config: ByScoreConfig

    def choose(self, candidates: Candidates, k: int) -> RerankedLists:
        """See the base class."""
        return choose_greedily(candidates, k, Formula(NONE))
