"""The funnel: several models recall candidates, one learned ranker weighs them into a calibrated probability."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np
import scipy.sparse as sp
import torch
from pydantic import Field, ValidationError
from torch import Tensor

from recengine.data.events import EventLog
from recengine.data.histories import Histories
from recengine.errors import BadInput, TrainingFailed
from recengine.funnel.facts import ItemFacts
from recengine.funnel.learning import Examples, examples_of, learn, windows_before
from recengine.funnel.ranker import Ranker, sigmoid
from recengine.funnel.recall import Recalled, batches, recall
from recengine.funnel.signals import Signal, signals_of, table
from recengine.funnel.trees import MAX_DEPTH, TreeEnsemble
from recengine.models.base import Capabilities, EpochReport, FitContext, ModelConfig, Recommender, TopK, check_trainable
from recengine.models.registry import model_class

DEFAULT_GENERATORS = ("transitions", "item-knn", "ease", "popularity", "content")


class FunnelConfig(ModelConfig):
    """Who recalls, how many, and how the ranker learns."""

    generators: tuple[str, ...] = DEFAULT_GENERATORS
    """Models that recall candidates; those that cannot be trained on this data are left out."""
    settings: dict[str, dict[str, Any]] = Field(default_factory=dict)
    """Settings of single generators by model name; defaults where nothing is said."""
    candidates: int = Field(default=100, ge=10, le=1000)
    """Items each generator puts forward for a shopper."""
    window_share: float = Field(default=0.075, gt=0.005, le=0.3)
    """Length of the window whose choices are the labels, as a share of the whole period."""
    windows: int = Field(default=4, ge=1, le=12)
    """Windows learned from at most, the newest first."""
    choices: int = Field(default=5000, ge=100, le=1_000_000)
    """New choices to learn from: older windows are added until there are so many. Each one fits every generator once more."""
    max_shoppers: int = Field(default=4000, ge=200, le=200_000)
    """Shoppers of a window the ranker learns from; drawn at random where there are more."""
    negatives: int = Field(default=40, ge=10, le=2000)
    """Candidates without a choice kept per shopper; the others are counted through weights."""
    trees: int = Field(default=100, ge=10, le=1000)
    """Trees of the ranker."""
    depth: int = Field(default=5, ge=2, le=MAX_DEPTH)
    """Questions a tree asks in a row."""
    learning_rate: float = Field(default=0.08, gt=0.0, le=1.0)
    """How far each tree moves the score."""
    min_rows: int = Field(default=50, ge=1, le=10_000)
    """Smallest number of candidates in a leaf."""
    l2: float = Field(default=5.0, ge=0.0, le=1000.0)
    """Pulls leaves with little evidence to zero."""


class Funnel(Recommender):
    """Candidates → ranker. Fit: every generator once a window and once on everything, then the trees."""

    name = "funnel"
    title = "Funnel"
    summary = "Several models propose, one ranker decides: the chance that the shopper takes the item in the next weeks."
    source = "Candidate generation and ranking after Covington et al., RecSys 2016; histogram boosting; Platt calibration"
    Config = FunnelConfig
    can = Capabilities(cold_users=True, order=True, time=True, features=True)
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "quick": {"windows": 1, "trees": 50, "max_shoppers": 1000},
        "thorough": {"trees": 240, "learning_rate": 0.05},
    }
    family = "combined"
    search: ClassVar[dict[str, dict[str, Any] | None]] = {"window_share": None, "windows": None, "choices": None, "max_shoppers": None}
    calibrated: ClassVar[bool] = True  # scores are probabilities
    config: FunnelConfig

    generators: dict[str, Recommender]
    facts: ItemFacts
    signals: tuple[Signal, ...]
    ranker: Ranker

    def fit(self, train: EventLog, ctx: FitContext) -> Iterator[EpochReport]:
        """See the base. One report a phase; unlike single models it answers only after the last one.

        The metrics are of shoppers the ranker never learned from.

        Every window's generators are fitted on the events before that window alone, so the ranker sees signals as they
        would have been, but for the catalogue's columns, which come from the whole file (see `ItemFacts.of`).
        """
        ctx.stop_if_asked()
        check_trainable(train)
        config = self.config
        windows = windows_before(train, ctx.catalogue.sellable, config.window_share, config.windows, config.choices)
        names, examples = tuple(dict.fromkeys(config.generators)), list[Examples]()
        for name in names:
            self._new(name)  # a wrong name or setting is told before anything is fitted
        of, done = len(names) * (len(windows) + 1) + 1, 0
        for window in windows:
            generators: dict[str, Recommender] = {}
            for name in names:
                self._fit_generator(generators, name, window.past, ctx)
                yield EpochReport(done := done + 1, of)
            if examples and tuple(generators) != names:
                ctx.note("An earlier window is too small for every model and is left out")
                continue
            names = tuple(generators)
            ctx.note(f"Recalling candidates for {len(window.targets):,} shoppers")
            if names:
                examples.append(examples_of(window, generators, ctx, config.candidates, config.max_shoppers))
        ctx.stop_if_asked()
        ctx.note("Fitting the ranker")
        ranker, figures = learn(examples, config, ctx.seed, train.n_users)
        yield EpochReport(done := min(done + 1, of), of, metrics=figures)
        final: dict[str, Recommender] = {}
        for name in names:
            self._fit_generator(final, name, train, ctx, keep=True)
            if name != names[-1]:
                yield EpochReport(done := done + 1, of, metrics=figures)
        if tuple(final) != names:
            lost = ", ".join(sorted(set(names) - set(final)))
            raise TrainingFailed(
                "A model could not be trained on the whole log.", f"It worked on a part of it: {lost}.", "Leave that model out."
            )
        self._become(final, ItemFacts.of(train, ctx.catalogue), ranker)
        yield EpochReport(of, of, metrics=figures)

    def _fit_generator(self, fitted: dict[str, Recommender], name: str, log: EventLog, ctx: FitContext, keep: bool = False) -> None:
        ctx.stop_if_asked()
        model = self._new(name)
        key = f"{name} {model.config.model_dump_json()} {ctx.seed} {ctx.device} {log.digest}"
        if (
            ctx.fitted is not None and key in ctx.fitted
        ):  # what was judged up to the test cut is what the last window of the serving fit starts from
            fitted[name] = ctx.fitted[key]
            return
        ctx.note(f"Fitting {model.title}")
        try:
            model.fit_all(log, ctx)
        except TrainingFailed as failure:
            ctx.note(f"{model.title} is left out: {failure.what}")
            return
        fitted[name] = model
        if keep and ctx.fitted is not None:
            ctx.fitted[key] = model

    def _new(self, name: str) -> Recommender:
        kind = model_class(name)
        try:
            return kind(kind.Config.model_validate(self.config.settings.get(name, {})))
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(str(part) for part in first["loc"])
            raise BadInput(
                f"{kind.title} cannot use its setting {field}.", f"{first['msg']}.", "Change it in the funnel's settings."
            ) from None

    def _become(self, generators: dict[str, Recommender], facts: ItemFacts, ranker: Ranker) -> None:
        self.generators, self.facts, self.ranker = generators, facts, ranker
        self.signals = signals_of(tuple(generators), facts)
        self.n_items = len(facts.sellable)

    def recalled(self, histories: Histories) -> Recalled:
        """What the generators say to these histories; for a few rows at a time, see `recall.batches`."""
        return recall(self.generators, histories, self.config.candidates, self.facts.sellable)

    def table(self, recalled: Recalled, histories: Histories, rows: np.ndarray, items: np.ndarray) -> np.ndarray:
        """float64 [P, n_signals]: what the ranker reads about each pair of row and item."""
        return table(self.signals, recalled, self.facts, histories, rows, items)

    def score(self, histories: Histories, candidates: np.ndarray | None = None) -> Tensor:
        """Calibrated chance that the shopper takes the item in the window after the question.

        Without `candidates` only recalled items are scored and the rest is NaN; given candidates are all scored. Items the
        shopper already has and items that are no products are NaN: the ranker learned from new choices alone.
        """
        n_rows = len(histories)
        given = None if candidates is None else np.asarray(candidates, dtype=np.int64)
        out = np.full((n_rows, self.n_items) if given is None else given.shape, np.nan, dtype=np.float32)
        for part in batches(n_rows, self.n_items, len(self.generators)):
            here = histories.rows(part)
            recalled = self.recalled(here)
            if given is None:
                rows, columns = recalled.pairs()
                items = columns
            else:
                codes = given[part]
                known = (codes >= 0) & (codes < self.n_items)
                known &= np.take_along_axis(recalled.open, np.where(known, codes, 0), axis=1)
                rows, columns = np.nonzero(known)
                items = codes[rows, columns]
            out[part.start + rows, columns] = sigmoid(self.ranker.log_odds(self.table(recalled, here, rows, items)))
        return torch.from_numpy(out)

    def recommend(
        self, histories: Histories, k: int, exclude: sp.csr_matrix | None = None, allow: np.ndarray | None = None, batch: int = 1024
    ) -> TopK:
        """See the base. Only recalled items come into question; the scores are float64, the same that an explanation adds up to."""
        del batch  # memory decides the size, see `recall.batches`
        n_rows, k = len(histories), max(int(k), 0)
        if exclude is not None and exclude.shape != (n_rows, self.n_items):
            raise ValueError(f"exclude is {exclude.shape}, expected {(n_rows, self.n_items)}")
        if allow is not None and len(allow) != self.n_items:
            raise ValueError(f"allow has {len(allow)} items, expected {self.n_items}")
        lists = TopK(np.full((n_rows, k), -1, dtype=np.int32), np.full((n_rows, k), np.nan))
        for part in batches(n_rows, self.n_items, len(self.generators)) if k else []:
            here = histories.rows(part)
            recalled = self.recalled(here)
            rows, items = recalled.pairs()
            usable = np.ones(len(rows), dtype=bool) if allow is None else np.asarray(allow, dtype=bool)[items]
            if exclude is not None:
                usable &= np.asarray(exclude[part][rows, items]).ravel() == 0
            rows, items = rows[usable], items[usable]
            chance = sigmoid(self.ranker.log_odds(self.table(recalled, here, rows, items)))
            order = np.lexsort((items, -chance, rows))
            starts = np.searchsorted(rows[order], np.arange(len(here)))
            place = np.arange(len(order)) - starts[rows[order]]
            first = order[place < k]
            at = part.start + rows[first], place[place < k]
            lists.item_codes[at], lists.scores[at] = items[first], chance[first]
        return lists

    def state(self) -> dict[str, Tensor]:
        found: dict[str, Tensor] = {}
        for name, model in self.generators.items():
            found |= {f"generator.{name}.{key}": value for key, value in model.state().items()}
        found |= {f"facts.{key}": torch.from_numpy(value) for key, value in self.facts.arrays().items()}
        found |= {f"trees.{key}": torch.from_numpy(value) for key, value in self.ranker.trees.arrays().items()}
        found["calibration"] = torch.tensor([self.ranker.slope, self.ranker.offset], dtype=torch.float64)
        return found

    def load_state(self, state: dict[str, Tensor]) -> None:
        def under(prefix: str) -> dict[str, Tensor]:
            return {key[len(prefix) :]: value for key, value in state.items() if key.startswith(prefix)}

        generators: dict[str, Recommender] = {}
        for name in dict.fromkeys(self.config.generators):
            part = under(f"generator.{name}.")
            if part:
                generators[name] = self._new(name)
                generators[name].load_state(part)
        facts = ItemFacts.from_arrays({key: value.numpy() for key, value in under("facts.").items()})
        trees = TreeEnsemble(**{key: value.numpy() for key, value in under("trees.").items()})
        slope, offset = state["calibration"].tolist()
        self._become(generators, facts, Ranker(trees, slope, offset))
