"""Hidden last moments, the figure they give, and the search along one setting after the other."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.sparse as sp

from recengine.columns import BEHAVIOUR_CODE
from recengine.data.events import EventLog
from recengine.models.parts.holdout import Holdout, coordinate_search, hold_out_last
from recengine.scoring.answer_places import UNRANKED, places_under


def log_of(rows: list[tuple[int, int, int]], n_items: int, behaviours: list[str] | None = None) -> EventLog:
    users, items, times = (np.array(column) for column in zip(*rows, strict=True))
    codes = None if behaviours is None else np.array([BEHAVIOUR_CODE[name] for name in behaviours])
    return EventLog.build(users, items, times, int(users.max()) + 1, n_items, codes)


def random_log(n_users: int = 60, n_items: int = 25, seed: int = 0) -> EventLog:
    rng = np.random.default_rng(seed)
    users = rng.integers(0, n_users, 900)
    return EventLog.build(users, rng.integers(0, n_items, 900), rng.integers(0, 40, 900), n_users, n_items)


def test_the_last_choice_is_hidden_with_all_that_came_after_it() -> None:
    rows = [(0, 0, 1), (0, 1, 5), (0, 2, 5), (0, 3, 9), (1, 0, 1), (1, 1, 2)]
    held = hold_out_last(log_of(rows, 4, ["purchase", "purchase", "purchase", "view", "purchase", "purchase"]), 2, seed=0)
    assert held is not None
    assert len(held) == 1, "at most half of those who can be asked"
    if held.questions.user_codes[0] == 0:
        assert held.questions.item_codes.tolist() == [0]
        assert held.items.tolist() == [1, 2]
        assert held.rest.item_codes.tolist() == [0, 0, 1], "the view after the hidden order is hidden too"
    else:
        assert held.items.tolist() == [1]


def test_hidden_answers_are_new_and_nowhere_in_the_rest() -> None:
    log = random_log()
    held = hold_out_last(log, 15, seed=3)
    assert held is not None
    assert len(held) == 15
    assert not np.asarray(held.seen[held.rows, held.items]).any()
    users = held.questions.user_codes
    for row, user in enumerate(users):
        rest = held.rest.times_s[held.rest.user_codes == user]
        assert (rest < held.questions.now_s[row]).all()
        assert len(rest) == held.questions.lengths[row]
    others = ~np.isin(log.user_codes, users)
    assert (~np.isin(held.rest.user_codes, users)).sum() == others.sum(), "nobody else loses an event"


def test_the_draw_depends_on_the_seed_alone() -> None:
    log = random_log()
    order = np.random.default_rng(1).permutation(len(log))
    shuffled = EventLog.build(log.user_codes[order], log.item_codes[order], log.times_s[order], log.n_users, log.n_items)
    one, two, other = hold_out_last(log, 10, 5), hold_out_last(shuffled, 10, 5), hold_out_last(log, 10, 6)
    assert one is not None
    assert two is not None
    assert other is not None
    assert one.questions.user_codes.tolist() == two.questions.user_codes.tolist() != other.questions.user_codes.tolist()


@pytest.mark.parametrize("rows", [[(0, 0, 1)], [(0, 0, 1), (0, 0, 2)], [(0, 0, 1), (0, 1, 1)]])
def test_nobody_can_be_asked(rows: list[tuple[int, int, int]]) -> None:
    """One event, only repeats, one moment."""
    assert hold_out_last(log_of(rows, 2), 10) is None


def test_ndcg_by_hand() -> None:
    log = log_of([(0, 0, 1), (0, 1, 5), (0, 2, 5), (1, 0, 1), (1, 3, 2), (2, 0, 1), (2, 4, 2)], 5)
    both = hold_out_last(log, 3, seed=0)
    assert both is not None
    held = Holdout(log, both.questions.rows(np.array([0, 0])), np.array([0, 0, 1]), np.array([1, 2, 3]))
    scores = np.array([[9.0, 3.0, 1.0, 2.0, np.nan], [9.0, 1.0, 1.0, 1.0, np.nan]])
    # Row 0: item 0 is owned; 1 stands first, 2 third behind 3. Row 1: 3 ties with 1 and 2, which have lower codes, so third.
    first = (1 + 1 / math.log2(4)) / (1 + 1 / math.log2(3))
    assert held.ndcg(scores) == pytest.approx((first + 1 / math.log2(4)) / 2)
    scores[1, 3] = np.nan
    assert held.ndcg(scores) == pytest.approx(first / 2), "an answer without a score is missed"


def test_the_product_is_ranked_like_its_scores() -> None:
    held = hold_out_last(random_log(), 25, seed=1)
    assert held is not None
    n, rng = held.rest.n_items, np.random.default_rng(2)
    matrix = sp.random(n, n, density=0.4, format="csr", dtype=np.float32, random_state=4)
    values, target = rng.random(len(held.questions.item_codes)), rng.random(n) + 0.1
    dense = held.questions.to_csr(n, values).toarray() @ matrix.toarray() * target
    dense[dense == 0] = np.nan
    assert held.ndcg_of_product(values, matrix, target) == pytest.approx(held.ndcg(dense.astype(np.float64)), abs=1e-9)


def test_places_by_hand() -> None:
    matrix = sp.csr_matrix(np.array([[0, 2, 2, 5, 0]] + [[0] * 5] * 4, dtype=np.float32))
    one = np.array([0, 1]), np.array([0]), np.ones(1, dtype=np.float32)
    asked = np.array([0, 4]), np.array([1, 2, 3, 4])
    seen = np.array([0, 1]), np.array([3])
    target = np.ones(5, dtype=np.float32)
    places = places_under(*one, matrix.indptr, matrix.indices, matrix.data, target, *seen, *asked)
    assert places.tolist() == [0, 1, UNRANKED, UNRANKED], "the owned item takes no place; the item without a score has none"


def test_the_search_climbs_one_setting_at_a_time() -> None:
    asked: list[tuple[int, int]] = []

    def judge(settings: dict[str, int]) -> float:
        asked.append((settings["a"], settings["b"]))
        return -abs(settings["a"] - 3) - abs(settings["b"] - 1)

    best, figure = coordinate_search({"a": 1, "b": 4}, [("a", (0, 1, 2, 3, 4, 5)), ("b", (0, 1, 2, 4))], judge)
    assert best == {"a": 3, "b": 1}
    assert figure == 0
    assert (5, 4) not in asked, "a direction is left when it gets worse"
    assert (0, 4) not in asked, "the other direction is not tried when the first was better"


def test_ties_keep_what_was_given() -> None:
    assert coordinate_search({"a": 1}, [("a", (0, 1, 2))], lambda _: 0.5) == ({"a": 1}, 0.5)
