"""Views of an item across the lists of all shoppers."""

from __future__ import annotations

from dataclasses import dataclass

from recengine.types.base import said


@dataclass(frozen=True)
class ItemRow:
    item: str = said("Item id as in the file.")
    title: str = said("Title.")
    category: str = said("Category, or the kind read from the title.")
    lists: int = said("Lists it is on.")
    place: float | None = said("Mean place where it is listed; empty where it never is.")
    near: int = said("Lists it just misses: it would be among the next ten.")
    owners: int = said("Shoppers who already have it; it is never on their lists.")


@dataclass(frozen=True)
class ItemSurvey:
    variant: str = said("Id of the variant.")
    made: str = said("When the lists were looked at, ISO, UTC.")
    shoppers: int = said("Shoppers whose lists were looked at.")
    all_shoppers: int = said("Shoppers of the dataset.")
    k: int = said("Length of the lists.")
    listed: int = said("Items on at least one list.")
    near: int = said("Items on no list that just miss at least one.")
    sellable: int = said("Items that could be listed.")
    seconds: float = said("Time it took.")


@dataclass(frozen=True)
class ItemPlace:
    shopper: str = said("Shopper id.")
    rank: int = said("Place by score, from 1; beyond the length of the list it just misses.")
    score: float = said("Score.")


@dataclass(frozen=True)
class MeanTerm:
    kind: str = said("signal, past or base.")
    key: str = said("Name of the signal or id of the past item.")
    name: str = said("The signal or past item in words.")
    mean: float = said("Mean of what it adds.")
    n: int = said("Lists on which it is among the terms.")


@dataclass(frozen=True)
class ItemView:
    row: ItemRow = said("The item in one line.")
    brand: str = said("Brand, empty where unknown.")
    price: float | None = said("Median price.")
    events: int = said("Events on it.")
    sellable: bool = said("Whether it may be listed at all.")
    score_kind: str = said("probability or score.")
    shoppers: int = said("Shoppers whose lists were looked at.")
    k: int = said("Length of the lists.")
    ranks: tuple[int, ...] = said("Lists by place, 1 to twice the length.")
    places: tuple[ItemPlace, ...] = said("Whose lists it is on, or just misses, the best places first; at most 500.")
    base: float | None = said("Mean base where it is listed; base plus `brings` is `score`.")
    score: float | None = said("Mean score where it is listed.")
    brings: tuple[MeanTerm, ...] = said("Mean terms where it is listed, the largest first.")
    past: tuple[MeanTerm, ...] = said("Past items of shoppers that speak for it most, over the lists it is on.")
    gap: float | None = said("Where it just misses: its score less that of the last listed item, mean; the sum of `holds`.")
    holds: tuple[MeanTerm, ...] = said("Where it just misses: its terms less those of the last listed item, mean; most against it first.")
