"""Views of lists and explanations."""

from __future__ import annotations

from dataclasses import dataclass

from recengine.types.base import said
from recengine.types.policies import PolicyUse


@dataclass(frozen=True)
class Term:
    kind: str = said("signal, event, policy or base.")
    name: str = said("The signal, the past event or what the policy did, in words.")
    value: str = said("The signal's own value, readable.")
    contribution: float = said("What it adds to the shown score.")
    key: str = said("Name of the signal or id of the item.", default="")
    error: float = said("Standard error of the contribution; 0 where it is exact.", default=0.0)
    log_odds: float | None = said("What it adds to the log-odds; empty where the score is no probability.", default=None)


@dataclass(frozen=True)
class ListItem:
    rank: int = said("Place in the list, from 1.")
    item: str = said("Item id as in the file.")
    title: str = said("Title in sentence case where the file shouts; the id where there is none.")
    category: str = said("Category, or the kind read from the title.")
    brand: str = said("Brand, empty where unknown.")
    price: float | None = said("Median price.")
    score: float = said("The variant's score; for the funnel the chance of a purchase in the next window.")
    reason: str = said("Reason in at most six words.")
    rank_by_score: int = said("Place by score alone, before the policy; 0 where only a pin brought the item in.")
    shown: float | None = said("What gave it this place: the score plus what the policy did to it.", default=None)
    policy: tuple[Term, ...] = said("What the policy did: score + these terms = shown. Empty without a policy.", default=())


@dataclass(frozen=True)
class RankedList:
    variant: str = said("Id of the variant.")
    shopper: str = said("Shopper id, empty for a live session.")
    items: tuple[ListItem, ...] = said("The list, best first.")
    use: PolicyUse | None = said("The policy that shaped the list; none: by score alone.")
    score_kind: str = said("probability or score.")
    catalogue_size: int = said("Items the list was chosen from.")
    dropped: tuple[int, ...] = said("Places (0 = oldest) of the past events that were left out.", default=())
    edits: tuple[dict[str, object], ...] = said("Changes of the history or of items that the list was made with.", default=())
    recall: float = said("Share of the exact list that the search finds, as measured; 1: it is exact.", default=1.0)


@dataclass(frozen=True)
class EventTerm:
    place: int = said("Place in the history, 0 = oldest.")
    item: str = said("Item id.")
    title: str = said("Item title.")
    behaviour: str = said("What the shopper did.")
    time: str = said("When, ISO, UTC.")
    contribution: float = said("What this past event adds to the shown score.")
    error: float = said("Standard error of that; 0 where it is exact.", default=0.0)


@dataclass(frozen=True)
class Explanation:
    variant: str = said("Id of the variant.")
    shopper: str = said("Shopper id, empty for a live session.")
    item: str = said("Item id.")
    title: str = said("Item title.")
    score: float = said("The variant's score.")
    base: float = said("Where the sum starts: the score before anything about this shopper is known.")
    terms: tuple[Term, ...] = said("What moves the base to the score, largest first; base + terms = score.")
    events: tuple[EventTerm, ...] = said("Past events inside those terms, newest first.")
    not_from_events: float = said("Score minus base minus what the past events add; base + this = the score of an empty history.")
    sum: float = said("Base plus all terms plus what the policy did; equals the shown score to 1e-6.")
    sentence: str = said("The reason in words, from the largest terms only.")
    score_kind: str = said("probability or score.")
    rank: int = said("Place in the shopper's list by score, 0 when it is not in the first 500.")
    provenance: tuple[tuple[str, int], ...] = said("Models that recalled the item and at which rank.")
    sentence_zh: str = said("The same sentence in Chinese, from the same terms.", default="")
    meaning: str = said("What the score means against the chance of any candidate; empty for scores that are no probability.", default="")
    meaning_zh: str = said("The same in Chinese.", default="")
    policy: tuple[Term, ...] = said("What the policy did: score + these terms = shown. Empty without a policy.", default=())
    shown: float | None = said("What gives the item its place: the score plus what the policy did to it.", default=None)
    place: int = said("Place in the order with the policy, 0 when the policy did not look at it.", default=0)
    base_log_odds: float | None = said("The base in log-odds; empty where the score is no probability.", default=None)
    score_log_odds: float | None = said("The score in log-odds: its base plus those of all terms.", default=None)
    category: str = said("Category of the item, as edited.", default="")
    price: float | None = said("Price of the item, as edited.", default=None)
