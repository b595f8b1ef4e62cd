"""Charts of a whole list: where every dot and every part of a bar lies, worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recengine.types import EventTerm, Explanation, Term
from recengine.types.explanations import ListTerm, MovedItem
from ui.charts import explain_charts, list_charts, template
from ui.charts.template import CONTEXT, ORANGE, PETROL

HOSTILE = "<b>x</b><a href='javascript:alert(1)'>click</a> & %{y} $x^2$"
values = st.floats(-5, 5, allow_nan=False)


@pytest.fixture(autouse=True)
def _checked_figures(monkeypatch):
    """Every property of every figure is checked here, so that the app need not do it on each rerun."""
    monkeypatch.setattr(template, "VALIDATE", True)


def term(name: str, *adds: float) -> ListTerm:
    return ListTerm("signal", name, name, sum(adds) / len(adds), 0.0, adds)


# ---------------------------------------------------------------- the strip


def test_a_dot_an_item_and_a_mark_at_the_mean():
    fig = list_charts.list_strip([term("Price", 0.2, -0.1, 0.0), term("Words", 0.05, 0.05, 0.05)], ["A", "B", "C"], chosen=1)
    dots, means, ring = fig.data
    assert list(dots.x) == pytest.approx([0.2, -0.1, 0.0, 0.05, 0.05, 0.05])
    assert list(dots.marker.color) == [PETROL, ORANGE, CONTEXT, PETROL, PETROL, PETROL]
    assert list(dots.marker.symbol[:3]) == ["circle", "diamond", "circle"], "a sign is told by shape too"
    assert list(means.x) == pytest.approx([0.1 / 3, 0.05])
    assert list(means.y) == [0, 1]
    assert list(ring.x) == pytest.approx([-0.1, 0.05])
    assert dots.customdata[0][0].startswith("1. A")
    assert dots.customdata[1][1] == "−0.100"
    low, high = fig.layout.xaxis.range
    assert low < -0.1
    assert high > 0.2


def test_twenty_items_and_many_terms_stay_readable():
    rng = np.random.default_rng(0)
    terms = [term(f"Signal {i}", *rng.normal(size=20)) for i in range(30)]
    fig = list_charts.list_strip(terms, [f"Item {i}" for i in range(20)])
    assert len(fig.data) == 2
    assert len(fig.data[0].x) == 20 * list_charts.MOST_TERMS
    rows = np.round(np.asarray(fig.data[0].y)).reshape(list_charts.MOST_TERMS, 20)
    assert (rows == np.arange(list_charts.MOST_TERMS)[:, None]).all(), "no dot stands in another row"
    assert 37 * list_charts.MOST_TERMS < fig.layout.height < 50 * list_charts.MOST_TERMS


def test_equal_dots_do_not_hide_each_other():
    heights = list_charts.spread(np.full(7, 0.3))
    assert len(set(np.round(heights, 9))) == 7
    assert np.abs(heights).max() <= list_charts.SPREAD
    assert list_charts.spread(np.zeros(0)).shape == (0,)


def test_no_term_is_no_strip_and_titles_stay_text():
    assert list_charts.list_strip([], ["A"]) is None
    assert list_charts.list_strip([term("A", 1.0)], []) is None
    fig = list_charts.list_strip([term(HOSTILE, 0.1)], [HOSTILE])
    drawn = [*fig.layout.yaxis.ticktext, fig.data[0].customdata[0][0]]
    assert all("<a" not in text and "<b>" not in text for text in drawn)


# ---------------------------------------------------------------- the bar of forces


def test_forces_meet_at_the_score():
    # start 0.2; +0.3, +0.1, −0.2: the score is 0.4, what raises it fills 0 … 0.4 and what lowers it 0.4 … 0.6
    up, down, left_up, left_down = list_charts.force_parts([("a", 0.3), ("b", -0.2), ("c", 0.1)], 0.2)
    assert up == [("a", 0.3), ("c", 0.1)]
    assert down == [("b", -0.2)]
    assert left_up == pytest.approx([0.1, 0.0])
    assert left_down == pytest.approx([0.4])
    fig = list_charts.force_bar([("a", 0.3), ("b", -0.2), ("c", 0.1)], 0.2, "Start", "Score")
    assert list(fig.data[0].base) == pytest.approx([0.1, 0.0, 0.4])
    assert list(fig.data[0].x) == pytest.approx([0.3, 0.1, 0.2])
    assert list(fig.data[0].marker.color) == [PETROL, PETROL, ORANGE]
    assert sorted(shape.x0 for shape in fig.layout.shapes) == pytest.approx([0.2, 0.4])
    texts = [note.text for note in fig.layout.annotations]
    assert "Start <b>0.200</b>" in texts
    assert "Score <b>0.400</b>" in texts


@settings(max_examples=80, deadline=None)
@given(st.lists(values, max_size=12), values)
def test_parts_of_a_force_bar_touch_and_span_what_they_add(adds, start):
    parts = [(f"p{i}", value) for i, value in enumerate(adds)]
    up, down, left_up, left_down = list_charts.force_parts(parts, start)
    score = start + sum(adds)
    assert sum(v for _, v in up) + sum(v for _, v in down) == pytest.approx(sum(adds), abs=1e-9)
    at = score
    for (_, value), left in zip(up, left_up, strict=True):
        assert left + value == pytest.approx(at, abs=1e-9)
        at = left
    at = score
    for (_, value), left in zip(down, left_down, strict=True):
        assert left == pytest.approx(at, abs=1e-9)
        at = left - value
    assert [v for _, v in up] == sorted((v for v in adds if v > 0), reverse=True)


def test_nothing_that_moves_is_no_bar_and_names_stay_text():
    assert list_charts.force_bar([], 0.3, "Start", "Score") is None
    assert list_charts.force_bar([("a", 0.0)], 0.3, "Start", "Score") is None
    fig = list_charts.force_bar([(HOSTILE, 0.1)], 0.3, "Start", "Score")
    assert all("<a" not in note.text for note in fig.layout.annotations)
    assert "<a" not in fig.data[0].customdata[0][0]


def test_names_at_the_edges_stand_inside():
    fig = list_charts.force_bar([("a", 3.0)], 0.0, "Start", "Score")
    by_text = {note.text.split(" ")[0]: note for note in fig.layout.annotations}
    assert by_text["Start"].xanchor == "left"
    assert by_text["Score"].xanchor == "right"


@pytest.mark.parametrize(("size", "digits"), [(0.0, 4), (0.02, 4), (0.3, 3), (12.0, 2), (3114.8, 1)])
def test_digits_fit_the_size(size, digits):
    assert list_charts.digits_for([size / 3, -size]) == digits


# ---------------------------------------------------------------- old against new


def test_slope_tells_who_entered_and_who_left():
    rows = [
        MovedItem("a", "A", 2, 1, 0.1, 0.2),
        MovedItem("b", HOSTILE, 14, 2, 0.0, 0.1),
        MovedItem("c", "C", 1, 7, 0.3, 0.0),
        MovedItem("d", "D", 9, 8, 0.0, 0.0),
    ]
    fig = list_charts.what_if_slope(rows, 2, "Before", "Now", "new", "left")
    texts = [note.text for note in fig.layout.annotations]
    assert "<i>new</i>" in texts
    assert any(text.startswith("<i>left</i>") and text.endswith("C") for text in texts)
    assert not any(text.endswith("D") for text in texts), "an item on neither list is no line"
    assert all("<a" not in text for text in texts)
    assert list_charts.what_if_slope(rows[3:], 2, "", "", "", "") is None


# ---------------------------------------------------------------- the waterfall with a policy, and in log-odds


def card(policy: tuple[float, ...] = (), odds: bool = False) -> Explanation:
    base, adds = 0.5, (0.25,)
    terms = tuple(Term("signal", f"S{i}", "", add, log_odds=np.log(3.0) if odds else None) for i, add in enumerate(adds))
    after = tuple(Term("policy", HOSTILE, "", value) for value in policy)
    event = EventTerm(0, "e", "E", "purchase", "2024-01-01T00:00:00Z", 0.1)
    made = Explanation("v", "s", "i", "T", 0.75, base, terms, (event,), 0.0, 0.75 + sum(policy), "", "probability", 1, (), policy=after)
    shown = 0.75 + sum(policy)
    return Explanation(**{**vars(made), "shown": shown, "base_log_odds": 0.0 if odds else None, "score_log_odds": np.log(3.0)})


def test_what_the_policy_did_follows_the_score():
    fig = explain_charts.score_waterfall(card((-0.1, -0.05)), "Base", "Score", "Other", "Placed")
    trace = fig.data[0]
    assert list(trace.measure) == ["absolute", "relative", "total", "relative", "relative", "total"]
    assert list(trace.x) == pytest.approx([0.5, 0.25, 0, -0.1, -0.05, 0])
    assert list(trace.text) == ["0.500", "+0.250", "0.750", "−0.100", "−0.050", "0.600"]
    assert all("<a" not in name for name in trace.customdata)
    assert explain_charts.adds_up(card((-0.1, -0.05)))
    assert not explain_charts.adds_up(Explanation(**{**vars(card((-0.1,))), "shown": 0.66}))


def test_the_waterfall_in_log_odds_leaves_the_policy_out():
    fig = explain_charts.score_waterfall(card((-0.1,), odds=True), "Base", "Score", "Other", "Placed", odds=True)
    trace = fig.data[0]
    assert list(trace.measure) == ["absolute", "relative", "total"]
    assert list(trace.x) == pytest.approx([0.0, np.log(3.0), 0])
    assert trace.text[1] == "+1.099"
    assert explain_charts.odds_add_up(card(odds=True))  # 0.75 = 1 / (1 + exp(-log 3))
    assert not explain_charts.odds_add_up(card())
    assert not explain_charts.odds_add_up(Explanation(**{**vars(card(odds=True)), "score": 0.74}))
