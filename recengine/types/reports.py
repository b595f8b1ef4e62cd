"""Views of what is written about many lists at once."""

from __future__ import annotations

from dataclasses import dataclass

from recengine.types.base import said
from recengine.types.policies import PolicyUse


@dataclass(frozen=True)
class ExplainedReport:
    path: str = said("The file.")
    shoppers: int = said("Shoppers with a list.")
    places: int = said("Explained places, shoppers times items.")
    items: int = said("Different items on these lists.")
    sampled: bool = said("Whether contributions were sampled; their standard errors are in the file.")
    worst_gap: float = said("Largest distance of a sum of terms and its score, in parts of the score where that is above 1.")
    seconds: float = said("Time it took.")
    size_bytes: int = said("Size of the file.")
    sha256: str = said("Digest of the file.")
    recall: float = said("Share of the exact lists that the search finds, as measured; 1: they are exact.", default=1.0)
    use: PolicyUse | None = said("The policy that shaped the lists; none: by score alone.", default=None)
