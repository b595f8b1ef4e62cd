"""Shapley values of histories: the axioms, the closed form, sampling against enumeration, and mutants that break them."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recengine.data.histories import Histories
from recengine.explain import game as game_module
from recengine.explain import shapley as shapley_module
from recengine.explain.pairs import coalition_pairs, enumerated, estimate, shapley_of_all
from recengine.explain.shapley import history_shapley, refine
from recengine.models.als import Als, AlsConfig
from recengine.models.ease import Ease
from recengine.models.transitions import Transitions
from recengine.testing.table_model import TableModel


def random_game(seed):
    """Every set of items has its own worth for every item, all between 0 and 1."""
    return TableModel(lambda item, there: np.random.default_rng([seed, item, *sorted(there)]).random())


def by_definition(worth, players, item):
    """Mean gain over all orders of arrival."""
    gain = dict.fromkeys(players, 0.0)
    orders = list(permutations(players))
    for order in orders:
        for place, player in enumerate(order):
            gain[player] += worth(item, frozenset(order[: place + 1])) - worth(item, frozenset(order[:place]))
    return np.array([gain[p] / len(orders) for p in players])


@pytest.mark.parametrize("n", [0, 1, 2, 3, 5])
def test_the_definition_by_enumerating_orders(n):
    model, items = random_game(n), np.array([30, 31])
    found = history_shapley(model, Histories.of_items([[*range(n)]]), items)
    assert found.method == "exact"
    for j, item in enumerate(items):
        np.testing.assert_allclose(found.values[j], by_definition(model.worth, found.players.tolist(), int(item)), atol=1e-12)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 15), st.sampled_from([1, 4096]))
def test_efficiency_is_exact_however_few_coalitions_are_asked(seed, n, exact_up_to):
    model = random_game(seed)
    found = history_shapley(
        model, Histories.of_items([[*range(n)]]), np.array([20, 33]), coalitions=2, exact_up_to=exact_up_to if n > 5 else 64
    )
    np.testing.assert_allclose(found.base + found.values.sum(axis=1), found.scores, atol=1e-12)
    np.testing.assert_allclose(found.scores, [model.worth(i, frozenset(range(n))) for i in (20, 33)])
    np.testing.assert_allclose(found.base, [model.worth(i, frozenset()) for i in (20, 33)])


def twins(item, there):  # noqa: ARG001
    """Items 0 and 1 do the same; item 2 does nothing."""
    return float((len(there & {0, 1}) ** 2) * (1 + len(there & {4, 5, 6})) + 0.5 * len(there & {5}))


@pytest.mark.parametrize("exact_up_to", [1, 4096])
def test_symmetry_and_dummy(exact_up_to):
    found = history_shapley(TableModel(twins), Histories.of_items([[0, 1, 2, 4, 5, 6, 7]]), np.array([30]), 120, exact_up_to)
    value = dict(zip(found.players.tolist(), found.values[0], strict=True))
    error = dict(zip(found.players.tolist(), found.errors[0], strict=True))
    assert abs(value[0] - value[1]) <= 1e-9 + 4 * np.hypot(error[0], error[1])
    for dummy in (2, 7):
        assert abs(value[dummy]) <= 1e-9 + 4 * error[dummy]
    assert value[0] > 1


def test_linearity():
    a, b = random_game(1), random_game(2)
    history, items = Histories.of_items([[*range(9)]]), np.array([20])
    both = TableModel(lambda item, there: 2.0 * a.worth(item, there) - 3.0 * b.worth(item, there))
    for exact_up_to in (1, 4096):  # the same coalitions are asked for all three, so the sampled values are linear too
        one, two, sum_of = (history_shapley(m, history, items, 200, exact_up_to).values for m in (a, b, both))
        np.testing.assert_allclose(sum_of, 2.0 * one - 3.0 * two, atol=1e-9)


def test_sampled_values_are_within_four_standard_errors_and_the_errors_are_honest():
    n, worth = 11, np.random.default_rng(3).random((1 << 11, 4))
    truth, total = shapley_of_all(worth), worth[-1] - worth[0]
    numbers, z = (1 << np.arange(n)), []
    for seed in range(40):
        pairs = coalition_pairs(n, 0, 120, seed)
        at = pairs @ numbers
        made = estimate(pairs, worth[at] - worth[(1 << n) - 1 - at], total)
        z.append((made.values - truth) / made.errors)
    z = np.array(z)
    assert 0.8 < np.sqrt((z**2).mean()) < 1.25
    assert (np.abs(z) < 4).mean() > 0.998


def test_refining_goes_on_with_the_same_sequence_and_errors_fall():
    model, history, items = random_game(5), Histories.of_items([[*range(16)]]), np.array([20, 21])
    first = history_shapley(model, history, items, 128)
    second = refine(first, 128)
    at_once = history_shapley(model, history, items, 256)
    np.testing.assert_allclose(second.values, at_once.values, atol=1e-12)
    np.testing.assert_allclose(second.errors, at_once.errors, atol=1e-12)
    assert (first.coalitions, second.coalitions) == (128, 256)
    later = refine(second, 768)
    assert later.errors.mean() < 0.7 * first.errors.mean()
    np.testing.assert_array_equal(first.values, history_shapley(model, history, items, 128).values)


def test_refining_ends_exact():
    model, history, items = random_game(6), Histories.of_items([[*range(7)]]), np.array([20])
    first = history_shapley(model, history, items, 40, exact_up_to=1)
    assert first.method == "sampled"
    last = refine(first, 100)
    assert (last.method, last.coalitions, refine(last)) == ("exact", 128, last)
    np.testing.assert_allclose(last.values, history_shapley(model, history, items).values)
    assert not last.errors.any()


def test_events_of_one_item_move_together_and_share():
    found = history_shapley(TableModel(lambda item, there: float(len(there) ** 2)), Histories.of_items([[5, 6, 5, 7]]), np.array([9]))
    np.testing.assert_array_equal(found.players, [7, 5, 6])
    np.testing.assert_allclose(found.events()[0], [1.5, 3.0, 1.5, 3.0])


def test_older_items_move_together_where_there_are_many():
    model, items = TableModel(lambda item, there: float(sum(there)) + len(there) ** 2), np.array([30, 3])
    found = history_shapley(model, Histories.of_items([[*range(12)]]), items, most_players=4)
    assert found.players.tolist() == [*range(11, -1, -1)]
    np.testing.assert_allclose(found.base + found.values.sum(axis=1), found.scores)
    assert len(set(np.round(found.values[0, 4:], 9))) == 1  # eight older items share evenly
    assert len(set(np.round(found.values[1, 4:], 9))) == 2  # and the item's own event stays apart
    alone = history_shapley(model, Histories.of_items([[*range(12)]]), items)
    np.testing.assert_allclose(found.values[0, :4], alone.values[0, :4], atol=1e-9)


def test_nan_policy():
    def worth(item, there):
        return np.nan if not there or item == 13 or there == {1} else float(len(there))

    found = history_shapley(TableModel(worth), Histories.of_items([[1, 2]]), np.array([9, 13]))
    assert found.base[0] == 0.0
    np.testing.assert_allclose(found.values[0], [1.5, 0.5])  # {1} is worth the empty history: 0
    assert np.isnan(found.values[1]).all()
    assert np.isnan(found.scores[1])


def own_event(item, there):
    """The item's own event multiplies what the others say."""
    return float((1 + 4 * (item in there)) * len(there - {item}))


def check_own_event():
    found = history_shapley(TableModel(own_event), Histories.of_items([[1, 2, 9]]), np.array([9, 8]))
    value = [dict(zip(found.players.tolist(), row, strict=True)) for row in found.values]
    assert value[0] == pytest.approx({1: 1.0, 2: 1.0, 9: 8.0})  # others as if the own event were not there; it enters last
    assert value[1] == pytest.approx({1: 1.0, 2: 1.0, 9: 1.0})
    assert found.scores == pytest.approx([10.0, 3.0])


def test_the_items_own_event_takes_nothing_from_the_others():
    check_own_event()


def check_known_game():
    """v = number of odd players + 10 where 2 and 4 are both there."""
    game = TableModel(lambda item, there: sum(p % 2 for p in there) + 10.0 * ({2, 4} <= there))
    for exact_up_to, coalitions in ((1, 400), (4096, 2)):
        found = history_shapley(game, Histories.of_items([[1, 2, 3, 4, 6]]), np.array([20]), coalitions, exact_up_to)
        value = dict(zip(found.players.tolist(), found.values[0], strict=True))
        assert value == pytest.approx({1: 1.0, 2: 5.0, 3: 1.0, 4: 5.0, 6: 0.0}, abs=0.3 if found.method == "sampled" else 1e-9)
        assert found.base[0] + sum(value.values()) == pytest.approx(found.scores[0])


def test_known_game():
    check_known_game()


def test_mutant_sign_flipped_fails(monkeypatch):
    monkeypatch.setattr(shapley_module, "shapley_of_all", lambda worth: -shapley_of_all(worth))
    with pytest.raises(AssertionError):
        check_known_game()


def test_mutant_sampled_sign_flipped_fails(monkeypatch):
    monkeypatch.setattr(shapley_module, "estimate", lambda pairs, d, total: estimate(pairs, -d, total))
    with pytest.raises(AssertionError):
        check_known_game()


def test_mutant_background_leaked_fails(monkeypatch):
    """Every coalition secretly has everything that was there before the last player."""
    asked = game_module.Game.worth
    monkeypatch.setattr(game_module.Game, "worth", lambda self, part: asked(self, part | (np.arange(part.shape[1]) % 2 == 0)))
    with pytest.raises(AssertionError):
        check_known_game()


def test_mutant_own_event_counted_fails(monkeypatch):
    monkeypatch.setattr(shapley_module.np, "isin", lambda a, b: np.zeros(np.shape(a), dtype=bool))
    with pytest.raises((AssertionError, IndexError)):
        check_own_event()


@pytest.fixture(scope="module")
def small_models(demo, context):
    models = [Ease(), Transitions(), Als(AlsConfig(factors=8, epochs=2))]
    for model in models:
        model.fit_all(demo[0].log, context)
    return models


def test_closed_form_only_where_events_do_not_influence_each_other(small_models, demo, some_users):
    history = demo[0].histories(some_users[:1])
    short = history.keep_events(np.isin(history.item_codes, np.unique(history.item_codes)[:9]))
    ease, transitions, als = small_models
    items = np.setdiff1d(np.arange(60), history.item_codes)[:20]
    found = history_shapley(ease, short, items)
    assert (found.method, found.coalitions) == ("closed form", 0)
    sampled = history_shapley(als, short, items)
    assert sampled.method == "exact"
    assert history_shapley(transitions, short, items).method == "exact"
    # The definition agrees with the closed form
    game = game_module.game_of(ease, short, items)
    worth = np.nan_to_num(game.worth(enumerated(len(game.players))))
    np.testing.assert_allclose(found.values, shapley_of_all(worth), atol=1e-9)


def test_the_funnel_is_asked_as_it_scores(judged, demo, some_users):
    model = judged[0]
    for user in some_users[:4]:
        history = demo[0].histories(np.array([user]))
        items = np.concatenate([model.recommend(history, 12).item_codes[0], history.item_codes[:1], [-1, 10**6]]).astype(np.int64)
        game = game_module.game_of(model, history, items)
        parts = np.random.default_rng(0).random((40, len(game.players))) < 0.5
        asked = history.rows(np.zeros(40, dtype=np.int64)).keep_events(parts[:, game.player_of].ravel())
        np.testing.assert_allclose(game.worth(parts), model.score(asked, np.tile(items, (40, 1))).numpy(), atol=1e-6)


def test_the_funnel_adds_up_and_agrees_with_enumeration(judged, demo, some_users):
    model = judged[0]
    user = next(u for u in some_users if 8 <= len(np.unique(demo[0].histories(np.array([u])).item_codes)) <= 11)
    history = demo[0].histories(np.array([user]))
    shown = model.recommend(history, 20, exclude=history.to_csr(model.n_items), allow=demo[0].catalogue.sellable)
    items = shown.item_codes[0].astype(np.int64)
    exact, sampled = history_shapley(model, history, items), history_shapley(model, history, items, 256, exact_up_to=1)
    np.testing.assert_allclose(exact.base + exact.values.sum(axis=1), shown.scores[0], atol=1e-6)
    assert (exact.method, sampled.method) == ("exact", "sampled")
    z = np.abs(sampled.values - exact.values) / np.maximum(sampled.errors, 1e-12)
    assert (z[np.abs(sampled.values - exact.values) > 1e-6] < 4).mean() > 0.97
