"""SASRec on small logs with one thing to find in each: what it must learn, and what it must not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from recengine.columns import BEHAVIOUR_CODE
from recengine.data.dataset import Catalogue
from recengine.data.events import EventLog
from recengine.data.histories import Histories
from recengine.data.vocabulary import Vocabulary
from recengine.models import sasrec
from recengine.models.base import FitContext
from recengine.models.sasrec import Sasrec, SasrecConfig
from recengine.testing.known_answers import chain

SMALL: dict[str, Any] = {
    "factors": 16,
    "layers": 1,
    "max_length": 10,
    "batch_size": 8,
    "epochs": 15,
    "learning_rate": 5e-3,
    "dropout": 0.2,
    "trend_days": 0.0,
}
LONGER: dict[str, Any] = {"epochs": 25, "learning_rate": 1e-2, "dropout": 0.0}


def log_of(rows: list[list[int]], n_items: int, moments: list[list[int]] | None = None, behaviour: str = "purchase") -> EventLog:
    """One row a shopper; an event an hour unless `moments` tells other hours."""
    hours = moments or [list(range(len(row))) for row in rows]
    users = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
    items = np.array([item for row in rows for item in row])
    times = 3600 * np.array([hour for row in hours for hour in row])
    return EventLog.build(users, items, times, len(rows), n_items, np.full(len(items), BEHAVIOUR_CODE[behaviour]))


def learned(log: EventLog, seed: int = 0, **settings: Any) -> Sasrec:
    model = Sasrec(SasrecConfig(**{**SMALL, **settings}))
    model.fit_all(log, context(log, seed))
    return model


def context(log: EventLog, seed: int = 0) -> FitContext:
    return FitContext(Catalogue.bare(Vocabulary.build(f"{code:04d}" for code in range(log.n_items))), seed=seed)


def first_choice(model: Sasrec, histories: list[list[int]]) -> list[int]:
    """The best item of each history, its own items allowed."""
    scores = model.score(Histories.of_items(histories, now_s=100_000))
    return scores.nan_to_num(nan=-torch.inf).argmax(1).tolist()


@pytest.mark.parametrize(
    "settings",
    [{"contrast": "sampled", "negatives": 256}, {"residual": "gated", "feed_forward": 2}, {"positions": "rotary", "heads": 2}],
    ids=["sampled", "gated", "rotary"],
)
def test_every_choice_learns_the_ring(settings: dict[str, Any]) -> None:
    ring = chain()
    model = learned(ring.log, **settings)
    scores = model.score(ring.questions).nan_to_num(nan=-torch.inf)
    scores[torch.from_numpy(ring.questions.to_csr(model.n_items).toarray() > 0)] = -torch.inf
    assert (scores.argmax(1).numpy() == ring.answers).mean() >= 0.9


def test_what_was_bought_together_has_no_order() -> None:
    """Pairs (0, 1), (2, 3) … at one moment: a log lists the lower code first, yet each half calls for the other."""
    pairs = [[2 * (user % 5), 2 * (user % 5) + 1] for user in range(40)]
    model = learned(log_of(pairs, 10, [[0, 0]] * 40), **LONGER)
    assert first_choice(model, [[code] for code in range(10)]) == [code ^ 1 for code in range(10)]


def test_repeats_are_learned_only_where_asked() -> None:
    """Two of three take an item twice, the third takes the one five above it next."""
    rows = [[user % 5, user % 5 + (0 if user % 3 else 5)] for user in range(30)]
    log = log_of(rows, 10)
    questions = [[code] for code in range(5)]
    assert first_choice(learned(log, **LONGER), questions) == [5, 6, 7, 8, 9]
    assert first_choice(learned(log, **LONGER, learn_repeats=True), questions) == [0, 1, 2, 3, 4]


def test_the_beginning_of_a_long_history_teaches_too() -> None:
    """A ring of twelve first, then ten times one item, with windows of ten."""
    rows = [[(user + step) % 12 for step in range(8)] + [12] * 11 for user in range(36)]
    log = log_of(rows, 13)
    questions = [[code, (code + 1) % 12] for code in range(12)]
    answers = [(code + 2) % 12 for code in range(12)]
    right = [first_choice(learned(log, every_event=every, learn_repeats=True), questions) == answers for every in (True, False)]
    assert right == [True, False]


def test_an_empty_history_gets_what_people_begin_with() -> None:
    rows = [[7, user % 6] for user in range(30)]
    assert first_choice(learned(log_of(rows, 8)), [[]]) == [7]


def test_only_the_newest_events_are_read() -> None:
    model = learned(chain().log, use_times=False)
    long, short = [[1, 2, 3] * 10], [([1, 2, 3] * 10)[-10:]]
    one, other = (model.score(Histories.of_items(rows, now_s=100_000)) for rows in (long, short))
    torch.testing.assert_close(one, other, equal_nan=True)


@pytest.mark.parametrize(("field", "setting"), [("behaviours", "use_behaviours"), ("times_s", "use_times")])
def test_behaviours_and_times_are_read_only_where_asked(field: str, setting: str) -> None:
    histories = Histories.of_items([[0, 1, 2]], now_s=1_000_000)
    change = np.full(3, BEHAVIOUR_CODE["view"], dtype=np.int8) if field == "behaviours" else np.array([0, 0, 900_000])
    changed = replace(histories, **{field: change})
    for read in (True, False):
        model = learned(chain().log, epochs=2, **{setting: read})
        assert torch.allclose(model.score(histories), model.score(changed), equal_nan=True) != read


def test_returns_are_not_read() -> None:
    model = learned(chain().log, epochs=2)
    histories = Histories.of_items([[0, 1, 5]], now_s=1_000_000)
    behaviours = np.array([BEHAVIOUR_CODE["purchase"]] * 2 + [BEHAVIOUR_CODE["return"]], dtype=np.int8)
    returned = replace(histories, behaviours=behaviours)
    torch.testing.assert_close(model.score(returned), model.score(histories.keep_events(np.array([True, True, False]))), equal_nan=True)


def test_scores_in_small_portions_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    model = learned(chain().log, epochs=2)
    histories = Histories.of_items([[0, 1], [], [2, 3, 4], [5], [1] * 30], now_s=100_000)
    whole = model.score(histories)
    monkeypatch.setattr(sasrec, "TOKENS_AT_ONCE", 4)
    torch.testing.assert_close(model.score(histories), whole, rtol=1e-5, atol=1e-6, equal_nan=True)


def test_going_on_within_an_epoch_ends_with_the_same_bits() -> None:
    log = chain().log
    whole = learned(log, epochs=3).state()
    states: list[tuple[int, dict[str, Tensor]]] = []
    watched = replace(context(log), checkpoint=lambda epoch, make: states.append((epoch, make())))
    Sasrec(SasrecConfig(**{**SMALL, "epochs": 3})).fit_all(log, watched)
    assert len(states) == 9  # four batches an epoch
    again = Sasrec(SasrecConfig(**{**SMALL, "epochs": 3}))
    reports = again.fit_all(log, replace(context(log), resume=states[4]))
    assert [report.epoch for report in reports] == [2, 3]
    assert all(torch.equal(again.state()[name], value) for name, value in whole.items())


def test_another_seed_is_another_model() -> None:
    log = chain().log
    one, other = learned(log, seed=1, epochs=1), learned(log, seed=2, epochs=1)
    assert not torch.equal(one.score(chain().questions)[:, 0], other.score(chain().questions)[:, 0])


def test_what_is_long_ago_teaches_less() -> None:
    """Item 1 followed item 0 a year ago, item 2 follows it now; without fading the more frequent one is expected."""
    day = 86_400
    rows = [(u, i, (u % 3) * 60 + step * day) for u in range(24) for step, i in enumerate((0, 1))]
    rows += [(24 + u, i, 365 * day + u * 60 + step * day) for u in range(12) for step, i in enumerate((0, 2))]
    users, items, times = np.array(rows).T
    log = EventLog.build(users, items, times, 36, 3)
    question = Histories.of_items([[0]], now_s=370 * day)
    kept, faded = (learned(log, half_life_days=days, dropout=0.0).score(question).numpy()[0] for days in (0.0, 30.0))
    assert kept[1] > kept[2]
    assert faded[2] > faded[1]


def test_scores_follow_what_is_wanted_now() -> None:
    """Item 1 was taken as often as item 2 in all, but lately only item 2: log-shares of the end of the log stand for those of the whole."""
    day = 86_400
    rows = [(u, 1, u * 60) for u in range(20)] + [(u, 0, day + u * 60) for u in range(20)]
    rows += [(20 + u, 2, 100 * day + u * 60) for u in range(20)] + [(20 + u, 0, 101 * day + u * 60) for u in range(20)]
    users, items, times = np.array(rows).T
    log = EventLog.build(users, items, times, 40, 3)
    model = learned(log, trend_days=10.0, epochs=1)
    offsets = model._network.offsets
    assert offsets is not None
    gained = (offsets.demand - offsets.examples).tolist()
    ages = (times.max() - times) / day
    now = np.bincount(items, np.exp2(-ages / 10.0), minlength=3)
    whole = np.bincount(items, minlength=3)
    expected = [np.log((a / now.mean() + 0.1) / (b / whole.mean() + 0.1)) for a, b in zip(now, whole, strict=True)]
    assert gained == pytest.approx(expected, rel=1e-4)
    score = model.score(Histories.of_items([[0]], now_s=102 * day)).numpy()[0]
    assert score[2] > score[1] + 1.0


def test_the_time_until_the_question_is_read() -> None:
    """After item 0, item 1 follows within the minute and item 2 after a week."""
    week = 7 * 86_400
    rows = [(u, i, u * 1000 + step) for u in range(30) for step, i in ((0, 0), (60, 1))]
    rows += [(30 + u, i, u * 1000 + step) for u in range(30) for step, i in ((0, 0), (week, 2))]
    users, items, times = np.array(rows).T
    model = learned(EventLog.build(users, items, times, 60, 3), **LONGER)
    asked = Histories(
        np.array([0, 1, 2]), np.zeros(2, int), np.zeros(2, int), np.array([5, 5]), np.array([65, 5 + week]), np.array([-1, -1])
    )
    assert model.score(asked).argmax(1).tolist() == [1, 2]


def test_views_teach_less_than_purchases() -> None:
    """After 0 as many view 1 as buy 2."""
    rows = [[0, 1]] * 20 + [[0, 2]] * 20
    log = log_of(rows, 3)
    behaviours = np.where(log.item_codes == 1, BEHAVIOUR_CODE["view"], BEHAVIOUR_CODE["purchase"]).astype(np.int8)
    assert first_choice(learned(replace(log, behaviours=behaviours), dropout=0.0), [[0]]) == [2]
