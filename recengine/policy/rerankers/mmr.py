"""Maximal marginal relevance: trade an item's relevance against its likeness to what the list already holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from pydantic import Field

from recengine.policy.rerankers.base import Candidates, RerankedLists, Reranker, RerankerConfig, ShopItems
from recengine.policy.rerankers.base import unit_rows as unit_rows
from recengine.policy.rerankers.greedy import MMR, Formula, choose_greedily
from recengine.policy.rerankers.likeness import Likeness, LikenessConfig


class MmrConfig(LikenessConfig):
    """Settings of MMR."""

    diversity: float = Field(default=0.3, ge=0, le=1)
    """Weight of variety against relevance: 0 keeps the order of the scores, 1 looks at likeness alone."""


class Mmr(Reranker):
    """(1 - d) x relevance - d x likeness to the nearest item of the list, not below 0; the largest sum takes the next place."""

    name: ClassVar[str] = "mmr"
    title: ClassVar[str] = "No near-copies"
    summary: ClassVar[str] = "Each next item is held against the most similar one that the list already has."
    source: ClassVar[str] = "Carbonell and Goldstein, SIGIR 1998; lazy evaluation after Minoux, 1978"
    Config: ClassVar[type[RerankerConfig]] = MmrConfig
    strength: ClassVar[str] = "diversity"
    config: MmrConfig

    def choose(self, candidates: Candidates, k: int) -> RerankedLists:
        """See the base class. Cost: about 50,000 rows of 200 candidates to 20 a second on two cores."""
        likeness = Likeness.of(candidates.items, self.config)
        return choose_greedily(candidates, k, Formula(MMR, self.config.diversity, likeness=likeness))


@dataclass(frozen=True, eq=False)
class MmrLists:
    """Chosen items, best first, with the sum that chose each one; -1 and NaN beyond the end of a short list."""

    order: np.ndarray  # int32 [B, k], column of `item_codes` that was chosen
    item_codes: np.ndarray  # int32 [B, k]
    relevance: np.ndarray  # float64 [B, k], (1 - diversity) x normalised relevance, >= 0
    diversity: np.ndarray  # float64 [B, k], -diversity x similarity, <= 0; relevance + diversity was the largest at that place
    similarity: np.ndarray  # float64 [B, k], cosine to the nearest item chosen before, 0 for the first and for unlike items
    nearest: np.ndarray  # int32 [B, k], code of that item, -1 where the similarity is 0


def mmr(item_codes: np.ndarray, scores: np.ndarray, vectors: np.ndarray, k: int, diversity: float) -> MmrLists:
    """MMR on bare arrays: by the scores of each row and the cosine of item vectors alone.

    Args:
        item_codes: int [B, C], distinct in a row, -1 = no candidate.
        scores: float [B, C]; NaN = no candidate.
        vectors: float [n_items, d], rows of length 1 or 0 (an item of which nothing is known is like no other).
        k: length of the lists.
        diversity: 0 … 1.

    Returns:
        The lists with their trail; rows with fewer than k candidates are padded.
    """
    if not 0.0 <= diversity <= 1.0:
        raise ValueError("diversity must lie between 0 and 1")
    unknown = np.full(len(vectors), -1, dtype=np.int32)
    items = ShopItems(np.ascontiguousarray(vectors, dtype=np.float32), unknown, unknown, unknown)
    found = Mmr(MmrConfig(diversity=diversity)).choose(Candidates(np.asarray(item_codes), np.asarray(scores), items), k)
    return MmrLists(found.order, found.item_codes, found.relevance, found.policy, found.amount, found.other)
