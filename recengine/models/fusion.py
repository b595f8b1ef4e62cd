"""Fusion: several models of any kind as one, with weights learned from what shoppers did next."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Any

import numpy as np
import torch
from pydantic import Field
from torch import Tensor

from recengine.data.events import EventLog
from recengine.data.histories import Histories
from recengine.errors import BadInput, TrainingFailed
from recengine.models.base import Capabilities, EpochReport, FitContext, ModelConfig, Recommender, check_trainable, gather_candidates
from recengine.models.parts.dislikes import disliked
from recengine.models.parts.holdout import Holdout, hold_out_last
from recengine.models.parts.inner import fit_part, nested, new_part, unnested
from recengine.models.parts.opinions import reciprocal_ranks, standardised
from recengine.models.parts.proposals import likeliest_weights, propose


class FusionMethod(StrEnum):
    """What of each model is added up."""

    SCORES = "scores"
    RANKS = "ranks"


class FusionConfig(ModelConfig):
    """Which models are joined, and how."""

    parts: tuple[str, ...] = ("transitions", "ease", "item-knn", "als", "popularity", "content")
    """Models to join; those that cannot be trained on this data are left out."""
    settings: dict[str, dict[str, Any]] = Field(default_factory=dict)
    """Settings of single parts by model name; defaults where nothing is said."""
    method: FusionMethod = FusionMethod.SCORES
    """Scores keep how sure a model is; ranks only keep its order, and no model can shout the others down."""
    shoppers: int = Field(default=2000, ge=50, le=100_000)
    """Shoppers whose last moment is hidden to learn the weights."""
    rank_constant: float = Field(default=10.0, ge=0.0, le=1000.0)
    """Ranks only: the higher, the less the first places stand out."""
    depth: int = Field(default=200, ge=10, le=5000)
    """Ranks only: places of each model's list that count."""


class Fusion(Recommender):
    """Weighted sum of the parts' standardised scores or reciprocal ranks. Fit: every part twice, and one small convex problem.

    A part that cannot score an item or a shopper has no opinion there and leaves the others to decide.
    """

    name = "fusion"
    title = "Fusion"
    summary = "Several models vote; the votes are weighted by how well each foretold what shoppers took next."
    source = (
        "score(j) = Σ parts p of u(p) × z_p(j) + v(p) × asinh z_p(j), or of v(p) × (c + 1) / (c + rank_p(j)) after Cormack et al. 2009; "
        "weights ≥ 0 by conditional logit (McFadden 1974) on hidden last moments"
    )
    Config = FusionConfig
    can = Capabilities(cold_users=True, cold_items=True, order=True, features=True)
    family = "combined"
    config: FusionConfig

    parts: dict[str, Recommender]
    weights: dict[str, tuple[float, ...]]  # of each reading of a part's scores

    def fit(self, train: EventLog, ctx: FitContext) -> Iterator[EpochReport]:
        ctx.stop_if_asked()
        check_trainable(train)
        names = self._names()
        held = hold_out_last(train, self.config.shoppers, ctx.seed)
        weights, figures = dict.fromkeys(names, self._alike()), dict[str, float]()
        if held is None:
            ctx.note("Nobody's last moment can be hidden; all parts weigh the same")
        else:
            trial = self._fitted(names, held.rest, ctx)
            names = tuple(trial)
            ctx.note(f"Learning weights on the last moment of {len(held):,} shoppers")
            weights, figures = self.learn_weights(trial, held, ctx)
        parts = self._fitted(names, train, ctx)
        self.become(parts, {name: weights[name] for name in parts})
        yield EpochReport(1, 1, metrics=figures)

    def _names(self) -> tuple[str, ...]:
        names = tuple(dict.fromkeys(self.config.parts))
        for name in names:
            if name == self.name:
                raise BadInput("A fusion cannot be a part of itself.", "", "Take it out of the parts.")
            new_part(name, self.config.settings, self.title)  # a wrong name or setting is told before anything is fitted
        return names

    def _fitted(self, names: tuple[str, ...], log: EventLog, ctx: FitContext) -> dict[str, Recommender]:
        made = {name: new_part(name, self.config.settings, self.title) for name in names}
        found = {name: part for name, part in made.items() if fit_part(part, log, ctx)}
        if not found:
            raise TrainingFailed("No part of the fusion could be trained.", "Each of them refused this data.", "Choose other parts.")
        return found

    def learn_weights(
        self, parts: dict[str, Recommender], held: Holdout, ctx: FitContext
    ) -> tuple[dict[str, tuple[float, ...]], dict[str, float]]:
        """What each fitted part is worth on questions that it has not seen.

        Args:
            parts: fitted without the answers, by name.
            held: questions and answers.
            ctx: stop.

        Returns:
            Weights by name, none below 0, and figures: NDCG@10 on the questions for the fusion and for each part alone.
        """
        proposals = propose(list(parts.values()), held, ctx, self._readings)
        weights = likeliest_weights(proposals)
        each = len(self._alike())
        alone = {f"ndcg@10 of {name} alone": proposals.ndcg(proposals.says[:, place * each]) for place, name in enumerate(parts)}
        figures = {"ndcg@10": proposals.ndcg(proposals.says @ weights), **alone}
        return {name: tuple(weights[place * each : (place + 1) * each].tolist()) for place, name in enumerate(parts)}, figures

    def become(self, parts: dict[str, Recommender], weights: dict[str, tuple[float, ...]]) -> None:
        """Take fitted parts and their weights as they are."""
        order = dict.fromkeys(self.config.parts)  # the order in which the state is read again
        self.parts = {name: parts[name] for name in order if name in parts}
        self.weights = {name: tuple(weights[name]) for name in self.parts}
        self.n_items = next(iter(self.parts.values())).n_items

    def _alike(self) -> tuple[float, ...]:
        """Weights of the readings of a part where nothing could be learned."""
        return (0.0, 1.0) if self.config.method is FusionMethod.SCORES else (1.0,)

    def _readings(self, scores: Tensor, histories: Histories) -> tuple[Tensor, ...]:
        if self.config.method is FusionMethod.RANKS:
            return (self._without_dislikes(reciprocal_ranks(scores, histories, self.config.rank_constant, self.config.depth), histories),)
        z = self._without_dislikes(standardised(scores), histories)
        return z, torch.asinh(z)  # as it is, for scores like log-odds; compressed, for counts with a few very large values

    def _without_dislikes(self, reading: Tensor, histories: Histories) -> Tensor:
        """What is disliked is in no part's opinion better than the average: where all that is like it falls, it would seem to rise."""
        rows, items, _ = disliked(histories, torch.ones(reading.shape[1], dtype=torch.bool))
        if len(rows):
            reading[rows, items] = reading[rows, items].clamp(max=0.0)
        return reading

    def _opinion(self, name: str, scores: Tensor, histories: Histories) -> Tensor:
        """float32 [B, n_items]: weighted sum of the readings of one part's scores; NaN where it has none."""
        readings = self._readings(scores, histories)
        return torch.stack([weight * reading for weight, reading in zip(self.weights[name], readings, strict=True)]).sum(0)

    def score(self, histories: Histories, candidates: np.ndarray | None = None) -> Tensor:
        total, known = torch.zeros(()), torch.zeros((), dtype=torch.bool)
        for name, part in self.parts.items():
            opinion = self._opinion(name, part.score(histories), histories)  # [B, n_items]
            total = total + torch.nan_to_num(opinion, nan=0.0)
            known = known | ~torch.isnan(opinion)
        return gather_candidates(total.masked_fill_(~known, torch.nan), candidates)

    def part_scores(self, histories: Histories, item_codes: np.ndarray) -> dict[str, np.ndarray]:
        """float64 [B, C] by part: its share of the score of item_codes (int [B, C]), 0 where it has no opinion; they add up to `score`."""
        shares = dict[str, np.ndarray]()
        for name, part in self.parts.items():
            opinion = gather_candidates(self._opinion(name, part.score(histories), histories), item_codes)  # [B, C]
            shares[name] = torch.nan_to_num(opinion, nan=0.0).double().numpy()
        return shares

    def state(self) -> dict[str, Tensor]:
        return {**nested(self.parts), "weights": torch.tensor([self.weights[name] for name in self.parts], dtype=torch.float64)}

    def load_state(self, state: dict[str, Tensor]) -> None:
        parts = unnested(self.config.parts, self.config.settings, state, self.title)
        self.become(parts, {name: tuple(weights) for name, weights in zip(parts, state["weights"].tolist(), strict=True)})
