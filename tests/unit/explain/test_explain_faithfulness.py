"""Stability of cards by hand: which exchanges of terms count."""

from __future__ import annotations

import numpy as np
import pytest

from recengine.data.histories import Histories
from recengine.explain.faithfulness import _shaken, near_tie, term_sizes, top_of
from recengine.explain.history import Attribution
from recengine.types import Term


def sizes(**found: float) -> dict[str, tuple[float, float]]:
    return {key: (value, 0.0) for key, value in found.items()}


def test_the_largest_three_and_equal_ones_by_name():
    assert top_of(sizes(a=1.0, b=3.0, c=2.0, d=2.0)) == {"b", "c", "d"}
    assert top_of(sizes(d=1.0, c=1.0, b=1.0, a=1.0)) == {"a", "b", "c"}


@pytest.mark.parametrize(("third", "fourth", "error", "tie"), [(1.0, 0.96, 0.0, True), (1.0, 0.9, 0.0, False), (1.0, 0.9, 0.06, True)])
def test_terms_within_a_twentieth_or_their_errors_are_a_tie(third, fourth, error, tie):
    found = {"a": (3.0, 0.0), "b": (2.0, 0.0), "c": (third, error), "d": (fourth, error)}
    assert near_tie(found, frozenset("abc"), frozenset("abd")) is tie
    assert near_tie(found, frozenset("abc"), frozenset("abc"))


def test_a_term_that_was_not_there_is_no_tie():
    assert not near_tie(sizes(a=1.0, b=1.0, c=1.0), frozenset("abc"), frozenset("abx"))


def test_sizes_of_past_items_add_up_their_events():
    part = Attribution(1.0, 0.0, (), np.array([0.5, -0.2, 0.25, 0.0]), errors=np.array([0.1, 0.0, 0.1, 0.0]))
    assert term_sizes(part, Histories.of_items([[7, 8, 7, 9]])) == {"7": (0.75, 0.2), "8": (0.2, 0.0)}
    signals = (Term("signal", "A", "", -0.4, "a", 0.01),)
    assert term_sizes(Attribution(1.0, 0.0, signals, np.zeros(4)), Histories.of_items([[7, 8, 7, 9]])) == {"a": (0.4, 0.01)}


def test_dropping_a_named_item_does_not_make_the_others_unstable(monkeypatch):
    """One event an item, every contribution fixed: a card without the dropped item is the same card."""
    from recengine.explain import faithfulness as module

    values = np.linspace(2.0, 0.1, 24)

    def attribute(_model, histories, _item):
        return [Attribution(1.0, 0.0, (), values[histories.item_codes])]

    monkeypatch.setattr(module, "attribute", attribute)
    one = Histories.of_items([list(range(24))])
    rng = np.random.default_rng(0)
    found = np.array([_shaken(None, one, np.array([30]), rng) for _ in range(200)])  # type: ignore[arg-type]
    assert 0.15 < found[:, 0].mean() < 0.35  # three of the twelve older items are among the first three
    assert found[:, 1].max() == 0.0
    assert found[:, 2].max() == 0.0
