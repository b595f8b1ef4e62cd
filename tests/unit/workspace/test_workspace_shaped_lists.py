"""Every reranker, rule, limit and pin on every list and card: the parts add up, and pages, cards and exports show one list."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from recengine.errors import BadInput, NotFound
from recengine.testing.demo_store import make_demo_store
from recengine.types import TrainingRequest
from recengine.types.policies import PUBLISHED, PolicyUse
from recengine.workspace import Workspace

MODELS = ("item-knn", "funnel")
RERANKERS = {
    "by-score": {},
    "mmr": {"diversity": 0.4},
    "dpp": {"diversity": 0.4},
    "calibrated": {"strength": 0.5},
    "xquad": {"strength": 0.5},
    "spread": {},
    "balanced": {},
}
CONTROLS = {"novelty": 0.2, "long_tail": 0.1, "freshness": 0.2, "price_spread": 0.2, "exploration": 0.1}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, dict[str, str], str]:
    """A workspace of the demo store with two variants, and a shopper with a history."""
    folder: Path = tmp_path_factory.mktemp("shaped")
    make_demo_store(folder / "demo", seed=5, shoppers=180, days=60)
    workspace = Workspace(folder / "workspace")
    dataset = workspace.datasets.import_now(workspace.datasets.stage_path(folder / "demo" / "events.csv"), "Demo", None).dataset
    small = {"generators": ["transitions", "popularity"], "trees": 12, "window_share": 0.12, "ablation": False}
    variants = {}
    for model in MODELS:
        arguments = workspace.training.arguments(TrainingRequest(dataset, model, small if model == "funnel" else {}, "quick", device="cpu"))
        variants[model] = workspace.run_attached("train", arguments, "test")["variant"]
    return workspace, variants, workspace.shoppers.examples(dataset)[0].shopper


def dataset_of(ws: Workspace) -> str:
    return ws.datasets.list()[0].id


def rules_for(ws: Workspace, variant: str, shopper: str) -> dict:
    """Pins of a listed item, of one the shopper has and of one far below; a boost, a bury and a block; limits."""
    rows = ws.lists.recommend(variant, shopper, 40).items
    owned = ws.explanations.events(variant, shopper)[0].item
    category = rows[1].category

    def only(item: str) -> list[dict]:
        return [{"field": "id", "op": "is", "values": [item]}]

    return {
        "rules": [
            {"action": "pin", "position": 2, "conditions": only(rows[25].item)},
            {"action": "pin", "position": 5, "conditions": only(owned), "name": "Again"},
            {"action": "boost", "strength": 35, "conditions": [{"field": "category", "op": "is", "values": [category]}]},
            {"action": "bury", "strength": 60, "conditions": only(rows[0].item)},
            {"action": "block", "conditions": only(rows[3].item), "name": "Not this one"},
        ],
        "limits": [{"kind": "at_most", "what": "category", "number": 4}, {"kind": "at_least", "what": "tail", "number": 1}],
        "controls": CONTROLS,
    }


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("reranker", RERANKERS)
def test_every_card_of_every_reranker_adds_up_with_rules_limits_and_pins(made, model, reranker):
    ws, variants, shopper = made
    variant = variants[model]
    spec = {"reranker": reranker, "settings": RERANKERS[reranker], **rules_for(ws, variant, shopper)}
    use = PolicyUse.of(spec)
    listed = ws.lists.recommend(variant, shopper, 12, use)
    pins = {spec["rules"][n]["position"]: spec["rules"][n]["conditions"][0]["values"][0] for n in (0, 1)}
    assert {rank: listed.items[rank - 1].item for rank in pins} == pins
    assert spec["rules"][4]["conditions"][0]["values"][0] not in {row.item for row in listed.items}
    shown = [row.shown for row in listed.items]
    assert shown == sorted(shown, reverse=True)
    for row in listed.items:
        why = ws.lists.explain(variant, shopper, row.item, policy=use, k=12)
        scale = max(1.0, abs(why.score), abs(why.shown))
        assert (why.place, why.policy) == (row.rank, row.policy)
        assert why.base + sum(t.contribution for t in (*why.terms, *why.policy)) == pytest.approx(row.shown, abs=1e-6 * scale)
        assert why.score == pytest.approx(row.score, abs=1e-6 * scale)
        assert all(t.name and t.key for t in why.policy)
    again = listed.items[4]
    said = {t.key: t.name for t in again.policy}
    assert said.get("pin", "Pinned: Again") == "Pinned: Again", "no term where its own sum fits between its neighbours"
    assert "pin" in said or reranker != "by-score"
    assert again.rank_by_score == 0, "the shopper has it, so that no list by score holds it"


def test_a_card_without_a_score_starts_where_the_last_candidate_stands(made):
    ws, variants, shopper = made
    owned = ws.explanations.events(variants["funnel"], shopper)[0].item
    rule = {"action": "pin", "position": 1, "conditions": [{"field": "id", "op": "is", "values": [owned]}]}
    use = PolicyUse.of({"rules": [rule]})
    with pytest.raises(BadInput, match="no score"):
        ws.lists.explain(variants["funnel"], shopper, owned)
    why = ws.lists.explain(variants["funnel"], shopper, owned, policy=use)
    assert (why.place, why.terms, why.rank) == (1, (), 0)
    assert why.base == why.score < why.shown
    assert "no score" in why.sentence
    whole = ws.explanations.whole_list(variants["funnel"], shopper, 3, use, 64)
    assert whole.items[0].item == owned
    assert all(t.adds[0] == 0 for t in whole.signals)


def test_an_item_below_the_list_is_told_what_the_policy_did(made):
    ws, variants, shopper = made
    use = PolicyUse.of(
        {"reranker": "mmr", "settings": {"diversity": 0.5}, "limits": [{"kind": "at_most", "what": "category", "number": 2}]}
    )
    first = {row.item for row in ws.lists.recommend(variants["item-knn"], shopper, 10, use).items}
    later = [row.item for row in ws.lists.recommend(variants["item-knn"], shopper, 30).items if row.item not in first]
    cards = [ws.lists.explain(variants["item-knn"], shopper, item, policy=use, k=10) for item in later]
    assert all(card.place == 0 or card.place > 10 for card in cards)
    assert any(card.place > 10 and card.policy for card in cards)


def test_prices_that_are_edited_are_what_rules_read(made):
    ws, variants, shopper = made
    row = ws.lists.recommend(variants["funnel"], shopper, 10).items[2]
    cheap = {"action": "include", "conditions": [{"field": "price", "op": "at_most", "number": 0.02}]}
    use, edit = PolicyUse.of({"rules": [cheap]}), {"kind": "price", "item": row.item, "price": 0.01}
    assert row.item not in {r.item for r in ws.lists.recommend(variants["funnel"], shopper, 10, use).items}
    assert row.item in {r.item for r in ws.lists.recommend(variants["funnel"], shopper, 10, use, edits=[edit]).items}


def test_scene_and_day_decide_which_rules_hold(made):
    ws, variants, shopper = made
    first = ws.lists.recommend(variants["item-knn"], shopper, 5).items[0].item
    only = [{"field": "id", "op": "is", "values": [first]}]
    rules = [{"action": "block", "conditions": only, "scenes": ["cart"]}, {"action": "block", "conditions": only, "start": "2090-01-01"}]

    def shows(**where) -> bool:
        listed = ws.lists.recommend(variants["item-knn"], shopper, 5, PolicyUse.of({"rules": rules}, **where))
        return first in {row.item for row in listed.items}

    assert shows()
    assert not shows(scene="cart")
    assert not shows(day=date(2090, 1, 2))
    with pytest.raises(BadInput, match="no scene"):
        shows(scene="moon")


def test_what_is_published_shapes_lists_reports_and_exports(made, tmp_path):
    ws, variants, shopper = made
    dataset, variant = dataset_of(ws), variants["item-knn"]
    assert ws.lists.policy(variant, "published") is None
    by_score = ws.lists.recommend(variant, shopper, 10, PUBLISHED)
    assert by_score.use is None
    before = ws.lists.export(variant, tmp_path / "before.parquet", 5)
    assert before.use is None
    assert "policy" not in pq.read_schema(before.path).names
    first = by_score.items[0].item
    rule = {"action": "block", "conditions": [{"field": "id", "op": "is", "values": [first]}]}
    saved = ws.policies.save(dataset, "Home page", {"reranker": "mmr", "settings": {"diversity": 0.3}, "rules": [rule]})
    assert ws.lists.recommend(variant, shopper, 10, PUBLISHED).use is None, "a draft is not live"
    ws.policies.publish(saved.id)
    live = ws.lists.recommend(variant, shopper, 10, PUBLISHED)
    assert (live.use.name, live.use.version, live.use.policy) == ("Home page", 1, saved.id)
    assert first not in {row.item for row in live.items}
    ws.policies.save(dataset, "Home page", {"reranker": "dpp"}, policy=saved.id)
    assert ws.lists.recommend(variant, shopper, 10, PUBLISHED).items == live.items
    report = ws.lists.export(variant, tmp_path / "lists.parquet", 10)
    assert (report.use.name, report.use.version) == ("Home page", 1)
    rows = [row for row in pq.read_table(report.path).to_pylist() if row["shopper_id"] == shopper]
    assert [row["item_id"] for row in rows] == [row.item for row in live.items]
    assert [row["shown"] for row in rows] == pytest.approx([row.shown for row in live.items])
    assert {(row["policy"], row["policy_version"], row["scene"]) for row in rows} == {("Home page", "1", "home")}
    last = date.fromisoformat(ws.datasets.get(dataset_of(ws)).last[:10])
    assert {row["day"] for row in rows} == {(last + timedelta(days=1)).isoformat()}
    plain = ws.lists.export(variant, tmp_path / "plain.csv", 3, None)
    assert plain.use is None
    draft = ws.lists.policy(variant, f"{saved.id}@2", "email")
    assert (draft.version, draft.scene, draft.content["reranker"]) == (2, "email", "dpp")
    assert ws.lists.policy(variant, saved.id).version == 1, "the live version where no number is given"
    told = ws.explained.write(variant, tmp_path / "told.parquet", 4, 6)
    assert told.use.name == "Home page"
    for row in pq.read_table(told.path).to_pylist():
        assert row["score"] + sum(t["adds"] for t in row["policy"]) == pytest.approx(row["shown"], abs=1e-6)
    done = ws.run_attached("export", {"variant": variant, "format": "csv", "k": 3, "diversity": 0.0}, "queued long ago")
    assert done["policy"] is None
    job = ws.lists.submit_export(variant, "csv", 5)
    arguments = ws.jobs.get(job)
    assert arguments.kind == "export"
    ws.jobs.cancel(job)
    ws.policies.delete(saved.id)
    assert ws.lists.recommend(variant, shopper, 10, PUBLISHED).items == by_score.items


def test_a_report_holds_pinned_items_that_have_no_score(made, tmp_path):
    ws, variants, shopper = made
    owned = ws.explanations.events(variants["funnel"], shopper)[0].item
    rule = {"action": "pin", "position": 1, "conditions": [{"field": "id", "op": "is", "values": [owned]}]}
    use = PolicyUse.of({"rules": [rule]})
    for kind, shoppers in (("html", 3), ("csv", 3), ("parquet", None)):
        report = ws.explained.write(variants["funnel"], tmp_path / f"out.{kind}", shoppers, 2, use)
        assert report.worst_gap < 1e-6
    rows = [row for row in pq.read_table(tmp_path / "out.parquet").to_pylist() if row["shopper_id"] == shopper]
    assert rows[0]["item_id"] == owned
    assert (rows[0]["rank_by_score"], rows[0]["terms"]) == (0, [])
    assert rows[0]["probability"] + sum(t["adds"] for t in rows[0]["policy"]) == pytest.approx(rows[0]["shown"], abs=1e-6)


@pytest.mark.parametrize("text", ["{not json", '{"reranker": "no such"}', "po-nothing", "po-nothing@2"])
def test_a_policy_that_is_none_is_said(made, text):
    ws, variants, _ = made
    with pytest.raises((BadInput, NotFound)):
        ws.lists.policy(variants["item-knn"], text)


def test_deeper_looks_follow_pins_and_blocks(made):
    ws, variants, shopper = made
    variant = variants["item-knn"]
    rows = ws.lists.recommend(variant, shopper, 15).items

    def only(item: str) -> list[dict]:
        return [{"field": "id", "op": "is", "values": [item]}]

    pin = {"action": "pin", "position": 1, "conditions": only(rows[12].item)}
    use = PolicyUse.of({"rules": [pin, {"action": "block", "conditions": only(rows[0].item)}]})
    smallest = ws.explanations.smallest_set(variant, shopper, rows[12].item, 10, policy=use)
    assert (smallest.rank, smallest.items) == (1, ()), "a pin stays whatever the past is"
    found = ws.explanations.what_if(variant, shopper, [{"kind": "remove", "place": 0}], 10, rows[12].item, policy=use)
    assert [row.item for row in found.rows[:10]] == [
        row.item for row in ws.lists.recommend(variant, shopper, 10, use, edits=[{"kind": "remove", "place": 0}]).items
    ]
    pinned = next(row for row in found.rows if row.item == rows[12].item)
    assert (pinned.old_rank, pinned.new_rank) == (1, 1)
    assert found.explanation.place == 1


def test_day_and_hour_are_those_of_the_model_too(made):
    ws, _, shopper = made
    arguments = ws.training.arguments(TrainingRequest(dataset_of(ws), "popularity-context", {}, "quick", device="cpu"))
    variant = ws.run_attached("train", arguments, "test")["variant"]
    lists = {}
    for hour in (4, 13, 21):
        use = PolicyUse.of({"controls": {"novelty": 0.05}}, day=date(2025, 2, 1), hour=hour)
        listed = ws.lists.recommend(variant, shopper, 8, use).items
        lists[hour] = [row.item for row in listed]
        preview = ws.policies.places(variant, shopper, use.content, 8, "home", use.day, hour)
        assert [row.item for row in preview] == lists[hour]
        for row in listed:
            why = ws.lists.explain(variant, shopper, row.item, policy=use, k=8)
            scale = max(1.0, abs(why.score))
            assert (why.place, why.rank) == (row.rank, row.rank_by_score)
            assert why.base + sum(t.contribution for t in (*why.terms, *why.policy)) == pytest.approx(row.shown, abs=1e-6 * scale)
        found = ws.explanations.what_if(variant, shopper, [{"kind": "remove", "place": 0}], 8, policy=use)
        old = {row.item: row.old_rank for row in found.rows}
        assert [old[item] for item in lists[hour]] == list(range(1, 9))
    assert len({tuple(items) for items in lists.values()}) > 1, "the model looks at the clock"


def test_moves_on_a_day_are_those_of_one_moment_and_add_up(made):
    ws, _, shopper = made
    arguments = ws.training.arguments(TrainingRequest(dataset_of(ws), "popularity-context", {}, "quick", device="cpu"))
    variant = ws.run_attached("train", arguments, "test")["variant"]
    spec = {"reranker": "mmr", "settings": {"diversity": 0.3}}
    for hour in (4, 21):
        use = PolicyUse.of(spec, day=date(2025, 2, 1), hour=hour)
        for sides in ((None, use), (use, None)):
            rows = [row for row in ws.list_moves.moves(variant, variant, shopper, 8, sides).rows if row.score_before is not None]
            assert rows
            for row in rows:
                change = sum(term.after - term.before for term in row.terms)
                assert change == pytest.approx(row.score_after - row.score_before, abs=1e-6)
        alone = ws.list_moves.moves(variant, variant, shopper, 8, (PolicyUse.of({}, day=use.day, hour=hour), use))
        assert [(row.item, row.old, row.new) for row in alone.rows] == [
            (row.item, row.old, row.new) for row in ws.list_moves.moves(variant, variant, shopper, 8, (None, use)).rows
        ]


def test_moves_to_what_is_published_follow_the_next_publication(made):
    ws, variants, shopper = made
    saved = []
    for diversity in (0.3, 0.9):
        saved.append(ws.policies.save(dataset_of(ws), f"{diversity}", {"reranker": "mmr", "settings": {"diversity": diversity}}).id)
        ws.policies.publish(saved[-1])
        moved = ws.list_moves.moves(variants["item-knn"], variants["item-knn"], shopper, 8, (None, PUBLISHED))
        listed = [row.item for row in ws.lists.recommend(variants["item-knn"], shopper, 8, PUBLISHED).items]
        assert {row.item: row.new for row in moved.rows if row.change != "left"}.items() <= {i: n + 1 for n, i in enumerate(listed)}.items()
    for policy in saved:
        ws.policies.delete(policy)
