"""The contract of every model: given histories, how good is each item?"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import scipy.sparse as sp
import torch
from pydantic import BaseModel, ConfigDict
from torch import Tensor

from recengine.data.dataset import Catalogue
from recengine.data.events import EventLog
from recengine.data.histories import Histories
from recengine.errors import Cancelled, TrainingFailed
from recengine.scoring.streaming_topk import BestSoFar
from recengine.scoring.topk import ExactScores, TopK, lists_in_batches

LIST_ROWS = 1024  # histories whose lists are made at once


class ModelConfig(BaseModel):
    """Hyper-parameters: what decides the model. Every field has a docstring under it; forms and docs are made from them."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


@dataclass(frozen=True)
class Capabilities:
    """What a model can do; declared by its class and proved by the contract suite."""

    cold_users: bool = False  # answers an empty history with finite scores
    cold_items: bool = False  # scores items without a single event in training
    order: bool = False  # the order of the events changes the scores
    time: bool = False  # the times of the events or of the question change the scores
    features: bool = False  # reads titles, categories, brands or prices
    linear: bool = False  # `contributions` adds up to the score
    epochs: bool = False  # learns in epochs (a config field `epochs`), one report each, and can go on from a report
    attention: bool = False  # `attention_weights` tells how much each event counted
    dislikes: bool = True  # an event of strength below 0 lowers what is like its item, against what is not
    max_items: int | None = None  # catalogue size beyond which `fit` refuses, None = no limit


@dataclass(frozen=True)
class Needs:
    """What a log must hold for a model to be worth training; the adviser compares it with the dataset, `fit` does not ask."""

    median_events: float = 0.0  # events of the shopper in the middle
    events: int = 0  # of the whole log
    texts: bool = False  # titles or categories


@dataclass(frozen=True)
class EpochReport:
    """Progress of a fit; the model is usable after every report."""

    epoch: int  # epochs done, from 1
    of: int  # epochs planned
    loss: float | None = None
    metrics: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class FitContext:
    """What decides the machine, not the model."""

    catalogue: Catalogue
    seed: int = 0
    device: str = "cpu"
    should_stop: Callable[[], bool] = lambda: False  # asked at least once a batch; True raises Cancelled out of `fit`
    note: Callable[[str], None] = lambda text: None  # a line for people: "Fitting item-kNN"
    precision: str = "auto"  # auto, fp32 or bf16: what the matrix products of networks are made of
    # Called by long fits between reports: epochs done, and a way to make what `resume` takes. Whether it is made is the caller's choice.
    checkpoint: Callable[[int, Callable[[], dict[str, Tensor]]], None] = lambda epoch, make: None

    def stop_if_asked(self) -> None:
        """Raises Cancelled where somebody asked the fit to stop."""
        if self.should_stop():
            raise Cancelled

    fitted: dict[str, Recommender] | None = None  # parts fitted earlier in the same training, read-only; None keeps none
    resume: tuple[int, dict[str, Tensor]] | None = None  # epochs done and the state after them; models that `can.epochs` go on from there


@dataclass(frozen=True, eq=False)
class Contributions:
    """A score taken apart: base[b] + the events of row b add up to the score of item_codes[b]."""

    base: np.ndarray  # float64 [B]
    events: np.ndarray  # float64 [E], aligned with histories.item_codes


class Recommender(ABC):
    """One model. Class attributes are its row in the registry; instances are read-only once fitted."""

    name: ClassVar[str]  # "item-knn"
    title: ClassVar[str]  # "Item-kNN"
    summary: ClassVar[str]  # one sentence for a merchandiser
    source: ClassVar[str]  # paper or formula
    Config: ClassVar[type[ModelConfig]]
    can: ClassVar[Capabilities]
    presets: ClassVar[dict[str, dict[str, Any]]] = {}  # quick, balanced, thorough → fields that differ from the defaults

    needs: ClassVar[Needs | None] = None  # None: what the capabilities suggest, see `recengine.training.adviser`
    family: ClassVar[str] = ""  # heading it stands under, of `recengine.training.adviser.FAMILIES`; "": what the capabilities suggest
    # Field → what a sweep tries instead of the range it would choose: {"low", "high", "scale"}, or None to leave the field alone.
    search: ClassVar[dict[str, dict[str, Any] | None]] = {}

    n_items: int = 0  # set by `fit` and `load_state`

    def __init__(self, config: ModelConfig | None = None) -> None:
        self.config = config if config is not None else self.Config()

    @abstractmethod
    def fit(self, train: EventLog, ctx: FitContext) -> Iterator[EpochReport]:
        """Learn from `train`; yields at least one report.

        Raises:
            TrainingFailed: too little data, too many items, a loss that is not finite.
            Cancelled: `ctx.should_stop()` was true.
        """

    @classmethod
    def memory_bytes(cls, config: ModelConfig, n_users: int, n_items: int, n_events: int, device: str = "cpu") -> int:
        """Bytes that a fit and the first lists need at their peak, beside the log itself; right within a factor of three.

        Models with large arrays of their own add them to what every model needs: working copies of the events, and the scores
        of one batch of lists.
        """
        del config, n_users, device
        return 120 * n_events + LIST_ROWS * n_items * 12

    @classmethod
    def work(cls, config: ModelConfig, n_users: int, n_items: int, n_events: int) -> float:
        """How much there is to do in a fit; only ratios between two sizes or two settings mean anything.

        Here events times epochs. Models whose time grows with the catalogue instead say so.
        """
        del n_users, n_items
        return float(getattr(config, "epochs", 1)) * max(n_events, 1)

    @abstractmethod
    def score(self, histories: Histories, candidates: np.ndarray | None = None) -> Tensor:
        """How good is each item for each history?

        Args:
            histories: B rows; item codes of -1 or >= n_items are ignored.
            candidates: int [B, C] item codes, or None for the whole catalogue.

        Returns:
            float32 [B, n_items] or [B, C] on the CPU; NaN = "I cannot score this" (unknown item, -1, or cold).
        """

    @abstractmethod
    def state(self) -> dict[str, Tensor]:
        """Everything that `fit` learned, as tensors only, on the CPU."""

    def checkpoint(self) -> dict[str, Tensor]:
        """What `FitContext.resume` needs to go on after the last report as if nothing had happened."""
        return self.state()

    @abstractmethod
    def load_state(self, state: dict[str, Tensor]) -> None:
        """Become the fitted model that `state` came from."""

    def contributions(self, histories: Histories, item_codes: np.ndarray) -> Contributions:
        """Take the score of item_codes[b] (int [B]) for row b apart into its events; linear models only.

        Computed in float64 from the fitted parameters. Rows whose score is NaN get base NaN and zero events.
        """
        raise TypeError(f"{self.name} is not linear in the history")

    def attention_weights(self, histories: Histories, item_codes: np.ndarray) -> np.ndarray:
        """How much each event counts for the score of item_codes[b] (int [B]) of its row; models that `can.attention` only.

        Returns:
            float32 [E], from 0 (ignored) on; the weights of a row add up to at most 1. Rows whose score is NaN get zeros.
        """
        raise TypeError(f"{self.name} pays no attention that could be shown")

    def exact_scores(self, histories: Histories, item_codes: np.ndarray) -> np.ndarray:
        """float64 [B, C]: scores of item_codes (int [B, C]) as sums of their contributions; undefined where a code is -1.

        Linear models only; here by asking `contributions` for every item, so a model with a faster way overrides it.
        """
        n_rows, width = item_codes.shape
        scores = np.empty((n_rows, width))
        for place in range(width):
            parts = self.contributions(histories, item_codes[:, place])
            scores[:, place] = parts.base + np.bincount(histories.row_of_event, parts.events, minlength=n_rows)
        return scores

    def score_then_exact(self, histories: Histories) -> tuple[Tensor, Callable[[np.ndarray], np.ndarray]]:
        """`score` of the whole catalogue, and `exact_scores` of the same histories for chosen items.

        One call, so that a model may share what both need (a fold-in, the event values).
        """
        return self.score(histories), lambda item_codes: self.exact_scores(histories, item_codes)

    def recommend(
        self, histories: Histories, k: int, exclude: sp.csr_matrix | None = None, allow: np.ndarray | None = None, batch: int = LIST_ROWS
    ) -> TopK:
        """The k best items of each row.

        Args:
            histories: B rows.
            k: list length; 0 gives empty lists, more than the catalogue gives short ones.
            exclude: [B, n_items], non-zero = never return (items the shopper already has).
            allow: bool [n_items], False = never return.
            batch: rows scored at once; the result does not depend on it.

        Ties are broken by the lower item code; items that score NaN are never returned. Scores of linear models are recomputed
        in float64, so that they equal the sum of their contributions.
        """

        def show(rows: Histories, best: BestSoFar) -> ExactScores | None:
            scored, exact_scores = self.score_then_exact(rows)
            best.show(scored)
            return exact_scores if self.can.linear else None

        return lists_in_batches(self.n_items, histories, k, exclude, allow, batch, show)

    def fit_all(self, train: EventLog, ctx: FitContext) -> list[EpochReport]:
        """Run `fit` to its end."""
        return list(self.fit(train, ctx))


def check_trainable(train: EventLog) -> None:
    """Raises TrainingFailed where the log has no event that tells of interest."""
    if not (train.weights > 0).any():
        raise TrainingFailed(
            "There is nothing to learn from.",
            "The training period has no views, carts or purchases.",
            "Import more events, or a longer period.",
        )


def gather_candidates(scores: Tensor, candidates: np.ndarray | None) -> Tensor:
    """Pick [B, C] out of [B, n_items] scores; NaN for codes outside the catalogue. For models that score everything anyway."""
    if candidates is None:
        return scores
    codes = torch.as_tensor(np.asarray(candidates, dtype=np.int64))  # [B, C]
    known = (codes >= 0) & (codes < scores.shape[1])
    picked = torch.gather(scores, 1, codes.clamp(0, max(scores.shape[1] - 1, 0)))
    return torch.where(known, picked, torch.nan)
