"""What the workspace hands to pages, the command line and exports: frozen views with a caption on every field.

Views hold ids, numbers and short text, never tensors or codes. `caption(Type, "field")` is the one source of help texts.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any

import numpy as np


def said(help: str, **options: Any) -> Any:
    """A dataclass field with its caption."""
    return field(metadata={"help": help}, **options)


def caption(view: type, name: str) -> str:
    """The caption of one field of a view."""
    return next(f.metadata["help"] for f in dataclasses.fields(view) if f.name == name)


@dataclass(frozen=True)
class Estimate:
    value: float = said("The figure on the held-out shoppers.")
    low: float = said("Lower end of the 95% interval.")
    high: float = said("Upper end of the 95% interval.")
    n: int = said("Shoppers behind the figure.", default=0)


# ---------------------------------------------------------------- data


@dataclass(frozen=True)
class ColumnView:
    column: str = said("The column's name in the file.")
    role: str = said("What the column means.")
    confidence: float = said("How sure the guess is, 0 to 1.")
    reason: str = said("Why the guess was made.")
    samples: tuple[str, ...] = said("Some of its values, as in the file.")
    empty_share: float = said("Share of rows without a value, 0 to 1.")


@dataclass(frozen=True)
class QuestionView:
    id: str = said("Name of the question.")
    text: str = said("What only a person can know.")
    options: tuple[tuple[str, str], ...] = said("The possible answers: value for the mapping, and words.")
    default: str = said("Value that is assumed without an answer.")
    note: str = said("Why it is assumed.")


@dataclass(frozen=True)
class VerdictView:
    level: str = said("ok, warn or no.")
    topic: str = said("What it is about.")
    text: str = said("What this data can or cannot carry.")


@dataclass(frozen=True)
class SampleRow:
    line: int = said("Line in the file; the first line is 1.")
    shopper: str = said("Shopper id as in the file.")
    item: str = said("Item id as in the file.")
    title: str = said("Item title.")
    time: str = said("Time as understood, UTC.")
    behaviour: str = said("What the shopper did.")
    price: str = said("Price a piece as in the file.")
    result: str = said("accepted, or why not.")


@dataclass(frozen=True)
class ImportPreview:
    upload: str = said("Handle of the file that waits for its import.")
    file_name: str = said("Name of the file.")
    size_bytes: int = said("Size as uploaded.")
    compression: str = said("gzip or none.")
    encoding: str = said("How the bytes were read as text.")
    dialect: str = said("How the text was read as a table, in words.")
    recognised: str = said("Name of the known format, or generic.")
    recognised_title: str = said("The format in words.")
    confidence: float = said("How sure the recognition is, 0 to 1.")
    columns: tuple[ColumnView, ...] = said("Every column with its meaning.")
    questions: tuple[QuestionView, ...] = said("What only a person can know.")
    rows: tuple[SampleRow, ...] = said("First rows as understood.")
    mapping: dict[str, Any] = said("The mapping that an import would use; JSON, may be edited.")
    physical_rows: int = said("Records in the file.", default=0)
    notes: tuple[str, ...] = said("Remarks on how the file was read.", default=())


@dataclass(frozen=True)
class RowCounts:
    physical: int = said("Records in the file.")
    accepted: int = said("Records that became events.")
    rejected: int = said("Records refused, with a reason each.")
    skipped: int = said("Records left out by a stated rule, such as cancellations.")


@dataclass(frozen=True)
class ImportReport:
    dataset: str = said("Id of the new dataset version.")
    name: str = said("Its display name.")
    fingerprint: str = said("SHA-256 of its content; the same rows in any order give the same one.")
    recognised: str = said("Name of the known format, or generic.")
    rows: RowCounts = said("Where every record of the file went.")
    shoppers: int = said("Distinct shoppers.")
    items: int = said("Distinct items.")
    behaviours: dict[str, int] = said("Events by behaviour.")
    first: str = said("First event, ISO, UTC.")
    last: str = said("Last event, ISO, UTC.")
    mapping: dict[str, Any] = said("The mapping that was used.")
    rejects_file: str = said("CSV of every record that was not accepted, with line, column, value and reason.")
    reasons: tuple[tuple[str, str, int], ...] = said("Kind (rejected or skipped), reason and number of records.")
    quality: dict[str, Any] = said("The quality report.")
    verdicts: tuple[VerdictView, ...] = said("What this data can and cannot train.")
    seconds: float = said("Time the import took, seconds.")
    already: bool = said("The same content was imported before; that version is shown.", default=False)


@dataclass(frozen=True)
class DatasetRow:
    id: str = said("Id of the dataset version.")
    name: str = said("Display name.")
    created: str = said("When it was imported, ISO, UTC.")
    events: int = said("Accepted events.")
    shoppers: int = said("Distinct shoppers.")
    items: int = said("Distinct items.")
    first: str = said("First event, ISO, UTC.")
    last: str = said("Last event, ISO, UTC.")
    fingerprint: str = said("SHA-256 of its content.")
    variants: int = said("Variants trained on it.", default=0)
    currency: str = said("Sign before prices.", default="")
    synthetic: bool = said("Made by the demo generator, not by a shop.", default=False)


@dataclass(frozen=True, eq=False)
class DatasetOverview:
    dataset: DatasetRow = said("The dataset version.")
    weeks: np.ndarray = said("Start of each whole week, datetime64[D] [W].")
    weekly_events: dict[str, np.ndarray] = said("Events a week by behaviour, int64 [W] each.")
    weekly_shoppers: np.ndarray = said("Active shoppers a week, int64 [W].")
    funnel: tuple[tuple[str, int, int], ...] = said("Stage, shoppers, events: view, cart, purchase where the data has them.")
    rank_share: np.ndarray = said("Cumulative share of events by item rank, float64 [<= 400 points].")
    rank_items: np.ndarray = said("Item rank of each point, int64.")
    items_for_80: int = said("Items that make 80% of the events.")
    density: float = said("Share of shopper-item pairs with an event, 0 to 1.")
    events_per_shopper_edges: np.ndarray = said("Edges of the histogram of events per shopper, int64 [n + 1].")
    events_per_shopper_counts: np.ndarray = said("Shoppers in each bin, int64 [n].")


# ---------------------------------------------------------------- models, training and jobs


@dataclass(frozen=True)
class ConfigField:
    name: str = said("Name of the hyper-parameter.")
    help: str = said("What it does.")
    type: str = said("int, float, bool, choice, text or list.")
    default: Any = said("Value when nothing is said.")
    low: float | None = said("Smallest value.", default=None)
    high: float | None = said("Largest value.", default=None)
    choices: tuple[str, ...] = said("Values of a choice.", default=())


@dataclass(frozen=True)
class ModelCard:
    name: str = said("Name on the command line.")
    title: str = said("Name on the screen.")
    summary: str = said("What it does, for a merchandiser.")
    source: str = said("Paper or formula.")
    can: dict[str, bool] = said("What it can do.")
    fields: tuple[ConfigField, ...] = said("Its hyper-parameters.")


@dataclass(frozen=True)
class EpochPoint:
    epoch: int = said("Epochs done.")
    of: int = said("Epochs planned.")
    loss: float | None = said("Training loss, lower is better.")
    metrics: dict[str, float] = said("Validation figures after this epoch.")
    seconds: float = said("Seconds since the job started.")


@dataclass(frozen=True)
class JobView:
    id: str = said("Id of the job.")
    kind: str = said("train, import, …")
    title: str = said("What it does, in words.")
    state: str = said("queued, running, done, failed, cancelled or interrupted.")
    fraction: float | None = said("Share done, 0 to 1; none when it cannot be known.")
    phase: str = said("What it is doing now.")
    eta_s: float | None = said("Seconds left, from the speed so far.")
    attempt: int = said("How often it was started.")
    created: str = said("When it was asked for, ISO, UTC.")
    started: str = said("When it started, ISO, UTC; empty before.")
    ended: str = said("When it ended, ISO, UTC; empty before.")
    seconds: float = said("Running time so far, seconds.")
    result: dict[str, Any] = said("What it made, such as the variant's id.")
    error: tuple[str, str, str] | None = said("What happened, why, and what to do.")
    can_resume: bool = said("A checkpoint was kept.")
    arguments: dict[str, Any] = said("What it was asked to do.")


@dataclass(frozen=True)
class VariantRow:
    id: str = said("Id of the variant.")
    name: str = said("Display name.")
    model: str = said("Name of the model.")
    model_title: str = said("The model in words.")
    dataset: str = said("Id of the dataset version it learned from.")
    dataset_name: str = said("Its display name.")
    split: str = said("How it was judged: time or leave-last.")
    protocol: str = said("The protocol in one sentence.")
    created: str = said("When it was trained, ISO, UTC.")
    seconds: float = said("Training and evaluation time, seconds.")
    size_bytes: int = said("Size on disk.")
    device: str = said("cpu or the GPU's name.")
    seed: int = said("Seed of all randomness.")
    config: dict[str, Any] = said("Hyper-parameters.")
    metrics: dict[str, Estimate] = said("Figures on held-out shoppers, with 95% intervals.")
    model_hash: str = said("SHA-256 over all fitted numbers.")
    n_shoppers: int = said("Held-out shoppers.")


# ---------------------------------------------------------------- lists and explanations


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
    rank_by_score: int = said("Place by score alone, before diversity.")


@dataclass(frozen=True)
class RankedList:
    variant: str = said("Id of the variant.")
    shopper: str = said("Shopper id, empty for a live session.")
    items: tuple[ListItem, ...] = said("The list, best first.")
    diversity: float = said("Setting of the diversity slider, 0 to 1.")
    score_kind: str = said("probability or score.")
    catalogue_size: int = said("Items the list was chosen from.")
    dropped: tuple[int, ...] = said("Places (0 = oldest) of the past events that were left out.", default=())


@dataclass(frozen=True)
class Term:
    kind: str = said("signal, event or base.")
    name: str = said("The signal or the past event, in words.")
    value: str = said("The signal's own value, readable.")
    contribution: float = said("What it adds to the shown score.")
    key: str = said("Name of the signal or id of the item.", default="")


@dataclass(frozen=True)
class EventTerm:
    place: int = said("Place in the history, 0 = oldest.")
    item: str = said("Item id.")
    title: str = said("Item title.")
    behaviour: str = said("What the shopper did.")
    time: str = said("When, ISO, UTC.")
    contribution: float = said("What this past event adds to the shown score.")


@dataclass(frozen=True)
class Explanation:
    variant: str = said("Id of the variant.")
    shopper: str = said("Shopper id, empty for a live session.")
    item: str = said("Item id.")
    title: str = said("Item title.")
    score: float = said("The shown score.")
    base: float = said("Where the sum starts: the score before anything about this shopper is known.")
    terms: tuple[Term, ...] = said("What moves the base to the score, largest first; base + terms = score.")
    events: tuple[EventTerm, ...] = said("Past events inside those terms, newest first.")
    not_from_events: float = said("Part of score minus base that no past event carries.")
    sum: float = said("Base plus all terms; equals the score to 1e-6.")
    sentence: str = said("The reason in words, from the largest terms only.")
    score_kind: str = said("probability or score.")
    rank: int = said("Place in the shopper's list by score, 0 when it is not in the first 500.")
    provenance: tuple[tuple[str, int], ...] = said("Models that recalled the item and at which rank.")


# ---------------------------------------------------------------- shoppers


@dataclass(frozen=True)
class ShopperRow:
    shopper: str = said("Shopper id.")
    events: int = said("Events.")
    baskets: int = said("Distinct moments of purchase.")
    first: str = said("First event, ISO date.")
    last: str = said("Last event, ISO date.")
    items: int = said("Distinct items.")
    spend: float | None = said("Sum of prices of purchased lines; none without prices.")
    feature: str = said("The shopper's attribute, such as a country.")
    last_title: str = said("Title of the newest item.")


@dataclass(frozen=True, eq=False)
class ShopperView:
    row: ShopperRow = said("The shopper in one line.")
    times: np.ndarray = said("Time of every event, datetime64[s] [E].")
    items: tuple[str, ...] = said("Item id of every event.")
    titles: tuple[str, ...] = said("Item title of every event.")
    behaviours: tuple[str, ...] = said("Behaviour of every event.")
    prices: np.ndarray = said("Price of every event, float64 [E], NaN where unknown.")
    categories: tuple[tuple[str, float, float], ...] = said(
        "Category, share of the shopper's events, share of the shop's; largest first."
    )
    brands: tuple[tuple[str, float, float], ...] = said("Brand, share of the shopper's events, share of the shop's.")
    category_source: str = said("file, title (derived from titles) or none.")
    price_quantiles: tuple[float, ...] = said("The shopper's 10, 25, 50, 75 and 90% price.")
    shop_price_quantiles: tuple[float, ...] = said("The shop's 10, 25, 50, 75 and 90% price.")
    hours: np.ndarray = said("Events by weekday (Monday first) and hour, int64 [7, 24].")
    days_between: float | None = said("Median days between two visits.")
    repeat_share: float = said("Share of events on an item the shopper already had.")


# ---------------------------------------------------------------- comparison and tuning


@dataclass(frozen=True)
class PairedView:
    metric: str = said("Metric, such as ndcg@10.")
    variant: str = said("Variant that is compared.")
    against: str = said("Variant it is compared with.")
    difference: float = said("Mean difference per shopper.")
    low: float = said("Lower end of its 95% interval.")
    high: float = said("Upper end of its 95% interval.")
    p_value: float = said("Chance of such a difference if both were equal, Holm-corrected.")
    n: int = said("Shoppers in both.")
    verdict: str = said("better, worse or cannot tell.")


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
class Exposure:
    item: str = said("Item id.")
    title: str = said("Item title.")
    before: int = said("Shoppers shown it before.")
    after: int = said("Shoppers shown it after.")


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
