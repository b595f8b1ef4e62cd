"""What-ifs, lists with diversity and whole lists through the workspace: one path for list, card and deeper looks."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from recengine.errors import BadInput, NotFound
from recengine.testing.demo_store import make_demo_store
from recengine.types import TrainingRequest
from recengine.types.policies import PolicyUse
from recengine.workspace import Workspace

MODELS = ("item-knn", "transitions", "funnel")
varied = PolicyUse.of_diversity


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, dict[str, str], str]:
    """A workspace of the demo store with three variants, and a shopper with a history."""
    folder: Path = tmp_path_factory.mktemp("what-if")
    make_demo_store(folder / "demo", seed=5, shoppers=220, days=60)
    workspace = Workspace(folder / "workspace")
    dataset = workspace.datasets.import_now(workspace.datasets.stage_path(folder / "demo" / "events.csv"), "Demo", None).dataset
    small = {"generators": ["transitions", "popularity"], "trees": 15, "window_share": 0.12, "ablation": False}
    variants = {}
    for model in MODELS:
        arguments = workspace.training.arguments(TrainingRequest(dataset, model, small if model == "funnel" else {}, "quick", device="cpu"))
        variants[model] = workspace.run_attached("train", arguments, "test")["variant"]
    return workspace, variants, workspace.shoppers.examples(dataset)[0].shopper


@pytest.mark.parametrize("model", MODELS)
def test_leaving_out_events_is_a_what_if_like_others(made, model):
    ws, variants, shopper = made
    edits = [{"kind": "remove", "place": 0}, {"kind": "remove", "place": 3}]
    with_edits = ws.lists.recommend(variants[model], shopper, 10, varied(0.3), edits=edits)
    without = ws.lists.recommend(variants[model], shopper, 10, varied(0.3), without=(0, 3))
    assert with_edits.items == without.items
    item = with_edits.items[2].item
    one, other = (
        ws.lists.explain(variants[model], shopper, item, policy=varied(0.3), **way) for way in ({"edits": edits}, {"without": (0, 3)})
    )
    assert one == other


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("diversity", [0.0, 0.35, 1.0])
def test_every_card_adds_up_to_what_gave_its_item_the_place(made, model, diversity):
    ws, variants, shopper = made
    listed = ws.lists.recommend(variants[model], shopper, 12, varied(diversity))
    shown = [row.shown for row in listed.items]
    for row in listed.items:
        why = ws.lists.explain(variants[model], shopper, row.item, policy=varied(diversity), k=12)
        scale = max(1.0, abs(why.score))
        assert why.place == row.rank
        assert why.shown == pytest.approx(row.shown, abs=1e-9 * scale)
        assert why.score == pytest.approx(row.score, abs=1e-9 * scale)
        assert why.base + sum(t.contribution for t in why.terms) == pytest.approx(why.score, abs=1e-6 * scale)
        assert why.score + sum(t.contribution for t in why.policy) == pytest.approx(row.shown, abs=1e-6 * scale)
        assert why.sum == pytest.approx(why.shown, abs=1e-6 * scale)
        assert why.policy == row.policy
        assert bool(why.policy) or abs(why.shown - why.score) <= 1e-9 * scale
        assert diversity > 0 or not why.policy
        if why.score_log_odds is not None:
            assert why.base_log_odds + sum(t.log_odds for t in why.terms) == pytest.approx(why.score_log_odds, abs=1e-9)
            assert 1 / (1 + math.exp(-why.score_log_odds)) == pytest.approx(why.score, abs=1e-9)
    assert shown == sorted(shown, reverse=True)


def test_an_item_that_diversity_did_not_look_at_keeps_its_score(made):
    ws, variants, shopper = made
    everything = ws.lists.recommend(variants["item-knn"], shopper, 500).items
    if len(everything) <= 200:
        pytest.skip("the shop has too few items")
    why = ws.lists.explain(variants["item-knn"], shopper, everything[210].item, policy=varied(0.5))
    assert (why.place, why.policy, why.shown) == (0, (), why.score)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("diversity", [0.0, 0.4])
def test_a_what_if_tells_the_places_of_both_lists(made, model, diversity):
    ws, variants, shopper = made
    variant = variants[model]
    before = ws.lists.recommend(variant, shopper, 10, varied(diversity))
    latest = ws.explanations.choices(variant).latest
    edits = [
        {"kind": "remove", "place": 1},
        {"kind": "change", "place": 2, "behaviour": "view"},
        {"kind": "add", "item": before.items[0].item, "behaviour": "purchase", "time": latest},
    ]
    after = ws.lists.recommend(variant, shopper, 10, varied(diversity), edits=edits)
    followed = before.items[4].item
    found = ws.explanations.what_if(variant, shopper, edits, 10, followed, policy=varied(diversity))
    rows = {row.item: row for row in found.rows}
    assert [row.item for row in found.rows[:10]] == [row.item for row in after.items]
    for rank, row in enumerate(after.items, 1):
        assert rows[row.item].new_rank == rank
        assert rows[row.item].new_score == pytest.approx(row.score, rel=1e-6)
    for rank, row in enumerate(before.items, 1):
        assert rows[row.item].old_rank == rank
    old, new = {r.item for r in before.items}, {r.item for r in after.items}
    assert (found.entered, found.left) == (len(new - old), len(old - new))
    assert before.items[0].item not in new, "the shopper has it now"
    assert found.moved == sum(rows[item].old_rank != rows[item].new_rank for item in old & new)
    if found.explanation is not None:
        assert found.explanation == ws.lists.explain(variant, shopper, followed, edits=edits, policy=varied(diversity))
    assert ws.lists.recommend(variant, shopper, 10, varied(diversity)).items == before.items, "nothing stays changed"


def test_price_and_category_of_the_item_are_seen_by_list_and_card(made):
    ws, variants, shopper = made
    variant, choices = variants["funnel"], ws.explanations.choices(variants["funnel"])
    assert choices.prices
    row = ws.lists.recommend(variant, shopper, 10).items[6]
    category = next(name for name in choices.categories if name != row.category)
    edits = [{"kind": "price", "item": row.item, "price": 977.5}, {"kind": "category", "item": row.item, "category": category}]
    why = ws.lists.explain(variant, shopper, row.item, edits=edits)
    assert (why.price, why.category) == (977.5, category)
    assert why.score != ws.lists.explain(variant, shopper, row.item).score
    listed = {r.item: r for r in ws.lists.recommend(variant, shopper, 60, edits=edits).items}
    if row.item in listed:
        assert (listed[row.item].price, listed[row.item].category) == (977.5, category)
    assert ws.lists.explain(variant, shopper, row.item).price == row.price, "nothing stays changed"
    with pytest.raises(BadInput, match="reads no prices"):
        ws.lists.recommend(variants["item-knn"], shopper, 10, edits=edits)
    assert not ws.explanations.choices(variants["item-knn"]).prices


@pytest.mark.parametrize("model", MODELS)
def test_a_whole_list_is_the_sum_of_its_cards(made, model):
    ws, variants, shopper = made
    variant = variants[model]
    edits = [{"kind": "remove", "place": 0}]
    view = ws.explanations.whole_list(variant, shopper, 8, varied(0.3), coalitions=256, edits=edits)
    assert view.items == ws.lists.recommend(variant, shopper, 8, varied(0.3), edits=edits).items
    history = ws.explanations.history(variant, shopper, [row.item for row in view.items], coalitions=256, edits=edits)
    for place, row in enumerate(view.items):
        scale = max(1.0, abs(row.score))
        assert view.past_base[place] + sum(t.adds[place] for t in view.past) == pytest.approx(row.score, abs=1e-6 * scale)
        if model == "funnel":
            assert view.signal_base + sum(t.adds[place] for t in view.signals) == pytest.approx(row.score, abs=1e-6 * scale)
            card = ws.lists.explain(variant, shopper, row.item, edits=edits)
            assert {t.key: t.adds[place] for t in view.signals if t.adds[place]} == pytest.approx(
                {t.key: t.contribution for t in card.terms if t.contribution}
            )
    assert bool(view.signals) is (model == "funnel")
    for terms in (view.signals, view.past):
        sizes = [np.abs(t.adds).mean() for t in terms]
        assert sizes == sorted(sizes, reverse=True)
        assert all(t.mean == pytest.approx(np.mean(t.adds)) for t in terms)
    means = {t.item: t.contribution for t in history.whole_list}
    assert all(t.mean == pytest.approx(means[t.key], abs=1e-9 * max(1.0, abs(t.mean))) for t in view.past)


def test_deeper_looks_follow_the_edits_and_the_diversity(made):
    ws, variants, shopper = made
    variant = variants["item-knn"]
    n = len(ws.explanations.events(variant, shopper))
    all_but_two = [{"kind": "remove", "place": place} for place in range(n - 2)]
    item = ws.lists.recommend(variant, shopper, 10, edits=all_but_two).items[0].item
    assert sum(len(t.places) for t in ws.explanations.history(variant, shopper, [item], edits=all_but_two).items[0].terms) == 2
    found = ws.explanations.smallest_set(variant, shopper, item, 10, edits=all_but_two, policy=varied(0.3))
    listed = ws.lists.recommend(variant, shopper, 10, varied(0.3), edits=all_but_two).items
    ranks = [row.rank for row in listed if row.item == item]
    assert found.rank == (ranks[0] if ranks else found.rank)
    assert ws.explanations.why_not(variant, shopper, item, 10, edits=all_but_two).stage == "listed"


def test_past_events_are_told_as_what_ifs_name_them(made):
    ws, variants, shopper = made
    events = ws.explanations.events(variants["item-knn"], shopper)
    assert [e.place for e in events] == list(range(len(events)))[::-1]
    item = ws.lists.recommend(variants["item-knn"], shopper, 1).items[0].item
    why = ws.lists.explain(variants["item-knn"], shopper, item)
    assert [(e.place, e.item, e.behaviour, e.time) for e in events] == [(e.place, e.item, e.behaviour, e.time) for e in why.events]


@pytest.mark.parametrize(
    "edit",
    [
        {"kind": "fly"},
        {"kind": "remove", "place": 10**6},
        {"kind": "remove", "place": "x"},
        {"kind": "change", "place": 0, "behaviour": "fly"},
        {"kind": "change", "place": 0, "time": "2199-01-01"},
        {"kind": "change", "place": 0, "time": "soon"},
        {"kind": "price", "item": "P1001", "price": -1},
        "remove",
    ],
)
def test_edits_that_cannot_be_made_are_answered_in_words(made, edit):
    ws, variants, shopper = made
    for ask in (
        lambda: ws.lists.recommend(variants["funnel"], shopper, 5, edits=[edit]),
        lambda: ws.explanations.what_if(variants["funnel"], shopper, [edit], 5),
        lambda: ws.explanations.whole_list(variants["funnel"], shopper, 5, edits=[edit]),
    ):
        with pytest.raises((BadInput, NotFound)) as refused:
            ask()
        assert refused.value.what
    with pytest.raises(NotFound):
        ws.lists.recommend(variants["funnel"], shopper, 5, edits=[{"kind": "add", "item": "no such"}])
