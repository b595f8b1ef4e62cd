from __future__ import annotations

import numpy as np
import pytest

from recengine.columns import BEHAVIOUR_CODE
from recengine.data.dataset import Catalogue, Dataset
from recengine.data.events import EventLog
from recengine.data.vocabulary import Vocabulary
from recengine.errors import BadInput
from recengine.workspace.sessions import session_history


@pytest.fixture
def shop() -> Dataset:
    items = Vocabulary.build(["007", "7", "NA"])
    log = EventLog.build(np.array([0, 0]), np.array([0, 1]), np.array([100, 200]), 1, 3)
    return Dataset("ds", "Shop", "f", log, Catalogue.bare(items), Vocabulary.build(["u"]), np.array([""], dtype=object))


def test_ids_are_looked_up_as_text(shop: Dataset):
    history = session_history(shop, [{"item": "007"}, {"item": "NA", "behaviour": "purchase"}, {"item": "unknown"}])
    assert history.item_codes.tolist() == [0, 2, -1]
    assert history.behaviours.tolist() == [BEHAVIOUR_CODE["view"], BEHAVIOUR_CODE["purchase"], BEHAVIOUR_CODE["view"]]


def test_events_without_a_time_keep_their_order_and_end_before_now(shop: Dataset):
    history = session_history(shop, [{"item": "7"}, {"item": "007"}])
    assert history.item_codes.tolist() == [1, 0]
    assert np.all(np.diff(history.times_s) > 0)
    assert history.times_s[-1] < history.now_s[0] == shop.now_s


def test_events_with_times_are_sorted_and_now_follows_the_last(shop: Dataset):
    history = session_history(shop, [{"item": "7", "time": "1970-01-01T01:00:00"}, {"item": "007", "time": 10}])
    assert history.item_codes.tolist() == [0, 1]
    assert history.times_s.tolist() == [10, 3600]
    assert history.now_s.tolist() == [3601]


@pytest.mark.parametrize(
    ("events", "part"),
    [
        ([{"behaviour": "view"}], "names no item"),
        (["007"], "names no item"),
        ([{"item": "007", "behaviour": "gaze"}], "unknown behaviour"),
        ([{"item": "007", "time": "soon"}], "is not understood"),
        ([{"item": "who"}, {"item": "what"}], "None of these items"),
    ],
)
def test_mistakes_are_told(shop: Dataset, events: list, part: str):
    with pytest.raises(BadInput, match=part):
        session_history(shop, events)


def test_an_empty_session_is_a_cold_shopper(shop: Dataset):
    history = session_history(shop, [])
    assert history.lengths.tolist() == [0]
