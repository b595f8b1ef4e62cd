"""A history as a game: its distinct items are the players, and a coalition is worth the score of an item for that part of the history."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from recengine.data.histories import Histories
from recengine.explain.counted_recall import CountedRecall
from recengine.funnel.model import Funnel
from recengine.funnel.ranker import sigmoid
from recengine.models.base import Recommender

CELLS = 12_000_000  # scores held at once, 48 MB of float32 a model asked
EVENTS = 2_000_000  # events of coalitions held at once, about 60 MB
OLDER = -2

Scores = Callable[[Histories], np.ndarray]  # B histories → float64 [B, m], NaN = no score


@dataclass(frozen=True, eq=False)
class Game:
    """One shopper's history and m items. Coalitions are bool [c, n]: which players' events are there."""

    histories: Histories  # one row
    item_codes: np.ndarray  # int64 [m]
    players: np.ndarray  # int64 [n], item code of each player, the newest first; -1 = outside the catalogue, -2 = older items
    player_of: np.ndarray  # int64 [E], player each event belongs to
    scores: Scores
    rows_at_once: int

    def worth(self, coalitions: np.ndarray) -> np.ndarray:
        """float64 [c, m]: score of each item for each coalition, NaN where there is none.

        Memory: the scores of at most `rows_at_once` histories, whatever c is.
        """
        found = np.empty((len(coalitions), len(self.item_codes)))
        for start in range(0, len(coalitions), self.rows_at_once):
            part = coalitions[start : start + self.rows_at_once]
            keep = part[:, self.player_of] if len(self.player_of) else np.zeros((len(part), 0), dtype=bool)
            asked = self.histories.rows(np.zeros(len(part), dtype=np.int64)).keep_events(keep.ravel())
            found[start : start + len(part)] = self.scores(asked)
        return found


def game_of(model: Recommender, histories: Histories, item_codes: np.ndarray, most_players: int | None = None) -> Game:
    """The game of one history (one row) and some items (int [m]); events on items outside the catalogue have one player together.

    With `most_players`, the items that are older than the newest so many are one player, with code -2.
    """
    if len(histories) != 1:
        raise ValueError(f"one history is explained at a time, not {len(histories)}")
    known = (histories.item_codes >= 0) & (histories.item_codes < model.n_items)
    codes = np.where(known, histories.item_codes, -1).astype(np.int64)[::-1]  # newest first
    distinct, first, inverse = np.unique(codes, return_index=True, return_inverse=True)
    order = np.argsort(first)
    place = np.argsort(order)
    items, players, player_of = np.asarray(item_codes, dtype=np.int64), distinct[order], place[inverse][::-1]
    if most_players is not None and len(players) > most_players + 1:
        players, player_of = np.append(players[:most_players], OLDER), np.minimum(player_of, most_players)
    width = model.n_items * (len(model.generators) if isinstance(model, Funnel) else 1)
    rows = min(CELLS // max(width, 1), EVENTS // max(len(codes), 1))
    return Game(histories, items, players, player_of, scorer(model, histories, items), int(np.clip(rows, 1, 4096)))


def scorer(model: Recommender, histories: Histories, item_codes: np.ndarray) -> Scores:
    """How the score of chosen items (int [m]) is asked for parts of one history (one row), in float64 where the model can.

    The funnel is asked without making its generators' lists: a place in a list is counted, which is all the ranker reads.
    """
    codes = np.asarray(item_codes, dtype=np.int64)
    if not isinstance(model, Funnel):

        def ask(parts: Histories) -> np.ndarray:
            wanted = np.tile(codes, (len(parts), 1))
            given = model.score(parts, wanted).numpy().astype(np.float64)
            return np.where(np.isnan(given), np.nan, model.exact_scores(parts, wanted)) if model.can.linear else given

        return ask
    inside = np.flatnonzero((codes >= 0) & (codes < model.n_items))
    widths = [top.shape[1] for top in model.recalled(histories).top]

    def ask_funnel(parts: Histories) -> np.ndarray:
        out = np.full((len(parts), len(codes)), np.nan)
        recalled = CountedRecall.of(model, parts, codes[inside], widths)
        rows = np.repeat(np.arange(len(parts)), len(inside))
        places = np.tile(inside, len(parts))
        is_open = recalled.open[rows, codes[places]]
        rows, places = rows[is_open], places[is_open]
        out[rows, places] = sigmoid(model.ranker.log_odds(model.table(recalled, parts, rows, codes[places])))
        return out

    return ask_funnel
