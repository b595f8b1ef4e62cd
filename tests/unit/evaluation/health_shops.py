"""A small made-up shop for the health checks: items of ten categories, shoppers with two favourite ones, lists as a test wants them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from recengine.data.dataset import Catalogue
from recengine.data.events import EventLog
from recengine.data.histories import Histories
from recengine.data.split import Targets
from recengine.data.vocabulary import Vocabulary
from recengine.evaluation.health.base import Examined

DAY_S = 86_400
N_ITEMS, N_CATEGORIES, SHOPPERS, K, DAYS = 200, 10, 150, 10, 120
NOW_S = DAYS * DAY_S


def catalogue() -> Catalogue:
    """Item i is of category i % 10 and costs 10 to 19, so that no two prices are far apart."""
    codes = np.arange(N_ITEMS)
    ids = Vocabulary(np.array([f"i{code:03d}" for code in codes], dtype=object))
    titles = np.array([f"Thing number {code} {chr(97 + code % 26)}{chr(97 + code // 26)}" for code in codes], dtype=object)
    categories = np.array([f"c{code % N_CATEGORIES}" for code in codes], dtype=object)
    blank = np.full(N_ITEMS, "", dtype=object)
    return Catalogue(ids, titles, categories, blank, (10 + codes % 10).astype(np.float32), np.ones(N_ITEMS, dtype=bool))


def shop(seed: int = 0) -> tuple[EventLog, Targets]:
    """Everybody bought twelve things at random moments, half of them of two favourite categories, and three more after the cut."""
    rng = np.random.default_rng(seed)
    users = np.repeat(np.arange(SHOPPERS), 12)
    favourite = (users * 3 + rng.integers(0, 2, len(users))) % N_CATEGORIES
    category = np.where(rng.random(len(users)) < 0.5, favourite, rng.integers(0, N_CATEGORIES, len(users)))
    items = category + N_CATEGORIES * rng.integers(0, N_ITEMS // N_CATEGORIES, len(users))
    times = rng.integers(0, NOW_S, len(users))
    log = EventLog.build(users, items, times, SHOPPERS, N_ITEMS, prices=10 + items % 10)
    histories = Histories.from_log(log, np.arange(SHOPPERS, dtype=np.int32), NOW_S)
    answers = [np.sort(rng.choice(np.setdiff1d(np.arange(N_ITEMS), own(histories, u)), 3, replace=False)) for u in range(SHOPPERS)]
    return log, Targets(histories, np.arange(SHOPPERS + 1, dtype=np.int64) * 3, np.concatenate(answers).astype(np.int32))


def own(histories: Histories, row: int) -> np.ndarray:
    """Codes of a shopper's past items."""
    return histories.item_codes[histories.indptr[row] : histories.indptr[row + 1]]


def healthy_lists(histories: Histories, k: int = K, seed: int = 1) -> np.ndarray:
    """int32 [B, k]: drawn for each shopper from what they do not have, half of them of the categories of their past."""
    rng = np.random.default_rng(seed)
    out = np.full((len(histories), k), -1, dtype=np.int32)
    for row in range(len(histories)):
        mine = own(histories, row)
        free = np.setdiff1d(np.arange(N_ITEMS), mine)
        weight = np.where(np.isin(free % N_CATEGORIES, mine % N_CATEGORIES), 2.0, 1.0)
        out[row] = rng.choice(free, k, replace=False, p=weight / weight.sum())
    return out


def examined(lists: np.ndarray | None = None, **other: object) -> Examined:
    """The healthy shop, with other lists or anything else changed."""
    log, targets = shop()
    made = healthy_lists(targets.histories) if lists is None else lists
    return replace(Examined(np.asarray(made, dtype=np.int32), targets, log, catalogue(), ask=healthy_lists), **other)  # type: ignore[arg-type]
