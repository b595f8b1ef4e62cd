"""Small logs whose right answers are known without a training run's luck."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recengine.data.dataset import Catalogue
from recengine.data.events import EventLog
from recengine.data.histories import Histories
from recengine.data.vocabulary import Vocabulary

START_S = 1_700_000_000
HOUR_S = 3_600
WORDS = (("oak", "table"), ("silk", "scarf"), ("tin", "kettle"))


@dataclass(frozen=True, eq=False)
class KnownAnswers:
    """A log, what is known of its items, and questions with one right item each."""

    log: EventLog
    catalogue: Catalogue
    questions: Histories  # B rows
    answers: np.ndarray  # int32 [B], the item that should come first among those the shopper does not have
    cold_item: int  # an item with a title and without an event


def checkerboard(n_users: int = 24, n_items: int = 16) -> KnownAnswers:
    """Even shoppers take every even item but one, odd shoppers every odd item but one; the one left out is the answer.

    The last item has a title of the even kind and no event.
    """
    pairs, left_out = [], []
    for user in range(n_users):
        same = [item for item in range(n_items) if item % 2 == user % 2]
        missing = same[(user // 2) % len(same)]
        left_out.append(missing)
        # Turned round by the shopper's number, so that no order is learned.
        kept = [item for item in same if item != missing]
        turn = user % len(kept)
        pairs += [(user, item) for item in kept[turn:] + kept[:turn]]
    log = _log(pairs, n_users, n_items + 1)
    catalogue = _catalogue([WORDS[item % 2] for item in range(n_items)] + [WORDS[0]])
    questions = Histories.from_log(log, np.arange(n_users), int(log.times_s.max()) + HOUR_S)
    return KnownAnswers(log, catalogue, questions, np.array(left_out, dtype=np.int32), n_items)


def chain(n_users: int = 30, n_items: int = 12, length: int = 5) -> KnownAnswers:
    """Everybody walks the ring 0 → 1 → 2 → … → 0 from another start; the next item is the answer, and only order tells it."""
    pairs = [(user, (user + step) % n_items) for user in range(n_users) for step in range(length)]
    log = _log(pairs, n_users, n_items + 1)
    catalogue = _catalogue([WORDS[item % 3] for item in range(n_items)] + [WORDS[2]])
    questions = Histories.of_items([[start, (start + 1) % n_items] for start in range(n_items)], now_s=int(log.times_s.max()) + HOUR_S)
    return KnownAnswers(log, catalogue, questions, ((np.arange(n_items) + 2) % n_items).astype(np.int32), n_items)


def _log(pairs: list[tuple[int, int]], n_users: int, n_items: int) -> EventLog:
    users, items = np.array(pairs, dtype=np.int64).T
    return EventLog.build(users, items, START_S + HOUR_S * np.arange(len(pairs)), n_users, n_items)


def _catalogue(words: list[tuple[str, str]]) -> Catalogue:
    n = len(words)
    blank = np.full(n, "", dtype=object)
    titles = np.array([f"{material.title()} {thing} no {code}" for code, (material, thing) in enumerate(words)], dtype=object)
    categories = np.array([thing.title() for _, thing in words], dtype=object)
    ids = Vocabulary.build(f"item-{code:04d}" for code in range(n))
    return Catalogue(ids, titles, categories, blank, np.full(n, 5.0, dtype=np.float32), np.ones(n, dtype=bool), "file")
