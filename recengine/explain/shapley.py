"""Shapley values of a shopper's past items for the scores of a whole list, for any model."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from recengine.data.histories import Histories
from recengine.explain.game import OLDER, Game, game_of
from recengine.explain.pairs import coalition_pairs, enumerated, estimate, shapley_of_all
from recengine.models.base import Recommender

EXACT = 4096  # coalitions up to which all are asked: 12 players
FIRST = 256  # coalitions of a first estimate
MOST = 65_536  # coalitions after which a sequence ends; memory stays below 2**15 x (n + 8 m) bytes, 20 MB for 300 players and 20 items
CHECKS = 8  # pairs of coalitions on which a linear model must prove that its events do not influence each other
SMALL = 1e-9


@dataclass(frozen=True, eq=False)
class Run:
    """One game and what was asked of it so far."""

    game: Game
    columns: np.ndarray  # int64 [m], place of the game's items in the result
    empty: np.ndarray  # float64 [m]
    full: np.ndarray  # float64 [m], NaN = no score
    pairs: np.ndarray  # bool [p, n]
    differences: np.ndarray  # float64 [p, m]
    every: np.ndarray | None = None  # float64 [2**n, m] once all coalitions were asked


@dataclass(frozen=True, eq=False)
class HistoryShapley:
    """base + the values of a row = the score, to rounding, however few coalitions were asked."""

    item_codes: np.ndarray  # int64 [m]
    players: np.ndarray  # int64 [n], distinct items of the history, the newest first; -1 = those outside the catalogue
    player_of: np.ndarray  # int64 [E], player of each event
    values: np.ndarray  # float64 [m, n], NaN where the item has no score
    errors: np.ndarray  # float64 [m, n], standard errors: 0 where exact, inf where too little was asked to tell
    base: np.ndarray  # float64 [m], score of the empty history, 0 where there is none
    scores: np.ndarray  # float64 [m], NaN = no score
    method: str  # closed form, exact or sampled
    coalitions: int  # parts of the history that were scored
    runs: tuple[Run, ...] = ()  # what `refine` goes on from; empty where nothing is left to refine

    def events(self) -> np.ndarray:
        """float64 [m, E]: the values with those of each item shared evenly by its events."""
        size = np.bincount(self.player_of, minlength=len(self.players))
        return self.values[:, self.player_of] / size[self.player_of]

    def event_errors(self) -> np.ndarray:
        """float64 [m, E]: the standard errors, shared in the same way; those of one item's events add up to the item's."""
        size = np.bincount(self.player_of, minlength=len(self.players))
        return self.errors[:, self.player_of] / size[self.player_of]


def history_shapley(
    model: Recommender,
    histories: Histories,
    item_codes: np.ndarray,
    coalitions: int = FIRST,
    exact_up_to: int = EXACT,
    seed: int = 0,
    most_players: int | None = None,
) -> HistoryShapley:
    """What each past item adds to the scores of several items.

    Players are the distinct items of the history: events on one item move together. A coalition is worth what the model says to that
    part of the history; it is scored once for all items. A coalition without a score is worth what the empty history is worth, and
    an empty history without a score is worth 0. Events on the item itself are no reason for it: they enter last, so that they take
    nothing of what the other items say.

    Args:
        model: fitted; any.
        histories: one row.
        item_codes: int [m].
        coalitions: parts of the history to score where not all are asked.
        exact_up_to: all 2**n coalitions are asked where they are no more than this; 4096 is 12 players.
        seed: of the sequence of coalitions; the same seed gives the same values.
        most_players: items older than the newest so many move together and share what they add evenly; None = no item does.

    Returns:
        Closed form where a linear model's events do not influence each other, which is checked on 16 coalitions; else exact or sampled.

    Cost: one score of the model a coalition and history, about 0.5 ms for the funnel at 3,700 items. Memory: see `Game.worth`, and 9 bytes
    a player or item and coalition.
    Source: Shapley 1953; closed form of additive games; sampling: see `pairs.estimate`.
    """
    codes = np.asarray(item_codes, dtype=np.int64)
    game = game_of(model, histories, codes)
    given = _closed_form(model, game) if model.can.linear else None
    if given is not None:
        return given
    owned = np.isin(codes, game.players[game.players >= 0])
    runs = []
    if not owned.all() or len(codes) == 0:
        runs.append(_start(game_of(model, histories, codes[~owned], most_players), np.flatnonzero(~owned)))
    for column in np.flatnonzero(owned).tolist():
        others = histories.keep_events(histories.item_codes != codes[column])
        runs.append(_start(game_of(model, others, codes[[column]], most_players), np.array([column])))
    grown = [_grow(run, coalitions, exact_up_to, seed) for run in runs]
    whole = game.worth(np.ones((1, len(game.players)), dtype=bool))[0] if owned.any() else np.full(len(codes), np.nan)
    return _result(game, grown, whole)


def refine(previous: HistoryShapley, more: int = FIRST, exact_up_to: int = EXACT, seed: int = 0) -> HistoryShapley:
    """The same values from `more` further coalitions of the same sequence, so that the errors fall.

    Asking 256 and then 256 more gives what 512 at once would have given. As soon as the coalitions asked reach 2**n and are no more
    than `exact_up_to`, all are asked and the errors are 0. Values that are exact come back as they are.
    """
    if not previous.runs:
        return previous
    runs = []
    for run in previous.runs:
        asked = 2 + 2 * len(run.pairs) + more
        n = len(run.game.players)
        runs.append(_grow(run, min(asked, MOST), exact_up_to if n < 31 and asked >= 1 << n else 0, seed))
    return _filled(replace(previous, runs=tuple(runs)))


def _start(game: Game, columns: np.ndarray) -> Run:
    n = len(game.players)
    ends = game.worth(np.array([[False] * n, [True] * n], dtype=bool))
    empty = np.where(np.isnan(ends[0]), 0.0, ends[0])
    return Run(game, columns, empty, ends[1], np.zeros((0, n), dtype=bool), np.zeros((0, len(columns))))


def _grow(run: Run, coalitions: int, exact_up_to: int, seed: int) -> Run:
    """The run after at least `coalitions` coalitions, its two ends among them; always enough for every player to be alone once."""
    n = len(run.game.players)
    if run.every is not None or len(run.columns) == 0:
        return run
    if n < 4 or (n < 31 and 1 << n <= exact_up_to):
        return replace(run, every=_worth(run, enumerated(n)))
    wanted = max((coalitions - 2) // 2, n + n // 4 + 8)
    new = coalition_pairs(n, len(run.pairs), max(wanted - len(run.pairs), 0), seed)
    worth = _worth(run, np.concatenate([new, ~new]))
    gained = worth[: len(new)] - worth[len(new) :]
    return replace(run, pairs=np.concatenate([run.pairs, new]), differences=np.concatenate([run.differences, gained]))


def _worth(run: Run, coalitions: np.ndarray) -> np.ndarray:
    found = run.game.worth(coalitions)
    return np.where(np.isnan(found), run.empty, found)


def _result(game: Game, runs: list[Run], whole: np.ndarray) -> HistoryShapley:
    m, n = len(game.item_codes), len(game.players)
    scores, base = whole.copy(), np.zeros(m)
    for run in runs:
        base[run.columns] = run.empty
        own = np.isin(game.item_codes[run.columns], game.players)
        scores[run.columns] = np.where(own, whole[run.columns], run.full)
    blank = np.zeros((m, n))
    return _filled(HistoryShapley(game.item_codes, game.players, game.player_of, blank, blank, base, scores, "exact", 0, tuple(runs)))


def _filled(found: HistoryShapley) -> HistoryShapley:
    """Values and errors from what the runs know."""
    values, errors = np.zeros(found.values.shape), np.zeros(found.values.shape)
    for run in found.runs:
        if len(run.columns) == 0:  # nobody asked for a score
            continue
        if run.every is not None:
            # The ends are scored once for all estimates: batches of another size may round differently.
            every = run.every.copy()
            every[0], every[-1] = run.empty, run.full
            part, error = shapley_of_all(every), np.zeros((len(run.columns), len(run.game.players)))
        else:
            made = estimate(run.pairs, run.differences, run.full - run.empty)
            part, error = made.values, made.errors
        alone = run.game.players[run.game.players != OLDER]
        older = np.flatnonzero(~np.isin(found.players, np.append(alone, found.item_codes[run.columns])))
        for i, player in enumerate(run.game.players.tolist()):
            place = older if player == OLDER else np.flatnonzero(found.players == player)
            values[run.columns[:, None], place] = part[:, [i]] / len(place)
            errors[run.columns[:, None], place] = error[:, [i]] / len(place)
        own = np.flatnonzero(np.isin(found.item_codes[run.columns], found.players))
        for j in own.tolist():  # what the item's own events add after all others
            column = int(run.columns[j])
            values[column, np.flatnonzero(found.players == found.item_codes[column])] = found.scores[column] - run.full[j]
    unknown = np.isnan(found.scores) | np.isnan(values).any(axis=1)
    values[unknown], errors[unknown] = np.nan, np.nan
    exact = all(run.every is not None for run in found.runs)
    asked = sum(len(run.every) if run.every is not None else 2 + 2 * len(run.pairs) for run in found.runs)
    runs = () if exact else found.runs
    return replace(found, values=values, errors=errors, method="exact" if exact else "sampled", coalitions=asked, runs=runs)


def _closed_form(model: Recommender, game: Game) -> HistoryShapley | None:
    """Sums of the contributions, where they stay the same in every part of the history that is checked."""
    m, n = len(game.item_codes), len(game.players)
    parts = model.contributions(game.histories.rows(np.zeros(m, dtype=np.int64)), game.item_codes)
    events = parts.events.reshape(m, -1)
    values = np.zeros((m, n))
    for event, player in enumerate(game.player_of.tolist()):
        values[:, player] += events[:, event]
    scores = parts.base + values.sum(axis=1)
    known = ~np.isnan(scores)
    halves = np.random.default_rng(0).random((CHECKS, n)) < 0.5
    checked = np.concatenate([np.zeros((1, n), dtype=bool), halves, ~halves, ~np.eye(n, dtype=bool)[:CHECKS]])
    worth = game.worth(checked)[:, known]
    start = np.where(np.isnan(worth[0]), 0.0, worth[0])
    told = start + checked @ values[known].T
    scale = SMALL * max(1.0, float(np.abs(scores[known]).max(initial=0.0)))
    if not (np.abs(np.where(np.isnan(worth), start, worth) - told) <= scale).all():
        return None
    base = np.zeros(m)
    base[known] = start
    if not (np.abs(base - parts.base)[known] <= scale).all():
        return None
    values[~known] = np.nan
    errors = np.where(np.isnan(values), np.nan, 0.0)
    return HistoryShapley(game.item_codes, game.players, game.player_of, values, errors, base, scores, "closed form", 0)
