"""Transitions over text: what shoppers took next, what reads like that, and what reads like the history, in one linear model."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
import torch
from pydantic import Field
from torch import Tensor

from recengine.data.events import EventLog
from recengine.data.histories import Histories
from recengine.data.split import Targets, window_targets
from recengine.models.base import (
    Capabilities,
    Contributions,
    EpochReport,
    FitContext,
    Recommender,
    check_trainable,
    gather_candidates,
)
from recengine.models.parts.holdout import Holdout
from recengine.models.text import Text, TextConfig
from recengine.models.transitions import Transitions, TransitionsConfig

WEIGHTS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0)  # text weights that are tried
HOLDOUT = 0.075  # share of the period in each window that is held out to choose among them
WINDOWS = 3  # one is too few: its best weight is as much chance as taste
ENOUGH = 100  # shoppers with an answer in a window, else it does not count
ASKED = 1000  # of them are asked
BLOCK = 512  # items or shoppers at once


class TextTransitionsConfig(TransitionsConfig):
    """How far a step reaches, how much texts count, and how steps are counted."""

    encoder: str = Field(default="", max_length=500)
    """Folder or Hugging Face name of the language model; empty takes the one that is installed with Merchlens."""
    choose_text_weight: bool = True
    """Choose how much texts count on the last weeks of the events, where enough shoppers bought something new in them."""
    text_weight: float = Field(default=1.0, ge=0.0, le=10.0)
    """How much likeness of texts counts beside steps; used where it is not chosen."""
    neighbours: int = Field(default=50, ge=0, le=500)
    """Items of like text that a step reaches beyond the item shoppers took next; 0 stays with what was taken."""
    neighbour_weight: float = Field(default=1.0, ge=0.0, le=20.0)
    """How much a step on to items of like text counts beside the step itself."""
    likeness_power: float = Field(default=3.0, ge=0.1, le=10.0)
    """Higher values lead on to the most alike items alone."""
    whitening: float = Field(default=1.0, ge=0.0, le=1.0)
    """How far the directions of the texts are evened out."""
    text_rank_decay: float = Field(default=0.2, ge=0.0, le=5.0)
    """For the likeness of texts, the r-th newest event counts r^-decay."""


@dataclass(frozen=True, eq=False)
class Parts:
    """Both parts of the score of B histories, and what they are divided by. A part is 0 where it knows nothing."""

    steps: np.ndarray  # float64 [B, n_items]
    steps_scale: np.ndarray  # float64 [B], 1 / spread over the catalogue, 0 where the part is silent
    text_scale: np.ndarray  # float64 [B]


class Steps(Transitions):
    """Transitions, read by another model."""

    @property
    def scored(self) -> np.ndarray:
        """bool [n_items], items somebody took."""
        return self._scored

    def products(self, rows: sp.csr_matrix) -> np.ndarray:
        """float64 [B, n_items]: rows (float64 [B, n_items]) times the matrix, added up row by row in a fixed order."""
        return rows @ self._dense if self._dense is not None else (rows @ self._matrix).toarray()

    def weights_towards(self, item_codes: np.ndarray, to: np.ndarray) -> np.ndarray:
        """float64 [e]: from each item (int [e]) to `to` (float64 [n_items], weights of the items reached)."""
        if self._dense is None:
            return self._matrix[item_codes] @ to
        reached = np.flatnonzero(to)
        return self._dense[np.ix_(item_codes, reached)].astype(np.float64) @ to[reached]


class TextTransitions(Recommender):
    """Steps and texts, each divided by its spread over the catalogue. Fit: two counts of transitions, and the texts once."""

    name = "text-transitions"
    title = "Transitions over text"
    summary = "What shoppers took next and what reads like it, mixed with what reads like the history; new items included."
    source = (
        "score = z(v·M(I + βN)) + w z(p·Xᵀ): M transitions, N row-normalised likeness of texts to the power γ over the nearest, X whitened "
        "text vectors, z divides by the spread over the catalogue; after the few-hop transition graph of Han et al., arXiv 2605.07125"
    )
    Config = TextTransitionsConfig
    can = Capabilities(cold_items=True, order=True, features=True, linear=True)
    config: TextTransitionsConfig

    _steps: Steps
    _text: Text
    _weight: float

    def fit(self, train: EventLog, ctx: FitContext) -> Iterator[EpochReport]:
        ctx.stop_if_asked()
        check_trainable(train)
        config = self.config
        text = Text(TextConfig(encoder=config.encoder, whitening=config.whitening, rank_decay=config.text_rank_decay))
        text.fit_all(train, ctx)
        self._become(self._counted(train, ctx), text, config.text_weight)
        figures = self._choose(train, ctx) if config.choose_text_weight else {}
        yield EpochReport(1, 1, metrics=figures)

    def _counted(self, train: EventLog, ctx: FitContext) -> Steps:
        settings = {name: getattr(self.config, name) for name in TransitionsConfig.model_fields}
        steps = Steps(TransitionsConfig.model_validate(settings))
        steps.fit_all(train, ctx)
        return steps

    def _become(self, steps: Steps, text: Text, weight: float) -> None:
        self._steps, self._text, self._weight, self.n_items = steps, text, weight, text.n_items
        vectors = text.vectors
        self._likeness = likeness_graph(vectors, self.config.neighbours, self.config.likeness_power)  # [n_items, n_items]
        self._incoming = self._likeness.T.tocsr()
        self._scored = text.described | steps.scored
        centred = vectors[text.described].astype(np.float64)
        centred -= centred.mean(0)
        self._spread = centred.T @ centred / len(centred)  # [d, d]

    def _choose(self, train: EventLog, ctx: FitContext) -> dict[str, float]:
        """Set the weight of texts to the best over the last windows of the log, each seen by transitions that end before it."""
        first, last = int(train.times_s.min()), int(train.times_s.max()) + 1
        length = max(1, round((last - first) * HOLDOUT))
        figures, shoppers = np.zeros(len(WEIGHTS)), 0
        for window in range(WINDOWS):
            ctx.stop_if_asked()
            end = last - window * length
            targets, before = window_targets(train, end - length, end, ctx.catalogue.sellable), train.times_s < end - length
            if len(targets) < ENOUGH or not (train.weights[before] > 0).any():
                continue
            ctx.note(f"Choosing how much texts count: window {window + 1} of {WINDOWS}")
            rows = np.sort(np.random.default_rng([ctx.seed, window]).permutation(len(targets))[:ASKED])
            earlier = type(self)(self.config)
            earlier._become(self._counted(train.keep(before), ctx), self._text, 0.0)
            for start in range(0, len(rows), BLOCK):
                ctx.stop_if_asked()
                figures += earlier._by_weight(train, targets, rows[start : start + BLOCK], ctx.catalogue.sellable)
            shoppers += len(rows)
        if shoppers == 0:
            return {}
        figures /= shoppers
        self._weight = WEIGHTS[int(figures.argmax())]
        ctx.note(f"Texts count {self._weight:g} times as much as steps")
        return {"text_weight": self._weight, "chosen_ndcg@10": float(figures.max()), "steps_alone_ndcg@10": float(figures[0])}

    def _by_weight(self, log: EventLog, targets: Targets, rows: np.ndarray, sellable: np.ndarray) -> np.ndarray:
        """float64 [len(WEIGHTS)]: NDCG@10 summed over some of the targets, for each weight of texts."""
        counts = np.diff(targets.truth_indptr)[rows]
        answers = np.concatenate([targets.truth(int(row)) for row in rows]).astype(np.int64)
        held = Holdout(log, targets.histories.rows(rows), np.repeat(np.arange(len(rows)), counts), answers)
        parts = self._parts(held.questions)
        steps = parts.steps * parts.steps_scale[:, None]
        texts = np.nan_to_num(self._text.score(held.questions).numpy()) * parts.text_scale[:, None]
        steps[:, ~sellable] = np.nan
        return np.array([held.ndcg(steps + weight * texts) for weight in WEIGHTS]) * len(rows)

    def _parts(self, histories: Histories) -> Parts:
        values = self._steps.event_values(histories)
        use = np.flatnonzero(values)
        rows = sp.csr_matrix((values[use], (histories.row_of_event[use], histories.item_codes[use])), shape=(len(histories), self.n_items))
        steps = self._steps.products(rows)  # [B, n_items]
        if self.config.neighbour_weight and self._likeness.nnz:
            steps += self.config.neighbour_weight * (self._incoming @ steps.T).T
        profiles = self._text.profiles(histories)  # [B, d]
        return Parts(steps, _inverse(steps.std(1)), _inverse(np.sqrt(np.maximum(((profiles @ self._spread) * profiles).sum(1), 0.0))))

    def _scores(self, histories: Histories, parts: Parts) -> Tensor:
        texts = np.nan_to_num(self._text.score(histories).numpy())
        scores = parts.steps * parts.steps_scale[:, None] + self._weight * parts.text_scale[:, None] * texts
        scores[:, ~self._scored] = np.nan
        scores[(parts.steps_scale == 0) & (parts.text_scale == 0)] = np.nan
        return torch.from_numpy(scores.astype(np.float32))

    def score(self, histories: Histories, candidates: np.ndarray | None = None) -> Tensor:
        """See the base. Cost: about 1,000 shoppers a second at 3.7k items."""
        return gather_candidates(self._scores(histories, self._parts(histories)), candidates)

    def score_then_exact(self, histories: Histories) -> tuple[Tensor, Callable[[np.ndarray], np.ndarray]]:
        parts = self._parts(histories)
        return self._scores(histories, parts), lambda item_codes: self._exact(histories, parts, item_codes)

    def exact_scores(self, histories: Histories, item_codes: np.ndarray) -> np.ndarray:
        return self._exact(histories, self._parts(histories), item_codes)

    def _exact(self, histories: Histories, parts: Parts, item_codes: np.ndarray) -> np.ndarray:
        steps = np.take_along_axis(parts.steps, np.maximum(item_codes, 0).astype(np.int64), 1)
        texts = self._text.exact_scores(histories, item_codes)
        return steps * parts.steps_scale[:, None] + self._weight * parts.text_scale[:, None] * texts

    def contributions(self, histories: Histories, item_codes: np.ndarray) -> Contributions:
        parts, rows, codes = self._parts(histories), histories.row_of_event, np.asarray(item_codes, dtype=np.int64)
        can = ((parts.steps_scale > 0) | (parts.text_scale > 0)) & (codes >= 0) & (codes < self.n_items)
        can[can] = self._scored[codes[can]]
        asked = np.where(can, codes, 0)
        values = np.where(can[rows], self._steps.event_values(histories), 0.0)
        texts = self._text.contributions(histories, np.where(can, codes, -1)).events
        reached = np.zeros(len(values))
        for code in np.unique(asked[rows[values != 0]]):
            use = np.flatnonzero((values != 0) & (asked[rows] == code))
            to = np.zeros(self.n_items)
            to[code] = 1.0
            if self.config.neighbour_weight:
                span = slice(self._incoming.indptr[code], self._incoming.indptr[code + 1])
                to[self._incoming.indices[span]] += self.config.neighbour_weight * self._incoming.data[span]
            reached[use] = self._steps.weights_towards(histories.item_codes[use], to)
        events = values * reached * parts.steps_scale[rows] + self._weight * parts.text_scale[rows] * texts
        return Contributions(np.where(can, 0.0, np.nan), events)

    def state(self) -> dict[str, Tensor]:
        steps = {f"steps.{name}": value for name, value in self._steps.state().items()}
        return {**steps, "vectors": torch.from_numpy(self._text.vectors), "text_weight": torch.tensor([self._weight], dtype=torch.float64)}

    def load_state(self, state: dict[str, Tensor]) -> None:
        settings = {name: getattr(self.config, name) for name in TransitionsConfig.model_fields}
        steps, text = Steps(TransitionsConfig.model_validate(settings)), Text(TextConfig(rank_decay=self.config.text_rank_decay))
        steps.load_state({name[6:]: value for name, value in state.items() if name.startswith("steps.")})
        text.load_state({"vectors": state["vectors"]})
        self._become(steps, text, float(state["text_weight"]))


def likeness_graph(vectors: np.ndarray, neighbours: int, power: float) -> sp.csr_matrix:
    """float64 [n, n], rows that add up to 1: likeness ^ power to the `neighbours` nearest others of positive likeness.

    Args:
        vectors: float32 [n, d] of length 1; zero rows have no neighbours.

    Cost: n² d multiply-adds, 0.2 s for 4,000 items.
    """
    n = len(vectors)
    indptr, indices, data = [0], list[np.ndarray](), list[np.ndarray]()
    width = min(neighbours, max(n - 1, 0))
    for start in range(0, n if width else 0, BLOCK):
        alike = vectors[start : start + BLOCK] @ vectors.T  # [b, n]
        alike[np.arange(len(alike)), np.arange(start, start + len(alike))] = 0.0
        nearest = np.sort(np.argpartition(-alike, width - 1, axis=1)[:, :width], axis=1)  # [b, width]
        for row, codes in zip(alike, nearest, strict=True):
            codes = codes[row[codes] > 0]
            strength = row[codes].astype(np.float64) ** power
            indices.append(codes)
            data.append(strength / max(strength.sum(), 1e-300))
            indptr.append(indptr[-1] + len(codes))
    if not data:
        return sp.csr_matrix((n, n))
    return sp.csr_matrix((np.concatenate(data), np.concatenate(indices), indptr), shape=(n, n))


def _inverse(spread: np.ndarray) -> np.ndarray:
    return np.divide(1.0, spread, out=np.zeros_like(spread), where=spread > 1e-12)
