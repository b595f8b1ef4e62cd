"""Chart builders: hand-computed figures, sums that hold, and text from files that stays text."""

from __future__ import annotations

import dataclasses
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recengine.types import (
    Comparison,
    Estimate,
    EventTerm,
    Explanation,
    ListDiff,
    ListItem,
    RankedList,
    ShopperRow,
    ShopperView,
    Term,
    TradeoffPoint,
    VariantRow,
)
from recengine.types.policies import CurvePoint, ExposureChange, PolicyCurve
from ui.charts import compare_charts, explain_charts, shopper_charts, template, tune_charts
from ui.charts.labels import distinct, label
from ui.charts.template import ORANGE, PETROL


@pytest.fixture(autouse=True)
def _checked_figures(monkeypatch):
    """Every property of every figure is checked here, so that the app need not do it on each rerun."""
    monkeypatch.setattr(template, "VALIDATE", True)


HOSTILE = "<b>x</b><a href='javascript:alert(1)'>click</a> & %{y} $x^2$"


def explanation(contributions: list[float], base: float = 0.1, events: int = 0, score: float | None = None) -> Explanation:
    total = base + sum(contributions)
    terms = tuple(Term("signal", f"Signal {i}", "", c) for i, c in enumerate(contributions))
    past = tuple(EventTerm(i, f"i{i}", HOSTILE, "purchase", f"2011-0{1 + i}-03T10:00:00", 0.01 * (i - 1)) for i in range(events))
    return Explanation(
        "v", "s", "i", "T", total if score is None else score, base, terms, past, 0.0, total, "", "probability", 1, (("ease", 2),)
    )


def variant(id_: str, name: str, **metrics: tuple[float, float, float]) -> VariantRow:
    figures = {f"{m}@10": Estimate(*v, n=100) for m, v in metrics.items()}
    return VariantRow(id_, name, "m", "M", "d", "D", "time", "", "", 1.0, 1, "cpu", 0, {}, figures, "h", 100)


def comparison(*rows: VariantRow, values: dict[str, tuple[float, ...]] | None = None) -> Comparison:
    return Comparison(rows, "ndcg@10", rows[0].id, (), "", ("cold", "warm"), (10, 20), values or {}, "", {})


def ranked(variant_id: str, items: list[str]) -> RankedList:
    rows = tuple(ListItem(i + 1, item, item.title(), "", "", None, 1.0 - i / 10, "", i + 1) for i, item in enumerate(items))
    return RankedList(variant_id, "s", rows, None, "score", 100)


def shopper(times: list[str], behaviours: list[str], quantiles: tuple[float, ...] = ()) -> ShopperView:
    row = ShopperRow("s", len(times), 1, "", "", 1, None, "", "")
    n = len(times)
    hours = np.zeros((7, 24), dtype=np.int64)
    return ShopperView(
        row, np.array(times, dtype="datetime64[s]"), ("i",) * n, ("t",) * n, tuple(behaviours), np.full(n, np.nan), (), (), "none",
        quantiles, (1.0, 2.0, 3.0, 5.0, 9.0), hours, None, 0.0,
    )  # fmt: skip


# ---------------------------------------------------------------- labels


def test_label_leaves_no_markup_and_no_line_break():
    safe = label(HOSTILE + "\n\u202egnp\x00", 200)
    assert "<" not in safe
    assert ">" not in safe.replace("&gt;", "")
    assert "\n" not in safe
    assert "\u202e" not in safe
    assert "\x00" not in safe


def test_label_counts_characters_on_the_screen_not_in_the_code():
    assert label("a&b", 3) == "a&amp;b"
    assert label("abcdef", 4) == "abc…"


def test_distinct_keeps_equal_names_apart():
    assert distinct(["A", "B", "A"]) == ["A (1)", "B", "A (2)"]


def test_builders_do_not_need_streamlit():
    code = (
        "import sys, ui.charts.explain_charts, ui.charts.compare_charts, ui.charts.shopper_charts, ui.charts.tune_charts;"
        "sys.exit('streamlit' in sys.modules or 'torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# ---------------------------------------------------------------- explanation


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(-1, 1), max_size=40), st.floats(-1, 1))
def test_folding_keeps_the_sum_and_the_number_of_bars(contributions, base):
    names, steps = explain_charts.folded(explanation(contributions, base), "Other signals")
    assert sum(steps) == pytest.approx(sum(contributions), abs=1e-9)
    assert len(names) == len(steps) <= explain_charts.MOST_BARS - 2


def test_waterfall_runs_from_the_base_through_the_largest_step_to_the_score():
    fig = explain_charts.score_waterfall(explanation([0.02, -0.2, 0.1]), "Base", "Score", "Other")
    trace = fig.data[0]
    assert list(trace.x) == pytest.approx([0.1, -0.2, 0.1, 0.02, 0])
    assert trace.text[-1] == "0.020"
    assert trace.text[1] == "−0.200"
    assert fig.layout.xaxis.range[0] < -0.1  # running sum goes to −0.1; its number needs room


def test_waterfall_of_nothing_has_a_width():
    fig = explain_charts.score_waterfall(explanation([], base=0.0), "Base", "Score", "Other")
    assert fig.layout.xaxis.range[1] > fig.layout.xaxis.range[0]


def test_adds_up_is_computed_from_the_parts():
    assert explain_charts.adds_up(explanation([0.3, -0.1]))
    assert not explain_charts.adds_up(explanation([0.3, -0.1], score=0.301))
    lying = dataclasses.replace(explanation([0.3], score=0.5), sum=0.5)
    assert not explain_charts.adds_up(lying)


def test_past_events_are_escaped_and_fall_below_zero_as_orange_diamonds():
    fig = explain_charts.past_events(explanation([0.1], events=3), "change in score")
    marks = fig.data[1]
    assert list(marks.y) == pytest.approx([-0.01, 0.0, 0.01])
    assert list(marks.marker.color) == [ORANGE, PETROL, PETROL]
    assert marks.marker.symbol[0] == "diamond"
    assert all("<a" not in t for t in [*marks.customdata, *marks.text])
    assert fig.layout.xaxis.range[0] < "2011-01-03"
    assert fig.layout.xaxis.range[1] > "2011-03-03"


def test_no_past_event_means_no_chart():
    assert explain_charts.past_events(explanation([0.1]), "y") is None


@pytest.mark.parametrize("value", [0.0, 0.3, -0.3])
def test_a_single_past_event_gets_a_range(value):
    view = explanation([value], events=1)
    view = dataclasses.replace(view, events=(dataclasses.replace(view.events[0], contribution=value),))
    low, high = explain_charts.past_events(view, "y").layout.yaxis.range
    assert low < min(value, 0) or low <= value
    assert low < high


@pytest.mark.parametrize(("largest", "digits"), [(0.5, "2"), (0.02, "3"), (0.002, "4")])
def test_ticks_of_small_effects_have_more_digits(largest, digits):
    view = explanation([largest], events=2)
    events = (dataclasses.replace(view.events[0], contribution=largest), dataclasses.replace(view.events[1], contribution=0.0))
    fig = explain_charts.past_events(dataclasses.replace(view, events=events), "y")
    assert fig.layout.yaxis.tickformat == f"+.{digits}f"


def test_names_of_falling_events_stand_below_their_marks():
    view = explanation([0.1], events=2)
    events = (dataclasses.replace(view.events[0], contribution=-0.2), dataclasses.replace(view.events[1], contribution=0.1))
    fig = explain_charts.past_events(dataclasses.replace(view, events=events), "y")
    assert list(fig.data[1].textposition) == ["bottom center", "top center"]
    assert fig.layout.yaxis.range[0] < -0.3


# ---------------------------------------------------------------- compare


def test_dots_are_ordered_by_value_and_the_best_is_coloured():
    view = comparison(variant("a", "A", ndcg=(0.2, 0.1, 0.3)), variant("b", "B", ndcg=(0.4, 0.35, 0.41)))
    trace = compare_charts.metric_dots(view, "ndcg@10").data[0]
    assert list(trace.y) == ["B", "A"]
    assert list(trace.error_x.array) == pytest.approx([0.01, 0.1])
    assert list(trace.error_x.arrayminus) == pytest.approx([0.05, 0.1])
    assert list(trace.marker.color).index(PETROL) == 1


def test_variants_of_one_name_get_a_row_each():
    view = comparison(variant("a", "A", ndcg=(0.2, 0.1, 0.3)), variant("b", "A", ndcg=(0.4, 0.3, 0.5)))
    assert len(set(compare_charts.metric_dots(view, "ndcg@10").data[0].y)) == 2


def test_a_metric_that_nobody_has_gives_no_chart():
    view = comparison(variant("a", "A"), variant("b", "B", ndcg=(float("nan"), 0, 0)))
    assert compare_charts.metric_dots(view, "ndcg@10") is None
    assert compare_charts.accuracy_variety(view, "ndcg@10", "coverage@10", "x", "y") is None


def test_scatter_shows_uneven_intervals_on_both_axes_and_a_diamond_for_the_best():
    view = comparison(
        variant("a", HOSTILE, ndcg=(0.2, 0.1, 0.25), coverage=(0.5, 0.4, 0.52)),
        variant("b", "B", ndcg=(0.1, 0.1, 0.1), coverage=(0.5, 0.5, 0.5)),
    )
    trace = compare_charts.accuracy_variety(view, "ndcg@10", "coverage@10", "x", "y").data[0]
    assert trace.error_x.array[0] == pytest.approx(0.02)
    assert trace.error_x.arrayminus[0] == pytest.approx(0.1)
    assert trace.error_y.array[0] == pytest.approx(0.05)
    assert trace.marker.symbol == ("diamond", "circle")
    assert "<" not in trace.text[0]


def test_segment_heat_is_the_difference_to_the_reference_times_1000():
    values = {"a": (0.30, 0.20), "b": (0.10, float("nan")), "c": (0.25, 0.25)}
    view = comparison(variant("a", "A"), variant("b", "B"), variant("c", "C"), values=values)
    trace = compare_charts.segment_heat(view, "c", ["Cold", "Warm"]).data[0]
    assert np.allclose(trace.z[0], [50, -50])
    assert trace.z[1][0] == pytest.approx(-150)
    assert np.isnan(trace.z[1][1])
    assert trace.zmin == -trace.zmax
    plain = compare_charts.segment_heat(view, None, ["Cold", "Warm"]).data[0]
    assert np.allclose(plain.z[0], [300, 200])
    assert plain.zmin == 0


def test_slope_draws_entered_and_left_items_dotted():
    diff = ListDiff("s", ranked("a", ["p", "q"]), ranked("b", ["q", "r"]), {"p": HOSTILE, "q": "Q", "r": "R"}, 1, ("r",), ("p",))
    fig = compare_charts.list_slope(diff, "A", "B", "new", "left")
    dotted = {trace.line.color: trace for trace in fig.data if trace.line.dash == "dot"}
    assert dotted[PETROL].text[0] == "R"
    assert dotted[ORANGE].text[0].startswith("&lt;b&gt;")
    assert not any("<a" in note.text for note in fig.layout.annotations)


def test_slope_of_two_empty_lists_is_no_chart():
    assert compare_charts.list_slope(ListDiff("s", ranked("a", []), ranked("b", []), {}, 0, (), ()), "A", "B", "n", "l") is None


# ---------------------------------------------------------------- shoppers


def test_periods_count_every_event_once_with_empty_ones_between():
    times = ["2011-01-03T00:00:00", "2011-01-09T23:59:59", "2011-01-10T00:00:00", "2011-03-14T12:00:00"]
    starts, counts = shopper_charts.counts_by_period(np.array(times, dtype="datetime64[s]"), ["view", "purchase", "view", "view"])
    assert str(starts[0]) == "2011-01-03"  # a Monday
    assert len(starts) == 11
    assert counts["view"].tolist() == [1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1]
    assert counts["purchase"].tolist() == [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2_000_000_000), st.sampled_from(["view", "cart"])), min_size=1, max_size=60))
def test_no_event_is_lost_in_a_period(events):
    times = np.array([t for t, _ in events], dtype="datetime64[s]")
    starts, counts = shopper_charts.counts_by_period(times, [b for _, b in events])
    assert sum(int(v.sum()) for v in counts.values()) == len(events)
    assert starts[0] <= times.min().astype("datetime64[D]")


def test_activity_names_behaviours_and_is_none_without_events():
    view = shopper(["2011-01-03T00:00:00", "2011-01-04T00:00:00"], ["view", "purchase"])
    fig = shopper_charts.activity(view, {"view": "Viewed", "purchase": "Bought"}, "events")
    assert {t.name for t in fig.data} == {"Viewed", "Bought"}
    assert shopper_charts.activity(shopper([], []), {}, "events") is None


def test_mix_puts_what_the_shopper_prefers_on_top():
    fig = shopper_charts.paired_shares([("Bags", 0.2, 0.3), (HOSTILE, 0.5, 0.1)], "Shopper", "Shop")
    assert list(fig.data[0].x) == [0.5, 0.2]
    assert list(fig.data[1].x) == [0.1, 0.3]
    assert "<a" not in fig.layout.yaxis.ticktext[0]


def test_prices_need_both_sides_and_stand_on_a_log_axis():
    assert shopper_charts.price_profile(shopper([], []), "A", "B") is None
    fig = shopper_charts.price_profile(shopper([], [], (1.0, 2.0, 2.5, 4.0, 8.0)), "A", "B", "£")
    assert fig.layout.xaxis.type == "log"
    assert fig.layout.annotations[0].text == "<b>£2.50</b>"
    assert fig.layout.annotations[0].x == pytest.approx(np.log10(2.5))


def test_hours_without_events_are_no_chart():
    view = shopper([], [])
    assert shopper_charts.week_hours(view, list("MTWTFSS"), "events") is None
    view.hours[0, 9] = 3
    assert shopper_charts.week_hours(view, list("MTWTFSS"), "events").data[0].zmax == 3


# ---------------------------------------------------------------- tune


def point(diversity: float, ndcg: float, coverage: float) -> TradeoffPoint:
    return TradeoffPoint(
        diversity, {"ndcg@10": Estimate(ndcg, ndcg - 0.01, ndcg + 0.01), "coverage@10": Estimate(coverage, coverage, coverage)}, 3
    )


def curve(*points):
    return PolicyCurve("v", "setting:diversity", 10, tuple(CurvePoint(p.diversity, p.metrics, 0) for p in points), 50, "")


def test_curve_takes_in_the_current_setting_in_its_place():
    view = curve(point(0, 0.3, 0.1), point(0.4, 0.2, 0.3))
    now = point(0.2, 0.25, 0.2).metrics
    fig = tune_charts.policy_curve(view, 0.2, "ndcg@10", "coverage@10", "y", "x", now)
    assert list(fig.data[0].y) == [0.3, 0.25, 0.2]
    assert fig.data[0].marker.symbol[1] == "diamond"
    same = tune_charts.policy_curve(view, 0.4, "ndcg@10", "coverage@10", "y", "x", now)
    assert len(same.data[0].x) == 2
    assert same.data[0].marker.symbol[1] == "diamond"


def test_settings_that_another_beats_in_both_figures_are_hollow():
    assert tune_charts.front([0.1, 0.2, 0.3, 0.3], [0.3, 0.25, 0.2, 0.1]) == [True, True, True, False]
    assert tune_charts.front([1.0, 1.0], [2.0, 2.0]) == [True, True]
    view = curve(point(0, 0.3, 0.1), point(0.4, 0.2, 0.05), point(0.8, 0.1, 0.3))
    fig = tune_charts.policy_curve(view, 0, "ndcg@10", "coverage@10", "y", "x", {})
    assert list(fig.data[0].marker.symbol) == ["diamond", "circle-open", "circle"]


def test_curve_without_the_metric_is_no_chart():
    assert tune_charts.policy_curve(curve(point(0, 0.3, 0.1)), 0, "recall@10", "coverage@10", "y", "x", {}) is None


def test_names_too_near_to_the_current_point_are_left_out():
    assert tune_charts.sparse(["0", "0.1", "0.2", "1"], [0.0, 0.05, 0.5, 1.0], keep=1) == ["", "0.1", "0.2", "1"]
    assert tune_charts.sparse(["0", "0.1"], [0.3, 0.3], keep=0) == ["0", ""]


def test_click_gives_the_setting_of_the_point():
    points = curve(point(0, 0.3, 0.1), point(0.4, 0.2, 0.3)).points
    assert tune_charts.clicked_value(points, {"points": [{"point_index": 1}]}) == 0.4
    assert tune_charts.clicked_value(points, {"points": []}) is None
    assert tune_charts.clicked_value(points, {"points": [{"point_index": 7}]}) is None


def test_winners_stand_above_losers_and_unchanged_items_are_left_out():
    def change(key, title, before, after):
        return ExposureChange(key, title, before, after, Estimate(after - before, after - before - 2, after - before + 2, 50))

    fig = tune_charts.exposure_bars([change("a", "A", 10, 4), change("b", HOSTILE, 1, 9), change("c", "C", 5, 5)])
    assert list(fig.data[0].error_x.array) == [2, 2]
    assert list(fig.data[0].x) == [8, -6]
    assert list(fig.data[0].marker.color) == [PETROL, ORANGE]
    assert "<a" not in fig.layout.yaxis.ticktext[0]
    assert tune_charts.exposure_bars([change("c", "C", 5, 5)]) is None
