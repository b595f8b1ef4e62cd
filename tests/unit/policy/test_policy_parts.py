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
