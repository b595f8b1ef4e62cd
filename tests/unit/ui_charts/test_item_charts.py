"""Charts of items and of checks: what is drawn adds up, and hostile names stay text."""

from __future__ import annotations

import pytest

from recengine.types.items import MeanTerm
from ui.charts.faithfulness_charts import order_curves
from ui.charts.item_charts import MOST_BARS, brings_chart, folded, holds_chart, past_chart, places_chart


def terms(n: int, name: str = "Signal") -> list[MeanTerm]:
    return [MeanTerm("signal", f"k{i:02d}", f"{name} {i}", (-1) ** i / (i + 1), 5) for i in range(n)]


def test_smaller_terms_are_folded_and_the_sum_stays():
    names, steps = folded(terms(12), "rest")
    assert len(names) == MOST_BARS
    assert names[-1] == "rest"
    assert sum(steps) == pytest.approx(sum(t.mean for t in terms(12)))
    assert folded(terms(3), "rest")[0] == ["Signal 0", "Signal 1", "Signal 2"]


def test_the_waterfall_ends_at_base_plus_terms():
    fig = brings_chart(terms(12), 0.25, "Base", "Mean score", "rest")
    steps = fig.data[0].x
    assert steps[0] == 0.25
    assert fig.data[0].text[-1] == f"{0.25 + sum(t.mean for t in terms(12)):.3f}"


def test_places_beyond_the_list_are_grey():
    fig = places_chart([5, 3, 2, 1], 2, "place", "lists")
    colours = fig.data[0].marker.color
    assert colours[0] == colours[1] != colours[2] == colours[3]
    assert list(fig.data[0].y) == [5, 3, 2, 1]


def test_hostile_names_are_text_in_every_chart():
    bad = terms(4, "<a href='x'>y</a><b>")
    for fig in (brings_chart(bad, 0.0, "Base", "Score", "rest"), holds_chart(bad, "rest"), past_chart(bad)):
        assert "<a" not in str(fig.to_json())
        assert "<b>" not in str(fig.layout.yaxis.ticktext)


def test_bars_have_room_for_their_numbers():
    low, high = holds_chart(terms(3), "rest").layout.xaxis.range
    assert low == -high
    assert high > 1.5


def test_curves_are_drawn_in_a_fixed_order_and_none_without_shoppers():
    names = {"shapley": "As explained", "random": "At random", "popularity": "Popular first"}
    curves = {"random": (1.0, 0.0), "shapley": (1.0, 0.2), "popularity": (1.0, 0.1)}
    fig = order_curves((0.0, 1.0), curves, names, "x", "y")
    assert fig is not None
    assert [trace.name for trace in fig.data] == ["As explained", "Popular first", "At random"]
    assert len({trace.line.dash for trace in fig.data}) == 3
    assert order_curves((0.0, 1.0), dict.fromkeys(curves, (None, None)), names, "x", "y") is None
