"""Shoppers: the table finds people, the profile says what they do."""

from __future__ import annotations


def unescaped(text: str) -> str:
    return text.replace("\\", "").replace("\u2060", "")


def test_cold_page_names_the_next_step(empty_shop, open_page):
    at = open_page("shoppers", empty_shop)
    assert not at.exception
    assert at.button(key="empty.data").proto.type == "primary"


def test_profile_needs_no_variant(untrained_shop, open_page):
    at = open_page("shoppers", untrained_shop)
    assert not at.exception
    assert at.metric


def test_profile_of_the_address_shows_the_facade_s_figures(shop, open_page):
    at = open_page("shoppers", shop, shopper=shop.shopper)
    assert not at.exception
    view = shop.ws.shoppers.get(shop.dataset, shop.shopper)
    assert {m.label: m.value for m in at.metric}["Events"] == f"{view.row.events:,}"
    assert any(unescaped(s.value) == f"Shopper {shop.shopper}" for s in at.subheader)
    assert 3 <= len(at.get("plotly_chart")) <= 4


def test_every_chart_states_its_finding(shop, open_page):
    at = open_page("shoppers", shop, shopper=shop.shopper)
    texts = [c.proto.alt for c in at.get("plotly_chart")]
    assert all(len(t) > 20 for t in texts)
    assert len(set(texts)) == len(texts)


def test_search_narrows_the_table_and_says_when_nothing_is_found(shop, open_page):
    at = open_page("shoppers", shop)
    at.text_input(key="shoppers.search").set_value(shop.shopper).run()
    assert all(shop.shopper in s for s in at.dataframe[0].value["shopper"])
    at.text_input(key="shoppers.search").set_value("no such *id*").run()
    assert not at.exception
    assert not at.dataframe
    assert any("no such *id*" in unescaped(c.value) for c in at.caption)
    assert at.metric  # the profile stays


def test_selecting_a_row_opens_that_profile(shop, open_page):
    at = open_page("shoppers", shop, shopper=shop.shopper)
    table = at.dataframe[0]
    place = next(i for i, s in enumerate(table.value["shopper"]) if s != shop.shopper)
    chosen = table.value["shopper"].iloc[place]
    at.session_state[table.key] = {"selection": {"rows": [place], "columns": [], "cells": []}}
    at.run()
    assert not at.exception
    assert at.query_params["shopper"] == chosen
    assert any(unescaped(s.value) == f"Shopper {chosen}" for s in at.subheader)


def test_derived_kinds_are_labelled_as_such(shop, hostile_shop, open_page):
    for place in (shop, hostile_shop):
        at = open_page("shoppers", place)
        source = place.ws.shoppers.get(place.dataset, at.query_params["shopper"]).category_source
        said = any("read from the titles" in c.value for c in at.caption)
        assert said == (source == "title")


def test_hostile_titles_and_ids_stay_text(hostile_shop, open_page):
    for row in hostile_shop.ws.shoppers.list(hostile_shop.dataset)[::5]:  # every one of them has every title in the past
        at = open_page("shoppers", hostile_shop, shopper=row.shopper)
        assert not at.exception
        assert any(unescaped(s.value) == f"Shopper {row.shopper}" for s in at.subheader)
        for chart in at.get("plotly_chart"):
            assert "<script" not in chart.proto.spec.replace("&lt;script", "")
