"""One item across all lists: counted by hand, and sums that stay sums."""

from __future__ import annotations

import numpy as np
import pytest

from recengine.data.histories import Histories
from recengine.explain import item_places
from recengine.explain.history import Attribution
from recengine.explain.item_places import DEEP, LIST, ItemPlaces, survey
from recengine.types import Term


def part(score: float, **terms: float) -> Attribution:
    told = tuple(Term("signal", key.upper(), "", adds, key) for key, adds in terms.items())
    return Attribution(score, score - sum(terms.values()), told, np.array([0.2, -0.1, 0.3, 0.0]))


@pytest.fixture
def short(monkeypatch):
    """Lists of two, so that two more just miss."""
    monkeypatch.setattr(item_places, "LIST", 2)
    monkeypatch.setattr(item_places, "DEEP", 4)


@pytest.mark.usefixtures("short")
def test_places_and_means_by_hand():
    found, history = ItemPlaces(), Histories.of_items([[7, 8, 7, 9]])
    found.take(0, history, np.array([1, 2, 3]), [part(0.9, a=0.4), part(0.6, a=0.1, b=0.2), part(0.5, a=0.3, b=-0.1)])
    found.take(5, history, np.array([3, 1]), [part(0.8, a=0.2), part(0.7, b=0.1)])
    one, three = found.terms[1], found.terms[3]
    assert (one.listed, one.near, one.ranks) == (2, 0, 1 + 2)
    assert one.score == pytest.approx(0.9 + 0.7)
    assert one.brings == {"a": [pytest.approx(0.4), 1], "b": [pytest.approx(0.1), 1]}
    assert one.past == {7: [pytest.approx(2 * 0.5), 2]}  # 0.2 + 0.3 each time; items that speak against or not at all are left out
    assert (three.listed, three.near) == (1, 1)
    assert three.gap == pytest.approx(0.5 - 0.6)
    assert three.holds == {"a": [pytest.approx(0.2), 1], "b": [pytest.approx(-0.3), 1]}
    assert np.concatenate(found.users).tolist() == [0, 0, 0, 5, 5]
    assert np.concatenate(found.ranks).tolist() == [1, 2, 3, 1, 2]
    assert found.names == {"a": "A", "b": "B"}


@pytest.mark.usefixtures("short")
def test_without_signals_the_gap_lies_in_base_and_past_items():
    found, history = ItemPlaces(), Histories.of_items([[7, 8]])
    bare = [Attribution(s, 0.1, (), np.array([s - 0.1, 0.0])) for s in (0.9, 0.6, 0.4)]
    found.take(0, history, np.array([1, 2, 3]), bare)
    assert found.terms[3].holds == {"base": [pytest.approx(0.0), 1], "past": [pytest.approx(-0.2), 1]}
    assert sum(total for total, _ in found.terms[3].holds.values()) == pytest.approx(found.terms[3].gap)


def test_a_list_that_is_not_full_holds_nobody_back():
    found = ItemPlaces()
    found.take(0, Histories.of_items([[7, 8]]), np.arange(LIST), [Attribution(1.0, 1.0, (), np.zeros(2))] * LIST)
    assert all(sums.near == 0 and not sums.holds for sums in found.terms.values())


def test_means_of_a_funnel_add_up_to_mean_scores(judged, demo, some_users):
    model, dataset = judged[0], demo[0]

    def lists():
        for user in some_users[:8].tolist():
            one = dataset.histories(np.array([user]))
            top = model.recommend(one, DEEP, exclude=one.to_csr(model.n_items), allow=dataset.catalogue.sellable).item_codes[0]
            yield user, one, top[top >= 0].astype(np.int64)

    found = survey(model, lists())
    assert sum(sums.listed for sums in found.terms.values()) == 8 * LIST
    for sums in found.terms.values():
        if sums.listed:
            assert sums.base + sum(total for total, _ in sums.brings.values()) == pytest.approx(sums.score, abs=1e-9)
        if sums.near:
            assert sum(total for total, _ in sums.holds.values()) == pytest.approx(sums.gap, abs=1e-9)
            assert sums.gap <= 1e-12
