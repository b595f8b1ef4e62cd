"""Nothing after a window's cut changes a training row: the log behind the cut is changed, added to and thinned, and rows stay bit-equal."""

from __future__ import annotations

import numpy as np
import pytest

from recengine.columns import BEHAVIOUR_CODE
from recengine.data.events import EventLog
from recengine.funnel import learning
from recengine.funnel.facts import ItemFacts
from recengine.funnel.windows import Window
from recengine.models.base import Recommender
from recengine.models.registry import model_class

BEHAVIOURS = ("purchase", "cart", "view")
NAMES = ("transitions", "popularity")
DAY_S = 86_400


def rebuilt(log: EventLog, users, items, times, behaviours, prices) -> EventLog:
    return EventLog.build(users, items, times, log.n_users, log.n_items, behaviours, prices)


def other_future(log: EventLog, cut: int, how: str) -> EventLog:
    """The same log before `cut`, another one after it."""
    rng = np.random.default_rng(4)
    columns = [c.copy() for c in (log.user_codes, log.item_codes, log.times_s, log.behaviours, log.prices)]
    late = log.times_s >= cut
    n = int(late.sum())
    if how == "deleted":
        keep = ~late | (rng.random(len(log)) < 0.5)
        return rebuilt(log, *(c[keep] for c in columns))
    if how == "added":
        m = 3000
        made = [
            rng.integers(0, log.n_users, m),
            rng.integers(0, log.n_items, m),
            rng.integers(cut, cut + 30 * DAY_S, m),
            rng.choice([BEHAVIOUR_CODE[b] for b in (*BEHAVIOURS, "favourite", "dislike", "return")], m),
            np.full(m, 9999.0, np.float32),
        ]
        return rebuilt(log, *(np.concatenate([c, new]) for c, new in zip(columns, made, strict=True)))
    users, items, times, behaviours, prices = columns
    if how == "changed":
        items[late] = rng.integers(0, log.n_items, n)
        behaviours[late] = rng.choice([BEHAVIOUR_CODE[b] for b in (*BEHAVIOURS, "return", "dislike")], n)
        prices[late] *= 50
    elif how == "moved":
        times[late] += rng.integers(0, 5 * DAY_S, n)
        users[late] = rng.permutation(users[late])
    return rebuilt(log, users, items, times, behaviours, prices)


def cut_of(log: EventLog) -> int:
    return int(log.times_s.max()) + 1 - 24 * DAY_S


def rows_of(log: EventLog, cut: int, context) -> dict[tuple[int, int], np.ndarray]:
    """Training rows of a window by shopper and item, its generators fitted anew."""
    window = Window.of(log, cut, cut + 12 * DAY_S, context.catalogue.sellable, BEHAVIOURS)
    generators: dict[str, Recommender] = {}
    for name in NAMES:
        generators[name] = model_class(name)()
        generators[name].fit_all(window.past, context)
    made = learning.examples_of(window, generators, context, dict.fromkeys(NAMES, 15), 10_000)
    return {(int(u), int(i)): row for u, i, row in zip(made.shopper, made.item, made.rows, strict=True)}


def changed_rows(before: dict, after: dict) -> tuple[int, int]:
    """Shoppers in both windows, and how many of their rows differ in any bit or are missing."""
    both = {u for u, _ in before} & {u for u, _ in after}
    mine = {key: row for key, row in before.items() if key[0] in both}
    theirs = {key: row for key, row in after.items() if key[0] in both}
    differing = len(mine.keys() ^ theirs.keys())
    return len(both), differing + sum(mine[key].tobytes() != theirs[key].tobytes() for key in mine.keys() & theirs.keys())


@pytest.fixture(scope="module")
def before(demo, context):
    log = demo[0].products_log
    log = log.keep(log.user_codes < 250)
    return log, rows_of(log, cut_of(log), context)


@pytest.mark.parametrize("how", ["changed", "moved", "added", "deleted"])
def test_nothing_after_the_cut_changes_a_training_row(before, context, how):
    log, mine = before
    cut = cut_of(log)
    shoppers, differing = changed_rows(mine, rows_of(other_future(log, cut, how), cut, context))
    assert shoppers >= 40
    assert differing == 0


def test_a_signal_that_peeks_is_found(before, context, monkeypatch):
    """Facts of the whole log instead of the past."""
    log, _ = before
    cut, honest, found = cut_of(log), ItemFacts.of, []
    for whole in (log, other_future(log, cut, "added")):
        monkeypatch.setattr(
            ItemFacts, "of", staticmethod(lambda train, catalogue, texts=None, whole=whole: honest(whole, catalogue, texts))
        )
        found.append(rows_of(whole, cut, context))
    assert changed_rows(*found)[1] > 0


def test_the_moment_of_the_question_is_the_cut(before):
    log, _ = before
    cut = cut_of(log)
    window = Window.of(log, cut, cut + 12 * DAY_S, np.ones(log.n_items, bool), BEHAVIOURS)
    assert (window.histories.now_s == cut).all()
    assert window.past.times_s.max() < cut
    assert window.histories.times_s.max() < cut
