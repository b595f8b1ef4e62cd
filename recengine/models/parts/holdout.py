"""Choosing settings inside a fit: the last moment of some shoppers is hidden, and what ranks it best is kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import scipy.sparse as sp

from recengine.data.events import EventLog
from recengine.data.histories import Histories
from recengine.data.split import Targets, answer_mask
from recengine.scoring.answer_places import UNRANKED, places_under

AT = 10  # places that count
CELLS = 8_000_000  # scores compared at once: 32 MB


@dataclass(frozen=True, eq=False)
class Holdout:
    """Questions with known answers that were cut out of a log.

    `rows` and `items` are the answers as pairs, by row, then item; an answer is never an item of its question.
    """

    rest: EventLog  # the log without the hidden events
    questions: Histories  # what the B shoppers did before their hidden moment
    rows: np.ndarray  # int64 [T], row of each answer
    items: np.ndarray  # int64 [T], item code of each answer

    def __len__(self) -> int:
        return len(self.questions)

    @staticmethod
    def of(targets: Targets, rest: EventLog) -> Holdout:
        """Questions of a split, with the log that its models learn from. Answers that a history holds already are no answers here."""
        rows = np.repeat(np.arange(len(targets)), np.diff(targets.truth_indptr))
        items = targets.truth_items.astype(np.int64)
        held = Holdout(rest, targets.histories, rows, items)
        new = np.asarray(held.seen[rows, items]).ravel() == 0
        return Holdout(rest, targets.histories, rows[new], items[new])

    @cached_property
    def seen(self) -> sp.csr_matrix:
        """float32 [B, n_items], 1 where the shopper already has the item."""
        return self.questions.had(self.rest.n_items)

    @cached_property
    def ideal(self) -> np.ndarray:
        gain = np.concatenate([[0.0], np.cumsum(1.0 / np.log2(np.arange(2, AT + 2)))])
        return gain[np.clip(np.bincount(self.rows, minlength=len(self)), 1, AT)]

    def ndcg(self, scores: np.ndarray) -> float:
        """NDCG@10 over the questions, what the shopper has left out.

        Args:
            scores: float [B, n_items]; NaN is never recommended. Ties are broken by the lower item code.
        """
        return self._mean_gain(self._places(scores))

    def ndcg_of_product(self, values: np.ndarray, matrix: sp.csr_matrix, target: np.ndarray) -> float:
        """NDCG@10 of scores[b, j] = target(j) × Σ over events e of row b of values(e) × matrix[item(e), j].

        Args:
            values: float [E], aligned with the events of `questions`; 0 for unknown items.
            matrix: [n_items, n_items], no value below 0.
            target: float [n_items], above 0. Items whose score is 0 are not ranked.
        """
        rows = self.questions.to_csr(self.rest.n_items, values)
        answer_ptr = np.searchsorted(self.rows, np.arange(len(self) + 1))
        places = places_under(
            rows.indptr,
            rows.indices,
            rows.data,
            matrix.indptr,
            matrix.indices,
            matrix.data,
            target.astype(np.float32),
            self.seen.indptr,
            self.seen.indices,
            answer_ptr,
            self.items,
        )
        return self._mean_gain(places)

    def _mean_gain(self, places: np.ndarray) -> float:
        gain = np.where(places < AT, 1.0 / np.log2(places + 2.0), 0.0)
        return float((np.bincount(self.rows, gain, minlength=len(self)) / self.ideal).mean())

    def _places(self, scores: np.ndarray) -> np.ndarray:
        """int64 [T]: items before each answer, from 0; `UNRANKED` where the answer has no score."""
        n = scores.shape[1]
        value = scores[self.rows, self.items]
        places = np.zeros(len(self.rows), dtype=np.int64)
        codes = np.arange(n)
        step = max(1, CELLS // n)
        for start in range(0, len(self.rows), step):
            part = slice(start, start + step)
            block, limit = scores[self.rows[part]], value[part, None]  # [t, n], NaN compares as False
            before = (block > limit) | ((block == limit) & (codes < self.items[part, None]))
            places[part] = before.sum(1) - np.asarray(self.seen[self.rows[part]].multiply(before).sum(1)).ravel()
        return np.where(np.isnan(value), UNRANKED, places)


def hold_out_last(log: EventLog, shoppers: int, seed: int = 0) -> Holdout | None:
    """Hide the last moment at which some shoppers chose something, and all that they did after it.

    Args:
        log: all events; only shoppers whose last choice holds an item that is new to them are asked.
        shoppers: how many, drawn at random where there are more; at most half of them are asked.
        seed: decides the draw; the order of the rows in a file does not.

    Returns:
        The questions, or None where nobody can be asked.
    """
    n = np.int64(log.n_items)
    choices = np.flatnonzero(answer_mask(log) & (log.weights > 0))
    if len(choices) == 0:
        return None
    users, times = log.user_codes[choices].astype(np.int64), log.times_s[choices]
    moment = np.full(log.n_users, np.iinfo(np.int64).max)  # of each shopper's last choice
    last = np.append(users[1:] != users[:-1], True)
    moment[users[last]] = times[last]
    earlier = log.times_s < moment[log.user_codes]
    asked = choices[times == moment[users]]
    pairs = np.unique(log.user_codes[asked].astype(np.int64) * n + log.item_codes[asked])
    key = log.user_codes.astype(np.int64) * n + log.item_codes
    place = np.minimum(np.searchsorted(pairs, key), len(pairs) - 1)
    had = np.zeros(len(pairs), dtype=bool)
    had[place[earlier & log.signs & (pairs[place] == key)]] = True
    pairs = pairs[~had]
    known = np.zeros(log.n_users, dtype=bool)
    known[log.user_codes[earlier & (log.weights > 0)]] = True
    able = np.unique(pairs // n)
    able = able[known[able]]
    count = min(shoppers, (len(able) + 1) // 2)
    if count == 0:
        return None
    chosen = np.sort(np.random.default_rng(seed).choice(able, count, replace=False))
    is_chosen = np.zeros(log.n_users, dtype=bool)
    is_chosen[chosen] = True
    pairs = pairs[is_chosen[pairs // n]]
    rest = log.keep(~is_chosen[log.user_codes] | earlier)
    questions = Histories.from_log(log, chosen.astype(np.int32), moment[chosen])
    return Holdout(rest, questions, np.searchsorted(chosen, pairs // n), pairs % n)


def coordinate_search(
    start: dict[str, Any], choices: Sequence[tuple[str, Sequence[Any]]], judge: Callable[[dict[str, Any]], float]
) -> tuple[dict[str, Any], float]:
    """Change one setting at a time and keep what is better: each of `choices` once, in order.

    Values of one setting are tried outwards from the present one and a direction is left as soon as it gets worse, so a setting
    costs few judgements. Ties keep the present value.

    Args:
        start: settings to begin with.
        choices: setting and its values in ascending order, in the order in which they are tried.
        judge: figure of settings, higher is better.

    Returns:
        The best settings and their figure.
    """
    best, figure = dict(start), judge(start)
    for name, values in choices:
        present = best[name]
        for side in ([v for v in values if v > present], [v for v in reversed(values) if v < present]):
            moved = False
            for value in side:
                found = judge({**best, name: value})
                if found <= figure:
                    break
                best, figure, moved = {**best, name: value}, found, True
            if moved:
                break
    return best, figure
