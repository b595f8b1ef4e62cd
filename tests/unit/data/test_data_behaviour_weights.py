"""Strengths of behaviours belong to a log and its histories; a return, a removal or "not interested" takes back what came before."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recengine.columns import BEHAVIOUR_CODE, BEHAVIOUR_WEIGHT, BEHAVIOURS
from recengine.data.dataset import Catalogue, Dataset
from recengine.data.events import EventLog
from recengine.data.histories import Histories
from recengine.data.split import leave_last_out, time_split
from recengine.data.standing import WEIGHT_OF_CODE, all_weights, weight_table
from recengine.data.vocabulary import Vocabulary
from recengine.errors import BadInput
from recengine.models.als import Als
from recengine.models.base import FitContext
from recengine.models.ease import Ease, EaseConfig
from recengine.models.item_knn import ItemKnn
from recengine.models.parts.linear import Repeats, event_values
from recengine.models.popularity import Popularity
from recengine.models.transitions import Transitions
from recengine.variants.record import VariantRecord
from recengine.workspace.sessions import session_history

NEGATIVE = {"return": -1.0, "remove": -0.25, "dislike": -0.5}


def log_of(events: list[tuple[int, int, str]], n_items: int = 6) -> EventLog:
    """Events (shopper, item, behaviour) one second apart."""
    users, items, names = zip(*events, strict=True)
    codes = np.array([BEHAVIOUR_CODE[name] for name in names])
    return EventLog.build(np.array(users), np.array(items), np.arange(len(events)), max(users) + 1, n_items, codes)


def weights_of(events: list[tuple[int, str]], table: dict[str, float]) -> list[float]:
    """Weights of one history of (item, behaviour)."""
    log = log_of([(0, item, name) for item, name in events]).weighted(table)
    return [round(float(w), 6) for w in Histories.from_log(log, np.array([0]), 10_000).weights]


# The table


def test_the_default_table_is_the_constant_and_cannot_be_written() -> None:
    log = log_of([(0, 0, "view"), (0, 1, "purchase")])
    assert log.weight_of_code is WEIGHT_OF_CODE
    assert weight_table({}).tolist() == WEIGHT_OF_CODE.tolist()
    with pytest.raises(ValueError, match="read-only"):
        WEIGHT_OF_CODE[0] = 3.0


def test_dislike_is_the_last_code_because_codes_are_stored() -> None:
    assert [b.value for b in BEHAVIOURS][-2:] == ["other", "dislike"]
    assert BEHAVIOUR_WEIGHT[BEHAVIOURS[-1]] < 0


def test_all_weights_names_every_behaviour() -> None:
    found = all_weights({"view": 0.1})
    assert list(found) == [b.value for b in BEHAVIOURS]
    assert (found["view"], found["cart"]) == (0.1, 0.6)
    np.testing.assert_array_equal(weight_table(found), weight_table({"view": 0.1}))


@pytest.mark.parametrize("bad", [{"buy": 1.0}, {"view": float("nan")}, {"view": 5.1}, {"view": -2.1}, {"view": "1"}, {"view": True}])
def test_weights_that_cannot_be_are_refused_in_words(bad: dict[str, Any]) -> None:
    with pytest.raises(BadInput) as failure:
        weight_table(bad)
    assert failure.value.fix


def test_the_table_goes_wherever_the_events_go() -> None:
    log = log_of([(u, i, "view") for i in range(4) for u in range(3)]).weighted({"view": 0.125})
    histories = Histories.from_log(log, np.array([2, 0, -1]), 10_000)
    everywhere = [
        log.weights,
        log.keep(log.item_codes > 1).weights,
        log.interests().weights,
        histories.weights,
        histories.rows(np.array([1, 1])).weights,
        histories.keep_events(histories.item_codes > 0).weights,
        histories.last(2).weights,
        leave_last_out(log).test.histories.weights,
        time_split(log, np.ones(6, dtype=bool), 0.3).test.histories.weights,
    ]
    for found in everywhere:
        assert len(found)
        assert set(found.tolist()) == {0.125}
    assert log.digest != log.weighted({}).digest


def test_a_dataset_with_other_strengths_shares_its_arrays() -> None:
    log = log_of([(0, 0, "view"), (0, 1, "purchase"), (1, 2, "view")], n_items=3)
    catalogue = Catalogue.bare(Vocabulary.build(["a", "b", "c"]))
    dataset = Dataset("ds", "shop", "f", log, catalogue, Vocabulary.build(["x", "y"]), np.array(["", ""], dtype=object))
    other = dataset.weighted({"view": 2.0})
    assert dataset.weighted({}) is dataset
    assert other.log.item_codes is dataset.log.item_codes
    assert other.histories(np.array([0])).weights.tolist() == [2.0, 1.0]
    assert dataset.histories(np.array([0])).weights.tolist() == pytest.approx([0.3, 1.0])


def test_a_live_session_and_a_stored_variant_are_asked_with_the_weights_of_the_training() -> None:
    log = log_of([(0, 0, "view"), (0, 1, "purchase")], n_items=2)
    catalogue = Catalogue.bare(Vocabulary.build(["a", "b"]))
    dataset = Dataset("ds", "shop", "f", log, catalogue, Vocabulary.build(["x"]), np.array([""], dtype=object))
    stored = VariantRecord("v", "ease", {}, "ds", "f", "time", weights=all_weights({"view": 0.125, "dislike": -2.0}))
    asked = dataset.weighted(stored.weights)
    session = session_history(asked, [{"item": "a", "behaviour": "view"}, {"item": "b", "behaviour": "dislike"}])
    assert session.weights.tolist() == [0.125, -2.0]
    assert asked.histories(np.array([0])).weights.tolist() == [0.125, 1.0]
    assert VariantRecord("v", "ease", {}, "ds", "f", "time").weights == {}, "what an old record lacks are the defaults"


# What stands


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([(1, "view"), (1, "purchase"), (1, "return")], [0, 0, -1.0]),
        ([(1, "purchase"), (1, "return"), (1, "purchase")], [0, 0, 1.0]),  # bought again: the return is history
        ([(1, "purchase"), (2, "return")], [1.0, -1.0]),  # another item
        ([(1, "cart"), (1, "remove")], [0, -0.25]),
        ([(1, "purchase"), (1, "cart"), (1, "remove")], [1.0, 0, -0.25]),  # leaving the cart returns nothing
        ([(1, "rating"), (1, "remove"), (1, "dislike")], [0, -0.25, -0.5]),
        ([(1, "dislike"), (1, "view")], [0, 0.3]),
        ([(1, "impression"), (1, "purchase"), (1, "impression")], [0, 1.0, 0]),
    ],
)
def test_the_latest_verdict_stands(events: list[tuple[int, str]], expected: list[float]) -> None:
    assert weights_of(events, NEGATIVE) == expected


def test_a_negative_impression_takes_nothing_back() -> None:
    assert weights_of([(1, "purchase"), (1, "impression")], {"impression": -0.5}) == [1.0, -0.5]


def test_weightless_returns_say_nothing() -> None:
    assert weights_of([(1, "purchase"), (1, "return")], {"return": 0.0}) == [1.0, 0.0]


def test_shoppers_do_not_take_back_what_others_did() -> None:
    log = log_of([(0, 1, "purchase"), (1, 1, "return"), (2, 1, "purchase"), (2, 1, "return")]).weighted(NEGATIVE)
    assert log.weights.tolist() == [1.0, 0.0, 0.0, 0.0]
    assert Histories.from_log(log, np.arange(3), 99).weights.tolist() == [1.0, -1.0, 0.0, -1.0]


NAMES = ("view", "cart", "purchase", "return", "remove", "dislike", "impression")
EVENTS = st.lists(st.tuples(st.integers(-1, 2), st.sampled_from(NAMES)), max_size=12)


@settings(max_examples=200, deadline=None)
@given(st.lists(EVENTS, min_size=1, max_size=4))
def test_standing_as_told_event_by_event(rows: list[list[tuple[int, str]]]) -> None:
    table = weight_table(NEGATIVE)
    expected: list[float] = []
    for row in rows:
        kept = [float(table[BEHAVIOUR_CODE[name]]) for _, name in row]
        for place, (item, name) in enumerate(row):
            earlier = [e for e in range(place) if row[e][0] == item and item >= 0]
            if name in ("return", "dislike", "remove"):
                for e in earlier:
                    outlasts = name == "remove" and row[e][1] in ("purchase", "rating")
                    if kept[e] > 0 and not outlasts:
                        kept[e] = 0.0
        for place, (item, name) in enumerate(row):
            later = [e for e in range(place + 1, len(row)) if row[e][0] == item]
            if item >= 0 and name in ("return", "dislike", "remove") and any(kept[e] > 0 for e in later):
                kept[place] = 0.0
        expected += kept
    lengths = [len(row) for row in rows]
    flat = [event for row in rows for event in row]
    histories = Histories(
        np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        np.array([item for item, _ in flat], dtype=np.int32),
        np.array([BEHAVIOUR_CODE[name] for _, name in flat], dtype=np.int8),
        np.arange(len(flat), dtype=np.int64),
        np.full(len(rows), 99, dtype=np.int64),
        np.arange(len(rows), dtype=np.int32),
        table,
    )
    assert histories.weights.tolist() == expected


# What it does to models


def values_of(events: list[tuple[int, str]], table: dict[str, float], repeats: Repeats) -> list[float]:
    log = log_of([(0, item, name) for item, name in events]).weighted(table)
    return event_values(Histories.from_log(log, np.array([0]), 10_000), 6, repeats).tolist()


def test_event_values_by_hand() -> None:
    returned = [(1, "purchase"), (1, "return"), (2, "view"), (2, "purchase")]
    assert values_of(returned, NEGATIVE, Repeats.ONCE) == pytest.approx([0, -1.0, 0.3 / 1.3, 1.0 / 1.3])
    assert values_of(returned, NEGATIVE, Repeats.LOG) == pytest.approx([0, -1.0, 0.3 * np.log2(2.3) / 1.3, np.log2(2.3) / 1.3])
    assert values_of(returned, NEGATIVE, Repeats.SUM) == pytest.approx([0, -1.0, 0.3, 1.0])
    ignored = [(1, "purchase"), (1, "impression"), (2, "impression"), (2, "impression")]
    assert values_of(ignored, {"impression": -0.5}, Repeats.ONCE) == pytest.approx([1.0, 0.0, -0.25, -0.25])


def pairs_log() -> EventLog:
    """Items 0 and 1 are bought together, and 2 and 3."""
    events = [(u, i, "purchase") for u in range(6) for i in ((0, 1) if u % 2 else (2, 3))]
    return log_of(events, n_items=6)


FITTED = [Ease(EaseConfig(regularisation=1.0)), ItemKnn(), Transitions()]


@pytest.mark.parametrize("model", FITTED, ids=lambda model: model.name)
def test_a_dislike_lowers_what_is_like_it_and_a_return_takes_the_purchase_back(model: Any) -> None:
    model.fit_all(pairs_log(), FitContext(Catalogue.bare(Vocabulary.build([f"i{n}" for n in range(6)]))))

    def scores(events: list[tuple[int, str]]) -> np.ndarray:
        log = log_of([(0, item, name) for item, name in events]).weighted(NEGATIVE)
        return model.score(Histories.from_log(log, np.array([0]), 10_000)).numpy()[0]

    liked, disliked = scores([(2, "purchase")]), scores([(2, "purchase"), (0, "dislike")])
    assert disliked[1] < liked[1] <= 1e-6
    assert disliked[3] == pytest.approx(liked[3])
    returned, never = scores([(2, "purchase"), (0, "purchase"), (0, "return")]), scores([(2, "purchase"), (0, "return")])
    np.testing.assert_allclose(returned, never, rtol=1e-6)


@pytest.mark.parametrize("model", [Ease, ItemKnn, Als, Transitions, Popularity], ids=lambda model: model.name)
def test_what_was_not_liked_is_never_learned_as_interest(model: Any) -> None:
    catalogue = Catalogue.bare(Vocabulary.build([f"i{n}" for n in range(6)]))
    plain = pairs_log()
    events = [(int(u), int(i), "purchase") for u, i in zip(plain.user_codes, plain.item_codes, strict=True)]
    # Shopper 0 dislikes item 4 and sends item 5 back: both as if it had never been.
    noisy = [(0, 5, "purchase"), (0, 4, "dislike"), (0, 5, "return"), *events]
    quiet = [(0, 0, "search"), (0, 0, "search"), (0, 0, "search"), *events]
    one, other = model(), model()
    one.fit_all(log_of(noisy).weighted(NEGATIVE), FitContext(catalogue))
    other.fit_all(log_of(quiet), FitContext(catalogue))
    first, second = one.state(), other.state()
    assert first.keys() == second.keys()
    for name in first:
        np.testing.assert_array_equal(first[name].numpy(), second[name].numpy(), err_msg=name)
