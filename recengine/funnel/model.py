"""The funnel: several models recall candidates, one learned ranker weighs them into a calibrated probability."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
import scipy.sparse as sp
import torch
from pydantic import Field, ValidationError
from torch import Tensor

from recengine.data.events import EventLog
from recengine.data.histories import Histories
from recengine.errors import BadInput, TrainingFailed
from recengine.funnel.columns import table
from recengine.funnel.facts import ItemFacts, word_vectors
from recengine.funnel.learning import Examples, Taught, examples_of, learn
from recengine.funnel.ranker import Ranker, sigmoid
from recengine.funnel.rankers.base import ranker_class
from recengine.funnel.recall import Recalled, RecentRecalls, batches, recall
from recengine.funnel.signals import STATIC, Signal, signals_of
from recengine.funnel.trees import MAX_DEPTH
from recengine.funnel.windows import behaviours_of, windows_before
from recengine.models.base import Capabilities, EpochReport, FitContext, ModelConfig, Recommender, TopK, check_trainable
from recengine.models.registry import model_class

DEFAULT_GENERATORS = ("transitions", "item-knn", "ease", "popularity", "content")


class FunnelConfig(ModelConfig):
    """Who recalls, how many, and how the ranker learns."""

    generators: tuple[str, ...] = DEFAULT_GENERATORS
    """Models that recall candidates; those that cannot be trained on this data are left out."""
    target: Literal["auto", "purchase", "cart", "view", "favourite", "rating", "share"] = "auto"
    """Whose chance ranks the list; auto takes purchases where there are any, else the strongest behaviour of the log."""
    settings: dict[str, dict[str, Any]] = Field(default_factory=dict)
    """Settings of single generators by model name; defaults where nothing is said."""
    candidates: int = Field(default=100, ge=10, le=1000)
    """Items each generator puts forward for a shopper."""
    quota: dict[str, Annotated[int, Field(ge=1, le=1000)]] = Field(default_factory=dict)
    """Items that single generators put forward, by model name, where it is not `candidates`."""
    ranker: Literal["trees", "logistic", "mlp"] = "trees"
    """What weighs the signals: boosted trees, logistic regression (simplest to read) or a small neural network."""
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
    """Pulls leaves, and the weights of logistic regression, with little evidence to zero."""
    ablation: bool = True
    """Measure what each group of signals adds, by learning without it; takes some seconds more."""


class Funnel(Recommender):
    """Candidates → ranker. Fit: every generator once a window and once on everything, then the trees."""

    name = "funnel"
    title = "Funnel"
    summary = "Several models propose, one ranker decides: the chance that the shopper takes the item in the next weeks."
    source = "Candidate generation and ranking after Covington et al., RecSys 2016; histogram boosting; Platt calibration"
    Config = FunnelConfig
    can = Capabilities(cold_users=True, order=True, time=True, features=True)
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "quick": {"windows": 1, "trees": 50, "max_shoppers": 1000, "ablation": False},
        "thorough": {"trees": 240, "learning_rate": 0.05},
    }
    family = "combined"
    search: ClassVar[dict[str, dict[str, Any] | None]] = dict.fromkeys(
        ("window_share", "windows", "choices", "max_shoppers", "target", "quota", "ablation")
    )
    calibrated: ClassVar[bool] = True  # scores are probabilities
    config: FunnelConfig

    generators: dict[str, Recommender]
    facts: ItemFacts
    signals: tuple[Signal, ...]
    heads: dict[str, Ranker]  # behaviour → its ranker; the first one ranks
    taught: Taught | None = None  # what the ranking head learned from; kept after a fit, not in the state

    def fit(self, train: EventLog, ctx: FitContext) -> Iterator[EpochReport]:
        """See the base. One report a phase; unlike single models it answers only after the last one.

        The metrics are of shoppers the ranker never learned from.

        Every window's generators are fitted on the events before that window alone, so the ranker sees signals as they
        would have been, but for the catalogue's columns, which come from the whole file (see `ItemFacts.of`).
        """
        ctx.stop_if_asked()
        check_trainable(train)
        config = self.config
        behaviours, sellable = behaviours_of(train, config.target), ctx.catalogue.sellable
        windows = windows_before(train, sellable, config.window_share, config.windows, config.choices, behaviours)
        names, examples = tuple(dict.fromkeys(config.generators)), list[Examples]()
        for name in (*names, *config.quota):
            self._new(name)  # a wrong name or setting is told before anything is fitted
        of, done, texts = len(names) * (len(windows) + 1) + 1, 0, word_vectors(ctx.catalogue)
        for window in windows:
            generators: dict[str, Recommender] = {}
            for name in names:
                self._fit_generator(generators, name, window.past, ctx)
                yield EpochReport(done := done + 1, of)
            if examples and tuple(generators) != names:
                ctx.note("An earlier window is too small for every model and is left out")
                continue
            names = tuple(generators)
            ctx.note(f"Recalling candidates for {len(window):,} shoppers")
            if names:
                examples.append(examples_of(window, generators, ctx, self.quotas(names), config.max_shoppers, texts))
        ctx.stop_if_asked()
        facts = ItemFacts.of(train, ctx.catalogue, texts)
        told = [{s.key for s in e.signals} for e in examples]
        # What a window could not tell yet (a season, before it came round) is not asked later either.
        facts = facts.without({s.needs for s in STATIC if s.needs and not all(s.key in keys for keys in told)})
        signals = signals_of(names, facts)
        examples = [e.only(signals) for e in examples]
        heads, taught = self._learn_heads(examples, behaviours, ctx, train.n_users)
        figures = taught.figures
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
        self._become(final, facts, heads)
        self.taught = taught
        yield EpochReport(of, of, metrics=figures)

    def _learn_heads(
        self, examples: list[Examples], behaviours: tuple[str, ...], ctx: FitContext, n_users: int
    ) -> tuple[dict[str, Ranker], Taught]:
        """The ranker of every behaviour with enough choices, the ranking one first, and how that one was learned."""
        heads: dict[str, Ranker] = {}
        first: Taught | None = None
        for behaviour in behaviours:
            ctx.stop_if_asked()
            ctx.note("Fitting the ranker" if first is None else f"Fitting the chance of a {behaviour}")
            try:
                taught = learn(examples, behaviour, self.config, ctx.seed, n_users, ctx.stop_if_asked)
            except TrainingFailed:
                if first is None:
                    raise
                ctx.note(f"The chance of a {behaviour} is left out: too few new ones")
                continue
            heads[behaviour] = taught.ranker
            first = first or taught
        assert first is not None  # the first behaviour either taught something or raised
        return heads, first

    def quotas(self, names: tuple[str, ...]) -> dict[str, int]:
        """Items that each generator puts forward."""
        return {name: self.config.quota.get(name, self.config.candidates) for name in names}

    @property
    def ranker(self) -> Ranker:
        """The head that ranks."""
        return self.heads[self.target]

    @property
    def target(self) -> str:
        """The behaviour whose chance ranks."""
        return next(iter(self.heads))

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

    def _become(self, generators: dict[str, Recommender], facts: ItemFacts, heads: dict[str, Ranker]) -> None:
        self.generators, self.facts, self.heads = generators, facts, heads
        self.signals = signals_of(tuple(generators), facts, self.quotas(tuple(generators)))
        self.n_items = len(facts.sellable)
        self._recent = RecentRecalls(self.n_items * len(generators))

    def recalled(self, histories: Histories) -> Recalled:
        """What the generators say to these histories; for a few rows at a time, see `recall.batches`. Read-only: the last ones are kept."""
        quotas, sellable = self.quotas(tuple(self.generators)), self.facts.sellable
        return self._recent.of(histories, lambda: recall(self.generators, histories, quotas, sellable))

    def table(self, recalled: Recalled, histories: Histories, rows: np.ndarray, items: np.ndarray) -> np.ndarray:
        """float64 [P, n_signals]: what the ranker reads about each pair of row and item."""
        return table(self.signals, recalled, self.facts, histories, rows, items)

    def score(self, histories: Histories, candidates: np.ndarray | None = None) -> Tensor:
        """Calibrated chance that the shopper takes the item in the window after the question.

        Without `candidates` only recalled items are scored and the rest is NaN; given candidates are all scored. Items the
        shopper already has and items that are no products are NaN: the ranker learned from new choices alone.
        """
        n_rows = len(histories)
        shape = (n_rows, self.n_items) if candidates is None else np.shape(candidates)
        out = np.full(shape, np.nan, dtype=np.float32)
        for rows, columns, values in self._tables(histories, candidates):
            out[rows, columns] = sigmoid(self.ranker.log_odds(values))
        return torch.from_numpy(out)

    def chances(self, histories: Histories, item_codes: np.ndarray) -> dict[str, np.ndarray]:
        """The chance of every behaviour in the window after the question, of shoppers who come back, the ranking one first.

        Args:
            histories: B rows.
            item_codes: int [B, C].

        Returns:
            Behaviour → float64 [B, C]; NaN for what the shopper has, what is no product, and codes outside the catalogue.
        """
        found = {name: np.full(np.shape(item_codes), np.nan) for name in self.heads}
        for rows, columns, values in self._tables(histories, item_codes):
            for name, ranker in self.heads.items():
                found[name][rows, columns] = sigmoid(ranker.log_odds(values))
        return found

    def _tables(self, histories: Histories, candidates: np.ndarray | None) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Row, column and signals of every pair that can be scored, as many at a time as memory holds."""
        given = None if candidates is None else np.asarray(candidates, dtype=np.int64)
        for part in batches(len(histories), self.n_items, len(self.generators)):
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
            yield part.start + rows, columns, self.table(recalled, here, rows, items)

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
        for place, (name, ranker) in enumerate(self.heads.items()):
            found |= {f"head.{name}.{key}": torch.from_numpy(value) for key, value in ranker.core.arrays().items()}
            found[f"heads.{place}.{name}"] = torch.tensor([ranker.slope, ranker.offset, ranker.rate], dtype=torch.float64)
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
        heads: dict[str, Ranker] = {}
        for key, calibration in sorted(under("heads.").items(), key=lambda entry: int(entry[0].partition(".")[0])):
            name = key.partition(".")[2]
            arrays = {part: value.numpy() for part, value in under(f"head.{name}.").items()}
            heads[name] = Ranker(ranker_class(self.config.ranker).from_arrays(arrays), *calibration.tolist())
        self._become(generators, facts, heads)
