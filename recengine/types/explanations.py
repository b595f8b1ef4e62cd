"""Views of what stands behind a list: past items, what-ifs, why not, second opinions, and how true explanations are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from recengine.types.base import Estimate, said
from recengine.types.lists import Explanation, ListItem
from recengine.types.policies import PolicyUse


@dataclass(frozen=True)
class PastTerm:
    item: str = said("Id of the past item; empty for items outside the catalogue.")
    title: str = said("Its title.")
    did: str = said("What the shopper did, in words.")
    times: int = said("Events on it.")
    last: str = said("The newest of them, ISO, UTC.")
    places: tuple[int, ...] = said("Places of these events in the history, 0 = oldest.")
    contribution: float = said("What this past item adds to the score.")
    error: float = said("Standard error of that; 0 where it is exact, -1 where too little was asked to tell.")


@dataclass(frozen=True)
class HistoryTerms:
    item: str = said("Id of the item that is explained.")
    title: str = said("Its title.")
    score: float = said("Its score.")
    base: float = said("Its score for an empty history; base plus all contributions is the score.")
    terms: tuple[PastTerm, ...] = said("Past items, the largest contribution first.")


@dataclass(frozen=True)
class ListHistory:
    variant: str = said("Id of the variant.")
    shopper: str = said("Shopper id, empty for a live session.")
    items: tuple[HistoryTerms, ...] = said("One entry an item that has a score, in the order asked.")
    whole_list: tuple[PastTerm, ...] = said("Past items by what they add to the whole list: the mean over its items.")
    method: str = said("closed form, exact or sampled.")
    coalitions: int = said("Parts of the history that were scored.")
    worst_error: float = said("Largest standard error; 0 where exact, -1 where too little was asked to tell.")


@dataclass(frozen=True)
class MovedItem:
    item: str = said("Item id.")
    title: str = said("Item title.")
    old_rank: int = said("Place before; 0 when it is not in the first 500, or not among the 200 that a policy chooses from.")
    new_rank: int = said("Place after; 0 as before.")
    old_score: float | None = said("Score before; empty without one.")
    new_score: float | None = said("Score after; empty without one.")


@dataclass(frozen=True)
class WhatIf:
    variant: str = said("Id of the variant.")
    shopper: str = said("Shopper id, empty for a live session.")
    rows: tuple[MovedItem, ...] = said("The new list in its order, then what left the old one.")
    entered: int = said("Items that are new on the list.")
    left: int = said("Items that are no longer on it.")
    score_kind: str = said("probability or score.")
    explanation: Explanation | None = said("Why the chosen item has its new score; empty without one.", default=None)
    moved: int = said("Items that are on both lists, at another place.", default=0)
    use: PolicyUse | None = said("The policy that shaped both lists; none: by score alone.", default=None)


@dataclass(frozen=True)
class WhatIfChoices:
    behaviours: tuple[str, ...] = said("What a past event may become: what happens in this shop, and view, cart and purchase.")
    categories: tuple[str, ...] = said("Categories that an item may get; empty where the variant reads none.")
    prices: bool = said("Whether the variant reads prices one by one.")
    latest: str = said("Latest moment of a past event, ISO, UTC.")


@dataclass(frozen=True)
class ListTerm:
    kind: str = said("signal or event.")
    key: str = said("Name of the signal or id of the past item.")
    name: str = said("The signal or past item in words.")
    mean: float = said("What it adds to an item of the list, on average.")
    error: float = said("Standard error of that; 0 where it is exact, -1 where too little was asked to tell.")
    adds: tuple[float, ...] = said("What it adds to each item, in the order of the list.")


@dataclass(frozen=True)
class WholeList:
    variant: str = said("Id of the variant.")
    shopper: str = said("Shopper id, empty for a live session.")
    items: tuple[ListItem, ...] = said("The list that is explained.")
    score_kind: str = said("probability or score.")
    signals: tuple[ListTerm, ...] = said("Signals, the largest mean size first; empty for models that have nothing but the history.")
    signal_base: float = said("Where the sum of the signals starts: the mean of the log-odds of usual candidates, as a score.")
    past: tuple[ListTerm, ...] = said("Past items, the largest mean size first.")
    past_base: tuple[float, ...] = said("Score of each item for an empty history, where the sum of the past items starts.")
    method: str = said("How the past items were asked: closed form, exact or sampled.")
    coalitions: int = said("Parts of the history that were scored.")
    worst_error: float = said("Largest standard error of one past item for one item; 0 where exact, -1 where too little was asked to tell.")


@dataclass(frozen=True)
class SmallestSetView:
    item: str = said("Item id.")
    k: int = said("Length of the list.")
    rank: int = said("Place of the item before; 0 when it is not in the first 500.")
    rank_after: int = said("Place without the set; 0 when it is not in the first 500.")
    items: tuple[PastTerm, ...] = said("The fewest past items without which it leaves the list; empty where there is no such set.")
    proof: str = said("proved: no smaller set exists. greedy: one may. none: the item stays, or was not on the list.")
    checked_up_to: int = said("All sets of up to so many past items were tried.")
    lists: int = said("Lists made for the answer.")
    sentence: str = said("The answer in words.")


@dataclass(frozen=True)
class GeneratorRow:
    model: str = said("Title of the model.")
    rank: int = said("Place of the item in its order, 0 where it cannot score it.")
    quota: int = said("Items it puts forward.")


@dataclass(frozen=True)
class GapRow:
    key: str = said("Name of the signal, or id of the past item.")
    name: str = said("The signal or past item in words.")
    kind: str = said("signal or event.")
    here: str = said("Value for this item.")
    there: str = said("Value for the last item that made it.")
    difference: float = said("What it adds to this item's score minus what it adds to the other's.")


@dataclass(frozen=True)
class WayInRow:
    kind: str = said("remove, add or price.")
    text: str = said("The change in words.")
    edits: tuple[dict[str, object], ...] = said("The change as a what-if takes it.")
    rank: int = said("Place of the item after it, by really making the list.")
    score: float = said("Score after it.")
    brings_in: bool = said("Whether the item is on the list then.")


@dataclass(frozen=True)
class PolicyWayRow:
    parts: tuple[str, ...] = said("Parts of the policy that are taken out: rule:<id>, limit:<number>, control:<name> or reranker.")
    text: str = said("The change of the policy in words.")
    text_zh: str = said("The same in Chinese.")
    rank: int = said("Place of the item after it, by really making the list; 0 when the policy does not choose from it.")
    brings_in: bool = said("Whether the item is on the list then.")
    spec: dict[str, Any] = said("The whole policy after the change.")


@dataclass(frozen=True)
class WhyNotView:
    variant: str = said("Id of the variant.")
    shopper: str = said("Shopper id, empty for a live session.")
    item: str = said("Item id.")
    title: str = said("Item title.")
    stage: str = said("taken, not sold, unknown, not recalled, outranked, removed by rule, displaced or listed.")
    k: int = said("Length of the list.")
    rank: int = said("Place by score, 0 when it is not in the first 500.")
    score: float | None = said("Score; empty without one.")
    last_item: str = said("The last item that made it by score.")
    last_title: str = said("Its title.")
    last_score: float | None = said("Its score.")
    generators: tuple[GeneratorRow, ...] = said("Where each model of a funnel has the item, the nearest to its quota first.")
    gaps: tuple[GapRow, ...] = said("What tells it most from the last item that made it, against it.")
    ways: tuple[WayInRow, ...] = said("Changes that were tried and move it up, those that bring it in first.")
    sentence: str = said("The answer in words.")
    use: PolicyUse | None = said("The policy that shaped the list; none: by score alone.", default=None)
    removed: tuple[str, ...] = said("Rules and controls that keep it off the list, in words.", default=())
    policy_ways: tuple[PolicyWayRow, ...] = said("Changes of the policy that were tried, those that bring it in first.", default=())


@dataclass(frozen=True)
class OpinionView:
    kind: str = said("attention or lime.")
    rows: tuple[tuple[str, float], ...] = said("Title of each past item and its weight, the largest first.")
    kendall: float | None = said("Agreement in order with the Shapley values, -1 to 1.")
    spearman: float | None = said("The same as a correlation of ranks.")
    fit: float | None = said("LIME: share of the variance of the scores that its straight line explains.", default=None)


@dataclass(frozen=True)
class FaithfulnessView:
    variant: str = said("Id of the variant.")
    shoppers: int = said("Shoppers behind the curves.")
    shares: tuple[float, ...] = said("Share of the past items that are removed, or added.")
    deletion: dict[str, tuple[float, ...]] = said("Share of the score that is left: shapley, random, popularity.")
    insertion: dict[str, tuple[float, ...]] = said("Share of the score that is reached: shapley, random, popularity.")
    deletion_gain: dict[str, Estimate] = said("Area gained against random and popularity when removing; above 0 is better.")
    insertion_gain: dict[str, Estimate] = said("Area gained against random and popularity when adding; above 0 is better.")
    removal_agreement: float | None = said("Rank correlation of removing one past item with its Shapley value.")
    sampled_error: float | None = said("Size of the sampling error as a share of the values.")
    within_four: float | None = said("Share of sampled values within four standard errors.")
    changed: float | None = said("Share of cards whose first three terms change when an old event is dropped.")
    changed_others: float | None = said("The same, where it does not count that the dropped item itself was one of them.", default=None)
    changed_apart: float | None = said("Of these, without terms that were as good as equal in size.", default=None)
    enumerated: int = said("Shoppers behind the sampling error.", default=0)
    sampled: bool = said("Whether any of these histories was explained by sampling.", default=True)
    shaken: int = said("Cards behind the share that changes.", default=0)
    made: str = said("When it was measured, ISO, UTC; empty where it is not kept.", default="")
