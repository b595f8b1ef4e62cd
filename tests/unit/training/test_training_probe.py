"""Times told from samples: with a clock that only the fits move, the answer is that of a calculation by hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import Tensor

from recengine.data.dataset import Catalogue, Dataset
from recengine.data.events import EventLog
from recengine.data.histories import Histories
from recengine.data.split import Split, time_split
from recengine.data.vocabulary import Vocabulary
from recengine.errors import TrainingFailed
from recengine.models.base import Capabilities, EpochReport, FitContext, ModelConfig, Recommender
from recengine.models.registry import model_class
from recengine.training import probe as module
from recengine.training.probe import _line, _sample, probe
from recengine.training.validation import VALIDATION_SHOPPERS

FIXED, EACH, A_ROW = 0.05, 2e-5, 0.002  # seconds of any fit, of an event an epoch, of a list


class Clock:
    """Time as the fits below say it passes."""

    def __init__(self) -> None:
        self.now = 0.0
        self.fits: list[int] = []

    def monotonic(self) -> float:
        return self.now


class Timed(Recommender):
    """Its fits and lists take the time that they are said to take."""

    name, title, summary, source = "timed", "Timed", "", ""
    can = Capabilities()
    Config = ModelConfig
    clock = Clock()
    least, each = 0, EACH
    chooses_from, chosen_s = 10**9, 0.0  # a log of so many events lets it choose a setting, which takes so long

    def fit(self, train: EventLog, ctx: FitContext) -> Iterator[EpochReport]:
        if len(train) < self.least:
            raise TrainingFailed("Too few.")
        self.n_items = train.n_items
        self.clock.fits.append(len(train))
        epochs = getattr(self.config, "epochs", 1)
        self.clock.now += self.chosen_s if len(train) >= self.chooses_from else 0.0
        self.clock.now += FIXED + self.each * len(train) * epochs + (1.0 if len(self.clock.fits) == 1 else 0.0)  # the first one compiles
        ctx.stop_if_asked()
        yield EpochReport(1, 1)

    def score(self, histories: Histories, candidates: np.ndarray | None = None) -> Tensor:
        self.clock.now += A_ROW * len(histories)
        return torch.rand(len(histories), self.n_items)

    def state(self) -> dict[str, Tensor]:
        return {}

    def load_state(self, state: dict[str, Tensor]) -> None:
        raise NotImplementedError


class Epochs(ModelConfig):
    """So many."""

    epochs: int = 7


class TimedEpochs(Timed):
    Config = Epochs
    can = Capabilities(epochs=True)


@pytest.fixture(scope="module")
def large() -> tuple[EventLog, Catalogue, Split]:
    rng = np.random.default_rng(1)
    n_users, n_items, n = 4000, 120, 60_000
    log = EventLog.build(rng.integers(0, n_users, n), rng.integers(0, n_items, n), rng.integers(0, 100 * 86_400, n), n_users, n_items)
    catalogue = Catalogue.bare(Vocabulary.build([f"i{code:03d}" for code in range(n_items)]))
    return log, catalogue, time_split(log, catalogue.sellable)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=made.monotonic))
    monkeypatch.setattr(Timed, "clock", made)
    return made


def test_a_model_solved_in_one_go(large: tuple[EventLog, Catalogue, Split], clock: Clock) -> None:
    log, catalogue, split = large
    found = probe(Timed, ModelConfig(), catalogue, split, log)
    assert found is not None
    expected = 2 * FIXED + EACH * (len(split.past) + len(log)) + A_ROW * len(split.test)
    assert found.seconds == pytest.approx(expected, rel=1e-6)
    assert found.sample_events == clock.fits[-1]


@pytest.mark.usefixtures("clock")
def test_a_model_that_learns_in_epochs_is_tuned_first(large: tuple[EventLog, Catalogue, Split]) -> None:
    log, catalogue, split = large
    found = probe(TimedEpochs, Epochs(), catalogue, split, log)
    assert found is not None
    events = len(split.train) + len(split.past) + len(log)
    asked = min(len(split.valid), VALIDATION_SHOPPERS)
    assert found.seconds == pytest.approx(3 * FIXED + 7 * EACH * events + A_ROW * (len(split.test) + 7 * asked), rel=1e-6)


@pytest.mark.usefixtures("clock")
def test_under_leave_last_out_nothing_is_fitted_for_serving(large: tuple[EventLog, Catalogue, Split]) -> None:
    log, catalogue, split = large
    found = probe(Timed, ModelConfig(), catalogue, replace(split, kind="leave-last"), log)
    assert found is not None
    assert found.seconds == pytest.approx(FIXED + EACH * len(split.past) + A_ROW * len(split.test), rel=1e-6)


def test_dear_models_see_small_samples_and_the_time_is_bounded(
    large: tuple[EventLog, Catalogue, Split], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    log, catalogue, split = large
    monkeypatch.setattr(Timed, "each", 3e-4)  # the whole log takes 17 s
    found = probe(Timed, ModelConfig(), catalogue, split, log, seconds=module.SECONDS)
    assert found is not None
    assert clock.fits[-1] < len(split.past) / 2
    assert clock.now < 1.4 + 3 * module.SECONDS
    assert found.seconds == pytest.approx(2 * FIXED + 3e-4 * (len(split.past) + len(log)) + A_ROW * len(split.test), rel=1e-6)


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize(("jump_s", "told"), [(8.0, True), (40.0, False)])
def test_what_only_large_logs_let_a_model_do_is_waited_for_within_reason(
    large: tuple[EventLog, Catalogue, Split], monkeypatch: pytest.MonkeyPatch, jump_s: float, told: bool
) -> None:
    log, catalogue, split = large
    monkeypatch.setattr(Timed, "chooses_from", 3000)
    monkeypatch.setattr(Timed, "chosen_s", jump_s)
    found = probe(Timed, ModelConfig(), catalogue, split, log, seconds=module.SECONDS)
    assert (found is not None) == told
    assert found is None or (found.sample_events >= 3000 and found.seconds > jump_s)


@pytest.mark.usefixtures("clock")
def test_a_first_fit_that_takes_too_long_gives_no_time(large: tuple[EventLog, Catalogue, Split], monkeypatch: pytest.MonkeyPatch) -> None:
    log, catalogue, split = large
    monkeypatch.setattr(Timed, "each", 0.1)
    assert probe(Timed, ModelConfig(), catalogue, split, log) is None


def test_too_little_to_learn_from_asks_for_more(
    large: tuple[EventLog, Catalogue, Split], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    log, catalogue, split = large
    monkeypatch.setattr(Timed, "least", 5000)
    found = probe(Timed, ModelConfig(), catalogue, split, log)
    assert found is not None
    assert min(clock.fits) >= 5000
    monkeypatch.setattr(Timed, "least", 10**9)
    assert probe(Timed, ModelConfig(), catalogue, split, log) is None


def test_a_line_never_falls() -> None:
    fits = [module._Fit(10.0, 2.0, 1), module._Fit(100.0, 1.5, 1)]
    assert _line(fits) == (1.5, 0.0)
    assert _line(fits[:1]) == (0.0, 0.2)


def test_samples_are_whole_shoppers(large: tuple[EventLog, Catalogue, Split]) -> None:
    log, catalogue, _ = large
    sample, same = _sample(log, catalogue, 2000, len(catalogue))
    assert same is catalogue
    assert 2000 <= len(sample) < 2100
    lengths = np.bincount(log.user_codes, minlength=log.n_users)
    taken = np.bincount(sample.user_codes, minlength=log.n_users)
    assert ((taken == 0) | (taken == lengths)).all()


def test_a_sample_of_items_keeps_what_was_done_on_them(large: tuple[EventLog, Catalogue, Split]) -> None:
    log, catalogue, _ = large
    sample, part = _sample(log, catalogue, len(log), 30)
    assert len(part) == sample.n_items == 30
    kept = set(part.vocabulary.ids)
    expected = [
        (int(user), name) for user, name in zip(log.user_codes, catalogue.vocabulary.ids[log.item_codes], strict=True) if name in kept
    ]
    assert list(zip(sample.user_codes.tolist(), part.vocabulary.ids[sample.item_codes], strict=True)) == expected


@pytest.mark.parametrize("name", ["popularity", "item-knn", "ease", "als"])
def test_real_models_are_measured(shop: Dataset, name: str) -> None:
    kind = model_class(name)
    split = time_split(shop.products_log, shop.catalogue.sellable)
    found = probe(kind, kind.Config(), shop.catalogue, split, shop.products_log)
    assert found is not None
    assert 0 < found.seconds < 600
