from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from recengine.data.histories import Histories
from recengine.errors import BadInput
from recengine.explain.explanation import attribute, explain
from recengine.explain.history import attribute_model
from recengine.explain.reasons import reasons_for_list
from recengine.explain.titles import item_title
from recengine.models.als import Als, AlsConfig
from recengine.models.base import Capabilities, Recommender
from recengine.models.content import Content
from recengine.models.ease import Ease
from recengine.models.item_knn import ItemKnn
from recengine.models.popularity import Popularity
from recengine.models.transitions import Transitions

LINEAR = {m.name: m for m in (Popularity, ItemKnn, Ease, Transitions, Content, Als)}


@pytest.fixture(scope="session")
def fitted(demo, context):
    models = {name: kind(AlsConfig(factors=8, epochs=3) if kind is Als else None) for name, kind in LINEAR.items()}
    for model in models.values():
        model.fit_all(demo[0].log, context)
    return models


@pytest.mark.parametrize("name", LINEAR)
def test_every_linear_model_adds_up_to_the_shown_score(fitted, demo, some_users, name):
    model, dataset = fitted[name], demo[0]
    assert model.can.linear
    for user in some_users[:12]:
        histories = dataset.histories(np.array([user]))
        listed = model.recommend(histories, 8, exclude=histories.to_csr(model.n_items), allow=dataset.catalogue.sellable)
        for code, shown in zip(listed.item_codes[0, ::3], listed.scores[0, ::3], strict=True):
            view = explain(model, dataset, histories, int(code), "v", "s")
            assert view.score == pytest.approx(shown, abs=1e-9)
            assert view.base + sum(t.contribution for t in view.terms) == pytest.approx(shown, abs=1e-9)
            assert view.base + sum(e.contribution for e in view.events) + view.not_from_events == pytest.approx(shown, abs=1e-9)
            assert view.score_kind == "score"


def test_the_funnel_adds_up_to_the_shown_probability(judged, demo, some_users):
    model, dataset = judged[0], demo[0]
    for user in some_users:
        histories = dataset.histories(np.array([user]))
        listed = model.recommend(histories, 20, exclude=histories.to_csr(model.n_items), allow=dataset.catalogue.sellable)
        parts = attribute(model, histories, listed.item_codes[0])
        for part, shown in zip(parts, listed.scores[0], strict=True):
            assert part.score == shown
            assert part.base + sum(t.contribution for t in part.terms) == pytest.approx(shown, abs=1e-9)
            sizes = [abs(t.contribution) for t in part.terms]
            assert sizes == sorted(sizes, reverse=True)
            assert part.empty + part.events.sum() == pytest.approx(shown, abs=1e-9)
        view = explain(model, dataset, histories, int(listed.item_codes[0, 2]))
        assert view.rank == 3
        assert view.score == listed.scores[0, 2]
        assert view.score_kind == "probability"
        assert view.provenance
        assert [e.place for e in view.events] == list(range(len(histories.item_codes)))[::-1]
        assert view.base + sum(e.contribution for e in view.events) + view.not_from_events == pytest.approx(view.score, abs=1e-9)


def test_one_item_is_explained_as_in_a_list(judged, demo, some_users):
    model = judged[0]
    histories = demo[0].histories(some_users[:1])
    codes = model.recommend(histories, 10).item_codes[0]
    together = attribute(model, histories, codes)
    for code, part in zip(codes, together, strict=True):
        alone = attribute(model, histories, np.array([code]))[0]
        assert alone.terms == part.terms
        np.testing.assert_allclose(alone.events, part.events, atol=1e-12)


def test_the_sentence_names_only_items_of_the_history_and_is_the_same_twice(judged, demo, some_users):
    model, dataset = judged[0], demo[0]
    everything = {item_title(dataset.catalogue, code) for code in range(model.n_items)}
    for user in some_users[:15]:
        histories = dataset.histories(np.array([user]))
        mine = {item_title(dataset.catalogue, int(code)) for code in histories.item_codes}
        for code in model.recommend(histories, 3).item_codes[0]:
            view = explain(model, dataset, histories, int(code))
            assert view.sentence == explain(model, dataset, histories, int(code)).sentence
            assert "because" not in view.sentence.lower()
            named = {title for title in everything if f"{title} (" in view.sentence}
            longest = {title for title in named if not any(title != other and title in other for other in named)}
            assert longest <= mine
            assert view.sentence.endswith(".")
            assert "nan" not in view.sentence.lower().split()


def test_reasons_are_short_and_one_an_item(judged, fitted, demo, some_users):
    dataset = demo[0]
    histories = dataset.histories(some_users[:1])
    for model in (judged[0], *fitted.values()):
        codes = model.recommend(histories, 20, exclude=histories.to_csr(model.n_items)).item_codes[0]
        known = codes[codes >= 0]
        reasons = reasons_for_list(dataset, histories, known, attribute(model, histories, known))
        assert len(reasons) == (codes >= 0).sum()
        assert all(1 <= len(reason.split()) <= 6 for reason in reasons)
    assert reasons_for_list(dataset, histories, np.zeros(0, dtype=np.int64), []) == []


def test_planted_pairs_are_found_in_the_explanation(fitted, demo):
    """Whoever buys the first of a pair buys the second: that event must carry most of the score."""
    dataset, truth = demo
    model, code = fitted["transitions"], dataset.catalogue.vocabulary.code
    right = 0
    for pair in truth.pairs:
        others = [code(p.first) for p in truth.pairs if p is not pair][:3]
        histories = Histories.of_items([[*others, code(pair.first)]], now_s=dataset.now_s)
        view = explain(model, dataset, histories, code(pair.second))
        right += bool(view.terms) and view.terms[0].key == pair.first and item_title(dataset.catalogue, code(pair.first)) in view.sentence
    assert right >= 0.8 * len(truth.pairs)


def test_the_funnel_explains_a_planted_pair_by_its_first_item(judged, demo):
    model, (dataset, truth) = judged[0], demo
    code, now_s = dataset.catalogue.vocabulary.code, judged[2].cut_s
    raised = named = 0
    for pair in truth.pairs:
        second = np.array([code(pair.second)])
        stranger = code(next(p.first for p in truth.pairs[::-1] if p is not pair))
        with_first = attribute(model, Histories.of_items([[code(pair.first)]], now_s), second)[0]
        without = attribute(model, Histories.of_items([[stranger]], now_s), second)[0]
        raised += with_first.score > without.score
        named += with_first.events[0] > 0
    assert raised >= 0.8 * len(truth.pairs)
    assert named >= 0.8 * len(truth.pairs)


def test_category_taste_speaks_for_its_own_category_and_noise_is_no_signal(judged, demo, some_users):
    model, dataset = judged[0], demo[0]
    assert not [s for s in model.signals if "device" in s.key or "label" in s.key]
    names = dataset.catalogue.categories
    higher, n = 0, 0
    for user in some_users[:20]:
        histories = dataset.histories(np.array([user]))
        past = names[histories.item_codes]
        favourite = max(sorted(set(past)), key=lambda name: (past == name).sum())
        never = set(names) - set(past)
        candidates = model.recalled(histories).pairs()[1]
        inside, outside = names[candidates] == favourite, np.isin(names[candidates], list(never))
        if (past == favourite).mean() < 0.3 or not inside.any() or not outside.any():
            continue
        parts = attribute(model, histories, candidates)
        effect = np.array([next(t.contribution for t in p.terms if t.key == "category") for p in parts])
        scale = np.array([p.score * (1 - p.score) for p in parts])  # effects grow with the score itself
        n += 1
        higher += (effect / scale)[inside].mean() > (effect / scale)[outside].mean()
    assert n >= 5
    assert higher >= 0.8 * n


def test_items_without_a_score_are_refused_with_the_reason(judged, fitted, demo, some_users):
    dataset = demo[0]
    histories = dataset.histories(some_users[:1])
    with pytest.raises(BadInput, match="already has"):
        explain(judged[0], dataset, histories, int(histories.item_codes[0]))
    nobody = Histories.of_items([[]], now_s=dataset.now_s)
    with pytest.raises(BadInput, match="empty"):
        explain(fitted["ease"], dataset, nobody, 3)


def test_a_shopper_without_history_gets_an_answer(judged, demo):
    model, dataset = judged[0], demo[0]
    nobody = Histories.of_items([[]], now_s=dataset.now_s)
    view = explain(model, dataset, nobody, int(model.recommend(nobody, 1).item_codes[0, 0]))
    assert view.events == ()
    assert view.not_from_events == pytest.approx(view.score - view.base)


def test_text_of_the_file_stays_text(judged, demo, some_users):
    model, dataset = judged[0], demo[0]
    hostile = np.array(["<img src=x onerror=alert(1)> **b** $x$ [l](http://x)"] * model.n_items, dtype=object)
    strange = replace(dataset, catalogue=replace(dataset.catalogue, titles=hostile))
    histories = dataset.histories(some_users[:1])
    view = explain(model, strange, histories, int(model.recommend(histories, 1).item_codes[0, 0]))
    assert view.title == hostile[0]
    assert all(e.title == hostile[0] for e in view.events)


class Crooked:
    """Neither linear nor forgiving: the score is the squared number of distinct items, NaN for an empty history."""

    title, can, n_items = "Crooked", Capabilities(), 500

    def score(self, histories, candidates=None):
        distinct = np.diff(histories.to_csr(self.n_items).indptr).astype(np.float32)
        value = np.where(distinct > 0, distinct**2, np.nan).astype(np.float32)
        return torch.from_numpy(np.broadcast_to(value[:, None], (len(histories), np.shape(candidates)[1])).copy())


def test_models_that_are_not_linear_still_add_up():
    model: Recommender = Crooked()  # type: ignore[assignment]
    part = attribute_model(model, Histories.of_items([[5, 6, 5, 7]]), np.array([9]))[0]
    assert part.score == 9.0
    assert part.base == 0.0
    np.testing.assert_allclose(part.events, [1.5, 3.0, 1.5, 3.0])  # symmetric players: 3 each, shared by the two events on item 5
    long = Histories.of_items([list(range(100))])
    assert attribute_model(model, long, np.array([9]))[0].events.sum() == pytest.approx(10_000.0)
