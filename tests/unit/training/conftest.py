"""A small shop of four tastes, for the tests of training."""

from __future__ import annotations

import numpy as np
import pytest

from recengine.data.dataset import Catalogue, Dataset
from recengine.data.events import EventLog
from recengine.data.vocabulary import Vocabulary


@pytest.fixture(scope="session")
def shop() -> Dataset:
    rng = np.random.default_rng(5)
    n_users, n_items, n = 80, 40, 2400
    users = rng.integers(0, n_users, n)
    items = (users % 4 * 10 + rng.integers(0, 10, n)) % n_items
    times = rng.integers(0, 100 * 86_400, n)
    log = EventLog.build(users, items, times, n_users, n_items)
    names = Vocabulary.build([f"i{code:02d}" for code in range(n_items)])
    shoppers = Vocabulary.build([f"u{code:02d}" for code in range(n_users)])
    return Dataset("ds", "Shop", "f", log, Catalogue.bare(names), shoppers, np.full(n_users, "", dtype=object))
