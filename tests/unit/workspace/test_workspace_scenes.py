"""Lists of product pages and carts: what they are made of, which rules hold there, and what cannot be asked."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from recengine.errors import BadInput, NotFound
from recengine.funnel.visits import companions
from recengine.testing.demo_store import make_demo_store
from recengine.types import TrainingRequest
from recengine.types.policies import PolicyUse
from recengine.workspace import Workspace


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, str, str]:
    folder: Path = tmp_path_factory.mktemp("scenes")
    make_demo_store(folder / "demo", seed=5, shoppers=180, days=60)
    workspace = Workspace(folder / "workspace")
    dataset = workspace.datasets.import_now(workspace.datasets.stage_path(folder / "demo" / "events.csv"), "Demo", None).dataset
    arguments = workspace.training.arguments(TrainingRequest(dataset, "item-knn", {}, "quick", device="cpu"))
    variant = workspace.run_attached("train", arguments, "test")["variant"]
    return workspace, variant, workspace.shoppers.examples(dataset)[0].shopper


def some_items(ws: Workspace, variant: str, shopper: str) -> list[str]:
    return [row.item for row in ws.lists.recommend(variant, shopper, 30).items]


def test_similar_items_are_those_with_the_nearest_vectors(made):
    ws, variant, shopper = made
    anchor = some_items(ws, variant, shopper)[0]
    found = ws.lists.for_scene(variant, "product", [anchor], k=8, policy=None)
    assert (found.scene, found.relation, found.anchors, found.score_kind) == ("product", "similar", (anchor,), "likeness")
    dataset = ws._context.dataset(ws.datasets.list()[0].id)
    vectors = ws._context.item_vectors(dataset.id).astype(np.float64)
    code = dataset.catalogue.vocabulary.code(anchor)
    cosine = vectors @ vectors[code]
    cosine[code] = -1
    assert [row.score for row in found.items] == pytest.approx(np.sort(cosine[dataset.catalogue.sellable])[::-1][:8].tolist())
    assert anchor not in {row.item for row in found.items}
    assert all(row.reason.endswith(f"like {ws.datasets.items(dataset.id)[anchor]}") or "like" in row.reason for row in found.items)


def test_what_goes_with_a_cart_is_what_was_taken_with_it(made):
    ws, variant, shopper = made
    cart = some_items(ws, variant, shopper)[:2]
    found = ws.lists.for_scene(variant, "cart", cart, shopper, k=6, policy=None)
    dataset = ws._context.dataset(ws.datasets.list()[0].id)
    table = companions(dataset.products_log).toarray()
    codes = dataset.catalogue.vocabulary.encode(cart)
    lift = table[codes].mean(axis=0)
    for row in found.items:
        assert row.score == pytest.approx(lift[dataset.catalogue.vocabulary.code(row.item)])
        assert row.score > 0
        assert "times as often with" in row.reason
    assert not {row.item for row in found.items} & set(cart)
    assert bool(found.note) == (len(found.items) < 6)
    product = ws.lists.for_scene(variant, "product", cart[:1], relation="goes", k=6, policy=None)
    assert product.score_kind == "times"


def test_rules_of_the_scene_hold_and_every_item_adds_up(made):
    ws, variant, shopper = made
    anchor = some_items(ws, variant, shopper)[0]
    plain = ws.lists.for_scene(variant, "product", [anchor], k=8, policy=None).items
    only = [{"field": "id", "op": "is", "values": [plain[0].item]}]
    pin = {"action": "pin", "position": 1, "conditions": [{"field": "id", "op": "is", "values": [anchor]}]}
    spec = {
        "reranker": "mmr",
        "settings": {"diversity": 0.3},
        "rules": [{"action": "block", "conditions": only, "scenes": ["product"]}, pin],
    }
    shaped = ws.lists.for_scene(variant, "product", [anchor], shopper, k=8, policy=PolicyUse.of(spec))
    listed = [row.item for row in shaped.items]
    assert plain[0].item not in listed
    assert anchor not in listed, "a product page does not recommend its own item, pinned or not"
    for row in shaped.items:
        assert row.score + sum(t.contribution for t in row.policy) == pytest.approx(row.shown, abs=1e-6)
    assert shaped.use.scene == "product"
    cart = ws.lists.for_scene(variant, "cart", [anchor], relation="similar", k=8, policy=PolicyUse.of(spec))
    assert plain[0].item in {row.item for row in cart.items}, "the block is for product pages"


def test_home_and_email_are_the_shoppers_own_list(made):
    ws, variant, shopper = made
    rule = {"action": "block", "conditions": [{"field": "id", "op": "is", "values": some_items(ws, variant, shopper)[:1]}]}
    use = PolicyUse.of({"rules": [{**rule, "scenes": ["email"]}]})
    home, mail = (ws.lists.for_scene(variant, scene, shopper=shopper, policy=use) for scene in ("home", "email"))
    assert home.items == ws.lists.recommend(variant, shopper, 10, use).items
    assert mail.items[0].item != home.items[0].item
    assert (mail.relation, mail.use.scene) == ("shopper", "email")


def test_what_cannot_be_asked_is_said(made):
    ws, variant, shopper = made
    for ask in (
        lambda: ws.lists.for_scene(variant, "product"),
        lambda: ws.lists.for_scene(variant, "home"),
        lambda: ws.lists.for_scene(variant, "moon", ["x"], shopper, policy=PolicyUse.of({})),
        lambda: ws.lists.for_scene(variant, "cart", some_items(ws, variant, shopper)[:1], relation="near"),
        lambda: ws.lists.for_scene(variant, "product", some_items(ws, variant, shopper)[:1], k=0),
    ):
        with pytest.raises(BadInput):
            ask()
    with pytest.raises((NotFound, BadInput)):
        ws.lists.for_scene(variant, "product", ["no such item"])
