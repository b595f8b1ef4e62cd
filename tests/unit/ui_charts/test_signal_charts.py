"""Charts of signals: what is drawn is what was measured, in its order, and hostile names stay text."""

from __future__ import annotations

import numpy as np
import pytest

from recengine.types import Estimate
from recengine.types.funnel import (
    Dependence,
    FamilyWeight,
    FunnelInsight,
    FunnelJudgement,
    GeneratorFigure,
    HeadView,
    Interaction,
    ReliabilityBin,
    SignalWeight,
)
from ui.charts import signal_charts as charts


def estimate(value: float, half: float = 0.01) -> Estimate:
    return Estimate(value, value - half, value + half, 100)


def family(name: str, share: float, adds: Estimate | None = None) -> FamilyWeight:
    return FamilyWeight(name, name.title(), 2, share, share, adds)


def signal(key: str) -> SignalWeight:
    return SignalWeight(key, f"<b>{key}</b>", "models", "", 0, 0.1, 0.1, 0.0)


def insight(dependence: tuple[Dependence, ...] = (), interactions: tuple[Interaction, ...] = ()) -> FunnelInsight:
    keys = dict.fromkeys([d.key for d in dependence] + [k for p in interactions for k in (p.first, p.second)])
    return FunnelInsight("purchase", "trees", True, 10, 5, tuple(signal(k) for k in keys), (), "", dependence, interactions, "")


def test_shares_are_bars_in_the_order_given():
    fig = charts.family_shares((family("models", 0.6), family("price", 0.4)))
    assert list(fig.data[0].x) == [0.6, 0.4]
    assert list(fig.data[0].text) == ["60%", "40%"]


def test_what_a_group_adds_is_ordered_and_left_out_where_unknown():
    unknown = Estimate(float("nan"), float("nan"), float("nan"), 0)
    fig = charts.family_adds(
        (family("a", 0.5, estimate(0.01)), family("b", 0.3, estimate(0.03)), family("c", 0.2), family("d", 0.1, unknown))
    )
    assert fig is not None
    assert list(fig.data[0].x) == [0.03, 0.01]
    assert list(fig.data[0].customdata) == ["B", "A"]
    left, right = fig.layout.xaxis.range
    assert left < 0
    assert right > 0.04, "the longest interval lies inside"
    assert charts.family_adds((family("c", 0.2),)) is None


def test_beeswarm_draws_every_candidate_once_and_unknown_values_apart():
    adds = (0.1, 0.1, 0.1, -0.3)
    fig = charts.beeswarm(insight((Dependence("a", (1.0, None, 3.0, 2.0), adds), Dependence("b", (1.0, 1.0, 1.0, 1.0), adds))))
    assert fig is not None
    unknown, known = fig.data
    assert len(unknown.x) == 1
    assert len(known.x) == 7
    first = np.asarray(known.y) < 0.5
    np.testing.assert_allclose(np.asarray(known.marker.color)[first], [0.0, 1.0, 0.5])
    assert np.abs(np.asarray(known.y) - np.round(known.y)).max() <= charts.SWARM_HALF
    assert len({(x, y) for x, y in zip(known.x, known.y, strict=True)}) == 7, "dots of equal contribution stand apart"
    assert "<b>" not in str(fig.layout.yaxis.ticktext[0]).replace("<br>", "")


def test_dependence_leaves_out_unknown_values():
    fig = charts.dependence_plot(Dependence("a", (1.0, None, 3.0), (0.1, 0.2, 0.3)), "x", "y")
    assert fig is not None
    assert list(fig.data[0].x) == [1.0, 3.0]
    assert list(fig.data[0].y) == [0.1, 0.3]
    assert charts.dependence_plot(Dependence("a", (None,), (0.1,)), "x", "y") is None


def test_pairs_stand_below_the_diagonal():
    fig = charts.interaction_heat(insight(interactions=(Interaction("a", "b", 0.5), Interaction("c", "a", 0.25))))
    assert fig is not None
    cells = np.asarray(fig.data[0].z, dtype=float)  # rows b, c; columns a, b
    assert cells.shape == (2, 2)
    assert cells[0, 0] == 0.5
    assert cells[1, 0] == 0.25
    assert np.isnan(cells[0, 1])
    assert np.isnan(cells[1, 1])
    assert charts.interaction_heat(insight()) is None


@pytest.mark.parametrize("observed", [0.0, 0.4])
def test_reliability_shows_both_sides_on_one_scale(observed):
    head = HeadView("purchase", True, 0.01, 0.1, (ReliabilityBin(0.1, observed, 50), ReliabilityBin(0.3, 0.2, 50)), 100)
    fig = charts.reliability(head, "predicted", "observed")
    assert fig is not None
    assert list(fig.data[1].x) == [0.1, 0.3]
    assert list(fig.data[1].y) == [observed, 0.2]
    assert list(fig.layout.xaxis.range) == list(fig.layout.yaxis.range)
    assert fig.layout.xaxis.range[1] >= max(0.3, observed)
    assert charts.reliability(HeadView("purchase", True, None, None, (), 0), "x", "y") is None


def test_the_funnel_is_marked_among_its_models():
    generators = (GeneratorFigure("ease", "EASE", estimate(0.2), 100), GeneratorFigure("als", "iALS", estimate(0.05), 100))
    judged = FunnelJudgement("", True, "purchase", estimate(0.1), generators, estimate(-0.1), 0.5, ())
    fig = charts.against_generators(judged, "Mine")
    assert list(fig.data[0].y) == ["EASE", "Mine", "iALS"]
    colours = list(fig.data[0].marker.color)
    assert colours[1] != colours[0] == colours[2]
