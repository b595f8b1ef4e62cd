"""Views of models, jobs and variants."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from recengine.types.base import Estimate, said


@dataclass(frozen=True)
class ConfigField:
    name: str = said("Name of the hyper-parameter.")
    help: str = said("What it does.")
    type: str = said("int, float, bool, choice, text or list.")
    default: Any = said("Value when nothing is said.")
    low: float | None = said("Smallest value.", default=None)
    high: float | None = said("Largest value.", default=None)
    choices: tuple[str, ...] = said("Values of a choice.", default=())
    advanced: bool = said("Seldom changed; forms fold it away.", default=False)


@dataclass(frozen=True)
class ModelCard:
    name: str = said("Name on the command line.")
    title: str = said("Name on the screen.")
    summary: str = said("What it does, for a merchandiser.")
    source: str = said("Paper or formula.")
    can: dict[str, bool] = said("What it can do.")
    fields: tuple[ConfigField, ...] = said("Its hyper-parameters.")
    family: str = said("What kind of model it is.", default="")
    in_epochs: bool = said("It learns in epochs, so that a time budget can end it early.", default=False)


@dataclass(frozen=True)
class TrainingRequest:
    """Everything a training can be told."""

    dataset: str = said("Id of the dataset.")
    model: str = said("Name of the model.")
    config: dict[str, Any] = field(default_factory=dict, metadata={"help": "Settings that differ from those of the preset."})
    preset: str = said("quick, balanced or thorough.", default="balanced")
    seed: int = said("Seed of all randomness.", default=0)
    device: str = said("auto, cpu or cuda.", default="auto")
    split: str = said("time or leave-last.", default="time")
    name: str = said("Display name of the variant; empty for that of the model.", default="")
    weights: dict[str, float] = field(
        default_factory=dict, metadata={"help": "Behaviour → strength as evidence of interest, -2 to 5, where it differs from the default."}
    )
    minutes: float | None = said("What it may take; tuning ends in time for the rest. None = no limit.", default=None)
    learn_weights: bool = said("Find the strengths on validation shoppers first, beginning with `weights`.", default=False)


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
    weights: dict[str, float] = said("What each behaviour counted.", default_factory=dict)
    notes: tuple[str, ...] = said("What to know about how the training went.", default=())
    swept: bool = said("It is the best trial of a sweep.", default=False)
    judged_on: dict[str, Any] = said("What it was judged on: split, cut, shoppers, candidates; as far as recorded.", default_factory=dict)


@dataclass(frozen=True)
class ModelAdvice:
    model: str = said("Name of the model.")
    level: str = said("good, possible or cannot.")
    reason: str = said("Why, in one sentence.")
    needed_bytes: int = said("Memory the training needs at its peak, estimated.")
    free_bytes: int | None = said("Memory that is free now; none where the system does not tell.")
    fits: str = said("fits, tight or no.")
    seconds: float | None = said("How long a training takes here, from finished ones or from a sample; none where neither is known.")
    measured_on: str = said(
        "this: on this dataset; probe: on a sample of it; most: the same, with all planned epochs; other: on another one, scaled by size; "
        "empty: not measured here."
    )


@dataclass(frozen=True)
class DatasetAdvice:
    models: tuple[ModelAdvice, ...] = said("Every model, the best advised first.")
    preset: str = said("The preset that suits the size of the data and the device.")
    figures: dict[str, float] = said("What the log is like.")


@dataclass(frozen=True)
class Machine:
    threads: int = said("CPU threads a training uses.")
    memory_bytes: int = said("Memory of the machine.")
    free_bytes: int | None = said("Memory that is free now.")
    gpu: str = said("Name of the GPU; empty without one.", default="")
    gpu_bytes: int = said("Memory of the GPU.", default=0)
    gpu_free_bytes: int | None = said("Memory of the GPU that is free now.", default=None)


@dataclass(frozen=True)
class TrialView:
    number: int = said("Place in the order of trying, from 0; 0 is the setting it began with.")
    state: str = said("done, pruned or failed.")
    settings: dict[str, Any] = said("What was tried.")
    value: float | None = said("Validation NDCG@10.")
    epochs: int = said("Epochs of that value.")
    seconds: float = said("Time it took.")
    reason: str = said("Why it ended early or failed.", default="")


@dataclass(frozen=True)
class SweptField:
    name: str = said("Name of the hyper-parameter.")
    low: float | None = said("Smallest value tried; none for a choice.")
    high: float | None = said("Largest value tried; none for a choice.")
    log: bool = said("Tried on a logarithmic scale.")
    choices: tuple[Any, ...] = said("Values of a choice.")
    default: Any = said("Value it began with.")


@dataclass(frozen=True)
class SweepView:
    model: str = said("Name of the model.")
    trials: tuple[TrialView, ...] = said("Every trial so far, in the order of trying.")
    fields: tuple[SweptField, ...] = said("What was varied.")
    importance: dict[str, float] = said("Share of the differences each setting explains, largest first; empty for few trials.")
    best: int | None = said("Number of the best trial; none before the first.")
    ended: str = said("Why no more were tried; empty while they are.")
