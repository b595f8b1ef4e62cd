"""What each past event adds to a score: contributions of linear models, Shapley values of the others."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from recengine.data.histories import Histories
from recengine.explain.shapley import history_shapley
from recengine.models.base import Recommender
from recengine.types import Term


@dataclass(frozen=True, eq=False)
class Attribution:
    """One score taken apart: base + terms = score, and how much of that lies in past events."""

    score: float  # NaN = the model cannot score this item; everything else is then empty
    base: float
    terms: tuple[Term, ...]  # kind "signal"; empty for models that have nothing but the history
    events: np.ndarray  # float64 [E], part of score - base carried by each past event
    values: dict[str, float] = field(default_factory=dict)  # signal key → its value, for the wording
    provenance: tuple[tuple[str, int], ...] = ()
    errors: np.ndarray | None = None  # float64 [E], standard errors of `events` where they are sampled
    base_odds: float | None = None  # base and score in log-odds, for scores that are chances
    score_odds: float | None = None


def split_term(term: float, contributions: np.ndarray) -> np.ndarray:
    """Split a signal's term over the past events of the model behind the signal.

    Event e gets term × |c_e| / Σ|c| where c_e has the term's sign, else 0; what is left stays with the signal. The shares lie in
    0 … 1 and change smoothly with c, so no part can ever exceed the term and near-cancelling contributions cannot blow it up.

    Args:
        term: contribution of the signal to the score.
        contributions: float64 [E], the model's own contributions of the events to its own score.

    Returns:
        float64 [E], all of the term's sign; their sum is at most the term in size.
    """
    total = np.abs(contributions).sum()
    if total <= 0 or not np.isfinite(total):
        return np.zeros(len(contributions))
    return term * np.where(np.sign(contributions) == np.sign(term), np.abs(contributions), 0.0) / total


def attribute_model(model: Recommender, histories: Histories, item_codes: np.ndarray) -> list[Attribution]:
    """Take the scores of several items for one history apart.

    Args:
        model: fitted; not the funnel.
        histories: one row.
        item_codes: int [n].

    Returns:
        n attributions: base + the events = the score, to rounding of float64.

    Cost: one look-up an event for linear models, see `history_shapley` for the others; the sum is exact, and only the split is sampled.
    """
    codes = np.asarray(item_codes, dtype=np.int64)
    if not model.can.linear:
        return _by_shapley(model, histories, codes)
    n_events = len(histories.item_codes)
    parts = model.contributions(histories.rows(np.zeros(len(codes), dtype=np.int64)), codes)
    events = parts.events.reshape(len(codes), n_events)
    return [
        Attribution(float(base + own.sum()), float(base), (), own) if np.isfinite(base) else Attribution(np.nan, np.nan, (), own)
        for base, own in zip(parts.base, events, strict=True)
    ]


def _by_shapley(model: Recommender, histories: Histories, codes: np.ndarray) -> list[Attribution]:
    found = history_shapley(model, histories, codes)
    size = np.bincount(found.player_of, minlength=len(found.players))[found.player_of]
    made = []
    for j, events in enumerate(found.events()):
        if np.isnan(found.scores[j]):
            made.append(Attribution(np.nan, np.nan, (), np.zeros(len(events))))
            continue
        errors = found.errors[j, found.player_of] / size
        made.append(Attribution(float(found.scores[j]), float(found.base[j]), (), events, errors=errors))
    return made
