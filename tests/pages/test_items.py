"""Items: whose lists each item is on, and why."""

from __future__ import annotations

import re

import pytest
from page_shops import Shop


def plain(text: str) -> str:
    return text.replace("\\", "").replace("\u2060", "")


@pytest.fixture(scope="module")
def looked_at(shop: Shop) -> Shop:
    shop.ws.items.look(shop.variants["item-knn"])
    return shop


def test_cold_page_names_the_next_step(empty_shop, open_page):
    at = open_page("items", empty_shop)
    assert not at.exception
    assert at.button(key="empty.data").proto.type == "primary"


def test_before_anybody_looked_the_page_offers_the_job(shop, open_page):
    variant = shop.variants["transitions"]
    at = open_page("items", shop, variant=variant)
    assert not at.exception
    assert not at.dataframe
    at.button(key="items.start").click().run()
    assert not at.exception
    job = next(j for j in shop.ws.jobs.list() if j.kind == "item-lists" and j.arguments == {"variant": variant})
    shop.ws.jobs.cancel(job.id)


def test_the_page_tells_what_the_lists_hold(looked_at, open_page):
    ws, variant = looked_at.ws, looked_at.variants["item-knn"]
    survey = ws.items.survey(variant)
    at = open_page("items", looked_at, variant=variant)
    assert not at.exception
    assert at.metric[0].value == f"{survey.listed:,}"
    rows = ws.items.list(variant)
    assert list(at.dataframe[0].value["lists"]) == [r.lists for r in rows]
    assert rows[0].lists == max(r.lists for r in rows)
    view = ws.items.get(variant, rows[0].item)
    assert list(at.dataframe[1].value["shopper"]) == [p.shopper for p in view.places]
    assert at.get("plotly_chart")
    assert all(len(chart.proto.alt) > 20 for chart in at.get("plotly_chart"))


def test_places_are_those_of_the_shoppers_own_lists(looked_at):
    ws, variant = looked_at.ws, looked_at.variants["item-knn"]
    item = ws.items.list(variant)[0].item
    view = ws.items.get(variant, item)
    assert sum(view.ranks[: view.k]) == view.row.lists == sum(p.rank <= view.k for p in view.places)
    assert sum(view.ranks[view.k :]) == view.row.near
    for place in (view.places[0], view.places[-1]):
        listed = ws.lists.recommend(variant, place.shopper, 20).items
        assert listed[place.rank - 1].item == item
        assert listed[place.rank - 1].score == pytest.approx(place.score, rel=1e-6)


def test_an_address_opens_its_item_and_an_unknown_one_is_said(looked_at, open_page):
    ws, variant = looked_at.ws, looked_at.variants["item-knn"]
    item = ws.items.list(variant)[3]
    at = open_page("items", looked_at, variant=variant, item=item.item)
    assert plain(at.subheader[0].value) == item.title
    at = open_page("items", looked_at, variant=variant, item="no <b>such</b>")
    assert not at.exception
    assert "no <b>such</b>" in plain(at.warning[0].value)


def test_an_item_on_no_list_says_what_to_do(looked_at, open_page):
    ws, variant = looked_at.ws, looked_at.variants["item-knn"]
    nowhere = next(r for r in ws.items.list(variant, limit=10_000) if r.lists == r.near == 0)
    at = open_page("items", looked_at, variant=variant, item=nowhere.item)
    assert not at.exception
    assert at.button(key="items.why_not")


def test_search_finds_by_title_and_says_when_it_finds_nothing(looked_at, open_page):
    ws, variant = looked_at.ws, looked_at.variants["item-knn"]
    word = ws.items.list(variant)[5].title.split()[-1]
    at = open_page("items", looked_at, {"items.search": word.upper()}, variant=variant)
    assert len(at.dataframe[0].value) == len(ws.items.list(variant, word))
    at = open_page("items", looked_at, {"items.search": "zzz"}, variant=variant)
    assert not at.exception
    assert "zzz" in plain(at.caption[-1].value) or any("zzz" in plain(c.value) for c in at.caption)


@pytest.mark.parametrize("model", ["popularity", "item-knn"])
def test_hostile_titles_stay_text(hostile_shop, open_page, model):
    variant = hostile_shop.variants[model]
    hostile_shop.ws.items.look(variant)
    for row in hostile_shop.ws.items.list(variant)[:3]:
        at = open_page("items", hostile_shop, variant=variant, item=row.item)
        assert not at.exception
        drawn = [e.value for e in (*at.markdown, *at.caption, *at.subheader)]
        assert not [text for text in drawn if re.search(r"(?<!\\)<(script|b>|i>)|(?<!\\)\]\(", text)]
        assert not [chart for chart in at.get("plotly_chart") if "<script" in chart.proto.spec or "<a href" in chart.proto.spec]


def test_what_was_kept_goes_with_the_variant_and_damage_is_said(looked_at):
    from recengine.errors import Corrupt, NotFound

    ws, variant = looked_at.ws, looked_at.variants["item-knn"]
    folder = ws.root / "variants" / variant
    kept = folder / "kept.items-about.json"
    before = kept.read_bytes()
    kept.write_bytes(b"{")
    with pytest.raises(Corrupt):
        ws.items.survey(variant)
    kept.write_bytes(before)
    assert ws.items.survey(variant).variant == variant
    with pytest.raises(NotFound):
        ws.items.get(looked_at.variants["popularity"], "x")
    with pytest.raises(NotFound):
        ws.items.get(variant, "no such item")
