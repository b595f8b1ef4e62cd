"""Policies in a workspace: versions, publication, schedule, the trail of who changed what, and lists under them."""

from __future__ import annotations

import sqlite3
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from recengine.errors import BadInput, NotFound
from recengine.state import PolicyDrafts, PolicyVersions
from recengine.testing.demo_store import make_demo_store
from recengine.types import TrainingRequest
from recengine.types.policies import PUBLISHED
from recengine.workspace import Workspace
from recengine.workspace.policies import parsed

CALM = {"reranker": "mmr", "settings": {"diversity": 0.2}}
RULE = {"action": "block", "conditions": [{"field": "category", "op": "is", "values": ["Audio"]}], "name": "No audio"}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, str, str]:
    folder = tmp_path_factory.mktemp("policies")
    make_demo_store(folder / "demo", seed=5, shoppers=200, days=90)
    workspace = Workspace(folder / "workspace")
    with (folder / "demo" / "events.csv").open("rb") as file:
        dataset = workspace.datasets.import_now(workspace.datasets.stage(file, "events.csv"), "Demo").dataset
    arguments = workspace.training.arguments(TrainingRequest(dataset, "item-knn", preset="quick", device="cpu"))
    return workspace, dataset, workspace.run_attached("train", arguments, "test")["variant"]


def states(detail):
    return [(row.version, row.state) for row in detail.versions]


def test_draft_publish_schedule_revert_and_withdraw(shop):
    workspace, dataset, _ = shop
    policies = workspace.policies
    assert policies.live(dataset) is None
    home = policies.save(dataset, " Home ", CALM, who="ann", note="first")
    assert (home.name, states(home), home.live, home.diversity) == ("Home", [(1, "draft")], None, 0.2)
    assert policies.publish(home.id, who="ann").live == 1
    again = policies.save(dataset, "Home", {**CALM, "rules": [RULE]}, who="bob", policy=home.id)
    assert states(again) == [(2, "draft"), (1, "published")]
    assert policies.live_spec(dataset).rules == ()
    assert states(policies.save(dataset, "Home", {**CALM, "rules": [RULE]}, policy=home.id)) == states(again)  # nothing new
    assert states(policies.publish(home.id, 2, "bob")) == [(2, "published"), (1, "past")]
    assert policies.live_spec(dataset).rules[0].name == "No audio"
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    spring = policies.save(dataset, "Spring", {"controls": {"freshness": 0.5}})
    assert states(policies.publish(spring.id, at=tomorrow)) == [(1, "scheduled")]
    assert policies.live(dataset).id == home.id
    assert policies.live(dataset, tomorrow + timedelta(hours=1)).id == spring.id
    back = policies.revert(home.id, 1, "ann")
    assert states(back) == [(3, "published"), (2, "past"), (1, "past")]
    assert back.versions[0].spec == back.versions[2].spec
    assert states(policies.withdraw(home.id, 3, "ann")) == [(3, "draft"), (2, "published"), (1, "past")]
    assert states(policies.withdraw(spring.id, 1)) == [(1, "draft")]
    with pytest.raises(BadInput, match="past"):
        policies.publish(home.id, at=datetime(2020, 1, 1, tzinfo=UTC))
    for version in (9, -1):
        with pytest.raises(NotFound, match="no such version"):
            policies.publish(home.id, version)
        with pytest.raises(NotFound, match="no such version"):
            policies.revert(home.id, version)
    changes = policies.changes(home.id)
    assert [(row.who, row.what) for row in changes[::-1]] == [
        ("ann", "saved"),
        ("ann", "version 1 saved"),
        ("ann", "version 1 published"),
        ("bob", "saved"),
        ("bob", "version 2 saved"),
        ("bob", "version 2 published"),
        ("ann", "saved"),
        ("ann", "version 3 saved"),
        ("ann", "version 3 published"),
        ("ann", "version 3 withdrawn"),
    ]
    second = changes[::-1][4]
    assert (second.version, second.changed) == (2, ("rules",))
    assert (second.before["rules"], second.after["rules"][0]["name"]) == ([], "No audio")
    policies.delete(spring.id, "ann")
    assert policies.changes(spring.id)[0].what == "deleted"
    with pytest.raises(NotFound):
        policies.get(spring.id)
    policies.delete(home.id)
    assert policies.list(dataset) == ()


def test_what_is_live_is_not_scheduled_for_later(shop):
    workspace, dataset, _ = shop
    policies, later = workspace.policies, datetime.now(UTC) + timedelta(days=1)
    home = policies.save(dataset, "Home page", CALM, "ann")
    policies.publish(home.id, 1, "ann")
    with pytest.raises(BadInput, match="live already"):
        policies.publish(home.id, 1, "bob", later)
    assert policies.live(dataset).live == 1
    policies.save(dataset, "Home page", {}, "bob", policy=home.id)
    assert states(policies.publish(home.id, 2, "bob", later)) == [(2, "scheduled"), (1, "published")]
    assert states(policies.publish(home.id, 2, "bob", later + timedelta(days=1))) == [(2, "scheduled"), (1, "published")]
    policies.delete(home.id)


def test_a_version_made_from_an_older_one_is_not_put_over_a_newer_one(shop):
    workspace, dataset, _ = shop
    policies = workspace.policies
    home = policies.save(dataset, "Home page", CALM, "ann")
    policies.save(dataset, "Home page", {**CALM, "rules": [RULE]}, "ann", "No audio", home.id, base=1)
    with pytest.raises(BadInput, match="newer version"):
        policies.save(dataset, "Start page", {"controls": {"novelty": 0.1}}, "bob", "", home.id, base=1)
    kept = policies.get(home.id)
    assert (kept.latest, kept.name, len(kept.versions[0].spec["rules"])) == (2, "Home page", 1)
    assert policies.save(dataset, "Home page", CALM, "bob", "", home.id, base=2).latest == 3
    policies.delete(home.id)


def test_what_cannot_be_saved(shop):
    workspace, dataset, _ = shop
    for name, spec, match in (
        ("", CALM, "no name"),
        ("A", {"reranker": "best"}, "no way to rerank"),
        ("A", {"rules": [{**RULE, "action": "pin"}]}, "rules 1"),
        ("A", {"colour": 1}, "colour"),
    ):
        with pytest.raises(BadInput, match=match):
            workspace.policies.save(dataset, name, spec)
    with pytest.raises(NotFound):
        workspace.policies.save("ds-0000000000-0000", "A", CALM)
    assert workspace.policies.list(dataset) == ()


def test_policies_of_the_slider_alone_keep_working(shop):
    workspace, dataset, _ = shop
    old = workspace.tuning.save_policy(dataset, "Old", 0.4)
    seen = workspace.policies.get(old.id)
    assert (states(seen), seen.diversity) == ([(1, "draft")], 0.4)
    assert parsed(seen.versions[0].spec).settings["diversity"] == 0.4
    changed = workspace.policies.save(dataset, "Old", {"reranker": "mmr", "settings": {"diversity": 0.6}}, policy=old.id)
    assert states(changed) == [(2, "draft"), (1, "draft")]
    assert [(row.name, row.diversity) for row in workspace.tuning.policies(dataset)] == [("Old", 0.6)]
    other = workspace.policies.save(dataset, "Old", {"reranker": "calibrated"}, policy=old.id)
    assert (other.diversity, workspace.tuning.policies(dataset)[0].diversity) == (0.5, 0.0)
    assert workspace.policies.publish(old.id, 1).live == 1
    workspace.tuning.delete_policy(old.id)
    assert workspace.policies.list(dataset) == ()
    with sqlite3.connect(workspace.root / "state.sqlite") as rows:
        assert rows.execute("SELECT count(*) FROM policy_versions").fetchone()[0] == 0


def test_places_add_up_and_obey(shop):
    workspace, dataset, variant = shop
    shopper = workspace.shoppers.examples(dataset)[0].shopper
    plain = workspace.policies.places(variant, shopper, {})
    listed = [row.item for row in workspace.lists.recommend(variant, shopper).items]
    assert [row.item for row in plain] == listed
    assert all(row.final == row.score and row.terms == () for row in plain)
    item = next(name for name in workspace.datasets.items(dataset) if name not in listed)
    spec = {
        **CALM,
        "controls": {"novelty": 0.2, "exploration": 0.1},
        "rules": [
            {"action": "pin", "position": 2, "conditions": [{"field": "id", "op": "is", "values": [item]}]},
            {"action": "boost", "strength": 30, "conditions": [{"field": "price", "op": "above", "number": 20}], "name": "Dear ones"},
            RULE,
        ],
    }
    places = workspace.policies.places(variant, shopper, spec)
    assert places[1].item == item
    for row in places:
        assert row.score + sum(term.contribution for term in row.terms) == pytest.approx(row.final, abs=1e-6)
    assert all(one.final >= two.final - 1e-9 for one, two in pairwise(places))
    terms = [term for row in places for term in row.terms]
    assert {term.key for term in terms} >= {"novelty", "weight", "rule:r2"}
    assert {term.name for term in terms if term.key == "rule:r2"} == {"Rule: Dear ones"}
    assert all("与" in term.name_zh and term.other for term in terms if term.key == "like")


def test_figures_under_a_policy(shop):
    workspace, _, variant = shop
    by_score = workspace.policies.measure(variant, {})
    assert (by_score.lists_changed, by_score.problems) == (0, ())
    slider = workspace.policies.measure(variant, {"reranker": "mmr", "settings": {"diversity": 0.5}})
    old = workspace.tuning.at(variant, 0.5)
    assert {name: slider.metrics[name] for name in old.metrics} == old.metrics  # the slider's page knew no revenue
    assert slider.lists_changed == old.lists_changed
    assert slider.metrics["diversity"].value > by_score.metrics["diversity"].value
    tail = workspace.policies.measure(variant, {"limits": [{"kind": "at_least", "what": "tail", "share": 0.5}]})
    assert tail.metrics["tail_share"].value >= 0.5
    assert tail.metrics["ndcg"].value <= by_score.metrics["ndcg"].value
    nothing = workspace.policies.measure(variant, {"rules": [{"action": "block", "conditions": [{"field": "id", "op": "known"}]}]})
    assert {row.kind for row in nothing.problems} == {"empty"}
    assert nothing.metrics["recall"].value == 0


def test_problems_and_rules_in_words(shop):
    workspace, dataset, _ = shop
    item = {"field": "id", "op": "is", "values": [next(iter(workspace.datasets.items(dataset)))]}
    spec = {
        "rules": [
            RULE,
            {"action": "boost", "strength": 10, "conditions": RULE["conditions"]},
            {"action": "pin", "position": 1, "conditions": RULE["conditions"]},
            {"action": "pin", "position": 1, "conditions": [{"field": "brand", "op": "is", "values": ["Hollis"]}], "priority": 2},
            {"action": "bury", "strength": 10, "conditions": [{"field": "colour", "op": "is", "values": ["red"]}]},
            {"action": "exclude", "conditions": [{"field": "price", "op": "above", "number": 1e9}]},
            {"action": "block", "conditions": [item], "end": "2001-01-01"},
        ]
    }
    found = workspace.policies.problems(dataset, spec)
    told = {(row.kind, row.rules) for row in found}
    assert told >= {
        ("conflict", ("r1", "r2")),
        ("conflict", ("r1", "r3")),
        ("conflict", ("r3", "r4")),
        ("field", ("r5",)),
        ("never", ("r6",)),
        ("scope", ("r7",)),
    }
    pins = next(row for row in found if row.rules == ("r3", "r4"))
    assert pins.text == "Rule 3 and Rule 4 want the same place; Rule 3 takes the next free one."
    assert all(row.text.endswith(".") and row.text_zh.endswith("。") for row in found)
    views = workspace.policies.rules(dataset, spec)
    assert (views[0].name, views[0].items, views[0].in_force) == ("No audio", 34, True)
    assert (views[6].in_force, len(views[0].examples)) == (False, 3)
    assert workspace.policies.problems(dataset, {"rules": [RULE]}) == ()
    seasonal = {"rules": [{**RULE, "start": "2030-01-01"}]}
    assert workspace.policies.rules(dataset, seasonal)[0].in_force is False
    assert workspace.policies.rules(dataset, seasonal, day=date(2030, 1, 1))[0].in_force is True


def test_a_sentence_and_a_table_of_rules(shop, tmp_path: Path):
    workspace, dataset, _ = shop
    read = workspace.policies.read_rule(dataset, "Bury Audio by 20% in the cart")
    assert (read.sentence, read.unknown) == ("Bury by 20 % items whose category is “Audio” in the cart.", ())
    assert read.sentence_zh == "在购物车，把类别为“Audio”的商品降低20%。"
    assert workspace.policies.read_rule(dataset, "Bury noise by 20%").unknown == ("noise",)
    spec = {"rules": [read.form, RULE]}
    assert workspace.policies.write_rules(spec, tmp_path / "rules.csv") == 2
    forms, rejected = workspace.policies.read_rules(tmp_path / "rules.csv")
    assert rejected == []
    assert parsed({"rules": forms}) == parsed(spec)


def test_rerankers_and_controls_are_forms(shop):
    cards = shop[0].policies.rerankers()
    assert [card.name for card in cards] == ["balanced", "by-score", "calibrated", "dpp", "mmr", "spread", "xquad"]
    assert all(field.help for card in cards for field in card.fields)
    assert all(field.help for field in shop[0].policies.controls())
    assert np.isfinite([field.default for field in shop[0].policies.controls() if isinstance(field.default, float)]).all()


def test_an_age_that_was_kept_before_ages_had_ends_breaks_no_list(shop):
    """Days beyond the calendar could be saved and published once; the lists under them must still come."""
    workspace, dataset, variant = shop
    spec = {"rules": [{"action": "boost", "strength": 20, "conditions": [{"field": "first_sold", "op": "newer_than", "number": 30}]}]}
    saved = workspace.policies.save(dataset, "Old", spec)
    with pytest.raises(BadInput, match="rules 1 conditions 1"):
        workspace.policies.save(dataset, "Old", {"rules": [{**spec["rules"][0], "conditions": [{**AGE, "number": 800_000}]}]})
    kept = workspace.policies.whole(spec)
    kept["rules"][0]["conditions"][0]["number"] = 800_000.0
    PolicyVersions(workspace._context.policies.database).add(saved.id, kept)
    draft = PolicyDrafts(workspace._context.policies.database).add(None, dataset, saved.id, 2, kept)
    workspace.policies.publish(saved.id)
    shopper = workspace.shoppers.examples(dataset, n=1)[0].shopper
    assert len(workspace.lists.recommend(variant, shopper, 5, PUBLISHED).items) == 5
    assert workspace.drafts.get(draft).spec["rules"][0]["conditions"][0]["number"] == 36_500
    workspace.policies.delete(saved.id)
    workspace.drafts.discard(draft)


AGE = {"field": "first_sold", "op": "newer_than"}
