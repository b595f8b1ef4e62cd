from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from recengine.data.events import EventLog
from recengine.data.histories import Histories
from recengine.errors import BadInput, Cancelled, NotFound, TrainingFailed
from recengine.evaluation.metrics.accuracy import Ndcg
from recengine.evaluation.metrics.base import Judged, Shop
from recengine.funnel.facts import ItemFacts
from recengine.funnel.model import Funnel, FunnelConfig
from recengine.funnel.ranker import calibration_error, platt, sigmoid
from recengine.funnel.recall import KEPT_CELLS, Recalled, RecentRecalls, recall
from recengine.funnel.signals import NEEDS, signals_of
from recengine.funnel.windows import windows_before
from recengine.models.base import FitContext


def ndcg(model, split, sellable):
    owned = split.test.histories.to_csr(len(sellable), binary=True)
    lists = model.recommend(split.test.histories, 10, exclude=owned, allow=sellable).item_codes
    return Ndcg().values(Judged(lists, split.test, Shop.of(split.past, sellable)), 10)


def test_quick_asks_for_no_more_work_than_balanced_and_thorough_for_no_less():
    quick, balanced, thorough = (FunnelConfig(**Funnel.presets.get(name, {})) for name in ("quick", "balanced", "thorough"))
    for effort in ("windows", "choices", "candidates", "max_shoppers", "negatives", "trees", "depth"):
        assert getattr(quick, effort) <= getattr(balanced, effort) <= getattr(thorough, effort), effort
    assert quick.windows == 1


def test_beats_each_of_its_generators_on_the_planted_store(demo, judged):
    model, _, split = judged
    sellable = demo[0].catalogue.sellable
    mine = np.nanmean(ndcg(model, split, sellable))
    theirs = {name: np.nanmean(ndcg(generator, split, sellable)) for name, generator in model.generators.items()}
    assert mine > max(theirs.values()), theirs


def test_reports_figures_of_shoppers_it_never_learned_from(judged):
    _, reports, _ = judged
    assert [r.epoch for r in reports] == sorted(r.epoch for r in reports)
    assert reports[-1].epoch == reports[-1].of
    figures = reports[-1].metrics
    assert figures["calibration_error"] <= 0.03
    assert 0 < figures["ndcg@10"] <= 1


def test_is_calibrated_on_a_later_window(judged):
    model, _, split = judged
    scores = model.score(split.test.histories).numpy().astype(np.float64)
    chosen = np.zeros(scores.shape, dtype=bool)
    for row in range(len(split.test)):
        chosen[row, split.test.truth(row)] = True
    scored = ~np.isnan(scores)
    error, rate = calibration_error(scores[scored], chosen[scored]), chosen[scored].mean()
    assert error <= 0.02
    assert error < 0.6 * rate  # saying never would be wrong by the whole rate


def test_lists_equal_scores_whatever_the_batch(demo, judged, some_users):
    model, _, _ = judged
    dataset = demo[0]
    histories = dataset.histories(some_users)
    lists = model.recommend(histories, 15)
    scores = model.score(histories).numpy()
    for row in range(len(histories)):
        alone = model.recommend(histories.rows(np.array([row])), 15)
        np.testing.assert_array_equal(alone.item_codes[0], lists.item_codes[row])
        np.testing.assert_array_equal(alone.scores[0], lists.scores[row])
        listed = lists.item_codes[row] >= 0
        np.testing.assert_allclose(scores[row, lists.item_codes[row][listed]], lists.scores[row][listed], rtol=1e-6)
        best = np.lexsort((np.arange(model.n_items), -np.nan_to_num(scores[row], nan=-1.0)))[: listed.sum()]
        assert set(best[:10].tolist()) == set(lists.item_codes[row][:10].tolist())


def test_scores_of_given_items_equal_scores_of_all(demo, judged, some_users):
    model, _, _ = judged
    histories = demo[0].histories(some_users)
    everything = model.score(histories).numpy()
    rng = np.random.default_rng(0)
    asked = rng.integers(-1, model.n_items + 3, (len(histories), 25))
    given = model.score(histories, asked).numpy()
    for row, column in np.ndindex(asked.shape):
        code = asked[row, column]
        if not 0 <= code < model.n_items:
            assert np.isnan(given[row, column])
        elif not np.isnan(everything[row, code]):
            assert given[row, column] == everything[row, code]


def test_never_lists_what_a_shopper_has_or_what_is_forbidden(demo, judged, some_users):
    model, _, _ = judged
    histories = demo[0].histories(some_users)
    allow = np.arange(model.n_items) % 2 == 0
    block = histories.to_csr(model.n_items, binary=True)
    block = block.tolil()
    block[:, :40] = 1
    lists = model.recommend(histories, 30, exclude=block.tocsr(), allow=allow).item_codes
    owned = histories.to_csr(model.n_items, binary=True)
    for row, listed in enumerate(lists):
        kept = listed[listed >= 0]
        assert len(set(kept.tolist())) == len(kept)
        assert (kept >= 40).all()
        assert allow[kept].all()
        assert owned[row, kept].sum() == 0
    assert model.recommend(histories, 0).item_codes.shape == (len(histories), 0)
    with pytest.raises(ValueError, match="allow"):
        model.recommend(histories, 5, allow=allow[:-1])


def test_answers_shoppers_without_a_history(judged):
    model, _, split = judged
    nobody = Histories.of_items([[], [-1]], now_s=split.cut_s)
    lists = model.recommend(nobody, 5)
    assert (lists.item_codes >= 0).all()
    np.testing.assert_array_equal(lists.item_codes[0], lists.item_codes[1])
    assert ((lists.scores > 0) & (lists.scores < 1)).all()


def test_state_and_config_are_the_whole_model(demo, judged, some_users):
    model, _, _ = judged
    again = Funnel(FunnelConfig.model_validate_json(model.config.model_dump_json()))
    state = {name: tensor.clone() for name, tensor in model.state().items()}
    again.load_state(state)
    histories = demo[0].histories(some_users)
    ours, theirs = model.recommend(histories, 20), again.recommend(histories, 20)
    np.testing.assert_array_equal(ours.item_codes, theirs.item_codes)
    np.testing.assert_array_equal(ours.scores, theirs.scores)
    assert again.signals == model.signals


def test_nothing_after_a_window_teaches_its_signals(demo):
    dataset = demo[0]
    for window in windows_before(dataset.log, dataset.catalogue.sellable, 0.1, 3, 10**6):
        cut = int(window.histories.now_s[0])
        assert window.past.times_s.max() < cut
        assert window.histories.times_s.max() < cut


def test_same_seed_same_model_and_another_seed_another(demo, context):
    dataset = demo[0]
    config = FunnelConfig(generators=("transitions", "popularity"), window_share=0.12, windows=1, trees=10)
    order = np.random.default_rng(1).permutation(len(dataset.log))
    log = dataset.log
    shuffled = EventLog.build(
        log.user_codes[order], log.item_codes[order], log.times_s[order], log.n_users, log.n_items, log.behaviours[order], log.prices[order]
    )
    made = []
    for source, seed in ((log, 3), (shuffled, 3), (log, 4)):
        model = Funnel(config)
        model.fit_all(source, replace(context, seed=seed))
        made.append(model.ranker.trees.value)
    np.testing.assert_array_equal(made[0], made[1])
    assert made[0].shape != made[2].shape or (made[0] != made[2]).any()


def test_too_little_data_is_said_plainly(demo, context):
    dataset = demo[0]
    few = dataset.log.keep(dataset.log.user_codes < 6)
    with pytest.raises(TrainingFailed, match="too little"):
        Funnel(FunnelConfig(generators=("popularity",), windows=1, trees=10)).fit_all(few, context)


def test_wrong_names_and_settings_are_told_before_anything_is_fitted(demo, context):
    with pytest.raises(NotFound, match="no model called nonsense"):
        Funnel(FunnelConfig(generators=("popularity", "nonsense"))).fit_all(demo[0].log, context)
    with pytest.raises(BadInput, match="half_life_days"):
        Funnel(FunnelConfig(generators=("popularity",), settings={"popularity": {"half_life_days": -1}})).fit_all(demo[0].log, context)


def test_asking_changes_neither_the_question_nor_the_model(demo, judged, some_users):
    model, _, _ = judged
    histories = demo[0].histories(some_users)
    before = [array.copy() for array in (histories.indptr, histories.item_codes, histories.behaviours, histories.times_s, histories.now_s)]
    first = model.recommend(histories, model.n_items + 5)
    assert (first.item_codes[:, -5:] == -1).all()
    assert np.isnan(first.scores[:, -5:]).all()
    np.testing.assert_array_equal(model.recommend(histories, model.n_items + 5).item_codes, first.item_codes)
    after = (histories.indptr, histories.item_codes, histories.behaviours, histories.times_s, histories.now_s)
    assert all((a == b).all() for a, b in zip(before, after, strict=True))


def test_stops_when_asked(demo, context):
    calls = iter([False] * 6 + [True] * 100)
    with pytest.raises(Cancelled):
        Funnel(FunnelConfig(generators=("transitions", "popularity"), windows=1, trees=10)).fit_all(
            demo[0].log, replace(context, should_stop=lambda: next(calls))
        )


def test_signals_without_their_column_are_left_out(demo):
    dataset = demo[0]
    blank = np.full(len(dataset.catalogue), "", dtype=object)
    bare = replace(dataset.catalogue, categories=blank, brands=blank, prices=np.full(len(blank), np.nan, np.float32))
    unpriced = replace(dataset.log, prices=np.full(len(dataset.log), np.nan, np.float32))
    keys = {s.key for s in signals_of(("ease",), ItemFacts.of(unpriced, bare))}
    assert not keys & set(NEEDS)
    assert set(NEEDS) <= {s.key for s in signals_of(("ease",), ItemFacts.of(dataset.log, dataset.catalogue))}


def test_a_generator_that_cannot_be_trained_is_left_out(demo, context):
    dataset = demo[0]
    blank = np.full(len(dataset.catalogue), "", dtype=object)
    no_text = replace(context, catalogue=replace(dataset.catalogue, titles=blank, categories=blank, brands=blank))
    model = Funnel(FunnelConfig(generators=("content", "popularity", "transitions"), window_share=0.12, windows=1, trees=10))
    model.fit_all(dataset.log, no_text)
    assert tuple(model.generators) == ("popularity", "transitions")


def test_platt_finds_the_line_and_calibration_error_is_hand_checked():
    rng = np.random.default_rng(0)
    raw = rng.normal(size=40_000)
    label = rng.random(40_000) < sigmoid(0.7 * raw - 1.5)
    slope, offset = platt(raw, label.astype(np.float64))
    assert slope == pytest.approx(0.7, abs=0.05)
    assert offset == pytest.approx(-1.5, abs=0.05)
    assert calibration_error(np.array([0.2, 0.2, 0.8, 0.8]), np.array([0, 1, 1, 1]), bins=2) == pytest.approx((0.3 + 0.2) / 2)
    assert np.isnan(calibration_error(np.zeros(0), np.zeros(0)))
    assert sigmoid(np.array([-1e4, 0.0, 1e4])).tolist() == [0.0, 0.5, 1.0]


def test_an_unknown_item_in_a_history_changes_nothing(demo, judged, some_users):
    model, _, _ = judged
    histories = demo[0].histories(some_users[:5])
    strange = replace(histories, item_codes=np.append(histories.item_codes, -1).astype(np.int32))
    longer = Histories(
        np.append(histories.indptr[:-1], histories.indptr[-1] + 1),
        strange.item_codes,
        np.append(histories.behaviours, histories.behaviours[-1]),
        np.append(histories.times_s, histories.times_s[-1]),
        histories.now_s,
        histories.user_codes,
    )
    np.testing.assert_array_equal(model.recommend(longer, 10).item_codes[:-1], model.recommend(histories, 10).item_codes[:-1])


def test_runs_without_catalogue_facts(demo):
    dataset = demo[0]
    from recengine.data.dataset import Catalogue

    model = Funnel(FunnelConfig(generators=("transitions", "popularity"), window_share=0.12, windows=1, trees=10))
    model.fit_all(dataset.log, FitContext(Catalogue.bare(dataset.catalogue.vocabulary)))
    assert (model.recommend(dataset.histories(np.arange(3)), 5).item_codes >= 0).all()


def test_one_history_asks_the_generators_once(demo, judged, some_users, monkeypatch):
    model, dataset = judged[0], demo[0]
    one, other = dataset.histories(some_users[:1]), dataset.histories(some_users[1:2])
    model.recalled(other)
    fresh = recall(model.generators, one, model.quotas(tuple(model.generators)), model.facts.sellable)
    first, calls = model.recalled(one), []
    monkeypatch.setattr("recengine.funnel.model.recall", lambda *given: calls.append(given) or fresh)
    assert model.recalled(one) is first
    assert model.recalled(other) is not first
    assert not calls
    for kept, made in zip((*first.scores, *first.top, first.open), (*fresh.scores, *fresh.top, fresh.open), strict=True):
        assert np.array_equal(kept, made, equal_nan=True)
    later = replace(one, now_s=one.now_s + 1)
    model.recalled(later)
    assert len(calls) == 1  # another moment is another question


def test_as_many_answers_are_kept_as_there_is_room():
    recent, made = RecentRecalls(KEPT_CELLS // 3), []

    def ask(item: int) -> None:
        recent.of(Histories.of_items([[item]]), lambda: made.append(item) or Recalled((), [], [], np.zeros(0), np.zeros(0, dtype=bool)))

    for item in (1, 2, 3, 1, 4, 1, 2):
        ask(item)
    assert made == [1, 2, 3, 4, 2]
