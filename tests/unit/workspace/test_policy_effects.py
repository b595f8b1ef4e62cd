"""Effects of a policy: paired changes, what each step did, who gains and loses, the curve of one control."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from recengine.errors import BadInput, NotFound
from recengine.evaluation.segments import shopper_segment
from recengine.testing.demo_store import make_demo_store
from recengine.types import TrainingRequest
from recengine.workspace import Workspace
from recengine.workspace.policy_effects import settings_of, with_value
from recengine.workspace.policy_tuning import pool_of

MMR = {"reranker": "mmr", "settings": {"diversity": 0.5}}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, str]:
    folder = tmp_path_factory.mktemp("effects")
    make_demo_store(folder / "demo", seed=5, shoppers=200, days=90)
    workspace = Workspace(folder / "workspace")
    dataset = workspace.datasets.import_now(workspace.datasets.stage_path(folder / "demo" / "events.csv"), "Demo", None).dataset
    arguments = workspace.training.arguments(TrainingRequest(dataset, "item-knn", preset="quick", device="cpu"))
    return workspace, workspace.run_attached("train", arguments, "test")["variant"]


def lists_of(workspace: Workspace, variant: str, spec: dict) -> np.ndarray:
    return workspace.effects._of(variant, spec, 10, "home", None).lists


def test_against_itself_nothing_changes(shop):
    workspace, variant = shop
    effect = workspace.effects.effect(variant, MMR, MMR)
    assert (effect.lists_changed, effect.order_changed) == (0, 0)
    for change in effect.change.values():
        assert (change.value, change.low, change.high) == (0, 0, 0)
    assert workspace.effects.exposure(variant, MMR, MMR) == ()


def test_changes_are_differences_of_the_figures_with_narrower_intervals(shop):
    workspace, variant = shop
    effect = workspace.effects.effect(variant, {"reranker": "mmr", "settings": {"diversity": 0.05}}, {})
    for name, change in effect.change.items():
        assert change.value == pytest.approx(effect.now.metrics[name].value - effect.before.metrics[name].value, abs=1e-12)
        assert change.low <= change.value <= change.high
    now = effect.now.metrics["diversity"]
    # the same shoppers on both sides: what they differ in among themselves cancels out
    assert effect.change["diversity"].high - effect.change["diversity"].low < 0.5 * (now.high - now.low)


def test_changes_back_are_the_same_with_the_other_sign(shop):
    workspace, variant = shop
    there, back = workspace.effects.effect(variant, MMR, {}), workspace.effects.effect(variant, {}, MMR)
    assert there.lists_changed == back.lists_changed > 0
    for name, change in there.change.items():
        assert change.value == pytest.approx(-back.change[name].value, abs=1e-12)
        assert change.low == pytest.approx(-back.change[name].high, abs=1e-9)


def test_exposure_counts_places_by_hand(shop):
    workspace, variant = shop
    before, after = lists_of(workspace, variant, {}), lists_of(workspace, variant, MMR)
    found = workspace.effects.exposure(variant, MMR, {}, "item", top=3)
    catalogue = workspace._context.dataset(workspace.variants.list()[0].dataset).catalogue
    for row in found:
        code = catalogue.vocabulary.encode([row.key])[0]
        assert (row.before, row.after) == (int((before == code).sum()), int((after == code).sum()))
        assert row.change.value == pytest.approx(row.after - row.before)
        assert row.change.low <= row.change.value <= row.change.high
    gains = [row.after - row.before for row in found if row.after > row.before]
    assert gains == sorted(gains, reverse=True)
    assert len(gains) == 3
    groups = workspace.effects.exposure(variant, MMR, {}, "category", top=50)
    assert sum(row.after - row.before for row in groups) == 0  # full lists before and after: what one group gains another loses
    with pytest.raises(BadInput, match="Exposure cannot be counted by colour"):
        workspace.effects.exposure(variant, MMR, {}, "colour")


def test_revenue_is_the_price_of_the_hits(shop):
    workspace, variant = shop
    measured = workspace.effects._of(variant, {}, 10, "home", None)
    pool = workspace._context.pools.get(("pool", variant), lambda: None)
    prices = workspace._context.dataset(workspace.variants.list()[0].dataset).catalogue.prices
    expected = [
        sum(float(prices[item]) for item in row if item in set(pool.targets.truth(n).tolist())) for n, row in enumerate(measured.lists)
    ]
    assert measured.point.metrics["revenue"].value == pytest.approx(np.mean(expected))


def test_each_step_is_counted(shop):
    workspace, variant = shop
    category = next(f.values[0] for f in workspace.policies.rule_fields(workspace.variants.list()[0].dataset) if f.name == "category")
    block = {"action": "block", "conditions": [{"field": "category", "op": "is", "values": [category]}]}
    floor, cap = {"kind": "at_least", "what": "tail", "share": 0.3}, {"kind": "at_most", "what": "category", "number": 1}
    spec = {"rules": [block], "limits": [floor, cap]}
    steps = {row.key: row for row in workspace.effects.effect(variant, spec, {}).steps}
    by_score = lists_of(workspace, variant, {})
    catalogue = workspace._context.dataset(workspace.variants.list()[0].dataset).catalogue
    categories = catalogue.categories[by_score]
    assert steps["rule:r1"].kind == "removed"
    assert steps["rule:r1"].places == int((categories == category).sum())
    double = sum(len(row) - len(set(row)) for row in categories.tolist())
    assert (steps["limit:1"].kind, steps["limit:1"].places) == ("removed", double)
    assert (steps["limit:0"].kind, steps["limit:0"].of) == ("moved", by_score.size)
    assert workspace.effects.effect(variant, {}, {}).steps == ()
    reranked = workspace.effects.effect(variant, MMR, {}).steps[0]
    after = lists_of(workspace, variant, MMR)
    assert (reranked.key, reranked.places) == ("reranker", int((after != by_score).sum()))


@pytest.mark.parametrize("action", ["block", "include", "exclude"])
def test_a_rule_for_a_segment_takes_items_from_its_shoppers_alone(shop, action):
    workspace, variant = shop
    catalogue = workspace._context.dataset(workspace.variants.list()[0].dataset).catalogue
    category = next(str(name) for name in catalogue.categories if name)
    rule = {"action": action, "conditions": [{"field": "category", "op": "is", "values": [category]}]}

    def places(*segments: str) -> int:
        (step,) = workspace.effects.effect(variant, {"rules": [{**rule, "segments": segments}]}, {}).steps
        return step.places

    assert places("nobody of this name") == 0
    assert places("cold") + places("warm") + places("hot") == places() > 0
    by_score = lists_of(workspace, variant, {})
    warm = shopper_segment(pool_of(workspace._context, variant).targets.histories.lengths) == 1
    meant = (catalogue.categories[by_score[warm]] == category) & (by_score[warm] >= 0)
    assert places("warm") == int(((by_score[warm] >= 0) & ~meant if action == "include" else meant).sum())


def test_a_curve_is_kept_with_the_variant_whatever_the_control_stands_at(shop):
    workspace, variant = shop
    assert workspace.effects.curve(variant, MMR, "setting:diversity") is None
    made = workspace.effects.measure_curve(variant, MMR, "setting:diversity")
    assert [point.value for point in made.points] == [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]
    again = Workspace(workspace.root)  # a restart forgets nothing
    assert again.effects.curve(variant, with_value({**MMR, "settings": {}}, "setting:diversity", 0.77), "setting:diversity") == made
    assert again.effects.curve(variant, {**MMR, "controls": {"novelty": 0.1}}, "setting:diversity") is None
    assert again.effects.curve(variant, MMR, "setting:diversity", scene="email") is None
    middle = made.points[5]
    assert middle.metrics == workspace.effects.measure(variant, MMR).metrics


def test_the_curve_runs_as_a_job(shop):
    workspace, variant = shop
    arguments = {"variant": variant, "spec": {}, "control": "control:novelty", "k": 10, "scene": "home", "day": "2025-04-10"}
    assert workspace.run_attached("policy-curve", arguments, "test") == {"curve": "control:novelty", "points": 11}
    from datetime import date

    assert workspace.effects.curve(variant, {}, "control:novelty", day=date(2025, 4, 10)) is not None
    job = workspace.effects.submit_curve(variant, {}, "control:novelty")
    assert workspace.jobs.get(job).kind == "policy-curve"
    workspace.jobs.cancel(job)


def test_controls_without_a_range_have_no_curve(shop):
    workspace, variant = shop
    for control in ("setting:diversity", "control:hide_bought", "control:nothing", "colour", "control:fatigue_after"):
        with pytest.raises(BadInput, match="no curve"):
            workspace.effects.curve(variant, {}, control)
    with pytest.raises(NotFound):
        workspace.effects.curve("va-0000000000-0000", MMR, "setting:diversity")
    assert settings_of({"reranker": "calibrated"}, "setting:smoothing")[0] == 0.001


def test_more_than_ten_thousand_shoppers_are_a_fixed_draw(shop):
    workspace, variant = shop
    pool = workspace._context.pools.get(("pool", variant), lambda: None)
    small, again = pool.at_most(20), pool.at_most(20)
    assert len(small.items) == len(small.targets) == 20
    assert np.array_equal(small.items, again.items)
    rows = [int(np.flatnonzero((pool.items == row).all(axis=1))[0]) for row in small.items]
    assert rows == sorted(rows)
    for place, row in enumerate(rows):
        assert np.array_equal(small.targets.truth(place), pool.targets.truth(row))
    assert pool.at_most(10_000) is pool


def test_dated_rules_are_measured_as_they_hold_for_the_lists_that_are_shown(shop):
    """The test cut lies days before the end of the log; a rule of these last days is in force today."""
    workspace, variant = shop
    dataset = workspace.variants.get(variant).dataset
    last = date.fromisoformat(workspace.datasets.get(dataset).last[:10])
    popular = workspace.datasets.items(dataset, 30)
    block = {"action": "block", "conditions": [{"field": "id", "op": "is", "values": list(popular)}]}

    def effect(day=None, **dates):
        return workspace.effects.effect(variant, {"rules": [{**block, **dates}]}, {}, 10, "home", day)

    always = effect().lists_changed
    assert always > 0
    tomorrow = (last + timedelta(days=1)).isoformat()
    for begun in ((last - timedelta(days=1)).isoformat(), tomorrow):
        spec = {"rules": [{**block, "start": begun}]}
        assert workspace.policies.rules(dataset, spec)[0].in_force
        assert effect(start=begun).lists_changed == always
    ended = effect(end=last.isoformat())
    assert ended.lists_changed == 0
    assert [row.kind for row in ended.now.problems] == ["scope"]
    assert effect(last, end=last.isoformat()).lists_changed == always
    new = {"limits": [{"kind": "at_least", "what": "new", "number": 2, "new_days": 30}]}
    plain, chosen = (workspace.effects.effect(variant, new, {}, 10, "home", day) for day in (None, last + timedelta(days=60)))
    assert chosen.now.problems == plain.now.problems
    assert chosen.lists_changed == plain.lists_changed
