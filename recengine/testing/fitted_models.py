"""Fitted models and awkward histories that the tests of the model contract share."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import fields, replace
from functools import cached_property

import numpy as np
import torch
from safetensors.torch import save

from recengine.columns import BEHAVIOUR_CODE
from recengine.data.dataset import Catalogue
from recengine.data.events import EventLog
from recengine.data.histories import Histories
from recengine.models.base import FitContext, ModelConfig, Recommender
from recengine.testing.known_answers import KnownAnswers, chain, checkerboard

DAY_S = 86_400


class FittedModels:
    """One model class, fitted on the checkerboard and on the ring. A fitted model is shared; scoring must not change it."""

    @property
    @abstractmethod
    def model(self) -> type[Recommender]:
        """The class under test."""

    def config(self) -> ModelConfig:
        """Settings small enough for a log of a few hundred events; the defaults unless a suite says otherwise."""
        return self.model.Config()

    def fit(self, log: EventLog, catalogue: Catalogue, seed: int = 0) -> Recommender:
        fitted = self.model(self.config())
        fitted.fit_all(log, FitContext(catalogue, seed=seed))
        return fitted

    @cached_property
    def board(self) -> KnownAnswers:
        return checkerboard()

    @cached_property
    def ring(self) -> KnownAnswers:
        return chain()

    @cached_property
    def on_board(self) -> Recommender:
        return self.fit(self.board.log, self.board.catalogue)

    @cached_property
    def on_ring(self) -> Recommender:
        return self.fit(self.ring.log, self.ring.catalogue)

    @cached_property
    def mixed(self) -> Histories:
        """Histories of every awkward kind: long, short, repeated, unknown items, empty, behaviours without weight."""
        rows = Histories.of_items([[0, 2, 4, 6], [1], [3, 3, 5], [-1, 999, 2], [], [7, -1], [0, 1, 2, 3, 4, 5]], now_s=self.now())
        behaviours = rows.behaviours.copy()
        behaviours[1], behaviours[-1], behaviours[-3] = BEHAVIOUR_CODE["view"], BEHAVIOUR_CODE["impression"], BEHAVIOUR_CODE["cart"]
        return replace(rows, behaviours=behaviours)

    def now(self) -> int:
        return int(self.board.log.times_s.max()) + DAY_S


def numbers(scores: torch.Tensor) -> np.ndarray:
    return scores.detach().numpy().copy()


def bytes_of(record: object) -> list[bytes]:
    """The bytes of every array of a frozen record; text arrays by their values."""
    values = [getattr(record, field.name) for field in fields(record)]  # type: ignore[arg-type]
    arrays = [value for value in values if isinstance(value, np.ndarray)]
    return [repr(array.tolist()).encode() if array.dtype == object else array.tobytes() for array in arrays]


def bytes_of_state(model: Recommender) -> bytes:
    return save({name: tensor.contiguous().clone() for name, tensor in model.state().items()})
