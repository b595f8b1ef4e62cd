"""The parts of a policy: what removes an item, what moves it, and the policy without a part."""

from __future__ import annotations

import pytest
from policy_shops import small_shop, visitors

from recengine.policy.parts import changed, moving_parts, part_words, removed_by, spec_without
from recengine.policy.policy import Policy, PolicySpec

SHOP = small_shop()


def ids(*items):
    return [{"field": "id", "op": "is", "values": list(items)}]


FULL = PolicySpec.model_validate(
    {
        "reranker": "mmr",
        "settings": {"diversity": 0.4},
        "controls": {"novelty": 0.2, "hide_bought": True, "bought_days": 10, "fatigue_after": 2},
        "limits": [{"kind": "at_most", "what": "category", "number": 2, "within": 5}, {"kind": "at_least", "what": "tail", "share": 0.3}],
        "rules": [
            {"action": "block", "conditions": ids("i03"), "name": "No three"},
            {"action": "bury", "strength": 50, "conditions": ids("i04")},
            {"action": "boost", "strength": 20, "conditions": ids("i05", "i04")},
            {"action": "pin", "position": 1, "conditions": ids("i06")},
            {"action": "exclude", "conditions": ids("i07"), "segments": ["hot"]},
            {"action": "block", "conditions": ids("i08"), "scenes": ["cart"]},
        ],
    }
)


@pytest.mark.parametrize(
    ("item", "parts"), [(3, ("rule:r1",)), (7, ("rule:r5",)), (8, ()), (0, ("control:hide_bought",)), (2, ()), (4, ())]
)
def test_what_keeps_an_item_off(item, parts):
    assert removed_by(Policy(FULL, SHOP), item, visitors([[0]], hot=[True])) == parts


def test_a_rule_for_others_and_a_purchase_long_ago_keep_nothing_off():
    policy = Policy(FULL, SHOP)
    assert removed_by(policy, 7, visitors([[0]], hot=[False])) == ()
    old = visitors([[0]])
    old.histories.times_s[:] -= 40 * 86_400
    assert removed_by(policy, 0, old) == ()
    assert removed_by(policy, 1, visitors([[1]], "impression")) == ()
    assert removed_by(policy, 1, visitors([[1, 1]], "impression")) == ("control:fatigue_after",)


def test_every_include_that_does_not_mean_the_item_is_named():
    rules = [{"action": "include", "conditions": ids("i01")}, {"action": "include", "conditions": ids("i02")}]
    policy = Policy(PolicySpec.model_validate({"rules": rules}), SHOP)
    assert removed_by(policy, 5, visitors([[]])) == ("rule:r1", "rule:r2")
    assert removed_by(policy, 2, visitors([[]])) == ()


def test_what_can_move_an_item():
    common = ("reranker", "limit:1", "limit:2", "control:novelty")
    assert moving_parts(Policy(FULL, SHOP), 4, visitors([[]])) == (*common, "rule:r2", "rule:r4")
    assert moving_parts(Policy(FULL, SHOP), 9, visitors([[]])) == (*common, "rule:r4", "rule:r3")
    assert moving_parts(Policy(FULL, SHOP), 9, visitors([[]]), most_rules=1)[-1] == "rule:r4"


def test_a_policy_without_parts_lacks_them_and_nothing_else():
    made = spec_without(FULL, ("rule:r1", "limit:1", "control:novelty", "control:hide_bought", "reranker"))
    assert [rule.id for rule in made.rules] == ["r2", "r3", "r4", "r5", "r6"]
    assert [limit.what for limit in made.limits] == ["tail"]
    assert (made.controls.novelty, made.controls.hide_bought, made.controls.fatigue_after) == (0.0, False, 2)
    assert (made.reranker, made.settings) == ("by-score", {})
    assert spec_without(FULL, ()) == FULL
    policy = Policy(FULL, SHOP)
    other = changed(policy, made)
    assert (other.day, other.scene, other.now_s) == (policy.day, policy.scene, policy.now_s)
    assert other.means["r2"] is policy.means["r2"]


def test_parts_in_words():
    said = {part: part_words(FULL, part) for part in ("rule:r1", "rule:r2", "limit:1", "limit:2", "control:hide_bought", "reranker")}
    assert said["rule:r1"] == ("the rule “No three”", "规则“No three”")
    assert said["rule:r2"][0].startswith("the rule “Bury by 50 %")
    assert said["limit:1"] == ("the limit “at most 2 of each category in the first 5”", "限制“前5位中每个类别商品最多2件”")
    assert said["limit:2"] == ("the limit “at least 30% outside the best sellers”", "限制“非畅销商品至少30%”")
    assert said["control:hide_bought"][0] == "the control “hide what was bought”"
    assert said["reranker"][0] == "the reranker “No near-copies”"


def test_an_anchor_is_never_shown():
    import numpy as np

    from recengine.policy.shop import Situation

    codes, scores = np.arange(12, dtype=np.int32)[None], 1.0 - np.arange(12)[None] / 11
    pin = PolicySpec.model_validate({"rules": [{"action": "pin", "position": 1, "conditions": ids("i00")}]})
    for spec in (PolicySpec(), pin):
        policy = Policy(spec, SHOP, Situation("product", None, (0, 3)))
        assert policy.apply(codes, scores, 4, visitors([[]])).item_codes.tolist() == [[1, 2, 4, 5]]
        assert changed(policy, spec).anchors == (0, 3)


def test_the_shoppers_own_mix_fades_by_half_lives():
    import numpy as np

    from recengine.policy.rerankers.base import Taste

    who = visitors([[0, 8]])  # tea, then 茶具
    who.histories.times_s[:] = who.histories.now_s[0] - np.array([40, 10]) * 86_400
    group = SHOP.items.group("category")
    even = Taste.of(who.histories, group)
    assert sorted(even.shares.tolist()) == [0.5, 0.5]
    faded = dict(zip(*(part.tolist() for part in (lambda t: (t.groups, t.shares))(Taste.of(who.histories, group, 30.0))), strict=True))
    assert faded[int(group[0])] == pytest.approx(1 / 3)  # 30 days older: half as strong
    assert faded[int(group[8])] == pytest.approx(2 / 3)
    old = visitors([[0, 8]])
    old.histories.times_s[:] = old.histories.now_s[0] - 3_000 * 86_400
    assert Taste.of(old.histories, group, 1.0).shares.tolist() == pytest.approx([0.5, 0.5]), "a long pause is no taste for nothing"


def test_a_half_life_moves_the_calibrated_list_towards_the_newest_past():
    import numpy as np

    codes, scores = np.arange(12, dtype=np.int32)[None], np.full((1, 12), 0.5)
    who = visitors([[0, 1, 2, 8]])
    who.histories.times_s[:] = who.histories.now_s[0] - np.array([400, 390, 380, 1]) * 86_400

    def newest(half_life):
        controls = {"taste_half_life": half_life} if half_life else {}
        spec = PolicySpec.model_validate({"reranker": "calibrated", "settings": {"strength": 1.0}, "controls": controls})
        found = Policy(spec, SHOP).apply(codes, scores, 4, who).item_codes[0]
        return int((found >= 8).sum())

    assert newest(None) == 1
    assert newest(30) == 4


def test_a_half_life_that_nothing_reads_is_told():
    from recengine.policy.checks import problems

    controls = {"taste_half_life": 30}
    told = {name: problems(Policy(PolicySpec.model_validate({"reranker": name, "controls": controls}), SHOP)) for name in ("mmr", "xquad")}
    assert [problem.kind for problem in told["mmr"]] == ["never"]
    assert told["xquad"] == []
