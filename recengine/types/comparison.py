"""Views of comparisons, trade-offs, exports and health."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from recengine.types.base import Estimate, said
from recengine.types.lists import RankedList
from recengine.types.policies import PolicyUse
from recengine.types.training import VariantRow


@dataclass(frozen=True)
class PairedView:
    metric: str = said("Metric, such as ndcg@10.")
    variant: str = said("Variant that is compared.")
    against: str = said("Variant it is compared with.")
    difference: float = said("Mean difference per shopper.")
    low: float = said("Lower end of its 95% interval.")
    high: float = said("Upper end of its 95% interval.")
    p_value: float = said("Chance of such a difference if both were equal, corrected for all pairs that are compared.")
    n: int = said("Shoppers in both.")
    verdict: str = said("better, worse or cannot tell.")
    needed: int = said("Shoppers with which a difference as large would be found four times in five; 0 where there is none.", default=0)


@dataclass(frozen=True)
class Comparison:
    variants: tuple[VariantRow, ...] = said("The variants, best first.")
    metric: str = said("Metric that orders them.")
    best: str = said("Variant with the highest value.")
    pairs: tuple[PairedView, ...] = said("The best against every other.")
    sentence: str = said("Who wins, by how much, and at what price.")
    segments: tuple[str, ...] = said("Shopper segments: cold, warm, hot.")
    segment_sizes: tuple[int, ...] = said("Held-out shoppers in each.")
    segment_values: dict[str, tuple[float, ...]] = said("The metric by variant id and segment; NaN where nobody is.")
    protocol: str = said("The protocol all of them share.")
    differing: dict[str, dict[str, Any]] = said("By variant id: the settings that are not the same in all.")


@dataclass(frozen=True)
class ListDiff:
    shopper: str = said("Shopper id.")
    a: RankedList = said("List of the first variant.")
    b: RankedList = said("List of the second variant.")
    titles: dict[str, str] = said("Title by item id, for both lists.")
    common: int = said("Items in both lists.")
    entered: tuple[str, ...] = said("Items only in the second list.")
    left: tuple[str, ...] = said("Items only in the first list.")


@dataclass(frozen=True)
class Exposure:
    item: str = said("Item id.")
    title: str = said("Item title.")
    before: int = said("Shoppers shown it before.")
    after: int = said("Shoppers shown it after.")


@dataclass(frozen=True)
class ChangedShopper:
    shopper: str = said("Shopper id.")
    segment: str = said("cold, warm or hot.")
    rbo: float = said("Overlap of the two lists, the top counting most: 1 = the same, 0 = nothing in common.")
    entered: int = said("Items only in the second list.")


@dataclass(frozen=True)
class ListAgreement:
    a: str = said("Id of the first variant.")
    b: str = said("Id of the second variant.")
    k: int = said("Length of the lists.")
    shoppers: int = said("Test shoppers with both lists.")
    same: int = said("Shoppers whose list does not change at all.")
    entered: float = said("Items of a list that are new, on average.")
    moved: float = said("Items of a list that stay but stand elsewhere, on average.")
    jaccard: Estimate = said("Items in both lists, as a share of the items in either.")
    rbo: Estimate = said("Overlap with the top counting most: 1 = the same, 0 = nothing in common.")
    segments: dict[str, Estimate] = said("The same overlap by kind of shopper: cold, warm, hot.")
    most_changed: tuple[ChangedShopper, ...] = said("Shoppers whose list changes most, first those with the least overlap.")
    winners: tuple[Exposure, ...] = said("Items that are shown to more shoppers, most first.")
    losers: tuple[Exposure, ...] = said("Items that are shown to fewer shoppers, most first.")


@dataclass(frozen=True)
class ExposureView:
    k: int = said("Length of the lists.")
    bands: dict[str, tuple[float, ...]] = said("By variant id: share of places for each tenth of the items, the most popular first.")
    past: tuple[float, ...] = said("Share of past events of each tenth.")
    lorenz: dict[str, tuple[float, ...]] = said("By variant id: share of places of the least shown 0 … 100 % of the items.")
    categories: tuple[str, ...] = said("The categories shoppers chose most, then the others as one; empty without categories.")
    chosen: tuple[float, ...] = said("Share of each category in the shoppers' past, mean over shoppers.")
    listed: dict[str, tuple[float, ...]] = said("By variant id: share of each category in the lists.")
    miscalibration: dict[str, Estimate] = said("By variant id: distance of a list from the shopper's own mix; 0 = the same.")


@dataclass(frozen=True)
class LengthCurves:
    metric: str = said("Metric, such as ndcg.")
    ks: tuple[int, ...] = said("Lengths of the lists.")
    values: dict[str, tuple[Estimate, ...]] = said("By variant id: the metric at each length.")


@dataclass(frozen=True)
class TradeoffPoint:
    diversity: float = said("Setting of the slider, 0 to 1.")
    metrics: dict[str, Estimate] = said("Shop-wide figures at this setting, with 95% intervals.")
    lists_changed: int = said("Held-out shoppers whose list differs from diversity 0.")


@dataclass(frozen=True)
class Tradeoff:
    variant: str = said("Id of the variant.")
    k: int = said("Length of the lists.")
    points: tuple[TradeoffPoint, ...] = said("One point a setting, ascending.")
    n_shoppers: int = said("Held-out shoppers measured.")
    protocol: str = said("The protocol in one sentence.")


@dataclass(frozen=True)
class PolicyRow:
    id: str = said("Id of the policy.")
    name: str = said("Display name.")
    diversity: float = said("Setting of the diversity slider, 0 to 1.")
    created: str = said("When it was saved, ISO, UTC.")


@dataclass(frozen=True)
class ExportReport:
    path: str = said("The file.")
    rows: int = said("Rows: shoppers times items.")
    shoppers: int = said("Shoppers with a list.")
    size_bytes: int = said("Size of the file.")
    sha256: str = said("Digest of the file.")
    recall: float = said("Share of the exact lists that the search finds, as measured; 1: they are exact.", default=1.0)
    use: PolicyUse | None = said("The policy that shaped the lists; none: by score alone.", default=None)


@dataclass(frozen=True)
class Doctor:
    versions: dict[str, str] = said("Versions of Python and the libraries.")
    device: str = said("cpu or the GPU's name.")
    gpu_memory_bytes: int = said("Memory of the GPU, 0 without one.")
    threads: int = said("CPU threads used.")
    memory_bytes: int = said("Memory of this machine.")
    workspace: str = said("Folder of the workspace.")
    datasets: int = said("Dataset versions.")
    variants: int = said("Variants.")
    jobs: dict[str, int] = said("Jobs by state.")
    disk_free_bytes: int = said("Free space on the workspace's disk.")
    problems: tuple[str, ...] = said("What is wrong, in words; empty when healthy.")
