"""The overview of a small log counted by hand, and its promises on random logs."""

from __future__ import annotations

import numpy as np
import pytest

from recengine.columns import BEHAVIOUR_CODE
from recengine.data.dataset import Catalogue, Dataset
from recengine.data.events import EventLog
from recengine.data.vocabulary import Vocabulary
from recengine.insight.overview import POINTS, overview

DAY = 86_400
MONDAY = int(np.datetime64("2024-01-01", "s").astype(np.int64))  # a Monday
V, C, P, R = (BEHAVIOUR_CODE[name] for name in ("view", "cart", "purchase", "return"))


def dataset(rows: list[tuple[int, int, int, int]], n_users: int = 4, n_items: int = 5) -> Dataset:
    """Rows of (user, item, second, behaviour)."""
    table = np.array(rows, dtype=np.int64).reshape(-1, 4)
    log = EventLog.build(table[:, 0], table[:, 1], table[:, 2], n_users, n_items, table[:, 3])
    users = Vocabulary.build([f"u{i}" for i in range(n_users)])
    catalogue = Catalogue.bare(Vocabulary.build([f"i{i}" for i in range(n_items)]))
    return Dataset("d", "d", "", log, catalogue, users, np.full(n_users, "", dtype=object))


def test_whole_weeks_only() -> None:
    found = overview(
        dataset(
            [
                (0, 0, MONDAY - DAY, P),  # the Sunday before: its week is cut
                (0, 0, MONDAY, V),
                (1, 1, MONDAY + 6 * DAY + DAY - 1, V),  # last second of the first Sunday
                (1, 1, MONDAY + 7 * DAY, P),
                (1, 2, MONDAY + 13 * DAY, P),  # Sunday: the second week is whole
                (2, 2, MONDAY + 15 * DAY, P),  # its week is cut
            ]
        )
    )
    assert found.weeks.tolist() == [np.datetime64("2024-01-01").item(), np.datetime64("2024-01-08").item()]
    assert {name: values.tolist() for name, values in found.weekly_events.items()} == {"purchase": [0, 2], "view": [2, 0]}
    assert list(found.weekly_events) == ["purchase", "view"]
    assert found.weekly_shoppers.tolist() == [2, 1]


def test_a_week_without_events_is_a_week() -> None:
    found = overview(dataset([(0, 0, MONDAY, P), (0, 0, MONDAY + 27 * DAY, P)]))
    assert found.weekly_events["purchase"].tolist() == [1, 0, 0, 1]
    assert found.weekly_shoppers.tolist() == [1, 0, 0, 1]


def test_less_than_a_week_gives_no_weeks() -> None:
    found = overview(dataset([(0, 0, MONDAY, P), (0, 1, MONDAY + 5 * DAY, V)]))
    assert len(found.weeks) == len(found.weekly_shoppers) == 0
    assert {name: len(values) for name, values in found.weekly_events.items()} == {"purchase": 0, "view": 0}


def test_events_before_1970_keep_their_week() -> None:
    start = int(np.datetime64("1969-12-01", "s").astype(np.int64))  # a Monday
    found = overview(dataset([(0, 0, start, P), (0, 0, start + 6 * DAY, P)]))
    assert found.weeks.tolist() == [np.datetime64("1969-12-01").item()]
    assert found.weekly_events["purchase"].tolist() == [2]


def test_funnel_counts_shoppers_and_events_of_the_stages_there_are() -> None:
    rows = [(0, 0, 1, V), (0, 1, 2, V), (1, 0, 3, V), (0, 1, 4, P), (0, 1, 5, R)]
    assert overview(dataset(rows)).funnel == (("view", 2, 3), ("purchase", 1, 1))
    assert overview(dataset([(0, 0, 1, P)])).funnel == (("purchase", 1, 1),)


def test_long_tail_by_hand() -> None:
    rows = [(0, item, t, P) for t, item in enumerate([3] * 6 + [1] * 2 + [0] * 1 + [2] * 1)]
    found = overview(dataset(rows))
    assert found.rank_items.tolist() == [1, 2, 3, 4, 5]
    assert found.rank_share == pytest.approx([0.6, 0.8, 0.9, 1.0, 1.0])
    assert found.items_for_80 == 2


def test_long_tail_of_a_large_catalogue_stays_drawable_and_true() -> None:
    rng = np.random.default_rng(0)
    items = np.minimum(rng.zipf(1.4, 5_000) - 1, 1_999)
    found = overview(dataset([(0, int(item), t, P) for t, item in enumerate(items)], n_items=2_000))
    assert len(found.rank_items) <= POINTS
    assert found.rank_items[0] == 1
    assert found.rank_items[-1] == 2_000
    assert (np.diff(found.rank_share) >= 0).all()
    assert found.rank_share[-1] == 1.0
    counts = np.sort(np.bincount(items, minlength=2_000))[::-1]
    assert counts[: found.items_for_80].sum() >= 4_000 > counts[: found.items_for_80 - 1].sum()
    assert found.rank_share == pytest.approx(np.cumsum(counts)[found.rank_items - 1] / 5_000)


def test_density_counts_pairs_once() -> None:
    assert overview(dataset([(0, 0, 1, P), (0, 0, 2, P), (3, 4, 1, V)])).density == pytest.approx(2 / 20)


@pytest.mark.parametrize("seed", range(5))
def test_every_active_shopper_is_in_one_bin(seed: int) -> None:
    rng = np.random.default_rng(seed)
    users = np.minimum(rng.zipf(1.5, 900), 200) - 1
    found = overview(dataset([(int(u), 0, t, P) for t, u in enumerate(users)], n_users=200))
    counts, edges = np.bincount(users), found.events_per_shopper_edges
    assert found.events_per_shopper_counts.sum() == (counts > 0).sum()
    assert (np.diff(edges) > 0).all()
    for i, n in enumerate(found.events_per_shopper_counts):
        assert n == ((counts >= edges[i]) & (counts < edges[i + 1])).sum()


def test_bins_of_few_events() -> None:
    found = overview(dataset([(0, 0, 1, P), (1, 0, 1, P), (1, 0, 2, P)]))
    assert found.events_per_shopper_edges.tolist() == [1, 2, 3]
    assert found.events_per_shopper_counts.tolist() == [1, 1]


def test_nothing_at_all() -> None:
    found = overview(dataset([], n_users=0, n_items=0))
    assert np.isnan(found.density)
    assert found.funnel == ()
    assert found.items_for_80 == 0
    assert len(found.weeks) == len(found.rank_share) == len(found.events_per_shopper_counts) == 0
