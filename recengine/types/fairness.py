"""Views of fairness: figures of groups of shoppers, exposure of suppliers, and what a minimum exposure costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from recengine.types.base import Estimate, said
from recengine.types.policies import PolicyUse


@dataclass(frozen=True)
class ShopperGroup:
    name: str = said("Name of the group.")
    shoppers: int = said("Held-out shoppers in it.")
    metrics: dict[str, Estimate] = said("Figures of its shoppers; empty estimates where nobody can be judged.")
    coverage: Estimate = said("Share of the catalogue in the lists of equally many shoppers of each group.")


@dataclass(frozen=True)
class ParityGap:
    metric: str = said("The figure.")
    best: str = said("Group with the highest mean.")
    worst: str = said("Group with the lowest mean.")
    gap: Estimate = said("Highest mean minus lowest; the interval holds for all pairs of groups at once.")
    ratio: float | None = said("Lowest mean over highest; empty where the highest is not above 0.")
    differs: bool = said("The interval lies above 0: the groups are not treated alike.")


@dataclass(frozen=True)
class GroupFairness:
    variant: str = said("Id of the variant.")
    k: int = said("Length of the lists.")
    by: str = said("activity (cold, warm, hot) or segment (the shopper column of the file).")
    groups: tuple[ShopperGroup, ...] = said("The groups, in their own order.")
    gaps: tuple[ParityGap, ...] = said("Largest gap of each figure; those that differ first.")
    coverage_of: int = said("Shoppers of each group behind the coverage; 0 where no group is large enough.")
    use: PolicyUse | None = said("The policy that shaped the lists; none: by score alone.")
    sentence: str = said("The finding in words.")


@dataclass(frozen=True)
class Supplier:
    name: str = said("Brand, category or price band.")
    items: int = said("Its items that are sold.")
    catalogue: float = said("Its share of the items that are sold.")
    exposure: Estimate = said("Its share of the attention that all lists give; a place counts 1 / log2(1 + place).")
    relevance: Estimate = said("Its share of what the same shoppers chose later; every shopper counts alike.")
    difference: Estimate = said("Exposure minus relevance; intervals hold for all suppliers at once.")
    verdict: str = said("more, less or alike: shown against chosen; few where too few shoppers chose it, or should have, to say.")


@dataclass(frozen=True)
class SupplierFairness:
    variant: str = said("Id of the variant.")
    k: int = said("Length of the lists.")
    by: str = said("brand, category or price.")
    suppliers: tuple[Supplier, ...] = said("Suppliers by the larger of shown and chosen; the smallest together as the last one.")
    shoppers: int = said("Held-out shoppers behind it.")
    use: PolicyUse | None = said("The policy that shaped the lists; none: by score alone.")
    sentence: str = said("The finding in words.")


@dataclass(frozen=True)
class MinimumExposure:
    variant: str = said("Id of the variant.")
    by: str = said("brand or category.")
    group: str = said("Whose exposure is held up.")
    wanted: float = said("Share of the attention that it shall have.")
    before: float = said("Its share under the policy as it is.")
    after: float = said("Its share with the constraint.")
    reached: bool = said("Whether it has what was wanted.")
    how: str = said("nothing, boost or floor.")
    amount: float = said("Strength of the boost in per cent, or share of the places of every list.")
    price: dict[str, Estimate] = said("What each figure changes by, with 95 % intervals over the same shoppers.")
    spec: dict[str, Any] = said("The policy with the constraint.")
    sentence: str = said("The finding in words.")
