from __future__ import annotations

import re

import numpy as np
import pytest

from recengine.columns import Behaviour
from recengine.data.histories import Histories
from recengine.explain import wording, wording_zh
from recengine.explain.explanation import attribute
from recengine.explain.faithfulness import faithfulness
from recengine.explain.history import Attribution
from recengine.explain.past import Past
from recengine.explain.second_opinions import attention_beside, lime, rank_agreement
from recengine.explain.sentence_parts import parts_of
from recengine.explain.shapley import history_shapley
from recengine.explain.titles import DID, item_title
from recengine.explain.wording import meaning, render
from recengine.funnel.model import DEFAULT_GENERATORS
from recengine.funnel.signals import STATIC
from recengine.models.attention import Attention, AttentionConfig
from recengine.models.transitions import Transitions
from recengine.testing.table_model import TableModel
from recengine.types import Term

CAUSAL = re.compile(r"\b(because|cause[sd]?|due to|therefore|leads? to|makes? (him|her|them))\b|因为|由于|所以|导致|因此", re.IGNORECASE)
N = 30


def test_both_languages_say_the_same_parts_and_nothing_causal(judged, demo, some_users):
    model, dataset = judged[0], demo[0]
    seen = set()
    for user in some_users[:15]:
        histories = dataset.histories(np.array([user]))
        past = Past(dataset, histories)
        for code in model.recommend(histories, 6).item_codes[0]:
            part = attribute(model, histories, np.array([code]))[0]
            parts = parts_of(past, int(code), part)
            assert parts == parts_of(past, int(code), part)
            en, zh = render(parts), render(parts, "zh")
            assert (en, zh) == (render(parts), render(parts, "zh"))
            mine = {item_title(dataset.catalogue, int(c)) for c in histories.item_codes}
            for clause in parts.clauses:
                seen.add(clause.key)
                for item in clause.items:
                    assert item.title in mine
                    assert item.title in en
                    assert item.title in zh
            bare = en
            for title in mine:
                bare = bare.replace(title, "")
            assert not CAUSAL.search(bare)
            assert not CAUSAL.search(zh)
            assert "nan" not in zh
            assert "device" not in bare.lower()
            assert "bestseller" not in bare.lower()  # planted noise is never a reason
    assert {"past.one", "past.two"} & seen


def test_templates_are_complete_and_never_causal():
    assert set(wording.SAID) == set(wording_zh.SAID)
    assert set(DID.values()) <= set(wording_zh.DID)
    assert set(DID) <= set(Behaviour)
    groups = {signal.group for signal in STATIC} | set(DEFAULT_GENERATORS)
    assert groups <= set(wording_zh.SIGNALS)


@pytest.mark.parametrize(
    ("key", "value", "en", "zh"),
    [
        ("companion", 3.0, "8.0 times as often", "8.0倍"),  # signals of this kind are logarithms to base 2
        ("season", 1.0, "2.0 times its usual share", "2.0倍"),
        ("season", 0.2, "", ""),
        ("trend", 1.0, "2-fold", "2倍"),
        ("category", 0.003, "", ""),
        ("category", 0.25, "25% of this shopper's recent events", "25%"),
        ("conversion", 0.125, "", ""),  # an estimate is no fact to be told
    ],
)
def test_signals_are_said_with_the_number_they_mean(demo, some_users, key, value, en, zh):
    dataset = demo[0]
    past = Past(dataset, dataset.histories(some_users[:1]))
    n = len(past.histories.item_codes)
    term = Term("signal", key.title(), "as shown", 1.0, key)
    parts = parts_of(past, 0, Attribution(1.0, 0.0, (term,), np.zeros(n), {key: value}))
    if not en:
        assert parts.clauses[0].key.startswith("nothing")
        return
    assert en in render(parts)
    assert zh in render(parts, "zh")


def test_what_speaks_against_an_item_is_named_in_both_languages(demo, some_users):
    dataset = demo[0]
    past = Past(dataset, dataset.histories(some_users[:1]))
    n = len(past.histories.item_codes)
    term = Term("signal", "Price against the usual", "3.0 × the usual price", -1.0, "price_gap")
    parts = parts_of(past, 0, Attribution(1.0, 0.0, (term,), np.zeros(n), {"price_gap": 1.6}))
    assert "price against the usual (3.0 × the usual price)" in render(parts)
    assert "价格与平常消费之差" in render(parts, "zh")


@pytest.mark.parametrize(
    ("score", "base", "text"),
    [
        (0.12, 0.0086, "0.12: 14 times the average candidate (0.0086)"),
        (0.004, 0.008, "0.004: 0.5 times the average candidate (0.008)"),
        (0.008, 0.008, "0.008: as the average candidate (0.008)"),
        (3.2, 0.1, ""),
        (float("nan"), 0.1, ""),
    ],
)
def test_what_a_score_means(score, base, text):
    assert meaning(score, base) == text
    assert bool(meaning(score, base, "zh")) == bool(text)


def test_lime_finds_the_line_of_an_additive_model():
    weight = {1: 2.0, 2: -1.0, 3: 0.5, 4: 0.0}
    model = TableModel(lambda item, there: sum(weight[i] for i in there), N)
    history = Histories.of_items([[1, 2, 3, 4]])
    found = history_shapley(model, history, np.array([20]))
    second = lime(model, history, found)
    assert second is not None
    assert dict(zip(second.players.tolist(), second.weights, strict=True)) == pytest.approx(weight, abs=0.02)
    assert second.kendall == second.spearman == pytest.approx(1.0)
    assert second.fit > 0.99


def test_rank_agreement_by_hand():
    assert rank_agreement(np.array([1.0, 2.0, 3.0]), np.array([10.0, 20.0, 15.0]))[0] == pytest.approx(1 / 3)
    assert rank_agreement(np.array([1.0, 2.0, 3.0]), np.array([3.0, 2.0, 1.0])) == (pytest.approx(-1), pytest.approx(-1))
    assert np.isnan(rank_agreement(np.array([1.0, 1.0]), np.array([1.0, 2.0]))[0])


def test_attention_stands_beside_shapley(demo, context, some_users):
    model, log = Attention(AttentionConfig(epochs=1, factors=8, attention_factors=4)), demo[0].log
    model.fit_all(log.keep((log.behaviours == 3) & (log.user_codes % 4 == 0)), context)
    history = demo[0].histories(some_users[2:3])
    items = model.recommend(history, 3).item_codes[0].astype(np.int64)
    found = history_shapley(model, history, items, 128, exact_up_to=64)
    beside = attention_beside(model, history, found, 1)
    assert beside is not None
    assert beside.weights.min() >= 0
    assert beside.weights.sum() <= 1 + 1e-5
    assert -1 <= beside.kendall <= 1
    table = TableModel(lambda item, there: float(len(there)), N)
    assert attention_beside(table, history, found) is None


def additive_model():
    rng = np.random.default_rng(0)
    weight = rng.exponential(size=(N, N)) ** 2
    return TableModel(lambda item, there: float(sum(weight[i, item] for i in there)), N)


def test_true_explanations_beat_random_and_popular_order_and_false_ones_do_not(monkeypatch):
    model = additive_model()
    rng = np.random.default_rng(1)
    rows = [rng.permutation(N)[: rng.integers(4, 10)].tolist() for _ in range(25)]
    histories, popular = Histories.of_items(rows), rng.random(N)
    sold = np.ones(N, dtype=bool)
    found = faithfulness(model, histories, sold, popular, coalitions=64)
    assert found.shoppers == 25
    for gain in (*found.deletion.values(), *found.insertion.values()):
        assert gain.low > 0.05
        assert gain.low <= gain.value <= gain.high
    assert found.removal_agreement == pytest.approx(1.0)
    assert found.curves.deletion["shapley"][0] == pytest.approx(1.0)
    assert found.curves.insertion["shapley"][-1] == pytest.approx(1.0)
    assert found.within_four > 0.99
    flipped = faithfulness_module_with_sign(monkeypatch)
    assert flipped(model, histories, sold, popular, coalitions=64).deletion["random"].high < 0


def faithfulness_module_with_sign(monkeypatch):
    from dataclasses import replace

    from recengine.explain import faithfulness as module

    def wrong(*arguments, **named):
        made = history_shapley(*arguments, **named)
        return replace(made, values=-made.values)

    monkeypatch.setattr(module, "history_shapley", wrong)
    return module.faithfulness


def test_the_planted_cause_is_among_the_first_three_past_items(demo, context):
    dataset, truth = demo
    model = Transitions()
    model.fit_all(dataset.log, context)
    code, asked, right = dataset.catalogue.vocabulary.code, 0, 0
    for pair in truth.pairs:
        first, second = code(pair.first), code(pair.second)
        buyers = np.unique(dataset.log.user_codes[dataset.log.item_codes == first])[:12]
        for user in buyers.tolist():
            history = dataset.histories(np.array([user]))
            at = np.flatnonzero((history.item_codes == first) & (history.behaviours == 3))
            if len(at) == 0:
                continue
            history = history.keep_events(np.arange(len(history.item_codes)) <= at[-1])  # right after the purchase
            if second in history.item_codes:
                continue
            found = history_shapley(model, history, np.array([second]), 128, exact_up_to=128)
            if np.isnan(found.scores[0]):
                continue
            asked += 1
            right += first in found.players[np.argsort(-found.values[0])[:3]]
    assert asked >= 30
    assert right >= 0.95 * asked
