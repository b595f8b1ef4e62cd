"""Every registered model passes the shipped contract, and broken models fail it."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from recengine.data.dataset import Catalogue
from recengine.data.events import EventLog
from recengine.data.histories import Histories
from recengine.models.base import Capabilities, FitContext, ModelConfig, Recommender
from recengine.models.ease import Ease, EaseConfig
from recengine.models.registry import model_class, single_models
from recengine.testing.model_contract import ModelContract

# Settings for a log of 200 events; what is not named here runs with its defaults.
SMALL: dict[str, dict[str, Any]] = {
    "als": {"factors": 8, "epochs": 8},
    "attention": {"factors": 16, "attention_factors": 4, "epochs": 20, "learning_rate": 0.05, "negatives": 16, "batch_size": 8},
    "bpr": {"factors": 16, "epochs": 20, "learning_rate": 0.05, "negatives": 16, "batch_size": 8},
    "ease": {"regularisation": 2.0},
    "lightgcn": {"factors": 16, "epochs": 20, "learning_rate": 0.05, "negatives": 16, "batch_size": 32},
    "neumf": {"factors": 16, "units": 16, "epochs": 30, "learning_rate": 0.03, "negatives": 16, "batch_size": 8},
    "sasrec": {"factors": 16, "layers": 1, "max_length": 10, "batch_size": 8, "epochs": 15, "learning_rate": 5e-3, "dropout": 0.5},
    "transitions": {"window": 3},
}


@pytest.fixture(params=list(single_models()), scope="class")
def name(request: pytest.FixtureRequest) -> str:
    return request.param


class TestRegisteredModels(ModelContract):
    @pytest.fixture(autouse=True)
    def _choose(self, name: str) -> None:
        shared = _suite(model_class(name), SMALL.get(name, {}))
        self.__dict__.update(shared)

    @property
    def model(self) -> type[Recommender]:
        return self.chosen  # type: ignore[attr-defined]

    def config(self) -> ModelConfig:
        return self.settings  # type: ignore[attr-defined]


_SUITES: dict[type[Recommender], dict[str, Any]] = {}


def _suite(model: type[Recommender], settings: dict[str, Any]) -> dict[str, Any]:
    """The fitted models of one class, made once for all its tests."""
    if model not in _SUITES:
        suite = TestRegisteredModels()
        suite.__dict__.update({"chosen": model, "settings": model.Config(**settings)})
        for shared in ("board", "ring", "on_board", "on_ring", "mixed"):
            getattr(suite, shared)
        _SUITES[model] = suite.__dict__
    return _SUITES[model]


def _failures(model: type[Recommender], settings: ModelConfig) -> set[str]:
    """Names of the contract tests that a model fails."""

    class Suite(ModelContract):
        @property
        def model(self) -> type[Recommender]:
            return model

        def config(self) -> ModelConfig:
            return settings

    failed: set[str] = set()
    suite = Suite()
    for test, method in inspect.getmembers(suite, inspect.ismethod):
        if not test.startswith("test_"):
            continue
        for arguments in _arguments(method):
            try:
                method(**arguments)
            except (Exception, pytest.fail.Exception):
                failed.add(test)
    return failed


def _arguments(method: Callable[..., None]) -> list[dict[str, Any]]:
    marks = [mark for mark in getattr(method, "pytestmark", []) if mark.name == "parametrize"]
    return [{marks[0].args[0]: value} for value in marks[0].args[1]] if marks else [{}]


SETTINGS = EaseConfig(regularisation=2.0)


class ShiftedCodes(Ease):
    """Off by one: the scores of item j stand at j + 1."""

    def _become(self, matrix: Any, scored: np.ndarray) -> None:
        super()._become(np.roll(np.asarray(matrix), 1, axis=1), np.roll(scored, 1))


class ReadsTheAnswers(Ease):
    """Learns who is asked about instead of what they did."""

    def score(self, histories: Histories, candidates: np.ndarray | None = None) -> torch.Tensor:
        scores = super().score(histories, candidates)
        scores[torch.from_numpy(histories.user_codes < 0)] = torch.nan
        return scores


class RemembersTheLastBatch(Ease):
    """Scores depend on what was asked before."""

    def score(self, histories: Histories, candidates: np.ndarray | None = None) -> torch.Tensor:
        scores = super().score(histories, candidates)
        self._matrix *= 1.01
        return scores


class WritesIntoTheHistories(Ease):
    """Sorts the caller's arrays in place."""

    def score(self, histories: Histories, candidates: np.ndarray | None = None) -> torch.Tensor:
        histories.item_codes.sort()
        return super().score(histories, candidates)

    def score_then_exact(self, histories: Histories) -> Any:
        histories.item_codes.sort()
        return super().score_then_exact(histories)


class NormalisesByTheBatch(Ease):
    """A row's scores depend on the rows beside it."""

    def score(self, histories: Histories, candidates: np.ndarray | None = None) -> torch.Tensor:
        scores = super().score(histories, candidates)
        return scores / torch.nan_to_num(scores).abs().max()


class NeverStops(Ease):
    """Does not ask whether to stop."""

    def fit(self, train: EventLog, ctx: FitContext) -> Any:
        yield from super().fit(train, FitContext(ctx.catalogue, ctx.seed))


class ClaimsMore(Ease):
    """Declares abilities that it has not, and denies one that it has."""

    can = Capabilities(
        cold_users=True, cold_items=True, order=True, time=True, features=True, linear=True, dislikes=False, max_items=15_000
    )


class DeniesLinear(Ease):
    """Adds a popularity prior that its contributions do not tell of."""

    def score_then_exact(self, histories: Histories) -> Any:
        scores, exact = super().score_then_exact(histories)
        return scores, lambda codes: exact(codes) + 0.1


class ForgetsItsState(Ease):
    """Loses a part of what it learned on the way to the disk."""

    def state(self) -> dict[str, torch.Tensor]:
        return super().state() | {"matrix": torch.from_numpy(np.zeros_like(self._matrix))}


class DrawsWithoutASeed(Ease):
    """Two fits differ."""

    def _become(self, matrix: Any, scored: np.ndarray) -> None:
        super()._become(np.asarray(matrix) + np.random.default_rng().normal(0, 1e-3, np.shape(matrix)).astype(np.float32), scored)


class ForgivesEverything(Ease):
    """What a shopper did not like says nothing."""

    def event_values(self, histories: Histories) -> np.ndarray:
        return np.maximum(super().event_values(histories), 0.0)


class LikesEverything(Ease):
    """What a shopper did not like counts as liked."""

    def event_values(self, histories: Histories) -> np.ndarray:
        return np.abs(super().event_values(histories))


MUTANTS = {
    ShiftedCodes: "test_finds_the_answer_that_is_known",
    ReadsTheAnswers: "test_nobody_in_particular_is_answered_too",
    RemembersTheLastBatch: "test_neither_fit_nor_score_changes_its_input",
    WritesIntoTheHistories: "test_neither_fit_nor_score_changes_its_input",
    NormalisesByTheBatch: "test_a_batch_scores_like_its_rows_one_by_one",
    NeverStops: "test_cancel_within_one_batch",
    DeniesLinear: "test_linear_as_declared",
    ForgivesEverything: "test_dislikes_as_declared",
    LikesEverything: "test_dislikes_as_declared",
    ForgetsItsState: "test_state_survives_the_disk",
    DrawsWithoutASeed: "test_same_seed_and_shuffled_rows_give_the_same_state",
}


@pytest.mark.parametrize("mutant", list(MUTANTS), ids=lambda mutant: mutant.__name__)
def test_a_broken_model_fails_the_suite(mutant: type[Recommender]) -> None:
    assert MUTANTS[mutant] in _failures(mutant, SETTINGS)


def test_false_claims_fail_one_by_one() -> None:
    failed = _failures(ClaimsMore, SETTINGS)
    assert {f"test_{claim}_as_declared" for claim in ("cold_users", "cold_items", "order", "time", "features", "dislikes")} <= failed


def test_the_unbroken_model_passes_the_same_runner() -> None:
    assert _failures(Ease, SETTINGS) == set()


def test_models_are_found_by_folder() -> None:
    assert {"als", "content", "ease", "item-knn", "popularity", "transitions"} <= set(single_models())
    assert all(isinstance(model.can, Capabilities) for model in single_models().values())


def test_a_catalogue_without_text_is_refused_by_content() -> None:
    from recengine.data.vocabulary import Vocabulary
    from recengine.errors import TrainingFailed

    log = EventLog.build(np.array([0, 0, 1]), np.array([0, 1, 1]), np.arange(3), 2, 2)
    with pytest.raises(TrainingFailed, match="no text"):
        model_class("content")().fit_all(log, FitContext(Catalogue.bare(Vocabulary.build(["a", "b"]))))
