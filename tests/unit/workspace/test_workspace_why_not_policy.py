"""Why not, with a policy: the part that removed or displaced an item, and changes of the policy that really bring it in."""

from __future__ import annotations

from pathlib import Path

import pytest

from recengine.testing.demo_store import make_demo_store
from recengine.types import TrainingRequest
from recengine.types.policies import PolicyUse
from recengine.workspace import Workspace


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, str, str]:
    """A workspace of the demo store with item-kNN, and a shopper with a history."""
    folder: Path = tmp_path_factory.mktemp("why-not-policy")
    make_demo_store(folder / "demo", seed=5, shoppers=180, days=60)
    workspace = Workspace(folder / "workspace")
    dataset = workspace.datasets.import_now(workspace.datasets.stage_path(folder / "demo" / "events.csv"), "Demo", None).dataset
    arguments = workspace.training.arguments(TrainingRequest(dataset, "item-knn", {}, "quick", device="cpu"))
    variant = workspace.run_attached("train", arguments, "test")["variant"]
    return workspace, variant, workspace.shoppers.examples(dataset)[0].shopper


def only(*items: str) -> list[dict]:
    return [{"field": "id", "op": "is", "values": list(items)}]


def really(ws: Workspace, variant: str, shopper: str, item: str, spec: dict, k: int = 10) -> int:
    """Place of the item on the list under a policy, 0 = not on it."""
    ranks = {row.item: row.rank for row in ws.lists.recommend(variant, shopper, k, PolicyUse.of(spec)).items}
    return ranks.get(item, 0)


def check(ws: Workspace, variant: str, shopper: str, view) -> None:
    """Every way does what it says, and those that bring the item in come first."""
    for way in view.policy_ways:
        place = really(ws, variant, shopper, view.item, way.spec, view.k)
        assert (place > 0) == way.brings_in
        if way.brings_in:
            assert place == way.rank
    entering = [way.brings_in for way in view.policy_ways]
    assert entering == sorted(entering, reverse=True)


@pytest.mark.parametrize("action", ["block", "exclude", "include"])
def test_the_rule_that_removed_an_item_is_named_and_taking_it_out_brings_it_back(made, action):
    ws, variant, shopper = made
    rows = ws.lists.recommend(variant, shopper, 12).items
    target = rows[3]
    means = only(*(row.item for row in rows if row.item != target.item)) if action == "include" else only(target.item)
    use = PolicyUse.of({"rules": [{"action": action, "conditions": means, "name": "My rule"}]})
    view = ws.explanations.why_not(variant, shopper, target.item, 10, use)
    assert (view.stage, view.rank) == ("removed by rule", 4)
    assert view.removed == ("the rule “My rule”",)
    assert view.sentence.startswith(f"{target.title} is kept off the list by the rule “My rule”.")
    (way,) = view.policy_ways
    assert (way.text, way.rank, way.brings_in, way.spec["rules"]) == ("without the rule “My rule”", 4, True, [])
    assert "去掉规则“My rule”" in way.text_zh
    assert view.ways == ()
    check(ws, variant, shopper, view)


def test_two_rules_go_together_and_an_item_far_below_is_boosted_too(made):
    ws, variant, shopper = made
    rows = ws.lists.recommend(variant, shopper, 60).items
    target = rows[40]
    category = [{"field": "category", "op": "is", "values": [target.category]}]
    rules = [{"action": "block", "conditions": only(target.item)}, {"action": "exclude", "conditions": category, "name": "No such"}]
    use = PolicyUse.of({"rules": rules})
    view = ws.explanations.why_not(variant, shopper, target.item, 10, use)
    assert view.stage == "removed by rule"
    assert len(view.removed) == 2
    assert view.policy_ways[0].brings_in, "a boost without the two rules"
    assert {way.parts for way in view.policy_ways} == {("rule:r1", "rule:r2")}
    assert any(way.text.startswith("boosted by ") for way in view.policy_ways)
    check(ws, variant, shopper, view)


def test_a_rule_for_others_removes_nothing(made):
    ws, variant, shopper = made
    rows = ws.lists.recommend(variant, shopper, 12).items
    away = {"action": "block", "conditions": only(rows[11].item), "segments": ["no such segment"]}
    view = ws.explanations.why_not(variant, shopper, rows[11].item, 10, PolicyUse.of({"rules": [away]}))
    assert (view.stage, view.removed) == ("outranked", ())
    scene = {"action": "block", "conditions": only(rows[2].item), "scenes": ["cart"]}
    assert ws.explanations.why_not(variant, shopper, rows[2].item, 10, PolicyUse.of({"rules": [scene]})).stage == "listed"
    cart = ws.explanations.why_not(variant, shopper, rows[2].item, 10, PolicyUse.of({"rules": [scene]}, "cart"))
    assert cart.stage == "removed by rule"


@pytest.mark.parametrize(
    ("spec", "part"),
    [
        ({"reranker": "mmr", "settings": {"diversity": 0.9}}, "reranker"),
        ({"limits": [{"kind": "at_most", "what": "category", "number": 1}]}, "limit:1"),
        ({"controls": {"novelty": 1.0}}, "control:novelty"),
    ],
)
def test_what_displaced_an_item_is_named(made, spec, part):
    ws, variant, shopper = made
    by_score = ws.lists.recommend(variant, shopper, 10).items
    listed = {row.item for row in ws.lists.recommend(variant, shopper, 10, PolicyUse.of(spec)).items}
    gone = [row for row in by_score if row.item not in listed]
    assert gone
    view = ws.explanations.why_not(variant, shopper, gone[0].item, 10, PolicyUse.of(spec))
    assert (view.stage, view.rank) == ("displaced", gone[0].rank)
    assert view.policy_ways[0].parts == (part,)
    assert view.policy_ways[0].rank == gone[0].rank
    assert "put others in its place" in view.sentence
    check(ws, variant, shopper, view)


def test_pins_and_buries_displace_too(made):
    ws, variant, shopper = made
    rows = ws.lists.recommend(variant, shopper, 30).items
    pin = {"action": "pin", "position": 1, "conditions": only(rows[20].item), "name": "Up"}
    last = ws.explanations.why_not(variant, shopper, rows[9].item, 10, PolicyUse.of({"rules": [pin]}))
    assert (last.stage, last.policy_ways[0].parts) == ("displaced", ("rule:r1",))
    bury = {"action": "bury", "strength": 100, "conditions": only(rows[0].item)}
    first = ws.explanations.why_not(variant, shopper, rows[0].item, 10, PolicyUse.of({"rules": [bury]}))
    assert (first.stage, first.policy_ways[0].parts) == ("displaced", ("rule:r1",))
    check(ws, variant, shopper, last)
    check(ws, variant, shopper, first)


def test_the_weakest_boost_is_the_weakest(made):
    ws, variant, shopper = made
    rows = ws.lists.recommend(variant, shopper, 30).items
    target, use = rows[14], PolicyUse.of({"controls": {"freshness": 0.05}})
    view = ws.explanations.why_not(variant, shopper, target.item, 10, use)
    way = next(way for way in view.policy_ways if way.text.startswith("boosted by"))
    rule = way.spec["rules"][-1]
    assert way.brings_in
    if rule["strength"] > 1:
        weaker = {**way.spec, "rules": [{**rule, "strength": rule["strength"] - 1}]}
        assert really(ws, variant, shopper, target.item, weaker) == 0


def test_ways_of_the_history_are_tried_under_the_policy(made):
    ws, variant, shopper = made
    use = PolicyUse.of({"limits": [{"kind": "at_most", "what": "category", "number": 3}]})
    listed = {row.item for row in ws.lists.recommend(variant, shopper, 10, use).items}
    below = [row for row in ws.lists.recommend(variant, shopper, 25).items[10:] if row.item not in listed]
    view = ws.explanations.why_not(variant, shopper, below[0].item, 10, use)
    assert view.stage == "outranked"
    for way in view.ways[:4]:
        made_list = ws.lists.recommend(variant, shopper, 10, use, edits=list(way.edits)).items
        ranks = {row.item: row.rank for row in made_list}
        assert ranks.get(below[0].item, 0) == (way.rank if way.brings_in else 0)
