"""Policies: what each step does to lists, in which order, and that its terms add up."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from policy_shops import small_shop, visitors
from pydantic import ValidationError

from recengine.policy.controls import Controls, lots
from recengine.policy.limits import Limit
from recengine.policy.policy import Policy, PolicySpec
from recengine.policy.rerankers.mmr import mmr
from recengine.policy.rules.rule import Rule
from recengine.policy.shop import Situation
from recengine.policy.trail import settled

N = 12
SHOP = small_shop(N)
CODES = np.arange(N, dtype=np.int32)[None]
SCORES = 1.0 - np.arange(N)[None] / (N - 1)  # relevance = score: i00 1.0, i11 0.0


def rule(action, *conditions, **more):
    return Rule.model_validate({"action": action, "conditions": list(conditions), **more})


def ids(*items):
    return {"field": "id", "op": "is", "values": items}


def category(name):
    return {"field": "category", "op": "is", "values": [name]}


def lists(spec=None, k=6, codes=CODES, scores=SCORES, who=None, situation=None, shop=SHOP, **fields):
    spec = spec or PolicySpec.model_validate(fields)
    return Policy(spec, shop, situation).apply(codes, scores, k, who or visitors([[]] * len(codes)))


def listed(found, row=0):
    return found.item_codes[row].tolist()


def test_no_policy_is_the_order_of_the_scores():
    found = lists()
    assert listed(found) == [0, 1, 2, 3, 4, 5]
    np.testing.assert_array_equal(found.trail.final, found.trail.score)
    assert found.trail.steps == ()
    assert found.by_score.tolist() == [[0, 1, 2, 3, 4, 5]]


def test_the_diversity_slider_alone_is_mmr():
    rng = np.random.default_rng(1)
    codes = np.stack([rng.permutation(N) for _ in range(5)]).astype(np.int32)
    scores = rng.random((5, N)) * 3 - 1
    found = lists(PolicySpec.of_diversity(0.4), 8, codes, scores)
    known = mmr(codes, scores, SHOP.items.vectors, 8, 0.4)
    np.testing.assert_array_equal(found.item_codes, known.item_codes)
    np.testing.assert_allclose(found.trail.total, found.trail.final, atol=1e-12)


def test_boost_bury_block_worked_by_hand():
    found = lists(rules=(rule("boost", ids("i09"), strength=80), rule("bury", ids("i00"), strength=30), rule("block", ids("i01"))))
    # i01 is gone, so that relevance runs from i00 = 1 to i11 = 0; i09 has 2/11 + 0.8, i00 has 0.7
    assert listed(found) == [9, 2, 3, 0, 4, 5]
    terms = {step.key: value for step, value in found.trail.at(0, 0)}
    assert terms == pytest.approx({"rule:r1": 0.8})
    assert found.trail.final[0, :2] == pytest.approx([2 / 11 + 0.8, 9 / 11])
    assert found.trail.at(0, 3)[0][0].key == "rule:r2"
    assert found.by_score[0].tolist() == [9, 2, 3, 0, 4, 5]


def test_filters_give_way_to_pins_and_blocks_do_not():
    tea = rule("include", category("tea"))
    assert listed(lists(rules=(tea,), k=5)) == [0, 1, 2, 3, -1]
    assert listed(lists(rules=(tea, rule("include", category("pots"))), k=5)) == [0, 1, 2, 3, 4]  # either
    assert listed(lists(rules=(rule("exclude", category("tea")),), k=3)) == [4, 5, 6]
    pin = rule("pin", ids("i08"), position=2)
    assert listed(lists(rules=(tea, pin), k=4)) == [0, 8, 1, 2]
    found = lists(rules=(pin, rule("block", category("茶具"))), k=4)
    assert listed(found) == [0, 1, 2, 3]
    assert found.unplaced == {"r1": 1}


def test_pins_by_priority_scope_and_what_they_bring_in():
    first, second = rule("pin", ids("i10"), position=1), rule("pin", ids("i11"), position=1, priority=5)
    found = lists(rules=(first, second), k=4, codes=CODES[:, :6], scores=SCORES[:, :6])
    assert listed(found) == [11, 10, 0, 1]
    assert found.trail.added.tolist() == [[True, True, False, False]]
    assert found.by_score.tolist() == [[-1, -1, 0, 1]]
    assert (np.diff(found.trail.final[0]) <= 0).all()
    np.testing.assert_allclose(found.trail.total, found.trail.final, atol=1e-12)
    assert found.trail.at(0, 0)[0][0].key == "pin"
    best = lists(rules=(rule("pin", category("pots"), position=1),), k=3)
    assert listed(best) == [4, 0, 1]  # the shopper's best candidate of those that are meant
    assert Policy(PolicySpec(rules=(first, second)), SHOP).wanted.tolist() == [10, 11]
    beyond = lists(rules=(rule("pin", ids("i10"), position=9),), k=4)
    assert (listed(beyond), beyond.unplaced) == ([0, 1, 2, 3], {})


def test_rules_hold_in_their_scope_alone():
    block = {"action": "block", "conditions": [ids("i00")]}

    def first(situation, **scope):
        return lists(rules=(Rule.model_validate({**block, **scope}),), k=1, situation=situation).item_codes[0, 0]

    assert first(Situation("cart"), scenes=("home",)) == 0
    assert first(Situation("home"), scenes=("home", "email")) == 1
    for day, expected in (("2026-02-28", 0), ("2026-03-01", 1), ("2026-03-31", 1), ("2026-04-01", 0)):
        assert first(Situation("home", date.fromisoformat(day)), start="2026-03-01", end="2026-03-31") == expected
    assert first(None, enabled=False) == 0
    two = visitors([[], []], new=[True, False])
    spec = PolicySpec.model_validate({"rules": [{**block, "segments": ["new"]}, {**block, "segments": ["nobody"]}]})
    assert lists(spec, 2, np.repeat(CODES, 2, 0), np.repeat(SCORES, 2, 0), two).item_codes.tolist() == [[1, 2], [0, 1]]
    boost = rule("boost", ids("i05"), strength=100, segments=["new"])
    found = lists(PolicySpec(rules=(boost,)), 2, np.repeat(CODES, 2, 0), np.repeat(SCORES, 2, 0), two)
    assert found.item_codes.tolist() == [[5, 0], [0, 1]]
    assert found.trail.steps[0].values.tolist() == [[1.0, 0.0], [0.0, 0.0]]
    pin = rule("pin", ids("i07"), position=1, segments=["new"])
    assert lists(PolicySpec(rules=(pin,)), 1, np.repeat(CODES, 2, 0), np.repeat(SCORES, 2, 0), two).item_codes.tolist() == [[7], [0]]


def test_controls_of_items_worked_by_hand():
    found = lists(controls=Controls(freshness=1.0, fresh_days=8.0), k=12)
    age = np.floor(SHOP.age_days())  # i11 is the newest, each item before it is 8 days older
    assert age.tolist() == [88 - 8 * n for n in range(12)]
    expected = SCORES[0] + 0.5 ** (SHOP.age_days() / 8)
    assert listed(found) == np.argsort(-expected, kind="stable").tolist()
    assert found.trail.final[0] == pytest.approx(np.sort(expected)[::-1])
    tail = lists(controls=Controls(long_tail=0.5), k=12)
    assert set(np.flatnonzero(~SHOP.tail)) <= {0, 1, 2}
    assert tail.trail.final[0] == pytest.approx(np.sort(SCORES[0] + 0.5 * SHOP.tail)[::-1])
    assert (SHOP.novelty.min(), SHOP.novelty.max()) == (0, 1)


def test_price_spread_prefers_bands_that_are_rare_among_the_candidates():
    codes, scores = np.array([[0, 1, 2, 11]], np.int32), np.array([[1.0, 0.9, 0.8, 0.0]])
    found = lists(controls=Controls(price_spread=1.0), k=4, codes=codes, scores=scores)
    bands = SHOP.items.price[codes[0]]
    assert bands.tolist() == [0, 0, 0, 4]
    assert found.trail.final[0] == pytest.approx([1.25, 1.15, 1.05, 0.75])  # 1 - 3/4 for three of one band, 1 - 1/4 for the other


def test_exploration_is_drawn_by_shopper_item_and_seed_alone():
    who = np.arange(4_000)
    drawn, lot = lots(who, np.tile(np.arange(50), (4_000, 1)), 7)
    assert abs(drawn.mean() - 0.5) < 0.005
    assert abs(np.quantile(lot, 0.1) - 0.1) < 0.005
    assert abs(np.corrcoef(drawn.ravel(), lot.ravel())[0, 1]) < 0.01
    shuffled, _ = lots(who[::-1], np.tile(np.arange(50)[::-1], (4_000, 1)), 7)
    np.testing.assert_array_equal(shuffled, drawn[::-1, ::-1])
    assert (lots(who, np.zeros((4_000, 1), int), 8)[0] != drawn[:, :1]).mean() > 0.99
    found = lists(controls=Controls(exploration=0.5), k=12)
    moved = next(step.values[0] for step in found.trail.steps if step.key == "exploration")
    assert 0 < (moved != 0).sum() < 12
    np.testing.assert_allclose(found.trail.total, found.trail.final, atol=1e-12)
    assert listed(lists(controls=Controls(exploration=0.5), k=12)) == listed(found)
    drawn, lot = lots(np.array([-1]), CODES, 0)
    assert found.trail.final[0] == pytest.approx(np.sort(np.where(drawn < 0.5, lot, SCORES)[0])[::-1])


def test_bought_and_tired_items_are_hidden():
    bought = visitors([[0, 3], []])
    two, twice = np.repeat(CODES, 2, 0), np.repeat(SCORES, 2, 0)
    found = lists(PolicySpec(controls=Controls(hide_bought=True)), 3, two, twice, bought)
    assert found.item_codes.tolist() == [[1, 2, 4], [0, 1, 2]]
    old = visitors([[0, 3]])
    old.histories.times_s[:] -= 40 * 86_400
    spec = PolicySpec(controls=Controls(hide_bought=True, bought_days=30))
    assert lists(spec, 2, CODES, SCORES, old).item_codes.tolist() == [[0, 1]]
    shown = visitors([[0, 0, 1, 0, 1]], "impression")
    assert lists(PolicySpec(controls=Controls(fatigue_after=3)), 2, CODES, SCORES, shown).item_codes.tolist() == [[1, 2]]
    assert lists(PolicySpec(controls=Controls(fatigue_after=2)), 2, CODES, SCORES, shown).item_codes.tolist() == [[2, 3]]
    pin = PolicySpec(controls=Controls(fatigue_after=2), rules=(rule("pin", ids("i00"), position=1),))
    assert lists(pin, 2, CODES, SCORES, shown).item_codes.tolist() == [[2, 3]]


def test_limits_of_people():
    most = Limit(kind="at_most", what="category", number=1, within=3)
    assert listed(lists(limits=(most,))) == [0, 4, 8, 1, 2, 3]
    share = Limit(kind="at_least", what="matching", share=0.3, conditions=({"field": "category", "op": "is", "values": ["茶具"]},))
    assert share.asked(10) == (10, 3)
    assert share.asked(7) == (7, 3)  # two of seven are less than 30 %
    found = lists(limits=(share,), k=10)
    assert listed(found) == [0, 1, 2, 3, 4, 5, 6, 8, 9, 7] or sum(code >= 8 for code in listed(found)) == 3
    assert found.unmet == {0: 0}
    new = Limit(kind="at_least", what="new", number=1, new_days=3)
    assert 11 in listed(lists(limits=(new,), k=3))
    impossible = Limit(kind="at_least", what="matching", number=1, conditions=({"field": "price", "op": "above", "number": 99},))
    assert lists(limits=(impossible,), k=3).unmet == {0: 1}
    for wrong in ({"number": 1, "share": 0.5}, {}, {"number": 1, "what": "matching"}, {"number": 1, "kind": "at_least", "what": "brand"}):
        with pytest.raises(ValidationError):
            Limit.model_validate({"kind": "at_most", "what": "tail", **wrong})


def test_lists_that_cannot_be_made():
    nothing = lists(rules=(rule("block", {"field": "price", "op": "above", "number": 0}),), k=3)
    assert listed(nothing) == [-1, -1, -1]
    assert nothing.usable.tolist() == [0]
    assert np.isnan(nothing.trail.total).all()
    assert lists(k=0).item_codes.shape == (1, 0)
    assert lists(codes=np.zeros((1, 0), np.int32), scores=np.zeros((1, 0)), k=2).item_codes.tolist() == [[-1, -1]]
    pinned = lists(rules=(rule("pin", ids("i05"), position=1),), codes=np.full((1, 2), -1, np.int32), scores=np.ones((1, 2)), k=2)
    assert listed(pinned) == [5, -1]
    assert pinned.trail.score[0, 0] == 0.0
    for width in (1, 3):
        alike = lists(rules=(rule("boost", ids("i01"), strength=10),), codes=CODES[:, :width], scores=np.full((1, width), 4.0), k=2)
        np.testing.assert_allclose(alike.trail.total[0, :1], alike.trail.final[0, :1], atol=1e-12)
        assert (alike.trail.score[0, 0], alike.trail.final[0, 0]) == pytest.approx((4.0, 4.0 + 0.1 * (width > 1)))


def test_values_never_rise_along_a_list():
    value = np.array([[5, 7, 1, 6, 2, np.nan], [1, 2, 3, np.nan, np.nan, np.nan]])
    pinned = np.array([[0, 0, 1, 0, 1, 0], [1, 1, 0, 0, 0, 0]], dtype=bool)
    expected = [[5, 5, 5, 5, 2, np.nan], [3, 3, 3, np.nan, np.nan, np.nan]]
    np.testing.assert_array_equal(settled(value, pinned), expected)


PINS = st.builds(
    lambda n, place, p: rule("pin", ids(f"i{n:02d}"), position=place, priority=p), st.integers(0, 29), st.integers(1, 8), st.integers(0, 2)
)
BURIES = st.builds(
    lambda n, s, g: rule("bury", ids(n), strength=s, segments=g),
    st.sampled_from(["i01", "i20"]), st.integers(1, 100), st.sampled_from([[], ["new"]]),
)  # fmt: skip
RULES = st.lists(
    st.one_of(
        PINS,
        BURIES,
        st.builds(lambda n, s: rule("boost", category(n), strength=s), st.sampled_from(["tea", "pots", "茶具"]), st.integers(1, 100)),
        st.builds(lambda n: rule("block", ids(f"i{n:02d}")), st.integers(0, 29)),
        st.builds(lambda n: rule("exclude", category(n), segments=["new"]), st.sampled_from(["tea", "pots"])),
    ),
    max_size=6,
)
CONTROLS = st.builds(
    Controls, novelty=st.sampled_from([0.0, 0.4]), long_tail=st.sampled_from([0.0, 0.3]), price_spread=st.sampled_from([0.0, 0.5]),
    exploration=st.sampled_from([0.0, 0.3]), freshness=st.sampled_from([0.0, 0.2]), hide_bought=st.booleans(),
)  # fmt: skip
LIMITS = st.lists(
    st.sampled_from(
        [
            Limit(kind="at_most", what="category", number=2, within=5),
            Limit(kind="at_least", what="tail", share=0.5),
            Limit(kind="at_most", what="brand", share=0.6),
        ]
    ),
    max_size=2,
)
NAMES = ("by-score", "mmr", "dpp", "calibrated", "xquad", "spread", "balanced")
RERANKERS = st.sampled_from([(name, {"diversity": 0.5} if name in ("mmr", "dpp") else {}) for name in NAMES])
BIG = small_shop(30, seed=2)


def bought_by(who, row):
    return who.histories.rows(np.array([row])).item_codes.tolist()


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 9), RULES, CONTROLS, LIMITS, RERANKERS)
def test_every_policy_adds_up_and_keeps_its_promises(seed, k, rules, controls, limits, reranker):
    rng = np.random.default_rng(seed)
    codes = np.stack([rng.permutation(30)[:20] for _ in range(3)]).astype(np.int32)
    scores = rng.normal(size=(3, 20)) * 10.0 ** rng.integers(-3, 4)
    codes[rng.random((3, 20)) < 0.1] = -1
    scores[rng.random((3, 20)) < 0.1] = np.nan
    who = visitors([rng.integers(0, 30, 5).tolist(), [], [1]], new=[True, False, False])
    spec = PolicySpec(reranker=reranker[0], settings=reranker[1], controls=controls, limits=tuple(limits), rules=tuple(rules))
    found = lists(spec, k, codes, scores, who, shop=BIG)
    shown, trail = found.item_codes, found.trail
    there = shown >= 0
    scale = np.maximum(trail.unit[:, None], 1e-9)
    assert (np.abs(trail.total - trail.final)[there] <= 1e-6 * np.broadcast_to(scale, there.shape)[there]).all()
    assert (np.diff(trail.final, axis=1)[there[:, 1:]] <= 1e-9 * scale.max()).all()
    assert np.isnan(trail.total[~there]).all()
    blocked = {int(r.conditions[0].values[0][1:]) for r in spec.rules if r.action == "block"}
    bought = [set(bought_by(who, row)) if controls.hide_bought else set() for row in range(3)]
    pinned = np.zeros(there.shape, dtype=bool)
    for step in trail.steps:
        if step.key == "pin":
            pinned = np.asarray(step.other) >= 0
    for row in range(3):
        items = shown[row][there[row]].tolist()
        assert len(set(items)) == len(items)
        assert not blocked & set(items)
        assert not bought[row] & set(items)
        for limit in limits:
            if limit.kind == "at_most":
                window, most = limit.asked(k)
                group = BIG.items.group(limit.what)
                places = zip(shown[row][:window], pinned[row][:window], strict=True)
                free = [group[item] for item, fixed in places if item >= 0 and not fixed]
                assert all(free.count(g) <= most for g in free)
    again = lists(spec, k, codes[:, ::-1], scores[:, ::-1], who, shop=BIG)
    np.testing.assert_array_equal(again.item_codes, shown)
    assert PolicySpec.model_validate_json(spec.model_dump_json()) == spec


def test_diversity_never_breaks_a_pin():
    rng = np.random.default_rng(0)
    codes = np.stack([rng.permutation(30)[:25] for _ in range(40)]).astype(np.int32)
    pins = (rule("pin", ids("i07"), position=2), rule("pin", ids("i08"), position=5))
    for name in ("mmr", "dpp"):
        for diversity in (0.0, 0.5, 1.0):
            spec = PolicySpec(reranker=name, settings={"diversity": diversity}, rules=pins)
            found = lists(spec, 8, codes, rng.random((40, 25)), visitors([[]] * 40), shop=BIG)
            assert (found.item_codes[:, [1, 4]] == [7, 8]).all()


@pytest.mark.parametrize(
    "wrong",
    [
        {"reranker": "best"},
        {"reranker": "mmr", "settings": {"diversity": 2}},
        {"controls": {"novelty": 2}},
        {"controls": {"luck": 1}},
        {"rules": [{"action": "pin", "conditions": [ids("a")]}]},
        {"rules": [{"action": "block", "conditions": [ids("a")], "strength": 4}]},
        {"rules": [{"action": "block", "conditions": []}]},
        {"rules": [{"action": "run", "conditions": [ids("a")]}]},
        {"rules": [{"action": "block", "conditions": [ids("a")], "start": "2026-02-01", "end": "2026-01-01"}]},
        {"rules": [{"action": "block", "conditions": [{"field": "price", "op": "below", "number": float("inf")}]}]},
        {"rules": [{"action": "block", "conditions": [{"field": "price", "op": "is", "values": ["3"]}]}]},
        {"rules": [{"action": "block", "conditions": [{"field": "title", "op": "is", "values": []}]}]},
        {"rules": [{"action": "block", "conditions": [{"field": "category", "op": "since", "day": "2026-01-01"}]}]},
    ],
)
def test_what_makes_no_sense_is_refused(wrong):
    with pytest.raises(ValidationError):
        PolicySpec.model_validate(wrong)
