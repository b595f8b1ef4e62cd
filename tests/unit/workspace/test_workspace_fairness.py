"""Fairness through the workspace: groups, suppliers, and a minimum exposure with its price."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from recengine.errors import BadInput, NotFound
from recengine.testing.demo_store import make_demo_store
from recengine.types import TrainingRequest
from recengine.types.policies import PUBLISHED, PolicyUse
from recengine.workspace import Workspace
from recengine.workspace.fairness import _largest


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, str]:
    folder: Path = tmp_path_factory.mktemp("fairness")
    make_demo_store(folder / "demo", seed=5, shoppers=300, days=60)
    workspace = Workspace(folder / "workspace")
    dataset = workspace.datasets.import_now(workspace.datasets.stage_path(folder / "demo" / "events.csv"), "Demo", None).dataset
    arguments = workspace.training.arguments(TrainingRequest(dataset, "item-knn", {}, "quick", device="cpu"))
    return workspace, workspace.run_attached("train", arguments, "test")["variant"]


def test_groups_hold_the_figures_of_their_shoppers(made):
    ws, variant = made
    found = ws.fairness.groups(variant)
    whole = ws.policies.measure(variant, {}).metrics
    for metric in ("ndcg", "recall"):
        rows = [(group.metrics[metric].n, group.metrics[metric].value) for group in found.groups if group.metrics[metric].n]
        mean = sum(n * value for n, value in rows) / sum(n for n, _ in rows)
        assert mean == pytest.approx(whole[metric].value, abs=1e-9)
    assert [group.name for group in found.groups] == ["cold", "warm", "hot"]
    for gap in found.gaps:
        values = {group.name: group.metrics[gap.metric].value for group in found.groups}
        assert gap.gap.value == pytest.approx(values[gap.best] - values[gap.worst])
        assert gap.differs == (gap.gap.low > 0)
    assert [gap.differs for gap in found.gaps] == sorted((gap.differs for gap in found.gaps), reverse=True)
    assert found.sentence.endswith(".")


def test_shares_of_suppliers_are_whole_and_a_bury_is_seen(made):
    ws, variant = made
    by = ws.fairness.groupings(variant)[1]
    assert "category" in by
    found = ws.fairness.suppliers(variant, "category")
    for share in ("exposure", "relevance"):
        assert sum(getattr(row, share).value for row in found.suppliers) == pytest.approx(1.0, abs=1e-9)
    assert sum(row.catalogue for row in found.suppliers) == pytest.approx(1.0)
    largest = max(found.suppliers, key=lambda row: row.relevance.low)
    rule = {"action": "block", "conditions": [{"field": "category", "op": "is", "values": [largest.name]}]}
    without = ws.fairness.suppliers(variant, "category", PolicyUse.of({"rules": [rule]}))
    row = next(row for row in without.suppliers if row.name == largest.name)
    assert row.exposure.value == 0.0
    assert row.difference.value == pytest.approx(-row.relevance.value)
    assert row.verdict == ("less" if row.difference.high < 0 else "alike")
    assert row.verdict == "less"


def test_suppliers_that_hardly_anybody_chose_get_no_verdict(made):
    ws, variant = made
    found = ws.fairness.suppliers(variant, "category")
    for row in found.suppliers:
        expected = max(row.exposure.value, row.relevance.value) * found.shoppers
        assert (row.verdict == "few") == (expected < 8)


def test_a_minimum_exposure_is_held_by_the_weakest_boost_and_has_a_price(made):
    ws, variant = made
    rows = ws.fairness.suppliers(variant, "category").suppliers
    small = min((row for row in rows if row.name and row.exposure.value > 0), key=lambda row: row.exposure.value)
    wanted = min(0.9, small.exposure.value + 0.05)
    found = ws.fairness.minimum_exposure(variant, small.name, wanted, by="category")
    assert found.before == pytest.approx(small.exposure.value)
    assert found.after >= wanted
    assert found.reached
    assert found.how == "boost"
    after = ws.fairness.suppliers(variant, "category", PolicyUse.of(found.spec))
    assert next(row for row in after.suppliers if row.name == small.name).exposure.value == pytest.approx(found.after)
    if found.amount > 1:
        rule = {**found.spec["rules"][-1], "strength": int(found.amount) - 1}
        weaker = ws.fairness.suppliers(variant, "category", PolicyUse.of({**found.spec, "rules": [rule]}))
        assert next(row for row in weaker.suppliers if row.name == small.name).exposure.value < wanted
    price = ws.effects.effect(variant, found.spec, {}).change["ndcg"]
    assert found.price["ndcg"] == price
    assert price.low <= price.value <= price.high
    assert f"{found.amount:.0f} %" in found.sentence
    already = ws.fairness.minimum_exposure(variant, small.name, small.exposure.value / 2, by="category")
    assert (already.how, already.reached, already.price["ndcg"].value) == ("nothing", True, 0.0)


def test_what_no_boost_reaches_gets_a_floor_or_is_said(made):
    ws, variant = made
    name = ws.fairness.suppliers(variant, "category").suppliers[0].name
    found = ws.fairness.minimum_exposure(variant, name, 1.0, by="category")
    assert found.how in ("boost", "floor")
    assert found.reached == (found.after >= 1.0)
    if not found.reached:
        assert "cannot be reached" in found.sentence


def test_what_cannot_be_asked_is_said(made):
    ws, variant = made
    asked = [
        lambda: ws.fairness.groups(variant, by="shoe size"),
        lambda: ws.fairness.suppliers(variant, "title"),
        lambda: ws.fairness.minimum_exposure(variant, "no such", 0.1, by="category"),
        lambda: ws.fairness.minimum_exposure(variant, "x", 0.0, by="category"),
        lambda: ws.fairness.minimum_exposure(variant, "x", 0.1, by="price"),
    ]
    for ask in asked:
        with pytest.raises(BadInput):
            ask()
    with pytest.raises(NotFound):
        ws.fairness.groups("va-none")
    assert ws.fairness.groups(variant, PUBLISHED).use is None


def test_the_smallest_groups_are_one():
    group = np.concatenate([np.repeat(np.arange(30), 2), [-1]])
    shown, chosen = np.zeros(30), np.zeros(30)
    shown[[0, 1, 29]], chosen[27] = 1.0, 5.0
    made, names, counts = _largest(group, tuple(f"g{n}" for n in range(30)), shown, chosen, np.ones(61, dtype=bool))
    assert "g27" in names, "chosen and never shown: that is what the table is for"
    assert len(names) == 25
    assert names[-1] == ""
    assert {names[made[code]] for code in (0, 2, 58)} == {"g0", "g1", "g29"}
    assert made[60] == -1
    assert counts.sum() == 60
    assert counts[-1] == 12


@pytest.fixture(scope="module")
def half_branded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, str]:
    """A shop in which every other item has no brand."""
    folder, rng = tmp_path_factory.mktemp("branded"), np.random.default_rng(1)
    weight = (1 / np.arange(1, 81)) ** 0.7
    rows = ["user_id,item_id,event_type,timestamp,title,brand"]
    for u in range(120):
        for day in np.sort(rng.choice(100, 10, replace=False)):
            i = int(rng.choice(80, p=weight / weight.sum()))
            rows.append(f"u{u},i{i},purchase,{1_700_000_000 + int(day) * 86_400 + u},Item {i},{'' if i % 2 else f'B{(i // 2) % 4}'}")
    (folder / "log.csv").write_text("\n".join(rows))
    workspace = Workspace(folder / "workspace")
    dataset = workspace.datasets.import_now(workspace.datasets.stage_path(folder / "log.csv", "log")).dataset
    arguments = workspace.training.arguments(TrainingRequest(dataset, "popularity", {}, "quick", device="cpu"))
    return workspace, workspace.run_attached("train", arguments, "test")["variant"]


def test_minimum_exposure_starts_from_what_the_table_says_where_items_have_no_brand(half_branded):
    ws, variant = half_branded
    row = min((row for row in ws.fairness.suppliers(variant).suppliers if row.exposure.value), key=lambda row: row.exposure.value)
    already = ws.fairness.minimum_exposure(variant, row.name, row.exposure.value / 1.01)
    assert already.before == pytest.approx(row.exposure.value)
    assert already.how == "nothing"
    found = ws.fairness.minimum_exposure(variant, row.name, min(1.0, row.exposure.value + 0.05))
    after = {row.name: row.exposure.value for row in ws.fairness.suppliers(variant, "brand", PolicyUse.of(found.spec)).suppliers}
    assert after[row.name] == pytest.approx(found.after)
