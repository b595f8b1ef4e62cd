"""Views of a funnel: what its signals add, how well its chances hold, and how it stands against its own generators."""

from __future__ import annotations

from dataclasses import dataclass

from recengine.types.base import Estimate, said


@dataclass(frozen=True)
class SignalWeight:
    key: str = said("Name of the signal.")
    title: str = said("The signal in words.")
    family: str = said("Group it belongs to.")
    help: str = said("What it measures.")
    direction: int = said("1: more can only help; -1: more can only hurt; 0: learned.")
    importance: float = said("Mean size of what it adds to the log-odds of a candidate.")
    share: float = said("Its part of the importance of all signals.")
    tendency: float = said("Rank correlation of its value and what it adds, -1 to 1; 0 where it is the same everywhere.")


@dataclass(frozen=True)
class FamilyWeight:
    family: str = said("Name of the group.")
    title: str = said("The group in words.")
    signals: int = said("Signals in it.")
    importance: float = said("Mean size of what the group adds to the log-odds of a candidate.")
    share: float = said("Its part of the importance of all signals.")
    adds: Estimate | None = said("NDCG@10 with the group less NDCG@10 without it, on held-out shoppers; empty where not measured.")


@dataclass(frozen=True)
class SegmentFamily:
    family: str = said("Name of the group of signals.")
    size: float = said("Mean size of what the group adds to the log-odds of a candidate.")
    mean: float = said("Mean of what it adds, with its sign.")


@dataclass(frozen=True)
class SegmentWeights:
    segment: str = said("cold: at most 2 past items; warm: 3 to 19; hot: 20 or more.")
    shoppers: int = said("Held-out shoppers behind the figures.")
    candidates: int = said("Candidates behind the figures.")
    families: tuple[SegmentFamily, ...] = said("Every group, in the order of `FunnelInsight.families`.")


@dataclass(frozen=True)
class Dependence:
    key: str = said("Name of the signal.")
    values: tuple[float | None, ...] = said("Its value for a sample of candidates, multiples as multiples; empty where unknown.")
    adds: tuple[float, ...] = said("What it adds to their log-odds.")
    multiple: bool = said("Its values are multiples: 2 is twice as much, 0.5 half.", default=False)


@dataclass(frozen=True)
class Interaction:
    first: str = said("Name of one signal.")
    second: str = said("Name of the other signal.")
    strength: float = said("Mean size of what the two add only together, in log-odds.")


@dataclass(frozen=True)
class ReliabilityBin:
    predicted: float = said("Mean chance that was predicted.")
    observed: float = said("Share that was chosen.")
    n: int = said("Candidates in this group.")


@dataclass(frozen=True)
class HeadView:
    behaviour: str = said("What is predicted: purchase, cart, view.")
    ranks: bool = said("Whether the list is ordered by this chance.")
    calibration_error: float | None = said("Mean distance of predicted and observed share over ten equal groups.")
    base_rate: float | None = said("Share of the candidates that were chosen.")
    bins: tuple[ReliabilityBin, ...] = said("Ten groups of equal size, from the lowest chance to the highest.")
    shoppers: int = said("Shoppers behind the figures.")


@dataclass(frozen=True)
class GeneratorFigure:
    name: str = said("Name of the model.")
    title: str = said("The model in words.")
    ndcg: Estimate = said("NDCG@10 of this model alone.")
    quota: int = said("Items it puts forward.")


@dataclass(frozen=True)
class FunnelJudgement:
    window: str = said("Whose choices of which time the figures are of.")
    later: bool = said("Whether the window lies after everything the judged funnel had seen.")
    target: str = said("Behaviour that was to be ranked.")
    ndcg: Estimate = said("NDCG@10 of the funnel.")
    generators: tuple[GeneratorFigure, ...] = said("Each generator alone, best first.")
    gain: Estimate = said("NDCG@10 of the funnel less that of the best generator, same shoppers.")
    recall: float = said("Share of the chosen items that any generator put forward.")
    heads: tuple[HeadView, ...] = said("One a behaviour, the ranking one first.")


@dataclass(frozen=True)
class FunnelInsight:
    target: str = said("Behaviour whose chance ranks.")
    ranker: str = said("trees, logistic or mlp.")
    exact: bool = said("Whether the Shapley values behind the figures are exact; else they are sampled.")
    candidates: int = said("Candidates behind the importance.")
    shoppers: int = said("Held-out shoppers behind what each group adds.")
    signals: tuple[SignalWeight, ...] = said("Every signal, most important first.")
    families: tuple[FamilyWeight, ...] = said("Every group, most important first.")
    ablation: str = said("How it was measured what a group adds; empty where it was not.")
    dependence: tuple[Dependence, ...] = said("Value against contribution of the most important signals.")
    interactions: tuple[Interaction, ...] = said("Pairs of signals that do most together.")
    interaction_method: str = said("How interactions were computed; empty where they were not.")
    segments: tuple[SegmentWeights, ...] = said("What drives the scores of new, regular and heavy shoppers.", default=())
    judgement: FunnelJudgement | None = said("Figures of the judged funnel on a later window.", default=None)
