"""A small shop and shoppers for the tests of policies."""

from __future__ import annotations

import numpy as np

from recengine.data.dataset import Catalogue, Dataset
from recengine.data.events import EventLog
from recengine.data.histories import Histories
from recengine.data.vocabulary import Vocabulary
from recengine.policy.shop import PolicyShop, Visitors

DAY = 86_400
TODAY_S = 1_767_225_600 + 100 * DAY  # 2026-04-11, the day after the last event


def dataset(n_items: int = 12, n_users: int = 6, seed: int = 0) -> Dataset:
    """Items i00, i01 …: category by thirds (tea, pots, 茶具), brands A and B in turn, prices 1, 2, 3 …; i00 sells most."""
    rng = np.random.default_rng(seed)
    ids = np.array([f"i{n:02d}" for n in range(n_items)], dtype=object)
    category = np.array([("tea", "pots", "茶具")[3 * n // n_items] for n in range(n_items)], dtype=object)
    brand = np.array(["AB"[n % 2] for n in range(n_items)], dtype=object)
    titles = np.array([f"{('Green Tea', 'Iron Pot', '红茶壶')[3 * n // n_items]} {n}" for n in range(n_items)], dtype=object)
    prices = np.arange(1, n_items + 1, dtype=np.float32)
    catalogue = Catalogue(Vocabulary(ids), titles, category, brand, prices, np.ones(n_items, dtype=bool))
    items = np.concatenate([np.arange(n_items), rng.integers(0, 3, 10 * n_items)])
    times = np.concatenate([TODAY_S - 1 - DAY * np.arange(n_items)[::-1] * 8, np.full(10 * n_items, TODAY_S - 1)])
    log = EventLog.build(rng.integers(0, n_users, len(items)), items, times, n_users, n_items)
    users = Vocabulary(np.array([f"u{n}" for n in range(n_users)], dtype=object))
    return Dataset("ds-0000000000-0000", "Small", "", log, catalogue, users, np.full(n_users, "", dtype=object))


def small_shop(n_items: int = 12, attributes: dict[str, np.ndarray] | None = None, seed: int = 0) -> PolicyShop:
    vectors = np.random.default_rng(seed).normal(size=(n_items, 8))
    return PolicyShop.of(dataset(n_items), vectors, attributes=attributes)


def visitors(histories: list[list[int]], behaviour: str = "purchase", **segments: list[bool]) -> Visitors:
    found = Histories.of_items(histories, TODAY_S, behaviour)
    return Visitors(found, {name: np.array(rows) for name, rows in segments.items()})
