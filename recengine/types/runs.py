"""Views of variants beside each other: what people wrote on them, who gains from one, what they cost, why items move."""

from __future__ import annotations

from dataclasses import dataclass

from recengine.types.base import said


@dataclass(frozen=True)
class VariantNote:
    variant: str = said("Id of the variant.")
    seq: int = said("Number of the note on this variant.")
    text: str = said("What was written.")
    who: str = said("Who wrote it; empty where nobody said.")
    written: str = said("When, ISO, UTC.")


@dataclass(frozen=True)
class SavedView:
    id: str = said("Id of the view; its link ends with it.")
    name: str = said("Name it was saved under.")
    dataset: str = said("Id of the dataset.")
    variants: tuple[str, ...] = said("Ids of the variants, as chosen.")
    metric: str = said("Metric that orders them.")
    tags: tuple[str, ...] = said("Only variants with one of these tags are chosen from; empty = all.")
    shown: dict[str, str] = said("What else the page shows.")
    who: str = said("Who saved it; empty where nobody said.")
    saved: str = said("When, ISO, UTC.")


@dataclass(frozen=True)
class SegmentVerdict:
    segment: str = said("all, cold, warm or hot.")
    difference: float = said("Mean difference per shopper.")
    low: float = said("Lower end of its 95% interval.")
    high: float = said("Upper end of its 95% interval.")
    p_value: float = said("Chance of such a difference if both were equal; Holm-corrected over the segments.")
    n: int = said("Shoppers in both.")
    verdict: str = said("better, worse or cannot tell; empty without shoppers.")
    needed: int = said("Shoppers with which a difference as large would be found four times in five; 0 where there is none.")


@dataclass(frozen=True)
class WhoGains:
    variant: str = said("Variant that is compared.")
    against: str = said("Variant it is compared with.")
    metric: str = said("Metric, such as ndcg@10.")
    overall: SegmentVerdict = said("All held-out shoppers together.")
    segments: tuple[SegmentVerdict, ...] = said("The same for cold, warm and hot shoppers.")
    sentence: str = said("For whom it is better, for whom worse, and where the data cannot tell.")


@dataclass(frozen=True)
class RunCost:
    variant: str = said("Id of the variant.")
    seconds: float = said("Training and evaluation time, seconds.")
    device: str = said("cpu or the GPU's name it was trained on.")
    size_bytes: int = said("Size on disk, with its stored figures.")
    model_bytes: int = said("Size of the model alone.")
    parameters: int = said("Numbers the model holds.")
    epochs: int = said("Epochs of the fit that is served; 0 for models that learn in one pass.")
    ms_per_list: float | None = said("Milliseconds a list of 10 takes for one shopper of a batch, measured here; none: not measured yet.")


@dataclass(frozen=True)
class RunCurve:
    variant: str = said("Id of the variant.")
    phase: str = said("tune: on the training part, with figures; judge, serve: the fits after it.")
    figure: str = said("loss, or a validation figure such as ndcg@10.")
    epochs: tuple[int, ...] = said("Epochs done.")
    values: tuple[float, ...] = said("The figure after each of them.")


@dataclass(frozen=True)
class MoveTerm:
    name: str = said("The signal, or the past item.")
    before: float = said("What it adds in the first variant; where scores are not on one scale, its share of all terms there.")
    after: float = said("The same in the second variant.")


@dataclass(frozen=True)
class Move:
    item: str = said("Item id.")
    title: str = said("Item title.")
    old: int | None = said("Place in the first variant's order; none beyond the first 500, or where it cannot score the item.")
    new: int | None = said("Place in the second variant's order.")
    change: str = said("entered, left, rose or fell.")
    score_before: float | None = said("Score in the first variant; none where it cannot score the item.")
    score_after: float | None = said("Score in the second variant.")
    terms: tuple[MoveTerm, ...] = said("What differs most between the two explanations; on one scale they add up to the change.")
    sentence: str = said("What explains the move, in words.")


@dataclass(frozen=True)
class Moves:
    a: str = said("Id of the first variant.")
    b: str = said("Id of the second variant.")
    shopper: str = said("Shopper id.")
    k: int = said("Length of the lists.")
    comparable: bool = said("Whether both scores are on one scale, so that terms can be taken from each other: chances, or one variant's.")
    chance: bool = said("Whether both scores are chances.")
    rows: tuple[Move, ...] = said("Items that entered, left or moved, in the order of the second list, those that left last.")


@dataclass(frozen=True)
class ReasonShift:
    name: str = said("The signal, or the past items of a category.")
    before: float = said("Its share of everything that moves the scores of the first variant's lists.")
    after: float = said("The same in the second variant's lists.")


@dataclass(frozen=True)
class ReasonShifts:
    a: str = said("Id of the first variant.")
    b: str = said("Id of the second variant.")
    segment: str = said("all, cold, warm or hot.")
    shoppers: int = said("Shoppers whose two lists were explained.")
    rows: tuple[ReasonShift, ...] = said("What each reason carries in both, the largest change first.")
    entered: tuple[tuple[str, float], ...] = said("What carries the items that entered: reason and its share, largest first.")
    left: tuple[tuple[str, float], ...] = said("What carried the items that left.")
    sentence: str = said("What changes in the reasons, in words.")
