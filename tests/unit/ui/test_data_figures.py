"""Figures of Data, Home and Train: what is drawn equals what the view says, in colour tokens only."""

from __future__ import annotations

import re

import numpy as np

from recengine.types import EpochPoint
from ui.charts import data_charts
from ui.charts.template import CONTEXT, PETROL, SERIES
from ui.charts.training_charts import epoch_curve
from ui.parts.reason_card import shortened

WEEKS = np.arange("2011-01-03", "2011-01-31", dtype="datetime64[W]").astype("datetime64[D]")


def test_newest_week_stands_out():
    figure = data_charts.weeks_bars(WEEKS, np.array([1, 2, 3, 4]))
    assert list(figure.data[0].marker.color) == [CONTEXT] * 3 + [PETROL]
    assert list(figure.data[0].y) == [1, 2, 3, 4]


def test_one_week_and_no_week():
    assert list(data_charts.weeks_bars(WEEKS[:1], np.array([7])).data[0].marker.color) == [PETROL]
    assert len(data_charts.weeks_bars(WEEKS[:0], np.array([], dtype=int)).data[0].y) == 0


def test_behaviours_are_stacked_largest_first_and_at_most_six():
    series = {f"b{i}": np.full(4, i) for i in range(8)}
    figure = data_charts.weeks_by_behaviour(WEEKS, series)
    assert [bar.name for bar in figure.data] == ["b7", "b6", "b5", "b4", "b3", "b2"]
    assert [bar.marker.color for bar in figure.data] == list(SERIES)


def test_funnel_keeps_order_and_numbers():
    figure = data_charts.funnel_bars(["View", "Cart"], [100, 40], ["100 · 100%", "40 · 40%"])
    assert list(figure.data[0].x) == [100, 40]
    assert list(figure.layout.yaxis.ticktext) == ["View", "Cart"]


def test_long_tail_marks_the_items_of_80_percent():
    figure = data_charts.long_tail(np.array([1, 2, 3]), np.array([0.5, 0.8, 1.0]), 2, "2 items", "items", "share")
    assert [(s.x0, s.x1) for s in figure.layout.shapes] == [(2, 2), (0, 2)]
    assert "2 items" in [a.text for a in figure.layout.annotations]


def test_histogram_names_its_bins():
    figure = data_charts.events_per_shopper(np.array([1, 2, 4, 1001]), np.array([5, 3, 1]), "events", "shoppers", "events")
    assert list(figure.data[0].customdata) == ["1", "2–3", "4–1,000"]
    assert list(figure.data[0].y) == [5, 3, 1]


def test_outcome_leaves_out_what_did_not_happen():
    figure = data_charts.outcome_bar([("Accepted", 90), ("Skipped", 0), ("Rejected", 10)])
    assert [(bar.name, bar.x[0]) for bar in figure.data] == [("Accepted", 90), ("Rejected", 10)]


def test_curve_marks_best_epoch_and_reference():
    points = [EpochPoint(i, 5, 1.0, {}, 1.0) for i in (1, 2, 3)]
    figure = epoch_curve(points, [0.1, 0.3, 0.2], "epoch", ".3f", 0.15, "Popularity", best=True)
    assert [(s.x0, s.y0) for s in figure.layout.shapes] == [(0, 0.15), (2, 0)]
    assert figure.layout.xaxis.dtick == 1


def test_figures_hold_tokens_not_colours():
    figures = [
        data_charts.weeks_bars(WEEKS, np.ones(4)),
        data_charts.weeks_by_behaviour(WEEKS, {"a": np.ones(4), "b": np.ones(4)}),
        data_charts.outcome_bar([("a", 1), ("b", 2), ("c", 3)]),
        epoch_curve([EpochPoint(1, 1, 1.0, {}, 1.0)], [1.0], "epoch", ".2f", 0.5, "x"),
    ]
    for figure in figures:
        for colour in re.findall(r"#[0-9A-Fa-f]{6}\b", figure.to_json().split('"template"')[0]):
            assert re.fullmatch(r"#0000\d\d", colour)


def test_small_terms_are_one_bar_and_the_sum_stays():
    from recengine.types import Explanation, Term

    terms = tuple(Term("signal", f"t{i}", "", value) for i, value in enumerate((0.5, -0.4, 0.3, 0.2, 0.1, 0.05, 0.02, -0.01)))
    total = 0.1 + sum(t.contribution for t in terms)
    found = Explanation("v", "s", "i", "t", total, 0.1, terms, (), 0.0, total, "Because.", "score", 1, ())
    labels, steps = shortened(found)
    assert labels == ["t0", "t1", "t2", "t3", "t4", "t5", "2 smaller reasons"]
    assert abs(0.1 + sum(steps) - total) < 1e-12
