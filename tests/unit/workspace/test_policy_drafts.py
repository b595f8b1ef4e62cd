"""Drafts: every step is kept, undone one by one, and what differs is named part by part."""

from __future__ import annotations

from pathlib import Path

import pytest

from recengine.errors import BadInput
from recengine.jobs.database import Database
from recengine.state import DRAFT_STEPS, PolicyDrafts
from recengine.workspace.policy_drafts import differences, merged
from recengine.workspace.policy_spec import parsed, whole


@pytest.fixture
def drafts(tmp_path: Path) -> PolicyDrafts:
    return PolicyDrafts(Database(tmp_path / "state.sqlite"))


def test_a_draft_outlives_the_process(drafts: PolicyDrafts, tmp_path: Path):
    draft = drafts.add(None, "ds-1", "po-1", 3, {"reranker": "mmr"})
    again = PolicyDrafts(Database(tmp_path / "state.sqlite")).get(draft)
    assert again is not None
    assert (again.dataset, again.policy, again.version, again.spec, again.steps) == ("ds-1", "po-1", 3, {"reranker": "mmr"}, 1)


def test_steps_are_undone_one_by_one(drafts: PolicyDrafts):
    draft = drafts.add(None, "ds-1", "", 0, {"n": 1})
    drafts.add(draft, "ds-1", "", 0, {"n": 2})
    drafts.add(draft, "ds-1", "", 0, {"n": 3})
    seen = []
    while (found := drafts.get(draft)) is not None:
        seen.append((found.spec["n"], found.steps))
        drafts.undo(draft)
    assert seen == [(3, 3), (2, 2), (1, 1)]
    drafts.undo(draft)  # nothing is left, and that is no failure


def test_only_the_last_steps_are_kept(drafts: PolicyDrafts):
    draft = None
    for n in range(DRAFT_STEPS + 7):
        draft = drafts.add(draft, "ds-1", "", 0, {"n": n})
    assert draft is not None
    found = drafts.get(draft)
    assert found is not None
    assert (found.steps, found.spec) == (DRAFT_STEPS, {"n": DRAFT_STEPS + 6})


def test_drafts_of_a_dataset_newest_first(drafts: PolicyDrafts):
    first = drafts.add(None, "ds-1", "", 0, {"n": 1})
    second = drafts.add(None, "ds-1", "po-1", 1, {"n": 2})
    drafts.add(None, "ds-2", "", 0, {"n": 3})
    assert [row.id for row in drafts.list("ds-1")] == [second, first]
    drafts.add(first, "ds-1", "", 0, {"n": 4})
    assert [(row.id, row.spec["n"]) for row in drafts.list("ds-1")] == [(first, 4), (second, 2)]
    drafts.drop(first)
    assert [row.id for row in drafts.list("ds-1")] == [second]


RULE = {"id": "r1", "action": "block", "conditions": [{"field": "title", "op": "contains", "values": ["postage"]}]}


def test_nothing_differs_where_only_defaults_are_written_out():
    assert differences({}, {"reranker": "by-score", "settings": {}, "controls": {"novelty": 0.0}, "limits": [], "rules": []}) == ()


def test_every_part_that_differs_is_named():
    before = {"reranker": "mmr", "settings": {"diversity": 0.2}, "rules": [RULE]}
    after = {
        "reranker": "mmr",
        "settings": {"diversity": 0.3, "category": 0.5},
        "controls": {"hide_bought": True},
        "limits": [{"kind": "at_most", "what": "category", "number": 2}],
        "rules": [{**RULE, "enabled": False}, {**RULE, "id": "r2", "action": "bury", "strength": 20}],
    }
    found = [(row.part, row.name) for row in differences(before, after)]
    assert found == [
        ("setting", "category"), ("setting", "diversity"), ("control", "hide_bought"), ("limit", "1"), ("rule", "r1"), ("rule", "r2"),
    ]  # fmt: skip
    rows = {row.name: row for row in differences(before, after)}
    assert (rows["diversity"].before, rows["diversity"].after) == (0.2, 0.3)
    assert rows["r2"].before is None
    assert {row.name: row.after for row in differences(after, before)}["r2"] is None


def test_another_reranker_is_one_difference_with_its_strength():
    found = differences({"reranker": "calibrated"}, {"reranker": "dpp", "settings": {"diversity": 0.4}})
    assert [(row.part, row.before, row.after) for row in found] == [("reranker", "calibrated", "dpp"), ("setting", 0.0, 0.4)]


def test_nonsense_is_told_in_words():
    with pytest.raises(BadInput, match="controls novelty"):
        differences({}, {"controls": {"novelty": 2}})


def rule(name: str, item: str = "a") -> dict:
    return {"id": name, "action": "block", "conditions": [{"field": "id", "op": "is", "values": [item]}]}


def test_two_changes_of_one_draft_are_both_kept():
    cap, floor = ({"kind": kind, "what": "tail", "number": 1} for kind in ("at_most", "at_least"))
    base = whole(parsed({"controls": {"novelty": 0.4}, "rules": [rule("r1"), rule("r2"), rule("r3")], "limits": [cap]}))
    mine = {**base, "controls": {**base["controls"], "novelty": 0.5}, "limits": []}
    mine["rules"] = [{**base["rules"][0], "name": "Mine"}, base["rules"][2], rule("r4", "mine")]
    theirs = {**base, "controls": {**base["controls"], "freshness": 0.3}, "reranker": "mmr", "settings": {"diversity": 0.3}}
    theirs |= {"rules": [*base["rules"], rule("r4", "theirs")], "limits": [*base["limits"], floor]}
    found = parsed(merged(base, mine, theirs))
    assert (found.controls.novelty, found.controls.freshness, found.reranker) == (0.5, 0.3, "mmr")
    assert [(row.id, row.name, row.conditions[0].values) for row in found.rules[:2]] == [("r1", "Mine", ("a",)), ("r3", "", ("a",))]
    assert sorted(row.conditions[0].values[0] for row in found.rules[2:]) == ["mine", "theirs"]
    assert len({row.id for row in found.rules}) == 4
    assert [row.kind for row in found.limits] == ["at_least"]
    assert merged(base, mine, base) == whole(parsed(mine))
    assert merged(base, base, theirs) == whole(parsed(theirs))


def test_rules_that_were_moved_stay_moved():
    base = whole(parsed({"rules": [rule("r1"), rule("r2")]}))
    moved = {**base, "rules": base["rules"][::-1]}
    now = {**base, "controls": {**base["controls"], "novelty": 0.1}}
    assert [row["id"] for row in merged(base, moved, now)["rules"]] == ["r2", "r1"]
