"""What each past event adds to a score: exact for linear models, sampled Shapley values for the others."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from recengine.data.histories import Histories
from recengine.models.base import Recommender
from recengine.types import Term

ORDERS = 16  # orders of arrival for models that are not linear, each also read backwards
PLAYERS = 40  # newest distinct items that enter one by one; what is older enters together


@dataclass(frozen=True, eq=False)
class Attribution:
    """One score taken apart: base + terms = score, and how much of that lies in past events."""

    score: float  # NaN = the model cannot score this item; everything else is then empty
    base: float
    terms: tuple[Term, ...]  # kind "signal"; empty for models that have nothing but the history
    events: np.ndarray  # float64 [E], part of score - base carried by each past event
    values: dict[str, float] = field(default_factory=dict)  # signal key → its value, for the wording
    provenance: tuple[tuple[str, int], ...] = ()


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

    Cost: one look-up an event for linear models; 2 × 16 × (distinct items, at most 41) scores otherwise.
    Source for the others: Shapley values by antithetic sampling of orders (Mitchell et al., JMLR 2022), fixed seed; every
    order telescopes from the empty history to the whole one, so the sum is exact and only the split is estimated.
    """
    codes = np.asarray(item_codes, dtype=np.int64)
    if not model.can.linear:
        return [_sampled(model, histories, int(code)) for code in codes]
    n_events = len(histories.item_codes)
    parts = model.contributions(histories.rows(np.zeros(len(codes), dtype=np.int64)), codes)
    events = parts.events.reshape(len(codes), n_events)
    return [
        Attribution(float(base + own.sum()), float(base), (), own) if np.isfinite(base) else Attribution(np.nan, np.nan, (), own)
        for base, own in zip(parts.base, events, strict=True)
    ]


def _sampled(model: Recommender, histories: Histories, code: int) -> Attribution:
    n_events = len(histories.item_codes)
    player_of = _players(histories)
    n = int(player_of.max(initial=-1)) + 1
    rng = np.random.default_rng(0)
    forward = [rng.permutation(n) for _ in range(ORDERS)]
    orders = np.array([o for f in forward for o in (f, f[::-1])], dtype=np.int64).reshape(2 * ORDERS, n)
    arrived = np.argsort(orders, axis=1)  # [orders, n], step at which each player arrives
    # Histories after 0 … n arrivals of each order: [orders * (n + 1)] rows
    inside = arrived[:, None, :] < np.arange(n + 1)[None, :, None]  # [orders, n + 1, n]
    keep = inside.reshape(-1, n)[:, player_of] if n else np.zeros((2 * ORDERS, 0), dtype=bool)
    rows = histories.rows(np.zeros(len(keep), dtype=np.int64)).keep_events(keep.ravel())
    scores = model.score(rows, np.full((len(keep), 1), code)).numpy().astype(np.float64).reshape(2 * ORDERS, n + 1)
    whole = scores[0, -1]
    if np.isnan(whole):
        return Attribution(np.nan, np.nan, (), np.zeros(n_events))
    scores[:, 0] = np.where(np.isnan(scores[:, 0]), 0.0, scores[:, 0])
    base = float(scores[0, 0])
    scores[:, -1] = whole  # equal but for float32 rounding of another batch
    scores = np.where(np.isnan(scores), base, scores)
    gain = np.diff(scores, axis=1)  # [orders, n], of the arrival at each step
    share = np.take_along_axis(gain, arrived, axis=1).mean(axis=0)  # [n]
    size = np.bincount(player_of, minlength=n)
    return Attribution(float(whole), base, (), share[player_of] / size[player_of])


def _players(histories: Histories) -> np.ndarray:
    """int64 [E]: events on one item move together; items older than the newest `PLAYERS` share one number."""
    codes = histories.item_codes[::-1].astype(np.int64)  # newest first
    _, first, inverse = np.unique(codes, return_index=True, return_inverse=True)
    newest_first = np.argsort(np.argsort(first))
    return np.minimum(newest_first[inverse], PLAYERS)[::-1]
