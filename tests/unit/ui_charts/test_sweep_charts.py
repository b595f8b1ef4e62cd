"""Charts of a sweep: places on the axes by hand, and every property valid."""

from __future__ import annotations

import pytest

from recengine.types import SweptField, TrialView
from ui.charts import template
from ui.charts.sweep_charts import importance_bars, parallel_trials, trial_progress
from ui.charts.template import CONTEXT, ORANGE, PETROL

FIELDS = [
    SweptField("rate", 0.001, 0.1, True, (), 0.01),
    SweptField("share", 0.0, 0.5, False, (), 0.25),
    SweptField("kind", None, None, False, ("a", "b", "c"), "a"),
    SweptField("flag", None, None, False, (False, True), True),
]


def trial(number: int, value: float | None, state: str = "done", **settings) -> TrialView:
    return TrialView(number, state, {"rate": 0.01, "share": 0.25, "kind": "a", "flag": True} | settings, value, 1, 1.0)


TRIALS = [
    trial(0, 0.1),
    trial(1, 0.3, rate=0.1, share=0.5, kind="c"),
    trial(2, None, "failed"),
    trial(3, 0.2),
    trial(4, 0.15, "pruned"),
    trial(5, 0.25),
]


@pytest.fixture(autouse=True)
def _checked_figures(monkeypatch):
    monkeypatch.setattr(template, "VALIDATE", True)


def test_progress_is_the_best_so_far():
    dots, line = trial_progress(TRIALS, {"trial": "trial", "value": "", "best": "best"}).data
    assert list(dots.x) == [1, 2, 4, 5, 6]
    assert list(dots.y) == [0.1, 0.3, 0.2, 0.15, 0.25]
    assert list(line.y) == [0.1, 0.3, 0.3, 0.3, 0.3]
    assert list(dots.marker.symbol) == ["circle", "circle", "circle", "x", "circle"]


def test_places_on_the_axes_by_hand():
    fig = parallel_trials(TRIALS, FIELDS, ["Rate", "Share", "Kind", "Flag"], {"value": "NDCG@10"})
    assert len(fig.data) == 5  # the failed one has no figure
    first, best = fig.data[0], fig.data[-1]
    assert list(first.y) == pytest.approx([0.5, 0.5, 0.0, 1.0, 0.0])  # 0.01 is the middle of 0.001 to 0.1
    assert list(best.y) == pytest.approx([1.0, 1.0, 1.0, 1.0, 1.0])
    assert [line.line.color for line in fig.data] == [ORANGE, CONTEXT, PETROL, PETROL, PETROL]
    assert [line.line.width for line in fig.data] == [1, 1, 2, 2, 3]
    assert best.text == ("0.1", "0.5", "c", "on", "0.3000")


def test_one_value_and_no_trial_are_drawn():
    same = parallel_trials([trial(0, 0.1), trial(1, 0.1)], FIELDS, ["a", "b", "c", "d"], {"value": "v"})
    assert {line.y[-1] for line in same.data} == {0.5}
    assert len(parallel_trials([], FIELDS, ["a", "b", "c", "d"], {"value": "v"}).data) == 0


def test_importance_is_written_beside_the_bars():
    bars = importance_bars({"rate": 0.75, "share": 0.25}, ["Rate", "Share"]).data[0]
    assert list(bars.x) == [0.75, 0.25]
    assert list(bars.text) == ["75%", "25%"]
