"""What the signals add, the funnel against its generators, and the chances of every behaviour."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from recengine.errors import NotFound
from recengine.evaluation.metrics.accuracy import Ndcg
from recengine.evaluation.metrics.base import Judged, Shop
from recengine.funnel.insight import what_signals_add
from recengine.funnel.judging import head_view, judge_later
from recengine.funnel.learning import Checked, ndcg_values
from recengine.funnel.model import Funnel, FunnelConfig
from recengine.funnel.windows import behaviours_of


@pytest.fixture(scope="module")
def later(demo, judged):
    model, _, split = judged
    return judge_later(model, demo[0], split)


@pytest.fixture(scope="module")
def insight(judged):
    model = judged[0]
    return what_signals_add(model, model.taught)


def test_a_log_with_three_behaviours_has_three_calibrated_heads(judged, later):
    assert list(judged[0].heads) == ["purchase", "cart", "view"]
    assert [head.behaviour for head in later.heads] == ["purchase", "cart", "view"]
    assert [head.ranks for head in later.heads] == [True, False, False]
    for head in later.heads:
        assert head.calibration_error is not None
        assert head.calibration_error <= 0.02
        assert len(head.bins) == 10
        told, seen = sum(b.n * b.predicted for b in head.bins), sum(b.n * b.observed for b in head.bins)
        assert 0.5 < told / seen < 2  # an error of .02 alone says little where chances are small
        gap = sum(b.n * abs(b.predicted - b.observed) for b in head.bins) / sum(b.n for b in head.bins)
        assert head.calibration_error == pytest.approx(gap)
        assert [b.predicted for b in head.bins] == sorted(b.predicted for b in head.bins)


def test_chances_are_those_of_the_list_and_rise_from_purchase_to_view(demo, judged, some_users):
    model, _, _ = judged
    histories = demo[0].histories(some_users)
    codes = model.recommend(histories, 10).item_codes
    chances = model.chances(histories, codes)
    np.testing.assert_array_equal(chances["purchase"], model.recommend(histories, 10).scores)
    assert chances["view"].mean() > chances["cart"].mean() > chances["purchase"].mean()
    outside = model.chances(histories, np.array([[-1, model.n_items]] * len(histories)))
    assert np.isnan(outside["view"]).all()


def test_figures_of_the_window_equal_those_of_the_protocol(demo, judged, later):
    """NDCG over the buyers, counted by the evaluation's own metric from the lists."""
    model, _, split = judged
    sellable = demo[0].catalogue.sellable
    shop, owned = Shop.of(split.past, sellable), split.test.histories.to_csr(len(sellable), binary=True)

    def ndcg(asked) -> float:
        lists = asked.recommend(split.test.histories, 10, exclude=owned, allow=sellable).item_codes
        return float(np.nanmean(Ndcg().values(Judged(lists, split.test, shop), 10)))

    assert later.ndcg.n == len(split.test)
    assert later.ndcg.value == pytest.approx(ndcg(model), abs=1e-9)
    for figure in later.generators:
        assert figure.ndcg.value == pytest.approx(ndcg(model.generators[figure.name]), abs=1e-6), figure.name
    assert later.gain.value == pytest.approx(later.ndcg.value - later.generators[0].ndcg.value)
    assert later.generators[0].ndcg.value == max(g.ndcg.value for g in later.generators)


def test_importance_adds_up_and_covers_every_signal(judged, insight):
    model = judged[0]
    assert {s.key for s in insight.signals} == {s.key for s in model.signals}
    assert sum(s.share for s in insight.signals) == pytest.approx(1.0)
    assert sum(f.share for f in insight.families) == pytest.approx(1.0)
    assert [s.importance for s in insight.signals] == sorted((s.importance for s in insight.signals), reverse=True)
    for signal in insight.signals:
        # Interactions let the share of a directed signal vary around its main effect, never turn the whole of it round.
        assert signal.tendency * signal.direction > -0.3, signal.key
    for plot in insight.dependence:
        assert len(plot.values) == len(plot.adds) > 0


def test_every_family_is_left_out_once_and_the_models_matter_most(insight):
    assert {f.family for f in insight.families if f.adds is not None} == {f.family for f in insight.families}
    assert insight.families[0].family == "models"
    for family in insight.families:
        assert family.adds is not None
        assert family.adds.low <= family.adds.value <= family.adds.high
    assert insight.ablation
    assert insight.interactions[0].strength >= insight.interactions[-1].strength > 0


def test_a_signal_that_knows_the_answer_is_told_as_such(judged):
    """The label planted into one column of one family: leaving that family out costs most."""
    model = judged[0]
    at = next(i for i, s in enumerate(model.signals) if s.key == "age_days")
    rng = np.random.default_rng(0)

    def planted(rows, label):
        rows = rows.copy()
        rows[:, at] = label + 0.1 * rng.random(len(label))
        return rows

    taught = model.taught
    lesson = replace(taught.lesson, rows=planted(taught.lesson.rows, taught.lesson.label))
    cheat = replace(taught, lesson=lesson, held=replace(taught.held, rows=planted(taught.held.rows, taught.held.label)))
    adds = {f.family: f.adds for f in what_signals_add(model, cheat).families}
    assert max(adds, key=lambda name: adds[name].value) == "freshness"
    assert adds["freshness"].low > 0


def test_quotas_cut_each_list_and_are_told(judged, demo, context, some_users):
    model = judged[0]
    short = Funnel(model.config.model_copy(update={"quota": {"popularity": 7}}))
    short.load_state(model.state())
    recalled = short.recalled(demo[0].histories(some_users))
    lengths = dict(zip(recalled.names, (top.shape[1] for top in recalled.top), strict=True))
    assert lengths == {**dict.fromkeys(model.generators, 100), "popularity": 7}
    assert {s.key: s.length for s in short.signals if s.length}["popularity.rank"] == 7
    with pytest.raises(NotFound, match="nonsense"):
        Funnel(FunnelConfig(quota={"nonsense": 5})).fit_all(demo[0].log, context)


@pytest.mark.parametrize("kind", ["logistic", "mlp"])
def test_another_ranker_is_a_whole_funnel(demo, context, judged, some_users, kind):
    _, _, split = judged
    config = FunnelConfig(
        generators=("transitions", "popularity"), window_share=0.12, windows=1, max_shoppers=200, ranker=kind, target="view", ablation=False
    )
    model = Funnel(config)
    model.fit_all(split.past, context)
    assert model.target == "view"
    again = Funnel(FunnelConfig.model_validate_json(config.model_dump_json()))
    again.load_state({name: tensor.clone() for name, tensor in model.state().items()})
    histories = demo[0].histories(some_users[:5])
    np.testing.assert_array_equal(model.recommend(histories, 10).scores, again.recommend(histories, 10).scores)
    view = what_signals_add(model, replace(model.taught, held=_few(model.taught.held)))
    assert view.exact == (kind == "logistic")
    assert not view.interactions
    assert view.families[0].adds is None


def _few(held: Checked) -> Checked:
    kept = held.shopper < np.unique(held.shopper)[30]
    return replace(held, rows=held.rows[kept], label=held.label[kept], shopper=held.shopper[kept], item=held.item[kept])


def test_the_ranking_behaviour_is_the_strongest_that_is_there(demo):
    log = demo[0].log
    assert behaviours_of(log) == ("purchase", "cart", "view")
    assert behaviours_of(log, "view") == ("view", "purchase", "cart")
    views = log.keep(log.behaviours == 0)
    assert behaviours_of(views) == ("view",)
    few = np.flatnonzero(log.behaviours == 1)[5:]
    mask = log.behaviours <= 1
    mask[few] = False
    assert behaviours_of(log.keep(mask)) == ("view", "cart")


def test_ndcg_of_checked_shoppers_is_hand_checked():
    checked = Checked(
        rows=np.zeros((5, 1)),
        label=np.array([True, False, True, False, False]),
        shopper=np.array([0, 0, 2, 2, 3]),
        item=np.arange(5),
        chosen=np.array([2, 1, 1, 0]),
    )
    shoppers, values = ndcg_values(checked, np.array([1.0, 2.0, np.nan, 0.5, 1.0]))
    assert shoppers.tolist() == [0, 2]  # shopper 1 has no candidate, shopper 3 chose nothing
    ideal = 1.0 + 1.0 / np.log2(3)
    np.testing.assert_allclose(values, [(1.0 / np.log2(3)) / ideal, 0.0])


def test_reliability_of_nothing_is_nothing():
    view = head_view("cart", False, np.zeros(0), np.zeros(0, bool), 0)
    assert (view.calibration_error, view.base_rate, view.bins) == (None, None, ())
