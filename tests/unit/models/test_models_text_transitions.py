"""Transitions over text: the parts add up as the formula says, a step reaches an item of like text, and the weight follows the data."""

from __future__ import annotations

import numpy as np
import pytest

from recengine.data.dataset import Catalogue
from recengine.data.events import EventLog
from recengine.data.histories import Histories
from recengine.data.vocabulary import Vocabulary
from recengine.models.base import FitContext
from recengine.models.text import Text, TextConfig
from recengine.models.text_transitions import TextTransitions, TextTransitionsConfig, likeness_graph
from recengine.models.transitions import Transitions
from recengine.testing.tiny_language_model import make_tiny_language_model

KINDS = ("oak", "silk", "tin", "red", *(f"kind{place}" for place in range(36)))
DAY_S = 86_400


@pytest.fixture(scope="module")
def tiny(tmp_path_factory) -> str:
    return str(make_tiny_language_model(tmp_path_factory.mktemp("model") / "tiny", ["query", ":", *KINDS, *(f"n{i}" for i in range(40))]))


def shop(follow_kind: bool, n_users: int = 240, n_items: int = 40, n_kinds: int = 4) -> tuple[EventLog, Catalogue]:
    """Items of some kinds over 200 days; the next item is any of the same kind, or the next number of the ring. One more has no event."""
    draw = np.random.default_rng(0)
    users, items, times = [], [], []
    for user in range(n_users):
        item, begin = int(draw.integers(n_items)), float(draw.uniform(0, 140))
        for step in range(8):
            users.append(user)
            items.append(item)
            times.append(int((begin + step * 8) * DAY_S))
            item = int(item % n_kinds + n_kinds * draw.integers(n_items // n_kinds)) if follow_kind else (item + 1) % n_items
    titles = np.array([f"{KINDS[code % n_kinds]} n{code}" for code in range(n_items)] + [f"{KINDS[0]} n0"], dtype=object)
    blank, size = np.full(n_items + 1, "", dtype=object), n_items + 1
    ids = Vocabulary.build(f"i{code:03d}" for code in range(size))
    catalogue = Catalogue(ids, titles, blank, blank, np.full(size, np.nan, np.float32), np.ones(size, dtype=bool))
    return EventLog.build(np.array(users), np.array(items), np.array(times), n_users, size), catalogue


def fitted(tiny: str, follow_kind: bool = False, **settings) -> tuple[TextTransitions, EventLog, Catalogue]:
    log, catalogue = shop(follow_kind)
    model = TextTransitions(TextTransitionsConfig(encoder=tiny, **settings))
    model.fit_all(log, FitContext(catalogue))
    return model, log, catalogue


def test_scores_are_both_parts_over_their_spread(tiny: str) -> None:
    model, log, catalogue = fitted(tiny, choose_text_weight=False, text_weight=0.7, neighbours=5, neighbour_weight=2.0)
    steps, text = Transitions(), Text(TextConfig(encoder=tiny))
    for part in (steps, text):
        part.fit_all(log, FitContext(catalogue))
    histories = Histories.of_items([[3, 4, 5], [17], [1, 20]])
    walked = np.nan_to_num(steps.score(histories).numpy().astype(np.float64))
    walked = walked + 2.0 * (walked @ likeness_graph(text.vectors, 5, 3.0).toarray())
    likeness = text.score(histories).numpy().astype(np.float64)
    expected = walked / walked.std(1, keepdims=True) + 0.7 * likeness / likeness.std(1, keepdims=True)
    np.testing.assert_allclose(model.score(histories).numpy(), expected, rtol=1e-4, atol=1e-5)


def test_likeness_by_hand() -> None:
    """Row 0: likeness .8 to item 1 and .6 to item 2, squared .64 and .36; the nearest alone has all; below zero nothing."""
    vectors = np.array([[1, 0], [0.8, 0.6], [0.6, -0.8], [-1, 0], [0, 0]], dtype=np.float32)
    graph = likeness_graph(vectors, 2, 2.0).toarray()
    np.testing.assert_allclose(graph[0], [0, 0.64, 0.36, 0, 0], atol=1e-6)
    np.testing.assert_allclose(likeness_graph(vectors, 1, 2.0).toarray()[0], [0, 1, 0, 0, 0], atol=1e-6)
    assert not graph[3].any()
    assert not graph[4].any()
    assert likeness_graph(vectors, 0, 1.0).nnz == 0
    assert likeness_graph(vectors[:1], 5, 1.0).nnz == 0


def test_a_step_reaches_an_item_nobody_took(tiny: str) -> None:
    """After item 39 comes item 0; item 40 has the title of item 0 and no event. Steps alone rank it, once they lead on to like texts."""
    histories = Histories.of_items([[38, 39]])
    with_text, *_ = fitted(tiny, choose_text_weight=False, text_weight=0.0, neighbours=3)
    without, *_ = fitted(tiny, choose_text_weight=False, text_weight=0.0, neighbours=0)
    assert with_text.recommend(histories, 2).item_codes[0].tolist() == [0, 40]
    assert without.score(histories)[0, 40] == 0


def test_the_weight_of_texts_follows_the_data(tiny: str) -> None:
    """Few pairs are seen twice where the next item is any of its kind: texts help. Where it is the next number, steps alone are right."""
    figures = {}
    for follow_kind in (True, False):
        log, catalogue = shop(True, 600, 400, 40) if follow_kind else shop(False, 600)
        (report,) = TextTransitions(TextTransitionsConfig(encoder=tiny, neighbours=0)).fit_all(log, FitContext(catalogue))
        figures[follow_kind] = report.metrics
    assert figures[True]["text_weight"] > 0
    assert figures[True]["chosen_ndcg@10"] > figures[True]["steps_alone_ndcg@10"]
    assert figures[False]["steps_alone_ndcg@10"] > 0.9
    assert figures[False]["chosen_ndcg@10"] < figures[False]["steps_alone_ndcg@10"] + 0.05


def test_too_few_shoppers_choose_nothing_and_a_chosen_weight_is_kept(tiny: str) -> None:
    log, catalogue = shop(True, n_users=600)
    model, few = (TextTransitions(TextTransitionsConfig(encoder=tiny, text_weight=0.3)) for _ in range(2))
    (report,) = model.fit_all(log, FitContext(catalogue))
    (nothing,) = few.fit_all(log.keep(log.user_codes < 100), FitContext(catalogue))
    assert report.metrics["text_weight"] == float(model.state()["text_weight"]) != 0.3
    assert nothing.metrics == {}
    assert float(few.state()["text_weight"]) == 0.3
    again = TextTransitions(model.config)
    again.load_state(model.state())
    histories = Histories.of_items([[3, 4, 5]])
    assert again.score(histories).numpy().tobytes() == model.score(histories).numpy().tobytes()
