"""Blend: several linear models as one; weights are learned on hidden last moments, and every event's share adds up to the score."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from pydantic import Field
from torch import Tensor

from recengine.data.events import EventLog
from recengine.data.histories import Histories
from recengine.errors import BadInput, TrainingFailed
from recengine.models.base import (
    Capabilities,
    Contributions,
    EpochReport,
    FitContext,
    ModelConfig,
    Recommender,
    check_trainable,
    gather_candidates,
)
from recengine.models.parts.holdout import coordinate_search, hold_out_last
from recengine.models.parts.inner import fit_part, nested, new_part, unnested
from recengine.models.parts.proposals import Proposals, propose

WEIGHTS = (0.0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6, 0.8, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0)
EVENNESS = (0.0, 0.25, 0.5, 0.75, 1.0)


class BlendConfig(ModelConfig):
    """Which linear models are mixed."""

    parts: tuple[str, ...] = ("transitions", "ease")
    """Models to mix; each must be able to split its score among past events."""
    instead: str = "item-knn"
    """Taken in place of a part that refuses this data, such as EASE for a very large catalogue."""
    settings: dict[str, dict[str, Any]] = Field(default_factory=dict)
    """Settings of single parts by model name; defaults where nothing is said."""
    weights: dict[str, float] = Field(default_factory=dict)
    """Weights by model name, each part's scores first brought to one scale. Empty: learned from hidden last moments."""
    shoppers: int = Field(default=2000, ge=50, le=100_000)
    """Shoppers whose last moment is hidden to learn the weights."""


class Blend(Recommender):
    """Weighted sum of linear models. Fit: every part twice, once without the hidden moments; 5 s on a million events, two cores."""

    name = "blend"
    title = "Blend"
    summary = "What is taken next and what goes together, mixed into one score that splits exactly among past events."
    source = "score(j) = Σ parts p of weight(p) × length^-evenness(p) × score_p(j), which is linear in the events where each part is"
    Config = BlendConfig
    can = Capabilities(order=True, linear=True)
    family = "combined"
    config: BlendConfig

    parts: dict[str, Recommender]
    weights: dict[str, float]  # of each part, its scale included
    evenness: dict[str, float]  # exponent by which a part's scores are divided by the length of the history

    def fit(self, train: EventLog, ctx: FitContext) -> Iterator[EpochReport]:
        ctx.stop_if_asked()
        check_trainable(train)
        names = self._names()
        held = hold_out_last(train, self.config.shoppers, ctx.seed)
        figures = dict[str, float]()
        weights, evenness = dict.fromkeys(names, 1.0), dict.fromkeys(names, 0.0)
        if held is not None:
            trial = self._fitted(names, held.rest, ctx)
            ctx.note(f"Learning weights on the last moment of {len(held):,} shoppers")
            names = tuple(trial)
            weights, evenness, figures = self._learned(propose(list(trial.values()), held, ctx), trial)
        parts = self._fitted(names, train, ctx)
        self._become(parts, {name: weights.get(name, 1.0) for name in parts}, {name: evenness.get(name, 0.0) for name in parts})
        yield EpochReport(1, 1, metrics=figures)

    def _names(self) -> tuple[str, ...]:
        names = tuple(dict.fromkeys(self.config.parts))
        for name in (*names, self.config.instead):
            part = new_part(name, self.config.settings, self.title)  # a wrong name or setting is told before anything is fitted
            if not part.can.linear or isinstance(part, Blend):
                raise BadInput(f"{part.title} cannot be a part of a blend.", "Its score does not split among past events.", "Leave it out.")
        return names

    def _fitted(self, names: tuple[str, ...], log: EventLog, ctx: FitContext) -> dict[str, Recommender]:
        found: dict[str, Recommender] = {}
        for name in names:
            for choice in (name, self.config.instead):
                part = new_part(choice, self.config.settings, self.title)
                if choice not in found and fit_part(part, log, ctx):
                    found[choice] = part
                    break
        if not found:
            raise TrainingFailed("No part of the blend could be trained.", "Each of them refused this data.", "Train popularity instead.")
        return found

    def _learned(self, proposals: Proposals, parts: dict[str, Recommender]) -> tuple[dict[str, float], dict[str, float], dict[str, float]]:
        """Weights, evenness, and figures: NDCG@10 of the hidden moments for the blend and for each part alone."""
        names = list(parts)
        length = _length(proposals.held.questions, proposals.held.rest.n_items)[proposals.row]
        spread = np.sqrt((proposals.says**2).mean(0))  # one scale for all parts
        says = proposals.says / np.where(spread > 0, spread, 1.0)

        def judge(settings: dict[str, Any]) -> float:
            total = np.zeros(len(says))
            for place, name in enumerate(names):
                total += settings[name] * length ** -settings[f"{name}, even"] * says[:, place]
            return proposals.ndcg(total)

        alone = {name: judge({n: float(n == name) for n in names} | {f"{n}, even": 0.0 for n in names}) for name in names}
        best = max(names, key=lambda name: alone[name])
        start: dict[str, Any] = {name: 1.0 if name == best else 0.3 for name in names} | {f"{name}, even": 0.0 for name in names}
        others = [name for name in names if name != best]
        steps: list[tuple[str, tuple[float, ...]]] = [(name, WEIGHTS) for name in others]
        if self.config.weights:
            start |= {name: float(self.config.weights.get(name, 0.0)) for name in names}
            steps = []
        # Dividing by the length orders nothing within one part, so only the others' evenness is free.
        steps += [(f"{name}, even", EVENNESS) for name in others] + steps
        settings, ndcg = coordinate_search(start, steps, judge)
        even = {name: float(settings[f"{name}, even"]) for name in names}
        weights = {name: float(settings[name] / (spread[place] or 1.0)) for place, name in enumerate(names)}
        return weights, even, {"ndcg@10": ndcg, **{f"ndcg@10 of {name} alone": value for name, value in alone.items()}}

    def _become(self, parts: dict[str, Recommender], weights: dict[str, float], evenness: dict[str, float]) -> None:
        order = dict.fromkeys((*self.config.parts, self.config.instead))  # the order in which the state is read again
        self.parts, self.weights, self.evenness = {name: parts[name] for name in order if name in parts}, weights, evenness
        self.n_items = next(iter(parts.values())).n_items

    def _factors(self, histories: Histories) -> dict[str, np.ndarray]:
        """float64 [B] by part: what its scores are multiplied by."""
        length = _length(histories, self.n_items)
        return {name: self.weights[name] * length ** -self.evenness[name] for name in self.parts}

    def _sum(self, scores: dict[str, Tensor], factors: dict[str, np.ndarray]) -> Tensor:
        total, known = torch.zeros(()), torch.zeros((), dtype=torch.bool)
        for name, given in scores.items():
            total = total + torch.nan_to_num(given, nan=0.0) * torch.from_numpy(factors[name]).float().unsqueeze(1)  # [B, n]
            known = known | ~torch.isnan(given)
        return total.masked_fill_(~known, torch.nan)

    def score(self, histories: Histories, candidates: np.ndarray | None = None) -> Tensor:
        scores = self._sum({name: part.score(histories) for name, part in self.parts.items()}, self._factors(histories))
        return gather_candidates(scores, candidates)

    def score_then_exact(self, histories: Histories) -> tuple[Tensor, Callable[[np.ndarray], np.ndarray]]:
        asked = {name: part.score_then_exact(histories) for name, part in self.parts.items()}
        factors = self._factors(histories)

        def exact(item_codes: np.ndarray) -> np.ndarray:
            return _weighted({name: of(item_codes) for name, (_, of) in asked.items()}, factors)

        return self._sum({name: scores for name, (scores, _) in asked.items()}, factors), exact

    def exact_scores(self, histories: Histories, item_codes: np.ndarray) -> np.ndarray:
        return self.score_then_exact(histories)[1](item_codes)

    def contributions(self, histories: Histories, item_codes: np.ndarray) -> Contributions:
        factors, rows = self._factors(histories), histories.row_of_event
        base, events = np.zeros(len(histories)), np.zeros(len(histories.item_codes))
        known = np.zeros(len(histories), dtype=bool)
        for name, part in self.parts.items():
            given = part.contributions(histories, item_codes)
            heard = ~np.isnan(given.base)
            base += np.where(heard, given.base, 0.0) * factors[name]
            events += given.events * factors[name][rows]
            known |= heard
        return Contributions(np.where(known, base, np.nan), events)

    def part_scores(self, histories: Histories, item_codes: np.ndarray) -> dict[str, np.ndarray]:
        """float64 [B, C] by part: its share of the scores of item_codes (int [B, C]); the shares add up to `exact_scores`."""
        factors = self._factors(histories)
        return {name: _weighted({name: part.exact_scores(histories, item_codes)}, factors) for name, part in self.parts.items()}

    def state(self) -> dict[str, Tensor]:
        numbers = [[self.weights[name], self.evenness[name]] for name in self.parts]
        return {**nested(self.parts), "weights": torch.tensor(numbers, dtype=torch.float64)}

    def load_state(self, state: dict[str, Tensor]) -> None:
        parts = unnested((*self.config.parts, self.config.instead), self.config.settings, state, self.title)
        numbers = dict(zip(parts, state["weights"].tolist(), strict=True))
        self._become(parts, {name: numbers[name][0] for name in parts}, {name: numbers[name][1] for name in parts})


def _length(histories: Histories, n_items: int) -> np.ndarray:
    """float64 [B]: events that tell of interest in a known item; 1 where there are none."""
    telling = (histories.weights > 0) & (histories.item_codes >= 0) & (histories.item_codes < n_items)
    return np.maximum(np.bincount(histories.row_of_event[telling], minlength=len(histories)), 1).astype(np.float64)


def _weighted(scores: dict[str, np.ndarray], factors: dict[str, np.ndarray]) -> np.ndarray:
    total = np.zeros(next(iter(scores.values())).shape)
    for name, given in scores.items():
        total += np.nan_to_num(given, nan=0.0) * factors[name][:, None]
    return total
