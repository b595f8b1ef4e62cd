"""Transitions: both directions, gaps in time, strengths of behaviours, and settings that the data chooses."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from recengine.columns import BEHAVIOUR_CODE
from recengine.data.dataset import Catalogue
from recengine.data.events import EventLog
from recengine.data.histories import Histories
from recengine.data.vocabulary import Vocabulary
from recengine.models.base import FitContext
from recengine.models.parts.holdout import hold_out_last
from recengine.models.transitions import Transitions, TransitionsConfig, choose

DAY_S = 86_400


def bare(n_items: int) -> FitContext:
    return FitContext(Catalogue.bare(Vocabulary.build(f"{code:04d}" for code in range(n_items))))


def log_of(rows: list[tuple[int, int, int]], n_items: int, behaviours: list[str] | None = None) -> EventLog:
    users, items, times = (np.array(column) for column in zip(*rows, strict=True))
    codes = None if behaviours is None else np.array([BEHAVIOUR_CODE[name] for name in behaviours])
    return EventLog.build(users, items, times, int(users.max()) + 1, n_items, codes)


def fitted(log: EventLog, **settings: object) -> Transitions:
    plain = {"distance_decay": 1.0, "source_damping": 0.0, "target_damping": 0.0, "basket_damping": 0.0, "together": 0.5}
    model = Transitions(TransitionsConfig(**{**plain, **settings}))  # type: ignore[arg-type]
    model.fit_all(log, bare(log.n_items))
    return model


def test_backward_pairs_count_their_share_and_pairs_of_one_moment_stay() -> None:
    log = log_of([(0, 0, 0), (0, 1, 5), (0, 2, 5)], 3)
    scores = fitted(log, backward=0.25).score(Histories.of_items([[0], [1]]))
    # 0 → 1 whole, 1 → 0 a quarter; 1 and 2 were taken together: half, in either direction, as without `backward`.
    np.testing.assert_allclose(scores, [[0, 1.0, 1.0], [0.25, 0, 0.5]], rtol=1e-6)


def test_a_pair_far_apart_in_time_counts_less() -> None:
    log = log_of([(0, 0, 0), (0, 1, 10 * DAY_S), (0, 2, 30 * DAY_S)], 3)
    scores = fitted(log, gap_half_life_days=10.0, window=2).score(Histories.of_items([[0], [1]]))
    # 0 → 1: 10 days, half. 0 → 2: two steps and 30 days, 1/2 × 1/8. 1 → 2: 20 days, a quarter.
    np.testing.assert_allclose(scores, [[0, 0.5, 1 / 16], [0, 0, 0.25]], rtol=1e-6)


@pytest.mark.parametrize(("power", "expected"), [(0.0, 1.0), (1.0, 0.3), (2.0, 0.09)])
def test_behaviours_count_by_their_strength_to_the_power(power: float, expected: float) -> None:
    log = log_of([(0, 0, 0), (0, 1, 5)], 2, ["view", "purchase"])
    model = fitted(log, behaviour_power=power)
    np.testing.assert_allclose(model.score(Histories.of_items([[0]])), [[0, expected]], rtol=1e-5)
    viewed = Histories.of_items([[0]], behaviour="view")
    np.testing.assert_allclose(model.score(viewed), [[0, expected**2]], rtol=1e-5)


def ring_log(n_users: int = 300, n_items: int = 20, noise: float = 0.2) -> EventLog:
    """Everybody walks on by one, now and then to anywhere: what counts is the newest step alone."""
    rng = np.random.default_rng(0)
    users, items, times = list[int](), list[int](), list[int]()
    for user in range(n_users):
        item = int(rng.integers(n_items))
        for step in range(8):
            users.append(user)
            items.append(item)
            times.append(step * DAY_S)
            item = int(rng.integers(n_items)) if rng.random() < noise else (item + 1) % n_items
    return EventLog.build(np.array(users), np.array(items), np.array(times), n_users, n_items)


def test_the_data_chooses_what_beats_settings_that_are_wrong() -> None:
    log, wrong = ring_log(), TransitionsConfig(window=5, distance_decay=0.0, rank_decay=0.0, recent_steps=20, source_damping=0.0)
    held = hold_out_last(log, 150, seed=0)
    assert held is not None
    better, ndcg = choose(wrong, held, bare(20))
    before = Transitions(wrong)
    before.fit_all(held.rest, bare(20))
    after = Transitions(better)
    after.fit_all(held.rest, bare(20))
    assert held.ndcg(after.score(held.questions).numpy()) == pytest.approx(ndcg, abs=2e-3), "the figure is that of the settings"
    assert ndcg > held.ndcg(before.score(held.questions).numpy()) + 0.1
    assert (better.window, better.distance_decay, better.rank_decay) != (wrong.window, wrong.distance_decay, wrong.rank_decay)


def test_what_was_chosen_is_seen_stored_and_used() -> None:
    log, notes = ring_log(), list[str]()
    context = replace(bare(20), note=notes.append)
    model = Transitions(TransitionsConfig(choose=True, rank_decay=0.0))
    report = model.fit_all(log, context)[0]
    assert model.chosen
    assert not model.chosen.keys() & {"choose"}
    assert 0 < next(iter(report.metrics.values())) <= 1
    assert any(name in notes[-1] for name in model.chosen)
    loaded = Transitions(model.config)
    loaded.load_state(model.state())
    assert loaded.chosen == model.chosen
    questions = Histories.of_items([[3, 4, 5]])
    np.testing.assert_array_equal(loaded.score(questions), model.score(questions))
    given = Transitions(model.used.model_copy(update={"choose": False}))
    given.fit_all(log, bare(20))
    np.testing.assert_array_equal(given.score(questions), model.score(questions))


def test_the_choice_is_the_same_every_time_and_forgotten_by_the_next_fit() -> None:
    log = ring_log()
    one, two = (Transitions(TransitionsConfig(choose=True)) for _ in range(2))
    one.fit_all(log, bare(20))
    two.fit_all(log, bare(20))
    assert one.chosen == two.chosen
    nobody = log_of([(0, 0, 0), (0, 1, 0)], 20)
    one.fit_all(nobody, bare(20))
    assert one.chosen == {}, "nothing could be hidden, so the settings stand"
